#include "fakeservers/pop3/texts.h"

#include <algorithm>
#include <array>

namespace mailrig::fakeservers::pop3 {
namespace {

struct Row {
  Text text;
  TextKey key;
  Text otherwise;  // whose words are taken where this has none; itself: nothing is said
};

constexpr std::array rows = [] {
  using enum Text;
  return std::to_array<Row>({
      {greeting, {"greeting", "peer token host server server_base64 date", "the first line"}, greeting},
      {capa, {"capa", "", "the first line of CAPA"}, capa},
      {user, {"user", "user", "USER is taken"}, user},
      {user_needs_tls, {"user_needs_tls", "", "USER, PASS or AUTH in clear where TLS is required"}, wrong_state},
      {user_missing, {"user_missing", "", "USER or PASS without argument"}, argument_count},
      {pass, {"pass", "user n octets", "PASS is right"}, pass},
      {pass_bad, {"pass_bad", "user", "PASS is wrong"}, pass_bad},
      {pass_last, {"pass_last", "user", "PASS is wrong and the connection is closed (max_failed_logins)"}, pass_bad},
      {pass_no_user, {"pass_no_user", "", "PASS without USER"}, wrong_state},
      {pass_expired, {"pass_expired", "user", "PASS is right and has expired"}, pass_bad},
      {pass_app_password,
       {"pass_app_password", "user", "PASS is the account's password where an app password is wanted"},
       pass_bad},
      {pass_too_many,
       {"pass_too_many", "n", "PASS where the user has too many sessions (connections_per_user)"},
       lock_in_use},
      {login_delay, {"login_delay", "", "the user logs in again too early (login_delay)"}, lock_temporary},
      {enabling, {"enabling", "", "the user's POP access is still being set up (`pop`: enabling)"}, lock_temporary},
      {lock_captcha,
       {"lock_captcha", "user", "the account is locked until its user has been to the web pages"},
       lock_captcha},
      {lock_in_use, {"lock_in_use", "user", "another session has the mailbox"}, lock_in_use},
      {lock_disabled, {"lock_disabled", "user", "the user has no POP access"}, lock_disabled},
      {lock_bandwidth, {"lock_bandwidth", "user", "the user has retrieved too much"}, lock_bandwidth},
      {lock_temporary, {"lock_temporary", "user", "the server has trouble of its own"}, lock_temporary},
      {lock_not_connected,
       {"lock_not_connected", "", "any command after a login whose mailbox cannot be reached"},
       lock_not_connected},
      {auth_list, {"auth_list", "", "the first line of the mechanisms, for AUTH alone"}, argument_count},
      {auth, {"auth", "user n octets", "AUTH is right"}, pass},
      {auth_bad, {"auth_bad", "user", "AUTH is wrong"}, pass_bad},
      {auth_last, {"auth_last", "user", "AUTH is wrong and the connection is closed (max_failed_logins)"}, auth_bad},
      {auth_prompt, {"auth_prompt", "", "AUTH waits for a response"}, auth_prompt},
      {auth_prompt_other, {"auth_prompt_other", "", "the same for a mechanism that always fails"}, auth_prompt},
      {auth_cancelled, {"auth_cancelled", "", "the client sent * (RFC 5034 section 4)"}, auth_bad},
      {auth_unknown, {"auth_unknown", "argument", "AUTH with a mechanism that there is not"}, unknown_command},
      {auth_malformed,
       {"auth_malformed", "", "a response of AUTH that is not base64, or not what the mechanism wants"},
       auth_bad},
      {auth_malformed_response,
       {"auth_malformed_response", "", "a response in a line of its own that is not base64"},
       auth_malformed},
      {auth_unreadable,
       {"auth_unreadable", "user", "base64 that is not what the mechanism wants, where that is a failed login"},
       auth_malformed},
      {auth_token_refused,
       {"auth_token_refused", "", "what a wrong token is answered with before -ERR; it is sent in base64"},
       auth_token_refused},
      {stls, {"stls", "", "STLS is taken"}, stls},
      {stls_active, {"stls_active", "", "STLS under TLS"}, stls_unavailable},
      {stls_unavailable, {"stls_unavailable", "", "STLS where there is none"}, unknown_command},
      {apop_refused, {"apop_refused", "", "APOP where there is none"}, unknown_command_unauthenticated},
      {stat, {"stat", "n octets", "STAT"}, stat},
      {list, {"list", "n octets", "the first line of LIST"}, list},
      {list_one, {"list_one", "n octets", "LIST n"}, list_one},
      {uidl, {"uidl", "n octets", "the first line of UIDL"}, uidl},
      {uidl_one, {"uidl_one", "n uid", "UIDL n"}, uidl_one},
      {retr, {"retr", "n octets", "the first line of RETR"}, retr},
      {top, {"top", "n octets", "the first line of TOP"}, top},
      {top_unlimited, {"top_unlimited", "n octets", "the first line of TOP n 18446744073709551615"}, top},
      {dele, {"dele", "n", "DELE"}, dele},
      {rset, {"rset", "n octets", "RSET"}, rset},
      {noop, {"noop", "", "NOOP"}, noop},
      {last, {"last", "n", "LAST, where there is one"}, last_refused},
      {last_refused, {"last_refused", "", "LAST, where there is none"}, unknown_command},
      {quit, {"quit", "", "QUIT"}, quit},
      {quit_deleted, {"quit_deleted", "n", "QUIT after which messages are gone"}, quit},
      {quit_unauthenticated, {"quit_unauthenticated", "", "QUIT before login"}, quit},
      {number_invalid, {"number_invalid", "argument", "an argument that is no message number"}, no_such_message},
      {number_too_large, {"number_too_large", "argument", "a number beyond 32 bits"}, no_such_message},
      {number_noise, {"number_noise", "argument", "more than a number"}, number_invalid},
      {no_such_message, {"no_such_message", "argument n total", "a number that no message has"}, no_such_message},
      {message_deleted, {"message_deleted", "argument n", "a message that this session has deleted"}, no_such_message},
      {message_expunged,
       {"message_expunged", "argument n", "a message that somebody else has deleted"},
       message_deleted},
      {message_corrupted, {"message_corrupted", "argument n", "a message that cannot be converted"}, message_corrupted},
      {size_invalid, {"size_invalid", "argument", "the second argument of TOP is no number"}, number_invalid},
      {size_noise, {"size_noise", "argument", "more than a number as the second argument of TOP"}, size_invalid},
      {size_too_large, {"size_too_large", "argument", "that number is beyond 64 bits"}, size_invalid},
      {argument_count, {"argument_count", "", "too few or too many arguments"}, unknown_command},
      {unknown_command, {"unknown_command", "argument", "a command that there is not"}, unknown_command},
      {unknown_command_empty,
       {"unknown_command_empty", "", "a line after login that is empty or begins with a blank"},
       unknown_command},
      {unknown_command_unauthenticated,
       {"unknown_command_unauthenticated", "argument", "the same before login"},
       unknown_command},
      {wrong_state,
       {"wrong_state", "argument", "a command that does not hold here (before or after login)"},
       unknown_command},
      {not_ascii, {"not_ascii", "", "a command with octets beyond ASCII"}, unknown_command},
      {line_too_long, {"line_too_long", "", "a line beyond line_octets_max"}, line_too_long},
      {line_too_long_unauthenticated,
       {"line_too_long_unauthenticated", "", "a line before login beyond line_octets_max_unauthenticated"},
       line_too_long},
      {idle, {"idle", "", "the client has been silent for too long; where it is empty nothing is said"}, idle},
      {too_many_bad, {"too_many_bad", "", "added to the last of max_bad_commands"}, too_many_bad},
      {too_many_bad_unauthenticated, {"too_many_bad_unauthenticated", "", "the same before login"}, too_many_bad},
  });
}();

static_assert(rows.size() == text_count && std::ranges::all_of(rows,
                                                               [](const Row& row) {
                                                                 return rows[static_cast<std::size_t>(row.text)].text ==
                                                                        row.text;
                                                               }),
              "one row for each text, in the order of the enum");

constexpr std::array keys = [] {
  std::array<TextKey, text_count> all{};
  for (std::size_t i = 0; i < text_count; ++i) all[i] = rows[i].key;
  return all;
}();

}  // namespace

std::span<const TextKey> text_keys() { return keys; }

Result<Texts> Texts::read(const Value* texts) {
  Result<ReplyTemplates> book = ReplyTemplates::read(texts, keys);
  if (!book) return book.error();
  return Texts(std::move(*book));
}

Texts::Texts(ReplyTemplates book) : book_(std::move(book)) {
  for (std::size_t i = 0; i < text_count; ++i) {
    std::size_t at = i;
    while (book_[at].empty() && rows[at].otherwise != rows[at].text) at = static_cast<std::size_t>(rows[at].otherwise);
    resolved_[i] = static_cast<std::uint8_t>(at);
  }
}

}  // namespace mailrig::fakeservers::pop3
