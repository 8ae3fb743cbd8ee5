#pragma once
/// AUTH (RFC 4954) by what the server offers: PLAIN (RFC 4616), which takes one exchange, or LOGIN.
///
///   SmtpLogin login(offered, "anna", "s3cret");
///   say(login.line());                               // "AUTH PLAIN AGFubmEAczNjcmV0"
///   login.on_reply(reply) == SmtpLogin::Progress::done;

#include <string>

#include "client/smtp/capabilities.h"
#include "client/smtp/reply.h"

namespace mailrig::client {

class SmtpLogin {
 public:
  SmtpLogin() = default;
  SmtpLogin(const SmtpCapabilities& offered, std::string user, std::string password);

  /// What to say next, without CRLF; and the same for a transcript, the secret masked.
  const std::string& line() const { return line_; }
  const std::string& masked() const { return masked_; }

  enum class Progress : std::uint8_t {
    speak,    // say line() and wait for the next reply
    done,     // logged in
    refused,  // the reply tells why
    broken,   // no reply that belongs here
  };
  Progress on_reply(const SmtpReply& reply);

 private:
  enum class Next : std::uint8_t { plain_response, login_user, login_password, verdict };

  void start_plain();
  void start_login();
  Progress say(std::string line, std::string masked, Next next);

  bool can_login_ = false;  // the mechanism LOGIN is offered and was not tried yet
  std::string user_;
  std::string password_;
  std::string line_;
  std::string masked_;
  Next next_ = Next::verdict;  // what a 334 asks for
};

}  // namespace mailrig::client
