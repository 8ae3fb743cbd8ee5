#include "cli/run/outcome_wire.h"

#include <gtest/gtest.h>

#include "reports/json.h"
#include "reports/testing/samples.h"

namespace mailrig::cli {
namespace {

/// Each field with a value of its own, so that two that were swapped would show.
Outcome full() {
  Outcome outcome;
  outcome.id = "a/b[2/3]";
  outcome.title = "t";
  outcome.why = "w";
  outcome.file = "f.json";
  outcome.tags = {"x", "", "y"};
  outcome.covers = {"rfc1939/5-DELE"};
  outcome.story = {"step one", std::string("with\0nul", 8)};
  outcome.world = WorldKind::net;
  outcome.repeat = 7;
  outcome.verdict = Verdict::non_strict;
  outcome.reason = "r";
  outcome.closing = Closing::timed_out;
  Finding finding;
  finding.kind = Finding::Kind::threshold;
  finding.level = Level::info;
  finding.name = "n";
  finding.message = "m";
  finding.expected = "e";
  finding.actual = "a";
  finding.place = {
      .file = "p", .line = 3, .column = 5, .source_line = "  s", .is_excerpt = true, .caret_column = 4, .row = "row 1"};
  finding.last_exchanges = {"+1s C: QUIT"};
  finding.nearest_rule = "nr";
  outcome.findings = {finding, Finding{}};
  outcome.seed = 0xFFFF'FFFF'FFFF'FFFEU;
  outcome.digest = "";
  outcome.transcript = {{.at = -1ns, .connection = "c#1", .who = TranscriptEntry::Who::server, .text = "+OK"}};
  outcome.transcript_gaps = {{.after = 13, .elided = 11}, {.after = 17, .elided = 1}};
  outcome.accounts["work"] = {.state = "ok", .message = "all is well"};
  Latency& latency = outcome.latencies["quit"];
  latency.clock = Latency::Clock::wall;
  latency.spans.add(3ms);
  latency.spans.add(1ms);
  outcome.notes = {{"k", "v"}, {"", "empty"}};
  outcome.took = 17us;
  outcome.replay = "mailrig run f.json";
  outcome.hint = "h";
  return outcome;
}

TEST(OutcomeWire, EveryFieldComesBack) {
  const std::optional<Outcome> back = decode_outcome(encode_outcome(full()));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->id, "a/b[2/3]");
  EXPECT_EQ(back->title, "t");
  EXPECT_EQ(back->why, "w");
  EXPECT_EQ(back->file, "f.json");
  EXPECT_EQ(back->tags, (std::vector<std::string>{"x", "", "y"}));
  EXPECT_EQ(back->covers, (std::vector<std::string>{"rfc1939/5-DELE"}));
  EXPECT_EQ(back->story, (std::vector<std::string>{"step one", std::string("with\0nul", 8)}));
  EXPECT_EQ(back->world, WorldKind::net);
  EXPECT_EQ(back->repeat, 7U);
  EXPECT_EQ(back->verdict, Verdict::non_strict);
  EXPECT_EQ(back->reason, "r");
  EXPECT_EQ(back->closing, Closing::timed_out);
  ASSERT_EQ(back->findings.size(), 2U);
  const Finding& finding = back->findings[0];
  EXPECT_EQ(finding.kind, Finding::Kind::threshold);
  EXPECT_EQ(finding.level, Level::info);
  EXPECT_EQ(finding.name, "n");
  EXPECT_EQ(finding.message, "m");
  EXPECT_EQ(finding.expected, "e");
  EXPECT_EQ(finding.actual, "a");
  EXPECT_EQ(to_string(finding.place), "p:3:5 (row 1)");
  EXPECT_EQ(finding.place.source_line, "  s");
  EXPECT_TRUE(finding.place.is_excerpt);
  EXPECT_EQ(finding.place.caret_column, 4U);
  EXPECT_EQ(finding.last_exchanges, (std::vector<std::string>{"+1s C: QUIT"}));
  EXPECT_EQ(finding.nearest_rule, "nr");
  EXPECT_EQ(back->findings[1].name, "");
  EXPECT_EQ(back->seed, 0xFFFF'FFFF'FFFF'FFFEU);
  EXPECT_EQ(back->digest, std::optional<std::string>(""));
  ASSERT_EQ(back->transcript.size(), 1U);
  EXPECT_EQ(back->transcript[0].at, -1ns);
  EXPECT_EQ(back->transcript[0].connection, "c#1");
  EXPECT_EQ(back->transcript[0].who, TranscriptEntry::Who::server);
  EXPECT_EQ(back->transcript[0].text, "+OK");
  ASSERT_EQ(back->transcript_gaps.size(), 2U);
  EXPECT_EQ(back->transcript_gaps[0].after, 13U);
  EXPECT_EQ(back->transcript_gaps[0].elided, 11U);
  EXPECT_EQ(back->transcript_gaps[1].after, 17U);
  ASSERT_EQ(back->accounts.size(), 1U);
  EXPECT_EQ(back->accounts.at("work").state, "ok");
  EXPECT_EQ(back->accounts.at("work").message, "all is well");
  ASSERT_EQ(back->latencies.size(), 1U);
  EXPECT_EQ(back->latencies.at("quit").clock, Latency::Clock::wall);
  EXPECT_EQ(back->latencies.at("quit").spans.values(), (std::vector<Duration>{1ms, 3ms}));
  EXPECT_EQ(back->notes, (std::map<std::string, std::string>{{"k", "v"}, {"", "empty"}}));
  EXPECT_EQ(back->took, 17us);
  EXPECT_EQ(back->replay, "mailrig run f.json");
  EXPECT_EQ(back->hint, "h");
}

TEST(OutcomeWire, ReportsCannotTellTheDifference) {
  RunOutcome run = reports::testing::all_verdicts_run();
  ASSERT_GE(run.scenarios.size(), 7U);
  RunOutcome back = run;
  for (Outcome& outcome : back.scenarios) {
    const std::optional<Outcome> decoded = decode_outcome(encode_outcome(outcome));
    ASSERT_TRUE(decoded) << outcome.id;
    outcome = *decoded;
  }
  EXPECT_EQ(reports::to_json(back), reports::to_json(run));
}

TEST(OutcomeWire, WhatIsCutOffOrTooLongIsNoOutcome) {
  const std::string whole = encode_outcome(full());
  for (std::size_t cut = 0; cut < whole.size(); ++cut)
    EXPECT_FALSE(decode_outcome(std::string_view(whole).substr(0, cut))) << "cut at " << cut;
  EXPECT_FALSE(decode_outcome(whole + '\0'));
}

}  // namespace
}  // namespace mailrig::cli
