#include "client/smtp/reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/smtp/capabilities.h"

namespace mailrig::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

SmtpReply read(std::string_view wire) {
  SmtpReplyReader reader;
  reader.feed(wire);
  Result<std::optional<SmtpReply>> reply = reader.take();
  EXPECT_TRUE(reply && *reply) << wire;
  EXPECT_FALSE(reader.holds_more());
  return reply && *reply ? **reply : SmtpReply{};
}

Error refuse(std::string_view wire) {
  SmtpReplyReader reader;
  reader.feed(wire);
  Result<std::optional<SmtpReply>> reply = reader.take();
  EXPECT_FALSE(reply) << wire;
  return reply ? Error{} : reply.error();
}

TEST(SmtpReply, OneLine) {
  SmtpReply reply = read("250 OK\r\n");
  EXPECT_EQ(reply.code, 250U);
  EXPECT_THAT(reply.lines, ElementsAre("OK"));
  EXPECT_TRUE(reply.positive());
  EXPECT_FALSE(reply.temporary());
  EXPECT_FALSE(reply.permanent());
  EXPECT_EQ(reply.sentence(), "250 OK");
}

TEST(SmtpReply, AnEmptyLineBeforeItIsPassedOverAtEverySplit) {
  const std::string wire = "\r\n\r\n250-2.0.0 taken\r\n250 2.0.0 as 7\r\n";
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    SmtpReplyReader reader;
    reader.feed(std::string_view(wire).substr(0, cut));
    reader.feed(std::string_view(wire).substr(cut));
    Result<std::optional<SmtpReply>> reply = reader.take();
    ASSERT_TRUE(reply && *reply) << cut;
    EXPECT_THAT((*reply)->lines, ElementsAre("2.0.0 taken", "2.0.0 as 7")) << cut;
    EXPECT_FALSE(reader.holds_more());
  }
  EXPECT_EQ(refuse("250-one\r\n\r\n250 two\r\n").code, Errc::peer_protocol)
      << "within a reply it is a line without code";
  std::string many;
  for (std::size_t i = 0; i < smtp_empty_lines_max; ++i) many += "\r\n";
  EXPECT_EQ(read(many + "250 OK\r\n").code, 250U);
  EXPECT_EQ(refuse(many + "\r\n250 OK\r\n").code, Errc::peer_protocol);
  SmtpReplyReader after;
  after.feed("220 go\r\n\r\n");
  EXPECT_TRUE(*after.take());
  EXPECT_TRUE(after.holds_more()) << "after a reply it is something that was not asked for";
}

TEST(SmtpReply, CodeAloneWithoutBlank) {
  EXPECT_THAT(read("250\r\n").lines, ElementsAre(""));
  EXPECT_EQ(read("250\r\n").sentence(), "250");
  EXPECT_THAT(read("250 \r\n").lines, ElementsAre(""));
}

TEST(SmtpReply, ClassesAreTheFirstDigit) {
  EXPECT_TRUE(read("499 x\r\n").temporary());
  EXPECT_FALSE(read("399 x\r\n").temporary());
  EXPECT_TRUE(read("599 x\r\n").permanent());
  EXPECT_FALSE(read("354 x\r\n").positive());
  EXPECT_TRUE(read("200 x\r\n").positive());
}

TEST(SmtpReply, SeveralLinesAtEverySplit) {
  const std::string wire = "220-server.example.com ESMTP Exim 4.86 #2\r\n220-\r\n220 and/or bulk e-mail.\r\n";
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    SmtpReplyReader reader;
    reader.feed(std::string_view(wire).substr(0, cut));
    if (cut < wire.size()) {
      Result<std::optional<SmtpReply>> early = reader.take();
      EXPECT_TRUE(early && !*early) << cut;
      EXPECT_EQ(reader.holds_more(), cut > 0) << cut;
    }
    reader.feed(std::string_view(wire).substr(cut));
    Result<std::optional<SmtpReply>> reply = reader.take();
    ASSERT_TRUE(reply && *reply) << cut;
    EXPECT_EQ((*reply)->code, 220U);
    EXPECT_THAT((*reply)->lines, ElementsAre("server.example.com ESMTP Exim 4.86 #2", "", "and/or bulk e-mail."));
  }
}

TEST(SmtpReply, SeveralRepliesInOnePiece) {
  SmtpReplyReader reader;
  reader.feed("250 2.1.0 ok\r\n550-5.1.1 no\r\n550 5.1.1 such\r\n354 go\r\n25");
  EXPECT_EQ((**reader.take()).code, 250U);
  EXPECT_EQ((**reader.take()).sentence(), "550 5.1.1 no such");
  EXPECT_TRUE(reader.holds_more());
  EXPECT_EQ((**reader.take()).code, 354U);
  EXPECT_FALSE(*reader.take());
  EXPECT_TRUE(reader.holds_more());
  reader.clear();
  EXPECT_FALSE(reader.holds_more());
  reader.feed("221 bye\r\n");
  EXPECT_EQ((**reader.take()).code, 221U);
}

TEST(SmtpReply, ALineMayEndInLfAlone) { EXPECT_THAT(read("250-a\n250 b\n").lines, ElementsAre("a", "b")); }

TEST(SmtpReply, WhatIsNoReplyIsAnError) {
  for (std::string_view wire :
       {"2x0 OK\r\n", "25 OK\r\n", "250OK\r\n", "\r\nOK\r\n", "150 x\r\n", "650 x\r\n", "2501 x\r\n", " 250 x\r\n"})
    EXPECT_EQ(refuse(wire).code, Errc::peer_protocol) << wire;
}

TEST(SmtpReply, TheBannerOfAnotherProtocolIsNamed) {
  EXPECT_THAT(refuse("+OK Dovecot ready.\r\n").message, HasSubstr("a POP3 server answers"));
  EXPECT_THAT(refuse("-ERR busy\r\n").message, HasSubstr("a POP3 server answers"));
  EXPECT_THAT(refuse("* OK [CAPABILITY IMAP4rev1] ready\r\n").message, HasSubstr("an IMAP server answers"));
  EXPECT_THAT(refuse("SSH-2.0-OpenSSH_9.2\r\n").message, HasSubstr("an SSH server answers"));
  EXPECT_THAT(refuse("HTTP/1.1 400 Bad Request\r\n").message, HasSubstr("a web server answers"));
  EXPECT_THAT(refuse("\x15\x03\x01\n").message, HasSubstr("set the encryption to implicit TLS"));
  EXPECT_EQ(refuse("hello\x07\r\n").message, "the server sent \"hello\\x07\", which is no SMTP reply");
}

TEST(SmtpReply, MixedCodesAreAnError) {
  EXPECT_EQ(refuse("250-a\r\n550 b\r\n").message, "the server mixed the codes 250 and 550 in one reply");
  EXPECT_EQ(refuse("250-a\r\n550 b\r\n").code, Errc::peer_protocol);
}

TEST(SmtpReply, RepliesBeforeABrokenOneAreGivenOut) {
  SmtpReplyReader reader;
  reader.feed("250 ok\r\nxyz\r\n250 ok\r\n");
  EXPECT_EQ((**reader.take()).code, 250U);
  EXPECT_FALSE(reader.take());
  EXPECT_FALSE(reader.take());
}

TEST(SmtpReply, LinesAreBounded) {
  auto line = [](std::size_t octets) { return "250 " + std::string(octets - 4, 'x'); };
  EXPECT_EQ(read(line(4096) + "\n").lines.front().size(), 4092U);
  EXPECT_EQ(refuse(line(4097)).code, Errc::limit_exceeded);
  SmtpReplyReader reader;
  for (int i = 0; i < 100; ++i) reader.feed(std::string(4096, '2'));
  EXPECT_EQ(reader.take().error().code, Errc::limit_exceeded);
}

TEST(SmtpReply, TheNumberOfLinesIsBounded) {
  std::string wire;
  for (int i = 0; i < 255; ++i) wire += "250-x\r\n";
  EXPECT_EQ(read(wire + "250 x\r\n").lines.size(), 256U);
  EXPECT_EQ(refuse(wire + "250-x\r\n250-x\r\n").code, Errc::limit_exceeded);
}

TEST(SmtpEnhancedCode, AgreesWithTheReplyCode) {
  EXPECT_EQ(read("550 5.7.1 no\r\n").enhanced(), (EnhancedCode{5, 7, 1}));
  EXPECT_EQ(read("452 4.5.3\r\n").enhanced(), (EnhancedCode{4, 5, 3}));
  EXPECT_EQ(read("535 5.7.139 no\r\n").enhanced(), (EnhancedCode{5, 7, 139}));
  EXPECT_EQ(read("552 #5.3.4 message size exceeds limit\r\n").enhanced(), (EnhancedCode{5, 3, 4}));
  EXPECT_EQ(read("450 5.7.1 no\r\n").enhanced(), std::nullopt);
  EXPECT_EQ(read("550 5.7 no\r\n").enhanced(), std::nullopt);
  EXPECT_EQ(read("550 5.7.1000 no\r\n").enhanced(), std::nullopt);
  EXPECT_EQ(read("550 5.7.1.2 no\r\n").enhanced(), std::nullopt);
  EXPECT_EQ(read("550 5.7.1: no\r\n").enhanced(), std::nullopt);
  EXPECT_EQ(read("550 5..1 no\r\n").enhanced(), std::nullopt);
  EXPECT_EQ(read("550 no 5.7.1\r\n").enhanced(), std::nullopt);
  EXPECT_EQ((EnhancedCode{5, 7, 14}.text()), "5.7.14");
}

TEST(SmtpEnhancedCode, IsLeftOutOfTheText) {
  SmtpReply reply = read(
      "534-5.7.14 Please log in via your web browser and then try again.\r\n"
      "534-5.7.14\r\n"
      "534 5.7.14  https://support.google.com/mail/answer/78754 x - gsmtp\r\n");
  EXPECT_EQ(
      reply.text(),
      "Please log in via your web browser and then try again. https://support.google.com/mail/answer/78754 x - gsmtp");
  EXPECT_EQ(reply.sentence(), "534 5.7.14 " + reply.text());
}

TEST(SmtpReply, ASentenceIsPrintable) {
  EXPECT_EQ(read("550 \x1b[31mred\xff\r\n").sentence(), "550 \\x1B[31mred\\xFF");
}

SmtpCapabilities offered(std::string_view wire) { return parse_capabilities(read(wire)); }

TEST(SmtpCapabilities, OfGmailAfterTls) {
  SmtpCapabilities gmail = offered(
      "250-smtp.gmail.com at your service, [1.2.3.4]\r\n250-SIZE 35882577\r\n250-8BITMIME\r\n"
      "250-AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH\r\n250-ENHANCEDSTATUSCODES\r\n"
      "250-PIPELINING\r\n250-CHUNKING\r\n250 SMTPUTF8\r\n");
  EXPECT_EQ(gmail.size_max, 35882577U);
  EXPECT_TRUE(gmail.eight_bit_mime && gmail.auth && gmail.auth_login && gmail.auth_plain && gmail.pipelining);
  EXPECT_TRUE(gmail.smtp_utf8);
  EXPECT_FALSE(gmail.starttls);
}

TEST(SmtpCapabilities, NothingIsOfferedByAGreetingAlone) {
  SmtpCapabilities none = offered("250 STARTTLS PIPELINING\r\n");
  EXPECT_FALSE(none.starttls || none.pipelining || none.eight_bit_mime || none.smtp_utf8 || none.auth ||
               none.auth_plain || none.auth_login || none.size_max);
}

TEST(SmtpCapabilities, AuthInAllItsSpellings) {
  for (std::string_view line :
       {"AUTH PLAIN", "auth plain", "AUTH=PLAIN", "Auth  Plain ", "AUTH=XOAUTH2 PLAIN", "AUTH\tPLAIN"}) {
    SmtpCapabilities found = offered("250-x\r\n250 " + std::string(line) + "\r\n");
    EXPECT_TRUE(found.auth && found.auth_plain && !found.auth_login) << line;
  }
  SmtpCapabilities both = offered("250-x\r\n250-AUTH=LOGIN\r\n250 AUTH PLAIN\r\n");
  EXPECT_TRUE(both.auth_login && both.auth_plain);
  SmtpCapabilities other = offered("250-x\r\n250 AUTH XOAUTH2\r\n");
  EXPECT_TRUE(other.auth && !other.auth_login && !other.auth_plain);
  SmtpCapabilities exchange = offered("250-x\r\n250-X-EXPS LOGIN PLAIN\r\n250 AUTHX LOGIN\r\n");
  EXPECT_FALSE(exchange.auth || exchange.auth_login);
  EXPECT_FALSE(offered("250-x\r\n250 AUTH\r\n").auth);
  EXPECT_FALSE(offered("250-x\r\n250 AUTH PLAIN-CLIENTTOKEN\r\n").auth_plain);
}

TEST(SmtpCapabilities, SizeWithoutANumberIsNoLimit) {
  EXPECT_EQ(offered("250-x\r\n250 SIZE\r\n").size_max, std::nullopt);
  EXPECT_EQ(offered("250-x\r\n250 SIZE 0\r\n").size_max, std::nullopt);
  EXPECT_EQ(offered("250-x\r\n250 SIZE 10kB\r\n").size_max, std::nullopt);
  EXPECT_EQ(offered("250-x\r\n250 SIZE 99999999999999999999\r\n").size_max, std::nullopt);
  EXPECT_EQ(offered("250-x\r\n250 size 1\r\n").size_max, 1U);
}

}  // namespace
}  // namespace mailrig::client
