#pragma once
/// TCP over IPv4 and IPv6.
///
///   AsioNetwork network(loop);
///   Result<std::unique_ptr<Listener>> listener = network.listen({"127.0.0.1", 0});
///   Result<std::unique_ptr<Stream>> stream = co_await network.connect(listener.value()->local(), "127.0.0.2",
///   loop.now() + 5s);
///
/// Address literals and localhost (RFC 6761 §6.3) are never looked up. Other names are, on a thread of Asio's resolver
/// that ends with the loop. Of several addresses each gets its share of the time that is left.

#include <vector>

#include "net/asio/asio_loop.h"
#include "net/network.h"

namespace mailrig {

class AsioNetwork final : public Network {
 public:
  explicit AsioNetwork(AsioLoop& loop) : core_(loop.core()) {}

  Task<Result<std::unique_ptr<Stream>>> connect(Endpoint to, std::string source, Moment deadline) override;
  Result<std::unique_ptr<Listener>> listen(const Endpoint& at) override;

 private:
  AsioCore& core_;
};

}  // namespace mailrig
