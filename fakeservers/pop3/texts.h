#pragma once
/// Every text that the fake POP3 server can say. A personality gives the words; which is said when is in the session.
/// Example: texts[Text::greeting] is "+OK Dovecot ready." under dovecot.

#include <cstdint>
#include <span>

#include "fakeservers/core/reply_template.h"

namespace mailrig::fakeservers::pop3 {

enum class Text : std::uint8_t {
  greeting,
  capa,
  user,
  user_needs_tls,
  user_missing,
  pass,
  pass_bad,
  pass_last,
  pass_no_user,
  pass_expired,
  pass_app_password,
  pass_too_many,
  login_delay,
  enabling,
  lock_captcha,
  lock_in_use,
  lock_disabled,
  lock_bandwidth,
  lock_temporary,
  lock_not_connected,
  auth_list,
  auth,
  auth_bad,
  auth_last,
  auth_prompt,
  auth_prompt_other,
  auth_cancelled,
  auth_unknown,
  auth_malformed,
  auth_malformed_response,
  auth_unreadable,
  auth_token_refused,
  stls,
  stls_active,
  stls_unavailable,
  apop_refused,
  stat,
  list,
  list_one,
  uidl,
  uidl_one,
  retr,
  top,
  top_unlimited,
  dele,
  rset,
  noop,
  last,
  last_refused,
  quit,
  quit_deleted,
  quit_unauthenticated,
  number_invalid,
  number_too_large,
  number_noise,
  no_such_message,
  message_deleted,
  message_expunged,
  message_corrupted,
  size_invalid,
  size_noise,
  size_too_large,
  argument_count,
  unknown_command,
  unknown_command_empty,
  unknown_command_unauthenticated,
  wrong_state,
  not_ascii,
  line_too_long,
  line_too_long_unauthenticated,
  idle,
  too_many_bad,
  too_many_bad_unauthenticated,
};
inline constexpr std::size_t text_count = static_cast<std::size_t>(Text::too_many_bad_unauthenticated) + 1;

std::span<const TextKey> text_keys();

/// The texts of one server. One that a personality does not have is said in the words of the next best.
class Texts {
 public:
  /// Error bad_input; Error::reason is "texts.KEY".
  static Result<Texts> read(const Value* texts);

  const ReplyTemplate& operator[](Text text) const { return book_[resolved_[static_cast<std::size_t>(text)]]; }
  /// Has the personality words of its own for it?
  bool has(Text text) const { return !book_[static_cast<std::size_t>(text)].empty(); }

 private:
  explicit Texts(ReplyTemplates book);

  ReplyTemplates book_;
  std::uint8_t resolved_[text_count];
};

}  // namespace mailrig::fakeservers::pop3
