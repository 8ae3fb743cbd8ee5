#pragma once
/// A World made for one run: in memory and virtual, or on loopback with a calendar that the story moves.
///
///   std::unique_ptr<RigWorld> rig = make_rig_world(WorldKind::sim, scenario, seed);
///   Result<std::unique_ptr<Listener>> listener = rig->listen(scenario.servers[0]);
///   LoopEnd end = rig->world().loop.run(play(rig->world()), limits);

#include <cstdint>
#include <memory>

#include "base/outcome.h"
#include "net/world.h"
#include "scenarios/language/scenario.h"

namespace mailrig::scenarios {

class RigWorld {
 public:
  virtual ~RigWorld() = default;
  virtual World& world() = 0;
  virtual WorldKind kind() const = 0;
  /// Listens under the host and port that the server's clients are told; lays its link and its addresses.
  virtual Result<std::unique_ptr<Listener>> listen(const ServerSpec& server) = 0;
};

/// The calendar starts at the scenario's clock.
std::unique_ptr<RigWorld> make_rig_world(WorldKind kind, const Scenario& scenario, std::uint64_t seed);

}  // namespace mailrig::scenarios
