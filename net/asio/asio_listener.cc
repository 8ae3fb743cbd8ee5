#include "net/asio/asio_listener.h"

#include <fmt/format.h>

#include "net/asio/asio_stream.h"
#include "net/task.h"

namespace mailrig {

namespace asio = boost::asio;
using boost::system::error_code;

error_code AsioPort::open(const asio::ip::tcp::endpoint& where) {
  error_code error;
  holder_.open(where.protocol(), error);
  // Both sockets need it, to share the port while one of them does not listen; two that listen are still refused by the
  // kernel.
  if (!error) holder_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) holder_.bind(where, error);
  if (!error) at = holder_.local_endpoint(error);
  return error ? error : listen();
}

error_code AsioPort::listen() {
  error_code error;
  if (stopped || acceptor.is_open()) return error;
  acceptor.open(at.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(at, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  changed.wake();
  return error;
}

void AsioPort::refuse() {
  error_code ignored;
  acceptor.close(ignored);  // resets what the kernel took but nobody accepted yet
}

void AsioPort::stop() {
  auto self = shared_from_this();
  stopped = true;
  refuse();
  error_code ignored;
  holder_.close(ignored);
  changed.wake();
}

Task<void> AsioPort::wait() {
  if (acceptor.is_open())
    acceptor.async_wait(asio::socket_base::wait_read,
                        [self = shared_from_this()](const error_code&) { self->changed.wake(); });
  return changed.wait("a server waits for connections");
}

Task<Result<std::unique_ptr<Stream>>> AsioListener::accept() {
  const std::shared_ptr<AsioPort> port = port_;  // the listener may be gone when this goes on
  AsioCore& core = core_;
  while (!port->stopped) {
    if (port->acceptor.is_open()) {
      auto socket = std::make_shared<AsioSocket>(core);
      error_code error;
      port->acceptor.accept(socket->socket, error);
      if (!error) co_return std::unique_ptr<Stream>(std::make_unique<AsioStream>(std::move(socket)));
      bool gone_again = error == asio::error::connection_aborted || error == asio::error::interrupted;
      if (gone_again) continue;
      if (error != asio::error::would_block && error != asio::error::try_again)
        co_return Error{
            Errc::environment,
            fmt::format("no connection can be taken at {}: {}; raise the limit of open files (ulimit -n) if that is it",
                        address_text(port->at), error.message()),
            Step::connect};
    }
    co_await port->wait();
  }
  co_return Error{Errc::cancelled, "the listener was stopped"};
}

void AsioListener::refuse(bool refused) {
  if (refused) return port_->refuse();
  // The port is held, so listening again can only fail where the machine is out of sockets; accept() then goes on
  // waiting, and clients are refused, which the story shows.
  error_code ignored = port_->listen();
  static_cast<void>(ignored);
}

Endpoint AsioListener::local() const { return {port_->at.address().to_string(), port_->at.port()}; }

}  // namespace mailrig
