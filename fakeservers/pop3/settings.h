#pragma once
/// What a scenario or a personality may tell the fake POP3 server, its users and their messages. docs/personalities.md
/// has every name with its default and source; a test holds the two together.
///
///   Result<Settings> settings = read_settings(resolved);      // a personality with the server's keys laid over it
///   settings->window == 250;  settings->commit_popped == CommitPopped::quit;

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/settings.h"
#include "net/tls/tls.h"

namespace mailrig::fakeservers::pop3 {

enum class Tls : std::uint8_t { implicit, starttls, starttls_required, none };
constexpr bool offers_starttls(Tls tls) { return tls == Tls::starttls || tls == Tls::starttls_required; }
enum class AtCap : std::uint8_t { relist, empty };
enum class CommitPopped : std::uint8_t { quit, retr };
enum class CommitRead : std::uint8_t { retr, quit, end };
enum class CommitDeleted : std::uint8_t { quit, dele, end };
enum class OnAccess : std::uint8_t { keep, mark_read, archive, trash };
enum class Dele : std::uint8_t { expunge, dequeue };
enum class At : std::uint8_t { pass, stat };
enum class UidShape : std::uint8_t { opaque, decimal, dovecot, gmail, legacy, mixed };
enum class BadCommandLimit : std::uint8_t { invalid, in_a_row };
enum class Blanks : std::uint8_t { usual, strict, lenient, leading };
enum class AfterStls : std::uint8_t { ignored, fails };
enum class Pop : std::uint8_t { all, from_now_on, disabled, enabling };
enum class LockKind : std::uint8_t { captcha, in_use, disabled, bandwidth, temporary, not_connected };
enum class Sent : std::uint8_t { web, smtp };

/// The commands that mark a message as read.
struct MarkReadOn {
  bool retr = false;
  bool top = false;
};

struct Settings {
  Tls tls = Tls::none;
  SessionResumption session_resumption = SessionResumption::accepted;
  std::string server_name;
  std::vector<std::string> capa;
  std::vector<std::string> capa_authenticated;  // empty: the same
  std::vector<std::string> sasl;
  bool auth_initial_response = true;
  std::size_t sasl_octets_max = 32'768;
  bool sasl_too_long_closes = false;
  bool apop = false;
  Duration greet_delay{};
  bool stls_keeps_user = false;
  AfterStls cleartext_after_stls = AfterStls::ignored;

  // What a session lists.
  std::uint64_t window = 0;  // 0: all
  std::uint64_t conversation_size = 1;
  std::uint64_t queue_cap = 0;  // 0: none
  AtCap at_cap = AtCap::relist;
  bool hide_popped = false;
  bool recent_mode = false;
  Duration recent_span = 30 * 24h;
  UidShape uid_shape = UidShape::opaque;
  std::uint64_t uid_first = 1;
  std::uint64_t uid_validity = 0;
  bool exact_sizes = true;
  bool size_drift = false;
  bool corrupted_vanish = true;

  // What becomes of a message, and when.
  MarkReadOn mark_read_on;
  CommitRead commit_read = CommitRead::quit;
  CommitPopped commit_popped = CommitPopped::quit;
  CommitDeleted commit_deleted = CommitDeleted::quit;
  OnAccess on_access = OnAccess::keep;
  Dele dele = Dele::expunge;

  // Limits.
  bool exclusive = true;
  std::uint64_t connections_per_user = 0;  // 0: any number
  std::uint64_t max_failed_logins = 0;     // 0: any number
  Duration failed_login_delay{};
  Duration login_penalty{};        // zero: none
  Duration login_penalty_max{};    // zero: login_penalty
  Duration login_penalty_lasts{};  // zero: until a login is right
  bool failed_login_forgets_user = false;
  bool user_may_be_empty = false;
  std::uint64_t max_bad_commands = 0;  // 0: any number
  BadCommandLimit count_bad = BadCommandLimit::invalid;
  std::uint64_t max_unknown_commands = 0;  // 0: they count as others do
  std::size_t line_octets_max = 512;
  std::size_t line_octets_max_unauthenticated = 0;  // 0: the same
  bool nul_ends_line = false;
  Duration idle = 10min;
  Duration idle_unauthenticated = 10min;
  std::uint64_t bandwidth_per_day = 0;  // 0: any number
  Duration login_delay{};
  At login_delay_at = At::pass;
  At disabled_at = At::pass;
  Duration unlock_window{};  // zero: an unlocked account stays unlocked
  LockKind usual_lock = LockKind::in_use;

  Blanks blanks = Blanks::usual;
  bool list_deleted = false;

  // What replies look like.
  bool blank_line_after_single = false;
  bool check_tail = true;
  std::string diagnostics;
};

/// Of one user.
struct UserSettings {
  std::string password;
  std::string app_password;
  std::string oauth_token;
  bool external = false;
  std::vector<std::string> acts_as;  // users
  bool password_expired = false;
  Pop pop = Pop::all;
  std::optional<LockKind> lock;
  std::optional<OnAccess> on_access;  // nothing: the server's
};

std::span<const Setting> server_table();
std::span<const Setting> mailbox_table();
std::span<const Setting> message_table();

/// Errors are bad_input; Error::reason is the key that is wrong.
Result<Settings> read_settings(const Value& server);
/// `usual` is what `"locked": true` means.
Result<UserSettings> read_user(const Value& mailbox, LockKind usual);

std::optional<LockKind> parse_lock(std::string_view name);
std::string_view to_string(LockKind kind);
std::span<const std::string_view> lock_names();
std::optional<Sent> parse_sent(std::string_view name);

}  // namespace mailrig::fakeservers::pop3
