#include "mime/message/coding/uuencode.h"

#include <gtest/gtest.h>

namespace mailrig::mime {
namespace {

struct Decoded {
  std::string octets;
  UuDecoder decoder;
};

Decoded decode(std::string_view text, std::size_t cut = 0) {
  Decoded decoded;
  decoded.decoder.feed(text.substr(0, cut), decoded.octets);
  decoded.decoder.feed(text.substr(std::min(cut, text.size())), decoded.octets);
  decoded.decoder.finish(decoded.octets);
  return decoded;
}

// The example that every description has: "Cat".
constexpr std::string_view cat = "begin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n";

TEST(Uuencode, IsReadWithItsNameAndMode) {
  Decoded decoded = decode(cat);
  EXPECT_EQ(decoded.octets, "Cat");
  EXPECT_EQ(decoded.decoder.file_name(), "cat.txt");
  EXPECT_EQ(decoded.decoder.mode(), 0644U);
  EXPECT_TRUE(decoded.decoder.ended());
  EXPECT_FALSE(decoded.decoder.damage().without_end);
}

TEST(Uuencode, ASplitAnywhereGivesTheSame) {
  const std::string text = "before\n" + std::string(cat) + "behind\nend\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Decoded decoded = decode(text, cut);
    EXPECT_EQ(decoded.octets, "Cat") << cut;
    EXPECT_EQ(decoded.decoder.consumed(), 7 + cat.size()) << cut;
    EXPECT_EQ(decoded.decoder.damage().invalid_lines, 0U) << cut;
  }
}

// Blank and backquote are both zero; transports take blanks at the end of a line away. "#0V%T" with its T (52) made 0.
TEST(Uuencode, BlanksThatWereLostAreZero) {
  EXPECT_EQ(decode("begin 644 x\n#0V% \n`\nend\n").octets, std::string("Ca\x40", 3));
  EXPECT_EQ(decode("begin 644 x\n#0V%\n`\nend\n").octets, std::string("Ca\x40", 3));
}

TEST(Uuencode, LinesThatAreNoneArePassedOver) {
  Decoded decoded = decode("begin 644 x\n#0V%T\nlower case\n" + std::string(1000, 'X') + "\n#0V%T\n`\nend\n");
  EXPECT_EQ(decoded.octets, "CatCat");
  EXPECT_EQ(decoded.decoder.damage().invalid_lines, 2U);
  EXPECT_EQ(decoded.decoder.damage().first_invalid, 18U);
}

TEST(Uuencode, AMissingEndIsSaid) {
  Decoded decoded = decode("begin 644 x\n#0V%T");
  EXPECT_EQ(decoded.octets, "Cat");
  EXPECT_TRUE(decoded.decoder.damage().without_end);
  Defects defects;
  decoded.decoder.report(defects, 100, 17);
  ASSERT_EQ(defects.list().size(), 1U);
  EXPECT_EQ(defects.list()[0].code, DefectCode::uuencode_truncated);
  EXPECT_EQ(defects.list()[0].offset, 117U);
}

TEST(Uuencode, IsFoundWithinText) {
  const std::string text = "Dear Bert,\r\nbegin 644 is not enough\r\n" + std::string(cat) + "Anna\r\n";
  EXPECT_EQ(find_uuencode(text, 0), 37U);
  EXPECT_EQ(find_uuencode(text, 38), std::string::npos);
  EXPECT_EQ(find_uuencode("begin 644 x\r\nHELLO IN CAPITALS\r\n", 0), std::string::npos);
  EXPECT_EQ(find_uuencode("=ybegin line=128 size=3 name=x\r\nabc\r\n=yend size=3\r\n", 0), std::string::npos);
  EXPECT_EQ(find_uuencode("begin 644 empty\n`\nend\n", 0), 0U);
}

}  // namespace
}  // namespace mailrig::mime
