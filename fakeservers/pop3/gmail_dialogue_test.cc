// Gmail's words, byte for byte (docs/providers/gmail.md#dialogue).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/pop3_desk.h"

namespace mailrig::fakeservers {
namespace {

using mailrig::testing::Script;
using mailrig::testing::Tests;
using ::testing::MatchesRegex;
using testing::plays;
using testing::Pop3Desk;

constexpr std::string_view gmail = R"({"personality": "gmail", "mailboxes": {"anna@zillum.test": {"password": "s3cret",
  "messages": ["Subject: one\r\n\r\n.dot\r\n", "Subject: two\r\n\r\nhello\r\n"]}}})";

/// From the greeting on, which holds a token that differs by seed.
Script after_greeting(std::string_view settings) {
  Pop3Desk desk(settings);
  Script whole(Tests::server);
  whole.server_bytes(desk.take(*desk.open()));
  return whole;
}

Script logged_in() {
  return after_greeting(gmail)
      .client("USER anna@zillum.test")
      .server("+OK send PASS")
      .client("PASS s3cret")
      .server("+OK Welcome.");
}

TEST(GmailDialogue, GreetsWithTheClientsAddressAndAToken) {
  Pop3Desk desk(gmail);
  EXPECT_THAT(
      desk.take(*desk.open()),
      MatchesRegex("\\+OK Gpop ready for requests from 127\\.0\\.0\\.2 [a-z]{2}[0-9][a-z]{2}[0-9]{8}[a-z]{3}\r\n"));
}

TEST(GmailDialogue, CapabilitiesBeforeAndAfterLogin) {
  EXPECT_EQ(
      plays(
          gmail,
          after_greeting(gmail)
              .client("CAPA")
              .server_bytes(
                  "+OK Capability list follows\r\nUSER\r\nRESP-CODES\r\nEXPIRE 0\r\nLOGIN-DELAY 300\r\nTOP\r\nUIDL\r\n"
                  "X-GOOGLE-RICO\r\nSASL PLAIN XOAUTH2\r\n.\r\n")
              .client("USER anna@zillum.test")
              .server("+OK send PASS")
              .client("PASS s3cret")
              .server("+OK Welcome.")
              .client("CAPA")
              .server_bytes(
                  "+OK Capability list follows\r\nUSER\r\nRESP-CODES\r\nEXPIRE 0\r\nLOGIN-DELAY 300\r\nTOP\r\nUIDL\r\n"
                  "X-GOOGLE-RICO\r\nPIPELINING\r\n.\r\n")
              .client("QUIT")
              .server("+OK Farewell.")
              .then_done()),
      "");
}

TEST(GmailDialogue, ASession) {
  EXPECT_EQ(plays(gmail, logged_in()
                             .client("STAT")
                             .server("+OK 2 45")
                             .client("LIST")
                             .server_bytes("+OK message sizes follow\r\n1 22\r\n2 23\r\n.\r\n")
                             .client("LIST 2")
                             .server("+OK 2 23")
                             .client("RETR 1")
                             .server_bytes("+OK message follows\r\nSubject: one\r\n\r\n..dot\r\n.\r\n")
                             .client("TOP 2 0")
                             .server_bytes("+OK message follows\r\nSubject: two\r\n\r\n.\r\n")
                             .client("DELE 1")
                             .server("+OK")
                             .client("RSET")
                             .server("+OK")
                             .client("NOOP")
                             .server("+OK")
                             .client("LAST")
                             .server("-ERR Not supported")
                             .client("XTND")
                             .server("-ERR bad command")
                             .client("RETR")
                             .server("-ERR malformed command")
                             .client("quit")
                             .server("+OK Farewell.")
                             .then_done()),
            "");
}

}  // namespace
}  // namespace mailrig::fakeservers
