#include "mime/message/coding/flowed.h"

#include <gtest/gtest.h>

namespace mailrig::mime {
namespace {

TEST(Flowed, LinesThatWereBrokenAreJoined) {
  EXPECT_EQ(reflow("one \r\ntwo \r\nthree.\r\n\r\nfour\r\n"), "one two three.\r\n\r\nfour\r\n");
  EXPECT_EQ(reflow("one \ntwo\n"), "one two\r\n");
}

TEST(Flowed, QuotesAreJoinedWithinTheirDepth) {
  EXPECT_EQ(reflow("> On Monday \r\n> he said \r\n> no.\r\n\r\nWell.\r\n"), "> On Monday he said no.\r\n\r\nWell.\r\n");
  EXPECT_EQ(reflow(">> a \r\n> b\r\n"), "> > a \r\n> b\r\n");  // RFC 3676 §4.5
}

// RFC 3676 §4.3.
TEST(Flowed, TheSignatureIsJoinedToNothing) {
  EXPECT_EQ(reflow("Bye \r\n-- \r\nAnna\r\n"), "Bye \r\n-- \r\nAnna\r\n");
  EXPECT_EQ(reflow("> -- \r\n> Anna\r\n"), "> -- \r\n> Anna\r\n");
}

// RFC 3676 §4.4.
TEST(Flowed, StuffedBlanksAreTakenAway) {
  EXPECT_EQ(reflow(" From me\r\n > no quote\r\n  two\r\n"), "From me\r\n> no quote\r\n two\r\n");
}

// RFC 3676 §4.6.
TEST(Flowed, WithDelSpTheBlankGoesToo) {
  EXPECT_EQ(reflow("\xE6\xBC\xA2 \r\n\xE5\xAD\x97\r\n", {.del_sp = true}), "\xE6\xBC\xA2\xE5\xAD\x97\r\n");
  EXPECT_EQ(reflow("two  \r\nwords\r\n", {.del_sp = true}), "two words\r\n");
}

TEST(Flowed, ATextMayEndAnywhere) {
  EXPECT_EQ(reflow(""), "");
  EXPECT_EQ(reflow("one \r\ntwo"), "one two");
  EXPECT_EQ(reflow("one \r\n"), "one \r\n");
  EXPECT_EQ(reflow(std::string(quote_depth_max + 1, '>')).find(">>"), std::string::npos);
}

}  // namespace
}  // namespace mailrig::mime
