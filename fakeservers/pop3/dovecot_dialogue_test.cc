// Dovecot's words, byte for byte (docs/providers/dovecot.md#replies).

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/pop3_desk.h"

namespace mailrig::fakeservers {
namespace {

using mailrig::testing::Script;
using mailrig::testing::Tests;
using testing::plays;
using testing::Pop3Desk;

// Its delays are tested apart.
constexpr std::string_view dovecot =
    R"({"personality": "dovecot", "failed_login_delay": "0s", "mailboxes": {"anna": {"password": "s3cret",
  "messages": ["Subject: one\r\n\r\n.dot\r\n", "Subject: two\r\n\r\nhello\r\nsecond\r\nthird\r\n"]}}})";
constexpr std::string_view with_tls =
    R"({"personality": "dovecot", "failed_login_delay": "0s", "tls": "starttls-required",
  "mailboxes": {"anna": {"password": "s3cret"}}})";

Script greeted() { return Script(Tests::server).server("+OK Dovecot ready."); }
Script logged_in() {
  return greeted().client("USER anna").server("+OK").client("PASS s3cret").server("+OK Logged in.");
}

TEST(DovecotDialogue, BeforeLogin) {
  EXPECT_EQ(plays(dovecot, greeted()
                               .client("CAPA")
                               .server_bytes("+OK\r\nCAPA\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nPIPELINING\r\nAUTH-RESP-"
                                             "CODE\r\nUSER\r\nSASL PLAIN\r\n.\r\n")
                               .client("AUTH")
                               .server_bytes("+OK\r\nPLAIN\r\n.\r\n")
                               .client("PASS s3cret")
                               .server("-ERR No username given.")
                               .client("STAT")
                               .server("-ERR Unknown command.")
                               .client("FOO bar")
                               .server("-ERR Unknown command.")
                               .client("STLS")
                               .server("-ERR TLS support isn't enabled.")
                               .client("USER anna")
                               .server("+OK")
                               .client("PASS wrong")
                               .server("-ERR [AUTH] Authentication failed.")
                               .client("QUIT")
                               .server("+OK Logging out")
                               .then_done()),
            "");
}

TEST(DovecotDialogue, ASession) {
  EXPECT_EQ(plays(dovecot,
                  logged_in()
                      .client("CAPA")
                      .server_bytes("+OK\r\nCAPA\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nPIPELINING\r\nAUTH-RESP-CODE\r\n.\r\n")
                      .client("STAT")
                      .server("+OK 2 60")
                      .client("LIST")
                      .server_bytes("+OK 2 messages:\r\n1 22\r\n2 38\r\n.\r\n")
                      .client("LIST 2")
                      .server("+OK 2 38")
                      .client("UIDL")
                      .server_bytes("+OK\r\n1 000000014f5c8a01\r\n2 000000024f5c8a01\r\n.\r\n")
                      .client("UIDL 1")
                      .server("+OK 1 000000014f5c8a01")
                      .client("RETR 1")
                      .server_bytes("+OK 22 octets\r\nSubject: one\r\n\r\n..dot\r\n.\r\n")
                      .client("TOP 2 2")
                      .server_bytes("+OK\r\nSubject: two\r\n\r\nhello\r\nsecond\r\n.\r\n")
                      .client("DELE 1")
                      .server("+OK Marked to be deleted.")
                      .client("LIST")
                      .server_bytes("+OK 1 messages:\r\n2 38\r\n.\r\n")
                      .client("STAT")
                      .server("+OK 1 38")
                      .client("RSET")
                      .server("+OK")
                      .client("STAT")
                      .server("+OK 2 60")
                      .client("NOOP")
                      .server("+OK")
                      .client("LAST")
                      .server("-ERR Unknown command: LAST")
                      .client("QUIT")
                      .server("+OK Logging out.")
                      .then_done()),
            "");
}

TEST(DovecotDialogue, QuitTellsOfDeletedMessages) {
  EXPECT_EQ(plays(dovecot, logged_in()
                               .client("DELE 2")
                               .server("+OK Marked to be deleted.")
                               .client("QUIT")
                               .server("+OK Logging out, messages deleted.")
                               .then_done()),
            "");
}

TEST(DovecotDialogue, NumberErrors) {
  EXPECT_EQ(plays(dovecot, logged_in()
                               .client("RETR x")
                               .server("-ERR Invalid message number: x")
                               .client("RETR")
                               .server("-ERR Invalid message number: ")
                               .client("RETR 4294967296")
                               .server("-ERR Message number too large: ")
                               .client("RETR 18446744073709551616")
                               .server("-ERR Message number too large: 18446744073709551616")
                               .client("RETR 4294967295")
                               .server("-ERR There's no message 4294967295.")
                               .client("DELE 1abc")
                               .server("-ERR Noise after message number: abc")
                               .client("LIST 3")
                               .server("-ERR There's no message 3.")
                               .client("UIDL 0")
                               .server("-ERR There's no message 0.")
                               .client("TOP 1")
                               .server("-ERR Noise after message number: ")
                               .client("TOP 1 x")
                               .server("-ERR Invalid size: x")
                               .client("DELE 1")
                               .server("+OK Marked to be deleted.")
                               .client("RETR 1")
                               .server("-ERR Message is deleted.")
                               .client("DELE 1")
                               .server("-ERR Message is deleted.")
                               .client("USER anna")
                               .server("-ERR Unknown command: USER")
                               .client("xyzzy 1")
                               .server("-ERR Unknown command: XYZZY")
                               .client("QUIT")
                               .server("+OK Logging out, messages deleted.")
                               .then_done()),
            "");
}

TEST(DovecotDialogue, TlsIsRequiredToLogIn) {
  EXPECT_EQ(
      plays(with_tls,
            greeted()
                .client("CAPA")
                .server_bytes(
                    "+OK\r\nCAPA\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nPIPELINING\r\nAUTH-RESP-CODE\r\nSTLS\r\nSASL\r\n.\r\n")
                .client("USER anna")
                .server("-ERR [AUTH] Cleartext authentication disallowed on non-secure (SSL/TLS) connections.")
                .client("AUTH PLAIN AGFubmEAczNjcmV0")
                .server("-ERR [AUTH] Cleartext authentication disallowed on non-secure (SSL/TLS) connections.")
                .client("STLS")
                .server("+OK Begin TLS negotiation now.")
                .starts_tls()
                .client("CAPA")
                .server_bytes("+OK\r\nCAPA\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nPIPELINING\r\nAUTH-RESP-"
                              "CODE\r\nUSER\r\nSASL PLAIN\r\n.\r\n")
                .client("STLS")
                .server("-ERR TLS is already active.")
                .client("AUTH PLAIN AGFubmEAczNjcmV0")
                .server("+OK Logged in.")
                .client("QUIT")
                .server("+OK Logging out.")
                .then_done()),
      "");
}

TEST(DovecotDialogue, TwentyOneBadCommandsInARowEndTheSession) {
  Pop3Desk desk(dovecot);
  std::string twenty;
  std::string answers;
  for (int i = 0; i < 20; ++i) {
    twenty += "RETR 9\r\n";
    answers += "-ERR There's no message 9.\r\n";
  }
  std::string login = "USER anna\r\nPASS s3cret\r\n";
  EXPECT_EQ(desk.talk(login + twenty + "NOOP\r\n" + twenty + "QUIT\r\n"),
            "+OK\r\n+OK Logged in.\r\n" + answers + "+OK\r\n" + answers + "+OK Logging out.\r\n");
  EXPECT_EQ(desk.talk(login + twenty + "RETR 9\r\nQUIT\r\n"),
            "+OK\r\n+OK Logged in.\r\n" + answers + "-ERR There's no message 9.\r\n-ERR Too many bad commands.\r\n");
  EXPECT_EQ(desk.ending, "orderly");
  EXPECT_EQ(desk.see({"sessions", "1", "end"}), Value("closed"));
}

TEST(DovecotDialogue, BadCommandsBeforeLoginHaveAnotherText) {
  Pop3Desk desk(dovecot);
  const std::string unknown = "-ERR Unknown command.\r\n";
  EXPECT_EQ(desk.talk("X\r\nSTAT\r\n\r\nQUIT\r\n"),
            unknown + unknown + unknown + "-ERR Too many invalid bad commands.\r\n");
  // One that is known begins anew, whatever becomes of it; a mechanism that is not neither counts nor does that.
  EXPECT_EQ(desk.talk("X\r\nX\r\nPASS x\r\nX\r\nX\r\nAUTH FOO\r\nX\r\nQUIT\r\n"),
            unknown + unknown + "-ERR No username given.\r\n" + unknown + unknown +
                "-ERR [AUTH] Unsupported authentication mechanism.\r\n" + unknown +
                "-ERR Too many invalid bad commands.\r\n");
}

TEST(DovecotDialogue, IdleSessionsAreToldAndClosed) {
  Pop3Desk desk(dovecot);
  EXPECT_EQ(logged_in()
                .times_out()
                .server("-ERR Disconnected for inactivity.")
                .closes()
                .then_fails(Errc::timed_out)
                .play(*desk.open()),
            "");
  std::unique_ptr<Session> session = desk.open();
  desk.take(*session);
  EXPECT_EQ(desk.patience, 10min);
}

TEST(DovecotDialogue, LongLines) {
  Pop3Desk desk(dovecot);
  // Before login 1031 octets with CRLF are taken, after it 2048; one more is too long.
  EXPECT_EQ(desk.talk("NOOP " + std::string(1024, 'x') + "\r\nQUIT\r\n"),
            "-ERR Unknown command.\r\n+OK Logging out\r\n");
  EXPECT_EQ(desk.talk("NOOP " + std::string(1025, 'x') + "\r\nQUIT\r\n"), "-ERR Input buffer full, aborting\r\n");
  EXPECT_EQ(desk.ending, "orderly");
  const std::string login = "USER anna\r\nPASS s3cret\r\n";
  EXPECT_EQ(desk.talk(login + "NOOP " + std::string(2041, 'x') + "\r\nQUIT\r\n"),
            "+OK\r\n+OK Logged in.\r\n+OK\r\n+OK Logging out.\r\n");
  EXPECT_EQ(desk.talk(login + "NOOP " + std::string(2042, 'x') + "\r\nQUIT\r\n"),
            "+OK\r\n+OK Logged in.\r\n-ERR Input line too long.\r\n");
  EXPECT_EQ(desk.ending, "orderly");
}

/// What a login takes, that of the reply included.
Duration login_takes(Pop3Desk& desk, std::string_view password) {
  desk.waited = Duration::zero();
  desk.talk(fmt::format("USER anna\r\nPASS {}\r\nQUIT\r\n", password));
  return desk.waited;
}

// servers.md measured 3 to 4 s, then 8, 12, 18, 19 and 19 s, and 4 to 8 s for the right password after failures.
TEST(DovecotDialogue, FailedLoginsDelayAllThatFollowFromTheirAddress) {
  Pop3Desk desk(R"({"personality": "dovecot", "mailboxes": {"anna": {"password": "s3cret"}}})");
  EXPECT_EQ(login_takes(desk, "s3cret"), 0s);
  const std::pair<const char*, Duration> wrong[] = {{"w1", 4s}, {"w2", 8s}, {"w3", 12s}, {"w4", 19s}, {"w5", 19s}};
  for (const auto& [password, expected] : wrong) EXPECT_EQ(login_takes(desk, password), expected) << password;
  EXPECT_EQ(login_takes(desk, "s3cret"), 15s);
  EXPECT_EQ(login_takes(desk, "s3cret"), 0s);
  EXPECT_EQ(login_takes(desk, "wrong"), 4s);
  EXPECT_EQ(login_takes(desk, "s3cret"), 4s);
  // The same mistake again makes it no worse: it waits for itself alone.
  EXPECT_EQ(login_takes(desk, "wrong"), 4s);
  EXPECT_EQ(login_takes(desk, "wrong"), 8s);
  EXPECT_EQ(login_takes(desk, "wrong"), 8s);
  EXPECT_EQ(login_takes(desk, "s3cret"), 4s);
  // AUTH counts as PASS does, also where its response cannot be read.
  desk.waited = Duration::zero();
  desk.talk("AUTH PLAIN AGFubmE=\r\nAUTH PLAIN AGFubmEAd3Jvbmc=\r\nQUIT\r\n");
  EXPECT_EQ(desk.waited, 4s + 8s);
}

TEST(DovecotDialogue, CleartextBehindStlsBreaksTheHandshake) {
  Pop3Desk desk(with_tls);
  EXPECT_EQ(desk.talk("STLS\r\nUSER anna\r\nPASS s3cret\r\n"), "+OK Begin TLS negotiation now.\r\n");
  EXPECT_EQ(desk.ending, "orderly");
  EXPECT_EQ(desk.see({"commands", "USER"}), Value(0));
}

TEST(DovecotDialogue, TooManySessionsOfOneUser) {
  Pop3Desk desk(dovecot);
  std::vector<std::unique_ptr<Session>> sessions;
  for (int i = 0; i < 10; ++i) {
    sessions.push_back(desk.open());
    desk.take(*sessions.back());
    sessions.back()->on_bytes("USER anna\r\nPASS s3cret\r\n");
    EXPECT_EQ(desk.take(*sessions.back()), "+OK\r\n+OK Logged in.\r\n");
  }
  EXPECT_EQ(
      desk.talk("USER anna\r\nPASS s3cret\r\n"),
      "+OK\r\n-ERR [IN-USE] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)\r\n");
  sessions.front()->on_error({Errc::reset, "reset"});
  EXPECT_EQ(desk.talk("USER anna\r\nPASS s3cret\r\n"), "+OK\r\n+OK Logged in.\r\n");
}

TEST(DovecotDialogue, AMessageThatAnotherSessionHasDeleted) {
  Pop3Desk desk(dovecot);
  std::unique_ptr<Session> session = desk.open();
  desk.take(*session);
  session->on_bytes("USER anna\r\nPASS s3cret\r\n");
  desk.take(*session);
  EXPECT_EQ(desk.changed("pop_elsewhere", R"({"messages": [2], "delete": true})"), "");
  session->on_bytes("RETR 2\r\n");
  EXPECT_EQ(desk.take(*session), "-ERR Message 2 expunged.\r\n");
}

TEST(DovecotDialogue, TemporaryTroubleAndLockedAccounts) {
  Pop3Desk desk(dovecot);
  EXPECT_EQ(desk.changed("lock", R"({})"), "");
  EXPECT_EQ(desk.talk("USER anna\r\nPASS s3cret\r\n"), "+OK\r\n-ERR [SYS/TEMP] Temporary authentication failure.\r\n");
  EXPECT_EQ(desk.changed("lock", R"({"how": "captcha"})"),
            "how: this personality has no lock \"captcha\"; it has in-use, disabled and temporary");
  EXPECT_EQ(desk.changed("lock", R"({"how": "disabled"})"), "");
  EXPECT_EQ(desk.talk("USER anna\r\nPASS s3cret\r\n"), "+OK\r\n-ERR [AUTH] Authentication failed.\r\n");
  EXPECT_EQ(desk.changed("unlock", R"({})"), "");
  EXPECT_EQ(desk.talk("USER anna\r\nPASS s3cret\r\n"), "+OK\r\n+OK Logged in.\r\n");
}

}  // namespace
}  // namespace mailrig::fakeservers
