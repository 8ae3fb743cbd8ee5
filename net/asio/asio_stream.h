#pragma once
/// A connected socket as a Stream. For .cc files of net/asio only.

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "net/asio/asio_core.h"
#include "net/stream.h"

namespace mailrig {

/// What the handlers of a socket hold: it lives until the last of them has run, the stream only as long as its owner
/// likes.
class AsioSocket : public std::enable_shared_from_this<AsioSocket> {
 public:
  enum class Direction : std::uint8_t { read, write };

  explicit AsioSocket(AsioCore& core) : socket(core.context), core_(core), reader_(core), writer_(core), timer_(core) {}

  /// Returns when the socket is ready, the deadline has passed or the stream was aborted: try again, then look why.
  Task<void> wait(Direction direction, Moment deadline);
  /// The error of the connection; timed_out when the deadline passed first.
  Task<boost::system::error_code> connect(boost::asio::ip::tcp::endpoint to, Moment deadline);

  void reset();  // closes with RST
  void abort();
  bool is_aborted() const { return aborted_; }
  Moment now() const { return core_.now(); }
  void on_deadline();

  boost::asio::ip::tcp::socket socket;

 private:
  WaitPoint& point(Direction direction) { return direction == Direction::read ? reader_ : writer_; }

  AsioCore& core_;
  WaitPoint reader_;
  WaitPoint writer_;
  DeadlineTimer timer_;
  bool watched_[2] = {false, false};  // by direction: a handler of Asio's is under way
  bool aborted_ = false;
};

class AsioStream final : public Stream {
 public:
  /// `socket` is connected.
  explicit AsioStream(std::shared_ptr<AsioSocket> socket);
  ~AsioStream() override;

  Task<Result<std::string_view>> read_some(Moment deadline) override;
  Task<Status> write(std::string_view bytes, Moment deadline) override;
  Task<Status> close(Ending ending, Moment deadline) override;
  void abort() override;
  std::string peer() const override { return peer_; }

 private:
  std::shared_ptr<AsioSocket> socket_;
  std::string peer_;
  std::unique_ptr<char[]> buffer_;
  bool closed_ = false;  // on this side
};

/// "127.0.0.1:995", "[::1]:995"; an IPv4 address that came in by IPv6 is told as IPv4.
std::string address_text(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace mailrig
