// Each of the fifty ways to misbehave (docs/providers/misbehaviours.md), on the wire.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "fakeservers/pop3/misbehaviours.h"
#include "fakeservers/testing/pop3_desk.h"

namespace mailrig::fakeservers {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Pop3Desk;
using ::testing::StartsWith;

constexpr std::string_view login = "USER ann\r\nPASS pw\r\n";
constexpr std::string_view in = "+OK\r\n+OK Logged in.\r\n";

/// Dovecot's words, three messages, one fault.
std::string with(std::string_view misbehaviour, std::string_view more = "") {
  return fmt::format(
      R"({{"personality": "dovecot", "faults": [{{"misbehave": "{}"{}}}], "mailboxes": {{"ann": {{"password": "pw", "messages": [
          "Subject: one\r\n\r\nfirst\r\nsecond\r\n", "Subject: two\r\n\r\n.dots\r\n..\r\n", "Subject: three\r\n\r\nthird\r\n"]}}}}}})",
      misbehaviour, more);
}

/// What is said to these commands after login.
std::string said(Pop3Desk& desk, std::string_view commands) {
  EXPECT_EQ(desk.refusal, "");
  std::string all = desk.talk(std::string(login) + std::string(commands));
  EXPECT_THAT(all, StartsWith(std::string(in)));
  return all.substr(in.size());
}
std::string said(std::string_view misbehaviour, std::string_view commands, std::string_view more = "") {
  Pop3Desk desk(with(misbehaviour, more));
  return said(desk, commands);
}
ConnectionInfo arrival(unsigned number) {
  ConnectionInfo arrival;
  arrival.connection = fmt::format("isp#{}", number);
  arrival.number = number;
  return arrival;
}
std::string greeting(std::string_view misbehaviour) {
  Pop3Desk desk(with(misbehaviour));
  EXPECT_EQ(desk.refusal, "");
  return desk.take(*desk.open());
}

TEST(Misbehaviours, EachHasANameOfItsOwnAndCoversAllFifty) {
  std::set<std::string_view> names;
  std::set<int> covered;
  for (const Misbehaviour& row : pop3::misbehaviours()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    ASSERT_EQ(row.meaning.substr(0, 1), "M") << row.name;
    covered.insert(std::stoi(std::string(row.meaning.substr(1))));
    EXPECT_TRUE(row.preset != nullptr || row.id != 0) << row.name << " does nothing";
  }
  EXPECT_EQ(covered.size(), 50U);
  EXPECT_EQ(*covered.begin(), 1);
  EXPECT_EQ(*covered.rbegin(), 50);
}

TEST(Misbehaviours, M1TheDotIsGluedToTheLastCharacterAndSilenceFollows) {
  Pop3Desk desk(with("no-final-crlf-before-dot"));
  EXPECT_EQ(said(desk, "RETR 1\r\nNOOP\r\n"), "+OK 31 octets\r\nSubject: one\r\n\r\nfirst\r\nsecond.\r\n");
  EXPECT_THAT(desk.observer.events, IsEmpty());
}

TEST(Misbehaviours, M2NoTerminator) {
  EXPECT_EQ(said("no-terminator", "RETR 1\r\nNOOP\r\n"), "+OK 31 octets\r\nSubject: one\r\n\r\nfirst\r\nsecond\r\n");
  EXPECT_EQ(said("no-terminator", "UIDL\r\nNOOP\r\n", R"(, "on": "UIDL")"),
            "+OK\r\n1 000000014f5c8a01\r\n2 000000024f5c8a01\r\n3 000000034f5c8a01\r\n");
}

TEST(Misbehaviours, M3TheLastLfNeverComes) {
  EXPECT_EQ(said("dot-cr-only", "RETR 1\r\nNOOP\r\n"), "+OK 31 octets\r\nSubject: one\r\n\r\nfirst\r\nsecond\r\n.\r");
  EXPECT_EQ(said("dot-cr-only", "LIST\r\n", R"(, "on": "LIST")"), "+OK 3 messages:\r\n1 31\r\n2 27\r\n3 25\r\n.\r");
}

TEST(Misbehaviours, M4BareLf) {
  Pop3Desk desk(with("bare-lf"));
  EXPECT_EQ(desk.take(*desk.open()), "+OK Dovecot ready.\n");
  EXPECT_EQ(desk.talk(std::string(login) + "CAPA\r\nLIST\r\nRETR 2\r\nQUIT\r\n"),
            "+OK\n+OK Logged in.\n+OK\nCAPA\nTOP\nUIDL\nRESP-CODES\nPIPELINING\nAUTH-RESP-CODE\n.\n+OK 3 messages:\n1 "
            "31\n2 27\n3 25\n.\n"
            "+OK 27 octets\nSubject: two\n\n..dots\n...\n.\n+OK Logging out.\n");
}

TEST(Misbehaviours, M5ABareLfDotIsNoEnd) {
  Pop3Desk desk(with("bare-lf-dot-in-body"));
  EXPECT_EQ(said(desk, "RETR 1\r\n"),
            "+OK 31 octets\r\nSubject: one\r\n\r\nbefore\n.\nafter\r\nfirst\r\nsecond\r\n.\r\n");
  // A correct client receives what was sent: the judge is told of that.
  EXPECT_THAT(desk.observer.contents, ElementsAre("Subject: one\r\n\r\nbefore\n.\nafter\r\nfirst\r\nsecond\r\n"));
  EXPECT_TRUE(desk.observer.sums_are_right);
}

TEST(Misbehaviours, M6NoDotStuffing) {
  Pop3Desk desk(with("no-dot-stuffing"));
  EXPECT_EQ(said(desk, "RETR 2\r\nRETR 1\r\n"),
            "+OK 27 octets\r\nSubject: two\r\n\r\n.dots\r\n..\r\n.\r\n+OK 31 octets\r\nSubject: "
            "one\r\n\r\n.hidden\r\n.\r\nno reply\r\nfirst\r\nsecond\r\n.\r\n");
  EXPECT_THAT(desk.observer.events, IsEmpty());
}

TEST(Misbehaviours, M7OneOctetASegment) {
  Pop3Desk desk(with("dot-stuff-split"));
  EXPECT_EQ(said(desk, "RETR 2\r\n"), "+OK 27 octets\r\nSubject: two\r\n\r\n..dots\r\n...\r\n.\r\n");
  EXPECT_EQ(desk.writes, 1 + 47);  // the login, and each octet of the reply
  EXPECT_THAT(desk.observer.events, ElementsAre("retrieve isp#1 ann 000000024f5c8a01"));
}

TEST(Misbehaviours, M8OneOctetASecond) {
  Pop3Desk desk(with("slow-drip", R"(, "on": "NOOP")"));
  EXPECT_EQ(said(desk, "NOOP\r\n"), "+OK\r\n");
  EXPECT_EQ(desk.waited, 4s);
}

TEST(Misbehaviours, M9UidlUnsupported) {
  EXPECT_EQ(said("uidl-unsupported", "UIDL\r\nUIDL 1\r\n"),
            "-ERR Unknown command: UIDL\r\n-ERR Unknown command: UIDL\r\n");
  EXPECT_EQ(said("uidl-unsupported", "CAPA\r\n", R"(, "on": "CAPA")"),
            "+OK\r\nCAPA\r\nTOP\r\nRESP-CODES\r\nPIPELINING\r\nAUTH-RESP-CODE\r\n.\r\n");
}

TEST(Misbehaviours, M10UidlInCapaOnlyAfterAuth) {
  Pop3Desk desk(with("uidl-in-capa-only-after-auth"));
  EXPECT_EQ(desk.talk("CAPA\r\n"),
            "+OK\r\nCAPA\r\nTOP\r\nRESP-CODES\r\nPIPELINING\r\nAUTH-RESP-CODE\r\nUSER\r\nSASL PLAIN\r\n.\r\n");
  EXPECT_EQ(said(desk, "CAPA\r\n"),
            "+OK\r\nCAPA\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nPIPELINING\r\nAUTH-RESP-CODE\r\n.\r\n");
}

TEST(Misbehaviours, M11To14OddUniqueIds) {
  EXPECT_EQ(said("uidl-duplicate", "UIDL\r\n"),
            "+OK\r\n1 000000014f5c8a01\r\n2 000000014f5c8a01\r\n3 000000034f5c8a01\r\n.\r\n");
  EXPECT_EQ(said("uidl-blank", "UIDL\r\n"), "+OK\r\n1 \r\n2 000000024f5c8a01\r\n3 000000034f5c8a01\r\n.\r\n");
  EXPECT_EQ(said("uidl-blank/no-space", "UIDL\r\n"), "+OK\r\n1\r\n2 000000024f5c8a01\r\n3 000000034f5c8a01\r\n.\r\n");
  EXPECT_EQ(said("uidl-long", "UIDL 1\r\n"), "+OK 1 000000014f5c8a01" + std::string(184, 'x') + "\r\n");
  EXPECT_EQ(said("uidl-junk", "UIDL 3\r\n"), "+OK 3 \x01 \xE9/+=%000000034f5c8a01\r\n");
}

TEST(Misbehaviours, M15AUniqueIdIsReused) {
  Pop3Desk desk(with("uidl-reused"));
  EXPECT_EQ(said(desk, "UIDL\r\n"),
            "+OK\r\n1 000000014f5c8a01\r\n2 000000024f5c8a01\r\n3 000000034f5c8a01\r\n.\r\n");  // nothing is gone yet
  EXPECT_EQ(said(desk, "DELE 2\r\nQUIT\r\n"), "+OK Marked to be deleted.\r\n+OK Logging out, messages deleted.\r\n");
  EXPECT_EQ(said(desk, "UIDL\r\n"), "+OK\r\n1 000000014f5c8a01\r\n2 000000024f5c8a01\r\n.\r\n");
  // The judge knows the message by the name that it has.
  said(desk, "RETR 2\r\n");
  EXPECT_EQ(desk.observer.events.back(), "retrieve isp#4 ann 000000034f5c8a01");
}

TEST(Misbehaviours, M16To18Listings) {
  EXPECT_EQ(said("uidl-renumbered", "UIDL\r\n"),
            "+OK\r\n1 r-000000014f5c8a01\r\n2 r-000000024f5c8a01\r\n3 r-000000034f5c8a01\r\n.\r\n");
  EXPECT_EQ(said("uidl-gap-or-disorder", "UIDL\r\n"), "+OK\r\n1 000000014f5c8a01\r\n3 000000034f5c8a01\r\n.\r\n");
  EXPECT_EQ(said("uidl-gap-or-disorder/disorder", "UIDL\r\n"),
            "+OK\r\n3 000000034f5c8a01\r\n2 000000024f5c8a01\r\n1 000000014f5c8a01\r\n.\r\n");
  EXPECT_EQ(said("uidl-gap-or-disorder/too-many", "LIST\r\n", R"(, "on": "LIST")"),
            "+OK 3 messages:\r\n1 31\r\n2 27\r\n3 25\r\n4 7001\r\n5 7002\r\n.\r\n");
  EXPECT_EQ(said("uidl-gap-or-disorder/repeated", "LIST\r\n", R"(, "on": "LIST")"),
            "+OK 3 messages:\r\n1 31\r\n1 31\r\n2 27\r\n3 25\r\n.\r\n");
  EXPECT_EQ(said("list-missing-in-uidl", "UIDL\r\nLIST\r\n"),
            "+OK\r\n1 000000014f5c8a01\r\n2 000000024f5c8a01\r\n.\r\n+OK 3 messages:\r\n1 31\r\n2 27\r\n3 25\r\n.\r\n");
}

TEST(Misbehaviours, M19Sizes) {
  EXPECT_EQ(said("list-size-wrong", "LIST 2\r\n"), "+OK 2 1054\r\n");
  EXPECT_EQ(said("list-size-wrong/smaller", "LIST 2\r\n"), "+OK 2 13\r\n");
  EXPECT_EQ(said("list-size-wrong/zero", "LIST 2\r\n"), "+OK 2 0\r\n");
  EXPECT_EQ(said("list-size-wrong/rounded", "LIST 2\r\n"), "+OK 2 1024\r\n");
  EXPECT_EQ(said("list-size-wrong/negative", "LIST\r\n"), "+OK 3 messages:\r\n1 -1\r\n2 -1\r\n3 -1\r\n.\r\n");
  EXPECT_EQ(said("list-size-wrong/32-bits", "LIST 2\r\n"), "+OK 2 4294967295\r\n");
  EXPECT_EQ(said("list-size-wrong/65-bits", "LIST 2\r\n"), "+OK 2 18446744073709551616\r\n");
  EXPECT_EQ(said("list-size-wrong/words", "LIST 2\r\n"), "+OK 2 ten-twenty-four\r\n");
  EXPECT_EQ(said("list-size-wrong/missing", "LIST\r\n"), "+OK 3 messages:\r\n1\r\n2\r\n3\r\n.\r\n");
}

TEST(Misbehaviours, M17WithoutEnd) {
  for (const char* command : {"UIDL", "LIST", "CAPA"}) {
    const std::string reply = said("uidl-gap-or-disorder/without-end", std::string(command) + "\r\n",
                                   fmt::format(R"(, "on": "{}")", command));
    EXPECT_EQ(reply.size(), 5U + 20'000U * 5U) << command;
    EXPECT_THAT(reply, StartsWith("+OK\r\n1 1\r\n1 1\r\n"));
    EXPECT_FALSE(reply.ends_with(".\r\n"));
  }
}

TEST(Misbehaviours, M20To22Counts) {
  EXPECT_EQ(said("stat-huge", "STAT\r\n"), "+OK 3 4294967800\r\n");
  EXPECT_EQ(said("stat-text", "STAT\r\n"), "+OK 2 (320 octets)\r\n");
  EXPECT_EQ(said("stat-text/bare", "STAT\r\n"), "+OK\r\n");
  EXPECT_EQ(said("stat-text/words", "STAT\r\n"), "+OK 2 messages\r\n");
  Pop3Desk desk(with("list-empty"));
  EXPECT_EQ(said(desk, "LIST\r\n"), "+OK 0 messages:\r\n.\r\n");
  EXPECT_EQ(desk.writes, 2);  // the login, and this in one
}

TEST(Misbehaviours, M23OkTwice) {
  EXPECT_EQ(said("ok-twice", "TOP 1 0\r\n"), "+OK\r\n+OK\r\nSubject: one\r\n\r\n.\r\n");
}

TEST(Misbehaviours, M24AnErrorInTheMiddle) {
  Pop3Desk desk(with("err-mid-retr"));
  EXPECT_EQ(said(desk, "RETR 1\r\nNOOP\r\n"),
            "+OK 31 octets\r\nSubject: one\r\n\r\nfirst\r\n-ERR [SYS/TEMP] cannot read the message\r\n");
  EXPECT_EQ(desk.ending, "orderly");
  EXPECT_THAT(desk.observer.events, IsEmpty());
  EXPECT_EQ(said("err-mid-retr/goes-on", "RETR 1\r\n"),
            "+OK 31 octets\r\nSubject: one\r\n\r\nfirst\r\n-ERR [SYS/TEMP] cannot read the message\r\nsecond\r\n.\r\n");
}

TEST(Misbehaviours, M25Drops) {
  std::string long_message =
      R"({"personality": "dovecot", "faults": [{"misbehave": "drop-mid-retrX"}], "mailboxes": {"ann": {"password": "pw", "messages": ")" +
      std::string(500, 'a') + R"("}}})";
  for (auto [name, ending] : {std::pair{"", "reset"}, std::pair{"/fin", "no-close-notify"}}) {
    std::string settings = long_message;
    settings.replace(settings.find("X\""), 1, name);
    Pop3Desk desk(settings);
    EXPECT_EQ(said(desk, "RETR 1\r\n"), "+OK 500 octets\r\n" + std::string(184, 'a'));
    EXPECT_EQ(desk.ending, ending);
    EXPECT_THAT(desk.observer.events, IsEmpty());
    EXPECT_EQ(desk.see({"sessions", "0", "end"}), Value("cut"));
  }
}

TEST(Misbehaviours, M26And27AfterPass) {
  for (auto [name, ending] : {std::pair{"drop-after-pass", "orderly"}, std::pair{"drop-after-pass/reset", "reset"}}) {
    Pop3Desk desk(with(name));
    EXPECT_EQ(desk.talk(login), "+OK\r\n");
    EXPECT_EQ(desk.ending, ending);
    EXPECT_EQ(desk.see({"logins"}), Value(0));
  }
  Pop3Desk desk(with("hang-after-pass"));
  EXPECT_EQ(desk.talk(std::string(login) + "NOOP\r\n"), "+OK\r\n");
  // The connection stays open for as long as the client wants it.
  std::unique_ptr<Session> session = desk.open();
  desk.take(*session);
  session->on_bytes(login);
  desk.take(*session);
  for (int i = 0; i < 3; ++i) {
    session->on_bytes("NOOP\r\n");
    EXPECT_EQ(desk.take(*session), "");
    EXPECT_FALSE(desk.over);
    EXPECT_EQ(desk.patience, Duration::max());
  }
}

TEST(Misbehaviours, M28And29Quit) {
  Pop3Desk done(with("quit-no-answer"));
  EXPECT_EQ(said(done, "DELE 1\r\nQUIT\r\n"), "+OK Marked to be deleted.\r\n");
  EXPECT_EQ(done.ending, "no-close-notify");
  EXPECT_EQ(done.count("ann", "kept"), 2);
  Pop3Desk undone(with("quit-no-answer/undone"));
  EXPECT_EQ(said(undone, "DELE 1\r\nQUIT\r\n"), "+OK Marked to be deleted.\r\n");
  EXPECT_EQ(undone.ending, "no-close-notify");
  EXPECT_EQ(undone.count("ann", "kept"), 3);
  Pop3Desk error(with("quit-err"));
  EXPECT_EQ(said(error, "DELE 1\r\nQUIT\r\nNOOP\r\n"),
            "+OK Marked to be deleted.\r\n-ERR some deleted messages not removed\r\n");
  EXPECT_EQ(error.ending, "orderly");
  EXPECT_EQ(error.count("ann", "kept"), 3);
}

TEST(Misbehaviours, M30StatusIndicators) {
  EXPECT_EQ(said("plus-err", "NOOP\r\n", R"(, "on": "NOOP")"),
            "+ERR Server error: Failed to fetch messages in Inbox.\r\n");
  EXPECT_EQ(said("plus-err/minus-ok", "DELE 1\r\n", R"(, "on": "DELE")"), "-OK Marked to be deleted.\r\n");
  EXPECT_EQ(said("plus-err/no-sign", "DELE 1\r\n", R"(, "on": "DELE")"), "OK Marked to be deleted.\r\n");
  EXPECT_EQ(said("plus-err/lower-case", "DELE 1\r\n", R"(, "on": "DELE")"), "+ok Marked to be deleted.\r\n");
  EXPECT_EQ(said("plus-err/bare-ok", "DELE 1\r\n", R"(, "on": "DELE")"), "+OK\r\n");
  EXPECT_EQ(said("plus-err/no-space", "DELE 1\r\n", R"(, "on": "DELE")"), "+OKfoo Marked to be deleted.\r\n");
  EXPECT_EQ(said("plus-err/no-space", "DELE 9\r\n", R"(, "on": "DELE")"), "-ERR There's no message 9.\r\n");
  EXPECT_EQ(said("plus-err/bare-err", "STAT\r\n", R"(, "on": "STAT")"), "-ERR\r\n");
  EXPECT_EQ(said("plus-err/minus-ok", "RETR 3\r\n", R"(, "on": "RETR")"),
            "-OK 25 octets\r\nSubject: three\r\n\r\nthird\r\n.\r\n");
}

TEST(Misbehaviours, M31And38Greetings) {
  EXPECT_EQ(greeting("multiline-greeting"), "+OK-welcome\r\n+OK POP3 server ready\r\n");
  EXPECT_EQ(greeting("multiline-greeting/smtp"), "220 mail.example.test ESMTP ready\r\n");
  EXPECT_EQ(greeting("multiline-greeting/http"),
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(greeting("multiline-greeting/ssh"), "SSH-2.0-OpenSSH_9.2p1\r\n");
  EXPECT_EQ(greeting("multiline-greeting/err"), "-ERR too many connections\r\n");
  EXPECT_EQ(greeting("multiline-greeting/nothing"), "");
  EXPECT_EQ(greeting("apop-odd"), "+OK POP3 server ready <no-at-sign>\r\n");
  EXPECT_EQ(greeting("apop-odd/reversed"), "+OK POP3 server ready >1896.697170952@dbc.mtview.ca.us<\r\n");
  EXPECT_EQ(greeting("apop-odd/two"), "+OK <1.1@a.test> POP3 server ready <2.2@b.test>\r\n");
  EXPECT_EQ(greeting("apop-odd/middle"), "+OK POP3 <1.1@a.test> server ready\r\n");
  EXPECT_EQ(greeting("apop-odd/control"), "+OK POP3 server ready <1.\x01\x7F@a.test>\r\n");
}

TEST(Misbehaviours, M32TheBannerIsLate) {
  // The server listens meanwhile, to see a client that does not wait.
  auto greeting_after = [](Pop3Desk& desk) {
    std::unique_ptr<Session> session = desk.open();
    EXPECT_EQ(desk.take(*session), "");
    const Duration held_back = desk.patience;
    session->on_error({Errc::timed_out, "nothing came"});
    EXPECT_EQ(desk.take(*session), "+OK Dovecot ready.\r\n");
    return held_back;
  };
  Pop3Desk desk(with("banner-delay"));
  EXPECT_EQ(greeting_after(desk), 60s);
  Pop3Desk other(with("banner-delay", R"(, "delay": "2m")"));
  EXPECT_EQ(greeting_after(other), 120s);
}

TEST(Misbehaviours, M33And42Errors) {
  Pop3Desk desk(with("multiline-err"));
  EXPECT_EQ(desk.talk(login),
            "+OK\r\n-ERR Logon failure: unknown user name or bad password.\r\nConnection is closed. 21\r\n");
  EXPECT_EQ(desk.ending, "orderly");
  EXPECT_EQ(desk.see({"failed_logins"}), Value(1));
  Pop3Desk gbk(with("eight-bit-err", R"(, "on": "PASS")"));
  EXPECT_EQ(gbk.talk(login), "+OK\r\n-ERR \xB5\xC7\xC2\xBC\xCC\xAB\xC6\xB5\xB7\xB1\r\n");
  EXPECT_EQ(gbk.rig.lines().back(), "*: the connection is over: the peer closed the connection");
  EXPECT_EQ(gbk.rig.lines()[5], "S: -ERR \\xB5\\xC7\xC2\xBC\xCC\xAB\xC6\xB5\\xB7\\xB1");
}

TEST(Misbehaviours, M34AnEmptyLine) {
  EXPECT_EQ(said("extra-blank-line", "LIST 1\r\nNOOP\r\n", R"(, "on": "LIST")"), "+OK 1 31\r\n\r\n+OK\r\n");
}

TEST(Misbehaviours, M35RepliesGluedToStls) {
  Pop3Desk desk(
      R"({"personality": "dovecot", "tls": "starttls", "faults": [{"misbehave": "pipelined-after-stls"}], "mailboxes": {"ann": {"password": "pw"}}})");
  EXPECT_EQ(desk.talk("STLS\r\n"), "+OK Begin TLS negotiation now.\r\n+OK injected\r\n+OK injected\r\n");
}

TEST(Misbehaviours, M36And37Capabilities) {
  auto capa = [](std::string_view name) {
    Pop3Desk desk(
        R"({"personality": "generic", "capa": ["TOP", "{stls}", "UIDL"], "tls": "starttls", "faults": [{"on": "CAPA", "misbehave": ")" +
        std::string(name) + R"("}]})");
    EXPECT_EQ(desk.refusal, "");
    return desk.talk("CAPA\r\n");
  };
  EXPECT_EQ(capa("capa-odd"), "+OK Capability list follows\r\n.capability\r\nTOP\r\nSTLS\r\nUIDL\r\n.\r\n");
  EXPECT_EQ(capa("capa-odd/lower-case"), "+OK Capability list follows\r\ntop\r\nstls\r\nuidl\r\n.\r\n");
  EXPECT_EQ(capa("capa-odd/trailing-spaces"), "+OK Capability list follows\r\nTOP  \r\nSTLS  \r\nUIDL  \r\n.\r\n");
  EXPECT_EQ(capa("capa-odd/languages"),
            "+OK Capability list follows\r\nUTF8 USER\r\nLANG\r\nTOP\r\nSTLS\r\nUIDL\r\n.\r\n");
  EXPECT_EQ(capa("capa-odd/err"), "-ERR unknown command\r\n");
  EXPECT_EQ(capa("capa-odd/hang"), "");
  EXPECT_EQ(capa("stls-stripped"), "+OK Capability list follows\r\nTOP\r\nUIDL\r\n.\r\n");
  std::string many = capa("capa-odd/many-lines");
  EXPECT_EQ(std::ranges::count(many, '\n'), 1 + 3 + 300 + 1);
  EXPECT_THAT(many, EndsWith("X-CAPABILITY-300\r\n.\r\n"));
  Pop3Desk desk(R"({"personality": "generic", "tls": "starttls", "faults": [{"misbehave": "stls-stripped"}]})");
  EXPECT_EQ(desk.talk("STLS\r\n"), "-ERR unknown command\r\n");
}

TEST(Misbehaviours, M39ContinuationsWithOk) {
  Pop3Desk desk(with("auth-plus-ok"));
  EXPECT_EQ(desk.talk("AUTH PLAIN\r\nAGFubgBwdw==\r\n"), "+OK \r\n+OK Logged in.\r\n");
  Pop3Desk bare(with("auth-plus-ok/no-space"));
  EXPECT_EQ(bare.talk("AUTH PLAIN\r\nAGFubgBwdw==\r\n"), "+\r\n+OK Logged in.\r\n");
}

TEST(Misbehaviours, M40Nul) {
  Pop3Desk desk(with("nul-bytes", R"(, "on": "RETR")"));
  EXPECT_EQ(said(desk, "RETR 1\r\n"),
            std::string("+OK 31 octets\r\nSubject: one\r\n\r\na\0b\0\r\nfirst\r\nsecond\r\n.\r\n", 55));
  EXPECT_THAT(desk.observer.contents,
              ElementsAre(std::string("Subject: one\r\n\r\na\0b\0\r\nfirst\r\nsecond\r\n", 37)));
  EXPECT_EQ(said("nul-bytes", "UIDL 1\r\n", R"(, "on": "UIDL")"),
            "+OK 1 00000001" + std::string(1, '\0') + "4f5c8a01\r\n");
  EXPECT_EQ(said("nul-bytes", "DELE 9\r\n", R"(, "on": "DELE")"), std::string("-ERR \0There's no message 9.\r\n", 29));
}

TEST(Misbehaviours, M41LongLines) {
  for (auto [name, octets] :
       {std::pair{"long-line/998", 998}, std::pair{"long-line/999", 999}, std::pair{"long-line/2048", 2048},
        std::pair{"long-line", 65536}, std::pair{"long-line/10MB", 10'000'000}}) {
    Pop3Desk desk(with(name, R"(, "on": "RETR")"));
    EXPECT_EQ(said(desk, "RETR 1\r\n"), "+OK 31 octets\r\nSubject: one\r\n\r\n" +
                                            std::string(static_cast<std::size_t>(octets), 'x') +
                                            "\r\nfirst\r\nsecond\r\n.\r\n")
        << name;
    EXPECT_EQ(desk.observer.events.size(), 1U);
  }
  std::string reply = said("long-line", "NOOP\r\n", R"(, "on": "NOOP")");
  EXPECT_EQ(reply, "+OK" + std::string(595, 'x') + "\r\n");
  EXPECT_EQ(reply.size(), 600U);
}

TEST(Misbehaviours, M43To45Messages) {
  Pop3Desk empty(with("empty-message"));
  EXPECT_EQ(said(empty, "RETR 1\r\n"), "+OK 31 octets\r\n.\r\n");
  EXPECT_THAT(empty.observer.events, IsEmpty());
  EXPECT_EQ(said("no-header-separator", "RETR 1\r\n"), "+OK 31 octets\r\nSubject: one\r\nfirst\r\nsecond\r\n.\r\n");
  EXPECT_EQ(said("no-header-separator/folded", "RETR 1\r\n"),
            "+OK 31 octets\r\n folded before anything\r\nSubject: one\r\n\r\nfirst\r\nsecond\r\n.\r\n");
  EXPECT_EQ(said("top-truncates/one-line", "TOP 1 5\r\n"), "+OK\r\nSubject: one\r\n\r\nfirst\r\n.\r\n");
  EXPECT_EQ(said("top-truncates", "TOP 1 5\r\n"), "+OK\r\nSubject: one\r\n\r\nfirst\r\nsecond\r\n.\r\n");
  std::string lines;
  for (int i = 0; i < 12; ++i) lines += "l\\r\\n";
  auto top = [&](std::string_view name, std::string_view body, std::string_view command) {
    Pop3Desk desk(fmt::format(
        R"({{"personality": "dovecot", "faults": [{{"misbehave": "{}"}}], "mailboxes": {{"ann": {{"password": "pw", "messages": "H: h\r\n\r\n{}"}}}}}})",
        name, body));
    return said(desk, command);
  };
  EXPECT_EQ(std::ranges::count(top("top-truncates", lines, "TOP 1 12\r\n"), 'l'), 10);
  EXPECT_EQ(std::ranges::count(top("top-truncates", lines, "TOP 1 9\r\n"), 'l'), 9);
  EXPECT_EQ(std::ranges::count(top("top-truncates/64kB", std::string(64'000, 'z'), "TOP 1 9\r\n"), 'z'), 64'000 - 8);
}

TEST(Misbehaviours, M46To49) {
  Pop3Desk other(with("retr-other-message"));
  EXPECT_EQ(said(other, "RETR 1\r\nRETR 3\r\n"),
            "+OK 27 octets\r\nSubject: two\r\n\r\n..dots\r\n...\r\n.\r\n+OK 27 octets\r\nSubject: "
            "two\r\n\r\n..dots\r\n...\r\n.\r\n");
  EXPECT_THAT(other.observer.events, IsEmpty());
  EXPECT_EQ(said("expunged", "RETR 2\r\n"), "-ERR Message 2 expunged.\r\n");
  EXPECT_EQ(said("count-changes", "STAT\r\nSTAT\r\n"), "+OK 4 83\r\n+OK 5 83\r\n");
}

TEST(Misbehaviours, M48ABodyWithoutEndCostsOneBuffer) {
  Pop3Desk desk(with("infinite-body"));
  std::unique_ptr<Session> session = desk.open();
  desk.take(*session);
  session->on_bytes(login);
  desk.take(*session);
  session->on_bytes("RETR 1\r\n");
  std::size_t octets = 0;
  std::string_view last;
  for (int i = 0; i < 10'000; ++i) {
    Action action = session->next();
    ASSERT_TRUE(std::holds_alternative<Send>(action));
    last = std::get<Send>(action).bytes;
    ASSERT_LE(last.size(), send_octets_max);
    octets += last.size();
  }
  EXPECT_GT(octets, 600'000'000U);
  EXPECT_THAT(std::string(last), HasSubstr(std::string(70, 'x') + "\r\n"));
}

TEST(Misbehaviours, M50IsForTheHost) {
  for (auto [name, handshake] : {std::pair{"plain-on-tls", Handshake::plain},
                                 std::pair{"tls-stall", Handshake::stalled}, std::pair{"tls-cut", Handshake::cut}}) {
    Pop3Desk desk(with(name, R"(, "connection": 2)"));
    ASSERT_EQ(desk.refusal, "");
    EXPECT_EQ(desk.server->handshake(arrival(1)), Handshake::proper);
    EXPECT_EQ(desk.server->handshake(arrival(2)), handshake);
  }
  Pop3Desk plain(with("ok-twice"));
  // A handshake record on a port in clear: one line, whatever is in it.
  EXPECT_EQ(plain.talk(std::string("\x16\x03\x01\x00\x03\x01\n\n", 8)), "-ERR Unknown command.\r\n");
}

}  // namespace
}  // namespace mailrig::fakeservers
