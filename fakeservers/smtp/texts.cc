#include "fakeservers/smtp/texts.h"

#include <fmt/format.h>

namespace mailrig::fakeservers::smtp {
namespace {

// What every text may have, and what some have beside it.
constexpr std::string_view usual = "host server peer token ehlo user date long_date diagnostics";
constexpr std::string_view with_address = "host server peer token ehlo user date long_date diagnostics address domain";
constexpr std::string_view with_argument = "host server peer token ehlo user date long_date diagnostics argument";
constexpr std::string_view with_size = "host server peer token ehlo user date long_date diagnostics size";
constexpr std::string_view with_octets = "host server peer token ehlo user date long_date diagnostics octets";
constexpr std::string_view of_message =
    "host server peer token ehlo user date long_date diagnostics id number message_id";
constexpr TextKey keys[] = {
    {"greeting", usual, "the first words"},
    {"early", usual, "the client talked before the greeting (enforce_sync)"},
    {"ehlo", usual, "the first line of EHLO, without its code"},
    {"helo", usual, "HELO is taken"},
    {"helo_bad", usual, "EHLO or HELO without a name, or with none that can be"},
    {"needs_hello", usual, "AUTH or MAIL before EHLO or HELO"},
    {"starttls", usual, "TLS begins"},
    {"starttls_active", usual, "STARTTLS under TLS"},
    {"starttls_unavailable", usual, "STARTTLS is not offered"},
    {"tls_needed", usual, "a command that must not come in clear"},
    {"auth", usual, "the login succeeded"},
    {"auth_bad", usual, "wrong user or password"},
    {"auth_expired", usual, "the password has expired; without it: auth_bad"},
    {"auth_app_password", usual, "the account's password where an application's is needed"},
    {"auth_prompt", usual, "asks for the response of PLAIN"},
    {"auth_prompt_user", usual, "asks for the user of LOGIN"},
    {"auth_prompt_password", usual, "asks for the password of LOGIN"},
    {"auth_token_refused", usual,
     "what a wrong token is answered with before auth_bad, sent in base64; without it: auth_bad at once"},
    {"auth_unknown", usual, "a mechanism that is not offered"},
    {"auth_malformed", usual, "a response that is no base64, or makes no sense"},
    {"auth_cancelled", usual, "the client gave AUTH up by *"},
    {"auth_again", usual, "AUTH after a login"},
    {"auth_needs_tls", usual, "AUTH in clear where TLS is on offer"},
    {"auth_unavailable", usual, "AUTH where there is none"},
    {"auth_too_many", usual, "failed logins of this connection are too many"},
    {"lock_captcha", usual, "the user must log in by a browser first"},
    {"lock_disabled", usual, "logins by SMTP are disabled"},
    {"lock_temporary", usual, "logins do not work for the time being"},
    {"lock_throttled", usual, "too many logins for the time being"},
    {"lock_blocked", with_address, "sending is blocked; told after the message"},
    {"needs_auth", usual, "MAIL without a login"},
    {"mail", with_address, "the sender is taken"},
    {"mail_nested", usual, "MAIL within a transaction"},
    {"mail_path_bad", usual, "MAIL without a sender that can be read"},
    {"parameter_unknown", with_argument, "a parameter of no extension that was offered"},
    {"parameter_bad", with_argument, "a parameter with a wrong value"},
    {"size_declared", with_size, "SIZE= is more than is taken"},
    {"sender_refused", with_address, "the sender is not the user's own"},
    {"rcpt", with_address, "the recipient is taken"},
    {"rcpt_path_bad", usual, "RCPT without a recipient, or VRFY without a name, that can be read"},
    {"rcpt_no_mail", usual, "RCPT before MAIL"},
    {"rcpt_too_many", with_address, "one recipient too many"},
    {"rcpt_unknown", with_address, "nobody here has this address"},
    {"rcpt_relay", with_address, "a recipient elsewhere, from somebody who may not"},
    {"rcpt_greylisted", with_address, "come again later"},
    {"data", usual, "the message may come"},
    {"data_no_mail", usual, "DATA or BDAT before RCPT"},
    {"data_no_recipients", usual, "DATA or BDAT after every recipient was refused"},
    {"bdat", with_octets, "a chunk was taken"},
    {"message", of_message, "the message was taken"},
    {"message_too_large", with_size, "the message is larger than is taken"},
    {"message_bare_lf", usual, "a line feed without carriage return in the message"},
    {"message_long_line", usual, "a line of the message is too long"},
    {"quota", usual, "the quota is used up"},
    {"rate", usual, "messages come too fast"},
    {"connections", usual, "the user sends on too many connections"},
    {"storage", usual, "the server is full"},
    {"rset", usual, "RSET"},
    {"noop", usual, "NOOP"},
    {"vrfy", usual, "VRFY"},
    {"expn", usual, "EXPN"},
    {"help", usual, "HELP"},
    {"quit", usual, "QUIT"},
    {"unknown_command", usual, "a command that there is not"},
    {"bad_sequence", usual, "a command at the wrong time"},
    {"no_parameters", usual, "a command with something behind it that has nothing there"},
    {"line_too_long", usual, "a command line that is too long"},
    {"idle", usual, "the client has been silent for too long"},
    {"too_many_errors", usual, "bad commands of this session are too many"},
};
static_assert(std::size(keys) == text_count);

}  // namespace

std::span<const TextKey> text_keys() { return keys; }

Result<Texts> Texts::read(const Value* texts) {
  Result<ReplyTemplates> book = ReplyTemplates::read(texts, keys);
  if (!book) return book.error();
  return Texts(std::move(*book));
}

}  // namespace mailrig::fakeservers::smtp
