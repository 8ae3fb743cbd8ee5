#pragma once
/// Faults of a connection as data, composable on any stream, each for one direction.
///
///   stream = with_faults(std::move(stream), world.clock, {.on_write = {SplitEvery{1}, CutAfter{100, Ending::reset}}});
///
/// The first of a list stands nearest to the owner: what it lets through is what the next one sees. Octets are counted
/// from where the fault was put in, in its own direction. Below TLS a record or a flight passes whole and counts as
/// what a simulated link charges for it, so that the same seed meets the same fault.

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "net/clock.h"
#include "net/stream.h"

namespace mailrig {

/// Each write, or each chunk that is read, is held back this long.
struct Delay {
  Duration span{};
};
/// Lets exactly so many octets pass, then ends the connection for both sides. The owner is told as by a peer that ended
/// it.
struct CutAfter {
  std::uint64_t octets = 0;
  Ending ending = Ending::reset;
};
/// In pieces of at most so many octets.
struct SplitEvery {
  std::size_t octets = 1;
};
/// So many octets at a time, with a pause before each but the first.
struct Drip {
  std::size_t octets = 1;
  Duration every{};
};
/// The octet after the first `at` is changed by exclusive or.
struct Garble {
  std::uint64_t at = 0;
  unsigned char flip = 0;
};
/// Lets exactly so many octets pass; what comes after is lost without a word, as on a cable that was pulled.
struct StallAfter {
  std::uint64_t octets = 0;
};
using Fault = std::variant<Delay, CutAfter, SplitEvery, Drip, Garble, StallAfter>;

struct Faults {
  std::vector<Fault> on_write = {};
  std::vector<Fault> on_read = {};
};

std::unique_ptr<Stream> with_faults(std::unique_ptr<Stream> below, Clock& clock, const Faults& faults);

}  // namespace mailrig
