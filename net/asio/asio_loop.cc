#include "net/asio/asio_loop.h"

#include <boost/asio/co_spawn.hpp>

#include "net/asio/asio_core.h"
#include "net/task.h"

namespace mailrig {
namespace {

constexpr Duration look_around_every = 50ms;  // soon for a person who pressed ^C, rare for the processor

void rethrow(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
}

struct Sleeper {
  explicit Sleeper(AsioCore& core) : slept(core), timer(core) {}
  void on_deadline() { slept.wake(); }

  WaitPoint slept;
  DeadlineTimer timer;
};

}  // namespace

AsioLoop::AsioLoop() : core_(std::make_unique<AsioCore>()) {}
AsioLoop::~AsioLoop() = default;

Moment AsioLoop::now() const { return core_->now(); }

Task<void> AsioLoop::sleep_until(Moment when) {
  if (when <= core_->now()) co_return;
  auto sleeper = std::make_shared<Sleeper>(*core_);
  sleeper->timer.arm(when, sleeper);
  struct Leave {  // also when the task is ended while it sleeps
    DeadlineTimer& timer;
    ~Leave() { timer.cancel(); }
  } leave{sleeper->timer};
  co_await sleeper->slept.wait("a task sleeps");
}

void AsioLoop::spawn(Task<void> task) { boost::asio::co_spawn(core_->context, std::move(task), rethrow); }

LoopEnd AsioLoop::run(Task<void> main_task, const LoopLimits& limits) {
  auto finished = std::make_shared<bool>(false);  // a task that outlives this run may still set it
  auto ended = [&](LoopEnd::Why why) { return LoopEnd{why, core_->waiting()}; };
  boost::asio::co_spawn(core_->context, std::move(main_task),
                        [finished, core = core_.get()](std::exception_ptr failure) {
                          *finished = true;
                          core->context.stop();
                          rethrow(failure);
                        });
  for (;;) {
    core_->context.restart();
    core_->context.run_for(look_around_every);
    if (*finished) return {LoopEnd::Why::finished, {}};
    if (core_->interrupted.exchange(false)) return ended(LoopEnd::Why::interrupted);
    if (limits.out_of_time && limits.out_of_time()) return ended(LoopEnd::Why::cpu_time);
  }
}

void AsioLoop::interrupt() { core_->interrupted = true; }
void AsioLoop::abandon() { core_->abandon(); }

}  // namespace mailrig
