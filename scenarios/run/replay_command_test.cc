#include "scenarios/run/replay_command.h"

#include <gtest/gtest.h>

namespace mailrig::scenarios {
namespace {

TEST(ReplayCommand, IsSafeInAShell) {
  Outcome outcome;
  RunOptions options;
  options.seed = 7;
  outcome.file = "my stories/it's.json";
  outcome.id = "gmail/locks[captcha]";
  outcome.world = WorldKind::net;
  EXPECT_EQ(replay_command(options, outcome),
            "mailrig run 'my stories/it'\\''s.json' --filter 'gmail/locks[captcha]' --world net --seed 7");
  outcome.file = "suite/a.json";
  outcome.id = "a/b";
  outcome.world = WorldKind::sim;
  outcome.repeat = 2;
  EXPECT_EQ(replay_command(options, outcome), "mailrig run suite/a.json --filter a/b --world sim --seed 7 --repeat 3");
  outcome.file = "-x.json";
  options.more_options = " --strict --timeout 30s";
  EXPECT_EQ(replay_command(options, outcome),
            "mailrig run ./-x.json --filter a/b --world sim --seed 7 --repeat 3 --strict --timeout 30s");
}

}  // namespace
}  // namespace mailrig::scenarios
