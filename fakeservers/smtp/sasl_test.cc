// AUTH (RFC 4954) with the mechanisms' own examples: RFC 2195, RFC 4616, RFC 7628, and Google's page on XOAUTH2.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/core/sasl.h"
#include "fakeservers/testing/smtp_desk.h"

namespace mailrig::fakeservers::smtp {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view taken = "235 2.7.0 Authentication successful\r\n";
constexpr std::string_view refused = "535 5.7.8 Authentication credentials invalid\r\n";
constexpr std::string_view senseless = "501 5.5.2 Cannot decode response\r\n";

// RFC 7628 section 4, the SMTP example: user@example.com, and Google's example of XOAUTH2.
constexpr std::string_view oauthbearer =
    "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9NTg3AWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNS"
    "bGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB";
constexpr std::string_view xoauth2 =
    "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cB"
    "AQ==";
constexpr std::string_view invalid_token =
    "334 eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=\r\n";  // {"status":"invalid_token"}

constexpr std::string_view users = R"({ "sasl": ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER", "EXTERNAL"],
  "mailboxes": { "tim": { "password": "tanstaaftanstaaf" }, "test": { "password": "1234" },
    "user@example.com": { "oauth_token": "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==" },
    "someuser@example.com": { "oauth_token": "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg" },
    "fred@example.com": { "external": true }, "o=o,o": { "oauth_token": "t" },
    "app": { "password": "of the account", "app_password": "of the program" } } })";

struct SmtpSasl : ::testing::Test {
  std::string ask(std::string_view line) {
    desk.connect();
    desk.say("EHLO client.test");
    return desk.say(line);
  }
  Desk desk{"generic", users};
};

TEST_F(SmtpSasl, Rfc2195Example) {
  // The challenge of the example is the scenario's; what answers the response is the server.
  Desk scripted("generic", R"({ "sasl": ["CRAM-MD5"], "mailboxes": { "tim": { "password": "tanstaaftanstaaf" } },
    "faults": [ { "on": "AUTH", "reply": "334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+" } ] })");
  ASSERT_EQ(scripted.refusal.message, "");
  scripted.connect();
  scripted.say("EHLO a");
  EXPECT_THAT(scripted.say("AUTH CRAM-MD5"), StartsWith("334 PDE4OTYu"));
  EXPECT_EQ(scripted.say("dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw"), taken);
  EXPECT_THAT(scripted.rig.lines(), Contains("C: <credentials>"));
  EXPECT_EQ(cram_md5("<1896.697170952@postoffice.reston.mci.net>", "tanstaaftanstaaf"),
            "b913a602c7eda7a495b4e6e7334d3890");
}

TEST_F(SmtpSasl, CramMd5AsksSomethingElseEachTime) {
  auto challenge = [&] {
    std::string line = ask("AUTH CRAM-MD5");
    EXPECT_THAT(line, StartsWith("334 "));
    return from_base64(line.substr(4, line.size() - 6)).value_or("not base64");
  };
  const std::string first = challenge();
  EXPECT_THAT(first, ::testing::MatchesRegex("<[0-9]+\\.[0-9]+@mx.test>"));
  EXPECT_EQ(desk.say(to_base64("tim " + cram_md5(first, "tanstaaftanstaaf"))), taken);
  const std::string second = challenge();
  EXPECT_NE(first, second);
  EXPECT_EQ(desk.say(to_base64("tim " + cram_md5(first, "tanstaaftanstaaf"))), refused) << "of another challenge";
  const std::string third = challenge();
  EXPECT_EQ(desk.say(to_base64("tim")), senseless);
  EXPECT_EQ(ask("AUTH CRAM-MD5 dGlt"), senseless) << "RFC 4954 section 4: the server speaks first";
  EXPECT_EQ(desk.say("NOOP"), "250 2.0.0 Ok\r\n");
  const std::string fourth = challenge();
  EXPECT_EQ(desk.say(to_base64("app " + cram_md5(fourth, "of the program"))), taken);
  const std::string fifth = challenge();
  EXPECT_EQ(desk.say(to_base64("fred@example.com " + cram_md5(fifth, ""))), refused) << "a user without a password";
}

TEST_F(SmtpSasl, Rfc4954ExampleOfPlain) {
  // test, test, 1234: the authorization identity is the user's own.
  EXPECT_EQ(ask("AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ="), taken);
  EXPECT_EQ(ask("AUTH PLAIN"), "334 \r\n");
  EXPECT_EQ(desk.say("dGVzdAB0ZXN0ADEyMzQ="), taken);
  EXPECT_EQ(ask("AUTH PLAIN " + to_base64(std::string("tim\0test\0"
                                                      "1234",
                                                      13))),
            refused)
      << "as another";
}

TEST_F(SmtpSasl, Rfc7628ExampleOfOauthbearer) {
  EXPECT_EQ(ask("AUTH OAUTHBEARER " + std::string(oauthbearer)), taken);
  EXPECT_EQ(ask("AUTH OAUTHBEARER"), "334 \r\n");
  EXPECT_EQ(desk.say(oauthbearer), taken);
  // Without a user the token says whose it is.
  EXPECT_EQ(ask("AUTH OAUTHBEARER " + to_base64("n,,\x01"
                                                "auth=bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01")),
            taken);
  EXPECT_EQ(ask("AUTH OAUTHBEARER " + to_base64("n,a=o=3Do=2Co,\x01"
                                                "auth=Bearer t\x01\x01")),
            taken);
  desk.say("QUIT");
  EXPECT_EQ(desk.observed("failed_logins"), Value(0));
}

TEST_F(SmtpSasl, WrongTokensAreToldByAChallenge) {
  const std::string wrong = to_base64(
      "n,a=user@example.com,\x01"
      "auth=Bearer wrong\x01\x01");
  EXPECT_EQ(ask("AUTH OAUTHBEARER " + wrong), invalid_token);
  EXPECT_EQ(desk.observed("failed_logins"), Value(0)) << "not before the client has answered";
  EXPECT_EQ(desk.say("AQ=="), refused);
  EXPECT_EQ(desk.observed("failed_logins"), Value(1));
  EXPECT_EQ(ask("AUTH XOAUTH2"), "334 \r\n");
  EXPECT_EQ(desk.say(to_base64("user=tim\x01"
                               "auth=Bearer x\x01\x01")),
            invalid_token);
  EXPECT_EQ(desk.say(""), refused);
  EXPECT_EQ(desk.say("AUTH XOAUTH2 " + std::string(xoauth2)), taken) << "the session goes on";
  for (const std::string& line : desk.rig.lines()) EXPECT_THAT(line, Not(HasSubstr("wrong"))) << line;

  Desk gmail("gmail", R"({ "tls": "none" })");
  gmail.connect();
  gmail.say("EHLO a");
  EXPECT_EQ(
      gmail.say("AUTH XOAUTH2 " + to_base64("user=anna@zillum.test\x01"
                                            "auth=Bearer x\x01\x01")),
      "334 eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIG1hYyIsInNjb3BlIjoiaHR0cHM6Ly9tYWlsLmdvb2dsZS5jb20vIn0=\r\n");
  EXPECT_THAT(gmail.say(""), StartsWith("535-5.7.8 "));
  Desk office("office365", R"({ "tls": "none" })");
  office.connect();
  office.say("EHLO a");
  EXPECT_THAT(office.say("AUTH XOAUTH2 " + to_base64("user=anna@zillum.test\x01"
                                                     "auth=Bearer x\x01\x01")),
              StartsWith("535 5.7.3 "));
}

TEST_F(SmtpSasl, Xoauth2AndItsForm) {
  EXPECT_EQ(ask("AUTH XOAUTH2 " + std::string(xoauth2)), taken);
  EXPECT_EQ(ask("AUTH XOAUTH2"), "334 \r\n");
  EXPECT_EQ(desk.say(xoauth2), taken);
  EXPECT_THAT(desk.rig.lines(), Contains("C: AUTH XOAUTH2 <credentials>"));
  for (std::string_view wrong : {"user=u\x01"
                                 "auth=Bearer t\x01",
                                 "user=u\x01"
                                 "auth=Basic t\x01\x01",
                                 "user=u", "auth=Bearer t\x01\x01",
                                 "user=\x01"
                                 "auth=Bearer t\x01\x01",
                                 "user=u\x01\x01", ""})
    EXPECT_EQ(ask("AUTH XOAUTH2 " + (wrong.empty() ? "=" : to_base64(wrong))), senseless) << wrong;
  for (std::string_view wrong : {"a=u,\x01"
                                 "auth=Bearer t\x01\x01",
                                 "n,u,\x01"
                                 "auth=Bearer t\x01\x01",
                                 "n,a=u\x01"
                                 "auth=Bearer t\x01\x01",
                                 "n,a=u,\x01"
                                 "auth=Bearer \x01\x01",
                                 "n,,"})
    EXPECT_EQ(ask("AUTH OAUTHBEARER " + to_base64(wrong)), senseless) << wrong;
}

TEST_F(SmtpSasl, LongTokens) {
  // RFC 4954 section 4: a line of 12,288 octets with its end. "user=u" and the rest are 21 octets.
  const std::string token(9'192 - 21, 'x');
  Desk longer("generic", R"({ "sasl": ["XOAUTH2"], "mailboxes": { "u": { "oauth_token": ")" + token + R"(" } } })");
  longer.connect();
  longer.say("EHLO a");
  longer.say("AUTH XOAUTH2");
  EXPECT_EQ(longer.say(to_base64("user=u\x01"
                                 "auth=Bearer " +
                                 token + "\x01\x01")),
            taken);
}

// RFC 4422 appendix A: an empty response is the identity of the credentials, else it has to be that user.
TEST_F(SmtpSasl, External) {
  EXPECT_EQ(ask("AUTH EXTERNAL ="), taken);
  EXPECT_EQ(ask("AUTH EXTERNAL " + to_base64("fred@example.com")), taken);
  EXPECT_EQ(ask("AUTH EXTERNAL"), "334 \r\n");
  EXPECT_EQ(desk.say(""), taken);
  EXPECT_EQ(ask("AUTH EXTERNAL " + to_base64("tim")), refused);
  Desk without("generic", R"({ "sasl": ["EXTERNAL"] })");
  without.connect();
  without.say("EHLO a");
  EXPECT_EQ(without.say("AUTH EXTERNAL ="), refused);
}

TEST_F(SmtpSasl, EveryResponseCanBeGivenUp) {
  for (std::string_view mechanism : {"PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER", "EXTERNAL"}) {
    EXPECT_THAT(ask("AUTH " + std::string(mechanism)), StartsWith("334 "));
    EXPECT_EQ(desk.say("*"), "501 5.7.0 Authentication cancelled\r\n");
    EXPECT_EQ(desk.say("NOOP"), "250 2.0.0 Ok\r\n");
  }
  EXPECT_EQ(desk.observed("failed_logins"), Value(0));
}

TEST(SmtpScriptedChallenge, IsAnsweredLikeAnyOther) {
  auto with = [](std::string_view challenge) {
    return R"({ "sasl": ["LOGIN", "XOAUTH2"], "mailboxes": { "anna": { "password": "pw", "oauth_token": "t" } },
      "faults": [ { "on": "AUTH", "reply": "334)" +
           std::string(challenge) + R"(" } ] })";
  };
  Desk login("generic", with(" VXNlciBOYW1lAA=="));  // "User Name" and NUL, as Exchange asks
  login.connect();
  login.say("EHLO a");
  EXPECT_EQ(login.say("AUTH LOGIN"), "334 VXNlciBOYW1lAA==\r\n");
  EXPECT_EQ(login.say(to_base64("anna")), "334 UGFzc3dvcmQ6\r\n");
  EXPECT_EQ(login.say(to_base64("pw")), taken);
  login.connect();
  login.say("EHLO a");
  login.say("AUTH LOGIN " + to_base64("anna"));
  EXPECT_EQ(login.say(to_base64("pw")), taken) << "the challenge after an initial response asks for the password";
  login.connect();
  login.say("EHLO a");
  login.say("AUTH LOGIN");
  EXPECT_EQ(login.say("*"), "501 5.7.0 Authentication cancelled\r\n");

  Desk token("generic", with(" eyJzdGF0dXMiOiI0MDAifQ=="));
  token.connect();
  token.say("EHLO a");
  token.say("AUTH XOAUTH2 " + to_base64("user=anna\x01"
                                        "auth=Bearer t\x01\x01"));
  EXPECT_EQ(token.say(""), refused) << "the challenge refused the token";
  EXPECT_EQ(token.observed("failed_logins"), Value(1));
}

TEST(SmtpScriptedLogin, LogsInByAnyMechanism) {
  Desk desk("generic", R"({ "sasl": ["NTLM"], "auth_required": true, "mailboxes": { "anna": { "password": "pw" } },
    "faults": [ { "on": "AUTH", "nth": 1, "reply": "334" },
      { "on": "AUTH", "nth": 2, "reply": "235 2.7.0 welcome", "logs_in": "anna" },
      { "on": "response", "nth": 1, "reply": "334 Y2hhbGxlbmdl" },
      { "on": "response", "nth": 2, "reply": "235 2.7.0 welcome", "logs_in": "anna" } ] })");
  ASSERT_EQ(desk.refusal.message, "");
  desk.connect();
  desk.say("EHLO a");
  EXPECT_THAT(desk.say("MAIL FROM:<a@b.test>"), StartsWith("530"));
  EXPECT_EQ(desk.say("AUTH NTLM"), "334\r\n");
  EXPECT_EQ(desk.say("b25l"), "334 Y2hhbGxlbmdl\r\n");
  EXPECT_EQ(desk.say("dHdv"), "235 2.7.0 welcome\r\n");
  EXPECT_THAT(desk.say("MAIL FROM:<a@b.test>"), StartsWith("250"));
  EXPECT_EQ(desk.observed("failed_logins"), Value(0));
  desk.connect();
  desk.say("EHLO a");
  EXPECT_EQ(desk.say("AUTH NTLM b25l"), "235 2.7.0 welcome\r\n");
  EXPECT_THAT(desk.say("MAIL FROM:<a@b.test>"), StartsWith("250"));
  EXPECT_EQ(desk.observed("logins"), Value(2));
  EXPECT_THAT(Desk("generic", R"({ "mailboxes": { "anna": {} },
                "faults": [ { "on": "AUTH", "reply": "235 ok", "logs_in": "hanna" } ] })")
                  .refusal.message,
              HasSubstr("faults[0].logs_in: no mailbox is named \"hanna\"; did you mean \"anna\"?"));
}

TEST(SmtpPlain, ActsAsThoseThatTheUserMayBe) {
  Desk desk("generic", R"({ "check_sender": "MAIL", "mailboxes": { "carl@x.test": { "password": "pw" },
    "anna@x.test": { "password": "pw", "acts_as": ["office@x.test"] }, "office@x.test": { "password": "other" } } })");
  ASSERT_EQ(desk.refusal.message, "");
  auto plain = [&](std::string_view as, std::string_view user) {
    desk.connect();
    desk.say("EHLO a");
    return desk.say("AUTH PLAIN " + to_base64(std::string(as) + '\0' + std::string(user) + '\0' + "pw"));
  };
  EXPECT_EQ(plain("office@x.test", "anna@x.test"), taken);
  EXPECT_THAT(desk.say("MAIL FROM:<office@x.test>"), StartsWith("250")) << "it sends as the office";
  EXPECT_EQ(plain("anna@x.test", "anna@x.test"), taken);
  EXPECT_THAT(desk.say("MAIL FROM:<office@x.test>"), StartsWith("5"));
  EXPECT_EQ(plain("office@x.test", "carl@x.test"), refused);
  EXPECT_EQ(plain("carl@x.test", "anna@x.test"), refused);
}

// A fault on the line that answers a challenge.
TEST(SmtpSaslResponse, TakesAFault) {
  auto with = [](std::string_view fault) {
    return R"({ "sasl": ["PLAIN", "LOGIN"], "mailboxes": { "anna": { "password": "pw" } },
      "faults": [ { "on": "response", )" +
           std::string(fault) + " } ] }";
  };
  auto begin = [](Desk& desk, std::string_view mechanism) {
    desk.connect();
    desk.say("EHLO a");
    return desk.say("AUTH " + std::string(mechanism));
  };
  const std::string plain = to_base64(std::string("\0anna\0pw", 8));
  Desk refused_once("generic", with(R"("nth": 1, "reply": "454 4.7.0 Temporary authentication failure")"));
  begin(refused_once, "PLAIN");
  EXPECT_EQ(refused_once.say(plain), "454 4.7.0 Temporary authentication failure\r\n");
  EXPECT_EQ(refused_once.observed("failed_logins"), Value(1));
  refused_once.say("AUTH PLAIN");
  EXPECT_EQ(refused_once.say(plain), taken);

  Desk challenged("generic", with(R"("nth": 1, "reply": "334 UGFzczo=")"));
  begin(challenged, "LOGIN");
  EXPECT_EQ(challenged.say(to_base64("anna")), "334 UGFzczo=\r\n");
  EXPECT_EQ(challenged.say(to_base64("pw")), taken);

  Desk carried_out("generic", with(R"("reply": "535 5.7.8 no", "carried_out": true)"));
  begin(carried_out, "PLAIN");
  EXPECT_EQ(carried_out.say(plain), "535 5.7.8 no\r\n");
  EXPECT_EQ(carried_out.observed("logins"), Value(1));
}

}  // namespace
}  // namespace mailrig::fakeservers::smtp
