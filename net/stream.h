#pragma once
/// A connection's byte stream, the same over TCP, a simulated link, TLS or a fault decorator.
///
///   Result<std::string_view> chunk = co_await stream.read_some(clock.now() + 30s);
///   if (!chunk) co_return chunk.error();      // timed_out, end_of_stream, reset, truncated, cancelled
///   Status sent = co_await stream.write("QUIT\r\n", clock.now() + 30s);
///
/// One reader and one writer at a time. A stream destroyed while open resets its connection.

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "net/ending.h"
#include "net/task_fwd.h"

namespace mailrig {

class Stream {
 public:
  virtual ~Stream() = default;

  /// What arrived next, at least one octet. The view is valid until the next call of read_some.
  virtual Task<Result<std::string_view>> read_some(Moment deadline) = 0;

  /// Returns when the stream has taken all of it.
  virtual Task<Status> write(std::string_view bytes, Moment deadline) = 0;

  /// The same for bytes that stand for something else: `charged` octets are what a simulated link counts and delays
  /// them as, and it delivers them whole. TLS uses it, since the size of ciphertext differs from run to run.
  virtual Task<Status> write_unit(std::string_view bytes, std::size_t charged, Moment deadline);

  /// Octets after which a simulated link splits what is written, so that TLS can cut its records there; max: never.
  virtual std::size_t split_octets() const { return std::numeric_limits<std::size_t>::max(); }

  /// Upgrades in place. Bytes read before but not yet consumed are the caller's to discard (STLS injection,
  /// CVE-2011-0411); bytes of the peer that the stream itself still holds go to the handshake. Errors:
  /// certificate_refused and tls_failed with Error::reason naming the class; timed_out; reset; internal where the
  /// stream has no TLS to offer.
  virtual Task<Status> start_tls(Moment deadline);
  virtual bool is_tls() const { return false; }

  virtual Task<Status> close(Ending ending, Moment deadline) = 0;

  /// Makes pending and later calls on this stream fail with `cancelled`, and resets. For stopping a server.
  virtual void abort() = 0;

  /// Where the peer calls from: "127.0.0.2:40001", "[::1]:40001". For logs and for rules by source address.
  virtual std::string peer() const = 0;
};

}  // namespace mailrig
