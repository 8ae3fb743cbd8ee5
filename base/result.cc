#include "base/result.h"

#include <fmt/format.h>

#include <stdexcept>

namespace mailrig {

Blame Error::blame() const {
  switch (code) {
    case Errc::connection_refused:
    case Errc::unreachable:
    case Errc::reset:
    case Errc::timed_out: return Blame::network;
    case Errc::end_of_stream:
    case Errc::truncated:
    case Errc::certificate_refused:
    case Errc::tls_failed:
    case Errc::peer_protocol:
    case Errc::peer_refused:
    case Errc::limit_exceeded: return Blame::peer;
    case Errc::bad_input: return Blame::user;
    case Errc::environment: return Blame::environment;
    case Errc::cancelled:
    case Errc::internal: return Blame::rig;
  }
  return Blame::rig;
}

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::connection_refused: return "connection-refused";
    case Errc::unreachable: return "unreachable";
    case Errc::reset: return "reset";
    case Errc::end_of_stream: return "end-of-stream";
    case Errc::truncated: return "truncated";
    case Errc::timed_out: return "timed-out";
    case Errc::cancelled: return "cancelled";
    case Errc::certificate_refused: return "certificate-refused";
    case Errc::tls_failed: return "tls-failed";
    case Errc::peer_protocol: return "peer-protocol";
    case Errc::peer_refused: return "peer-refused";
    case Errc::limit_exceeded: return "limit-exceeded";
    case Errc::bad_input: return "bad-input";
    case Errc::environment: return "environment";
    case Errc::internal: return "internal";
  }
  return "internal";
}

std::string_view to_string(Blame blame) {
  switch (blame) {
    case Blame::peer: return "peer";
    case Blame::network: return "network";
    case Blame::user: return "user";
    case Blame::environment: return "environment";
    case Blame::rig: return "mailrig";
  }
  return "mailrig";
}

std::string to_string(const Error& error) {
  if (error.step == Step::none) return error.message;
  return fmt::format("{}: {}", to_string(error.step), error.message);
}

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
  throw std::logic_error(fmt::format("{}:{}: a result was used that holds an error: {}", where.file_name(),
                                     where.line(), to_string(error)));
}

}  // namespace mailrig
