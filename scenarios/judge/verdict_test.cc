#include "scenarios/judge/verdict.h"

#include <gtest/gtest.h>

namespace mailrig::scenarios {
namespace {

Finding of(Finding::Kind kind, Level level = Level::must) {
  Finding finding;
  finding.kind = kind;
  finding.level = level;
  return finding;
}

Outcome with(std::vector<Finding> findings, std::string_view known_failure = {}) {
  Outcome outcome;
  outcome.findings = std::move(findings);
  settle_verdict(outcome, known_failure);
  return outcome;
}

using Kind = Finding::Kind;

TEST(Verdict, TheWorstFindingDecides) {
  EXPECT_EQ(with({}).verdict, Verdict::pass);
  EXPECT_EQ(with({of(Kind::expectation)}).verdict, Verdict::fail);
  EXPECT_EQ(with({of(Kind::invariant)}).verdict, Verdict::fail);
  EXPECT_EQ(with({of(Kind::expectation, Level::should)}).verdict, Verdict::non_strict);
  EXPECT_EQ(with({of(Kind::expectation, Level::info)}).verdict, Verdict::pass);
  EXPECT_EQ(with({of(Kind::rule)}).verdict, Verdict::pass) << "a rule that never fired is told, it does not fail";
  EXPECT_EQ(with({of(Kind::expectation, Level::should), of(Kind::expectation)}).verdict, Verdict::fail);
  EXPECT_EQ(with({of(Kind::expectation), of(Kind::hang)}).verdict, Verdict::hang);
  EXPECT_EQ(with({of(Kind::hang), of(Kind::error)}).verdict, Verdict::error);
}

TEST(Verdict, AKnownFailure) {
  const Outcome fails = with({of(Kind::expectation)}, "bug 7");
  EXPECT_EQ(fails.verdict, Verdict::known);
  EXPECT_EQ(fails.reason, "bug 7");
  EXPECT_EQ(with({of(Kind::hang)}, "bug 7").verdict, Verdict::known);
  EXPECT_EQ(with({of(Kind::error)}, "bug 7").verdict, Verdict::error) << "it could not run: nothing is known";
  EXPECT_EQ(with({of(Kind::expectation, Level::should)}, "bug 7").verdict, Verdict::non_strict);
  const Outcome passes = with({}, "bug 7");
  EXPECT_EQ(passes.verdict, Verdict::fail);
  ASSERT_EQ(passes.findings.size(), 1U);
  EXPECT_NE(passes.findings[0].message.find("bug 7"), std::string::npos);
}

TEST(Verdict, AHangNamesWhoWaits) {
  const Finding stalled =
      hang_finding({LoopEnd::Why::stalled, {"a waits since +1s", "b waits since +2s"}}, 800 * 24h, {});
  EXPECT_EQ(stalled.kind, Kind::hang);
  EXPECT_EQ(stalled.name, "stalled");
  EXPECT_EQ(stalled.actual, "a waits since +1s; b waits since +2s");
  EXPECT_EQ(hang_finding({LoopEnd::Why::span_passed, {}}, 36h, {}).message,
            "the story went on beyond its limit of 1d12h (the key \"limit\")");
  EXPECT_EQ(hang_finding({LoopEnd::Why::event_storm, {}}, 1h, {}).name, "event-storm");
  EXPECT_EQ(hang_finding({LoopEnd::Why::cpu_time, {}}, 1h, {}).name, "timeout");
  EXPECT_EQ(hang_finding({LoopEnd::Why::cpu_time, {}}, 1h, {}).actual, "nobody waits: the processor is busy");
  EXPECT_EQ(hang_finding({LoopEnd::Why::interrupted, {}}, 1h, {}).name, "interrupted");
}

TEST(Verdict, ATimeoutSaysWhoseTurnItWasAndWhere) {
  using Who = TranscriptEntry::Who;
  auto said_of = [](const std::vector<TranscriptEntry>& transcript) {
    return hang_finding({LoopEnd::Why::cpu_time, {}}, 1h, transcript).message;
  };
  std::vector<TranscriptEntry> transcript;
  EXPECT_EQ(said_of(transcript),
            "the real time of --timeout is used up before the first step; nothing has been said yet, so the client was "
            "slow");
  transcript.push_back({.at = 0s, .connection = "", .who = Who::rig, .text = "step: poll work"});
  transcript.push_back({.at = 2s, .connection = "isp#3", .who = Who::client, .text = "RETR 1"});
  EXPECT_EQ(
      said_of(transcript),
      "the real time of --timeout is used up in \"step: poll work\"; the server isp was slow: \"RETR 1\" of +2s on "
      "isp#3 has no answer");
  transcript.push_back({.at = 3s, .connection = "isp#3", .who = Who::server, .text = "+OK"});
  EXPECT_EQ(
      said_of(transcript),
      "the real time of --timeout is used up in \"step: poll work\"; the client was slow: it had \"+OK\" of isp#3 "
      "since +3s and said nothing more");
}

// What a rule holds back is the server's; what the client notes of itself is neither a step nor a line of a session.
TEST(Verdict, ATimeoutKnowsWhatARuleHoldsBack) {
  using Who = TranscriptEntry::Who;
  std::vector<TranscriptEntry> said{
      {.at = 0s, .connection = "", .who = Who::rig, .text = "step: poll home"},
      {.at = 1s, .connection = "", .who = Who::client, .text = "home: connects to isp.test:110"}};
  EXPECT_EQ(whose_turn(said),
            "in \"step: poll home\"; a server was slow: \"home: connects to isp.test:110\" of +1s has brought no "
            "greeting");
  said.push_back({.at = 1s, .connection = "isp#1", .who = Who::rig, .text = "fault: greeting: waits 1h"});
  EXPECT_EQ(whose_turn(said),
            "in \"step: poll home\"; the server isp was slow: its greeting on isp#1 is not complete (fault: greeting: "
            "waits 1h)");
  said.push_back({.at = 2s, .connection = "isp#1", .who = Who::server, .text = "+OK ready"});
  said.push_back({.at = 2s, .connection = "isp#1", .who = Who::client, .text = "RETR 1"});
  said.push_back({.at = 2s, .connection = "isp#1", .who = Who::rig, .text = "fault: RETR: drips 1 octets every 3s"});
  EXPECT_EQ(whose_turn(said),
            "in \"step: poll home\"; the server isp was slow: \"RETR 1\" of +2s on isp#1 has no answer (fault: RETR: "
            "drips 1 octets every 3s)");
  said.push_back({.at = 3s, .connection = "isp#1", .who = Who::server, .text = "+OK 9 octets"});
  EXPECT_EQ(
      whose_turn(said),
      "in \"step: poll home\"; the server isp was slow: \"RETR 1\" of +2s on isp#1 has no complete answer (fault: "
      "RETR: drips 1 octets every 3s)");
  said.push_back({.at = 4s, .connection = "isp#1", .who = Who::client, .text = "QUIT"});
  said.push_back({.at = 4s, .connection = "isp#1", .who = Who::rig, .text = "fault: QUIT: garbles octet 1"});
  said.push_back({.at = 4s, .connection = "isp#1", .who = Who::server, .text = "+OK bye"});
  EXPECT_EQ(whose_turn(said),
            "in \"step: poll home\"; the client was slow: it had \"+OK bye\" of isp#1 since +4s and said nothing more");
}

}  // namespace
}  // namespace mailrig::scenarios
