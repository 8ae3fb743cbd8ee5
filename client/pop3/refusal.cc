#include "client/pop3/refusal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

#include "base/ascii.h"
#include "base/text.h"

namespace mailrig::client {
namespace {

using Kind = Pop3Refusal::Kind;

constexpr bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Rule {
  std::string_view words;  // in lower case; all those separated by '|' must occur
  Kind kind;
  Step only_at = Step::none;  // none: anywhere
};

// What providers say under a response code that means something else: Gmail's [AUTH] for a right password, Dovecot's
// [AUTH] for a missing encryption. Before the codes therefore. Sources: gmail.md,
// exchange.md, dovecot.md and gmx-icloud-others.md in docs/providers/.
constexpr std::array before_codes{
    Rule{"web login required", Kind::unlock},
    Rule{"via a web browser", Kind::unlock},
    Rule{"via your web browser", Kind::unlock},
    Rule{"with your web browser", Kind::unlock},
    Rule{"application-specific password", Kind::app_password},
    Rule{"basic authentication|disabled", Kind::basic_disabled},
    Rule{"basic authentication|not supported", Kind::basic_disabled},
    Rule{"basicauthblocked", Kind::basic_disabled},
    Rule{"exceeded|bandwidth limits", Kind::bandwidth},
    Rule{"blocked due to excessive usage", Kind::permanent},
    Rule{"cleartext authentication disallowed", Kind::needs_tls},
    Rule{"plaintext authentication disallowed", Kind::needs_tls},
    Rule{"tls required", Kind::needs_tls},
    Rule{"disabled via insecure connection", Kind::needs_tls},
    Rule{"windowed mode is not available", Kind::temporary},
    Rule{"userconnectionlimitreached", Kind::in_use},
    Rule{"maximum number of connections", Kind::in_use},
};

// RFC 2449 §8 and RFC 3206 §4. A code with a sub-code that is not known here counts as its first part (RFC 2449 §8).
constexpr std::array codes{
    Rule{"auth", Kind::authentication}, Rule{"in-use", Kind::in_use},      Rule{"login-delay", Kind::login_delay},
    Rule{"sys/perm", Kind::permanent},  Rule{"sys/temp", Kind::temporary}, Rule{"sys", Kind::temporary},
};

// Sources: exchange.md, dovecot.md, open-source.md and yahoo-aol.md in docs/providers/;
// the order is that of fetchmail's pop3_ok (refusals-and-counters.md#evidence).
constexpr std::array texts{
    Rule{"expunged", Kind::message_gone, Step::retrieve},
    Rule{"no longer available", Kind::message_gone, Step::retrieve},
    Rule{"no such message", Kind::message_gone, Step::retrieve},
    Rule{"there's no message", Kind::message_gone, Step::retrieve},
    Rule{"message is deleted", Kind::message_gone, Step::retrieve},
    Rule{"out of range", Kind::message_gone, Step::retrieve},
    Rule{"message number", Kind::message_gone, Step::retrieve},
    Rule{"it's gone", Kind::message_gone, Step::retrieve},
    Rule{"message corrupted", Kind::message, Step::retrieve},
    Rule{"not valid in this state", Kind::needs_tls, Step::login},
    Rule{"login allowed only every", Kind::login_delay},
    Rule{"exceeded the login limit", Kind::login_delay},
    Rule{"logins must be at least", Kind::login_delay},
    Rule{"pop not allowed", Kind::permanent},
    Rule{"not enabled for pop", Kind::permanent},
    Rule{"pop3 access disabled", Kind::permanent},
    Rule{"authenticated but not connected", Kind::temporary},
    Rule{"ervice|unavailable", Kind::temporary},
    Rule{"server unavailable", Kind::temporary},
    Rule{"temporarily unavailable", Kind::temporary},
    Rule{"temporary", Kind::temporary},
    Rule{"try again later", Kind::temporary},
    Rule{"mailbox could not be opened", Kind::temporary},
    Rule{"session invalidated", Kind::temporary},
    Rule{"shutting down", Kind::temporary},
    Rule{"disconnected for inactivity", Kind::temporary},
    Rule{"chdir", Kind::temporary},
    Rule{"too many open connections", Kind::in_use},
};

// A login by POP that is switched off, in whatever words: "POP3 is turned off", "POP access has been deactivated".
constexpr std::array<std::string_view, 11> switched_off{
    "disabled",     "not enabled", "not allowed",   "not permitted",  "not activated", "deactivated",
    "switched off", "turned off",  "no permission", "not authorized", "not authorised"};
// Said of a mechanism that the server refuses as such, whatever the user and password are.
constexpr std::array<std::string_view, 9> unusable{"unsupported",   "not supported", "unknown",
                                                   "unrecognized",  "unrecognised",  "invalid",
                                                   "not available", "not permitted", "disabled"};

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

bool fits(const Rule& rule, Step step, std::string_view lower_text) {
  if (rule.only_at != Step::none && rule.only_at != step) return false;
  std::string_view words = rule.words;
  while (!words.empty()) {
    std::size_t bar = std::min(words.find('|'), words.size());
    if (lower_text.find(words.substr(0, bar)) == std::string_view::npos) return false;
    words.remove_prefix(std::min(bar + 1, words.size()));
  }
  return true;
}

/// A word that begins like this: "locked" and "lock" for "lock", but not "blocked".
bool has_word(std::string_view lower_text, std::string_view beginning) {
  for (std::size_t at = lower_text.find(beginning); at != std::string_view::npos;
       at = lower_text.find(beginning, at + 1))
    if (at == 0 || !is_letter(lower_text[at - 1])) return true;
  return false;
}

bool has_one_of(std::string_view lower_text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words,
                             [&](std::string_view word) { return lower_text.find(word) != std::string_view::npos; });
}

std::string_view response_code(std::string_view lower_text) {
  std::size_t start = lower_text.find_first_not_of(" \t");
  if (start == std::string_view::npos || lower_text[start] != '[') return {};
  std::size_t end = lower_text.find(']', start);
  if (end == std::string_view::npos) return {};
  return lower_text.substr(start + 1, end - start - 1);
}

const Rule* rule_of_code(std::string_view code) {
  for (const Rule& rule : codes)
    if (code == rule.words || (code.starts_with(rule.words) && code[rule.words.size()] == '/')) return &rule;
  return nullptr;
}

/// "only every 15 minutes", "for a 15 minute period", "at least 1 minute apart".
Duration time_in(std::string_view lower_text) {
  struct Unit {
    std::string_view name;
    Duration span;
  };
  static constexpr Unit units[] = {{"second", 1s}, {"minute", 1min}, {"hour", 1h}};
  constexpr unsigned most = 1'000;  // a server that asks for more than a thousand hours means something else
  for (std::size_t at = 0; at < lower_text.size(); ++at) {
    if (!is_digit(lower_text[at]) || (at > 0 && is_digit(lower_text[at - 1]))) continue;
    unsigned number = 0;
    auto [end, failure] = std::from_chars(lower_text.data() + at, lower_text.data() + lower_text.size(), number);
    if (failure != std::errc{} || number > most) continue;
    std::string_view rest = lower_text.substr(static_cast<std::size_t>(end - lower_text.data()));
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    for (const Unit& unit : units)
      if (rest.starts_with(unit.name)) return number * unit.span;
  }
  return {};
}

/// What a text that says nothing known means, by where it came.
Kind kind_by_place(Step step) {
  switch (step) {
    case Step::greeting: return Kind::unavailable;
    // docs/providers/refusals-and-counters.md#evidence: anything else before TRANSACTION
    case Step::login: return Kind::authentication;
    case Step::retrieve:
    case Step::remove: return Kind::message;
    default: return Kind::temporary;
  }
}

/// Another session holds the mailbox, or the provider has locked the user out.
Kind kind_of_lock(std::string_view lower_text) {
  auto has_one = [lower_text](std::initializer_list<std::string_view> words) { return has_one_of(lower_text, words); };
  if (has_one({"too many", "failed", "failure", "locked out", "lockout", "suspend", "security", "administrator",
               "unlock", "password"}))
    return Kind::unlock;
  if (has_one({"mailbox", "maildrop", "mail drop", "mailspool", "spool", "busy", "session", "another", "lock file",
               "already", "can't lock", "cannot lock", "unable to", "in use"}))
    return Kind::in_use;
  return has_one({"account", "user"}) ? Kind::unlock : Kind::in_use;
}

/// "pop" or "pop3" as a word of its own.
bool names_pop(std::string_view lower_text) {
  for (std::size_t at = lower_text.find("pop"); at != std::string_view::npos; at = lower_text.find("pop", at + 1)) {
    const std::size_t end = at + 3;
    if ((at == 0 || !is_letter(lower_text[at - 1])) && (end == lower_text.size() || !is_letter(lower_text[end])))
      return true;
  }
  return false;
}

/// What a login is refused for that no password could change.
std::optional<Kind> kind_of_access(std::string_view lower_text) {
  if (lower_text.find("temporar") != std::string_view::npos || lower_text.find("later") != std::string_view::npos)
    return std::nullopt;
  if (names_pop(lower_text) && has_one_of(lower_text, switched_off)) return Kind::permanent;
  if (has_word(lower_text, "mechanism") && has_one_of(lower_text, unusable)) return Kind::no_login;
  return std::nullopt;
}

struct Judged {
  Kind kind;
  bool known;
};

Judged judge(Step step, std::string_view lower_text) {
  for (const Rule& rule : before_codes)
    if (fits(rule, step, lower_text)) return {rule.kind, true};
  if (step == Step::login)
    if (const std::optional<Kind> kind = kind_of_access(lower_text)) return {*kind, true};
  if (const Rule* rule = rule_of_code(response_code(lower_text))) return {rule->kind, true};
  for (const Rule& rule : texts)
    if (fits(rule, step, lower_text)) return {rule.kind, true};
  if (has_word(lower_text, "lock")) return {kind_of_lock(lower_text), true};
  if (has_word(lower_text, "wait")) return {Kind::in_use, true};
  return {kind_by_place(step), false};
}

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::authentication: return "authentication";
    case Kind::app_password: return "app-password";
    case Kind::basic_disabled: return "basic-disabled";
    case Kind::unknown_user: return "unknown-user";
    case Kind::unlock: return "unlock";
    case Kind::bandwidth: return "bandwidth";
    case Kind::in_use: return "in-use";
    case Kind::login_delay: return "login-delay";
    case Kind::temporary: return "temporary";
    case Kind::permanent: return "permanent";
    case Kind::needs_tls: return "needs-tls";
    case Kind::no_login: return "no-login";
    case Kind::unavailable: return "unavailable";
    case Kind::message: return "message";
    case Kind::message_gone: return "message-gone";
  }
  return "temporary";
}

bool is_unknown_command(std::string_view text) {
  const std::string lower_text = lowered(text);
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"unknown command", "unrecognized", "unrecognised", "invalid command",
                                              "bad command", "no such command", "command not", "not implemented",
                                              "unimplemented", "not supported", "unsupported", "unknown verb"},
      [&](std::string_view words) { return lower_text.find(words) != std::string::npos; });
}

Pop3Refusal classify_refusal(Step step, std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  std::string lower_text = lowered(text);
  Judged judged = judge(step, lower_text);
  Pop3Refusal refusal{
      .kind = judged.kind, .step = step, .known = judged.known, .text = printable(text, refusal_octets_max)};
  if (refusal.kind == Kind::login_delay) refusal.retry_after = time_in(lower_text);
  return refusal;
}

Pop3Refusal classify_before_password(std::string_view text) {
  Pop3Refusal refusal = classify_refusal(Step::login, text);
  if (refusal.kind != Kind::authentication) return refusal;
  const std::string lower_text = lowered(text);
  const bool is_about_account =
      !is_unknown_command(text) &&
      (has_word(lower_text, "user") || has_word(lower_text, "mailbox") || has_word(lower_text, "account"));
  refusal.kind = is_about_account ? Kind::unknown_user : Kind::no_login;
  return refusal;
}

}  // namespace mailrig::client
