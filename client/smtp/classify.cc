#include "client/smtp/classify.h"

#include <algorithm>

namespace mailrig::client {
namespace {

bool contains(std::string_view text, std::string_view lower_case_word) {
  auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; };
  return std::search(text.begin(), text.end(), lower_case_word.begin(), lower_case_word.end(), same) != text.end();
}

bool is_daily_limit(const SmtpReply& reply, const EnhancedCode& code, std::string_view text) {
  if (!reply.permanent()) return false;
  if (code == EnhancedCode{5, 4, 5}) return true;  // Gmail: "Daily user sending quota exceeded."
  // Zoho: "Unusual sending activity detected." RFC 3463 §3.5 has 5.4.6 for a routing loop, as Postfix uses it.
  return code == EnhancedCode{5, 4, 6} && !contains(text, "loop") && !contains(text, "hop");
}

SmtpTrouble classify_login(const SmtpReply& reply, const EnhancedCode& code, std::string_view text) {
  // 454 4.7.0: too many logins, or the server's own trouble; the password was not judged.
  if (!reply.permanent()) return SmtpTrouble::temporary;
  // 5.7.14 is Gmail's alone; its newer text has the code of the application-specific password.
  if (code == EnhancedCode{5, 7, 14} || contains(text, "web browser")) return SmtpTrouble::web_login;
  // RFC 4954 §4 and §6: no such command, no such mechanism, not now.
  if (reply.code == 500 || reply.code == 502 || reply.code == 503 || reply.code == 504) return SmtpTrouble::permanent;
  if (reply.code == 538 || contains(text, "starttls")) return SmtpTrouble::encryption;
  return SmtpTrouble::authentication;
}

}  // namespace

SmtpTrouble classify(Step step, const SmtpReply& reply) {
  const EnhancedCode code = reply.enhanced().value_or(EnhancedCode{});
  const std::string text = reply.text();
  if (is_daily_limit(reply, code, text)) return SmtpTrouble::daily_limit;
  if (step == Step::login) return classify_login(reply, code, text);
  // "Authentication required" comes at MAIL or RCPT too, or wherever the server notices.
  if (reply.code == 530) return contains(text, "starttls") ? SmtpTrouble::encryption : SmtpTrouble::authentication;
  if (reply.code == 534 || reply.code == 535) return classify_login(reply, code, text);
  if (reply.code == 538) return SmtpTrouble::encryption;
  // 221 in place of a greeting: the server leaves, as with 421.
  if (step == Step::greeting && reply.code == 221) return SmtpTrouble::temporary;
  return reply.temporary() ? SmtpTrouble::temporary : SmtpTrouble::permanent;
}

std::string_view advice(SmtpTrouble trouble) {
  switch (trouble) {
    case SmtpTrouble::temporary: return "This is for now only: the message can be sent again later.";
    case SmtpTrouble::permanent: return "Sending it again unchanged will not help.";
    case SmtpTrouble::authentication:
      return "The user name or the password for sending is wrong, has expired, or an application password is needed: "
             "correct it in the account.";
    case SmtpTrouble::web_login:
      return "The provider wants the user to log in with a web browser first; the password may be right.";
    case SmtpTrouble::daily_limit:
      return "The provider's limit for sending is reached: it clears by itself, as a rule within a day.";
    case SmtpTrouble::encryption:
      return "The server wants an encrypted connection: set the account's encryption to starttls or implicit.";
  }
  return {};
}

}  // namespace mailrig::client
