#pragma once
/// A listening port. For .cc files of net/asio only.

#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "net/asio/asio_core.h"
#include "net/network.h"

namespace mailrig {

/// Two sockets share the port: one listens, and while connections are refused it is closed; the other is only bound, so
/// that the port stays ours meanwhile.
class AsioPort : public std::enable_shared_from_this<AsioPort> {
 public:
  explicit AsioPort(AsioCore& core) : acceptor(core.context), changed(core), holder_(core.context) {}

  boost::system::error_code open(const boost::asio::ip::tcp::endpoint& where);
  boost::system::error_code listen();
  void refuse();
  void stop();
  Task<void> wait();

  boost::asio::ip::tcp::endpoint at;
  boost::asio::ip::tcp::acceptor acceptor;
  WaitPoint changed;  // a connection has come, or the port was closed
  bool stopped = false;

 private:
  boost::asio::ip::tcp::socket holder_;
};

class AsioListener final : public Listener {
 public:
  AsioListener(AsioCore& core, std::shared_ptr<AsioPort> port) : core_(core), port_(std::move(port)) {}
  ~AsioListener() override { port_->stop(); }

  Task<Result<std::unique_ptr<Stream>>> accept() override;
  void refuse(bool refused) override;
  void stop() override { port_->stop(); }
  Endpoint local() const override;

 private:
  AsioCore& core_;
  std::shared_ptr<AsioPort> port_;
};

}  // namespace mailrig
