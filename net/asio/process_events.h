#pragma once
/// What a person tells a running program, as things to wait for: a signal to stop, lines on standard input.
///
///   StopSignals stop(loop);
///   int number = co_await stop.wait();           // SIGINT or SIGTERM; while this object lives they do not end the
///   process InputLines input(loop); Result<std::string> line = co_await input.next();      // end_of_stream when the
///   input is closed

#include <memory>
#include <string>

#include "base/result.h"
#include "net/asio/asio_loop.h"

namespace mailrig {

class StopSignals {
 public:
  explicit StopSignals(AsioLoop& loop);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// The number of the next signal.
  Task<int> wait();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

class InputLines {
 public:
  static constexpr std::size_t line_octets_max = 4096;  // a step is a few words; more is no line that a person typed

  /// Reads from `descriptor` (standard input by default) and leaves it open and unchanged.
  explicit InputLines(AsioLoop& loop, int descriptor = 0);
  ~InputLines();
  InputLines(const InputLines&) = delete;
  InputLines& operator=(const InputLines&) = delete;

  /// The next line without its end; the last one may lack it. Errors: end_of_stream, limit_exceeded, environment.
  Task<Result<std::string>> next();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mailrig
