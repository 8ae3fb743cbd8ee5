#pragma once
/// A World made for one run: in memory and virtual, or on loopback with a calendar that the story moves.
///
///   auto rig = make_rig_world(WorldKind::sim, {.start = scenario.clock, .seed = seed});
///   LoopEnd end = rig->world().loop.run(play(rig->world()), limits);

#include <memory>
#include <string>

#include "base/outcome.h"
#include "net/world.h"
#include "scenarios/scenario.h"

namespace mailrig::scenarios {

struct RigWorldSettings {
  Instant start{};
  std::uint64_t seed = 0;
};

class RigWorld {
 public:
  virtual ~RigWorld() = default;
  virtual World& world() = 0;
  /// Listens for a server under the host and port that its clients are told, and lays its link.
  virtual Result<std::unique_ptr<Listener>> listen(const ServerSpec& server) = 0;
  /// Real time does not stand for work here: spans count waiting.
  virtual bool virtual_time() const = 0;
};

std::unique_ptr<RigWorld> make_rig_world(WorldKind kind, const RigWorldSettings& settings);

}  // namespace mailrig::scenarios
