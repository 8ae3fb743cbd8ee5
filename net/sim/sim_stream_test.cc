#include "net/sim/sim_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/task.h"
#include "net/testing/sim_pair.h"

namespace mailrig::sim {
namespace {

using mailrig::testing::SimPair;
using ::testing::ElementsAre;

/// What came in: "abc at 20ms", "end-of-stream at 30ms".
struct Heard {
  std::vector<std::string> log;

  void add(const SimLoop& loop, const Result<std::string_view>& chunk) {
    std::string what = !chunk               ? std::string(to_string(chunk.error().code))
                       : chunk->size() > 30 ? std::to_string(chunk->size()) + " octets"
                                            : std::string(*chunk);
    log.push_back(what + " at " + format_duration(loop.now().time_since_epoch()));
  }
};

/// Reads until an error.
Task<void> read_all(SimLoop& loop, Stream& stream, Heard& heard) {
  for (;;) {
    Result<std::string_view> chunk = co_await stream.read_some(never);
    heard.add(loop, chunk);
    if (!chunk) co_return;
  }
}

Errc code_of(const Status& status) { return status ? Errc::internal : status.error().code; }

// Every connection below is made at 0 and stands after one round trip: with 10 ms of latency at 20 ms.
TEST(SimStream, BytesTakeTheLatencyOfTheLink) {
  SimPair pair({.latency = 10ms});
  Heard server;
  pair.run(
      [](std::unique_ptr<Stream> stream) -> Task<void> {
        co_await stream->write("QUIT\r\n", never);
        co_await stream->close(Ending::orderly, never);
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> { co_await read_all(pair.loop, *stream, server); });
  EXPECT_THAT(server.log, ElementsAre("QUIT\r\n at 30ms", "end-of-stream at 30ms"));
}

TEST(SimStream, BothDirectionsAreApart) {
  SimPair pair({.latency = 10ms});
  Heard client, server;
  pair.run(
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        co_await stream->write("ping", never);
        co_await read_all(pair.loop, *stream, client);
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        co_await stream->write("hello", never);
        Result<std::string_view> chunk = co_await stream->read_some(never);
        server.add(pair.loop, chunk);
        co_await stream->write("pong", never);
        co_await stream->close(Ending::orderly, never);
      });
  // The server's end stands when the connection does, and its greeting arrives one latency later.
  EXPECT_THAT(server.log, ElementsAre("ping at 30ms"));
  EXPECT_THAT(client.log, ElementsAre("hello at 30ms", "pong at 40ms", "end-of-stream at 40ms"));
}

TEST(SimStream, ANarrowLinkSendsOneOctetAfterTheOther) {
  SimPair pair({.latency = 10ms, .bytes_per_second = 1000});
  Heard server;
  pair.run(
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        co_await stream->write(std::string(500, 'x'), never);
        co_await stream->write(std::string(250, 'x'), never);
        EXPECT_EQ(pair.loop.now(), Moment{20ms}) << "writing itself takes no time";
        co_await pair.loop.sleep_until(Moment{2s});
        co_await stream->write("abc", never);
        co_await stream->close(Ending::orderly, never);
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> { co_await read_all(pair.loop, *stream, server); });
  EXPECT_THAT(server.log, ElementsAre("500 octets at 530ms",  // 20 + 500 + 10
                                      "250 octets at 780ms",  // its 250 ms begin where the first 500 end
                                      "abc at 2.013s",        // the line was free
                                      "end-of-stream at 2.013s"));
}

TEST(SimStream, ALinkSplitsWhatIsWritten) {
  SimPair pair({.latency = 10ms, .bytes_per_second = 1000, .split_at = 3});
  Heard server;
  pair.run(
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        EXPECT_EQ(stream->split_octets(), 3U);
        co_await stream->write("abcdefgh", never);
        co_await stream->write("ijk", never);
        co_await stream->close(Ending::orderly, never);
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> { co_await read_all(pair.loop, *stream, server); });
  EXPECT_THAT(server.log,
              ElementsAre("abc at 33ms", "def at 36ms", "gh at 38ms", "ijk at 41ms", "end-of-stream at 41ms"));
}

TEST(SimStream, WithoutSplitPointsEachWriteIsOneSegment) {
  SimPair pair({.latency = 1ms});
  Heard server;
  pair.run(
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        EXPECT_EQ(stream->split_octets(), std::numeric_limits<std::size_t>::max());
        co_await stream->write(std::string(100'000, 'x'), never);
        co_await stream->write("", never);
        co_await stream->write("y", never);
        co_await stream->close(Ending::orderly, never);
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> { co_await read_all(pair.loop, *stream, server); });
  EXPECT_THAT(server.log, ElementsAre("100000 octets at 3ms", "y at 3ms", "end-of-stream at 3ms"));
}

TEST(SimStream, AUnitIsChargedAsToldAndNeverSplit) {
  SimPair pair({.latency = 10ms, .bytes_per_second = 1000, .split_at = 2});
  Heard server;
  pair.run(
      [](std::unique_ptr<Stream> stream) -> Task<void> {
        co_await stream->write_unit("ciphertext", 4, never);
        co_await stream->write_unit("flight", 0, never);
        co_await stream->close(Ending::orderly, never);
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> { co_await read_all(pair.loop, *stream, server); });
  EXPECT_THAT(server.log, ElementsAre("ciphertext at 34ms", "flight at 34ms", "end-of-stream at 34ms"));
}

constexpr std::size_t window = SimPipe::window_octets;

TEST(SimStream, AUnitStaysWholeHoweverLong) {
  SimPair pair({.latency = 1ms});
  Heard server;
  pair.run(
      [](std::unique_ptr<Stream> stream) -> Task<void> {
        co_await stream->write_unit(std::string(window + 10, 'x'), 0, never);
        co_await stream->close(Ending::orderly, never);
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> { co_await read_all(pair.loop, *stream, server); });
  EXPECT_THAT(server.log, ElementsAre("262154 octets at 3ms", "end-of-stream at 3ms"));
}

TEST(SimStream, AWriterFarAheadOfItsReaderWaits) {
  EXPECT_EQ(window, 262'144U);
  SimPair pair({.latency = 1ms});
  std::vector<Moment> written;
  Heard server;
  pair.run(
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        co_await stream->write(std::string(window - 1, 'a'), never);
        written.push_back(pair.loop.now());
        co_await stream->write("b", never);  // there was room for one octet more
        written.push_back(pair.loop.now());
        co_await stream->write("c", never);
        written.push_back(pair.loop.now());
        co_await stream->close(Ending::orderly, never);
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        co_await pair.loop.sleep_until(Moment{1h});
        co_await read_all(pair.loop, *stream, server);
      });
  EXPECT_THAT(written, ElementsAre(Moment{2ms}, Moment{2ms}, Moment{1h}));
  EXPECT_THAT(server.log, ElementsAre("262143 octets at 1h", "b at 1h", "c at 1h0.001s", "end-of-stream at 1h0.001s"));
}

TEST(SimStream, ALongWriteGoesWindowByWindow) {
  SimPair pair({.latency = 1ms});
  Heard server;
  pair.run(
      [](std::unique_ptr<Stream> stream) -> Task<void> {
        co_await stream->write(std::string(2 * window + 100, 'a'), never);
        co_await stream->close(Ending::orderly, never);
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> { co_await read_all(pair.loop, *stream, server); });
  EXPECT_THAT(server.log,
              ElementsAre("262144 octets at 3ms", "262144 octets at 4ms", "100 octets at 5ms", "end-of-stream at 5ms"));
}

TEST(SimStream, AWriterDoesNotWaitBeyondItsDeadline) {
  SimPair pair({.latency = 1ms});
  Status second;
  Moment failed;
  pair.run(
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        co_await stream->write(std::string(window, 'a'), never);
        second = co_await stream->write("b", Moment{10s});
        failed = pair.loop.now();
      },
      [&](std::unique_ptr<Stream> /*stream*/) -> Task<void> { co_await pair.loop.sleep_until(Moment{1h}); });
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Errc::timed_out);
  EXPECT_EQ(second.error().message, "the peer took nothing more in time");
  EXPECT_EQ(failed, Moment{10s});
}

TEST(SimStream, AReaderWaitsToItsDeadlineAndNotALittleLonger) {
  SimPair pair({.latency = 1ms});
  Heard client;
  pair.run(
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        for (Moment deadline : {Moment{5s}, Moment{1s}, Moment{20s}}) {
          Result<std::string_view> chunk = co_await stream->read_some(deadline);
          client.add(pair.loop, chunk);
        }
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        co_await pair.loop.sleep_until(Moment{10s});
        co_await stream->write("late", never);
        co_await pair.loop.sleep_until(Moment{60s});
      });
  EXPECT_THAT(client.log, ElementsAre("timed-out at 5s", "timed-out at 5s", "late at 10.001s"));
}

TEST(SimStream, AnAbandonedDeadlineDoesNotStretchTime) {
  SimPair pair({.latency = 1ms});
  LoopEnd end = pair.run([](std::unique_ptr<Stream> stream) -> Task<void> { co_await stream->read_some(Moment{24h}); },
                         [](std::unique_ptr<Stream> stream) -> Task<void> { co_await stream->write("+OK", never); });
  EXPECT_EQ(end.why, LoopEnd::Why::finished);
  EXPECT_EQ(pair.loop.now(), Moment{3ms});
  EXPECT_TRUE(pair.loop.events().empty()) << "a deadline that nobody waits for is still queued";
}

TEST(SimStream, WhatArrivedBeforeTheDeadlineIsReadAfterIt) {
  SimPair pair({.latency = 1ms});
  Heard client;
  pair.run(
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        co_await pair.loop.sleep_until(Moment{1h});
        Result<std::string_view> chunk = co_await stream->read_some(Moment{1s});
        client.add(pair.loop, chunk);
      },
      [](std::unique_ptr<Stream> stream) -> Task<void> {
        co_await stream->write("+OK", never);
        co_await stream->close(Ending::orderly, never);
      });
  EXPECT_THAT(client.log, ElementsAre("+OK at 1h"));
}

TEST(SimStream, AnEndComesAfterTheBytesAndStays) {
  for (Ending ending : {Ending::orderly, Ending::no_close_notify, Ending::reset}) {
    SimPair pair({.latency = 1ms});
    Heard client;
    pair.run(
        [&](std::unique_ptr<Stream> stream) -> Task<void> {
          for (int i = 0; i < 3; ++i) {
            Result<std::string_view> chunk = co_await stream->read_some(never);
            client.add(pair.loop, chunk);
          }
        },
        [&](std::unique_ptr<Stream> stream) -> Task<void> {
          co_await stream->write("bye", never);
          co_await stream->close(ending, never);
        });
    std::string end = ending == Ending::reset ? "reset at 3ms" : "end-of-stream at 3ms";
    EXPECT_THAT(client.log, ElementsAre("bye at 3ms", end, end));
  }
}

TEST(SimStream, DestroyedWhileOpenItResets) {
  SimPair pair({.latency = 1ms});
  Heard client;
  pair.run([&](std::unique_ptr<Stream> stream) -> Task<void> { co_await read_all(pair.loop, *stream, client); },
           [](std::unique_ptr<Stream> stream) -> Task<void> {
             co_await stream->write("+O", never);
             stream.reset();
           });
  EXPECT_THAT(client.log, ElementsAre("+O at 3ms", "reset at 3ms"));
}

TEST(SimStream, TheFirstEndIsTheOneThatCounts) {
  SimPair pair({.latency = 1ms});
  Heard client;
  pair.run([&](std::unique_ptr<Stream> stream) -> Task<void> { co_await read_all(pair.loop, *stream, client); },
           [](std::unique_ptr<Stream> stream) -> Task<void> {
             co_await stream->close(Ending::orderly, never);
             co_await stream->close(Ending::reset, never);
           });
  EXPECT_THAT(client.log, ElementsAre("end-of-stream at 3ms"));
}

TEST(SimStream, AfterItsOwnFinASideMayStillListen) {
  SimPair pair({.latency = 1ms});
  Heard client;
  Status written;
  pair.run(
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        co_await stream->close(Ending::orderly, never);
        written = co_await stream->write("more", never);
        co_await read_all(pair.loop, *stream, client);
      },
      [](std::unique_ptr<Stream> stream) -> Task<void> {
        Result<std::string_view> end = co_await stream->read_some(never);
        EXPECT_FALSE(end.has_value());
        co_await stream->write("last words", never);
        co_await stream->close(Ending::orderly, never);
      });
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, Errc::cancelled);
  EXPECT_EQ(written.error().message, "written after the connection was closed on this side");
  EXPECT_THAT(client.log, ElementsAre("last words at 4ms", "end-of-stream at 4ms"));
}

TEST(SimStream, AfterItsOwnResetASideHearsNothing) {
  SimPair pair({.latency = 1ms});
  Heard client;
  Status peer_wrote;
  pair.run(
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        co_await pair.loop.sleep_until(Moment{1s});  // "+OK" has arrived, unread
        co_await stream->close(Ending::reset, never);
        Result<std::string_view> chunk = co_await stream->read_some(never);
        client.add(pair.loop, chunk);
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        co_await stream->write("+OK", never);
        co_await pair.loop.sleep_until(Moment{2s});
        peer_wrote = co_await stream->write("more", never);
      });
  EXPECT_THAT(client.log, ElementsAre("cancelled at 1s"));
  EXPECT_EQ(code_of(peer_wrote), Errc::reset);
}

TEST(SimStream, AWriterWhoWaitsIsToldThatItsReaderHasGone) {
  SimPair pair({.latency = 1ms});
  Status written;
  Moment told;
  pair.run(
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        written = co_await stream->write(std::string(window + 1, 'a'), never);
        told = pair.loop.now();
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        co_await pair.loop.sleep_until(Moment{7s});
        stream.reset();
      });
  EXPECT_EQ(code_of(written), Errc::reset);
  EXPECT_EQ(told, Moment{7s});
}

/// The client aborts at one second what it waits for; the server reads and then writes.
struct Aborted {
  explicit Aborted(bool client_writes) {
    pair.run(
        [&](std::unique_ptr<Stream> stream) -> Task<void> {
          pair.loop.spawn(abort_later(*stream));
          if (client_writes) {
            pending = co_await stream->write(std::string(window + 1, 'a'), never);
          } else {
            Result<std::string_view> chunk = co_await stream->read_some(never);
            if (!chunk) pending = chunk.error();
          }
          at = pair.loop.now();
          later_write = co_await stream->write("x", never);
          Result<std::string_view> chunk = co_await stream->read_some(never);
          if (!chunk) later_read = chunk.error();
          co_await pair.loop.sleep_until(Moment{5s});
        },
        [&](std::unique_ptr<Stream> stream) -> Task<void> {
          co_await pair.loop.sleep_until(Moment{2s});
          Result<std::string_view> chunk = co_await stream->read_some(never);
          while (chunk) chunk = co_await stream->read_some(never);
          peer_read = chunk.error();
          peer_told = pair.loop.now();
          peer_write = co_await stream->write("y", never);
        });
  }
  Task<void> abort_later(Stream& stream) {
    co_await pair.loop.sleep_until(Moment{1s});
    stream.abort();
    stream.abort();  // once more is no harm
  }

  SimPair pair{{.latency = 1ms}};
  Status pending, later_write, later_read, peer_read, peer_write;
  Moment at, peer_told;
};

TEST(SimStream, AbortCancelsThisSideAndResetsThePeer) {
  for (bool client_writes : {false, true}) {
    Aborted story(client_writes);
    EXPECT_EQ(code_of(story.pending), Errc::cancelled) << client_writes;
    EXPECT_EQ(story.at, Moment{1s});
    EXPECT_EQ(story.pending.error().message, "the connection is being taken down");
    EXPECT_EQ(code_of(story.later_write), Errc::cancelled);
    EXPECT_EQ(code_of(story.later_read), Errc::cancelled);
    EXPECT_EQ(code_of(story.peer_read), Errc::reset);
    EXPECT_EQ(story.peer_told, Moment{2s}) << "the reset came with the abort, not with the end of the stream";
    EXPECT_EQ(code_of(story.peer_write), Errc::reset);
  }
}

TEST(SimStream, KnowsWhoCalls) {
  SimPair pair;
  pair.run(
      [](std::unique_ptr<Stream> stream) -> Task<void> {
        EXPECT_EQ(stream->peer(), "pop.isp.test:995");
        EXPECT_FALSE(stream->is_tls());
        co_return;
      },
      [](std::unique_ptr<Stream> stream) -> Task<void> {
        EXPECT_EQ(stream->peer(), "127.0.0.1:40000");
        co_return;
      });
}

TEST(SimStream, HasNoTlsToOffer) {
  SimPair pair;
  Status upgraded;
  pair.run([&](std::unique_ptr<Stream> stream) -> Task<void> { upgraded = co_await stream->start_tls(never); },
           [](std::unique_ptr<Stream> /*stream*/) -> Task<void> { co_return; });
  EXPECT_EQ(code_of(upgraded), Errc::internal);
  EXPECT_EQ(upgraded.error().step, Step::tls);
}

TEST(SimStream, AStallNamesBothSidesOfTheConnection) {
  SimPair pair({.latency = 10ms});
  LoopEnd end = pair.run([](std::unique_ptr<Stream> stream) -> Task<void> { co_await stream->read_some(never); },
                         [](std::unique_ptr<Stream> stream) -> Task<void> { co_await stream->read_some(never); });
  EXPECT_EQ(end.why, LoopEnd::Why::stalled);
  EXPECT_THAT(end.waiting, ElementsAre("the server pop.isp.test:995 waits for bytes since +20ms",
                                       "the client of pop.isp.test:995 waits for bytes since +20ms"));
}

TEST(SimStream, AStallNamesAPeerThatDoesNotRead) {
  SimPair pair({.latency = 10ms});
  LoopEnd end = pair.run(
      [](std::unique_ptr<Stream> stream) -> Task<void> { co_await stream->write(std::string(window + 1, 'a'), never); },
      [&](std::unique_ptr<Stream> /*stream*/) -> Task<void> { co_await pair.loop.sleep_until(never); });
  EXPECT_EQ(end.why, LoopEnd::Why::stalled);
  EXPECT_THAT(end.waiting,
              ElementsAre("a task sleeps since +20ms", "the server pop.isp.test:995 takes nothing more since +20ms"));
}

}  // namespace
}  // namespace mailrig::sim
