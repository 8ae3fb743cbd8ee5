#pragma once
/// How a connection is ended; see Stream::close (net/stream.h) and Close (net/session.h).

#include <cstdint>

namespace mailrig {

enum class Ending : std::uint8_t {
  orderly,          // close_notify under TLS, then FIN
  no_close_notify,  // FIN alone: a truncation under TLS (RFC 8446 §6.1), the same as orderly without it
  reset,            // RST
};

}  // namespace mailrig
