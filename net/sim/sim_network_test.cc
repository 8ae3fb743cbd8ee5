#include "net/sim/sim_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/task.h"

namespace mailrig::sim {
namespace {

using ::testing::ElementsAre;

/// Answers each connection by nothing: it only counts them.
struct Host {
  SimLoop loop;
  SimNetwork network{loop};
  std::unique_ptr<Listener> listener;
  std::vector<std::string> callers;
  std::vector<std::unique_ptr<Stream>> streams;
  Errc accept_ended = Errc::internal;

  void listen(std::string at = "pop.isp.test") {
    Result<std::unique_ptr<Listener>> made = network.listen({std::move(at), 110});
    listener = std::move(made).value();
    loop.spawn(accept_all());
  }
  Task<void> accept_all() {
    for (;;) {
      Result<std::unique_ptr<Stream>> stream = co_await listener->accept();
      if (!stream) {
        accept_ended = stream.error().code;
        co_return;
      }
      callers.push_back((*stream)->peer());
      streams.push_back(std::move(*stream));
    }
  }
};

struct Call {
  std::string outcome = "still calling";  // "connected at 2ms", "connection-refused at 2ms"
  std::string message;
  Step step = Step::none;
  std::unique_ptr<Stream> stream;
};

Task<void> call(Host& host, Call& made, std::string source, Moment deadline, std::string to) {
  Endpoint endpoint{std::move(to), 110};
  Result<std::unique_ptr<Stream>> stream = co_await host.network.connect(endpoint, source, deadline);
  std::string what = stream ? "connected" : std::string(to_string(stream.error().code));
  made.outcome = what + " at " + format_duration(host.loop.now().time_since_epoch());
  if (stream) {
    made.stream = std::move(*stream);
  } else {
    made.message = stream.error().message;
    made.step = stream.error().step;
  }
}

LoopEnd try_to_call(Host& host, Call& made, std::string source = {}, Moment deadline = Moment{30s},
                    std::string to = "pop.isp.test") {
  return host.loop.run(call(host, made, std::move(source), deadline, std::move(to)), {});
}

TEST(SimNetwork, ConnectsWithinOneRoundTrip) {
  Host host;
  host.network.set_link("pop.isp.test", {.latency = 40ms});
  host.listen();
  Call made;
  try_to_call(host, made);
  EXPECT_EQ(made.outcome, "connected at 80ms");
  EXPECT_EQ(made.stream->peer(), "pop.isp.test:110");
  EXPECT_THAT(host.callers, ElementsAre("127.0.0.1:40000"));
}

TEST(SimNetwork, ALinkIsAMillisecondLongUnlessToldOtherwise) {
  Host host;
  host.listen();
  Call made;
  try_to_call(host, made);
  EXPECT_EQ(made.outcome, "connected at 2ms");
}

TEST(SimNetwork, NobodyListeningIsARefusal) {
  Host host;
  Call made;
  try_to_call(host, made);
  EXPECT_EQ(made.outcome, "connection-refused at 2ms");
  EXPECT_EQ(made.message, "pop.isp.test:110 refused the connection");
  EXPECT_EQ(made.step, Step::connect);
}

TEST(SimNetwork, AnotherPortOrHostIsNotTheSame) {
  Host host;
  Result<std::unique_ptr<Listener>> other_port = host.network.listen({"pop.isp.test", 995});
  Result<std::unique_ptr<Listener>> other_host = host.network.listen({"imap.isp.test", 110});
  ASSERT_TRUE(other_port.has_value() && other_host.has_value());
  Call made;
  try_to_call(host, made);
  EXPECT_EQ(made.outcome, "connection-refused at 2ms");
}

TEST(SimNetwork, AListenerMayRefuseForAWhile) {
  Host host;
  host.listen();
  host.listener->refuse(true);
  Call refused, taken;
  try_to_call(host, refused);
  EXPECT_EQ(refused.outcome, "connection-refused at 2ms");
  host.listener->refuse(false);
  try_to_call(host, taken);
  EXPECT_EQ(taken.outcome, "connected at 4ms");
  EXPECT_EQ(host.callers.size(), 1U);
}

TEST(SimNetwork, ASilentHostCostsAllPatience) {
  Host host;
  host.listen();
  host.network.set_silent("pop.isp.test", true);
  Call silent, loud;
  try_to_call(host, silent);
  EXPECT_EQ(silent.outcome, "timed-out at 30s");
  EXPECT_EQ(silent.message, "pop.isp.test:110 did not answer in time");
  EXPECT_EQ(silent.step, Step::connect);
  host.network.set_silent("pop.isp.test", false);
  try_to_call(host, loud, {}, Moment{60s});
  EXPECT_EQ(loud.outcome, "connected at 30.002s");
}

TEST(SimNetwork, ACallToASilentHostWithoutDeadlineIsAStall) {
  Host host;
  host.network.set_silent("pop.isp.test", true);
  Call made;
  LoopEnd end = try_to_call(host, made, {}, never);
  EXPECT_EQ(end.why, LoopEnd::Why::stalled);
  EXPECT_THAT(end.waiting, ElementsAre("a client waits for pop.isp.test:110 to answer its call since +0s"));
  EXPECT_EQ(host.loop.now(), Moment{0s});
  host.loop.abandon();
}

TEST(SimNetwork, PatienceMayBeShorterThanTheRoundTrip) {
  Host host;
  host.network.set_link("pop.isp.test", {.latency = 50ms});
  host.listen();
  Call just, short_of_it;
  try_to_call(host, just, {}, Moment{100ms});
  EXPECT_EQ(just.outcome, "connected at 100ms");
  try_to_call(host, short_of_it, {}, Moment{200ms - 1ns});
  EXPECT_EQ(short_of_it.outcome, "timed-out at 199.999999ms");
  EXPECT_EQ(short_of_it.message, "pop.isp.test:110 did not answer in time");
  EXPECT_EQ(host.callers.size(), 1U);
}

TEST(SimNetwork, RefusesByTheAddressOfTheCaller) {
  Host host;
  host.listen();
  host.network.refuse_source("pop.isp.test", "127.0.0.2", true);
  Call second, third, plain;
  try_to_call(host, second, "127.0.0.2");
  try_to_call(host, third, "127.0.0.3");
  try_to_call(host, plain);
  EXPECT_EQ(second.outcome, "connection-refused at 2ms");
  EXPECT_EQ(third.outcome, "connected at 4ms");
  EXPECT_EQ(plain.outcome, "connected at 6ms");
  EXPECT_THAT(host.callers, ElementsAre("127.0.0.3:40000", "127.0.0.1:40001"));
  host.network.refuse_source("pop.isp.test", "127.0.0.2", false);
  Call again;
  try_to_call(host, again, "127.0.0.2");
  EXPECT_EQ(again.outcome, "connected at 8ms");
}

TEST(SimNetwork, WhoNamesNoSourceCallsFromLocalhost) {
  Host host;
  host.listen();
  host.network.refuse_source("pop.isp.test", "127.0.0.1", true);
  Call made;
  try_to_call(host, made);
  EXPECT_EQ(made.outcome, "connection-refused at 2ms");
}

TEST(SimNetwork, TriesTheAddressesOfANameInTurn) {
  Host host;
  host.network.set_addresses("pop.isp.test", {"10.0.0.1", "10.0.0.2", "10.0.0.3"});
  host.network.set_link("10.0.0.1", {.latency = 10ms});
  host.listen("10.0.0.2");
  Call made;
  try_to_call(host, made);
  EXPECT_EQ(made.outcome, "connected at 22ms");  // a round trip of 20 ms to the refusal, then one of 2 ms
  EXPECT_EQ(made.stream->peer(), "10.0.0.2:110");
}

TEST(SimNetwork, TheLastAddressGivesTheError) {
  Host host;
  host.network.set_addresses("pop.isp.test", {"10.0.0.1", "10.0.0.2"});
  host.network.set_silent("10.0.0.2", true);
  Call made;
  try_to_call(host, made);
  EXPECT_EQ(made.outcome, "timed-out at 30s");
  EXPECT_EQ(made.message, "10.0.0.2:110 did not answer in time");
}

TEST(SimNetwork, ANameWithoutAddressIsUnreachable) {
  Host host;
  host.network.set_addresses("pop.isp.test", {});
  Call made;
  try_to_call(host, made);
  EXPECT_EQ(made.outcome, "unreachable at 0s");
  EXPECT_EQ(made.message, "pop.isp.test has no address");
  EXPECT_EQ(made.step, Step::connect);
}

TEST(SimNetwork, APortIsTakenOnceAndFreedWithItsListener) {
  Host host;
  host.listen();
  Result<std::unique_ptr<Listener>> second = host.network.listen({"pop.isp.test", 110});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Errc::environment);
  EXPECT_EQ(second.error().message, "pop.isp.test:110 is taken by another server");
  host.listener.reset();
  EXPECT_TRUE(host.network.listen({"pop.isp.test", 110}).has_value());
}

TEST(SimNetwork, PortZeroTakesAFreeOne) {
  Host host;
  Result<std::unique_ptr<Listener>> taken = host.network.listen({"pop.isp.test", 20'001});
  Result<std::unique_ptr<Listener>> first = host.network.listen({"pop.isp.test", 0});
  Result<std::unique_ptr<Listener>> second = host.network.listen({"pop.isp.test", 0});
  EXPECT_EQ((*first)->local(), (Endpoint{"pop.isp.test", 20'000}));
  EXPECT_EQ((*second)->local(), (Endpoint{"pop.isp.test", 20'002}));
}

TEST(SimNetwork, AStoppedListenerEndsItsWaitAndRefuses) {
  Host host;
  host.listen();
  Call before, after;
  try_to_call(host, before);
  host.listener->stop();
  EXPECT_EQ(host.accept_ended, Errc::cancelled);
  try_to_call(host, after);
  EXPECT_EQ(after.outcome, "connection-refused at 4ms");
}

TEST(SimNetwork, WhoWasNotYetAcceptedIsResetByTheStop) {
  Host host;
  Result<std::unique_ptr<Listener>> made = host.network.listen({"pop.isp.test", 110});
  Call waiting;
  try_to_call(host, waiting);
  EXPECT_EQ(waiting.outcome, "connected at 2ms");
  (*made)->stop();
  std::string heard;
  auto story = [](Stream& stream, std::string& text) -> Task<void> {
    Result<std::string_view> chunk = co_await stream.read_some(never);
    text = chunk ? *chunk : to_string(chunk.error().code);
  };
  host.loop.run(story(*waiting.stream, heard), {});
  EXPECT_EQ(heard, "reset");
}

TEST(SimNetwork, ConnectionsWaitToBeAcceptedInTheirOrder) {
  Host host;
  Result<std::unique_ptr<Listener>> made = host.network.listen({"pop.isp.test", 110});
  host.listener = std::move(*made);
  Call first, second;
  try_to_call(host, first, "127.0.0.7");
  try_to_call(host, second, "::1");
  host.loop.spawn(host.accept_all());
  Call third;
  try_to_call(host, third);
  EXPECT_THAT(host.callers, ElementsAre("127.0.0.7:40000", "[::1]:40001", "127.0.0.1:40002"));
}

TEST(SimNetwork, CallersPortsStartAnewWhenTheyRunOut) {
  Host host;
  host.listen();
  auto story = [](Host& the_host) -> Task<void> {
    for (int i = 0; i < 25'537; ++i) {  // 40000 to 65535, and one more
      Endpoint endpoint{"pop.isp.test", 110};
      Result<std::unique_ptr<Stream>> stream = co_await the_host.network.connect(endpoint, {}, never);
      the_host.streams.clear();
    }
  };
  host.loop.run(story(host), {});
  EXPECT_EQ(host.callers.at(25'535), "127.0.0.1:65535");
  EXPECT_EQ(host.callers.at(25'536), "127.0.0.1:40000");
}

}  // namespace
}  // namespace mailrig::sim
