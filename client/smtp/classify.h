#pragma once
/// What a refusal means for the message and who has to act: the retry rule of docs/providers/smtp.md.
///
///   classify(Step::login, reply) == SmtpTrouble::authentication;     // 535 5.7.8
///   classify(Step::data, reply) == SmtpTrouble::daily_limit;         // 550 5.4.5: clears by itself, so no failure

#include <cstdint>
#include <string>
#include <string_view>

#include "base/step.h"
#include "client/smtp/reply.h"

namespace mailrig::client {

enum class SmtpTrouble : std::uint8_t {
  temporary,       // keep the message and try again later (RFC 5321 §4.2.1: 4yz)
  permanent,       // give the message back to its author (5yz)
  authentication,  // the user has to correct the login; trying again with the same one only locks the account
  no_login,        // no password was judged: this login is not taken here, is switched off, or is missing
  no_mechanism,    // the server refuses every mechanism in common as such; no password was judged
  web_login,       // the login is right, but the provider wants to see the user in a browser first
  daily_limit,     // the provider's quota: wait a day, although the code says 5yz
  encryption,      // the server wants TLS first: the account's setting is wrong
};

/// `step` is where the reply came: greeting, hello, tls, login, mail, recipient, data. The reply is not a positive one.
SmtpTrouble classify(Step step, const SmtpReply& reply);

/// For the user: what it means and what to do. `server_text`: what the server said; a page that it names is repeated.
std::string advice(SmtpTrouble trouble, std::string_view server_text = {});

}  // namespace mailrig::client
