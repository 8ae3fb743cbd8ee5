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
  if (reply.code == 503) return SmtpTrouble::permanent;  // RFC 4954 §4: not now
  // RFC 4954 §4 and §6: no such command, no such mechanism, a mechanism that is too weak. Gmail's 534 5.7.9 is about
  // the password.
  if (reply.code == 500 || reply.code == 502 || reply.code == 504 ||
      (reply.code == 534 && code != EnhancedCode{5, 7, 9}))
    return SmtpTrouble::no_mechanism;
  if (reply.code == 538 || contains(text, "starttls")) return SmtpTrouble::encryption;
  // Office 365: SMTP AUTH is switched off for the tenant or the mailbox, basic authentication is gone
  // (docs/providers/exchange.md#smtp). 530: a login is wanted, and none was judged.
  if (code == EnhancedCode{5, 7, 139} || code == EnhancedCode{5, 7, 30} || reply.code == 530)
    return SmtpTrouble::no_login;
  return SmtpTrouble::authentication;
}

}  // namespace

SmtpTrouble classify(Step step, const SmtpReply& reply) {
  const EnhancedCode code = reply.enhanced().value_or(EnhancedCode{});
  const std::string text = reply.text();
  if (is_daily_limit(reply, code, text)) return SmtpTrouble::daily_limit;
  if (step == Step::login) return classify_login(reply, code, text);
  // "Authentication required" comes at MAIL or RCPT too, or wherever the server notices.
  if (reply.code == 530) return contains(text, "starttls") ? SmtpTrouble::encryption : SmtpTrouble::no_login;
  if (reply.code == 534 || reply.code == 535) return classify_login(reply, code, text);
  if (reply.code == 538) return SmtpTrouble::encryption;
  // 221 in place of a greeting: the server leaves, as with 421.
  if (step == Step::greeting && reply.code == 221) return SmtpTrouble::temporary;
  return reply.temporary() ? SmtpTrouble::temporary : SmtpTrouble::permanent;
}

namespace {

std::string_view advice_by_kind(SmtpTrouble trouble, bool blocked) {
  switch (trouble) {
    case SmtpTrouble::temporary: return "This is for now only: the message can be sent again later.";
    case SmtpTrouble::permanent: return "Sending it again unchanged will not help.";
    case SmtpTrouble::authentication:
      return "The user name or the password for sending is wrong, has expired, or an application password is needed: "
             "correct it in the account.";
    case SmtpTrouble::no_login:
      return "The login was not judged: the server does not take this kind of login, or wants one that the account "
             "does not give. Check the server, port, encryption and user name for sending; where the provider has "
             "switched "
             "this login off, an administrator there has to enable it.";
    case SmtpTrouble::no_mechanism:
      return "The login was not judged: the server refuses each way to log in that is known here, so there is no login "
             "mechanism in common. Check the server, port and encryption for sending; ask the provider which way to "
             "log in it offers to mail programs.";
    case SmtpTrouble::web_login:
      return "The provider wants the user to log in with a web browser first; the password may be right.";
    case SmtpTrouble::daily_limit:
      if (blocked)
        return "The provider has blocked sending for now: lift the block there; it is tried again within a day.";
      return "The provider's limit for sending is reached: it clears by itself, as a rule within a day.";
    case SmtpTrouble::encryption:
      return "The server wants an encrypted connection: set the account's encryption to starttls or implicit.";
  }
  return {};
}

/// The first web address in a text; empty where there is none.
std::string_view page_in(std::string_view text) {
  std::size_t from = std::min(text.find("http://"), text.find("https://"));
  if (from == std::string_view::npos) return {};
  std::string_view page = text.substr(from);
  page = page.substr(0, page.find_first_of(" \t\r\n\"'<>()"));
  while (page.ends_with('.') || page.ends_with(',') || page.ends_with(';')) page.remove_suffix(1);
  return page;
}

}  // namespace

std::string advice(SmtpTrouble trouble, std::string_view server_text) {
  const bool blocked = contains(server_text, "unblock") || contains(server_text, "blocked");
  std::string text(advice_by_kind(trouble, blocked));
  if (std::string_view page = page_in(server_text); !page.empty())
    text += " The server names this page: " + std::string(page);
  return text;
}

}  // namespace mailrig::client
