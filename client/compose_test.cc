#include "client/compose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Instant now = *parse_instant("2014-06-02T09:00:00Z");
constexpr std::string_view own = "anna@zillum.test";

Letter made(const Value& message) {
  Prng prng(1);
  Result<Letter> letter = compose(message, own, now, prng);
  EXPECT_TRUE(letter) << (letter ? "" : letter.error().message);
  return letter ? *letter : Letter{};
}
std::string refused(const Value& message) {
  Prng prng(1);
  Result<Letter> letter = compose(message, own, now, prng);
  EXPECT_FALSE(letter);
  if (letter) return {};
  EXPECT_EQ(letter.error().code, Errc::bad_input);
  return letter.error().message;
}
/// The Message-ID is chance: its place is looked at, not its digits.
std::string without_id(const Letter& letter) {
  std::string raw = letter.raw;
  EXPECT_EQ(letter.message_id.size(), 32 + 1 + std::string_view("zillum.test").size());
  const std::size_t at = raw.find('<' + letter.message_id + '>');
  EXPECT_NE(at, std::string::npos);
  return at == std::string::npos ? raw : raw.replace(at, letter.message_id.size() + 2, "<ID>");
}

TEST(Compose, APlainMessage) {
  Letter letter = made(Value::map()
                           .set("to", Value::List{"bert@customer.test", "Carl \"C\" Cole <carl@customer.test>"})
                           .set("cc", "dora@zillum.test")
                           .set("bcc", "secret@zillum.test")
                           .set("subject", "offer")
                           .set("text", "Dear Bert,\n.\r\nhere"));
  EXPECT_EQ(without_id(letter),
            "From: anna@zillum.test\r\n"
            "To: bert@customer.test,\r\n \"Carl \\\"C\\\" Cole\" <carl@customer.test>\r\n"
            "Cc: dora@zillum.test\r\n"
            "Subject: offer\r\n"
            "Date: Mon, 2 Jun 2014 09:00:00 +0000\r\n"
            "Message-ID: <ID>\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: 7bit\r\n"
            "\r\n"
            "Dear Bert,\r\n.\r\nhere\r\n");
  EXPECT_EQ(letter.from, "anna@zillum.test");
  EXPECT_THAT(letter.recipients,
              ElementsAre("bert@customer.test", "carl@customer.test", "dora@zillum.test", "secret@zillum.test"));
  EXPECT_TRUE(letter.message_id.ends_with("@zillum.test"));
}

TEST(Compose, NoSenderIsEverAdded) {
  Letter letter = made(Value::map().set("to", "b@x.test").set("from", "Info <info@other.test>"));
  EXPECT_EQ(letter.from, "info@other.test");
  EXPECT_THAT(letter.raw, HasSubstr("From: \"Info\" <info@other.test>\r\n"));
  EXPECT_THAT(letter.raw, Not(HasSubstr("Sender")));
  EXPECT_TRUE(letter.message_id.ends_with("@other.test"));
}

TEST(Compose, TheSameSeedMakesTheSameMessage) {
  Value message = Value::map().set("to", "b@x.test");
  EXPECT_EQ(made(message).raw, made(message).raw);
  Prng other(2);
  EXPECT_NE(compose(message, own, now, other)->message_id, made(message).message_id);
}

TEST(Compose, TextOutsideOfAsciiIsDeclared) {
  Letter letter = made(Value::map()
                           .set("to", "J\xc3\xbcrgen <j@x.test>")
                           .set("subject",
                                "\xc3\x9c"
                                "berweisung")
                           .set("text", "gr\xc3\xbc\xc3\x9f\r\n"));
  EXPECT_THAT(letter.raw, HasSubstr("To: =?UTF-8?B?SsO8cmdlbg==?= <j@x.test>\r\n"));
  EXPECT_THAT(letter.raw, HasSubstr("Subject: =?UTF-8?B?w5xiZXJ3ZWlzdW5n?=\r\n"));
  EXPECT_THAT(letter.raw, HasSubstr("Content-Transfer-Encoding: 8bit\r\n\r\ngr\xc3\xbc\xc3\x9f\r\n"));
}

TEST(Compose, LongLinesAreQuotedPrintable) {
  EXPECT_THAT(made(Value::map().set("to", "b@x.test").set("text", std::string(998, 'x'))).raw,
              HasSubstr("Encoding: 7bit\r\n"));
  Letter longer = made(Value::map().set("to", "b@x.test").set("text", "a\r\n" + std::string(999, 'x') + "\r\nb"));
  EXPECT_THAT(longer.raw, HasSubstr("Encoding: quoted-printable\r\n\r\na\r\n" + std::string(75, 'x') + "=\r\n"));
}

TEST(Compose, NothingCanAddAHeader) {
  EXPECT_THAT(refused(Value::map().set("to", "b@x.test\r\nBcc: c@x.test")), HasSubstr("control character"));
  EXPECT_THAT(refused(Value::map().set("to", "B\r\nBcc: c <b@x\r\n.test>")), HasSubstr("control character"));
  Letter letter = made(Value::map().set("to", "B\r\nX: y <b@x.test>").set("subject", "a\r\nBcc: c@x.test"));
  EXPECT_THAT(letter.raw, Not(HasSubstr("\r\nBcc")));
  EXPECT_THAT(letter.raw, Not(HasSubstr("\r\nX:")));
  EXPECT_THAT(letter.raw, HasSubstr("Subject: =?UTF-8?B?YQ0KQmNjOiBjQHgudGVzdA==?=\r\n"));
}

TEST(Compose, WhoGetsItTwiceGetsItOnce) {
  Letter letter =
      made(Value::map().set("to", "b@x.test").set("cc", "b@x.test").set("bcc", Value::List{"c@x.test", "b@x.test"}));
  EXPECT_THAT(letter.recipients, ElementsAre("b@x.test", "c@x.test"));
}

TEST(Compose, WhatIsNoMessageIsRefusedByName) {
  EXPECT_EQ(refused(Value::map().set("subject", "x")), "the message has no recipients: give to, cc or bcc");
  EXPECT_EQ(refused(Value::map().set("to", 5)), "\"to\" must be an address or a list of addresses");
  EXPECT_EQ(refused(Value::map().set("cc", Value::List{"a b@x"})),
            "\"cc\": \"a b@x\" is no e-mail address: it holds a blank or an angle bracket");
  EXPECT_EQ(refused(Value::map().set("to", "b@x.test").set("from", "<")),
            "the sender: \"<\" is no e-mail address: it holds a blank or an angle bracket");
}

std::string completed(std::string_view raw) {
  Prng prng(1);
  Letter letter = complete(raw, own, now, prng);
  const std::size_t at = letter.raw.find(letter.message_id);
  if (letter.message_id.size() == 44) letter.raw.replace(at, 44, "ID");
  return letter.raw;
}

TEST(Complete, AddsWhatIsMissingOnTop) {
  EXPECT_EQ(completed("Subject: x\r\n\r\nbody\r\n"),
            "From: anna@zillum.test\r\nDate: Mon, 2 Jun 2014 09:00:00 +0000\r\nMessage-ID: <ID>\r\n"
            "Subject: x\r\n\r\nbody\r\n");
  const std::string whole = "FROM : a@b\r\ndate: x\nMessage-Id:\r\n <m@b>\r\n\r\nbody";
  EXPECT_EQ(completed(whole), whole);
}

TEST(Complete, KnowsTheMessageIdThatIsThere) {
  Prng prng(1);
  EXPECT_EQ(complete("Message-ID: <m@b>\r\n\r\n", own, now, prng).message_id, "m@b");
  EXPECT_EQ(complete("Message-ID: <m@b>\r\nMessage-ID: <second>\r\n\r\n", own, now, prng).message_id, "m@b");
  Letter broken = complete("From: a\r\nDate: x\r\nMessage-ID: none\r\n\r\n", own, now, prng);
  EXPECT_EQ(broken.raw, "Message-ID: <" + broken.message_id + ">\r\nFrom: a\r\nDate: x\r\nMessage-ID: none\r\n\r\n");
}

TEST(Complete, TakesBccOutAndNothingElse) {
  EXPECT_EQ(completed("From: a\r\nDate: x\r\nMessage-ID: <m>\r\nBcc: c@x,\r\n d@x\r\nBccx: e\r\nbCC: f\nTo: "
                      "g\r\n\r\nBcc: body\r\n"),
            "From: a\r\nDate: x\r\nMessage-ID: <m>\r\nBccx: e\r\nTo: g\r\n\r\nBcc: body\r\n");
  EXPECT_EQ(completed("Bcc: c\r\nFrom: a\r\nDate: x\r\nMessage-ID: <m>\r\n\r\n"),
            "From: a\r\nDate: x\r\nMessage-ID: <m>\r\n\r\n");
}

TEST(Complete, ATextWithoutHeaderGetsOne) {
  EXPECT_EQ(
      completed("hello world\r\n"),
      "From: anna@zillum.test\r\nDate: Mon, 2 Jun 2014 09:00:00 +0000\r\nMessage-ID: <ID>\r\n\r\nhello world\r\n");
  EXPECT_EQ(completed("\r\nbody"),
            "From: anna@zillum.test\r\nDate: Mon, 2 Jun 2014 09:00:00 +0000\r\nMessage-ID: <ID>\r\n\r\nbody");
  EXPECT_EQ(completed("Subject: x\r\n: y\r\n"),
            "From: anna@zillum.test\r\nDate: Mon, 2 Jun 2014 09:00:00 +0000\r\nMessage-ID: <ID>\r\nSubject: x\r\n\r\n: "
            "y\r\n");
}

TEST(EncodedWords, AreOfWholeCharactersAndNotTooLong) {
  EXPECT_EQ(encode_header_text("plain ASCII ~"), "plain ASCII ~");
  EXPECT_EQ(encode_header_text(""), "");
  EXPECT_EQ(encode_header_text(std::string(900, 'a')), std::string(900, 'a'));
  EXPECT_TRUE(encode_header_text(std::string(901, 'a')).starts_with("=?UTF-8?B?"));
  // 44 octets and a character of two: the second word begins with it. 22 such characters and one octet fill 45.
  std::string as;
  for (int i = 0; i < 14; ++i) as += "YWFh";  // 42 of them
  EXPECT_EQ(encode_header_text(std::string(44, 'a') + "\xc3\xbc"), "=?UTF-8?B?" + as + "YWE=?=\r\n =?UTF-8?B?w7w=?=");
  EXPECT_EQ(encode_header_text(std::string(43, 'a') + "\xc3\xbc"), "=?UTF-8?B?" + as + "YcO8?=");
  EXPECT_EQ(encode_header_text("\xff"), "=?UTF-8?B?/w==?=");
}

TEST(QuotedPrintable, AsInRfc2045) {
  EXPECT_EQ(to_quoted_printable("a=b\t c \r\n\xc3\xbc\r\n"), "a=3Db\t c=20\r\n=C3=BC\r\n");
  EXPECT_EQ(to_quoted_printable("end "), "end=20");
  EXPECT_EQ(to_quoted_printable("tab\t"), "tab=09");
  EXPECT_EQ(to_quoted_printable("a\nb\rc"), "a=0Ab=0Dc");
  EXPECT_EQ(to_quoted_printable(std::string(75, 'x')), std::string(75, 'x'));
  EXPECT_EQ(to_quoted_printable(std::string(76, 'x')), std::string(75, 'x') + "=\r\nx");
  EXPECT_EQ(to_quoted_printable(std::string(73, 'x') + "=y"), std::string(73, 'x') + "=\r\n=3Dy");
  EXPECT_EQ(to_quoted_printable(std::string(72, 'x') + "="), std::string(72, 'x') + "=3D");
}

}  // namespace
}  // namespace mailrig::client
