#include "net/tap_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "net/task.h"
#include "net/testing/sim_pair.h"

namespace mailrig {
namespace {

using testing::SimPair;

TEST(TapStream, HearsBothDirectionsInOrderAndChangesNothing) {
  std::string heard;
  SimPair pair;
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream =
            with_tap(std::move(below), [&](TapDirection direction, std::string_view bytes) {
              heard += direction == TapDirection::sent ? '>' : '<';
              heard += bytes;
            });
        EXPECT_EQ(stream->peer(), "pop.isp.test:995");
        Status sent = co_await stream->write("QUIT", never);
        EXPECT_TRUE(sent);
        Status unit = co_await stream->write_unit("\x17unit", 3, never);
        EXPECT_TRUE(unit);
        Result<std::string_view> chunk = co_await stream->read_some(never);
        EXPECT_EQ(chunk.value(), "+OK");
        Result<std::string_view> end = co_await stream->read_some(never);
        EXPECT_EQ(end.error().code, Errc::end_of_stream);
        Status closed = co_await stream->close(Ending::orderly, never);
        EXPECT_TRUE(closed);
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        Result<std::string_view> first = co_await stream->read_some(never);
        EXPECT_EQ(first.value(), "QUIT");
        Result<std::string_view> second = co_await stream->read_some(never);
        EXPECT_EQ(second.value(), "\x17unit");
        Status sent = co_await stream->write("+OK", never);
        EXPECT_TRUE(sent);
        Status closed = co_await stream->close(Ending::orderly, never);
        EXPECT_TRUE(closed);
        Result<std::string_view> end = co_await stream->read_some(never);
        EXPECT_EQ(end.error().code, Errc::end_of_stream);
      });
  EXPECT_EQ(heard, ">QUIT>\x17unit<+OK");
}

TEST(TapStream, AnAbortGoesThrough) {
  SimPair pair;
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tap(std::move(below), [](TapDirection, std::string_view) {});
        stream->abort();
        Result<std::string_view> chunk = co_await stream->read_some(never);
        EXPECT_EQ(chunk.error().code, Errc::cancelled);
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        Result<std::string_view> end = co_await stream->read_some(never);
        EXPECT_EQ(end.error().code, Errc::reset);
      });
}

}  // namespace
}  // namespace mailrig
