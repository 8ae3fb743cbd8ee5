#pragma once
/// A fault of a scenario as data: where it holds and what it does to the reply. See docs/scenario-format.md, "A fault".
///
///   Result<std::vector<FaultRule>> rules = parse_faults(settings.find("faults"), pop3_faults());
///   rules->front().on == "RETR";  rules->front().cut_after == 100;
///
/// Every protocol has the same rules; what differs is its FaultVocabulary: the commands, and the ways to misbehave.

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/settings.h"
#include "base/time.h"
#include "base/value.h"
#include "net/ending.h"

namespace mailrig::fakeservers {

struct FaultRule;

/// A way in which a server breaks its protocol: one row of a protocol's table.
struct Misbehaviour {
  std::string_view name;  // as `misbehave` has it: "no-terminator"
  std::string_view on;  // the commands that it can bend, a space between them; the first is meant when `on` is left out
  std::string_view meaning;              // one line, for documentation and messages
  int id = 0;                            // the protocol's own number for it; 0: the preset says all
  void (*preset)(FaultRule&) = nullptr;  // what it is made of, where other keys of a fault can say it
};

struct FaultVocabulary {
  std::string_view protocol;                // "pop3"
  std::span<const std::string_view> verbs;  // what `on` may name besides "any"
  std::span<const Misbehaviour> misbehaviours = {};
  bool http = false;                              // `reply` is { status, headers, body } and `on` may be "POST /path"
  std::span<const std::string_view> logins = {};  // the exchanges of which a reply may log in
  /// What `argument` is compared with; null: all that follows the command. For RCPT it is the address.
  std::string_view (*argument_of)(std::string_view verb, std::string_view argument) = nullptr;
};

struct FaultRule {
  /// From 1, both ends included.
  struct Range {
    std::uint64_t from = 1;
    std::uint64_t until = std::numeric_limits<std::uint64_t>::max();
    bool holds(std::uint64_t number) const { return from <= number && number <= until; }
    bool holds_always() const { return from <= 1 && until == std::numeric_limits<std::uint64_t>::max(); }
  };
  struct Drip {
    std::size_t octets = 1;
    Duration every{};
  };
  struct Garble {
    std::uint64_t at = 0;  // octets of the reply before it
    unsigned char flip = 0;
  };
  enum class State : std::uint8_t { either, clear, tls };

  /// As `cut_after` together with `hang`: all of the reply, then silence.
  static constexpr std::uint64_t all_octets = std::numeric_limits<std::uint64_t>::max();

  // Where.
  std::string on;    // "RETR", "greeting", "any"; empty: an empty line
  Range occurrence;  // among the exchanges that fit the other fields, on this server, across connections
  Range in_session;  // the same, counted in each session anew
  Range connection;
  std::optional<std::string> mailbox;
  std::optional<std::string> argument;
  State state = State::either;

  // What.
  std::optional<std::string> reply;    // these bytes stand in for the command's reply
  bool carried_out = false;            // with `reply`: the command is carried out, and what it would reply is not sent
  std::optional<std::string> logs_in;  // with `reply`: the session is logged in as this user, whatever the credentials
  Value http_reply;                    // null, or { status, headers, body }
  const Misbehaviour* misbehaviour = nullptr;
  Duration delay{};
  std::optional<Drip> drip;
  std::size_t split_every = 0;  // 0: as it is written
  std::optional<std::uint64_t> cut_after;
  std::optional<Ending> ending;
  bool stays_open = false;  // the connection, whatever the reply says (421) or the command means (QUIT)
  bool hang = false;
  std::optional<Garble> garble;

  bool misbehaves(int id) const { return misbehaviour != nullptr && misbehaviour->id == id; }
  /// Does a correct peer receive all of the reply, and nothing else? (Late or in pieces is still all of it.)
  bool keeps_reply_whole() const { return !cut_after && !garble && !hang && !reply && misbehaviour == nullptr; }
};

/// `list` is the value of the key "faults", or null for none. Errors are bad_input; Error::reason is the path of the
/// key that is wrong ("faults[2].drip.every"), and the message begins with it.
Result<std::vector<FaultRule>> parse_faults(const Value* list, const FaultVocabulary& vocabulary);

/// Every user that a rule logs in must have a mailbox. `mailboxes` is the server's value of that key, or null for none.
/// Errors are bad_input, and tell their path as those of parse_faults().
Status check_logins(std::span<const FaultRule> rules, const Value* mailboxes);

/// Can a client send this as a command of a line protocol, known or not? An empty line is one.
bool may_be_command(std::string_view on);

/// As a person would say it: "RETR, the 3rd, on connection 2: cut after 100 octets".
std::string describe(const FaultRule& rule);

/// The keys of one fault, for the loader.
std::span<const Setting> fault_settings();

}  // namespace mailrig::fakeservers
