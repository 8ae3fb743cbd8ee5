#include "reports/source_excerpt.h"

#include <gtest/gtest.h>

namespace mailrig::reports {
namespace {

std::string shown(std::string_view line, std::size_t column) {
  return caret_lines(
      excerpt({.file = "x.json", .line = 1, .column = column, .source_line = std::string(line), .row = ""}));
}

TEST(SourceExcerpt, TheCaretStandsUnderItsColumn) {
  EXPECT_EQ(shown("abc", 1), "abc\n^\n");
  EXPECT_EQ(shown("abc", 3), "abc\n  ^\n");
  EXPECT_EQ(shown("abc", 4), "abc\n   ^\n");   // after the end: something is missing there
  EXPECT_EQ(shown("abc", 99), "abc\n   ^\n");  // the file changed under us
}

TEST(SourceExcerpt, WithoutColumnThereIsNoCaretAndWithoutLineNothing) {
  EXPECT_EQ(shown("abc", 0), "abc\n");
  EXPECT_EQ(shown("", 1), "");
}

TEST(SourceExcerpt, ColumnsCountCodePoints) { EXPECT_EQ(shown("\"é\": x", 6), "\"é\": x\n     ^\n"); }

TEST(SourceExcerpt, WhatIsSpelledOutMovesTheCaret) {
  EXPECT_EQ(shown("\ta\x01"
                  "b\r",
                  4),
            " a\\x01b\\r\n      ^\n");
  EXPECT_EQ(shown("\xFFx", 1), "\\xFFx\n^\n");
  EXPECT_EQ(shown("\xFFx", 2), "\\xFFx\n    ^\n");
}

TEST(SourceExcerpt, LongLinesAreCutAroundTheCaret) {
  const std::string a60(60, 'a'), b60(60, 'b'), c60(60, 'c');
  EXPECT_EQ(excerpt({.file = "", .line = 1, .column = 1, .source_line = a60 + b60, .row = ""}).line, a60 + b60);
  // 121 columns, caret at the left edge and at the last column before the window moves: the right end goes.
  EXPECT_EQ(shown(a60 + b60 + "c", 1), a60 + b60 + "...\n^\n");
  EXPECT_EQ(shown(a60 + b60 + "c", 80), a60 + b60 + "...\n" + std::string(79, ' ') + "^\n");
  EXPECT_EQ(shown(a60 + b60 + "c", 81), "..." + a60.substr(1) + b60 + "c\n" + std::string(82, ' ') + "^\n");
  // In the middle both ends go.
  EXPECT_EQ(shown(a60 + b60 + c60, 90),
            "..." + a60.substr(10) + b60 + c60.substr(50) + "...\n" + std::string(82, ' ') + "^\n");
  // At the far right the window ends with the line.
  EXPECT_EQ(shown(a60 + b60 + c60, 180), "..." + b60 + c60 + "\n" + std::string(122, ' ') + "^\n");
}

}  // namespace
}  // namespace mailrig::reports
