#include "base/ascii.h"

#include <gtest/gtest.h>

namespace mailrig {
namespace {

TEST(Ascii, LettersAloneHaveTwoCases) {
  EXPECT_TRUE(equals_ignoring_case("aUTH zZ", "AuTH Zz"));
  EXPECT_FALSE(equals_ignoring_case("AUTH", "AUTH "));
  // Pairs that differ in the bit of the case, and are no letters.
  EXPECT_FALSE(equals_ignoring_case("@[", "`{"));
  EXPECT_FALSE(equals_ignoring_case(std::string_view("\0", 1), " "));
  EXPECT_FALSE(equals_ignoring_case("\xC4", "\xE4"));
}

TEST(Ascii, ATextStartsWithAnotherOrIsTooShortForIt) {
  EXPECT_TRUE(starts_ignoring_case("pass s3cret", "PASS "));
  EXPECT_TRUE(starts_ignoring_case("x", ""));
  EXPECT_FALSE(starts_ignoring_case("PASS", "PASS "));
}

}  // namespace
}  // namespace mailrig
