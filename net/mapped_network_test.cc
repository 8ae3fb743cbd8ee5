#include "net/mapped_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/sim/sim_loop.h"
#include "net/sim/sim_network.h"
#include "net/task.h"

// The simulated network stands in for the real one: what is tested is where a name leads.
namespace mailrig {
namespace {

class Mapped : public ::testing::Test {
 public:
  /// "" and who was reached, or the error.
  Task<std::string> call(Endpoint to, std::string source = {}) {
    Result<std::unique_ptr<Stream>> stream = co_await network.connect(to, source, loop.now() + 30s);
    if (!stream) co_return std::string(to_string(stream.error().code));
    co_return (*stream)->peer();
  }
  std::string reach(Endpoint to, std::string source = {}) {
    std::string answer;
    auto main = [&]() -> Task<void> { answer = co_await call(to, source); };
    EXPECT_EQ(loop.run(main(), {}).why, LoopEnd::Why::finished);
    return answer;
  }
  std::unique_ptr<Listener> listen(Network& where, Endpoint at) { return std::move(where.listen(at)).value(); }

  sim::SimLoop loop;
  sim::SimNetwork real{loop};
  MappedNetwork network{real, loop, "127.0.0.1"};
};

TEST_F(Mapped, AListenerIsReachedByItsScenarioName) {
  std::unique_ptr<Listener> pop = listen(network, {"pop.isp.test", 995});
  std::unique_ptr<Listener> smtp = listen(network, {"pop.isp.test", 587});
  EXPECT_EQ(pop->local(), Endpoint("pop.isp.test", 995));
  EXPECT_EQ(reach({"pop.isp.test", 995}), "127.0.0.1:20000");
  EXPECT_EQ(reach({"pop.isp.test", 587}), "127.0.0.1:20001");
}

TEST_F(Mapped, WhereNobodyListensConnectionsAreRefused) {
  std::unique_ptr<Listener> pop = listen(network, {"pop.isp.test", 995});
  EXPECT_EQ(reach({"pop.isp.test", 110}), to_string(Errc::connection_refused));
  EXPECT_EQ(reach({"smtp.isp.test", 995}), to_string(Errc::connection_refused));
  EXPECT_EQ(reach({"127.0.0.1", 20'000}), to_string(Errc::connection_refused)) << "a scenario does not see real ports";
  pop->refuse(true);
  EXPECT_EQ(reach({"pop.isp.test", 995}), to_string(Errc::connection_refused));
  pop->refuse(false);
  EXPECT_EQ(reach({"pop.isp.test", 995}), "127.0.0.1:20000");
  pop->stop();
  EXPECT_EQ(reach({"pop.isp.test", 995}), to_string(Errc::connection_refused));
  pop.reset();
  std::unique_ptr<Listener> again = listen(network, {"pop.isp.test", 995});
  EXPECT_EQ(reach({"pop.isp.test", 995}), "127.0.0.1:20001") << "the name is free again";
}

TEST_F(Mapped, AcceptedConnectionsAreTheListeners) {
  std::unique_ptr<Listener> pop = listen(network, {"pop.isp.test", 995});
  std::string peer;
  auto main = [&]() -> Task<void> {
    const Endpoint to("pop.isp.test", 995);
    Result<std::unique_ptr<Stream>> stream = co_await network.connect(to, "127.0.0.7", never);
    Result<std::unique_ptr<Stream>> accepted = co_await pop->accept();
    peer = (*accepted)->peer();
  };
  loop.run(main(), {});
  EXPECT_EQ(peer, "127.0.0.7:40000");
}

TEST_F(Mapped, SeveralRealEndpointsAreTriedInTurn) {
  std::unique_ptr<Listener> second = listen(real, {"10.0.0.2", 7});
  std::unique_ptr<Listener> third = listen(real, {"10.0.0.3", 7});
  network.map({"pop.isp.test", 995}, {{"10.0.0.1", 7}, {"10.0.0.2", 7}, {"10.0.0.3", 7}});
  EXPECT_EQ(reach({"pop.isp.test", 995}), "10.0.0.2:7");
  second->refuse(true);
  EXPECT_EQ(reach({"pop.isp.test", 995}), "10.0.0.3:7");
  third->refuse(true);
  EXPECT_EQ(reach({"pop.isp.test", 995}), to_string(Errc::connection_refused));
  network.map({"pop.isp.test", 995}, {});
  third->refuse(false);
  EXPECT_EQ(reach({"pop.isp.test", 995}), to_string(Errc::connection_refused));
}

TEST_F(Mapped, SeveralAddressesOfANameAreTriedInTurn) {
  std::unique_ptr<Listener> b = listen(network, {"b.isp.test", 995});
  network.set_addresses("pop.isp.test", {"a.isp.test", "b.isp.test"});
  EXPECT_EQ(reach({"pop.isp.test", 995}), "127.0.0.1:20000");
  network.set_addresses("pop.isp.test", {});
  EXPECT_EQ(reach({"pop.isp.test", 995}), to_string(Errc::unreachable));
}

TEST_F(Mapped, ASilentHostTakesAllTheTimeThereIs) {
  std::unique_ptr<Listener> pop = listen(network, {"pop.isp.test", 995});
  network.set_silent("pop.isp.test", true);
  EXPECT_EQ(reach({"pop.isp.test", 995}), to_string(Errc::timed_out));
  EXPECT_EQ(loop.now(), Moment{30s});
  network.set_silent("pop.isp.test", false);
  EXPECT_EQ(reach({"pop.isp.test", 995}), "127.0.0.1:20000");
}

TEST_F(Mapped, ASourceCanBeRefused) {
  std::unique_ptr<Listener> pop = listen(network, {"pop.isp.test", 995});
  network.refuse_source("pop.isp.test", "127.0.0.2", true);
  EXPECT_EQ(reach({"pop.isp.test", 995}, "127.0.0.2"), to_string(Errc::connection_refused));
  EXPECT_EQ(reach({"pop.isp.test", 995}, "127.0.0.3"), "127.0.0.1:20000");
  EXPECT_EQ(reach({"pop.isp.test", 995}), "127.0.0.1:20000");
  network.refuse_source("pop.isp.test", "127.0.0.2", false);
  EXPECT_EQ(reach({"pop.isp.test", 995}, "127.0.0.2"), "127.0.0.1:20000");
}

TEST_F(Mapped, APlaceIsTakenOnceAndPort0IsAnyFreeOne) {
  std::unique_ptr<Listener> pop = listen(network, {"pop.isp.test", 995});
  Result<std::unique_ptr<Listener>> twice = network.listen({"pop.isp.test", 995});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, Errc::environment);
  EXPECT_EQ(twice.error().message, "pop.isp.test:995 is taken by another server");
  std::unique_ptr<Listener> any = listen(network, {"pop.isp.test", 0});
  std::unique_ptr<Listener> other = listen(network, {"pop.isp.test", 0});
  EXPECT_EQ(any->local(), Endpoint("pop.isp.test", 20'000));
  EXPECT_EQ(other->local(), Endpoint("pop.isp.test", 20'001));
  EXPECT_EQ(reach(other->local()), "127.0.0.1:20002");
}

}  // namespace
}  // namespace mailrig
