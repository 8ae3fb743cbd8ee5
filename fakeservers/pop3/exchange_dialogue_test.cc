// Exchange's words, byte for byte (docs/providers/exchange.md).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/pop3_desk.h"

namespace mailrig::fakeservers {
namespace {

using mailrig::testing::Script;
using mailrig::testing::Tests;
using testing::plays;
using testing::Pop3Desk;

std::string exchange(std::string_view version, std::string_view more = "") {
  return R"({"personality": ")" + std::string(version) + R"(", "host": "London.nwtraders.msft", )" + std::string(more) +
         R"("mailboxes": {"anna": {"password": "s3cret", "messages": ["Subject: one\r\n\r\n.dot\r\n", "Subject: two\r\n\r\nhello\r\nsecond\r\n"]}}})";
}

Script greeted_2013() { return Script(Tests::server).server("+OK The Microsoft Exchange POP3 service is ready."); }
Script logged_in() {
  return greeted_2013()
      .client("USER anna")
      .server("+OK")
      .client("PASS s3cret")
      .server("+OK User successfully logged on.");
}
constexpr std::string_view signing_off = "+OK Microsoft Exchange Server 2013 POP3 server signing off.";

TEST(ExchangeDialogue, GreetingsAndGoodByes) {
  struct Row {
    std::string_view version;
    std::string_view greeting;
    std::string_view goodbye;
  };
  for (const Row& row : {
           Row{"exchange2000",
               "+OK Microsoft Exchange 2000 POP3 server version 6.0.6249.0 (London.nwtraders.msft) ready.\r\n",
               "+OK Microsoft Exchange 2000 POP3 server version 6.0.6249.0 signing off.\r\n"},
           Row{"exchange2003",
               "+OK Microsoft Exchange Server 2003 POP3 server version 6.5.7638.1 (London.nwtraders.msft) ready.\r\n",
               "+OK Microsoft Exchange Server 2003 POP3 server version 6.5.7638.1 signing off.\r\n"},
           Row{"exchange2007", "+OK Microsoft Exchange Server 2007 POP3 service ready\r\n",
               "+OK Microsoft Exchange Server 2007 POP3 server signing off.\r\n"},
           Row{"exchange2013", "+OK The Microsoft Exchange POP3 service is ready.\r\n",
               "+OK Microsoft Exchange Server 2013 POP3 server signing off.\r\n"},
           // base64 of "MR1P264CA0150.FRAP264.PROD.OUTLOOK.COM" in UTF-16LE.
           Row{"office365",
               "+OK The Microsoft Exchange POP3 service is ready. "
               "[TQBSADEAUAAyADYANABDAEEAMAAxADUAMAAuAEYAUgBBAFAAMgA2ADQALgBQAFIATwBEAC4ATwBVAFQATABPAE8ASwAuAEMATwBNAA"
               "==]\r\n",
               "+OK Microsoft Exchange Server 2013 POP3 server signing off.\r\n"},
       }) {
    Pop3Desk desk(exchange(row.version));
    ASSERT_EQ(desk.refusal, "");
    EXPECT_EQ(desk.take(*desk.open()), row.greeting);
    EXPECT_EQ(desk.talk("QUIT\r\n"), row.goodbye);
  }
}

TEST(ExchangeDialogue, CapabilitiesOf2013) {
  EXPECT_EQ(plays(exchange("exchange2013", R"("tls": "starttls", )"),
                  greeted_2013()
                      .client("CAPA")
                      .server_bytes("+OK\r\nTOP\r\nUIDL\r\nSASL NTLM GSSAPI PLAIN\r\nUSER\r\nSTLS\r\n.\r\n")
                      .client("AUTH")
                      .server_bytes("+OK\r\nNTLM\r\nGSSAPI\r\nPLAIN\r\n.\r\n")
                      .client("STLS")
                      .server("+OK Begin TLS negotiation.")
                      .starts_tls()
                      .client("CAPA")
                      .server_bytes("+OK\r\nTOP\r\nUIDL\r\nSASL NTLM GSSAPI PLAIN\r\nUSER\r\n.\r\n")
                      .client("STLS")
                      .server("-ERR Command is not valid in this state.")
                      .client("QUIT")
                      .server(signing_off)
                      .then_done()),
            "");
}

TEST(ExchangeDialogue, SecureLoginIsRequired) {
  EXPECT_EQ(plays(exchange("exchange2013", R"("tls": "starttls-required", )"),
                  greeted_2013()
                      .client("CAPA")
                      .server_bytes("+OK\r\nTOP\r\nUIDL\r\nSTLS\r\n.\r\n")
                      .client("USER anna")
                      .server("-ERR Command is not valid in this state.")
                      .client("PASS s3cret")
                      .server("-ERR Command is not valid in this state.")
                      .client("QUIT")
                      .server(signing_off)
                      .then_done()),
            "");
}

TEST(ExchangeDialogue, CapabilitiesOf2003AndItsNtlmBug) {
  EXPECT_EQ(
      plays(exchange("exchange2003"),
            Script(Tests::server)
                .server(
                    "+OK Microsoft Exchange Server 2003 POP3 server version 6.5.7638.1 (London.nwtraders.msft) ready.")
                .client("CAPA")
                .server_bytes("+OK Capability list follows\r\nTOP\r\nUSER\r\nPIPELINING\r\nEXPIRE "
                              "NEVER\r\nUIDL\r\nSASL NTLM\r\n.\r\n")
                .client("AUTH NTLM")
                .server("+OK")
                .client("TlRMTVNTUAABAAAA")
                .server("-ERR Authentication failure: unknown user name or bad password.")
                .client("QUIT")
                .server("+OK Microsoft Exchange Server 2003 POP3 server version 6.5.7638.1 signing off.")
                .then_done()),
      "");
}

TEST(ExchangeDialogue, ASession) {
  // Sizes are those of the stored items: the first is larger than its message of 22 octets, the second smaller than 31.
  EXPECT_EQ(plays(exchange("exchange2013"),
                  logged_in()
                      .client("STAT")
                      .server("+OK 2 564")
                      .client("LIST")
                      .server_bytes("+OK 2 564\r\n1 539\r\n2 25\r\n.\r\n")
                      .client("LIST 2")
                      .server("+OK 2 25")
                      .client("UIDL")
                      .server_bytes("+OK\r\n1 6499\r\n2 6500\r\n.\r\n")
                      .client("UIDL 2")
                      .server("+OK 2 6500")
                      .client("RETR 1")
                      .server_bytes("+OK\r\nSubject: one\r\n\r\n..dot\r\n.\r\n")
                      .client("TOP 2 1")
                      .server_bytes("+OK\r\nSubject: two\r\n\r\nhello\r\n.\r\n")
                      .client("DELE 1")
                      .server("+OK")
                      .client("RETR 1")
                      .server("-ERR The requested message is no longer available; it may have been deleted.")
                      .client("RETR 3")
                      .server("-ERR The specified message is out of range.")
                      .client("NOOP")
                      .server("+OK")
                      .client("RSET")
                      .server("+OK")
                      .client("QUIT")
                      .server(signing_off)
                      .then_done()),
            "");
}

TEST(ExchangeDialogue, ExactSizesAndTheExtraBlankLine) {
  EXPECT_EQ(plays(exchange("exchange2013", R"("exact_sizes": true, "blank_line_after_single": true, )"),
                  logged_in()
                      .client("LIST 2")
                      .server_bytes("+OK 2 31\r\n\r\n")
                      .client("UIDL 2")
                      .server_bytes("+OK 2 6500\r\n\r\n")
                      .client("LIST")
                      .server_bytes("+OK 2 53\r\n1 22\r\n2 31\r\n.\r\n")
                      .client("QUIT")
                      .server(signing_off)
                      .then_done()),
            "");
}

TEST(ExchangeDialogue, Sizes2003AreExactOnceAMessageWasRetrieved) {
  Pop3Desk desk(exchange("exchange2003"));
  EXPECT_EQ(desk.talk("USER anna\r\nPASS s3cret\r\nLIST 1\r\nRETR 1\r\nLIST 1\r\nLIST 2\r\n"),
            "+OK\r\n+OK User successfully logged on.\r\n+OK 1 539\r\n+OK\r\nSubject: one\r\n\r\n..dot\r\n.\r\n+OK 1 "
            "22\r\n+OK 2 25\r\n");
}

TEST(ExchangeDialogue, TheLastFailedLoginHasTwoLinesAndCloses) {
  EXPECT_EQ(
      plays(exchange("exchange2013"),
            greeted_2013()
                .client("USER anna")
                .server("+OK")
                .client("PASS wrong")
                .server("-ERR Logon failure: unknown user name or bad password.")
                .client("PASS wrong")
                .server("-ERR Logon failure: unknown user name or bad password.")
                .client("PASS wrong")
                .server_bytes("-ERR Logon failure: unknown user name or bad password.\r\nConnection is closed. 21\r\n")
                .closes()
                .then_fails(Errc::end_of_stream)),
      "");
}

TEST(ExchangeDialogue, AuthPlainNeedsTwoSteps) {
  EXPECT_EQ(
      plays(exchange("exchange2013"), greeted_2013()
                                          .client("AUTH PLAIN AGFubmEAczNjcmV0")
                                          .server("-ERR Protocol error. 16")
                                          .client("AUTH PLAIN")
                                          .server("+ ")
                                          .client("*")
                                          .server("-ERR The AUTH protocol exchange was canceled by the client.")
                                          .client("AUTH PLAIN")
                                          .server("+ ")
                                          .client("AGFubmEAd3Jvbmc=")
                                          .server("-ERR Authentication failure: unknown user name or bad password.")
                                          .client("auth plain")
                                          .server("+ ")
                                          .client("AGFubmEAczNjcmV0")
                                          .server("+OK User successfully authenticated.")
                                          .client("QUIT")
                                          .server(signing_off)
                                          .then_done()),
      "");
}

TEST(ExchangeDialogue, AuthAlsoEndsWithTwoLines) {
  Pop3Desk desk(exchange("exchange2013", R"("max_failed_logins": 1, )"));
  EXPECT_EQ(desk.talk("AUTH PLAIN\r\nAGFubmEAd3Jvbmc=\r\nNOOP\r\n"),
            "+ \r\n-ERR Authentication failure: unknown user name or bad password.\r\nConnection is closed. 21\r\n");
}

TEST(ExchangeDialogue, TheThirdInvalidCommandCloses) {
  EXPECT_EQ(plays(exchange("exchange2013"), logged_in()
                                                .client("XYZZY")
                                                .server("-ERR Protocol error. 19")
                                                .client("RETR x")
                                                .server("-ERR Protocol error. 14")
                                                .client("RETR 3")
                                                .server("-ERR The specified message is out of range.")
                                                .client("RETR 1 2")
                                                .server_bytes("-ERR Protocol error. 16\r\nConnection is closed. 21\r\n")
                                                .closes()
                                                .then_fails(Errc::end_of_stream)),
            "");
}

TEST(ExchangeDialogue, OtherProtocolErrors) {
  Pop3Desk desk(exchange("exchange2013", R"("max_bad_commands": 0, )"));
  EXPECT_EQ(desk.talk("USER \xC3\xA4\r\nUSER\r\nSTAT\r\nPASS x\r\nAUTH FOO\r\nQUIT\r\n"),
            "-ERR Protocol error. 17\r\n-ERR Protocol error. 16\r\n-ERR Command is not valid in this state.\r\n"
            "-ERR Command is not valid in this state.\r\n-ERR Protocol error. 14\r\n" +
                std::string(signing_off) + "\r\n");
  EXPECT_EQ(desk.talk(std::string(510, 'x') + "\r\nQUIT\r\n"),
            "-ERR Protocol error. 19\r\n" + std::string(signing_off) + "\r\n");
  EXPECT_EQ(desk.talk(std::string(511, 'x') + "\r\nQUIT\r\n"), "-ERR Protocol error. Connection is closed. 10\r\n");
}

TEST(ExchangeDialogue, IdleBeforeAndAfterLogin) {
  Pop3Desk desk(exchange("exchange2013"));
  std::unique_ptr<Session> session = desk.open();
  desk.take(*session);
  EXPECT_EQ(desk.patience, 60s);
  session->on_bytes("USER anna\r\nPASS s3cret\r\n");
  desk.take(*session);
  EXPECT_EQ(desk.patience, 1800s);
  session->on_error({Errc::timed_out, "nothing came"});
  EXPECT_EQ(desk.take(*session), "-ERR Connection is closed. 12\r\n");
  EXPECT_EQ(desk.ending, "orderly");
}

TEST(ExchangeDialogue, AuthenticatedButNotConnected) {
  Pop3Desk desk(exchange("exchange2013"));
  EXPECT_EQ(desk.changed("lock", R"({"how": "not-connected"})"), "");
  EXPECT_EQ(desk.talk("USER anna\r\nPASS s3cret\r\nSTAT\r\nLIST\r\nQUIT\r\n"),
            "+OK\r\n+OK User successfully logged on.\r\n-ERR User is authenticated but not connected.\r\n"
            "-ERR User is authenticated but not connected.\r\n" +
                std::string(signing_off) + "\r\n");
}

TEST(ExchangeDialogue, DiagnosticsAreCutSoThatTheLineFits) {
  // 54 octets of text, " [", "]" and CRLF leave 453 for the diagnostics.
  std::string fits(453, 'd');
  Pop3Desk desk(exchange("exchange2013", "\"diagnostics\": \"" + fits + "\", "));
  std::string line = desk.talk("USER anna\r\nPASS wrong\r\n").substr(5);
  EXPECT_EQ(line, "-ERR Logon failure: unknown user name or bad password. [" + fits + "]\r\n");
  EXPECT_EQ(line.size(), 512U);
  Pop3Desk longer(exchange("exchange2013", "\"diagnostics\": \"" + fits + "d\", "));
  line = longer.talk("USER anna\r\nPASS wrong\r\n").substr(5);
  EXPECT_EQ(line, "-ERR Logon failure: unknown user name or bad password. [" + fits + "d\r\n");
  EXPECT_EQ(line.size(), 512U);
}

TEST(ExchangeDialogue, DiagnosticsStandInTheFirstOfTwoLines) {
  Pop3Desk desk(exchange("exchange2013", R"("max_failed_logins": 1, "diagnostics": "Error=x", )"));
  EXPECT_EQ(desk.talk("USER anna\r\nPASS wrong\r\n"),
            "+OK\r\n-ERR Logon failure: unknown user name or bad password. [Error=x]\r\nConnection is closed. 21\r\n");
}

TEST(ExchangeDialogue, SixteenSessionsOfAUser) {
  Pop3Desk desk(exchange("exchange2013"));
  std::vector<std::unique_ptr<Session>> sessions;
  for (int i = 0; i < 16; ++i) {
    sessions.push_back(desk.open());
    desk.take(*sessions.back());
    sessions.back()->on_bytes("USER anna\r\nPASS s3cret\r\n");
    EXPECT_EQ(desk.take(*sessions.back()), "+OK\r\n+OK User successfully logged on.\r\n");
  }
  EXPECT_EQ(desk.talk("USER anna\r\nPASS s3cret\r\n"),
            "+OK\r\n-ERR Logon failure: unknown user name or bad password.\r\n");
}

TEST(ExchangeDialogue, ACorruptedItemIsListedAndVanishesFromLaterSessions) {
  Pop3Desk desk(R"({"personality": "exchange2013", "exact_sizes": true, "mailboxes": {"anna": {"password": "s3cret",
      "messages": [{"text": "a\r\n"}, {"text": "bb\r\n", "corrupted": true}, {"text": "ccc\r\n"}]}}})");
  std::string login = "USER anna\r\nPASS s3cret\r\n";
  std::string in = "+OK\r\n+OK User successfully logged on.\r\n";
  EXPECT_EQ(desk.talk(login + "LIST\r\nTOP 2 0\r\nRETR 2\r\n"),
            in + "+OK 3 12\r\n1 3\r\n2 4\r\n3 5\r\n.\r\n-ERR Message corrupted\r\n-ERR Message corrupted\r\n");
  EXPECT_EQ(desk.talk(login + "UIDL\r\n"), in + "+OK\r\n1 6499\r\n2 6501\r\n.\r\n");
  EXPECT_EQ(desk.count("anna", "kept"), 3);
  EXPECT_EQ(desk.count("anna", "listed"), 2);
}

TEST(ExchangeDialogue, ReadMarksAreCommittedAtQuit) {
  for (std::string_view version : {"exchange2000", "exchange2003", "exchange2007", "exchange2013", "office365"}) {
    Pop3Desk desk(exchange(version));
    std::string login = "USER anna\r\nPASS s3cret\r\n";
    desk.talk(login + "RETR 1\r\nTOP 2 1\r\n");
    EXPECT_EQ(desk.count("anna", "read"), 0) << version;
    desk.talk(login + "TOP 2 0\r\nQUIT\r\n");
    EXPECT_EQ(desk.count("anna", "read"), 0) << version;
    desk.talk(login + "TOP 2 1\r\nQUIT\r\n");
    EXPECT_EQ(desk.count("anna", "read"), 1) << version;
    EXPECT_EQ(desk.see({"mailboxes", "anna", "messages", "1", "read"}), Value(true)) << version;
    desk.talk(login + "RETR 1\r\nQUIT\r\n");
    EXPECT_EQ(desk.count("anna", "read"), 2) << version;
  }
}

TEST(ExchangeDialogue, UniqueIdsByVersion) {
  Pop3Desk old(exchange("exchange2003"));
  std::string said = old.talk("USER anna\r\nPASS s3cret\r\nUIDL 1\r\nUIDL 2\r\n");
  // 24 octets in base64: 32 characters without padding, beginning as those of BlackBerry's transcript do.
  EXPECT_THAT(said, ::testing::ContainsRegex(
                        "\\+OK 1 AAwh/AAAAA[E-H][A-Za-z0-9+/]{21}\r\n\\+OK 2 AAwh/AAAAA[I-L][A-Za-z0-9+/]{21}\r\n"));
  Pop3Desk cloud(exchange("office365"));
  EXPECT_THAT(cloud.talk("USER anna\r\nPASS s3cret\r\nUIDL\r\n"),
              ::testing::HasSubstr("+OK\r\n1 10001\r\n2 10002\r\n.\r\n"));
  // After a migration both shapes stand in one listing, and new mail has the new one.
  Pop3Desk mixed(exchange("exchange2007", R"("uid_shape": "mixed", )"));
  EXPECT_EQ(mixed.changed("deliver", R"({"messages": "Subject: three\r\n\r\n"})"), "");
  EXPECT_THAT(mixed.talk("USER anna\r\nPASS s3cret\r\nUIDL\r\n"),
              ::testing::ContainsRegex("1 AAwh/AAAAA[E-H][A-Za-z0-9+/]{21}\r\n2 6500\r\n3 6501\r\n"));
}

TEST(ExchangeDialogue, Exchange2000GluesTheDotToAMessageWithoutLineEnd) {
  for (auto [version, end] : {std::pair{"exchange2000", ".\r\n"}, std::pair{"exchange2003", "\r\n.\r\n"}}) {
    Pop3Desk desk(
        R"({"personality": ")" + std::string(version) +
        R"(", "mailboxes": {"anna": {"password": "s3cret", "messages": ["Subject: a\r\n\r\nlast char", "b\r\n"]}}})");
    EXPECT_EQ(desk.talk("USER anna\r\nPASS s3cret\r\nRETR 1\r\nRETR 2\r\n"),
              "+OK\r\n+OK User successfully logged on.\r\n+OK\r\nSubject: a\r\n\r\nlast char" + std::string(end) +
                  "+OK\r\nb\r\n.\r\n");
  }
}

TEST(ExchangeDialogue, Office365TakesATokenInTwoSteps) {
  // "user=anna\x01" "auth=Bearer t0ken\x01\x01" and the same with another token, from Python's base64.
  Pop3Desk desk(
      R"({"personality": "office365", "mailboxes": {"anna": {"password": "s3cret", "oauth_token": "t0ken"}}})");
  EXPECT_EQ(desk.talk("CAPA\r\nAUTH XOAUTH2\r\ndXNlcj1hbm5hAWF1dGg9QmVhcmVyIHdyb25nAQE=\r\nAUTH "
                      "XOAUTH2\r\ndXNlcj1hbm5hAWF1dGg9QmVhcmVyIHQwa2VuAQE=\r\n"),
            "+OK\r\nTOP\r\nUIDL\r\nSASL PLAIN XOAUTH2\r\nUSER\r\n.\r\n+ \r\n-ERR Authentication failure: unknown user "
            "name or bad password.\r\n"
            "+ \r\n+OK User successfully authenticated.\r\n");
}

}  // namespace
}  // namespace mailrig::fakeservers
