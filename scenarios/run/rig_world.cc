#include "scenarios/run/rig_world.h"

#include <fmt/format.h>

#include "net/asio/asio_loop.h"
#include "net/asio/asio_network.h"
#include "net/mapped_network.h"
#include "net/scripted_calendar.h"
#include "net/sim/sim_loop.h"
#include "net/sim/sim_network.h"

namespace mailrig::scenarios {
namespace {

/// What both networks can be told about the names of a story.
template <class AnyNetwork>
void lay_addresses(AnyNetwork& network, const ServerSpec& server) {
  network.set_silent(server.host, server.silent);
  if (server.addresses.empty()) return;
  std::vector<std::string> addresses;
  for (std::size_t i = 0; i < server.addresses.size(); ++i) {
    // The good address is the one that listens; nobody listens at the others, and a silent one does not even say so.
    if (server.addresses[i] == AddressState::good) {
      addresses.push_back(server.host);
      continue;
    }
    addresses.push_back(fmt::format("{}#{}", server.host, i + 1));
    network.set_silent(addresses.back(), server.addresses[i] == AddressState::silent);
  }
  network.set_addresses(server.host, std::move(addresses));
}

class SimRig final : public RigWorld {
 public:
  SimRig(const Scenario& scenario, std::uint64_t seed) : calendar_(loop_, scenario.clock), prng_(seed) {}

  World& world() override { return world_; }
  WorldKind kind() const override { return WorldKind::sim; }
  Result<std::unique_ptr<Listener>> listen(const ServerSpec& server) override {
    network_.set_link(server.host, {.latency = server.link.latency,
                                    .bytes_per_second = server.link.bytes_per_second,
                                    .split_at = server.link.split_at});
    lay_addresses(network_, server);
    return network_.listen({server.host, server.port});
  }

 private:
  sim::SimLoop loop_;
  sim::SimCalendar calendar_;
  sim::SimNetwork network_{loop_};
  Prng prng_;
  Transcript transcript_;
  World world_{loop_, loop_, calendar_, network_, prng_, transcript_};
  TaskEnd task_end_{loop_};  // the last member: tasks use the world
};

class NetRig final : public RigWorld {
 public:
  NetRig(const Scenario& scenario, std::uint64_t seed)
      : calendar_(scenario.clock), prng_(seed), transcript_(loop_.now()) {}

  World& world() override { return world_; }
  WorldKind kind() const override { return WorldKind::net; }
  Result<std::unique_ptr<Listener>> listen(const ServerSpec& server) override {
    lay_addresses(network_, server);
    return network_.listen({server.host, server.port});
  }

 private:
  AsioLoop loop_;
  ScriptedCalendar calendar_;
  AsioNetwork sockets_{loop_};
  MappedNetwork network_{sockets_, loop_, "127.0.0.1"};
  Prng prng_;
  Transcript transcript_;
  World world_{loop_, loop_, calendar_, network_, prng_, transcript_};
  TaskEnd task_end_{loop_};  // the last member: tasks use the world
};

}  // namespace

std::unique_ptr<RigWorld> make_rig_world(WorldKind kind, const Scenario& scenario, std::uint64_t seed) {
  if (kind == WorldKind::sim) return std::make_unique<SimRig>(scenario, seed);
  return std::make_unique<NetRig>(scenario, seed);
}

}  // namespace mailrig::scenarios
