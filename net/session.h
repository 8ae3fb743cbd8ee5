#pragma once
/// A protocol without I/O: a session says what it wants next and is told what happened. See net/drive.h for the loop.
///
///   Action Pop3Quit::next() {
///     switch (state_) {
///       case State::start: state_ = State::greeted; return Receive{Step::greeting, 5s};
///       case State::greeted: state_ = State::left; return Send{Step::quit, "QUIT\r\n"};
///       default: return Done{};
///     } }

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/time.h"
#include "net/ending.h"

namespace mailrig {

/// The view is valid until the next call of next(). Bodies go in pieces of at most send_octets_max.
struct Send {
  Step step;
  std::string_view bytes;
};
inline constexpr std::size_t send_octets_max = 64 * 1024;

/// Some bytes, whatever arrives next.
struct Receive {
  Step step;
  Duration patience;
};
struct Wait {
  Step step;
  Duration span;
};
/// Make durable all that was handed over so far; a DELE comes only after the answer.
struct Commit {
  Step step;
};
struct StartTls {
  Duration patience = 60s;
};
struct Close {
  Ending ending = Ending::orderly;
};
struct Done {
  Status status = {};
};
using Action = std::variant<Send, Receive, Wait, Commit, StartTls, Close, Done>;

class Session {
 public:
  virtual ~Session() = default;
  /// Once at the start and once after each completed action; moves the state.
  virtual Action next() = 0;
  /// Completes a Receive. Any split; bodies are handed on to a sink in chunks, not collected.
  virtual void on_bytes(std::string_view bytes) = 0;
  virtual void on_committed(Status status) = 0;
  virtual void on_tls() = 0;
  /// An action failed. After it next() says what is left to do without the peer, and then Done.
  virtual void on_error(Error error) = 0;
  /// Exchanges finished since the start (a RETR with its whole message is one), so that pipelined ones get a latency
  /// each. 0 for a session that does not count: then an exchange is what lies between two Sends.
  virtual std::uint64_t exchanges() const { return 0; }
  /// Does what a Commit asks for: makes durable all that the session handed over, and says whether it is. A session
  /// that asks for Commit overrides it; one that does not is told of a failure, so that nothing is ever deleted on the
  /// strength of a commit that was not made.
  virtual Status commit();
};

}  // namespace mailrig
