#include "net/sim/sim_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "net/suspend.h"

namespace mailrig::sim {

Event::~Event() {
  if (queue_ != nullptr) queue_->cancel(*this);
}

EventQueue::~EventQueue() {
  for (Event* event : heap_) {
    event->queue_ = nullptr;
    event->index_ = Event::not_queued;
  }
}

bool EventQueue::before(const Event* a, const Event* b) const {
  return a->at_ != b->at_ ? a->at_ < b->at_ : a->sequence_ < b->sequence_;
}

void EventQueue::place(std::size_t index, Event* event) {
  heap_[index] = event;
  event->index_ = index;
}

void EventQueue::sift_up(std::size_t index) {
  Event* event = heap_[index];
  while (index > 0) {
    std::size_t parent = (index - 1) / 2;
    if (!before(event, heap_[parent])) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, event);
}

void EventQueue::sift_down(std::size_t index) {
  Event* event = heap_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], event)) break;
    place(index, heap_[child]);
    index = child;
  }
  place(index, event);
}

void EventQueue::schedule(Event& event, Moment at) {
  cancel(event);
  event.queue_ = this;
  event.at_ = at;
  event.sequence_ = ++sequence_;  // events of one instant fire in the order in which they were asked for
  heap_.push_back(&event);
  event.index_ = heap_.size() - 1;
  sift_up(event.index_);
}

void EventQueue::cancel(Event& event) {
  if (event.index_ == Event::not_queued) return;
  std::size_t index = event.index_;
  event.index_ = Event::not_queued;
  Event* last = heap_.back();
  heap_.pop_back();
  if (last == &event) return;
  place(index, last);
  sift_up(index);
  sift_down(last->index_);
}

void EventQueue::fire_next() {
  Event* event = heap_.front();
  cancel(*event);
  event->fire();
}

struct SimLoop::Asio {
  boost::asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
};

SimLoop::SimLoop() : asio_(std::make_unique<Asio>()) {}

SimLoop::~SimLoop() { abandon(); }

Waiting::Waiting(SimLoop& loop, std::string_view what, std::unique_ptr<Resumption>& parked)
    : loop_(loop), what_(what), since_(loop.now()), parked_(parked), next_(loop.waiting_) {
  if (next_ != nullptr) next_->previous_ = this;
  loop_.waiting_ = this;
}

Waiting::~Waiting() {
  if (next_ != nullptr) next_->previous_ = previous_;
  (previous_ != nullptr ? previous_->next_ : loop_.waiting_) = next_;
}

void SimLoop::abandon() {
  // The end of one coroutine may make another wait anew: go on until nobody does.
  while (waiting_ != nullptr) {
    {
      std::unique_ptr<Resumption> ended = std::move(waiting_->parked_);
    }  // posts the end of its coroutine
    asio_->context.restart();
    asio_->context.poll();
  }
}

namespace {
class Alarm final : public Event {
 public:
  std::unique_ptr<Resumption> sleeper;

 private:
  void fire() override {
    std::unique_ptr<Resumption> woken = std::move(sleeper);
    woken->resume();
  }
};
}  // namespace

Task<void> SimLoop::sleep_until(Moment when) { return wait_until(when, "a task sleeps"); }

Task<void> SimLoop::wait_until(Moment when, std::string_view what) {
  if (when <= now_) co_return;
  Alarm alarm;
  const Waiting waiting(*this, what, alarm.sleeper);
  co_await suspend_with([&](std::unique_ptr<Resumption> resumption) {
    alarm.sleeper = std::move(resumption);
    if (when != never) events_.schedule(alarm, when);
  });
}

void SimLoop::spawn(Task<void> task) {
  boost::asio::co_spawn(asio_->context, std::move(task), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
}

LoopEnd SimLoop::ended(LoopEnd::Why why) const {
  LoopEnd end{why, {}};
  if (why == LoopEnd::Why::finished) return end;
  for (const Waiting* waiting = waiting_; waiting != nullptr; waiting = waiting->next_)
    end.waiting.push_back(
        fmt::format("{} since +{}", waiting->what_, format_duration(waiting->since_.time_since_epoch())));
  std::reverse(end.waiting.begin(), end.waiting.end());  // who has waited longest comes first
  return end;
}

LoopEnd SimLoop::run(Task<void> main_task, const LoopLimits& limits) {
  constexpr std::size_t events_between_looks = 1024;
  auto finished = std::make_shared<bool>(false);  // a main task that outlives this run may still set it
  boost::asio::co_spawn(asio_->context, std::move(main_task), [finished](std::exception_ptr failure) {
    *finished = true;
    if (failure) std::rethrow_exception(failure);
  });
  const Moment last = deadline_after(now_, limits.virtual_span);
  std::size_t at_this_instant = 0;
  std::size_t until_look = events_between_looks;
  for (;;) {
    asio_->context.restart();
    asio_->context.poll();
    if (*finished) return ended(LoopEnd::Why::finished);
    if (events_.empty()) return ended(LoopEnd::Why::stalled);
    if (events_.next() > last) return ended(LoopEnd::Why::span_passed);
    if (events_.next() > now_) {
      now_ = events_.next();
      at_this_instant = 0;
    } else if (++at_this_instant > limits.events_at_one_instant) {
      return ended(LoopEnd::Why::event_storm);
    }
    if (--until_look == 0) {
      until_look = events_between_looks;
      if (limits.out_of_time && limits.out_of_time()) return ended(LoopEnd::Why::cpu_time);
    }
    events_.fire_next();
  }
}

Task<void> SimCalendar::move_to(Instant when) { return loop_.sleep_until(Moment{when - start_}); }

}  // namespace mailrig::sim
