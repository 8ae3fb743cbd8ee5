#include "base/outcome.h"

#include <gtest/gtest.h>

namespace mailrig {
namespace {

TEST(Outcome, WordsOfTheReportAreFixed) {
  EXPECT_EQ(to_string(Verdict::pass), "pass");
  EXPECT_EQ(to_string(Verdict::fail), "fail");
  EXPECT_EQ(to_string(Verdict::error), "error");
  EXPECT_EQ(to_string(Verdict::hang), "hang");
  EXPECT_EQ(to_string(Verdict::skipped), "skipped");
  EXPECT_EQ(to_string(Verdict::non_strict), "non-strict");
  EXPECT_EQ(to_string(Verdict::known), "known");
  EXPECT_EQ(verdict_count, 7U);

  EXPECT_EQ(to_string(Closing::clean), "clean");
  EXPECT_EQ(to_string(Closing::unclean), "unclean");
  EXPECT_EQ(to_string(Closing::aborted), "aborted");
  EXPECT_EQ(to_string(Closing::timed_out), "timed-out");

  EXPECT_EQ(to_string(Level::must), "MUST");
  EXPECT_EQ(to_string(Level::should), "SHOULD");
  EXPECT_EQ(to_string(Level::info), "INFO");

  EXPECT_EQ(to_string(WorldKind::sim), "sim");
  EXPECT_EQ(to_string(WorldKind::net), "net");

  EXPECT_EQ(to_string(Finding::Kind::expectation), "expectation");
  EXPECT_EQ(to_string(Finding::Kind::invariant), "invariant");
  EXPECT_EQ(to_string(Finding::Kind::rule), "rule");
  EXPECT_EQ(to_string(Finding::Kind::hang), "hang");
  EXPECT_EQ(to_string(Finding::Kind::error), "error");
  EXPECT_EQ(to_string(Finding::Kind::threshold), "threshold");

  EXPECT_EQ(to_string(TranscriptEntry::Who::client), "C");
  EXPECT_EQ(to_string(TranscriptEntry::Who::server), "S");
  EXPECT_EQ(to_string(TranscriptEntry::Who::rig), "*");

  EXPECT_EQ(to_string(Latency::Clock::virtual_time), "virtual");
  EXPECT_EQ(to_string(Latency::Clock::wall), "wall");
}

TEST(Outcome, ClosingsAreOrderedFromBestToWorst) {
  EXPECT_LT(Closing::clean, Closing::unclean);
  EXPECT_LT(Closing::unclean, Closing::aborted);
  EXPECT_LT(Closing::aborted, Closing::timed_out);
}

TEST(IsFailure, ANonStrictPassFailsOnlyUnderStrict) {
  for (bool strict : {false, true}) {
    EXPECT_TRUE(is_failure(Verdict::fail, strict));
    EXPECT_TRUE(is_failure(Verdict::error, strict));
    EXPECT_TRUE(is_failure(Verdict::hang, strict));
    EXPECT_FALSE(is_failure(Verdict::pass, strict));
    EXPECT_FALSE(is_failure(Verdict::skipped, strict));
    EXPECT_FALSE(is_failure(Verdict::known, strict));
  }
  EXPECT_TRUE(is_failure(Verdict::non_strict, true));
  EXPECT_FALSE(is_failure(Verdict::non_strict, false));
}

TEST(SourcePlace, IsFileLineAndColumn) {
  EXPECT_EQ(to_string(SourcePlace{.file = "a.json", .line = 12, .column = 7}), "a.json:12:7");
  EXPECT_EQ(to_string(SourcePlace{.file = "a.json", .line = 1, .column = 1}), "a.json:1:1");
  EXPECT_EQ(to_string(SourcePlace{.file = "a.json"}), "a.json");
  EXPECT_EQ(to_string(SourcePlace{.file = "a.json", .line = 12, .column = 7, .row = "row 3 of table"}),
            "a.json:12:7 (row 3 of table)");
  EXPECT_EQ(to_string(SourcePlace{.file = "a.json", .row = "base.json"}), "a.json (base.json)");
}

SourcePlace place(std::size_t column, std::string line) {
  return {.file = "a.json", .line = 1, .column = column, .source_line = std::move(line)};
}

TEST(Caret, StandsUnderTheColumn) {
  EXPECT_EQ(caret(place(1, "{ \"id\": 5 }")), "{ \"id\": 5 }\n^\n");
  EXPECT_EQ(caret(place(9, "{ \"id\": 5 }")), "{ \"id\": 5 }\n        ^\n");
}

TEST(Caret, MayStandAfterTheLastCharacterButNotBeyond) {
  EXPECT_EQ(caret(place(3, "ab")), "ab\n  ^\n");
  EXPECT_EQ(caret(place(4, "ab")), "ab\n  ^\n");
}

TEST(Caret, CountsCodePointsAndKeepsTabs) {
  EXPECT_EQ(caret(place(4, "\t\xC3\xA9\xE2\x82\xACx")), "\t\xC3\xA9\xE2\x82\xACx\n\t  ^\n");
  EXPECT_EQ(caret(place(3, "\xC3\xA9\tx")), "\xC3\xA9\tx\n \t^\n");
  EXPECT_EQ(caret(place(2, "\xF0\x9F\x93\xA7x")), "\xF0\x9F\x93\xA7x\n ^\n");
}

TEST(Caret, IsEmptyWhereThePlaceIsUnknown) {
  EXPECT_EQ(caret(place(3, "")), "");
  EXPECT_EQ(caret(place(0, "ab")), "");
}

}  // namespace
}  // namespace mailrig
