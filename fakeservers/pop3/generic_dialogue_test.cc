// The plain server of RFC 1939, and what all personalities have in common.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/pop3_desk.h"

namespace mailrig::fakeservers {
namespace {

using mailrig::testing::Script;
using mailrig::testing::Tests;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::plays;
using testing::Pop3Desk;

constexpr std::string_view isp =
    R"({"mailboxes": {"ann": {"password": "p w", "messages": ["one\r\n", "..two\r\n.three\r\n"]}}})";

Script greeted() { return Script(Tests::server).server("+OK POP3 server ready"); }
Script logged_in() {
  return greeted().client("USER ann").server("+OK").client("PASS p w").server("+OK maildrop locked and ready");
}

TEST(GenericDialogue, ASession) {
  EXPECT_EQ(plays(isp, logged_in()
                           .client("STAT")
                           .server("+OK 2 20")
                           .client("LIST")
                           .server_bytes("+OK 2 messages (20 octets)\r\n1 5\r\n2 15\r\n.\r\n")
                           .client("LIST 2")
                           .server("+OK 2 15")
                           .client("RETR 2")
                           .server_bytes("+OK 15 octets\r\n...two\r\n..three\r\n.\r\n")
                           .client("DELE 2")
                           .server("+OK message 2 deleted")
                           .client("DELE 2")
                           .server("-ERR message 2 already deleted")
                           .client("RSET")
                           .server("+OK maildrop has 2 messages (20 octets)")
                           .client("LIST 3")
                           .server("-ERR no such message")
                           .client("LIST 2 3")
                           .server("-ERR wrong number of arguments")
                           .client("LIST two")
                           .server("-ERR invalid message number")
                           .client("TOP 2 x")
                           .server("-ERR invalid number of lines")
                           .client("STAT 1")
                           .server("-ERR wrong number of arguments")
                           .client("USER ann")
                           .server("-ERR command not valid in this state")
                           .client("LAST")
                           .server("-ERR unknown command")
                           .client("APOP ann 0123")
                           .server("-ERR unknown command")
                           .client("NOOP")
                           .server("+OK")
                           .client("QUIT")
                           .server("+OK POP3 server signing off")
                           .then_done()),
            "");
}

TEST(GenericDialogue, BeforeLogin) {
  EXPECT_EQ(
      plays(
          isp,
          greeted()
              .client("CAPA")
              .server_bytes(
                  "+OK Capability list "
                  "follows\r\nTOP\r\nUIDL\r\nUSER\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\nSASL PLAIN LOGIN\r\n"
                  "IMPLEMENTATION mailrig\r\n.\r\n")
              .client("STAT")
              .server("-ERR command not valid in this state")
              .client("PASS p w")
              .server("-ERR USER first")
              .client("USER")
              .server("-ERR wrong number of arguments")
              .client("USER bob")
              .server("+OK")
              .client("PASS p w")
              .server("-ERR [AUTH] invalid user name or password")
              .client("USER ann")
              .server("+OK")
              .client("PASS p")
              .server("-ERR [AUTH] invalid user name or password")
              .client("QUIT")
              .server("+OK POP3 server signing off")
              .then_done()),
      "");
}

TEST(GenericDialogue, AuthLoginAsksForNameAndPassword) {
  // base64 of "Username:", "ann", "Password:" and "p w".
  EXPECT_EQ(plays(isp, greeted()
                           .client("AUTH LOGIN")
                           .server("+ VXNlcm5hbWU6")
                           .client("YW5u")
                           .server("+ UGFzc3dvcmQ6")
                           .client("cCB3")
                           .server("+OK maildrop locked and ready")
                           .client("QUIT")
                           .server("+OK POP3 server signing off")
                           .then_done()),
            "");
}

TEST(GenericDialogue, AuthThatGoesWrong) {
  EXPECT_EQ(plays(isp, greeted()
                           .client("AUTH")
                           .server_bytes("+OK\r\nPLAIN\r\nLOGIN\r\n.\r\n")
                           .client("AUTH CRAM-MD5")
                           .server("-ERR unrecognized authentication mechanism")
                           .client("AUTH PLAIN =")
                           .server("-ERR invalid authentication response")
                           .client("AUTH PLAIN not*base64")
                           .server("-ERR invalid authentication response")
                           .client("AUTH PLAIN YW5u")
                           .server("-ERR invalid authentication response")
                           .client("AUTH PLAIN")
                           .server("+ ")
                           .client("*")
                           .server("-ERR authentication cancelled")
                           .client("AUTH LOGIN")
                           .server("+ VXNlcm5hbWU6")
                           .client("")
                           .server("-ERR invalid authentication response")
                           .client("AUTH PLAIN AGFubgB4")
                           .server("-ERR [AUTH] invalid user name or password")
                           .client("QUIT")
                           .server("+OK POP3 server signing off")
                           .then_done()),
            "");
}

TEST(GenericDialogue, LfAloneEndsALineToo) {
  Pop3Desk desk(isp);
  EXPECT_EQ(desk.talk("USER ann\nPASS p w\nNOOP\r\nquit\n"),
            "+OK\r\n+OK maildrop locked and ready\r\n+OK\r\n+OK POP3 server signing off\r\n");
}

TEST(GenericDialogue, WhatIsPipelinedIsAnsweredInOneWrite) {
  Pop3Desk desk(isp);
  std::unique_ptr<Session> session = desk.open();
  desk.take(*session);
  session->on_bytes("USER ann\r\nPASS p w\r\nSTAT\r\nUIDL\r\nRETR 1\r\nRETR 2\r\nQUIT\r\n");
  std::string said = desk.take(*session);
  EXPECT_THAT(
      said,
      HasSubstr(
          "+OK 5 octets\r\none\r\n.\r\n+OK 15 octets\r\n...two\r\n..three\r\n.\r\n+OK POP3 server signing off\r\n"));
  EXPECT_EQ(desk.writes, 1);
  EXPECT_EQ(desk.ending, "orderly");
}

TEST(GenericDialogue, AMailboxTakesOneSessionAtATime) {
  Pop3Desk desk(isp);
  std::unique_ptr<Session> first = desk.open();
  desk.take(*first);
  first->on_bytes("USER ann\r\nPASS p w\r\n");
  desk.take(*first);
  EXPECT_EQ(desk.talk("USER ann\r\nPASS p w\r\nSTAT\r\n"),
            "+OK\r\n-ERR [IN-USE] maildrop already locked\r\n-ERR command not valid in this state\r\n");
  EXPECT_EQ(desk.see({"failed_logins"}), Value(1));
  first->on_bytes("QUIT\r\n");
  desk.take(*first);
  EXPECT_EQ(desk.talk("USER ann\r\nPASS p w\r\n"), "+OK\r\n+OK maildrop locked and ready\r\n");
  EXPECT_EQ(desk.see({"logins"}), Value(2));
}

TEST(GenericDialogue, ALostConnectionGivesTheMailboxBackAndDeletesNothing) {
  Pop3Desk desk(isp);
  EXPECT_EQ(desk.talk("USER ann\r\nPASS p w\r\nDELE 1\r\n"),
            "+OK\r\n+OK maildrop locked and ready\r\n+OK message 1 deleted\r\n");
  EXPECT_EQ(desk.count("ann", "kept"), 2);
  EXPECT_EQ(
      desk.talk("USER ann\r\nPASS p w\r\nSTAT\r\nDELE 1\r\nQUIT\r\n"),
      "+OK\r\n+OK maildrop locked and ready\r\n+OK 2 20\r\n+OK message 1 deleted\r\n+OK POP3 server signing off\r\n");
  EXPECT_EQ(desk.count("ann", "kept"), 1);
  EXPECT_EQ(desk.count("ann", "deleted"), 1);
}

TEST(GenericDialogue, UniqueIdsStayTheSame) {
  Pop3Desk desk(isp);
  std::string login = "USER ann\r\nPASS p w\r\n";
  std::string first = desk.talk(login + "UIDL\r\nDELE 1\r\nQUIT\r\n");
  std::size_t second_uid = first.find("\r\n2 ") + 4;
  std::string uid = first.substr(second_uid, 16);
  EXPECT_EQ(uid.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_THAT(desk.talk(login + "UIDL\r\n"), HasSubstr("+OK\r\n1 " + uid + "\r\n.\r\n"));
}

TEST(GenericDialogue, TheTranscriptHasLinesAndBodiesAndNoSecret) {
  Pop3Desk desk(isp);
  desk.talk("USER ann\r\nPASS p w\r\nAUTH PLAIN AGFubgBwIHc=\r\nLIST\r\nRETR 1\r\nfoo s3cret\r\nQUIT\r\n");
  // SHA-256 of "one\r\n" from sha256sum.
  EXPECT_THAT(desk.rig.lines(),
              ElementsAre("S: +OK POP3 server ready", "C: USER ann", "S: +OK", "C: PASS <password>",
                          "S: +OK maildrop locked and ready", "C: AUTH PLAIN <password>",
                          "S: -ERR command not valid in this state", "C: LIST", "S: +OK 2 messages (20 octets)",
                          "S: 1 5", "S: 2 15", "S: .", "C: RETR 1", "S: +OK 5 octets",
                          "S: <5 octets, sha256 5259...20d4>", "C: foo s3cret", "S: -ERR unknown command", "C: QUIT",
                          "S: +OK POP3 server signing off", "*: closes the connection"));
}

TEST(GenericDialogue, WhatIsUnknownBeforeLoginIsNotShown) {
  Pop3Desk desk(
      R"({"texts": {"unknown_command": "-ERR what is {argument}?"}, "mailboxes": {"ann": {"password": "pw"}}})");
  EXPECT_EQ(desk.talk("XFOO s3cret\r\ns3cret\r\nAUTH s3cret\r\nabcdefghi\r\nPass s3cret\r\nAUTH PLAIN\r\nczNjcmV0\r\n"),
            "-ERR what is XFOO?\r\n-ERR what is S3CRET?\r\n-ERR unrecognized authentication mechanism\r\n-ERR what is "
            "ABCDEFGHI?\r\n-ERR USER first\r\n"
            "+ \r\n-ERR invalid authentication response\r\n");
  EXPECT_THAT(
      desk.rig.lines(),
      ElementsAre("S: +OK POP3 server ready", "C: XFOO <6 octets>", "S: -ERR what is XFOO?", "C: <6 octets>",
                  "S: -ERR what is <argument>?", "C: AUTH <6 octets>", "S: -ERR unrecognized authentication mechanism",
                  "C: <9 octets>", "S: -ERR what is <argument>?", "C: PASS <password>", "S: -ERR USER first",
                  "C: AUTH PLAIN", "S: + ", "C: <password>", "S: -ERR invalid authentication response",
                  "*: the connection is over: the peer closed the connection"));
  Value commands = desk.see({"sessions", "0", "commands"});
  EXPECT_EQ(commands, Value(Value::List{"XFOO <6 octets>", "<6 octets>", "AUTH <6 octets>", "<9 octets>",
                                        "PASS <password>", "AUTH PLAIN", "<password>"}));
}

TEST(GenericDialogue, TheServerIsSeen) {
  Pop3Desk desk(isp);
  desk.talk("USER ann\r\nPASS p w\r\nRETR 1\r\nRETR 1\r\nDELE 2\r\nFOO\r\nQUIT\r\n");
  desk.talk("USER ann\r\nPASS no\r\n");
  EXPECT_EQ(desk.see({"connections"}), Value(2));
  EXPECT_EQ(desk.see({"logins"}), Value(1));
  EXPECT_EQ(desk.see({"failed_logins"}), Value(1));
  EXPECT_EQ(desk.see({"commands", "RETR"}), Value(2));
  EXPECT_EQ(desk.see({"commands", "FOO"}), Value(1));
  EXPECT_EQ(desk.see({"commands", "TOP"}), Value(0));
  EXPECT_EQ(desk.see({"sessions", "0", "user"}), Value("ann"));
  EXPECT_EQ(desk.see({"sessions", "0", "peer"}), Value("127.0.0.2:40001"));
  EXPECT_EQ(desk.see({"sessions", "0", "tls"}), Value(false));
  EXPECT_EQ(desk.see({"sessions", "0", "end"}), Value("quit"));
  EXPECT_EQ(desk.see({"sessions", "1", "end"}), Value("closed"));
  EXPECT_EQ(desk.see({"sessions", "1", "user"}), Value(""));
  EXPECT_EQ(desk.count("ann", "retrieved"), 2);
  EXPECT_EQ(desk.count("ann", "read"), 0);
  EXPECT_EQ(desk.count("ann", "popped"), 1);
  EXPECT_EQ(desk.see({"mailboxes", "ann", "messages", "0", "retrieved"}), Value(2));
  EXPECT_EQ(desk.see({"mailboxes", "ann", "messages", "0", "octets"}), Value(5));
  EXPECT_EQ(desk.see({"mailboxes", "ann", "messages", "0", "deleted"}), Value(false));
  EXPECT_EQ(desk.see({"mailboxes", "ann", "messages", "1", "deleted"}), Value(true));
  EXPECT_EQ(desk.see({"mailboxes", "ann", "locked"}), Value(false));
}

TEST(GenericDialogue, TheJudgeIsToldOfEveryRetrAndDele) {
  Pop3Desk desk(
      R"({"personality": "dovecot", "mailboxes": {"ann": {"password": "pw", "messages": ["one\r\n", "two\r\n"]}}})");
  desk.talk("USER ann\r\nPASS pw\r\nRETR 2\r\nTOP 1 0\r\nRETR 9\r\nDELE 2\r\nDELE 1\r\n");
  EXPECT_THAT(desk.observer.events,
              ElementsAre("retrieve isp#1 ann 000000024f5c8a01", "delete isp#1 ann 000000024f5c8a01",
                          "delete isp#1 ann 000000014f5c8a01"));
  EXPECT_THAT(desk.observer.contents, ElementsAre("two\r\n", "two\r\n", "one\r\n"));
  EXPECT_TRUE(desk.observer.sums_are_right);
}

}  // namespace
}  // namespace mailrig::fakeservers
