#pragma once
/// What a "-ERR" means and who has to act: by its response code, then by texts that providers are known to send, then
/// by the place where it came (docs/providers/refusals-and-counters.md).
///
///   classify_refusal(Step::login, "[AUTH] Username and password not accepted.").kind ==
///   Pop3Refusal::Kind::authentication classify_refusal(Step::login, "[AUTH] Web login required: http://...").kind ==
///   Pop3Refusal::Kind::unlock

#include <cstdint>
#include <string>
#include <string_view>

#include "base/step.h"
#include "base/time.h"

namespace mailrig::client {

// How much of a server's text is kept and shown: a reply line has 512 octets at most (RFC 2449 §4).
inline constexpr std::size_t refusal_octets_max = 512;

struct Pop3Refusal {
  enum class Kind : std::uint8_t {
    authentication,  // counts towards ten
    app_password,    // this password will never do: an application-specific one is asked for
    basic_disabled,  // login by user name and password is switched off there, whatever the password
    unknown_user,    // about the user, the mailbox or the account; no password was judged
    unlock,          // the provider wants to see the user in a browser
    bandwidth,       // enough for today
    in_use,          // another session holds the maildrop
    login_delay,     // too soon after the last login
    temporary,       // the server's own trouble
    permanent,       // somebody has to change something on the server
    needs_tls,       // not without encryption
    no_login,        // no way to log in by user name and password; no password was judged
    unavailable,     // said instead of a greeting
    message,         // about this one message: it cannot be had
    message_gone,    // about this one message: it is not there any more
  };
  Kind kind = Kind::temporary;
  Step step = Step::none;
  bool known = false;                 // by its code or text; otherwise only by the place where it came
  std::string text = {};              // printable, without "-ERR"
  Duration retry_after = Duration{};  // where the text says so: "only every 15 minutes"
};

std::string_view to_string(Pop3Refusal::Kind kind);

/// The command itself is refused, not what it said: "-ERR unknown command". `text` as below.
bool is_unknown_command(std::string_view text);

/// `text` is what follows "-ERR", raw. `step`: where it came, Step::login for USER and PASS, Step::list for STAT, LIST
/// and UIDL, Step::retrieve for RETR and TOP.
Pop3Refusal classify_refusal(Step step, std::string_view text);

/// The answer to USER, or to AUTH before its response: no password was sent, so none was judged. Kind::unknown_user
/// where the text names the user, the mailbox or the account, Kind::no_login where it says nothing known; never
/// Kind::authentication.
Pop3Refusal classify_before_password(std::string_view text);

}  // namespace mailrig::client
