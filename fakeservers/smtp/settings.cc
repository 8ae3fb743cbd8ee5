#include "fakeservers/smtp/settings.h"

#include <fmt/format.h>

#include <algorithm>

namespace mailrig::fakeservers::smtp {
namespace {

// In the order of the enums.
constexpr std::string_view tls_words[] = {"implicit", "starttls", "starttls-required", "none"};
constexpr std::string_view at_words[] = {"never", "MAIL", "message"};
constexpr std::string_view quota_at_words[] = {"MAIL", "message"};
constexpr std::string_view relay_words[] = {"any", "authenticated"};
constexpr std::string_view counts_words[] = {"messages", "recipients"};
constexpr std::string_view bare_lf_words[] = {"accept", "refuse", "normalise"};
constexpr std::string_view lock_words[] = {"captcha", "disabled", "temporary", "throttled", "blocked"};

// RFC 4954 §4: an AUTH line has at most this many octets, and no other line needs more.
constexpr std::uint64_t line_octets_most = 12'288;

using enum SettingKind;
constexpr Setting server_settings[] = {
    {"tls", choice, "how connections are secured", tls_words},
    {"session_resumption", choice,
     "whether a client may resume a TLS session: accepted, declined in spite of tickets, or without tickets and "
     "session "
     "ids",
     session_resumption_words},
    {"server_name", text, "the name that greetings give; default: the server's host"},
    {"diagnostics", text, "the name of an inner server that some refusals add in brackets"},
    {"ehlo", text_list,
     "the lines of EHLO behind the first; {starttls} and {auth} are left out where they do not hold"},
    {"sasl", text_list,
     "mechanisms of AUTH; PLAIN, LOGIN, CRAM-MD5, XOAUTH2, OAUTHBEARER and EXTERNAL work, others fail as with a wrong "
     "password"},
    {"auth_required", boolean, "whether MAIL is taken from logged-in users only"},
    {"auth_in_clear", boolean, "whether AUTH is offered before TLS where there is TLS"},
    {"relay", choice, "whose mail for recipients elsewhere is taken: anybody's, or that of logged-in users",
     relay_words},
    {"domains", text_list, "domains that are this server's: other recipients in them than its users are unknown"},
    {"check_sender", choice, "where it is looked at whether the sender is the user's own address", at_words},
    {"add_sender", boolean, "whether a From of another domain gets a Sender field with the user's address"},
    {"rewrite_from", boolean, "whether a From that is not the user's own becomes the user's"},
    {"sent_copy", boolean, "whether the provider keeps what a user sends, where deliver_to shows it"},
    {"usual_lock", choice, "what `locked: true` means", lock_words},
    {"unlock_window", duration,
     "how long an unlocked account waits for a login before it is locked again; 0s: for ever"},
    {"size_max", octets, "of a message; SIZE says it"},
    {"recipients_max", whole, "of one message"},
    {"daily_quota", whole, "what one user may send in a quota_window; 0: any number"},
    {"quota_counts", choice, "whether the quota counts messages or recipients", counts_words},
    {"quota_window", duration, "the span that the quota holds for"},
    {"quota_at", choice, "which command tells that the quota is used up", quota_at_words},
    {"rate", whole, "messages of one user in a rate_window; 0: any number"},
    {"rate_window", duration, "the span that the rate holds for"},
    {"connections_per_user", whole, "logged-in sessions of one user that may send at a time; 0: any number"},
    {"storage", octets, "of all accepted messages; beyond it more is refused for the time being"},
    {"line_octets_max", whole, "of a command line, its end included; extensions add to it as their RFCs say"},
    {"text_line_octets_max", whole, "of a line of the message, CRLF included; 0: any length"},
    {"max_failed_logins", whole, "failed logins of one connection after which it is closed; 0: any number"},
    {"failed_login_delay", duration, "how long a failed login waits for its answer"},
    {"max_errors", whole, "bad commands of one session after which it is closed; 0: any number"},
    {"greet_delay", duration, "how long the greeting is held back"},
    {"enforce_sync", boolean,
     "whether a client that talks before a greeting that is held back is refused and the connection closed"},
    {"greylist", duration, "how long a client, sender and recipient that come for the first time are put off; 0s: not"},
    {"idle", duration, "how long a session waits for the next command"},
    {"bare_lf", choice, "what a line feed without carriage return in a message is", bare_lf_words},
    {"strict_paths", boolean, "whether a blank after the colon and an address without domain are refused"},
    {"deliver_to", text, "the POP3 server whose mailboxes get what is accepted for them"},
};

constexpr Setting mailbox_settings[] = {
    {"password", text, "without one nobody can log in"},
    {"aliases", text_list, "further addresses that are the user's own"},
    {"app_password", text, "two-step verification is on: this logs in, and the password is told to be the wrong kind"},
    {"oauth_token", text, "what XOAUTH2 and OAUTHBEARER take"},
    {"external", boolean, "whether AUTH EXTERNAL logs this user in, as a client certificate would"},
    {"acts_as", text_list, "users as whom this one may log in: authorization identities of PLAIN (RFC 4616)"},
    {"password_expired", boolean, "whether the right password is refused as a wrong one"},
    {"locked", boolean, "whether the account is locked, in this provider's usual way"},
    {"lock", choice, "locked in this way", lock_words},
};

/// Checks only the keys that are of the table: the others are the loader's.
Status check(const Value& values, std::span<const Setting> table) {
  for (const Setting& setting : table) {
    const Value* value = values.find(setting.name);
    if (value == nullptr) continue;
    if (Status fits = check_setting(setting, *value); !fits) return wrong(setting.name, fits.error().message);
  }
  return {};
}

template <class Enum>
Enum word(const SettingsReader& read, std::string_view name, std::span<const std::string_view> words, Enum otherwise) {
  auto at = std::ranges::find(words, read.text(name, ""));
  return at == words.end() ? otherwise : static_cast<Enum>(at - words.begin());
}

std::vector<std::string> lower_case(std::vector<std::string> words) {
  for (std::string& one : words)
    for (char& c : one)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return words;
}

}  // namespace

Error wrong(std::string_view key, std::string_view what) {
  return Error{Errc::bad_input, fmt::format("{}: {}", key, what), Step::none, std::string(key)};
}

bool Settings::advertises(std::string_view keyword) const {
  return std::ranges::any_of(ehlo, [&](const std::string& line) {
    return line.starts_with(keyword) && (line.size() == keyword.size() || line[keyword.size()] == ' ');
  });
}

std::span<const Setting> server_table() { return server_settings; }
std::span<const Setting> mailbox_table() { return mailbox_settings; }
std::span<const std::string_view> lock_names() { return lock_words; }
std::string_view to_string(LockKind kind) { return lock_words[static_cast<std::size_t>(kind)]; }
std::optional<LockKind> parse_lock(std::string_view name) {
  auto at = std::ranges::find(lock_words, name);
  if (at == std::end(lock_words)) return std::nullopt;
  return static_cast<LockKind>(at - std::begin(lock_words));
}

Result<Settings> read_settings(const Value& server) {
  if (Status fits = check(server, server_settings); !fits) return fits.error();
  Settings s;
  SettingsReader read(server);
  s.tls = word(read, "tls", tls_words, s.tls);
  s.session_resumption = word(read, "session_resumption", session_resumption_words, s.session_resumption);
  s.server_name = read.text("server_name", "");
  s.diagnostics = read.text("diagnostics", "");
  s.ehlo = read.text_list("ehlo");
  s.sasl = read.text_list("sasl");
  s.auth_required = read.boolean("auth_required", s.auth_required);
  s.auth_in_clear = read.boolean("auth_in_clear", s.auth_in_clear);
  s.relay = word(read, "relay", relay_words, s.relay);
  s.domains = lower_case(read.text_list("domains"));
  s.check_sender = word(read, "check_sender", at_words, s.check_sender);
  s.add_sender = read.boolean("add_sender", s.add_sender);
  s.rewrite_from = read.boolean("rewrite_from", s.rewrite_from);
  s.sent_copy = read.boolean("sent_copy", s.sent_copy);
  s.usual_lock = word(read, "usual_lock", lock_words, s.usual_lock);
  s.unlock_window = read.duration("unlock_window", s.unlock_window);
  s.size_max = read.octets("size_max", s.size_max);
  s.recipients_max = read.whole("recipients_max", s.recipients_max);
  s.daily_quota = read.whole("daily_quota", s.daily_quota);
  s.quota_counts = word(read, "quota_counts", counts_words, s.quota_counts);
  s.quota_window = read.duration("quota_window", s.quota_window);
  s.quota_at = word(read, "quota_at", at_words, s.quota_at);
  s.rate = read.whole("rate", s.rate);
  s.rate_window = read.duration("rate_window", s.rate_window);
  s.connections_per_user = read.whole("connections_per_user", s.connections_per_user);
  s.storage = read.octets("storage", s.storage);
  s.line_octets_max = read.whole("line_octets_max", s.line_octets_max);
  if (s.line_octets_max < 1 || s.line_octets_max > line_octets_most)
    return wrong("line_octets_max", fmt::format("takes 1 to {}", line_octets_most));
  s.text_line_octets_max = read.whole("text_line_octets_max", s.text_line_octets_max);
  s.max_failed_logins = read.whole("max_failed_logins", s.max_failed_logins);
  s.failed_login_delay = read.duration("failed_login_delay", s.failed_login_delay);
  s.max_errors = read.whole("max_errors", s.max_errors);
  s.greet_delay = read.duration("greet_delay", s.greet_delay);
  s.enforce_sync = read.boolean("enforce_sync", s.enforce_sync);
  s.greylist = read.duration("greylist", s.greylist);
  s.idle = read.duration("idle", s.idle);
  s.bare_lf = word(read, "bare_lf", bare_lf_words, s.bare_lf);
  s.strict_paths = read.boolean("strict_paths", s.strict_paths);
  s.deliver_to = read.text("deliver_to", "");
  return s;
}

Result<UserSettings> read_user(const Value& mailbox, LockKind usual) {
  if (Status fits = check(mailbox, mailbox_settings); !fits) return fits.error();
  SettingsReader read(mailbox);
  UserSettings user;
  user.password = read.text("password", "");
  user.app_password = read.text("app_password", "");
  user.oauth_token = read.text("oauth_token", "");
  user.external = read.boolean("external", false);
  user.acts_as = read.text_list("acts_as");
  user.password_expired = read.boolean("password_expired", false);
  user.aliases = read.text_list("aliases");
  if (read.boolean("locked", false)) user.lock = usual;
  if (read.has("lock")) user.lock = parse_lock(read.text("lock", ""));
  return user;
}

}  // namespace mailrig::fakeservers::smtp
