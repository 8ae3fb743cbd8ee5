#pragma once
/// Where streams come from: connect and listen, in either world.
///
///   Result<std::unique_ptr<Stream>> stream = co_await network.connect({"pop.isp.test", 995}, {}, clock.now() + 30s);

#include <cstdint>
#include <memory>
#include <string>

#include "net/stream.h"

namespace mailrig {

struct Endpoint {
  Endpoint() = default;
  // Not an aggregate: g++ 12 destroys an aggregate temporary twice when it is an argument inside a co_await (GCC bug
  // 99576).
  Endpoint(std::string the_host, std::uint16_t the_port) : host(std::move(the_host)), port(the_port) {}

  std::string host;  // a name or an address literal, IPv6 without brackets
  std::uint16_t port = 0;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};
/// "pop.isp.test:995", "[::1]:995"
std::string to_string(const Endpoint& endpoint);
/// Reads HOST:PORT and [V6]:PORT. Error bad_input.
Result<Endpoint> parse_endpoint(std::string_view text);

class Listener {
 public:
  virtual ~Listener() = default;
  /// The next connection; waits on while connections are refused; `cancelled` once stopped.
  virtual Task<Result<std::unique_ptr<Stream>>> accept() = 0;
  /// Refuses connections (RST to SYN) or takes them again. The port stays ours.
  virtual void refuse(bool refused) = 0;
  /// For good: accept() ends and connections are refused.
  virtual void stop() = 0;
  /// With the port that was really taken.
  virtual Endpoint local() const = 0;
};

class Network {
 public:
  virtual ~Network() = default;
  /// Tries the addresses of the name in turn. `source` is an address to call from, or empty.
  /// Errors: connection_refused, unreachable, timed_out, cancelled.
  virtual Task<Result<std::unique_ptr<Stream>>> connect(Endpoint to, std::string source, Moment deadline) = 0;
  /// Port 0 takes any free one. Error environment: the port is taken, the address is not ours; the message says which.
  virtual Result<std::unique_ptr<Listener>> listen(const Endpoint& at) = 0;
};

}  // namespace mailrig
