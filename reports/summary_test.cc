#include "reports/summary.h"

#include <gtest/gtest.h>

#include <set>

#include "reports/testing/samples.h"

namespace mailrig::reports {
namespace {

TEST(Summary, CountsEachVerdict) {
  RunOutcome run;
  run.scenarios.resize(4);
  run.scenarios[1].verdict = Verdict::known;
  run.scenarios[3].verdict = Verdict::known;
  run.scenarios[2].verdict = Verdict::hang;
  VerdictCounts counts = count_verdicts(run);
  EXPECT_EQ(counts[Verdict::pass], 1U);
  EXPECT_EQ(counts[Verdict::fail], 0U);
  EXPECT_EQ(counts[Verdict::hang], 1U);
  EXPECT_EQ(counts[Verdict::known], 2U);
  EXPECT_EQ(counts.total(), 4U);
  EXPECT_EQ(in_words(counts), "1 passed, 1 hung, 2 known to fail");
}

TEST(Summary, WordsForEveryVerdict) {
  VerdictCounts counts;
  for (std::size_t i = 0; i < verdict_count; ++i) counts.by_verdict[i] = i + 1;
  EXPECT_EQ(in_words(counts), "1 passed, 2 failed, 3 could not run, 4 hung, 5 skipped, 6 non-strict, 7 known to fail");
  EXPECT_EQ(in_words(VerdictCounts{}), "nothing ran");
}

TEST(Summary, WhatMakesARunFail) {
  RunOutcome run;
  EXPECT_FALSE(has_failed(run));
  run.scenarios.resize(2);
  for (Verdict verdict : {Verdict::pass, Verdict::skipped, Verdict::non_strict, Verdict::known}) {
    run.scenarios[1].verdict = verdict;
    EXPECT_FALSE(has_failed(run)) << to_string(verdict);
  }
  for (Verdict verdict : {Verdict::fail, Verdict::error, Verdict::hang}) {
    run.scenarios[1].verdict = verdict;
    EXPECT_TRUE(has_failed(run)) << to_string(verdict);
  }
  run.scenarios[1].verdict = Verdict::non_strict;
  run.strict = true;
  EXPECT_TRUE(has_failed(run));
  run.strict = false;
  run.thresholds = {{"list.p50<1s", true, ""}};
  EXPECT_FALSE(has_failed(run));
  run.thresholds.push_back({"list.p50<1us", false, ""});
  EXPECT_TRUE(has_failed(run));
  run.thresholds.clear();
  run.invalid_files.resize(1);
  EXPECT_TRUE(has_failed(run));
}

TEST(Summary, LabelsNameWorldAndRound) {
  Outcome outcome;
  outcome.id = "pop3/quit[lost]";
  EXPECT_EQ(label(outcome), "pop3/quit[lost] (sim)");
  outcome.world = WorldKind::net;
  outcome.repeat = 1;
  EXPECT_EQ(label(outcome), "pop3/quit[lost] (net, repeat 2)");
  outcome.id = "a\nb\x1b";
  EXPECT_EQ(label(outcome), "a\\nb\\x1B (net, repeat 2)");
}

TEST(Summary, TheHeadlineIsTheReasonOrTheFirstFindingOrTheMeaning) {
  Outcome outcome;
  EXPECT_EQ(headline(outcome), "");
  outcome.verdict = Verdict::fail;
  EXPECT_EQ(headline(outcome), "an expectation or an invariant broke");
  outcome.findings.resize(2);
  outcome.findings[0].name = "stored";
  outcome.findings[0].message = "Too few.";
  EXPECT_EQ(headline(outcome), "stored: Too few.");
  outcome.findings[0].expected = "2";
  EXPECT_EQ(headline(outcome), "stored: Too few. (expected 2, actual nothing)");
  outcome.findings[0].expected = "";
  outcome.findings[0].actual = "1";
  EXPECT_EQ(headline(outcome), "stored: Too few. (expected nothing, actual 1)");
  outcome.reason = "why";
  EXPECT_EQ(headline(outcome), "why");
  outcome.verdict = Verdict::known;
  EXPECT_EQ(headline(outcome), "known failure: why");
  outcome.verdict = Verdict::pass;
  EXPECT_EQ(headline(outcome), "");
}

TEST(Summary, EveryVerdictHasAMeaningOfItsOwn) {
  std::set<std::string_view> verdicts;
  for (Verdict verdict : all_verdicts) verdicts.insert(meaning(verdict));
  EXPECT_EQ(verdicts.size(), verdict_count);
  EXPECT_EQ(verdicts.count(""), 0U);
  EXPECT_EQ(meaning(Closing::unclean), "a connection ended without QUIT or without close_notify");
}

}  // namespace
}  // namespace mailrig::reports
