#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>
#include <vector>

#include "net/fault_stream.h"
#include "net/tap_stream.h"
#include "net/task.h"
#include "net/testing/sim_pair.h"
#include "net/testing/tls_contexts.h"
#include "net/tls/tls.h"

// What goes over a connection under TLS, and how it ends; the handshake is in tls_test.cc.
namespace mailrig {
namespace {

using testing::at;
using ::testing::HasSubstr;
using testing::SimPair;
using testing::tls_client_context;
using testing::tls_file;
using testing::tls_server_context;
using testing::tls_settings;

Task<std::string> read_until_end(Stream& stream, Clock& clock, Error& end) {
  std::string all;
  for (;;) {
    Result<std::string_view> chunk = co_await stream.read_some(clock.now() + 1h);
    if (!chunk) {
      end = chunk.error();
      co_return all;
    }
    all += *chunk;
  }
}

/// Both sides say `words` after the upgrade; the server ends as told. Returns what the client read.
struct Talk {
  std::string heard_by_client;
  std::string heard_by_server;
  Error client_end;
  Duration took{};
};
Talk talk(sim::SimLink link, const std::string& words, Ending ending, bool in_clear_first = false) {
  Talk result;
  SimPair pair(link);
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream =
            with_tls(std::move(below), tls_client_context(), "pop.isp.test", pair.calendar);
        if (in_clear_first) {
          Status asked = co_await stream->write("STLS\r\n", never);
          EXPECT_TRUE(asked);
          std::string answer;
          while (answer.size() < 5) {
            Result<std::string_view> chunk = co_await stream->read_some(never);
            answer += chunk.value();
          }
          EXPECT_EQ(answer, "+OK\r\n");
        }
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        Status sent = co_await stream->write(words, never);
        EXPECT_TRUE(sent);
        result.heard_by_client = co_await read_until_end(*stream, pair.loop, result.client_end);
        result.took = pair.loop.now() - Moment{};
        Result<std::string_view> again = co_await stream->read_some(pair.loop.now() + 1s);
        EXPECT_EQ(again.error().code, result.client_end.code) << "the end stays the end";
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), tls_server_context(tls_settings()));
        if (in_clear_first) {
          std::string line;
          while (line.size() < 6) {
            Result<std::string_view> chunk = co_await stream->read_some(never);
            line += chunk.value();
          }
          EXPECT_EQ(line, "STLS\r\n");
          Status answered = co_await stream->write("+OK\r\n", never);
          EXPECT_TRUE(answered);
        }
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        while (result.heard_by_server.size() < words.size()) {
          Result<std::string_view> chunk = co_await stream->read_some(never);
          if (!chunk) break;
          result.heard_by_server += *chunk;
        }
        Status sent = co_await stream->write(words, never);
        EXPECT_TRUE(sent);
        Status closed = co_await stream->close(ending, never);
        EXPECT_TRUE(closed);
        Status late = co_await stream->write("late", never);
        EXPECT_EQ(late.error().code, Errc::cancelled);
        co_await pair.loop.sleep_until(pair.loop.now() + 1h);
      });
  return result;
}

std::string numbered(std::size_t octets) {
  std::string text;
  for (std::size_t i = 0; text.size() < octets; ++i) text += std::to_string(i) + ' ';
  text.resize(octets);
  return text;
}

TEST(Tls, TheSameBytesArriveHoweverTheyAreCut) {
  for (std::size_t octets : {1U, 16'384U, 16'385U, 65'536U, 65'537U, 300'000U})
    for (std::size_t split : {0U, 1'000U, 40'000U}) {
      std::string words = numbered(octets);
      Talk result = talk({.split_at = split}, words, Ending::orderly);
      EXPECT_TRUE(result.heard_by_client == words) << octets << " octets split at " << split;
      EXPECT_TRUE(result.heard_by_server == words) << octets << " octets split at " << split;
      EXPECT_EQ(result.client_end.code, Errc::end_of_stream);
    }
  std::string words = numbered(3'000);
  EXPECT_EQ(talk({.split_at = 1}, words, Ending::orderly).heard_by_client, words);
}

TEST(Tls, AnUpgradeInPlaceBeginsClean) {
  for (std::size_t split : {0U, 1U}) {
    Talk result = talk({.split_at = split}, "hello", Ending::orderly, true);
    EXPECT_EQ(result.heard_by_client, "hello");
    EXPECT_EQ(result.heard_by_server, "hello");
  }
}

TEST(Tls, TheThreeEndsAreToldApart) {
  EXPECT_EQ(talk({}, "bye", Ending::orderly).client_end.code, Errc::end_of_stream);
  Talk cut = talk({}, "bye", Ending::no_close_notify);
  EXPECT_EQ(cut.heard_by_client, "bye");
  EXPECT_EQ(cut.client_end.code, Errc::truncated);
  EXPECT_EQ(cut.client_end.reason, "truncated");
  EXPECT_THAT(cut.client_end.message, HasSubstr("close_notify"));
  EXPECT_EQ(talk({}, "bye", Ending::reset).client_end.code, Errc::reset);
}

// Four flights of one way each (request, hello, server's flight, Finished with the words) and one for the answer; what
// is charged is fixed, so that the figures can be added up by hand.
TEST(Tls, TimeIsAddedUpFromPlainOctetsAndFixedFlights) {
  // TCP's round trip 80 ms; ClientHello, server's flight, Finished: 3 x (40 ms + 2,000 octets at 100,000 a second = 20
  // ms); the words follow the Finished at once: 5,000 octets = 50 ms; the answer: 40 ms + 50 ms; close_notify: 24
  // octets = 0.24 ms.
  Talk result = talk({.latency = 40ms, .bytes_per_second = 100'000}, numbered(5'000), Ending::orderly);
  EXPECT_EQ(result.took, 80ms + 3 * 60ms + 50ms + 40ms + 50ms + 240us);
}

/// What one side sends below TLS, by records of application data after the handshake.
TEST(Tls, RecordsAreCutWhereTheLinkSplitsAndNeverPast16KiB) {
  for (auto [split, octets, sizes] : {std::tuple{0U, 40'000U, std::vector<std::size_t>{16'384, 16'384, 7'232}},
                                      std::tuple{16'384U, 16'385U, std::vector<std::size_t>{16'384, 1}},
                                      std::tuple{1'000U, 2'500U, std::vector<std::size_t>{1'000, 1'000, 500}}}) {
    std::string wire;
    std::vector<std::size_t> units;
    SimPair pair({.split_at = split});
    pair.run(
        [&](std::unique_ptr<Stream> below) -> Task<void> {
          std::unique_ptr<Stream> tapped =
              with_tap(std::move(below), [&](TapDirection direction, std::string_view bytes) {
                if (direction != TapDirection::sent) return;
                wire += bytes;
                units.push_back(bytes.size());
              });
          std::unique_ptr<Stream> stream =
              with_tls(std::move(tapped), tls_client_context(), "pop.isp.test", pair.calendar);
          Status status = co_await stream->start_tls(pair.loop.now() + 10s);
          EXPECT_TRUE(status);
          wire.clear();
          units.clear();
          Status sent = co_await stream->write(numbered(octets), never);
          EXPECT_TRUE(sent);
        },
        [&](std::unique_ptr<Stream> below) -> Task<void> {
          std::unique_ptr<Stream> stream = with_tls(std::move(below), tls_server_context(tls_settings()));
          Status status = co_await stream->start_tls(pair.loop.now() + 10s);
          EXPECT_TRUE(status);
          Error end;
          co_await read_until_end(*stream, pair.loop, end);
        });
    std::vector<std::size_t> records;
    for (std::size_t at = 0; at < wire.size();) {
      EXPECT_EQ(wire[at], '\x17');
      std::size_t length = static_cast<unsigned char>(wire[at + 3]) * 256U + static_cast<unsigned char>(wire[at + 4]);
      records.push_back(length - 17);  // the type of the content and GCM's tag (RFC 8446 §5.2)
      at += 5 + length;
    }
    EXPECT_EQ(records, sizes);
    EXPECT_EQ(units.size(), split == 0 ? 1 : sizes.size()) << "what a link does not split goes out in one";
    EXPECT_EQ(wire.find("0 1 2 3"), std::string::npos);
  }
}

TEST(Tls, TwoRunsTakeTheSameTime) {
  sim::SimLink link{.latency = 7ms, .bytes_per_second = 31'337, .split_at = 100};
  Duration first = talk(link, numbered(10'000), Ending::orderly, true).took;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(talk(link, numbered(10'000), Ending::orderly, true).took, first);
}

TEST(Tls, AReadThatTimesOutCanBeRepeated) {
  SimPair pair;
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream =
            with_tls(std::move(below), tls_client_context(), "pop.isp.test", pair.calendar);
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        Result<std::string_view> early = co_await stream->read_some(pair.loop.now() + 1s);
        EXPECT_FALSE(early);
        EXPECT_EQ(early.error().code, Errc::timed_out);
        EXPECT_EQ(early.error().reason, "");
        Result<std::string_view> later = co_await stream->read_some(pair.loop.now() + 10s);
        EXPECT_TRUE(later);
        EXPECT_EQ(*later, "late");
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), tls_server_context(tls_settings()));
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        co_await pair.loop.sleep_until(pair.loop.now() + 5s);
        Status sent = co_await stream->write("late", never);
        EXPECT_TRUE(sent);
        Error end;
        co_await read_until_end(*stream, pair.loop, end);
        EXPECT_EQ(end.code, Errc::reset) << "the client's stream was destroyed while open";
      });
}

TEST(Tls, ADamagedRecordEndsTheConnectionAndThePeerIsTold) {
  SimPair pair;
  Error client_end;
  Error server_end;
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream =
            with_tls(std::move(below), tls_client_context(), "pop.isp.test", pair.calendar);
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        std::string heard = co_await read_until_end(*stream, pair.loop, client_end);
        EXPECT_EQ(heard, "one");
        Status sent = co_await stream->write("more", never);
        EXPECT_FALSE(sent);
        Status closed = co_await stream->close(Ending::orderly, never);
        EXPECT_TRUE(closed);
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        // The server's flight, then "one", then "two" with its first octet of data damaged.
        std::unique_ptr<Stream> garbled =
            with_faults(std::move(below), pair.loop, {.on_write = {Garble{tls_flight_octets + 3, 0x01}}});
        std::unique_ptr<Stream> stream = with_tls(std::move(garbled), tls_server_context(tls_settings()));
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        for (const char* words : {"one", "two"}) {
          Status sent = co_await stream->write(words, never);
          EXPECT_TRUE(sent);
        }
        co_await read_until_end(*stream, pair.loop, server_end);
      });
  EXPECT_EQ(client_end.code, Errc::tls_failed);
  EXPECT_EQ(client_end.reason, "other");
  EXPECT_EQ(server_end.code, Errc::tls_failed);
  EXPECT_THAT(server_end.message, HasSubstr("alert"));
}

TEST(Tls, AUnitOfTheOwnerIsEncryptedAsAnyWrite) {
  SimPair pair;
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream =
            with_tls(std::move(below), tls_client_context(), "pop.isp.test", pair.calendar);
        Status clear = co_await stream->write_unit("in clear", 1, never);
        EXPECT_TRUE(clear);
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        Status sent = co_await stream->write_unit("encrypted", 1, never);
        EXPECT_TRUE(sent);
        Status closed = co_await stream->close(Ending::orderly, never);
        EXPECT_TRUE(closed);
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), tls_server_context(tls_settings()));
        Result<std::string_view> clear = co_await stream->read_some(never);
        EXPECT_EQ(clear.value(), "in clear");
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        Error end;
        std::string heard = co_await read_until_end(*stream, pair.loop, end);
        EXPECT_EQ(heard, "encrypted");
        EXPECT_EQ(end.code, Errc::end_of_stream);
      });
}

TEST(Tls, TlsIsStartedOnce) {
  SimPair pair;
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream =
            with_tls(std::move(below), tls_client_context(), "pop.isp.test", pair.calendar);
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        Status again = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_FALSE(again);
        EXPECT_EQ(again.error().code, Errc::internal);
        Status sent = co_await stream->write("still good", never);
        EXPECT_TRUE(sent);
        Status closed = co_await stream->close(Ending::orderly, never);
        EXPECT_TRUE(closed);
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), tls_server_context(tls_settings()));
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        Error end;
        std::string heard = co_await read_until_end(*stream, pair.loop, end);
        EXPECT_EQ(heard, "still good");
        EXPECT_EQ(end.code, Errc::end_of_stream);
      });
}

TEST(Tls, AbortEndsAReadWithCancelled) {
  SimPair pair;
  Error ended;
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream =
            with_tls(std::move(below), tls_client_context(), "pop.isp.test", pair.calendar);
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        Stream* raw = stream.get();
        pair.loop.spawn([](Stream* victim, Clock& clock) -> Task<void> {
          co_await clock.sleep_until(clock.now() + 1s);
          victim->abort();
        }(raw, pair.loop));
        Result<std::string_view> chunk = co_await stream->read_some(never);
        EXPECT_FALSE(chunk);
        ended = chunk.error();
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), tls_server_context(tls_settings()));
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        Error end;
        co_await read_until_end(*stream, pair.loop, end);
        EXPECT_EQ(end.code, Errc::reset);
      });
  EXPECT_EQ(ended.code, Errc::cancelled);
}

}  // namespace
}  // namespace mailrig
