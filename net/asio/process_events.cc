#include "net/asio/process_events.h"

#include <poll.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "net/asio/asio_core.h"
#include "net/task.h"

namespace mailrig {

namespace asio = boost::asio;

// --- Signals ---

struct StopSignals::State : std::enable_shared_from_this<StopSignals::State> {
  explicit State(AsioCore& core) : signals(core.context, SIGINT, SIGTERM), arrived(core) {}

  void watch() {
    // Not a shared_ptr: what waits here holds the signal set's memory, and the two would keep each other for ever.
    signals.async_wait([waiting = weak_from_this()](const boost::system::error_code& cancelled, int number) {
      const std::shared_ptr<State> self = waiting.lock();
      if (cancelled || self == nullptr) return;
      self->last = number;
      self->arrived.wake();
      self->watch();
    });
  }

  asio::signal_set signals;
  WaitPoint arrived;
  int last = 0;  // the latest that nobody has been told of
};

StopSignals::StopSignals(AsioLoop& loop) : state_(std::make_shared<State>(loop.core())) { state_->watch(); }

StopSignals::~StopSignals() {
  boost::system::error_code ignored;
  state_->signals.clear(ignored);
  state_->signals.cancel(ignored);
}

Task<int> StopSignals::wait() {
  const std::shared_ptr<State> state = state_;
  while (state->last == 0) co_await state->arrived.wait("the program waits for SIGINT or SIGTERM");
  co_return std::exchange(state->last, 0);
}

// --- Lines ---

struct InputLines::State : std::enable_shared_from_this<InputLines::State> {
  State(AsioCore& core, int descriptor) : number(descriptor), input(core.context), readable(core) {}

  bool is_ready() const {
    pollfd asked{number, POLLIN, 0};
    return ::poll(&asked, 1, 0) != 0;
  }
  /// False when epoll cannot watch it (a file); then it is always ready.
  bool watch() {
    boost::system::error_code error;
    // A copy of the descriptor: Asio closes what it is given. Its mode stays as it is, since others share it.
    if (!input.is_open()) input.assign(::dup(number), error);
    if (error) return false;
    input.async_wait(asio::posix::descriptor_base::wait_read,
                     [self = shared_from_this()](const boost::system::error_code&) { self->readable.wake(); });
    return true;
  }

  int number;
  asio::posix::stream_descriptor input;
  WaitPoint readable;
  std::string pending;
  bool ended = false;
};

InputLines::InputLines(AsioLoop& loop, int descriptor) : state_(std::make_shared<State>(loop.core(), descriptor)) {}

InputLines::~InputLines() {
  boost::system::error_code ignored;
  state_->input.close(ignored);
}

Task<Result<std::string>> InputLines::next() {
  const std::shared_ptr<State> state = state_;
  for (;;) {
    std::size_t end = state->pending.find('\n');
    if (end == std::string::npos && state->ended && !state->pending.empty()) end = state->pending.size();
    if (end <= line_octets_max) {  // npos is not
      std::string line = state->pending.substr(0, end);
      state->pending.erase(0, end + 1);
      if (line.ends_with('\r')) line.pop_back();
      co_return line;
    }
    if (state->pending.size() > line_octets_max) {
      state->pending.clear();
      state->ended = true;
      co_return Error{Errc::limit_exceeded,
                      "a line of the input is longer than 4096 octets; nothing more is read from it"};
    }
    if (state->ended) co_return Error{Errc::end_of_stream, "the input was closed"};
    if (!state->is_ready() && state->watch()) {
      co_await state->readable.wait("the program waits for a line of input");
      continue;
    }
    char bytes[1024];
    ssize_t octets = ::read(state->number, bytes, sizeof bytes);
    if (octets < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (octets < 0)
      co_return Error{Errc::environment, std::string("the input cannot be read: ") + std::strerror(errno)};
    state->ended = octets == 0;
    state->pending.append(bytes, static_cast<std::size_t>(octets));
  }
}

}  // namespace mailrig
