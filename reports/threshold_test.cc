#include "reports/threshold.h"

#include <gtest/gtest.h>

#include "reports/testing/samples.h"

namespace mailrig::reports {
namespace {

using Clock = Latency::Clock;
using testing::spans;

std::string refusal(std::string_view text) {
  Result<ThresholdRule> rule = parse_threshold(text);
  return rule ? "taken" : rule.error().message;
}

/// Ten values of retrieve, 1 ms to 10 ms.
RunOutcome ten_retrievals(Clock clock = Clock::virtual_time) {
  RunOutcome run;
  run.scenarios.resize(1);
  run.scenarios[0].latencies["retrieve"] = {clock, spans({4ms, 5ms, 6ms, 1ms, 2ms, 3ms, 9ms, 10ms, 7ms, 8ms})};
  return run;
}

Threshold judged(std::string_view text, const RunOutcome& run) {
  Result<ThresholdRule> rule = parse_threshold(text);
  if (!rule) return {.text = std::string(text), .held = false, .measured = rule.error().message};
  return judge(*rule, run);
}

TEST(ParseThreshold, TakesItsParts) {
  Result<ThresholdRule> rule = parse_threshold("retrieve.p90<50ms");
  ASSERT_TRUE(rule) << rule.error().message;
  EXPECT_EQ(rule->text, "retrieve.p90<50ms");
  EXPECT_EQ(rule->step, "retrieve");
  EXPECT_FALSE(rule->clock.has_value());
  EXPECT_EQ(rule->metric, ThresholdRule::Metric::p90);
  EXPECT_EQ(rule->comparison, ThresholdRule::Operator::less);
  EXPECT_EQ(rule->span, 50ms);
}

TEST(ParseThreshold, ClockBlanksAndStepsOfTwoWords) {
  Result<ThresholdRule> rule = parse_threshold(" wall.rcpt to . max >= 1m30s ");
  ASSERT_TRUE(rule) << rule.error().message;
  EXPECT_EQ(rule->step, "rcpt to");
  EXPECT_EQ(rule->clock, Clock::wall);
  EXPECT_EQ(rule->metric, ThresholdRule::Metric::max);
  EXPECT_EQ(rule->comparison, ThresholdRule::Operator::at_least);
  EXPECT_EQ(rule->span, 90s);
  EXPECT_EQ(parse_threshold("virtual.tls.p99>1ns")->clock, Clock::virtual_time);
  EXPECT_EQ(parse_threshold("connect.p50<1s")->step, "connect");
  EXPECT_EQ(parse_threshold("request.p50<1s")->step, "request");
  EXPECT_EQ(parse_threshold("delete.count<=12")->count, 12U);
}

TEST(ParseThreshold, SaysWhatIsWrongAndWhatWasMeant) {
  EXPECT_EQ(refusal("retrive.p90<50ms"),
            "threshold \"retrive.p90<50ms\": unknown step \"retrive\"; did you mean \"retrieve\"? "
            "(a threshold looks like 'retrieve.p90<50ms')");
  EXPECT_EQ(refusal("retrieve.p95<50ms"),
            "threshold \"retrieve.p95<50ms\": unknown metric \"p95\"; did you mean \"p90\"? "
            "(a threshold looks like 'retrieve.p90<50ms')");
}

TEST(ParseThreshold, RefusesWhatItCannotJudge) {
  EXPECT_NE(refusal("retrieve.p90=50ms").find("there is no <, <=, > or >="), std::string::npos);
  EXPECT_NE(refusal("retrieve<50ms").find("there is no dot between step and metric"), std::string::npos);
  EXPECT_NE(refusal("wall.retrieve<50ms").find("there is no dot between step and metric"), std::string::npos);
  EXPECT_NE(refusal(".p90<50ms").find("the step is missing; it is one of connect, tls,"), std::string::npos);
  EXPECT_NE(refusal("none.p90<50ms").find("unknown step \"none\""), std::string::npos);
  EXPECT_NE(refusal("list.<50ms").find("the metric is missing; it is one of p50, p90, p99, max or count"),
            std::string::npos);
  EXPECT_NE(refusal("list.mean<50ms").find("unknown metric \"mean\"; it is one of"), std::string::npos);
  EXPECT_NE(refusal("list.p90<").find("there is nothing to compare with"), std::string::npos);
  EXPECT_NE(refusal("list.p90<=").find("there is nothing to compare with"), std::string::npos);
  EXPECT_NE(refusal("list.p90<50"), "taken");  // no unit
  EXPECT_NE(refusal("list.count<50ms").find("a count is compared with a whole number, not with \"50ms\""),
            std::string::npos);
  EXPECT_NE(refusal("list.count<-1"), "taken");
  EXPECT_NE(refusal("list.count<99999999999999999999"), "taken");
  EXPECT_NE(refusal("\x1b.p90<1s").find("\"\\x1B.p90<1s\""), std::string::npos);
  EXPECT_EQ(parse_threshold("list").error().code, Errc::bad_input);
}

TEST(Judge, EveryOperatorOnBothSides) {
  RunOutcome run = ten_retrievals();
  EXPECT_TRUE(judged("retrieve.max<10001us", run).held);
  EXPECT_FALSE(judged("retrieve.max<10ms", run).held);
  EXPECT_TRUE(judged("retrieve.max<=10ms", run).held);
  EXPECT_FALSE(judged("retrieve.max<=9999us", run).held);
  EXPECT_TRUE(judged("retrieve.max>9999us", run).held);
  EXPECT_FALSE(judged("retrieve.max>10ms", run).held);
  EXPECT_TRUE(judged("retrieve.max>=10ms", run).held);
  EXPECT_FALSE(judged("retrieve.max>=10001us", run).held);
}

TEST(Judge, EveryMetric) {
  RunOutcome run = ten_retrievals();
  EXPECT_EQ(judged("retrieve.p50<1s", run).measured, "5ms over 10 values (virtual)");
  EXPECT_EQ(judged("retrieve.p90<1s", run).measured, "9ms over 10 values (virtual)");
  EXPECT_EQ(judged("retrieve.p99<1s", run).measured, "10ms over 10 values (virtual)");
  EXPECT_EQ(judged("retrieve.max<1s", run).measured, "10ms over 10 values (virtual)");
  EXPECT_EQ(judged("retrieve.count<=10", run).measured, "10 values (virtual)");
  EXPECT_TRUE(judged("retrieve.count<=10", run).held);
  EXPECT_FALSE(judged("retrieve.count>10", run).held);
}

TEST(Judge, EachClockApart) {
  RunOutcome run = ten_retrievals();
  run.scenarios.push_back({});
  run.scenarios[1].latencies["retrieve"] = {Clock::wall, spans({80us})};
  Threshold both = judged("retrieve.max<1ms", run);
  EXPECT_FALSE(both.held);  // virtual alone breaks it
  EXPECT_EQ(both.measured, "10ms over 10 values (virtual); 80us over 1 value (wall)");
  EXPECT_TRUE(judged("retrieve.max<1s", run).held);
  EXPECT_FALSE(judged("retrieve.max>1ms", run).held);  // wall alone breaks it

  Threshold wall = judged("wall.retrieve.max<1ms", run);
  EXPECT_TRUE(wall.held);
  EXPECT_EQ(wall.measured, "80us over 1 value (wall)");
  EXPECT_FALSE(judged("virtual.retrieve.max<1ms", run).held);
}

TEST(Judge, WhatWasNeverMeasuredIsBroken) {
  RunOutcome run = ten_retrievals();
  run.scenarios[0].latencies["connect"] = {Clock::virtual_time, spans({1ms})};
  run.scenarios.push_back({});
  run.scenarios[1].latencies["connect"] = {Clock::wall, spans({1ms})};
  Threshold missing = judged("quit.p90<1s", run);
  EXPECT_FALSE(missing.held);
  EXPECT_EQ(missing.text, "quit.p90<1s");
  EXPECT_EQ(missing.measured, "no \"quit\" step was measured; measured were connect and retrieve");
  Threshold other_clock = judged("wall.retrieve.p90<1s", run);
  EXPECT_FALSE(other_clock.held);
  EXPECT_EQ(other_clock.measured,
            "no \"retrieve\" step was measured on the wall clock; measured were connect and retrieve");
  EXPECT_EQ(judged("quit.p90<1s", RunOutcome{}).measured,
            "no \"quit\" step was measured: no scenario that ran has latencies");
  EXPECT_FALSE(judged("quit.count>=0", RunOutcome{}).held);
}

}  // namespace
}  // namespace mailrig::reports
