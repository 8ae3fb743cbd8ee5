#include "reports/clean.h"

#include <gtest/gtest.h>

namespace mailrig::reports {
namespace {

using namespace std::string_view_literals;

TEST(Clean, TextStays) {
  EXPECT_EQ(clean(""), "");
  EXPECT_EQ(clean("RETR 1\tok\nnext \\ \"<&>'"), "RETR 1\tok\nnext \\ \"<&>'");
  EXPECT_EQ(clean("Grüße, 日本 \xF0\x9F\x93\xA7"), "Grüße, 日本 \xF0\x9F\x93\xA7");
}

TEST(Clean, ControlsAreSpelledOut) {
  EXPECT_EQ(clean("a\r\n"), "a\\r\n");
  EXPECT_EQ(clean("\0"sv), "\\0");
  EXPECT_EQ(clean("\x1b[2J\x07\x01\x1f\x7f"), "\\x1B[2J\\x07\\x01\\x1F\\x7F");
  EXPECT_EQ(clean(" ~"), " ~");  // the neighbours of C0 and DEL
}

TEST(Clean, C1ControlsAreSpelledOutAndTheirNeighboursStay) {
  EXPECT_EQ(clean("\xC2\x80"), "\\xC2\\x80");
  EXPECT_EQ(clean("\xC2\x9F"), "\\xC2\\x9F");
  EXPECT_EQ(clean("\xC2\xA0"), "\xC2\xA0");
  EXPECT_EQ(clean("\xC3\x80"), "À");
}

TEST(Clean, NonCharactersThatXmlForbidsAreSpelledOut) {
  EXPECT_EQ(clean("\xEF\xBF\xBD"), "\xEF\xBF\xBD");  // U+FFFD
  EXPECT_EQ(clean("\xEF\xBF\xBE"), "\\xEF\\xBF\\xBE");
  EXPECT_EQ(clean("\xEF\xBF\xBF"), "\\xEF\\xBF\\xBF");
}

TEST(Clean, BytesThatAreNotUtf8AreSpelledOut) {
  EXPECT_EQ(clean("caf\xE9!"), "caf\\xE9!");
  EXPECT_EQ(clean("\xC3"), "\\xC3");                             // cut off
  EXPECT_EQ(clean("\xC3("), "\\xC3(");                           // the next octet survives
  EXPECT_EQ(clean("\xC0\xAF"), "\\xC0\\xAF");                    // overlong
  EXPECT_EQ(clean("\xED\xA0\x80"), "\\xED\\xA0\\x80");           // a lone surrogate
  EXPECT_EQ(clean("\xF4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80");  // over U+10FFFF
}

TEST(Clean, OneLine) { EXPECT_EQ(clean_line("a\tb\nc\r\nÀ\xFF"), "a\\tb\\nc\\r\\nÀ\\xFF"); }

TEST(ForPeople, EachUnitAndItsEdges) {
  EXPECT_EQ(for_people(0ns), "0 s");
  EXPECT_EQ(for_people(1ns), "1 ns");
  EXPECT_EQ(for_people(999ns), "999 ns");
  EXPECT_EQ(for_people(1us), "1 us");
  EXPECT_EQ(for_people(1'449ns), "1.4 us");
  EXPECT_EQ(for_people(1'450ns), "1.5 us");
  EXPECT_EQ(for_people(9'949ns), "9.9 us");
  EXPECT_EQ(for_people(9'950ns), "10 us");
  EXPECT_EQ(for_people(12'499ns), "12 us");
  EXPECT_EQ(for_people(12'500ns), "13 us");
  EXPECT_EQ(for_people(999'499ns), "999 us");
  EXPECT_EQ(for_people(999'500ns), "1 ms");
  EXPECT_EQ(for_people(3'127'418ns), "3.1 ms");
  EXPECT_EQ(for_people(3ms), "3 ms");
  EXPECT_EQ(for_people(1'250ms), "1.3 s");
  EXPECT_EQ(for_people(59s), "59 s");
  EXPECT_EQ(for_people(59'499ms), "59 s");
  EXPECT_EQ(for_people(59'500ms), "1 min");
  EXPECT_EQ(for_people(60s), "1 min");
  EXPECT_EQ(for_people(125s), "2 min 5 s");
  EXPECT_EQ(for_people(1h - 1s), "59 min 59 s");
  EXPECT_EQ(for_people(1h), "1 h");
  EXPECT_EQ(for_people(182min), "3 h 2 min");
  EXPECT_EQ(for_people(24h - 1min), "23 h 59 min");
  EXPECT_EQ(for_people(24h), "1 d");
  EXPECT_EQ(for_people(123h), "5 d 3 h");
  EXPECT_EQ(for_people(-3ms), "-3 ms");
}

TEST(Microseconds, Exact) {
  EXPECT_EQ(microseconds(0ns), "0");
  EXPECT_EQ(microseconds(1ns), "0.001");
  EXPECT_EQ(microseconds(1'500ns), "1.5");
  EXPECT_EQ(microseconds(12us), "12");
  EXPECT_EQ(microseconds(100us), "100");  // no zero of the whole part is lost
  EXPECT_EQ(microseconds(-1ns), "-0.001");
  EXPECT_EQ(microseconds(Duration::max()), "9223372036854775.807");
  EXPECT_EQ(microseconds(Duration::min()), "-9223372036854775.808");
}

}  // namespace
}  // namespace mailrig::reports
