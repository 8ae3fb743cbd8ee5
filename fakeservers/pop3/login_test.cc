// Logins without the password itself, with the examples of RFC 1939, 2195 and 7628, and logins that a rule decides.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/core/base64.h"
#include "fakeservers/core/sasl.h"
#include "fakeservers/testing/pop3_desk.h"

namespace mailrig::fakeservers {
namespace {

using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using testing::Pop3Desk;
using ::testing::StartsWith;

constexpr std::string_view in = "+OK maildrop locked and ready\r\n";
constexpr std::string_view refused = "-ERR [AUTH] invalid user name or password\r\n";
constexpr std::string_view senseless = "-ERR invalid authentication response\r\n";

/// All that the server says to `wire` after its greeting.
std::string say(Pop3Desk& desk, std::string_view wire) {
  std::unique_ptr<Session> session = desk.open();
  desk.take(*session);
  session->on_bytes(wire);
  return desk.take(*session);
}

/// One session in which the client's words depend on the server's.
struct Dialogue {
  explicit Dialogue(Pop3Desk& of) : desk(of), session(of.open()), greeting(of.take(*session)) {}
  std::string say(std::string_view line) {
    session->on_bytes(std::string(line) + "\r\n");
    return desk.take(*session);
  }
  Pop3Desk& desk;
  std::unique_ptr<Session> session;
  std::string greeting;
};

std::string between(std::string_view text, char first, char last) {
  const std::size_t begin = text.find(first);
  const std::size_t end = text.find(last, begin);
  return begin == std::string_view::npos || end == std::string_view::npos
             ? ""
             : std::string(text.substr(begin, end + 1 - begin));
}

// APOP.

TEST(Pop3Apop, Rfc1939Example) {
  EXPECT_EQ(apop_digest("<1896.697170952@dbc.mtview.ca.us>", "tanstaaf"), "c4c9334bac560ecc979e58001b3e22fb");
  // The stamp of the example is the scenario's: the client has seen that one.
  Pop3Desk desk(R"({"apop": true, "mailboxes": {"mrose": {"password": "tanstaaf"}}, "faults": [{"on": "greeting",
    "reply": "+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>"}]})");
  ASSERT_EQ(desk.refusal, "");
  EXPECT_EQ(say(desk, "APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\nSTAT\r\n"), std::string(in) + "+OK 0 0\r\n");
  EXPECT_EQ(desk.server->observe().find("logins")->made(), Value(1));
}

TEST(Pop3Apop, AStampOfItsOwnInEachGreeting) {
  Pop3Desk desk(R"({"apop": true, "host": "pop.isp.test", "mailboxes": {"anna": {"password": "pw"},
    "app": {"password": "of the account", "app_password": "of the program"}, "none": {"oauth_token": "t"}}})");
  ASSERT_EQ(desk.refusal, "");
  Dialogue one(desk);
  EXPECT_THAT(one.greeting, MatchesRegex("\\+OK POP3 server ready <[0-9]+\\.[0-9]+@pop\\.isp\\.test>\r\n"));
  const std::string first = between(one.greeting, '<', '>');
  EXPECT_EQ(one.say("apop anna " + apop_digest(first, "pw")), in);
  Dialogue two(desk);
  const std::string second = between(two.greeting, '<', '>');
  EXPECT_NE(first, second);
  EXPECT_EQ(two.say("APOP anna " + apop_digest(first, "pw")), "-ERR [AUTH] invalid user name or password\r\n")
      << "the digest of another session's stamp";
  EXPECT_EQ(two.say("APOP anna " + apop_digest(second, "wrong")), refused);
  EXPECT_EQ(two.say("APOP nobody " + apop_digest(second, "pw")), refused);
  EXPECT_EQ(two.say("APOP none " + apop_digest(second, "")), refused) << "a user without a password";
  EXPECT_EQ(two.say("APOP anna"), "-ERR wrong number of arguments\r\n");
  EXPECT_EQ(two.say("APOP"), "-ERR wrong number of arguments\r\n");
  EXPECT_EQ(two.say("APOP app " + apop_digest(second, "of the program")), in);
  EXPECT_THAT(desk.rig.lines(), Contains("C: APOP anna <digest>"));
  EXPECT_THAT(desk.rig.lines(), Not(Contains(HasSubstr(apop_digest(second, "wrong")))));
}

TEST(Pop3Apop, IsUnknownWhereThereIsNone) {
  Pop3Desk desk(R"({"mailboxes": {"anna": {"password": "pw"}}})");
  EXPECT_EQ(say(desk, "APOP anna c4c9334bac560ecc979e58001b3e22fb\r\n"), "-ERR unknown command\r\n");
  EXPECT_THAT(desk.rig.lines(), Not(Contains(HasSubstr("c4c9334bac560ecc979e58001b3e22fb"))));
  EXPECT_EQ(say(desk, "USER anna\r\nPASS pw\r\nAPOP a b\r\n"),
            "+OK\r\n" + std::string(in) + "-ERR unknown command\r\n");
  Pop3Desk stampless(R"({"apop": true, "mailboxes": {"anna": {"password": "pw"}},
    "faults": [{"on": "greeting", "reply": "+OK ready"}]})");
  EXPECT_THAT(say(stampless, "APOP anna " + apop_digest("", "pw") + "\r\n"), StartsWith("-ERR"));
}

// CRAM-MD5.

TEST(Pop3CramMd5, Rfc2195Example) {
  Pop3Desk desk(R"({"sasl": ["CRAM-MD5"], "mailboxes": {"tim": {"password": "tanstaaftanstaaf"}},
    "faults": [{"on": "AUTH", "reply": "+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"}]})");
  ASSERT_EQ(desk.refusal, "");
  EXPECT_EQ(say(desk, "AUTH CRAM-MD5\r\ndGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\nSTAT\r\n"),
            "+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n" + std::string(in) + "+OK 0 0\r\n");
}

TEST(Pop3CramMd5, AsksSomethingElseEachTime) {
  Pop3Desk desk(R"({"sasl": ["PLAIN", "CRAM-MD5"], "mailboxes": {"tim": {"password": "tanstaaftanstaaf"}}})");
  auto challenge = [](Dialogue& dialogue) {
    const std::string line = dialogue.say("AUTH CRAM-MD5");
    EXPECT_THAT(line, StartsWith("+ "));
    return from_base64(line.substr(2, line.size() - 4)).value_or("not base64");
  };
  Dialogue dialogue(desk);
  const std::string first = challenge(dialogue);
  EXPECT_THAT(first, MatchesRegex("<[0-9]+\\.[0-9]+@isp.test>"));
  const std::string second = [&] {
    dialogue.say("*");
    return challenge(dialogue);
  }();
  EXPECT_NE(first, second);
  EXPECT_EQ(dialogue.say(to_base64("tim " + cram_md5(first, "tanstaaftanstaaf"))), refused);
  challenge(dialogue);
  EXPECT_EQ(dialogue.say(to_base64("tim")), senseless);
  EXPECT_EQ(dialogue.say("AUTH CRAM-MD5 dGlt"), senseless) << "RFC 5034 section 4: the server speaks first";
  const std::string third = challenge(dialogue);
  EXPECT_EQ(dialogue.say(to_base64("tim " + cram_md5(third, "tanstaaftanstaaf"))), in);
}

// OAUTHBEARER without a user, EXTERNAL, authorization identities.

TEST(Pop3OauthBearer, TheTokenSaysWhoseItIs) {
  Pop3Desk desk(R"({"sasl": ["XOAUTH2", "OAUTHBEARER"], "mailboxes": {"anna": {"oauth_token": "first"},
    "user@example.com": {"oauth_token": "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==", "messages": "Subject: hi\r\n\r\n"},
    "none": {"password": "pw"}}})");
  ASSERT_EQ(desk.refusal, "");
  auto auth = [&](std::string_view response) {
    return say(desk, "AUTH OAUTHBEARER " + to_base64(response) + "\r\nSTAT\r\n");
  };
  EXPECT_THAT(auth("n,,\1auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1"), HasSubstr("+OK 1 15\r\n"));
  EXPECT_THAT(auth("n,a=user@example.com,\1host=server.example.com\1port=143\1auth=Bearer "
                   "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1"),
              HasSubstr("+OK 1 15\r\n"))
      << "RFC 7628 section 4.1";
  EXPECT_THAT(auth("n,,\1auth=Bearer first\1\1"), HasSubstr("+OK 0 0\r\n"));
  // RFC 7628 section 3.2.2: a challenge says why, the client answers it, and the login fails.
  const std::string why =
      "+ eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=\r\n" + std::string(refused);  // {"status":"invalid_token"}
  EXPECT_EQ(auth("n,,\1auth=Bearer third\1\1"), why);
  EXPECT_EQ(auth("n,a=anna,\1auth=Bearer third\1\1"), why);
  EXPECT_THAT(say(desk, "AUTH XOAUTH2 " + to_base64("user=\1auth=Bearer first\1\1") + "\r\n"), StartsWith(senseless))
      << "XOAUTH2 names its user";
  EXPECT_EQ(desk.server->observe().find("sessions")->made().items().at(0).find("user")->made(),
            Value("user@example.com"));
}

TEST(Pop3External, ACertificateSaysWhoItIs) {
  Pop3Desk desk(R"({"sasl": ["EXTERNAL"], "mailboxes": {"anna": {"password": "pw"}, "fred": {"external": true}}})");
  ASSERT_EQ(desk.refusal, "");
  EXPECT_EQ(say(desk, "AUTH EXTERNAL " + to_base64("fred") + "\r\nSTAT\r\n"), std::string(in) + "+OK 0 0\r\n");
  EXPECT_EQ(say(desk, "AUTH EXTERNAL\r\n" + to_base64("fred") + "\r\n"), "+ \r\n" + std::string(in));
  EXPECT_EQ(say(desk, "AUTH EXTERNAL =\r\n"), in) << "RFC 5034 section 4: an empty response";
  EXPECT_EQ(say(desk, "AUTH EXTERNAL\r\n\r\n"), "+ \r\n" + std::string(in));
  EXPECT_EQ(say(desk, "AUTH EXTERNAL " + to_base64("anna") + "\r\n"), refused);
  EXPECT_EQ(desk.changed("set", R"({"mailbox": "fred", "external": false})"), "");
  EXPECT_EQ(say(desk, "AUTH EXTERNAL " + to_base64("fred") + "\r\n"), refused);
}

TEST(Pop3Plain, ActsAsThoseThatTheUserMayBe) {
  Pop3Desk desk(R"({"mailboxes": {"anna": {"password": "pw", "acts_as": ["office", "gone"]}, "carl": {"password": "pw"},
    "office": {"password": "other", "messages": "Subject: hi\r\n\r\n"}}})");
  ASSERT_EQ(desk.refusal, "");
  auto plain = [&](std::string_view as, std::string_view user, std::string_view password) {
    const std::string response = std::string(as) + '\0' + std::string(user) + '\0' + std::string(password);
    return say(desk, "AUTH PLAIN " + to_base64(response) + "\r\nSTAT\r\n");
  };
  EXPECT_EQ(plain("office", "anna", "pw"), std::string(in) + "+OK 1 15\r\n");
  EXPECT_EQ(plain("", "anna", "pw"), std::string(in) + "+OK 0 0\r\n");
  EXPECT_EQ(plain("anna", "anna", "pw"), std::string(in) + "+OK 0 0\r\n");
  EXPECT_THAT(plain("office", "anna", "other"), StartsWith(refused)) << "not with the other's password";
  EXPECT_THAT(plain("office", "carl", "pw"), StartsWith(refused));
  EXPECT_THAT(plain("carl", "anna", "pw"), StartsWith(refused));
  EXPECT_THAT(plain("gone", "anna", "pw"), StartsWith(refused)) << "a mailbox that there is not";
  EXPECT_EQ(desk.changed("set", R"({"mailbox": "carl", "acts_as": ["office"]})"), "");
  EXPECT_EQ(plain("office", "carl", "pw"), std::string(in) + "+OK 1 15\r\n");
}

// A rule's own challenges and logins.

TEST(Pop3ScriptedLogin, AChallengeWithoutABlankIsOne) {
  const std::string plain = to_base64(std::string("\0anna\0pw", 8));
  for (std::string_view reply : {R"("reply": "+")", R"("reply": "+ ")", R"("reply_bytes": "+\n")"}) {
    Pop3Desk desk(R"({"mailboxes": {"anna": {"password": "pw"}}, "faults": [{"on": "AUTH", )" + std::string(reply) +
                  "}]}");
    ASSERT_EQ(desk.refusal, "");
    EXPECT_THAT(say(desk, "AUTH PLAIN\r\n" + plain + "\r\nSTAT\r\n"), EndsWith("+OK 0 0\r\n")) << reply;
    EXPECT_THAT(desk.rig.lines(), Contains("C: <password>")) << reply;
  }
}

TEST(Pop3ScriptedLogin, LogsInByAnyMechanism) {
  // Two challenges of a mechanism that this server cannot check, then a login that it is told of.
  Pop3Desk desk(R"({"sasl": ["NTLM"], "mailboxes": {"anna": {"password": "pw"}}, "faults": [
    {"on": "AUTH", "reply": "+"},
    {"on": "response", "nth": 1, "reply": "+ Y2hhbGxlbmdl"},
    {"on": "response", "nth": 2, "reply": "+OK welcome", "logs_in": "anna"}]})");
  ASSERT_EQ(desk.refusal, "");
  EXPECT_EQ(say(desk, "AUTH NTLM\r\nb25l\r\ndHdv\r\nSTAT\r\n"), "+\r\n+ Y2hhbGxlbmdl\r\n+OK welcome\r\n+OK 0 0\r\n");
  EXPECT_EQ(desk.server->observe().find("logins")->made(), Value(1));
  EXPECT_EQ(desk.server->observe().find("failed_logins")->made(), Value(0));
  EXPECT_EQ(desk.server->observe().find("sessions")->made().items().at(0).find("user")->made(), Value("anna"));
  EXPECT_THAT(desk.rig.lines(), Contains(HasSubstr("replies \"+OK welcome\\r\\n\", and logs in anna")));
}

TEST(Pop3ScriptedLogin, LogsInWhateverTheCredentialsAre) {
  auto desk_with = [](std::string_view on) {
    return R"({"apop": true, "mailboxes": {"anna": {"password": "pw", "locked": true}}, "faults": [{"on": ")" +
           std::string(on) + R"(", "reply": "+OK in", "logs_in": "anna"}]})";
  };
  Pop3Desk pass(desk_with("PASS"));
  EXPECT_THAT(say(pass, "USER carl\r\nPASS wrong\r\nSTAT\r\n"), EndsWith("+OK in\r\n+OK 0 0\r\n"));
  Pop3Desk apop(desk_with("APOP"));
  EXPECT_THAT(say(apop, "APOP carl 00\r\nSTAT\r\n"), EndsWith("+OK in\r\n+OK 0 0\r\n"));
  Pop3Desk auth(desk_with("AUTH"));
  EXPECT_THAT(say(auth, "AUTH PLAIN AGEAYg==\r\nSTAT\r\n"), EndsWith("+OK in\r\n+OK 0 0\r\n"));
}

TEST(Pop3ScriptedLogin, NeedsAMailbox) {
  EXPECT_EQ(Pop3Desk(R"({"mailboxes": {"anna": {}, "carl": {}}, "faults": [{"on": "any", "delay": "1s"},
              {"on": "PASS", "reply": "+OK", "logs_in": "ana"}]})")
                .refusal,
            "faults[1].logs_in: no mailbox is named \"ana\"; did you mean \"anna\"?");
  Pop3Desk desk(R"({"mailboxes": {"anna": {"password": "pw"}}})");
  EXPECT_EQ(desk.changed("set", R"({"faults": [{"on": "PASS", "reply": "+OK", "logs_in": "x"}]})"),
            "faults[0].logs_in: no mailbox is named \"x\"");
  EXPECT_EQ(desk.changed("set", R"({"faults": [{"on": "PASS", "reply": "+OK", "logs_in": "anna"}]})"), "");
  EXPECT_THAT(say(desk, "USER u\r\nPASS p\r\nSTAT\r\n"), EndsWith("+OK\r\n+OK 0 0\r\n"));
}

}  // namespace
}  // namespace mailrig::fakeservers
