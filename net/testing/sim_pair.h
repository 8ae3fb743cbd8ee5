#pragma once
/// A client and a server that talk over one simulated link: for tests of what stands between them.
///
///   SimPair pair({.latency = 10ms});
///   pair.run([&](std::unique_ptr<Stream> stream) -> Task<void> { ... },      // the client
///            [&](std::unique_ptr<Stream> stream) -> Task<void> { ... });     // the server
///   EXPECT_EQ(pair.loop.now(), Moment{20ms});

#include <functional>
#include <memory>
#include <utility>

#include "net/sim/sim_loop.h"
#include "net/sim/sim_network.h"
#include "net/task.h"

namespace mailrig::testing {

class SimPair {
 public:
  using Side = std::function<Task<void>(std::unique_ptr<Stream>)>;

  explicit SimPair(sim::SimLink link = {},
                   Instant start = Instant{std::chrono::sys_days{std::chrono::year{2014} / 6 / 2}} + 9h)
      : network(loop), calendar(loop, start) {
    network.set_link("pop.isp.test", link);
  }

  /// Both sides, each with its end of one connection; returns when both have ended. Lambdas live as long as the pair.
  LoopEnd run(Side client, Side server) {
    client_ = std::move(client);
    server_ = std::move(server);
    return loop.run(both(), {.virtual_span = 24h * 30});
  }

  sim::SimLoop loop;
  sim::SimNetwork network;
  sim::SimCalendar calendar;

 private:
  Task<void> both() {
    Result<std::unique_ptr<Listener>> listener = network.listen({"pop.isp.test", 995});
    listener_ = std::move(listener).value();
    loop.spawn(serve());
    Result<std::unique_ptr<Stream>> stream = co_await network.connect({"pop.isp.test", 995}, {}, never);
    co_await client_(std::move(stream).value());
    while (!served_) co_await done_.wait();
  }
  Task<void> serve() {
    Result<std::unique_ptr<Stream>> stream = co_await listener_->accept();
    co_await server_(std::move(stream).value());
    served_ = true;
    done_.notify_all();
  }

  Side client_;
  Side server_;
  std::unique_ptr<Listener> listener_;
  Signal done_;
  bool served_ = false;
};

}  // namespace mailrig::testing
