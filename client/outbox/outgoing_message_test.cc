#include "client/outbox/outgoing_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Instant now = *parse_instant("2014-06-02T09:00:00Z");
constexpr std::string_view own = "anna@zillum.test";

OutgoingMessage made(const Value& message) {
  Prng prng(1);
  Result<OutgoingMessage> letter = make_outgoing(message, own, now, prng);
  EXPECT_TRUE(letter) << (letter ? "" : letter.error().message);
  return letter ? *letter : OutgoingMessage{};
}
std::string refused(const Value& message) {
  Prng prng(1);
  Result<OutgoingMessage> letter = make_outgoing(message, own, now, prng);
  EXPECT_FALSE(letter);
  if (letter) return {};
  EXPECT_EQ(letter.error().code, Errc::bad_input);
  return letter.error().message;
}
/// The Message-ID is chance: its place is looked at, not its digits.
std::string without_id(const OutgoingMessage& letter) {
  std::string raw = letter.raw;
  EXPECT_EQ(letter.message_id.size(), 32 + 1 + std::string_view("zillum.test").size());
  const std::size_t at = raw.find('<' + letter.message_id + '>');
  EXPECT_NE(at, std::string::npos);
  return at == std::string::npos ? raw : raw.replace(at, letter.message_id.size() + 2, "<ID>");
}

TEST(OutgoingMessages, APlainMessage) {
  OutgoingMessage letter =
      made(Value::map()
               .set("to", Value::List{"bert@customer.test", "\"Carl \\\"C\\\" Cole\" <carl@customer.test>"})
               .set("cc", "dora@zillum.test")
               .set("bcc", "secret@zillum.test")
               .set("subject", "offer")
               .set("text", "Dear Bert,\n.\r\nhere"));
  EXPECT_EQ(without_id(letter),
            "Date: Mon, 02 Jun 2014 09:00:00 +0000\r\n"
            "From: anna@zillum.test\r\n"
            "To: bert@customer.test, \"Carl \\\"C\\\" Cole\" <carl@customer.test>\r\n"
            "Cc: dora@zillum.test\r\n"
            "Message-ID: <ID>\r\n"
            "Subject: offer\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=us-ascii\r\n"
            "Content-Transfer-Encoding: 7bit\r\n"
            "\r\n"
            "Dear Bert,\r\n.\r\nhere\r\n");
  EXPECT_EQ(letter.from, "anna@zillum.test");
  EXPECT_THAT(letter.recipients,
              ElementsAre("bert@customer.test", "carl@customer.test", "dora@zillum.test", "secret@zillum.test"));
  EXPECT_TRUE(letter.message_id.ends_with("@zillum.test"));
}

TEST(OutgoingMessages, NoSenderIsEverAdded) {
  OutgoingMessage letter = made(Value::map().set("to", "b@x.test").set("from", "Info <info@other.test>"));
  EXPECT_EQ(letter.from, "info@other.test");
  EXPECT_THAT(letter.raw, HasSubstr("From: Info <info@other.test>\r\n"));
  EXPECT_THAT(letter.raw, Not(HasSubstr("Sender")));
  EXPECT_TRUE(letter.message_id.ends_with("@other.test"));
}

TEST(OutgoingMessages, TheSameSeedMakesTheSameMessage) {
  Value message = Value::map().set("to", "b@x.test");
  EXPECT_EQ(made(message).raw, made(message).raw);
  Prng other(2);
  EXPECT_NE(make_outgoing(message, own, now, other)->message_id, made(message).message_id);
}

// No server is known yet, so that everything goes as ASCII.
TEST(OutgoingMessages, TextOutsideOfAsciiIsEncoded) {
  OutgoingMessage letter =
      made(Value::map().set("to", "Jürgen <j@x.test>").set("subject", "Überweisung").set("text", "grüß dich\r\n"));
  EXPECT_THAT(letter.raw, HasSubstr("To: =?UTF-8?Q?J=C3=BCrgen?= <j@x.test>\r\n"));
  EXPECT_THAT(letter.raw, HasSubstr("Subject: =?UTF-8?Q?=C3=9Cberweisung?=\r\n"));
  EXPECT_THAT(letter.raw, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"
                                    "Content-Transfer-Encoding: quoted-printable\r\n\r\ngr=C3=BC=C3=9F dich\r\n"));
}

TEST(OutgoingMessages, LongLinesAreEncoded) {
  EXPECT_THAT(made(Value::map().set("to", "b@x.test").set("text", std::string(998, 'x'))).raw,
              HasSubstr("\r\n\r\n" + std::string(998, 'x') + "\r\n"));
  OutgoingMessage longer =
      made(Value::map().set("to", "b@x.test").set("text", "a\r\n" + std::string(999, 'x') + "\r\nb"));
  EXPECT_THAT(longer.raw, HasSubstr("Encoding: quoted-printable\r\n\r\na\r\n" + std::string(75, 'x') + "=\r\n"));
}

// RFC 5890: a domain has a form in ASCII, so that no server needs SMTPUTF8 for it. A local part has none.
TEST(OutgoingMessages, ADomainOutsideOfAsciiGoesAsItsALabels) {
  OutgoingMessage letter = made(Value::map().set("to", "user@müller.test").set("bcc", "B <b@bücher.example>"));
  EXPECT_THAT(letter.raw, HasSubstr("To: user@xn--mller-kva.test\r\n"));
  EXPECT_THAT(letter.recipients, ElementsAre("user@xn--mller-kva.test", "b@xn--bcher-kva.example"));
  OutgoingMessage local = made(Value::map().set("to", "jürgen@müller.test"));
  EXPECT_THAT(local.raw, HasSubstr("To: jürgen@müller.test\r\n"));
  EXPECT_THAT(local.recipients, ElementsAre("jürgen@müller.test"));
}

TEST(OutgoingMessages, GroupsAreReached) {
  OutgoingMessage letter = made(Value::map().set("to", "team: b@x.test, C <c@x.test>;"));
  EXPECT_THAT(letter.raw, HasSubstr("To: team: b@x.test, C <c@x.test>;\r\n"));
  EXPECT_THAT(letter.recipients, ElementsAre("b@x.test", "c@x.test"));
}

TEST(OutgoingMessages, NothingCanAddAHeader) {
  EXPECT_THAT(refused(Value::map().set("to", "b@x.test\r\nBcc: c@x.test")), HasSubstr("control character"));
  EXPECT_THAT(refused(Value::map().set("to", "B\r\nBcc: c <b@x\r\n.test>")), HasSubstr("control character"));
  OutgoingMessage letter = made(Value::map().set("to", "b@x.test").set("subject", "a\r\nBcc: c@x.test"));
  EXPECT_THAT(letter.raw, Not(HasSubstr("\r\nBcc")));
  EXPECT_THAT(letter.raw, HasSubstr("Subject: a  Bcc: c@x.test\r\n"));
}

TEST(OutgoingMessages, WhoGetsItTwiceGetsItOnce) {
  OutgoingMessage letter =
      made(Value::map().set("to", "b@x.test").set("cc", "b@x.test").set("bcc", Value::List{"c@x.test", "b@x.test"}));
  EXPECT_THAT(letter.recipients, ElementsAre("b@x.test", "c@x.test"));
}

TEST(OutgoingMessages, WhatCannotBeSentIsRefusedByName) {
  EXPECT_EQ(refused(Value::map().set("subject", "x")), "the message has no recipients: give to, cc or bcc");
  EXPECT_EQ(refused(Value::map().set("to", 5)), "\"to\" must be an address or a list of addresses");
  EXPECT_EQ(refused(Value::map().set("to", "")), "\"to\": \"\" is not an e-mail address: it is empty");
  EXPECT_EQ(refused(Value::map().set("to", "b@x.test").set("from", "<")),
            "the sender: \"<\" is not an e-mail address: an angle bracket without its partner");
  EXPECT_EQ(refused(Value::map().set("to", "b@x.test").set("from", "a@x.test, c@x.test")),
            "the sender: one address is needed");
  // Mail must not go to an address that nobody wrote.
  for (std::string_view doubtful : {"a b@x.test", "<ceo bank.test@evil.test>", "a@sil(x)ly.test", "a@x.test and more",
                                    "<a@x.test> and more", "a@x.test b@x.test", "nobody", "a@x..test", "a@x.test."})
    EXPECT_THAT(refused(Value::map().set("cc", doubtful)), HasSubstr("is not an e-mail address: ")) << doubtful;
}

TEST(OutgoingMessages, AWholeMessageIsCompletedAndSentByItsEnvelope) {
  OutgoingMessage letter =
      made(Value::map().set("to", "b@müller.test").set("raw", "Subject: x\r\nBcc: c@x.test\r\n\r\nhello\r\n"));
  EXPECT_EQ(without_id(letter),
            "From: anna@zillum.test\r\nDate: Mon, 02 Jun 2014 09:00:00 +0000\r\nMessage-ID: <ID>\r\n"
            "Subject: x\r\n\r\nhello\r\n");
  EXPECT_THAT(letter.recipients, ElementsAre("b@xn--mller-kva.test"));
}

}  // namespace
}  // namespace mailrig::client
