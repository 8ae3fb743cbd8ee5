#pragma once
/// Virtual time: one thread, a queue of events, no waiting. Time moves only when nothing is left to do at the present
/// instant.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/clock.h"
#include "net/loop.h"

namespace mailrig::sim {

/// Something that happens at a moment. Intrusive: an object owns its events and cancels them when it goes.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  virtual ~Event();

 protected:
  virtual void fire() = 0;

 private:
  friend class EventQueue;
  static constexpr std::size_t not_queued = static_cast<std::size_t>(-1);
  class EventQueue* queue_ = nullptr;
  Moment at_{};
  std::uint64_t sequence_ = 0;
  std::size_t index_ = not_queued;
};

/// A binary heap that knows where each event stands: an abandoned deadline is taken out, or it would stretch virtual
/// time.
class EventQueue {
 public:
  ~EventQueue();
  void schedule(Event& event, Moment at);  // moves it when it is queued already
  void cancel(Event& event);
  bool empty() const { return heap_.empty(); }
  Moment next() const { return heap_.front()->at_; }
  void fire_next();

 private:
  bool before(const Event* a, const Event* b) const;
  void place(std::size_t index, Event* event);
  void sift_up(std::size_t index);
  void sift_down(std::size_t index);

  std::vector<Event*> heap_;
  std::uint64_t sequence_ = 0;
};

/// One who waits: named in the finding of a hang, ended by SimLoop::abandon(). Lives in the coroutine that waits.
class Waiting {
 public:
  Waiting(class SimLoop& loop, std::string_view what, std::unique_ptr<Resumption>& parked);
  ~Waiting();
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  friend class SimLoop;
  SimLoop& loop_;
  std::string_view what_;  // outlives the wait
  Moment since_;
  std::unique_ptr<Resumption>& parked_;
  Waiting* previous_ = nullptr;
  Waiting* next_ = nullptr;
};

class SimLoop final : public Loop, public Clock {
 public:
  SimLoop();
  ~SimLoop() override;

  Moment now() const override { return now_; }
  Task<void> sleep_until(Moment when) override;
  /// The same under the name of what is awaited, which must outlive the wait.
  Task<void> wait_until(Moment when, std::string_view what);
  void spawn(Task<void> task) override;
  LoopEnd run(Task<void> main_task, const LoopLimits& limits) override;

  EventQueue& events() { return events_; }

  /// In no time: a suspended coroutine owns what would resume it, so nothing else can free it.
  void abandon() override;

 private:
  friend class Waiting;
  struct Asio;  // the io_context that resumes coroutines

  LoopEnd ended(LoopEnd::Why why) const;

  Moment now_{};
  EventQueue events_;
  Waiting* waiting_ = nullptr;  // the latest; a list in the order of registration, the same in every run
  std::unique_ptr<Asio> asio_;
};

/// In sim the calendar is the deadline clock with a date.
class SimCalendar final : public Calendar {
 public:
  SimCalendar(SimLoop& loop, Instant start) : loop_(loop), start_(start) {}
  Instant now() const override { return start_ + loop_.now().time_since_epoch(); }
  Task<void> move_to(Instant when) override;

 private:
  SimLoop& loop_;
  Instant start_;
};

}  // namespace mailrig::sim
