#include "net/asio/asio_stream.h"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <optional>
#include <utility>

#include "net/network.h"
#include "net/task.h"

namespace mailrig {
namespace {

namespace asio = boost::asio;

// What one read takes at most: four full records of TLS, or some six messages of mail.
constexpr std::size_t read_octets_max = 64 * 1024;
// What an orderly close throws away of what the peer sent in vain, so that the kernel need not answer it with RST,
// which could overtake our last words.
constexpr std::size_t drain_octets_max = 1024 * 1024;

Error told(const boost::system::error_code& error) {
  if (error == asio::error::eof) return {Errc::end_of_stream, "the peer closed the connection"};
  if (error == asio::error::connection_reset || error == asio::error::broken_pipe ||
      error == asio::error::connection_aborted)
    return {Errc::reset, "the connection was reset by the peer"};
  if (error == asio::error::timed_out) return {Errc::timed_out, "the peer's machine does not answer any more"};
  return {Errc::unreachable, "the connection failed: " + error.message()};
}
Error aborted() { return {Errc::cancelled, "the connection is being taken down"}; }

bool must_wait(const boost::system::error_code& error) {
  return error == asio::error::would_block || error == asio::error::try_again;
}

}  // namespace

// --- The socket ---

Task<void> AsioSocket::wait(Direction direction, Moment deadline) {
  bool& watched = watched_[static_cast<std::size_t>(direction)];
  if (!watched) {  // else one that was timed out still watches
    watched = true;
    auto type = direction == Direction::read ? asio::socket_base::wait_read : asio::socket_base::wait_write;
    socket.async_wait(type, [self = shared_from_this(), direction](const boost::system::error_code&) {
      self->watched_[static_cast<std::size_t>(direction)] = false;
      self->point(direction).wake();
    });
  }
  timer_.arm(deadline, shared_from_this());
  return point(direction).wait(direction == Direction::read ? "a connection waits for bytes of its peer"
                                                            : "a connection waits for its peer to read",
                               deadline);
}

Task<boost::system::error_code> AsioSocket::connect(asio::ip::tcp::endpoint to, Moment deadline) {
  auto answer = std::make_shared<std::optional<boost::system::error_code>>();
  socket.async_connect(to, [self = shared_from_this(), answer](const boost::system::error_code& error) {
    *answer = error;
    self->writer_.wake();
  });
  timer_.arm(deadline, shared_from_this());
  while (!*answer && core_.now() < deadline) co_await writer_.wait("a connection is being made", deadline);
  co_return answer->value_or(asio::error::timed_out);
}

void AsioSocket::on_deadline() {
  Moment now = core_.now();
  auto self = shared_from_this();  // whoever is woken may let go of the socket
  for (WaitPoint* waiting : {&reader_, &writer_})
    if (waiting->deadline() <= now) waiting->wake();
  timer_.arm(std::min(reader_.deadline(), writer_.deadline()), self);
}

void AsioSocket::reset() {
  boost::system::error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
  timer_.cancel();
}

void AsioSocket::abort() {
  auto self = shared_from_this();
  aborted_ = true;
  reset();
  reader_.wake();
  writer_.wake();
}

// --- The stream ---

AsioStream::AsioStream(std::shared_ptr<AsioSocket> socket) : socket_(std::move(socket)) {
  boost::system::error_code ignored;
  socket_->socket.non_blocking(true, ignored);
  socket_->socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  peer_ = address_text(socket_->socket.remote_endpoint(ignored));
}

AsioStream::~AsioStream() {
  if (!socket_->socket.is_open()) return;
  boost::system::error_code error;
  if (!closed_) {
    socket_->reset();
    return;
  }
  char thrown_away[16 * 1024];
  for (std::size_t drained = 0; !error && drained < drain_octets_max;)
    drained += socket_->socket.read_some(asio::buffer(thrown_away), error);
  socket_->socket.close(error);
}

Task<Result<std::string_view>> AsioStream::read_some(Moment deadline) {
  if (!buffer_) buffer_ = std::make_unique_for_overwrite<char[]>(read_octets_max);
  for (;;) {
    if (socket_->is_aborted() || !socket_->socket.is_open()) co_return aborted();
    boost::system::error_code error;
    std::size_t octets = socket_->socket.read_some(asio::buffer(buffer_.get(), read_octets_max), error);
    if (!error) co_return std::string_view(buffer_.get(), octets);
    if (!must_wait(error)) co_return told(error);
    if (socket_->now() >= deadline) co_return Error{Errc::timed_out, "nothing arrived in time"};
    co_await socket_->wait(AsioSocket::Direction::read, deadline);
  }
}

Task<Status> AsioStream::write(std::string_view bytes, Moment deadline) {
  if (closed_) co_return Error{Errc::cancelled, "written after the connection was closed on this side"};
  while (!bytes.empty()) {
    if (socket_->is_aborted()) co_return aborted();
    boost::system::error_code error;
    std::size_t octets = socket_->socket.write_some(asio::buffer(bytes), error);
    bytes.remove_prefix(octets);
    if (!error) continue;
    if (!must_wait(error)) co_return told(error);
    if (socket_->now() >= deadline) co_return Error{Errc::timed_out, "the peer took nothing more in time"};
    co_await socket_->wait(AsioSocket::Direction::write, deadline);
  }
  co_return Status{};
}

Task<Status> AsioStream::close(Ending ending, Moment /*deadline*/) {
  closed_ = true;
  if (ending == Ending::reset) {
    socket_->reset();
    co_return Status{};
  }
  boost::system::error_code error;
  socket_->socket.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  // Half open: the peer's last words can still be read, until the stream goes.
  co_return Status{};
}

void AsioStream::abort() { socket_->abort(); }

std::string address_text(const asio::ip::tcp::endpoint& endpoint) {
  asio::ip::address address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return to_string(Endpoint(address.to_string(), endpoint.port()));
}

}  // namespace mailrig
