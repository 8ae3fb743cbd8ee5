#pragma once
/// Real time and real sockets on one thread: a Loop and its Clock. The zero of the clock is when the loop was made.
///
///   AsioLoop loop;
///   AsioNetwork network(loop);
///   LoopEnd end = loop.run(serve(network), {.out_of_time = [&] { return watch.is_over(); }});
///
/// run() looks at out_of_time and at interrupt() about every 50 ms. It takes no notice of the limits of virtual time.

#include <memory>

#include "net/clock.h"
#include "net/loop.h"

namespace mailrig {

class AsioCore;  // net/asio/asio_core.h

class AsioLoop final : public Loop, public Clock {
 public:
  AsioLoop();
  ~AsioLoop() override;
  AsioLoop(const AsioLoop&) = delete;
  AsioLoop& operator=(const AsioLoop&) = delete;

  Moment now() const override;
  Task<void> sleep_until(Moment when) override;
  void spawn(Task<void> task) override;
  LoopEnd run(Task<void> main_task, const LoopLimits& limits) override;

  /// Makes the present run, or the next one, end soon as interrupted. May be called by a signal handler or another
  /// thread.
  void interrupt();

  void abandon() override;

  AsioCore& core() { return *core_; }

 private:
  std::unique_ptr<AsioCore> core_;
};

}  // namespace mailrig
