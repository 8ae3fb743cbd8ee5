#pragma once
/// Errors are values: whose fault it is, at which step, what was said, and the bytes (escaped).
///
///   Result<MessageNumber> number = parse_message_number(word);
///   if (!number) return number.error();
///
/// Nothing in this project throws across a function of its own; a library's exceptions end in the file that called it.

#include <boost/system/result.hpp>
#include <string>
#include <string_view>

#include "base/step.h"

namespace mailrig {

enum class Errc : std::uint8_t {
  // The network and the peer's conduct on it.
  connection_refused,
  unreachable,    // no such name, no route
  reset,          // the peer (or a fault) cut the connection
  end_of_stream,  // orderly end: FIN, and close_notify under TLS
  truncated,      // TLS ended without close_notify (RFC 8446 §6.1)
  timed_out,      // patience for one reply, or the budget of a session, ran out
  cancelled,      // we were told to stop
  // TLS. Error::reason names the certificate class (net/tls/certificate_class.h).
  certificate_refused,
  tls_failed,
  // The dialogue.
  peer_protocol,   // the peer broke its protocol
  peer_refused,    // the peer said no in good order (-ERR, 4xx, 5xx)
  limit_exceeded,  // a named limit of ours was passed by the peer
  // This side.
  bad_input,    // a scenario, a file or an argument is wrong
  environment,  // the machine: a file, a port, a database
  internal,     // a fault of mailrig itself
};

/// Who has to act.
enum class Blame : std::uint8_t { peer, network, user, environment, rig };

struct Error {
  Errc code = Errc::internal;
  std::string message;     // one sentence, control bytes already escaped, no secret
  Step step = Step::none;  // what was going on
  std::string reason =
      {};  // a stable word for programs where the code is too coarse: "self-signed", "AUTH", "550 5.4.5"

  Blame blame() const;
  Error at(Step where) && {
    if (step == Step::none) step = where;
    return std::move(*this);
  }
};

std::string_view to_string(Errc code);
std::string_view to_string(Blame blame);
/// "retrieve: the connection was reset by the peer"
std::string to_string(const Error& error);

template <class T>
using Result = boost::system::result<T, Error>;
using Status = Result<void>;

/// Called by value() on an error: a fault of the caller, who did not ask first.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

}  // namespace mailrig
