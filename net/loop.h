#pragma once
/// A Loop runs tasks on one thread; a Signal lets one task wait for another.
///
///   Signal polled;
///   loop.spawn(poll_all(accounts, polled));
///   co_await polled.wait();

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "net/task_fwd.h"

namespace mailrig {

/// Bounds of a run; whichever is passed first ends it as a hang.
struct LoopLimits {
  std::function<bool()> out_of_time = {};         // asked now and then: has this run used up its real time (--timeout)?
  Duration virtual_span = Duration::max();        // sim: how far virtual time may go
  std::size_t events_at_one_instant = 4'000'000;  // sim: a story that goes round without time passing
};

struct LoopEnd {
  enum class Why : std::uint8_t { finished, stalled, span_passed, event_storm, cpu_time, interrupted };
  Why why = Why::finished;
  std::vector<std::string> waiting;  // who waited for what, since when; empty when finished
};

class Loop {
 public:
  virtual ~Loop() = default;
  /// Starts the task beside the others; it must end by itself or at stop().
  virtual void spawn(Task<void> task) = 0;
  /// Runs until `main_task` has ended or a limit is passed. Tasks that are still alive stay suspended.
  virtual LoopEnd run(Task<void> main_task, const LoopLimits& limits) = 0;
  /// Ends every task that still waits, by destroying its coroutine. To be called while everything that the tasks refer
  /// to still exists: TaskEnd does so by its place among the members.
  virtual void abandon() = 0;
};

/// Ends the tasks of a loop when it is destroyed. What spawns tasks that refer to it has one as its last member, so
/// that the tasks go first, on every way out:
///
///   Session session_;
///   TaskEnd task_end_;        // last: the tasks use session_
class TaskEnd {
 public:
  explicit TaskEnd(Loop& loop) : loop_(loop) {}
  ~TaskEnd() { loop_.abandon(); }
  TaskEnd(const TaskEnd&) = delete;
  TaskEnd& operator=(const TaskEnd&) = delete;

 private:
  Loop& loop_;
};

/// A suspended coroutine, kept until somebody resumes it. Destroying it ends the coroutine.
class Resumption {
 public:
  virtual ~Resumption() = default;
  virtual void resume() = 0;
};
class Signal {
 public:
  /// Returns at the next notify_all().
  Task<void> wait();
  void notify_all();

 private:
  std::vector<std::unique_ptr<Resumption>> waiting_;
};

}  // namespace mailrig
