#pragma once
/// Every text that the fake SMTP server can say. A personality gives the words, with their codes; which is said when is
/// in the session. Example: texts[Text::quit] is "221 2.0.0 Bye" under generic.

#include <cstdint>
#include <span>

#include "fakeservers/core/reply_template.h"

namespace mailrig::fakeservers::smtp {

enum class Text : std::uint8_t {
  greeting,
  early,
  ehlo,
  helo,
  helo_bad,
  needs_hello,
  starttls,
  starttls_active,
  starttls_unavailable,
  tls_needed,
  auth,
  auth_bad,
  auth_expired,
  auth_app_password,
  auth_prompt,
  auth_prompt_user,
  auth_prompt_password,
  auth_token_refused,
  auth_unknown,
  auth_malformed,
  auth_cancelled,
  auth_again,
  auth_needs_tls,
  auth_unavailable,
  auth_too_many,
  lock_captcha,
  lock_disabled,
  lock_temporary,
  lock_throttled,
  lock_blocked,
  needs_auth,
  mail,
  mail_nested,
  mail_path_bad,
  parameter_unknown,
  parameter_bad,
  size_declared,
  sender_refused,
  rcpt,
  rcpt_path_bad,
  rcpt_no_mail,
  rcpt_too_many,
  rcpt_unknown,
  rcpt_relay,
  rcpt_greylisted,
  data,
  data_no_mail,
  data_no_recipients,
  bdat,
  message,
  message_too_large,
  message_bare_lf,
  message_long_line,
  quota,
  rate,
  connections,
  storage,
  rset,
  noop,
  vrfy,
  expn,
  help,
  quit,
  unknown_command,
  bad_sequence,
  no_parameters,
  line_too_long,
  idle,
  too_many_errors,
};
inline constexpr std::size_t text_count = static_cast<std::size_t>(Text::too_many_errors) + 1;

std::span<const TextKey> text_keys();

/// The texts of one server.
class Texts {
 public:
  /// Error bad_input; Error::reason is "texts.KEY". Every personality has all of them but auth_expired, or extends
  /// one that has; without auth_expired an expired password is a wrong one.
  static Result<Texts> read(const Value* texts);

  const ReplyTemplate& operator[](Text text) const { return book_[static_cast<std::size_t>(text)]; }
  bool has(Text text) const { return !(*this)[text].empty(); }

 private:
  explicit Texts(ReplyTemplates book) : book_(std::move(book)) {}

  ReplyTemplates book_;
};

}  // namespace mailrig::fakeservers::smtp
