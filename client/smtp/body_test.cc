#include "client/smtp/body.h"

#include <gtest/gtest.h>

#include "client/base64.h"
#include "client/smtp/envelope.h"

namespace mailrig::client {
namespace {

std::string encode(std::string_view message) {
  std::string wire;
  SmtpBody body(message);
  for (std::string_view piece = body.next(); !piece.empty(); piece = body.next()) {
    EXPECT_LE(piece.size(), 65536U);
    wire += piece;
  }
  EXPECT_TRUE(body.next().empty());
  return wire;
}

TEST(SmtpBody, EndsInALoneDot) {
  EXPECT_EQ(encode("Subject: hi\r\n\r\nhello\r\n"), "Subject: hi\r\n\r\nhello\r\n.\r\n");
  EXPECT_EQ(encode(""), ".\r\n");
  EXPECT_EQ(encode("no end"), "no end\r\n.\r\n");
}

TEST(SmtpBody, ALineThatBeginsWithADotGetsAnother) {
  EXPECT_EQ(encode(".\r\n"), "..\r\n.\r\n");
  EXPECT_EQ(encode("..two\r\n.one\r\nno.ne\r\n"), "...two\r\n..one\r\nno.ne\r\n.\r\n");
  EXPECT_EQ(encode("a\r\n.\r\nMAIL FROM:<x>\r\n"), "a\r\n..\r\nMAIL FROM:<x>\r\n.\r\n");
  EXPECT_EQ(encode("a\n.\nb"), "a\r\n..\r\nb\r\n.\r\n");
  EXPECT_EQ(encode("a\r.\rb"), "a\r\n..\r\nb\r\n.\r\n");
  EXPECT_EQ(encode("."), "..\r\n.\r\n");
}

TEST(SmtpBody, LoneLineEndsBecomeCrlf) {
  EXPECT_EQ(encode("a\nb\n"), "a\r\nb\r\n.\r\n");
  EXPECT_EQ(encode("a\rb\r"), "a\r\nb\r\n.\r\n");
  EXPECT_EQ(encode("a\r\r\nb\n\r"), "a\r\n\r\nb\r\n\r\n.\r\n");
  EXPECT_EQ(encode("\n\n"), "\r\n\r\n.\r\n");
}

TEST(SmtpBody, OtherOctetsGoOutAsTheyAre) {
  const std::string odd("a\0b\xff\x80\x1a\r\n", 8);
  EXPECT_EQ(encode(odd), odd + ".\r\n");
}

/// By hand and slowly: one octet at a time, no pieces.
std::string encode_slowly(std::string_view message) {
  std::string wire;
  bool start = true;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const char c = message[i];
    if (c == '\n' && i > 0 && message[i - 1] == '\r') continue;
    if (start && c == '.') wire += '.';
    start = c == '\r' || c == '\n';
    wire += start ? std::string("\r\n") : std::string(1, c);
  }
  return wire + (start ? ".\r\n" : "\r\n.\r\n");
}

// The border between two pieces at every place around line ends and dots.
TEST(SmtpBody, PiecesAreCutAnywhere) {
  for (std::string_view tail :
       {"\r\n.\r\nx", "\n.\n.", "\r.\r", "..", "\r\n", "x", "", "\r", "\n\r\n.", "\r\r\n..\r\n"})
    for (std::size_t fill = 65520; fill <= 65540; ++fill) {
      const std::string message = std::string(fill, 'x') + std::string(tail);
      ASSERT_EQ(encode(message), encode_slowly(message)) << fill << " " << tail;
    }
}

TEST(SmtpBody, LongMessagesInManyPieces) {
  std::string message;
  for (int i = 0; i < 60'000; ++i) message += i % 3 == 0 ? ".x\r\n" : i % 3 == 1 ? "y\n" : "\r";
  EXPECT_EQ(encode(message), encode_slowly(message));
}

TEST(SmtpBodySurvey, CountsAsRfc1870Does) {
  EXPECT_EQ(survey_body("Subject: hi\r\n\r\nhello\r\n").octets, 22U);
  EXPECT_EQ(survey_body("").octets, 0U);
  EXPECT_EQ(survey_body("x").octets, 3U);
  EXPECT_EQ(survey_body("x\n").octets, 3U);
  EXPECT_EQ(survey_body("x\r").octets, 3U);
  EXPECT_EQ(survey_body("\n").octets, 2U);
  EXPECT_EQ(survey_body(".\r\n").octets, 3U);
  EXPECT_EQ(survey_body("a\r\r\nb\n\r").octets, 10U);
}

TEST(SmtpBodySurvey, FindsEightBitOctets) {
  EXPECT_FALSE(survey_body("abc\x7f\r\n").eight_bit);
  EXPECT_TRUE(survey_body("abc\x80\r\n").eight_bit);
  EXPECT_TRUE(survey_body("\xc3\xa4 first").eight_bit);
}

TEST(Base64, VectorsOfRfc4648) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foo"), "Zm9v");
  EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
  EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(to_base64(std::string("\xff\xfe\xfb\x00", 4)), "//77AA==");
}

TEST(SmtpPath, TakesWhatAServerMayJudge) {
  for (std::string_view address : {"anna@zillum.test", "a", "\"a b\"@x.test", "\"a\\\"b>\"@x.test", "a@[127.0.0.1]",
                                   "\xc3\xa4@x.test", "@a,@b:c@d", "\"a\\\\\"@x"})
    EXPECT_TRUE(check_path(address)) << address;
  EXPECT_TRUE(check_path(std::string(254, 'a')));
}

TEST(SmtpPath, NothingCanPutACommandOnTheWire) {
  for (std::string_view address : {"", "a@b\r\nRCPT TO:<c@d>", "a@b\n", "a@b>", "<a@b", "a b@c", "a@b> SIZE=1", "\"a@b",
                                   "a\x7f@b", "\"a\r\n\"@b", "\"a\\\r\"@b", "\"a\\", "a@b\t"})
    EXPECT_EQ(check_path(address).has_value(), false) << address;
  EXPECT_FALSE(check_path(std::string_view("a\0b", 3)));
  Status longer = check_path(std::string(255, 'a'));
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().code, Errc::bad_input);
  EXPECT_EQ(check_path("a\n").error().message, "\"a\\n\" is no e-mail address: it holds a control character");
}

TEST(SmtpPath, SomeNeedUtf8) {
  EXPECT_TRUE(is_international("\xc3\xa4@x.test"));
  EXPECT_FALSE(is_international("a~@x.test"));
}

}  // namespace
}  // namespace mailrig::client
