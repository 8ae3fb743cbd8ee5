#include "net/sim/sim_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "base/prng.h"
#include "net/task.h"

namespace mailrig::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Noted final : public Event {
 public:
  Noted(std::vector<int>& log, int number) : log_(log), number_(number) {}

 private:
  void fire() override { log_.push_back(number_); }
  std::vector<int>& log_;
  int number_;
};

void fire_all(EventQueue& queue) {
  while (!queue.empty()) queue.fire_next();
}

TEST(EventQueue, FiresInTheOrderOfTimeAndThenOfAsking) {
  EventQueue queue;
  std::vector<int> fired;
  Noted one(fired, 1), two(fired, 2), three(fired, 3), four(fired, 4);
  queue.schedule(four, Moment{9ms});
  queue.schedule(one, Moment{5ms});
  queue.schedule(three, Moment{7ms});
  queue.schedule(two, Moment{5ms});
  EXPECT_EQ(queue.next(), Moment{5ms});
  fire_all(queue);
  EXPECT_THAT(fired, ElementsAre(1, 2, 3, 4));
}

TEST(EventQueue, SchedulingAgainMovesAnEvent) {
  EventQueue queue;
  std::vector<int> fired;
  Noted one(fired, 1), two(fired, 2);
  queue.schedule(one, Moment{5ms});
  queue.schedule(two, Moment{5ms});
  queue.schedule(one, Moment{5ms});  // the same time, but asked for last
  fire_all(queue);
  EXPECT_THAT(fired, ElementsAre(2, 1));
  queue.schedule(one, Moment{5ms});
  queue.schedule(two, Moment{6ms});
  queue.schedule(one, Moment{7ms});
  fire_all(queue);
  EXPECT_THAT(fired, ElementsAre(2, 1, 2, 1));
}

TEST(EventQueue, WhatIsCancelledOrGoneDoesNotFire) {
  EventQueue queue;
  std::vector<int> fired;
  Noted one(fired, 1), two(fired, 2);
  {
    Noted gone(fired, 3);
    queue.schedule(gone, Moment{1ms});
    queue.schedule(one, Moment{2ms});
    queue.schedule(two, Moment{3ms});
  }
  queue.cancel(one);
  queue.cancel(one);  // is no harm
  EXPECT_EQ(queue.next(), Moment{3ms});
  fire_all(queue);
  EXPECT_THAT(fired, ElementsAre(2));
}

TEST(EventQueue, AnEventMayOutliveTheQueue) {
  std::vector<int> fired;
  Noted one(fired, 1);
  {
    EventQueue queue;
    queue.schedule(one, Moment{1ms});
  }
  EventQueue other;
  other.schedule(one, Moment{1ms});
  fire_all(other);
  EXPECT_THAT(fired, ElementsAre(1));
}

TEST(EventQueue, KeepsOrderWhenEventsAreTakenOutAnywhere) {
  Prng prng(7);
  for (int round = 0; round < 50; ++round) {
    EventQueue queue;
    std::vector<int> fired;
    std::vector<std::unique_ptr<Noted>> events;
    std::vector<std::pair<Moment, int>> expected;
    for (int i = 0; i < 60; ++i) {
      Moment at{std::chrono::milliseconds{prng.below(std::uint64_t{20})}};
      events.push_back(std::make_unique<Noted>(fired, i));
      queue.schedule(*events.back(), at);
      expected.emplace_back(at, i);
    }
    for (int i = 0; i < 25; ++i) {
      std::size_t victim = prng.below(std::uint64_t{expected.size()});
      queue.cancel(*events[static_cast<std::size_t>(expected[victim].second)]);
      expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(victim));
    }
    std::stable_sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<int> order;
    order.reserve(expected.size());
    for (const auto& [at, number] : expected) order.push_back(number);
    fire_all(queue);
    ASSERT_EQ(fired, order) << "round " << round;
  }
}

Task<void> sleep(SimLoop& loop, Moment until, std::vector<Moment>& woken) {
  co_await loop.sleep_until(until);
  woken.push_back(loop.now());
}

TEST(SimLoop, TimeMovesToTheNextEventAndNoFurther) {
  SimLoop loop;
  std::vector<Moment> woken;
  loop.spawn(sleep(loop, Moment{3s}, woken));
  loop.spawn(sleep(loop, Moment{1s}, woken));
  loop.spawn(sleep(loop, Moment{9s}, woken));
  LoopEnd end = loop.run(sleep(loop, Moment{5s}, woken), {});
  EXPECT_EQ(end.why, LoopEnd::Why::finished);
  EXPECT_THAT(end.waiting, IsEmpty());
  EXPECT_THAT(woken, ElementsAre(Moment{1s}, Moment{3s}, Moment{5s}));
  EXPECT_EQ(loop.now(), Moment{5s}) << "what is left alive must not move time";
}

TEST(SimLoop, SleepingUntilThePastTakesNoTime) {
  SimLoop loop;
  std::vector<Moment> woken;
  loop.run(sleep(loop, Moment{0s}, woken), {});
  loop.run(sleep(loop, Moment{-1s}, woken), {});
  EXPECT_THAT(woken, ElementsAre(Moment{0s}, Moment{0s}));
}

TEST(SimLoop, AStallNamesWhoWaitsSinceWhenTheLongestFirst) {
  SimLoop loop;
  auto story = [](SimLoop& the_loop) -> Task<void> {
    co_await the_loop.sleep_until(Moment{90s});
    co_await the_loop.sleep_until(never);
  };
  auto other = [](SimLoop& the_loop) -> Task<void> { co_await the_loop.wait_until(never, "anna waits for mail"); };
  loop.spawn(other(loop));
  LoopEnd end = loop.run(story(loop), {});
  EXPECT_EQ(end.why, LoopEnd::Why::stalled);
  EXPECT_THAT(end.waiting, ElementsAre("anna waits for mail since +0s", "a task sleeps since +1m30s"));
  EXPECT_EQ(loop.now(), Moment{90s});
}

TEST(SimLoop, TheSpanMayBeReachedButNotPassed) {
  std::vector<Moment> woken;
  SimLoop reaches;
  EXPECT_EQ(reaches.run(sleep(reaches, Moment{60s}, woken), {.virtual_span = 60s}).why, LoopEnd::Why::finished);
  SimLoop passes;
  LoopEnd end = passes.run(sleep(passes, Moment{60s + 1ns}, woken), {.virtual_span = 60s});
  EXPECT_EQ(end.why, LoopEnd::Why::span_passed);
  EXPECT_THAT(end.waiting, ElementsAre("a task sleeps since +0s"));
  EXPECT_EQ(passes.now(), Moment{0s});
  EXPECT_THAT(woken, ElementsAre(Moment{60s}));
}

TEST(SimLoop, TheSpanCountsFromTheStartOfTheRun) {
  std::vector<Moment> woken;
  SimLoop loop;
  loop.run(sleep(loop, Moment{50s}, woken), {.virtual_span = 60s});
  EXPECT_EQ(loop.run(sleep(loop, Moment{110s}, woken), {.virtual_span = 60s}).why, LoopEnd::Why::finished);
  EXPECT_EQ(loop.run(sleep(loop, Moment{171s}, woken), {.virtual_span = 60s}).why, LoopEnd::Why::span_passed);
}

/// Happens again and again, `step` later each time.
class Recurring final : public Event {
 public:
  Recurring(SimLoop& loop, Duration step) : loop_(loop), step_(step) { loop.events().schedule(*this, loop.now()); }
  std::size_t fired = 0;

 private:
  void fire() override {
    ++fired;
    loop_.events().schedule(*this, loop_.now() + step_);
  }
  SimLoop& loop_;
  Duration step_;
};

Task<void> forever(SimLoop& loop) { co_await loop.sleep_until(never); }

TEST(SimLoop, AStoryThatGoesRoundWithoutTimePassingIsAStorm) {
  SimLoop loop;
  Recurring storm(loop, 0ns);
  LoopEnd end = loop.run(forever(loop), {.events_at_one_instant = 10});
  EXPECT_EQ(end.why, LoopEnd::Why::event_storm);
  EXPECT_EQ(storm.fired, 10U);
  EXPECT_THAT(end.waiting, ElementsAre("a task sleeps since +0s"));
}

TEST(SimLoop, ManyEventsAreNoStormWhileTimePasses) {
  SimLoop loop;
  Recurring ticks(loop, 1ns);
  LoopEnd end = loop.run(forever(loop), {.virtual_span = 1us, .events_at_one_instant = 1});
  EXPECT_EQ(end.why, LoopEnd::Why::span_passed);
  EXPECT_EQ(ticks.fired, 1001U);
}

TEST(SimLoop, AsksNowAndThenWhetherItIsOutOfRealTime) {
  SimLoop loop;
  Recurring ticks(loop, 1ns);
  int asked = 0;
  LoopEnd end = loop.run(forever(loop), {.out_of_time = [&] { return ++asked == 2; }});
  EXPECT_EQ(end.why, LoopEnd::Why::cpu_time);
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(ticks.fired, 2 * 1024U - 1);
}

TEST(SimLoop, WhatATaskThrowsComesOutOfRun) {
  SimLoop loop;
  auto throws = [](SimLoop& the_loop) -> Task<void> {
    co_await the_loop.sleep_until(Moment{1s});
    throw std::logic_error("a fault");
  };
  EXPECT_THROW(loop.run(throws(loop), {}), std::logic_error);
  loop.spawn(throws(loop));
  EXPECT_THROW(loop.run(forever(loop), {}), std::logic_error);
}

struct Witness {
  int& gone;
  ~Witness() { ++gone; }
};
Task<void> hold(SimLoop& loop, int& gone) {
  Witness witness{gone};
  co_await loop.sleep_until(never);
}

TEST(SimLoop, AbandonEndsWhoStillWaits) {
  int gone = 0;
  SimLoop loop;
  loop.spawn(hold(loop, gone));
  EXPECT_EQ(loop.run(hold(loop, gone), {}).why, LoopEnd::Why::stalled);
  EXPECT_EQ(gone, 0);
  loop.abandon();
  EXPECT_EQ(gone, 2);
  EXPECT_THAT(loop.run(forever(loop), {}).waiting, ElementsAre("a task sleeps since +0s"));
}

TEST(SimLoop, ItsEndIsTheEndOfItsTasks) {
  int gone = 0;
  {
    SimLoop loop;
    loop.run(hold(loop, gone), {});
  }
  EXPECT_EQ(gone, 1);
}

TEST(SimLoop, AMainTaskThatWasLeftMayEndInALaterRun) {
  SimLoop loop;
  std::vector<Moment> woken;
  EXPECT_EQ(loop.run(sleep(loop, Moment{10s}, woken), {.virtual_span = 1s}).why, LoopEnd::Why::span_passed);
  EXPECT_EQ(loop.run(sleep(loop, Moment{20s}, woken), {}).why, LoopEnd::Why::finished);
  EXPECT_THAT(woken, ElementsAre(Moment{10s}, Moment{20s}));
}

TEST(SimCalendar, IsTheDeadlineClockWithADate) {
  SimLoop loop;
  const Instant start = *parse_instant("2014-06-02T09:00:00Z");
  SimCalendar calendar(loop, start);
  EXPECT_EQ(calendar.now(), start);
  std::vector<Instant> seen;
  auto story = [](SimCalendar& dates, std::vector<Instant>& log) -> Task<void> {
    Instant first = dates.now();
    co_await dates.move_to(first + 24h);
    log.push_back(dates.now());
    co_await dates.move_to(first);  // is past: takes no time
    log.push_back(dates.now());
  };
  EXPECT_EQ(loop.run(story(calendar, seen), {}).why, LoopEnd::Why::finished);
  EXPECT_THAT(seen, ElementsAre(start + 24h, start + 24h));
  EXPECT_EQ(loop.now(), Moment{24h});
}

Task<void> wait_twice(Signal& signal, std::vector<int>& log, int number) {
  co_await signal.wait();
  log.push_back(number);
  co_await signal.wait();
  log.push_back(-number);
}

TEST(Signal, WakesAllWhoWaitInTheirOrderAndOnlyThem) {
  SimLoop loop;
  Signal signal;
  std::vector<int> log;
  signal.notify_all();  // nobody waits: not remembered
  loop.spawn(wait_twice(signal, log, 1));
  loop.spawn(wait_twice(signal, log, 2));
  auto story = [](SimLoop& the_loop, Signal& the_signal, std::vector<int>& the_log) -> Task<void> {
    co_await the_loop.sleep_until(Moment{1s});
    EXPECT_THAT(the_log, IsEmpty());
    the_signal.notify_all();
    EXPECT_THAT(the_log, ElementsAre(1, 2));
    the_signal.notify_all();
  };
  loop.run(story(loop, signal, log), {});
  EXPECT_THAT(log, ElementsAre(1, 2, -1, -2));
}

}  // namespace
}  // namespace mailrig::sim
