#include "reports/latency.h"

#include <gtest/gtest.h>

#include "reports/testing/samples.h"

namespace mailrig::reports {
namespace {

using Clock = Latency::Clock;
using testing::spans;

TEST(Latency, RowsComeInTheOrderOfADialogueAndClocksAreNeverMerged) {
  RunOutcome run;
  run.scenarios.resize(2);
  run.scenarios[0].latencies["retrieve"] = {Clock::virtual_time, spans({3ms, 1ms})};
  run.scenarios[0].latencies["connect"] = {Clock::virtual_time, spans({5ms})};
  run.scenarios[0].latencies["zebra"] = {Clock::virtual_time, spans({1s})};
  run.scenarios[1].latencies["retrieve"] = {Clock::wall, spans({7us})};
  run.scenarios[1].latencies["connect"] = {Clock::virtual_time, spans({2ms})};

  std::vector<LatencyRow> rows = latency_rows(run);
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].step, "connect");
  EXPECT_EQ(rows[0].spans.values(), (std::vector<Duration>{2ms, 5ms}));
  EXPECT_EQ(rows[1].step, "retrieve");
  EXPECT_EQ(rows[1].clock, Clock::virtual_time);
  EXPECT_EQ(rows[1].spans.values(), (std::vector<Duration>{1ms, 3ms}));
  EXPECT_EQ(rows[2].step, "retrieve");
  EXPECT_EQ(rows[2].clock, Clock::wall);
  EXPECT_EQ(rows[2].spans.values(), (std::vector<Duration>{7us}));
  EXPECT_EQ(rows[3].step, "zebra");

  EXPECT_EQ(latency_rows(run.scenarios[1]).size(), 2U);
  EXPECT_EQ(latency_rows(run.scenarios[1])[0].step, "connect");
}

TEST(Latency, AStepWithoutValuesHasNoRow) {
  Outcome outcome;
  outcome.latencies["quit"] = {Clock::wall, {}};
  EXPECT_TRUE(latency_rows(outcome).empty());
}

TEST(Latency, UnderTenTheValuesThemselvesAreShown) {
  EXPECT_EQ(describe(Histogram{}), "0 values");
  EXPECT_EQ(describe(spans({1ms})), "1 value: 1 ms");
  EXPECT_EQ(describe(spans({9ms, 1ms, 2ms, 3ms, 4ms, 5ms, 6ms, 7ms, 8ms})),
            "9 values: 1 ms, 2 ms, 3 ms, 4 ms, 5 ms, 6 ms, 7 ms, 8 ms, 9 ms");
  EXPECT_EQ(describe(spans({10ms, 9ms, 1ms, 2ms, 3ms, 4ms, 5ms, 6ms, 7ms, 8ms})),
            "10 values: p50 5 ms, p90 9 ms, p99 10 ms, max 10 ms");
}

}  // namespace
}  // namespace mailrig::reports
