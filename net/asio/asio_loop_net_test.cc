#include "net/asio/asio_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "net/asio/process_events.h"
#include "net/asio/wall_calendar.h"
#include "net/scripted_calendar.h"
#include "net/task.h"

namespace mailrig {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

// Far above what anything here takes: a test that needs it has failed.
constexpr Duration forever = 1h;

TEST(AsioLoop, RunsUntilTheMainTaskHasEnded) {
  AsioLoop loop;
  std::string order;
  auto side = [&]() -> Task<void> {
    order += 's';
    co_await loop.sleep_until(loop.now() + forever);
    order += '!';
  };
  loop.spawn(side());
  auto main = [&]() -> Task<void> {
    order += 'm';
    Moment before = loop.now();
    co_await loop.sleep_until(before + 3ms);
    EXPECT_GE(loop.now(), before + 3ms);
    co_await loop.sleep_until(before);  // the past is now
    order += 'e';
  };
  LoopEnd end = loop.run(main(), {});
  EXPECT_EQ(end.why, LoopEnd::Why::finished);
  EXPECT_THAT(end.waiting, ElementsAre());
  EXPECT_EQ(order, "sme");
}

TEST(AsioLoop, SleepersWakeInTheOrderOfTheirDeadlines) {
  AsioLoop loop;
  std::string order;
  auto sleeper = [&](Duration span, char name) -> Task<void> {
    co_await loop.sleep_until(Moment{} + span);
    order += name;
  };
  loop.spawn(sleeper(6ms, 'c'));
  loop.spawn(sleeper(2ms, 'a'));
  loop.spawn(sleeper(4ms, 'b'));
  loop.run(sleeper(8ms, 'd'), {});
  EXPECT_EQ(order, "abcd");
}

TEST(AsioLoop, ARunThatIsOutOfTimeSaysWhoWaited) {
  AsioLoop loop;
  int asked = 0;
  auto main = [&]() -> Task<void> { co_await loop.sleep_until(loop.now() + forever); };
  LoopEnd end = loop.run(main(), {.out_of_time = [&] { return ++asked == 2; }});
  EXPECT_EQ(end.why, LoopEnd::Why::cpu_time);
  EXPECT_EQ(asked, 2);
  EXPECT_GE(loop.now(), Moment{100ms}) << "asked about every 50 ms";
  EXPECT_THAT(end.waiting, ElementsAre(StartsWith("a task sleeps since +")));
}

TEST(AsioLoop, InterruptEndsTheRunAndTheNextOneIsUntouched) {
  AsioLoop loop;
  auto main = [&]() -> Task<void> { co_await loop.sleep_until(loop.now() + forever); };
  std::thread other([&] { loop.interrupt(); });
  EXPECT_EQ(loop.run(main(), {}).why, LoopEnd::Why::interrupted);
  other.join();
  auto quick = [&]() -> Task<void> { co_await loop.sleep_until(loop.now() + 60ms); };
  EXPECT_EQ(loop.run(quick(), {}).why, LoopEnd::Why::finished);
}

TEST(AsioLoop, AbandonEndsTasksWhileWhatTheyUseStillExists) {
  AsioLoop loop;
  int ended = 0;
  struct CountAtEnd {
    int& count;
    ~CountAtEnd() { ++count; }
  };
  auto sleeper = [&]() -> Task<void> {
    CountAtEnd at_end{ended};
    co_await loop.sleep_until(loop.now() + forever);
    ADD_FAILURE() << "an abandoned task does not go on";
  };
  for (int i = 0; i < 3; ++i) loop.spawn(sleeper());
  auto nothing = []() -> Task<void> { co_return; };
  loop.run(nothing(), {});
  EXPECT_EQ(ended, 0);
  loop.abandon();
  EXPECT_EQ(ended, 3);
}

TEST(AsioLoop, ASignalWakesWhoWaitsForIt) {
  AsioLoop loop;
  Signal signal;
  bool woken = false;
  auto waiter = [&]() -> Task<void> {
    co_await signal.wait();
    woken = true;
  };
  loop.spawn(waiter());
  auto main = [&]() -> Task<void> {
    co_await loop.sleep_until(loop.now() + 1ms);
    EXPECT_FALSE(woken);
    signal.notify_all();
    EXPECT_TRUE(woken);
  };
  loop.run(main(), {});
}

TEST(WallCalendar, IsTheSystemsDateAndWaitsForIt) {
  AsioLoop loop;
  WallCalendar calendar(loop);
  Instant before = std::chrono::system_clock::now();
  Instant told = calendar.now();
  EXPECT_GE(told, before);
  EXPECT_LE(told, std::chrono::system_clock::now());
  auto main = [&]() -> Task<void> {
    co_await calendar.move_to(before);  // long past
    Instant soon = calendar.now() + 5ms;
    co_await calendar.move_to(soon);
    EXPECT_GE(calendar.now(), soon);
  };
  EXPECT_EQ(loop.run(main(), {}).why, LoopEnd::Why::finished);
}

TEST(ScriptedCalendar, MovesOnlyWhenMovedAndNeverBack) {
  AsioLoop loop;
  Instant start = parse_instant("2014-06-02T09:00:00Z").value();
  ScriptedCalendar calendar(start);
  auto main = [&]() -> Task<void> {
    co_await loop.sleep_until(loop.now() + 2ms);
    EXPECT_EQ(calendar.now(), start);
    co_await calendar.move_to(start + 30 * 24h);
    EXPECT_EQ(calendar.now(), start + 30 * 24h);
    co_await calendar.move_to(start);
    EXPECT_EQ(calendar.now(), start + 30 * 24h);
  };
  loop.run(main(), {});
  EXPECT_LT(loop.now(), Moment{10s});
}

TEST(StopSignals, TellWhichSignalCame) {
  AsioLoop loop;
  StopSignals stop(loop);
  auto main = [&]() -> Task<void> {
    for (int number : {SIGTERM, SIGINT}) {
      std::raise(number);
      int told = co_await stop.wait();
      EXPECT_EQ(told, number);
    }
  };
  EXPECT_EQ(loop.run(main(), {}).why, LoopEnd::Why::finished);
}

/// A pipe whose other end the test writes to.
struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(ends), 0); }
  ~Pipe() {
    ::close(ends[0]);
    close_writer();
  }
  void say(std::string_view words) {
    EXPECT_EQ(::write(ends[1], words.data(), words.size()), static_cast<ssize_t>(words.size()));
  }
  void close_writer() {
    if (ends[1] >= 0) ::close(ends[1]);
    ends[1] = -1;
  }
  int ends[2] = {-1, -1};
};

TEST(InputLines, ReadLinesAsTheyCome) {
  AsioLoop loop;
  Pipe pipe;
  InputLines input(loop, pipe.ends[0]);
  std::vector<std::string> heard;
  auto reader = [&]() -> Task<void> {
    for (;;) {
      Result<std::string> line = co_await input.next();
      if (!line) {
        EXPECT_EQ(line.error().code, Errc::end_of_stream);
        co_return;
      }
      heard.push_back(*line);
    }
  };
  auto writer = [&]() -> Task<void> {
    for (std::string_view words : {"lock an", "na\nunlock anna\r\n", "\nlast"}) {
      co_await loop.sleep_until(loop.now() + 1ms);
      pipe.say(words);
    }
    co_await loop.sleep_until(loop.now() + 1ms);
    pipe.close_writer();
  };
  loop.spawn(writer());
  EXPECT_EQ(loop.run(reader(), {}).why, LoopEnd::Why::finished);
  EXPECT_THAT(heard, ElementsAre("lock anna", "unlock anna", "", "last"));
}

TEST(InputLines, AFileIsReadToItsEnd) {
  AsioLoop loop;
  std::FILE* file = std::tmpfile();
  std::fputs("one\ntwo\n", file);
  std::rewind(file);
  InputLines input(loop, ::fileno(file));
  auto main = [&]() -> Task<void> {
    Result<std::string> one = co_await input.next();
    EXPECT_EQ(one.value(), "one");
    Result<std::string> two = co_await input.next();
    EXPECT_EQ(two.value(), "two");
    Result<std::string> end = co_await input.next();
    EXPECT_EQ(end.error().code, Errc::end_of_stream);
  };
  loop.run(main(), {});
  std::fclose(file);
}

TEST(InputLines, ALineHasALimit) {
  for (std::size_t octets : {4096U, 4097U}) {
    AsioLoop loop;
    Pipe pipe;
    pipe.say(std::string(octets, 'x') + "\n");
    InputLines input(loop, pipe.ends[0]);
    auto main = [&]() -> Task<void> {
      Result<std::string> line = co_await input.next();
      EXPECT_EQ(line.has_value(), octets == 4096);
      EXPECT_EQ(line ? Errc::internal : line.error().code, octets == 4096 ? Errc::internal : Errc::limit_exceeded);
    };
    loop.run(main(), {});
  }
}

}  // namespace
}  // namespace mailrig
