#include "reports/terminal.h"

#include <gtest/gtest.h>

#include "reports/testing/golden.h"
#include "reports/testing/samples.h"

namespace mailrig::reports {
namespace {

using testing::matches_golden;

/// All that a run prints in CI.
std::string whole(const RunOutcome& run, const Style& style = {}) {
  std::string text;
  for (const Outcome& outcome : run.scenarios) text += progress_line(outcome, style) + findings_text(outcome, style);
  for (const Finding& invalid : run.invalid_files) text += invalid_file_text(invalid, style);
  return text + summary_text(run, style);
}

Outcome named(std::string id, Verdict verdict, Duration took) {
  Outcome outcome;
  outcome.id = std::move(id);
  outcome.verdict = verdict;
  outcome.took = took;
  return outcome;
}

TEST(Terminal, ProgressLine) {
  EXPECT_EQ(progress_line(named("gmail/queue-full", Verdict::pass, 3ms)), "PASS gmail/queue-full (sim) 3 ms\n");
  Outcome skipped = named("pop3/drip", Verdict::skipped, 0ns);
  skipped.world = WorldKind::net;
  skipped.reason = "drips for an\nhour";
  EXPECT_EQ(progress_line(skipped), "SKIP pop3/drip (net) 0 s: drips for an\\nhour\n");
  EXPECT_EQ(progress_line(named("a", Verdict::non_strict, 3ms)), "NON-STRICT a (sim) 3 ms\n");
  EXPECT_EQ(progress_line(named("a", Verdict::fail, 3ms), {.colour = true}), "\x1b[31mFAIL\x1b[0m a (sim) 3 ms\n");
  EXPECT_EQ(progress_line(named("a", Verdict::pass, 3ms), {.colour = true}), "\x1b[32mPASS\x1b[0m a (sim) 3 ms\n");
}

TEST(Terminal, Goldens) {
  EXPECT_TRUE(matches_golden("reports/testdata/empty.txt", whole(testing::empty_run())));
  EXPECT_TRUE(matches_golden("reports/testdata/all_verdicts.txt", whole(testing::all_verdicts_run())));
  EXPECT_TRUE(
      matches_golden("reports/testdata/all_verdicts_colour.txt", whole(testing::all_verdicts_run(), {.colour = true})));
  EXPECT_TRUE(matches_golden("reports/testdata/hostile.txt", whole(testing::hostile_run())));
  EXPECT_TRUE(matches_golden("reports/testdata/long_story.txt", whole(testing::long_story_run(), {.verbose = true})));
}

TEST(Terminal, NothingHostileReachesTheTerminal) {
  std::string text = whole(testing::hostile_run());
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    EXPECT_TRUE(byte == '\n' || byte == '\t' || (byte >= 0x20 && byte != 0x7F)) << static_cast<int>(byte);
  }
  EXPECT_EQ(text.find("\xC2\x85"), std::string::npos);  // NEL, a C1 control
}

TEST(Terminal, ColourChangesNoWord) {
  std::string coloured = whole(testing::all_verdicts_run(), {.colour = true});
  std::string plain;
  for (std::size_t i = 0; i < coloured.size(); ++i) {
    if (coloured[i] == '\x1b')
      i = coloured.find('m', i);
    else
      plain += coloured[i];
  }
  EXPECT_EQ(plain, whole(testing::all_verdicts_run()));
}

TEST(Terminal, NothingRan) {
  RunOutcome run = testing::empty_run();
  EXPECT_EQ(summary_text(run), "NOTHING RAN: no scenario was selected; seed 42\n");
  run.invalid_files.resize(1);
  EXPECT_NE(summary_text(run).find("FAILED: 0 scenarios in 1 ms: nothing ran; 1 invalid file; seed 42\n"),
            std::string::npos);
}

TEST(Terminal, APassWithoutFindingsSaysNothingMore) { EXPECT_EQ(findings_text(named("a", Verdict::pass, 1ms)), ""); }

TEST(Terminal, ASeveralLineValueStaysInItsColumn) {
  Outcome outcome = named("a", Verdict::fail, 1ms);
  outcome.title = "T";
  outcome.findings.resize(1);
  outcome.findings[0].name = "n";
  outcome.findings[0].message = "one\ntwo";
  outcome.findings[0].expected = "x\ny\n";
  EXPECT_EQ(findings_text(outcome),
            "  T\n"
            "  a: expectation n\n"
            "    one\n"
            "    two\n"
            "    expected  x\n"
            "              y\n"
            "    actual    (nothing)\n");
}

TEST(Terminal, AnUnexpectedValueIsComparedWithNothing) {
  Outcome outcome = named("a", Verdict::fail, 1ms);
  outcome.findings.resize(1);
  outcome.findings[0].actual = "x";
  EXPECT_NE(findings_text(outcome).find("    expected  (nothing)\n    actual    x\n"), std::string::npos);
}

TEST(Terminal, OneScenarioIsNotSeveral) {
  RunOutcome run = testing::empty_run();
  run.scenarios = {named("a", Verdict::pass, 1ms)};
  EXPECT_EQ(summary_text(run), "OK: 1 scenario in 1 ms: 1 passed; seed 42\n");
}

TEST(LiveLine, CountsAndCutsToTheWidth) {
  Progress progress{.total = 80, .counts = {}, .running = "gmail/Größe"};
  EXPECT_EQ(live_line(progress, 80), "\r\x1b[2K[0/80] gmail/Größe");
  progress.counts[Verdict::pass] = 11;
  EXPECT_EQ(live_line(progress, 80), "\r\x1b[2K[11/80] 11 passed  gmail/Größe");
  EXPECT_EQ(live_line(progress, 31), "\r\x1b[2K[11/80] 11 passed  gmail/Größe");  // 30 columns and one free
  EXPECT_EQ(live_line(progress, 30), "\r\x1b[2K[11/80] 11 passed  gmail/Größ");
  EXPECT_EQ(live_line(progress, 29), "\r\x1b[2K[11/80] 11 passed  gmail/Gr\xC3\xB6");  // whole characters only
  EXPECT_EQ(live_line(progress, 1), "\r\x1b[2K");
  EXPECT_EQ(live_line(progress, 0), "\r\x1b[2K");
}

TEST(LiveLine, TurnsRedWithTheFirstFailure) {
  Progress progress{.total = 9, .counts = {}, .running = "x"};
  progress.counts[Verdict::pass] = 1;
  progress.counts[Verdict::skipped] = 1;
  progress.counts[Verdict::known] = 1;
  EXPECT_EQ(live_line(progress, 80, {.colour = true}),
            "\r\x1b[2K\x1b[32m[3/9] 1 passed, 1 skipped, 1 known to fail  x\x1b[0m");
  progress.counts[Verdict::hang] = 1;
  EXPECT_EQ(live_line(progress, 80, {.colour = true}),
            "\r\x1b[2K\x1b[31m[4/9] 1 passed, 1 hung, 1 skipped, 1 known to fail  x\x1b[0m");
}

}  // namespace
}  // namespace mailrig::reports
