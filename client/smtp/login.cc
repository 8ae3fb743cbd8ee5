#include "client/smtp/login.h"

#include <optional>
#include <utility>

#include "client/base64.h"

namespace mailrig::client {
namespace {

// RFC 5321 §4.5.3.1.4: a command line, CRLF included. RFC 4954 §4 sends what is longer after a 334.
constexpr std::size_t command_octets_max = 512;

constexpr std::string_view secret = "<password>";

std::string plain_response(const std::string& user, const std::string& password) {
  std::string message(1, '\0');
  message += user;
  message += '\0';
  message += password;
  return to_base64(message);
}

/// PLAIN is listed, and yet "not permitted by this server" (504), unknown (500, 502) or too weak (534): the password
/// was not judged. Any reply counts but those that RFC 4954 gives for a judged login or another reason.
bool refuses_mechanism(const SmtpReply& reply) {
  if (!reply.permanent() || reply.code == 530 || reply.code == 535 || reply.code == 538) return false;
  // Gmail's 534 is about the user, not the mechanism: log in by web browser, application-specific password.
  const std::optional<EnhancedCode> code = reply.enhanced();
  return !(reply.code == 534 && code && (*code == EnhancedCode{5, 7, 14} || *code == EnhancedCode{5, 7, 9}));
}

}  // namespace

SmtpLogin::SmtpLogin(const SmtpCapabilities& offered, std::string user, std::string password)
    : can_login_(offered.auth_login), user_(std::move(user)), password_(std::move(password)) {
  if (offered.auth_plain)
    start_plain();
  else
    start_login();
}

void SmtpLogin::start_plain() {
  std::string whole = "AUTH PLAIN " + plain_response(user_, password_);
  // A server that ignores an initial response asks for it with a 334, and gets it once more.
  if (whole.size() + 2 <= command_octets_max)
    say(std::move(whole), "AUTH PLAIN " + std::string(secret), Next::plain_response);
  else
    say("AUTH PLAIN", "AUTH PLAIN", Next::plain_response);
}

void SmtpLogin::start_login() {
  can_login_ = false;
  say("AUTH LOGIN", "AUTH LOGIN", Next::login_user);
}

SmtpLogin::Progress SmtpLogin::say(std::string line, std::string masked, Next next) {
  line_ = std::move(line);
  masked_ = std::move(masked);
  next_ = next;
  return Progress::speak;
}

SmtpLogin::Progress SmtpLogin::on_reply(const SmtpReply& reply) {
  if (reply.code == 235) return Progress::done;
  if (can_login_ && refuses_mechanism(reply)) {
    start_login();
    return Progress::speak;
  }
  if (reply.temporary() || reply.permanent()) return Progress::refused;
  if (reply.code != 334) return Progress::broken;
  switch (next_) {
    case Next::plain_response: return say(plain_response(user_, password_), std::string(secret), Next::verdict);
    case Next::login_user: {
      // What the prompt says is of no use: "Username:", "User Name", translated or empty.
      std::string name = to_base64(user_);
      return say(name, name, Next::login_password);
    }
    case Next::login_password: return say(to_base64(password_), std::string(secret), Next::verdict);
    default: return Progress::broken;
  }
}

}  // namespace mailrig::client
