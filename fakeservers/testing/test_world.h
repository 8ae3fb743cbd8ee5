#pragma once
/// A World for tests of single servers: nothing runs, the calendar and the clock stand where the test puts them.
///
///   TestWorld rig;
///   rig.calendar.advance(1h);
///   EXPECT_EQ(rig.lines().back(), "C: EHLO a.test");

#include <string>
#include <vector>

#include "net/sim/sim_loop.h"
#include "net/sim/sim_network.h"
#include "net/task.h"
#include "net/world.h"

namespace mailrig::fakeservers::testing {

class StandingCalendar final : public Calendar {
 public:
  Instant now() const override { return now_; }
  Task<void> move_to(Instant when) override {
    now_ = when;
    co_return;
  }
  void advance(Duration span) { now_ += span; }

 private:
  Instant now_ = *parse_instant("2014-06-02T09:00:00Z");
};

struct TestWorld {
  explicit TestWorld(std::uint64_t seed = 1) : prng(seed) {}

  sim::SimLoop loop;
  StandingCalendar calendar;
  sim::SimNetwork network{loop};
  Prng prng;
  Transcript transcript;
  World world{loop, loop, calendar, network, prng, transcript};

  /// The whole transcript: "C: NOOP", "S: 250 ok", "*: fault ...".
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    for (const TranscriptEntry& entry : transcript.entries())
      lines.push_back(std::string(to_string(entry.who)) + ": " + entry.text);
    return lines;
  }
};

}  // namespace mailrig::fakeservers::testing
