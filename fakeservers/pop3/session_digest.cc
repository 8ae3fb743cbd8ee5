// Logins without the password itself: APOP, CRAM-MD5, EXTERNAL, and those that a rule of the scenario decides.

#include <fmt/format.h>

#include <chrono>

#include "fakeservers/core/sasl.h"
#include "fakeservers/pop3/session.h"

namespace mailrig::fakeservers::pop3 {

/// In the shape of RFC 1939 section 7 and RFC 2195 section 2: digits, a time stamp and the host. The digits are of the
/// seed: the same run asks the same.
std::string Session::make_stamp() {
  Prng prng = context().world.prng.fork(fmt::format("{}/stamp/{}", this->arrival().connection, ++stamps_));
  const Instant now = context().world.calendar.now();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  return fmt::format("<{}.{}@{}>", prng.below(1'000'000'000), seconds, server_.host());
}

void Session::on_apop(const Command& command) {
  if (!login_allowed()) return refuse(Text::user_needs_tls);
  const std::size_t space = command.argument.find(' ');
  const bool has_two = space != std::string_view::npos && space > 0 && space + 1 < command.argument.size();
  if (!has_two) return refuse(Text::argument_count, {}, Bad::invalid);
  if (stamp_.empty()) return refuse(Text::wrong_state, {.argument = command.verb});
  user_ = command.argument.substr(0, space);
  log_in(user_, {.kind = Credential::Kind::apop, .text = command.argument.substr(space + 1), .challenge = stamp_},
         false);
}

void Session::take_cram_md5(std::string_view response) {
  const std::optional<CramResponse> cram = parse_cram_md5(response);
  if (!cram) return refuse_unreadable();
  finish_auth(cram->user, {.kind = Credential::Kind::cram_md5, .text = cram->digest, .challenge = challenge_});
}

/// RFC 4422 appendix A: the response is the authorization identity; empty: the certificate's own.
void Session::take_external(std::string_view response) { finish_auth(response, {.kind = Credential::Kind::external}); }

/// The rule has replied: the session is in, whatever keeps the user out of others.
void Session::log_in_by_rule(std::string_view user) {
  Mailbox* mailbox = server_.mailbox_of_rule(user);
  if (mailbox == nullptr) return;
  mailbox->on_login(context().world.calendar.now());
  enter(*mailbox, false);
}

}  // namespace mailrig::fakeservers::pop3
