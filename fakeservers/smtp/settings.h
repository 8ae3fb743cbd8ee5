#pragma once
/// What a scenario or a personality may tell the fake SMTP server and its users. docs/personalities-smtp-crm.md has
/// every name with its default and source; a test holds the two together.
///
///   Result<Settings> settings = read_settings(resolved);      // a personality with the server's keys laid over it
///   settings->size_max == 35'882'577;  settings->advertises("CHUNKING");

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/settings.h"
#include "fakeservers/smtp/data.h"
#include "net/tls/tls.h"

namespace mailrig::fakeservers::smtp {

enum class Tls : std::uint8_t { implicit, starttls, starttls_required, none };
constexpr bool offers_starttls(Tls tls) { return tls == Tls::starttls || tls == Tls::starttls_required; }
enum class At : std::uint8_t { never, mail, message };  // where something is looked at
enum class Relay : std::uint8_t { any, authenticated };
enum class QuotaCounts : std::uint8_t { messages, recipients };
enum class LockKind : std::uint8_t { captcha, disabled, temporary, throttled, blocked };

struct Settings {
  Tls tls = Tls::none;
  SessionResumption session_resumption = SessionResumption::accepted;
  std::string server_name;  // empty: the host
  std::string diagnostics;
  std::vector<std::string> ehlo;
  std::vector<std::string> sasl;

  // Who may do what.
  bool auth_required = true;
  bool auth_in_clear = false;
  Relay relay = Relay::authenticated;
  std::vector<std::string> domains;
  At check_sender = At::never;
  bool add_sender = false;
  bool rewrite_from = false;
  bool sent_copy = false;
  LockKind usual_lock = LockKind::disabled;
  Duration unlock_window{};  // zero: an unlocked account stays unlocked

  // Limits.
  std::uint64_t size_max = 10'240'000;
  std::uint64_t recipients_max = 100;
  std::uint64_t daily_quota = 0;  // 0: none
  QuotaCounts quota_counts = QuotaCounts::messages;
  Duration quota_window = 24h;
  At quota_at = At::message;
  std::uint64_t rate = 0;  // 0: any
  Duration rate_window = 1min;
  std::uint64_t connections_per_user = 0;  // 0: any number
  std::uint64_t storage = 256ULL * 1024 * 1024;
  std::uint64_t line_octets_max = 512;
  std::uint64_t text_line_octets_max = 0;  // 0: any length
  std::uint64_t max_failed_logins = 0;     // 0: any number
  Duration failed_login_delay{};
  std::uint64_t max_errors = 20;  // 0: any number
  Duration greet_delay{};
  bool enforce_sync = false;
  Duration greylist{};
  Duration idle = 5min;

  // Grammar.
  BareLf bare_lf = BareLf::accept;
  bool strict_paths = false;

  std::string deliver_to;  // a POP3 server of the scenario; empty: none

  /// Is this keyword one of the EHLO lines?
  bool advertises(std::string_view keyword) const;
};

/// Of one user.
struct UserSettings {
  std::string password;
  std::string app_password;
  std::string oauth_token;
  bool external = false;
  std::vector<std::string> acts_as;  // users
  bool password_expired = false;
  std::vector<std::string> aliases;
  std::optional<LockKind> lock;
};

std::span<const Setting> server_table();
std::span<const Setting> mailbox_table();

/// The error of a key: bad_input, the key as its reason.
Error wrong(std::string_view key, std::string_view what);

/// Errors are bad_input; Error::reason is the key that is wrong.
Result<Settings> read_settings(const Value& server);
/// `usual` is what `"locked": true` means.
Result<UserSettings> read_user(const Value& mailbox, LockKind usual);

std::optional<LockKind> parse_lock(std::string_view name);
std::string_view to_string(LockKind kind);
std::span<const std::string_view> lock_names();

}  // namespace mailrig::fakeservers::smtp
