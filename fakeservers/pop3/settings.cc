#include "fakeservers/pop3/settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace mailrig::fakeservers::pop3 {
namespace {

// In the order of the enums.
constexpr std::string_view tls_words[] = {"implicit", "starttls", "starttls-required", "none"};
constexpr std::string_view at_cap_words[] = {"relist", "empty"};
constexpr std::string_view commit_popped_words[] = {"quit", "retr"};
constexpr std::string_view commit_read_words[] = {"retr", "quit", "end"};
constexpr std::string_view commit_deleted_words[] = {"quit", "dele", "end"};
constexpr std::string_view on_access_words[] = {"keep", "mark-read", "archive", "trash"};
constexpr std::string_view dele_words[] = {"expunge", "dequeue"};
constexpr std::string_view at_words[] = {"PASS", "STAT"};
constexpr std::string_view uid_words[] = {"opaque", "decimal", "dovecot", "gmail", "legacy", "mixed"};
constexpr std::string_view count_bad_words[] = {"invalid", "in-a-row"};
constexpr std::string_view blanks_words[] = {"usual", "strict", "lenient", "leading"};
constexpr std::string_view after_stls_words[] = {"ignored", "fails"};
constexpr std::string_view pop_words[] = {"all", "from-now-on", "disabled", "enabling"};
constexpr std::string_view lock_words[] = {"captcha", "in-use", "disabled", "bandwidth", "temporary", "not-connected"};
constexpr std::string_view sent_words[] = {"web", "smtp"};

// Longer lines are cut by no server that is known (Dovecot's 2048 is the longest); it bounds what a session may hold.
constexpr std::uint64_t line_octets_most = 64 * 1024;

using enum SettingKind;
constexpr Setting server_settings[] = {
    {"tls", choice, "how connections are secured", tls_words},
    {"session_resumption", choice,
     "whether a client may resume a TLS session: accepted, declined in spite of tickets, or without tickets and "
     "session "
     "ids",
     session_resumption_words},
    {"server_name", text, "the name that greetings give; default: the server's host"},
    {"capa", text_list, "lines of CAPA before login; {stls}, {user} and {sasl} are left out where they do not hold"},
    {"capa_authenticated", text_list, "lines of CAPA after login; default: the same"},
    {"sasl", text_list,
     "mechanisms of AUTH; PLAIN, LOGIN, CRAM-MD5, XOAUTH2, OAUTHBEARER and EXTERNAL work, others fail as with a "
     "wrong password"},
    {"auth_initial_response", boolean, "whether AUTH takes the first response in its own line"},
    {"sasl_octets_max", whole, "of a response of AUTH in base64, without its line end"},
    {"sasl_too_long_closes", boolean, "whether a longer one is answered by the end of the connection, without a word"},
    {"apop", boolean, "whether the greeting has a time stamp and APOP logs in"},
    {"greet_delay", duration, "how long the greeting is held back"},
    {"stls_keeps_user", boolean, "whether USER in clear holds for PASS under TLS, against RFC 2595 section 4"},
    {"cleartext_after_stls", choice,
     "what comes in clear behind STLS, before its answer: passed over, or taken for TLS, which fails",
     after_stls_words},
    {"window", whole, "conversations that one session lists, oldest first; 0: all"},
    {"conversation_size", whole,
     "how many messages in a row are one conversation, where they do not say it themselves"},
    {"queue_cap", whole, "retrieved and undeleted messages at which no new ones are listed; 0: none"},
    {"at_cap", choice, "what a session at the cap lists: the queue again, or nothing", at_cap_words},
    {"hide_popped", boolean, "whether a retrieved message leaves later sessions"},
    {"recent_mode", boolean, "whether `recent:USER` lists the last days, retrieved or not"},
    {"recent_span", duration, "how far back recent mode goes"},
    {"uid_shape", choice, "what unique-ids look like; for messages that arrive from now on", uid_words},
    {"uid_first", whole, "where numbers in unique-ids begin"},
    {"uid_validity", whole, "the second half of Dovecot's unique-ids"},
    {"exact_sizes", boolean, "whether STAT and LIST tell the size that RETR sends, or that of the stored item"},
    {"size_drift", boolean, "whether they tell the size of the stored item until a message has been retrieved once"},
    {"corrupted_vanish", boolean, "whether a message that could not be converted is left out of later sessions"},
    {"mark_read_on", text_list, "the commands that mark a message as read: RETR, TOP (with lines of the body)"},
    {"commit_read", choice, "when read marks become lasting: at once, at QUIT, or at the end of any kind",
     commit_read_words},
    {"commit_popped", choice, "when a message counts as retrieved: at QUIT or with RETR", commit_popped_words},
    {"commit_deleted", choice, "when DELE takes effect: at QUIT, at once, or at the end of any kind",
     commit_deleted_words},
    {"on_access", choice, "what becomes of the provider's copy of a retrieved message", on_access_words},
    {"dele", choice, "whether DELE removes the message, or only takes it out of the POP queue", dele_words},
    {"exclusive", boolean, "whether a mailbox takes one session at a time (RFC 1939 section 4)"},
    {"connections_per_user", whole, "sessions of one user at a time; 0: any number"},
    {"max_failed_logins", whole, "failed logins of one connection after which it is closed; 0: any number"},
    {"failed_login_delay", duration, "how long a failed login waits for its answer"},
    {"login_penalty", duration,
     "how long a login waits, right or wrong, after one from its address has failed; twice as long after each further "
     "failure with another user or password, until one is right"},
    {"login_penalty_max", duration, "the longest login_penalty; default: login_penalty, which then stays as it is"},
    {"login_penalty_lasts", duration,
     "how long after the last failure that counted login_penalty ends by itself; 0s: it does not"},
    {"failed_login_forgets_user", boolean, "whether PASS needs a new USER after one that failed"},
    {"user_may_be_empty", boolean, "whether USER is taken without a name"},
    {"max_bad_commands", whole, "bad commands of one session after which it is closed; 0: any number"},
    {"count_bad", choice, "what is a bad command: invalid ones of the session, or refused ones in a row",
     count_bad_words},
    {"max_unknown_commands", whole,
     "unknown commands in a row before login after which the session is closed, where others before login do not count "
     "then; 0: all count for max_bad_commands"},
    {"line_octets_max", whole, "of a command line, its end included"},
    {"line_octets_max_unauthenticated", whole, "the same before login; 0: the same"},
    {"nul_ends_line", boolean, "whether a command line is read up to its first NUL"},
    {"idle", duration, "how long a session waits for the next command"},
    {"idle_unauthenticated", duration, "the same before login"},
    {"bandwidth_per_day", octets, "of messages that one user may retrieve in 24 hours; 0: any number"},
    {"login_delay", duration, "how long a user waits between two logins"},
    {"login_delay_at", choice, "which command tells that it is too early", at_words},
    {"disabled_at", choice, "which command tells that POP is disabled", at_words},
    {"unlock_window", duration,
     "how long an unlocked account waits for a login before it is locked again; 0s: for ever"},
    {"usual_lock", choice, "what `locked: true` means", lock_words},
    {"blank_line_after_single", boolean, "whether LIST n and UIDL n are followed by an empty line"},
    {"check_tail", boolean, "whether a message without line end at its end gets one before the final dot"},
    {"blanks", choice,
     "stray blanks in a command line (not in PASS): refused where they meet a number or a limit, refused all, "
     "passed over, or passed over before an argument: Dovecot does that after login and in AUTH",
     blanks_words},
    {"list_deleted", boolean, "whether messages marked as deleted stay in STAT, LIST and UIDL"},
    {"diagnostics", text, "what failed logins add in brackets"},
};

constexpr Setting mailbox_settings[] = {
    {"password", text, "without one nobody can log in"},
    {"messages", any, "a message or a list of them"},
    {"pop", choice, "what the user has enabled", pop_words},
    {"locked", boolean, "whether the account is locked, in this provider's usual way"},
    {"lock", choice, "locked in this way", lock_words},
    {"password_expired", boolean, "whether the right password is refused as a wrong one"},
    {"app_password", text, "two-step verification is on: this logs in, and the password is told to be the wrong kind"},
    {"oauth_token", text, "what XOAUTH2 and OAUTHBEARER take"},
    {"external", boolean, "whether AUTH EXTERNAL logs this user in, as a client certificate would"},
    {"acts_as", text_list, "users as whom this one may log in: authorization identities of PLAIN (RFC 4616)"},
    {"on_access", choice, "what becomes of the provider's copy of a retrieved message", on_access_words},
};

constexpr Setting message_settings[] = {
    {"uid", text, "its unique-id, 1 to 200 octets without CR and LF"},
    {"at", any, "when it arrived: an instant, or relative to now (\"-3d\")"},
    {"every", duration, "of several messages: from one arrival to the next"},
    {"read", boolean, "whether it has been read"},
    {"popped", boolean, "whether it has been retrieved by POP"},
    {"conversation", text, "messages with the same word are one conversation"},
    {"sent", choice, "the user has sent it, by the provider's web pages or by SMTP", sent_words},
    {"corrupted", boolean, "whether it cannot be converted when it is retrieved"},
};

Error wrong_setting(std::string_view key, std::string_view what) {
  return Error{Errc::bad_input, fmt::format("{}: {}", key, what), Step::none, std::string(key)};
}

/// Checks only the keys that are of the table: the others are the loader's.
Status check(const Value& values, std::span<const Setting> table) {
  for (const Setting& setting : table) {
    const Value* value = values.find(setting.name);
    if (value == nullptr) continue;
    Status fits = check_setting(setting, *value);
    if (!fits) return wrong_setting(setting.name, fits.error().message);
  }
  return {};
}

template <class Enum>
Enum chosen(const SettingsReader& read, std::string_view name, std::span<const std::string_view> words,
            Enum otherwise) {
  std::string word = read.text(name, "");
  auto at = std::ranges::find(words, word);
  return at == words.end() ? otherwise : static_cast<Enum>(at - words.begin());
}

template <class Enum>
std::optional<Enum> parsed(std::string_view name, std::span<const std::string_view> words) {
  auto at = std::ranges::find(words, name);
  if (at == words.end()) return std::nullopt;
  return static_cast<Enum>(at - words.begin());
}

void read_listing(const SettingsReader& read, Settings& s) {
  s.window = read.whole("window", s.window);
  s.conversation_size = read.whole("conversation_size", s.conversation_size);
  s.queue_cap = read.whole("queue_cap", s.queue_cap);
  s.at_cap = chosen(read, "at_cap", at_cap_words, s.at_cap);
  s.hide_popped = read.boolean("hide_popped", s.hide_popped);
  s.recent_mode = read.boolean("recent_mode", s.recent_mode);
  s.recent_span = read.duration("recent_span", s.recent_span);
  s.uid_shape = chosen(read, "uid_shape", uid_words, s.uid_shape);
  s.uid_first = read.whole("uid_first", s.uid_first);
  s.uid_validity = read.whole("uid_validity", s.uid_validity);
  s.exact_sizes = read.boolean("exact_sizes", s.exact_sizes);
  s.size_drift = read.boolean("size_drift", s.size_drift);
  s.corrupted_vanish = read.boolean("corrupted_vanish", s.corrupted_vanish);
}

void read_commits(const SettingsReader& read, Settings& s) {
  s.commit_read = chosen(read, "commit_read", commit_read_words, s.commit_read);
  s.commit_popped = chosen(read, "commit_popped", commit_popped_words, s.commit_popped);
  s.commit_deleted = chosen(read, "commit_deleted", commit_deleted_words, s.commit_deleted);
  s.on_access = chosen(read, "on_access", on_access_words, s.on_access);
  s.dele = chosen(read, "dele", dele_words, s.dele);
}

void read_limits(const SettingsReader& read, Settings& s) {
  s.exclusive = read.boolean("exclusive", s.exclusive);
  s.connections_per_user = read.whole("connections_per_user", s.connections_per_user);
  s.max_failed_logins = read.whole("max_failed_logins", s.max_failed_logins);
  s.failed_login_delay = read.duration("failed_login_delay", s.failed_login_delay);
  s.login_penalty = read.duration("login_penalty", s.login_penalty);
  s.login_penalty_max = std::max(read.duration("login_penalty_max", s.login_penalty), s.login_penalty);
  s.login_penalty_lasts = read.duration("login_penalty_lasts", s.login_penalty_lasts);
  s.failed_login_forgets_user = read.boolean("failed_login_forgets_user", s.failed_login_forgets_user);
  s.user_may_be_empty = read.boolean("user_may_be_empty", s.user_may_be_empty);
  s.max_unknown_commands = read.whole("max_unknown_commands", s.max_unknown_commands);
  s.line_octets_max_unauthenticated = read.whole("line_octets_max_unauthenticated", s.line_octets_max_unauthenticated);
  s.nul_ends_line = read.boolean("nul_ends_line", s.nul_ends_line);
  s.max_bad_commands = read.whole("max_bad_commands", s.max_bad_commands);
  s.count_bad = chosen(read, "count_bad", count_bad_words, s.count_bad);
  s.line_octets_max = read.whole("line_octets_max", s.line_octets_max);
  s.idle = read.duration("idle", s.idle);
  s.idle_unauthenticated = read.duration("idle_unauthenticated", s.idle_unauthenticated);
  s.bandwidth_per_day = read.octets("bandwidth_per_day", s.bandwidth_per_day);
  s.login_delay = read.duration("login_delay", s.login_delay);
  s.login_delay_at = chosen(read, "login_delay_at", at_words, s.login_delay_at);
  s.disabled_at = chosen(read, "disabled_at", at_words, s.disabled_at);
  s.unlock_window = read.duration("unlock_window", s.unlock_window);
  s.usual_lock = chosen(read, "usual_lock", lock_words, s.usual_lock);
}

}  // namespace

std::span<const Setting> server_table() { return server_settings; }
std::span<const Setting> mailbox_table() { return mailbox_settings; }
std::span<const Setting> message_table() { return message_settings; }

Result<Settings> read_settings(const Value& server) {
  Status fits = check(server, server_settings);
  if (!fits) return fits.error();
  SettingsReader read(server);
  Settings s;
  s.tls = chosen(read, "tls", tls_words, s.tls);
  s.session_resumption = chosen(read, "session_resumption", session_resumption_words, s.session_resumption);
  s.server_name = read.text("server_name", read.text("host", "pop.test"));
  s.capa = read.text_list("capa");
  s.capa_authenticated = read.text_list("capa_authenticated");
  s.sasl = read.text_list("sasl");
  s.auth_initial_response = read.boolean("auth_initial_response", s.auth_initial_response);
  s.sasl_octets_max = read.whole("sasl_octets_max", s.sasl_octets_max);
  s.sasl_too_long_closes = read.boolean("sasl_too_long_closes", s.sasl_too_long_closes);
  s.apop = read.boolean("apop", s.apop);
  s.greet_delay = read.duration("greet_delay", s.greet_delay);
  s.stls_keeps_user = read.boolean("stls_keeps_user", s.stls_keeps_user);
  s.cleartext_after_stls = chosen(read, "cleartext_after_stls", after_stls_words, s.cleartext_after_stls);
  read_listing(read, s);
  read_commits(read, s);
  read_limits(read, s);
  s.blank_line_after_single = read.boolean("blank_line_after_single", s.blank_line_after_single);
  s.check_tail = read.boolean("check_tail", s.check_tail);
  s.blanks = chosen(read, "blanks", blanks_words, s.blanks);
  s.list_deleted = read.boolean("list_deleted", s.list_deleted);
  s.diagnostics = read.text("diagnostics", "");

  for (const std::string& command : read.text_list("mark_read_on")) {
    if (command == "RETR")
      s.mark_read_on.retr = true;
    else if (command == "TOP")
      s.mark_read_on.top = true;
    else
      return wrong_setting("mark_read_on", fmt::format("takes RETR and TOP, not \"{}\"", printable(command)));
  }
  if (s.line_octets_max < 40 || s.line_octets_max > line_octets_most)
    return wrong_setting("line_octets_max", fmt::format("takes 40 to {}", line_octets_most));
  if (s.line_octets_max_unauthenticated != 0 &&
      (s.line_octets_max_unauthenticated < 40 || s.line_octets_max_unauthenticated > line_octets_most))
    return wrong_setting("line_octets_max_unauthenticated", fmt::format("takes 0, or 40 to {}", line_octets_most));
  if (s.sasl_octets_max < 1 || s.sasl_octets_max > line_octets_most)
    return wrong_setting("sasl_octets_max", fmt::format("takes 1 to {}", line_octets_most));
  if (s.conversation_size == 0) return wrong_setting("conversation_size", "a conversation has one message at least");
  return s;
}

Result<UserSettings> read_user(const Value& mailbox, LockKind usual) {
  Status fits = check(mailbox, mailbox_settings);
  if (!fits) return fits.error();
  SettingsReader read(mailbox);
  UserSettings user;
  user.password = read.text("password", "");
  user.app_password = read.text("app_password", "");
  user.oauth_token = read.text("oauth_token", "");
  user.external = read.boolean("external", false);
  user.acts_as = read.text_list("acts_as");
  user.password_expired = read.boolean("password_expired", false);
  user.pop = chosen(read, "pop", pop_words, user.pop);
  if (read.boolean("locked", false)) user.lock = usual;
  if (read.has("lock")) user.lock = parse_lock(read.text("lock", ""));
  if (read.has("on_access")) user.on_access = chosen(read, "on_access", on_access_words, OnAccess::keep);
  return user;
}

std::optional<LockKind> parse_lock(std::string_view name) { return parsed<LockKind>(name, lock_words); }
std::string_view to_string(LockKind kind) { return lock_words[static_cast<std::size_t>(kind)]; }
std::span<const std::string_view> lock_names() { return lock_words; }
std::optional<Sent> parse_sent(std::string_view name) { return parsed<Sent>(name, sent_words); }

}  // namespace mailrig::fakeservers::pop3
