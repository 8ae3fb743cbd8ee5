// Responses of AUTH obey RFC 5034 section 4 and not the limit of command lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/core/base64.h"
#include "fakeservers/testing/pop3_desk.h"

namespace mailrig::fakeservers {
namespace {

using ::testing::HasSubstr;
using testing::Pop3Desk;
using ::testing::StartsWith;

std::string server_with(std::string_view personality, std::string_view token, std::string_view more = "") {
  return R"({"personality": ")" + std::string(personality) + R"(", "tls": "none", "sasl": ["PLAIN", "XOAUTH2"], )" +
         std::string(more) + R"("mailboxes": {"anna": {"oauth_token": ")" + std::string(token) + R"("}}})";
}

std::string bearer(std::string_view token) {
  return to_base64(
      "user=anna\x01"
      "auth=Bearer " +
      std::string(token) + "\x01\x01");
}

TEST(Pop3Sasl, TokensOf1500OctetsTo12Kilobytes) {
  for (const std::string& personality : personality_names("pop3")) {
    for (std::size_t octets : {1'500, 3'000, 12'000}) {
      SCOPED_TRACE(personality + " " + std::to_string(octets));
      const std::string token(octets, 'x');
      Pop3Desk desk(server_with(personality, token));
      ASSERT_EQ(desk.refusal, "");
      const std::string answer = desk.talk("AUTH XOAUTH2\r\n" + bearer(token) + "\r\nSTAT\r\n");
      // Office 365 takes 4,096 octets of base64, Dovecot 8,192.
      const bool taken = (personality != "office365" && personality != "dovecot") || octets <= 3'000;
      EXPECT_EQ(answer.find("\r\n+OK 0 0\r\n") != std::string_view::npos, taken) << answer;
    }
  }
}

TEST(Pop3Sasl, InitialResponsesTooWhereTheServerTakesAny) {
  const std::string token(12'000, 'x');
  for (std::string_view personality : {"generic", "gmail"})
    EXPECT_THAT(Pop3Desk(server_with(personality, token)).talk("AUTH XOAUTH2 " + bearer(token) + "\r\nSTAT\r\n"),
                HasSubstr("\r\n+OK 0 0\r\n"))
        << personality;
}

// A response that fits to the octet, and one octet more: "user=anna^Aauth=Bearer " and "^A^A" are 24 octets.
TEST(Pop3Sasl, TheLimitToTheOctet) {
  const std::string fits(3 * 1024 - 24, 'x');
  ASSERT_EQ(bearer(fits).size(), 4096U);
  Pop3Desk desk(server_with("office365", fits));
  EXPECT_THAT(desk.talk("AUTH XOAUTH2\r\n" + bearer(fits) + "\r\nSTAT\r\n"), HasSubstr("+OK 0 0\r\n"));
  EXPECT_EQ(desk.talk("AUTH XOAUTH2\r\n" + bearer(fits) + "=\r\nSTAT\r\n"),
            "+ \r\n-ERR Protocol error. Connection is closed. 10\r\n");
  EXPECT_EQ(desk.ending, "orderly");
  Pop3Desk generic(server_with("generic", fits, R"("sasl_octets_max": 4096, )"));
  EXPECT_THAT(generic.talk("auth xoauth2 " + bearer(fits) + "\r\nSTAT\r\n"), HasSubstr("+OK 0 0\r\n"));
  EXPECT_EQ(generic.talk("AUTH XOAUTH2 " + bearer(fits) + "=\r\nSTAT\r\n"), "-ERR line too long\r\n");
}

TEST(Pop3Sasl, CommandsKeepTheirLimit) {
  Pop3Desk desk(server_with("generic", "t"));
  EXPECT_EQ(desk.talk("NOOP " + std::string(506, 'x') + "\r\n"), "-ERR line too long\r\n");
  EXPECT_EQ(desk.talk("AUTHX " + std::string(505, 'x') + "\r\n"), "-ERR line too long\r\n");
  EXPECT_THAT(desk.talk("AUTH XOAUTH2\r\n*\r\nNOOP " + std::string(506, 'x') + "\r\n"),
              ::testing::EndsWith("-ERR line too long\r\n"))
      << "after the response";
}

TEST(Pop3Sasl, AnAuthorizationIdentityHasToBeTheUsersOwn) {
  Pop3Desk desk(R"({"mailboxes": {"test": {"password": "1234"}}})");
  // RFC 4954 section 4's example: test, test, 1234.
  EXPECT_EQ(desk.talk("AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=\r\n"), "+OK maildrop locked and ready\r\n");
  EXPECT_EQ(desk.talk("AUTH PLAIN " +
                      to_base64(std::string("other\0test\0"
                                            "1234",
                                            15)) +
                      "\r\n"),
            "-ERR [AUTH] invalid user name or password\r\n");
}

TEST(Pop3Sasl, AScriptedChallengeIsAnsweredLikeAnyOther) {
  Pop3Desk desk(R"({"sasl": ["LOGIN", "XOAUTH2"], "mailboxes": {"anna": {"password": "pw", "oauth_token": "t"}},
    "faults": [{"on": "AUTH", "reply": "+ VXNlciBOYW1lAA=="}]})");
  EXPECT_EQ(desk.talk("AUTH LOGIN\r\n" + to_base64("anna") + "\r\n" + to_base64("pw") + "\r\nSTAT\r\n"),
            "+ VXNlciBOYW1lAA==\r\n+ UGFzc3dvcmQ6\r\n+OK maildrop locked and ready\r\n+OK 0 0\r\n");
  EXPECT_EQ(desk.talk("AUTH XOAUTH2 " + bearer("t") + "\r\n\r\n"),
            "+ VXNlciBOYW1lAA==\r\n-ERR [AUTH] invalid user name or password\r\n");
}

TEST(Pop3Sasl, TheSettingHasBounds) {
  EXPECT_THAT(Pop3Desk(server_with("generic", "t", R"("sasl_octets_max": 0, )")).refusal,
              StartsWith("sasl_octets_max: takes 1 to 65536"));
  EXPECT_THAT(Pop3Desk(server_with("generic", "t", R"("sasl_octets_max": 65537, )")).refusal,
              StartsWith("sasl_octets_max: takes 1 to 65536"));
}

// A fault on the line that answers a challenge.

std::string with_fault(std::string_view fault) {
  return R"({"personality": "generic", "tls": "none", "sasl": ["PLAIN", "LOGIN", "XOAUTH2"],
    "faults": [ { "on": "response", )" +
         std::string(fault) + R"( } ], "mailboxes": {"anna": {"password": "pw", "oauth_token": "t"}}})";
}

TEST(Pop3Sasl, AResponseIsRefusedByARule) {
  Pop3Desk desk(with_fault(R"("nth": 1, "reply": "-ERR [SYS/TEMP] later")"));
  ASSERT_EQ(desk.refusal, "");
  const std::string plain = to_base64(std::string("\0anna\0pw", 8));
  EXPECT_THAT(desk.talk("AUTH PLAIN\r\n" + plain + "\r\nSTAT\r\n"), StartsWith("+ \r\n-ERR [SYS/TEMP] later\r\n-ERR "));
  EXPECT_THAT(desk.talk("AUTH PLAIN\r\n" + plain + "\r\nSTAT\r\n"), HasSubstr("+OK 0 0\r\n"));
  EXPECT_EQ(desk.server->observe().find("failed_logins")->made(), Value(1));
  EXPECT_EQ(desk.server->rules().at(0).fired, 1U);
}

TEST(Pop3Sasl, AResponseIsChallengedAgainByARule) {
  Pop3Desk desk(with_fault(R"("nth": 1, "reply": "+ UGFzczo=")"));
  EXPECT_THAT(desk.talk("AUTH LOGIN\r\n" + to_base64("anna") + "\r\n" + to_base64("pw") + "\r\nSTAT\r\n"),
              HasSubstr("+ UGFzczo=\r\n+OK maildrop locked and ready\r\n+OK 0 0\r\n"));
}

TEST(Pop3Sasl, AResponseIsCarriedOutAndAnsweredOtherwise) {
  Pop3Desk desk(with_fault(R"("reply": "-ERR no", "carried_out": true)"));
  EXPECT_EQ(desk.talk("AUTH PLAIN\r\n" + to_base64(std::string("\0anna\0pw", 8)) + "\r\nSTAT\r\n"),
            "+ \r\n-ERR no\r\n+OK 0 0\r\n");
}

TEST(Pop3Sasl, CommandsAreNoResponses) {
  Pop3Desk desk(with_fault(R"("reply": "-ERR never")"));
  EXPECT_THAT(desk.talk("USER anna\r\nPASS pw\r\nSTAT\r\n"), HasSubstr("+OK 0 0\r\n"));
  EXPECT_EQ(desk.server->rules().at(0).nearest, "response never came");
}

}  // namespace
}  // namespace mailrig::fakeservers
