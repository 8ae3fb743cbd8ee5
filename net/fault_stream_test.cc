#include "net/fault_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/task.h"
#include "net/testing/sim_pair.h"
#include "net/tls/tls.h"

namespace mailrig {
namespace {

using ::testing::ElementsAre;
using testing::SimPair;

struct Heard {
  std::vector<std::string> chunks;
  std::vector<Duration> at;  // since the first write, the link's way subtracted
  Errc end = Errc::internal;
  std::vector<Errc> writes;  // internal: it went well
  std::string all() const {
    std::string joined;
    for (const std::string& chunk : chunks) joined += chunk;
    return joined;
  }
};

constexpr Duration way = 1ms;

Task<void> read_all(Stream& stream, Clock& clock, Heard& heard, Moment start, Moment deadline = never) {
  for (;;) {
    Result<std::string_view> chunk = co_await stream.read_some(deadline);
    if (!chunk) {
      heard.end = chunk.error().code;
      co_return;
    }
    heard.chunks.emplace_back(*chunk);
    heard.at.push_back(clock.now() - start - way);
  }
}

/// The server writes `words`, one write each, through the faults of its write side, then closes; the client reads.
Heard write_through(const std::vector<Fault>& faults, const std::vector<std::string>& words, bool as_units = false,
                    Duration write_patience = 1h) {
  Heard heard;
  SimPair pair({.latency = way});
  pair.run(
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        co_await read_all(*stream, pair.loop, heard, Moment{2 * way});
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_faults(std::move(below), pair.loop, {.on_write = faults});
        for (const std::string& word : words) {
          const Moment deadline = pair.loop.now() + write_patience;
          Status sent;
          if (as_units) {
            Status done = co_await stream->write_unit(word + "####", word.size(), deadline);  // bigger than it counts
            sent = done;
          } else {
            Status done = co_await stream->write(word, deadline);
            sent = done;
          }
          heard.writes.push_back(sent ? Errc::internal : sent.error().code);
        }
        Status closed = co_await stream->close(Ending::orderly, never);
        EXPECT_TRUE(closed);
        Heard ignored;
        co_await read_all(*stream, pair.loop, ignored, Moment{});
      });
  return heard;
}

/// The server writes `words` plainly; the client reads through the faults of its read side.
Heard read_through(const std::vector<Fault>& faults, const std::vector<std::string>& words, Duration patience = 1h,
                   Ending ending = Ending::orderly) {
  Heard heard;
  SimPair pair({.latency = way});
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_faults(std::move(below), pair.loop, {.on_read = faults});
        co_await read_all(*stream, pair.loop, heard, Moment{2 * way}, pair.loop.now() + patience);
        Status late = co_await stream->write("x", never);
        heard.writes.push_back(late ? Errc::internal : late.error().code);
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        for (const std::string& word : words) {
          Status sent = co_await stream->write(word, never);
          EXPECT_TRUE(sent);
        }
        Status closed = co_await stream->close(ending, never);
        EXPECT_TRUE(closed);
        Heard ignored;
        co_await read_all(*stream, pair.loop, ignored, Moment{});
      });
  return heard;
}

const std::vector<std::string> abc{"alpha", "beta"};  // 5 and 4 octets

TEST(Faults, WithoutAnyNothingChanges) {
  Heard heard = write_through({}, abc);
  EXPECT_THAT(heard.chunks, ElementsAre("alpha", "beta"));
  EXPECT_THAT(heard.at, ElementsAre(0ms, 0ms));
  EXPECT_EQ(heard.end, Errc::end_of_stream);
}

TEST(Faults, DelayHoldsBackEachWriteAndEachChunk) {
  EXPECT_THAT(write_through({Delay{70ms}}, abc).at, ElementsAre(70ms, 140ms));
  Heard heard = read_through({Delay{70ms}}, abc);
  EXPECT_THAT(heard.chunks, ElementsAre("alpha", "beta"));
  EXPECT_THAT(heard.at, ElementsAre(70ms, 140ms));
}

TEST(Faults, ADelayBeyondTheDeadlineIsATimeout) {
  EXPECT_THAT(write_through({Delay{70ms}}, abc, false, 69ms).writes, ElementsAre(Errc::timed_out, Errc::timed_out));
  EXPECT_THAT(write_through({Delay{70ms}}, abc, false, 70ms).writes, ElementsAre(Errc::internal, Errc::internal));
  EXPECT_EQ(read_through({Delay{70ms}}, abc, 60ms).end, Errc::timed_out);
}

TEST(Faults, AChunkThatWasTooLateForOneReadIsThereForTheNext) {
  SimPair pair({.latency = way});
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_faults(std::move(below), pair.loop, {.on_read = {Delay{70ms}}});
        Result<std::string_view> early = co_await stream->read_some(pair.loop.now() + 50ms);
        EXPECT_FALSE(early);
        EXPECT_EQ(early.error().code, Errc::timed_out);
        Result<std::string_view> late = co_await stream->read_some(pair.loop.now() + 50ms);
        EXPECT_EQ(late.value(), "alpha");
        EXPECT_EQ(pair.loop.now(), Moment{2 * way + way + 70ms}) << "the delay is not counted anew";
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        Status sent = co_await stream->write("alpha", never);
        EXPECT_TRUE(sent);
        co_await pair.loop.sleep_until(pair.loop.now() + 1s);
      });
}

TEST(Faults, CutAfterLetsExactlySoMuchPass) {
  struct Case {
    std::uint64_t octets;
    std::string passed;
    std::vector<Errc> writes;
  };
  for (const Case& c :
       {Case{0, "", {Errc::reset, Errc::reset}}, Case{4, "alph", {Errc::reset, Errc::reset}},
        Case{5, "alpha", {Errc::internal, Errc::reset}}, Case{6, "alphab", {Errc::internal, Errc::reset}},
        Case{9, "alphabeta", {Errc::internal, Errc::internal}},
        Case{10, "alphabeta", {Errc::internal, Errc::internal}}})
    for (auto [ending, end] :
         {std::pair{Ending::reset, Errc::reset}, std::pair{Ending::orderly, Errc::end_of_stream}}) {
      Heard heard = write_through({CutAfter{c.octets, ending}}, abc);
      EXPECT_EQ(heard.all(), c.passed) << c.octets;
      EXPECT_EQ(heard.end, c.octets == 10 ? Errc::end_of_stream : end) << c.octets;
      EXPECT_EQ(heard.writes, c.writes) << c.octets;
    }
}

TEST(Faults, CutAfterOnTheReadSideEndsBothSides) {
  for (auto [octets, passed] :
       {std::pair{0, ""}, std::pair{4, "alph"}, std::pair{5, "alpha"}, std::pair{6, "alphab"}}) {
    Heard heard = read_through({CutAfter{static_cast<std::uint64_t>(octets), Ending::reset}}, abc);
    EXPECT_EQ(heard.all(), passed);
    EXPECT_EQ(heard.end, Errc::reset);
    EXPECT_THAT(heard.writes, ElementsAre(Errc::reset));
  }
  EXPECT_EQ(read_through({CutAfter{5, Ending::orderly}}, abc).end, Errc::end_of_stream);
  Heard whole = read_through({CutAfter{10, Ending::reset}}, abc);
  EXPECT_EQ(whole.all(), "alphabeta");
  EXPECT_EQ(whole.end, Errc::end_of_stream) << "never reached";
}

TEST(Faults, SplitEveryMakesPieces) {
  EXPECT_THAT(write_through({SplitEvery{2}}, abc).chunks, ElementsAre("al", "ph", "a", "be", "ta"));
  EXPECT_THAT(read_through({SplitEvery{2}}, abc).chunks, ElementsAre("al", "ph", "a", "be", "ta"));
  EXPECT_THAT(write_through({SplitEvery{5}}, abc).chunks, ElementsAre("alpha", "beta"));
  EXPECT_THAT(read_through({SplitEvery{0}}, {"ab"}).chunks, ElementsAre("a", "b")) << "0 would never end";
  EXPECT_THAT(write_through({SplitEvery{0}}, {"ab"}).chunks, ElementsAre("a", "b"));
}

TEST(Faults, DripPausesBeforeEachPieceButTheFirst) {
  Heard written = write_through({Drip{3, 10ms}}, abc);
  EXPECT_THAT(written.chunks, ElementsAre("alp", "ha", "bet", "a"));
  EXPECT_THAT(written.at, ElementsAre(0ms, 10ms, 20ms, 30ms));
  Heard read = read_through({Drip{3, 10ms}}, abc);
  EXPECT_THAT(read.chunks, ElementsAre("alp", "ha", "bet", "a"));
  EXPECT_THAT(read.at, ElementsAre(0ms, 10ms, 20ms, 30ms));
  EXPECT_THAT(write_through({Drip{3, 10ms}}, {"alpha"}, false, 9ms).writes, ElementsAre(Errc::timed_out));
}

TEST(Faults, GarbleChangesOneOctet) {
  EXPECT_EQ(write_through({Garble{0, 0x20}}, abc).all(), "Alphabeta");
  EXPECT_EQ(write_through({Garble{4, 0x20}}, abc).all(), "alphAbeta");
  EXPECT_EQ(write_through({Garble{5, 0x20}}, abc).all(), "alphaBeta");
  EXPECT_EQ(write_through({Garble{8, 0x20}}, abc).all(), "alphabetA");
  EXPECT_EQ(write_through({Garble{9, 0x20}}, abc).all(), "alphabeta");
  EXPECT_EQ(read_through({Garble{0, 0x20}}, abc).all(), "Alphabeta");
  EXPECT_EQ(read_through({Garble{4, 0x20}}, abc).all(), "alphAbeta");
  EXPECT_EQ(read_through({Garble{5, 0x80}}, abc).all(),
            "alpha\xE2"
            "eta");
  EXPECT_EQ(read_through({Garble{9, 0x20}}, abc).all(), "alphabeta");
}

TEST(Faults, StallAfterLosesTheRestWithoutAWord) {
  for (auto [octets, passed] :
       {std::pair{0, ""}, std::pair{4, "alph"}, std::pair{5, "alpha"}, std::pair{9, "alphabeta"}}) {
    Heard written = write_through({StallAfter{static_cast<std::uint64_t>(octets)}}, abc);
    EXPECT_EQ(written.all(), passed);
    EXPECT_THAT(written.writes, ElementsAre(Errc::internal, Errc::internal));
    Heard read = read_through({StallAfter{static_cast<std::uint64_t>(octets)}}, abc);
    EXPECT_EQ(read.all(), passed);
    EXPECT_EQ(read.end, Errc::end_of_stream);
  }
}

TEST(Faults, TheFirstOfAListStandsNearestToTheOwner) {
  // Cut by the owner's octets, then split: the pieces of what was let through.
  EXPECT_THAT(write_through({CutAfter{3, Ending::orderly}, SplitEvery{2}}, abc).chunks, ElementsAre("al", "p"));
  EXPECT_THAT(read_through({SplitEvery{2}, CutAfter{3, Ending::orderly}}, abc).chunks, ElementsAre("al", "p"));
  EXPECT_THAT(write_through({Garble{1, 0x20}, Garble{2, 0x20}}, abc).all(), "aLPhabeta");
  Heard both = write_through({Delay{5ms}, Drip{4, 10ms}}, {"alpha"});
  EXPECT_THAT(both.at, ElementsAre(5ms, 15ms));
}

TEST(Faults, UnitsPassWholeAndCountAsTheyAreCharged) {
  EXPECT_THAT(write_through({SplitEvery{2}}, abc, true).chunks, ElementsAre("alpha####", "beta####"));
  EXPECT_EQ(write_through({CutAfter{4, Ending::orderly}}, abc, true).all(), "");
  EXPECT_EQ(write_through({CutAfter{5, Ending::orderly}}, abc, true).all(), "alpha####");
  EXPECT_EQ(write_through({CutAfter{8, Ending::orderly}}, abc, true).all(), "alpha####");
  EXPECT_EQ(write_through({CutAfter{9, Ending::orderly}}, abc, true).all(), "alpha####beta####");
  EXPECT_EQ(write_through({StallAfter{8}}, abc, true).all(), "alpha####");
  EXPECT_EQ(write_through({Garble{5, 0x20}}, abc, true).all(), "alpha####Beta####");
  EXPECT_THAT(write_through({Drip{1, 10ms}}, abc, true).at, ElementsAre(0ms, 10ms));
}

TEST(Faults, TlsAboveCutsItsRecordsWhereAFaultSplits) {
  SimPair pair;
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        EXPECT_EQ(below->split_octets(), std::numeric_limits<std::size_t>::max());
        std::unique_ptr<Stream> stream =
            with_faults(std::move(below), pair.loop,
                        {.on_write = {SplitEvery{7}, Drip{9, 1ms}, Delay{}}, .on_read = {SplitEvery{2}}});
        EXPECT_EQ(stream->split_octets(), 7U);
        co_return;
      },
      [](std::unique_ptr<Stream>) -> Task<void> { co_return; });
}

TEST(Faults, AnAbortEndsWhatIsHeldBack) {
  Errc write_end = Errc::internal;
  Errc read_end = Errc::internal;
  SimPair pair;
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream =
            with_faults(std::move(below), pair.loop, {.on_write = {Delay{10ms}}, .on_read = {Delay{10ms}}});
        pair.loop.spawn([](Stream* victim, Clock& clock) -> Task<void> {
          co_await clock.sleep_until(clock.now() + 5ms);
          victim->abort();
        }(stream.get(), pair.loop));
        Status sent = co_await stream->write("held", never);
        write_end = sent.error().code;
        Result<std::string_view> chunk = co_await stream->read_some(never);
        read_end = chunk.error().code;
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        Heard ignored;
        co_await read_all(*stream, pair.loop, ignored, Moment{});
        EXPECT_EQ(ignored.all(), "");
      });
  EXPECT_EQ(write_end, Errc::cancelled);
  EXPECT_EQ(read_end, Errc::cancelled);
}

}  // namespace
}  // namespace mailrig
