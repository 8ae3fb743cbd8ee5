#pragma once
/// A scenario as it is played: checked, with personalities, table row and defaults worked in. Whoever holds one need
/// not check again.
///
///   LoadResult loaded = load_scenarios("suite/gmail/window.json", text, context);      // scenarios/language/load.h
///   for (const Scenario& scenario : loaded.scenarios) play(scenario);
///
/// Values hold what the file says, normalised: instants that were relative to the clock are RFC 3339, what may be left
/// out (the only server, the only mailbox) is filled in, `"pop3": "gmail"` is { server, host, port, tls }.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.h"
#include "base/time.h"
#include "base/value.h"
#include "json/place.h"
#include "net/tls/certificate_class.h"
#include "scenarios/language/expectations/expectation.h"
#include "scenarios/language/expectations/temporal.h"

namespace mailrig::fakeservers {
struct ProtocolDescriptor;  // fakeservers/core/protocol.h
}

namespace mailrig::scenarios {

/// What a server speaks.
using Protocol = const fakeservers::ProtocolDescriptor*;

/// What a server offers; an account wants `implicit`, `starttls` or `none`.
enum class TlsMode : std::uint8_t { implicit, starttls, starttls_required, none };
std::string_view to_string(TlsMode mode);  // "starttls-required"

struct CertificateSpec {
  std::optional<CertificateClass> flaw;  // nothing: good
  std::optional<Instant> from;           // validity; nothing: as the factory likes
  std::optional<Instant> until;
  std::vector<std::string> hosts;  // names on it; empty: the server's host
};

struct LinkSpec {
  Duration latency = 1ms;              // one way
  std::uint64_t bytes_per_second = 0;  // 0: as fast as it is written
  std::size_t split_at = 0;            // octets of a segment; 0: as written
};

struct Refusal {
  bool all = false;
  std::vector<std::string> sources;  // these addresses only
};

enum class AddressState : std::uint8_t { good, refused, silent };
std::string_view to_string(AddressState state);  // "good"

/// One server. `settings` is for the fake server's own maker; all else is for the world around it.
struct ServerSpec {
  std::string name;
  Protocol protocol = nullptr;   // never null in a scenario that was loaded
  std::string personality;       // "gmail", or the name in `personalities`; for messages and reports
  bool own_personality = false;  // the file brought it along
  std::string host;
  TlsMode tls = TlsMode::none;
  std::uint16_t port = 0;  // what clients are told
  CertificateSpec certificate;
  LinkSpec link;
  Refusal refuse;
  bool silent = false;
  std::vector<AddressState> addresses;  // empty: one, good

  Value settings;  // the personality's, and the scenario's laid over it: texts, mailboxes, records, queue_cap ...
  std::vector<Place> fault_places;  // of settings.faults, in that order: RuleReport::index points here
  std::map<std::string, Place, std::less<>> mailbox_places;
  Place place;
};

/// Where an account finds one of its servers.
struct Target {
  std::string server;  // its name in the scenario; empty where host and port lead elsewhere
  std::string host;
  std::uint16_t port = 0;
  TlsMode tls = TlsMode::none;  // implicit, starttls or none
};

struct AccountSpec {
  std::string name;
  std::optional<Target> pop3;
  std::optional<Target> smtp;
  std::optional<Target> crm;
  Value settings;  // as written; pop3, smtp and crm as maps of server, host, port, tls
  Place place;

  /// Of the protocol that the client speaks by this name; null for others and where the account has none.
  const Target* target(std::string_view protocol) const;
};

enum class Verb : std::uint8_t {
  advance,
  poll,
  send,
  insert,
  add_note,
  edit,
  restart,
  deliver,
  lock,
  unlock,
  expire_password,
  set_password,
  swap_certificate,
  refuse,
  accept,
  drop,
  pop_elsewhere,
  set,
  expect,
};
std::string_view to_string(Verb verb);  // "expire_password"
/// poll, send, insert, add_note, advance, edit and restart: what `serve` skips.
bool is_client_step(Verb verb);

/// When a step of `serve` is due: any one of these.
struct After {
  std::string server;
  std::string command;  // with nth: the nth such command
  std::uint64_t nth = 0;
  std::uint64_t sessions = 0;  // so many sessions have ended
  std::uint64_t messages = 0;  // so many messages were retrieved or accepted
};

struct Expectation {
  Path path;
  Condition condition;
  Value wanted;  // as written
  Level level = Level::must;
  Place place;        // of the path
  Place value_place;  // of what is wanted
};

struct Step {
  Verb verb = Verb::advance;
  Value arguments;  // normalised: { account, ... }, { server, mailbox, ... }, { "span": "1d" } for advance, {
                    // "accounts": [...] } for poll
  Duration span{};  // advance
  std::vector<std::string> accounts;           // poll: all at one time; send and edit: the one
  std::string server;                          // of a server step
  std::optional<CertificateSpec> certificate;  // swap_certificate
  Refusal refusal;                             // refuse
  std::vector<Place> fault_places;             // set: those of arguments.faults, in order
  std::vector<Expectation> expectations;       // expect, in the order of the file
  std::vector<TemporalExpectation> temporal;   // expect: "never", and "after" with "then"
  Level level = Level::must;
  std::string note;
  std::string why;
  std::optional<After> after;
  Place place;
};

struct Scenario {
  std::string id;  // with the row: "gmail/locks[captcha]"
  std::string title;
  std::string why;
  std::string hint;
  std::vector<std::string> covers;
  std::vector<std::string> tags;
  Instant clock{};
  Duration limit{};
  std::string sim_only;       // the reason; empty: both worlds
  std::string known_failure;  // the reason; empty: none is known
  std::string file;
  std::string row;  // "captcha"; empty without a table
  std::vector<ServerSpec> servers;
  std::vector<AccountSpec> accounts;
  std::vector<Step> steps;
  Place place;

  const ServerSpec* find_server(std::string_view name) const;
  const AccountSpec* find_account(std::string_view name) const;
};

}  // namespace mailrig::scenarios
