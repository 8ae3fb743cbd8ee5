#pragma once
/// An account as the user has configured it: where its servers are, how it logs in, how it wants its mail.
///
///   AccountSettings account{.name = "work"};
///   account.pop3 = ServerAccess{{"pop.zillum.test", 995}, TlsMode::implicit};
///   Status fits = apply_account_settings(values, account);      // "user", "every": "15m", "leave_on_server" ...
///
/// What is configured is passed in and never stored; what has come of it (counters, states, mail) is in the store.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/settings.h"
#include "base/time.h"
#include "client/tls_mode.h"
#include "net/network.h"

namespace mailrig::client {

struct ServerAccess {
  Endpoint server = {};
  TlsMode tls = TlsMode::implicit;

  friend bool operator==(const ServerAccess&, const ServerAccess&) = default;
};

/// How long the client waits. The whole session is bounded too, whatever the server does.
struct Timeouts {
  Duration connect = 30s;
  Duration greeting = 1min;  // docs/providers/misbehaviours.md#m32: greetings come up to a minute late
  Duration reply = 5min;     // Google asks for 5 minutes (support.google.com/mail/answer/7104828)
  Duration session = 1h;

  friend bool operator==(const Timeouts&, const Timeouts&) = default;
};

/// "SENDER contains ... move to folder ...": the rule for sent mail of docs/guide.md#filter-to-move-emails-to-sent.
struct Filter {
  std::string sender_contains;
  std::string move_to;

  friend bool operator==(const Filter&, const Filter&) = default;
};

/// Which roots the client trusts.
enum class TrustedRoots : std::uint8_t { rig, none };

inline constexpr Duration every_default = 15min;
inline constexpr unsigned batch_default = 200;
// Messages of one cycle are planned in one go and committed in few; the product allows 200.
inline constexpr unsigned batch_max = 10'000;

struct AccountSettings {
  std::string name = {};
  std::optional<ServerAccess> pop3 = {};
  std::optional<ServerAccess> smtp = {};
  std::optional<ServerAccess> crm = {};
  std::string user = {};
  std::string password = {};
  std::string smtp_user = {};  // empty: as for POP3, without "recent:"
  std::string smtp_password = {};
  std::string address = {};  // empty: the user, without "recent:"
  bool leave_on_server = true;
  std::optional<Duration> every = every_default;  // nothing: polls only when it is told to
  unsigned batch = batch_default;                 // messages a cycle
  std::string source = {};                        // the address to call from; empty: any
  TrustedRoots trust = TrustedRoots::rig;
  Timeouts patience = {};
  std::vector<Filter> filters = {};
  std::uint64_t storage =
      5ULL << 30;              // octets that this account may store; docs/guide.md#pop-retrieval-of-emails: 5 GB
  std::string client_id = {};  // of the CRM
  std::string client_secret = {};
  std::string refresh_token = {};

  /// Gmail's recent mode: the user name begins with "recent:". It lists the last 30 days to every client, and a DELE
  /// there acts on the message itself, so nothing is ever deleted in it.
  bool is_recent_mode() const;
  /// "recent: anna@x.test" (as docs/guide.md#multiple-pop-clients has it) is sent as "recent:anna@x.test" (as Google
  /// does).
  std::string pop3_user() const;
  std::string own_address() const;
  std::string login_of_smtp() const;  // never with "recent:": Google refuses it
  std::string password_of_smtp() const;
  bool deletes() const { return !leave_on_server && !is_recent_mode(); }

  friend bool operator==(const AccountSettings&, const AccountSettings&) = default;
};

/// The keys of an account in a scenario file, docs/scenario-format.md "Accounts". pop3, smtp and crm are references to
/// servers: whoever reads the file resolves them.
std::span<const Setting> account_settings();

/// Lays `values` (a map; keys that are missing leave things as they are) onto `settings`, all but pop3, smtp and crm.
/// Error bad_input names the key and what was expected; `settings` are then unchanged.
Status apply_account_settings(const Value& values, AccountSettings& settings);

}  // namespace mailrig::client
