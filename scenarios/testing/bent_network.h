#pragma once
/// Lies between the client and its links and bends what it says and hears: a client that is broken on purpose, as the
/// servers see it. What is under TLS passes as it is, since TLS is above.
///
///   struct Deaf : Bend { std::string heard(std::string_view) override { return {}; } };
///   BentNetwork network(world.network, {.bend = [](const Endpoint&) { return std::make_unique<Deaf>(); }});
///   World bent{world.loop, world.clock, world.calendar, network, world.prng, world.transcript};

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "net/network.h"
#include "net/stream_decorator.h"
#include "net/task.h"

namespace mailrig::scenarios::testing {

/// Of one connection. This one bends nothing.
class Bend {
 public:
  virtual ~Bend() = default;

  /// What goes out in place of what the client says; empty: nothing does, and the client believes that it did.
  virtual std::string said(std::string_view bytes) { return std::string(bytes); }
  /// What the client hears in place of what has arrived; empty: it waits on.
  virtual std::string heard(std::string_view bytes) { return std::string(bytes); }
  /// What the client hears before anything else arrives. Emptied by the call.
  virtual std::string made_up() { return {}; }
  /// What the client hears before it is told that the connection is lost. Emptied by the call.
  virtual std::string last_words() { return {}; }
  virtual Error lost(Error why) { return why; }
  virtual Moment patience(Moment deadline) { return deadline; }
};

/// Nothing: this connection is not bent.
using MakeBend = std::function<std::unique_ptr<Bend>(const Endpoint& to)>;

class BentStream final : public StreamDecorator {
 public:
  BentStream(std::unique_ptr<Stream> below, std::unique_ptr<Bend> bend)
      : StreamDecorator(std::move(below)), bend_(std::move(bend)) {}

  Task<Result<std::string_view>> read_some(Moment deadline) override {
    for (;;) {
      heard_ = bend_->made_up();
      if (!heard_.empty()) co_return std::string_view(heard_);
      if (lost_) co_return *lost_;
      Result<std::string_view> chunk = co_await below().read_some(bend_->patience(deadline));
      if (chunk) {
        heard_ = bend_->heard(*chunk);
      } else {
        lost_ = bend_->lost(chunk.error());
        heard_ = bend_->last_words();
      }
      if (!heard_.empty()) co_return std::string_view(heard_);
    }
  }

  Task<Status> write(std::string_view bytes, Moment deadline) override {
    const std::string out = bend_->said(bytes);
    Status sent;
    if (!out.empty()) sent = co_await below().write(out, deadline);
    co_return sent;
  }

 private:
  std::unique_ptr<Bend> bend_;
  std::string heard_;
  std::optional<Error> lost_;
};

struct NetworkFlaws {
  MakeBend bend = {};
  std::function<void()> on_connect = {};
  bool ignores_source = false;     // calls from wherever the machine likes
  bool connects_for_ever = false;  // waits for a connection that does not come
};

class BentNetwork final : public Network {
 public:
  BentNetwork(Network& network, NetworkFlaws flaws) : network_(network), flaws_(std::move(flaws)) {}

  Task<Result<std::unique_ptr<Stream>>> connect(Endpoint to, std::string source, Moment deadline) override {
    if (flaws_.on_connect) flaws_.on_connect();
    if (flaws_.ignores_source) source.clear();
    if (flaws_.connects_for_ever) deadline = Moment::max();
    Result<std::unique_ptr<Stream>> stream = co_await network_.connect(to, source, deadline);
    if (!stream || !flaws_.bend) co_return stream;
    std::unique_ptr<Bend> bend = flaws_.bend(to);
    if (!bend) co_return stream;
    std::unique_ptr<Stream> bent = std::make_unique<BentStream>(*std::move(stream), std::move(bend));
    co_return bent;
  }
  Result<std::unique_ptr<Listener>> listen(const Endpoint& at) override { return network_.listen(at); }

 private:
  Network& network_;
  NetworkFlaws flaws_;
};

}  // namespace mailrig::scenarios::testing
