#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/crm_desk.h"

namespace mailrig::fakeservers::crm {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

constexpr std::string_view throttled =
    R"({"error_description":"You have made too many requests continuously. Please try again after some time.","error":"Access Denied","status":"failure"})";

TEST(CrmToken, IsGivenForARefreshTokenInTheQuery) {
  Desk desk;
  WireAnswer answer = desk.ask_token();
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.field("Content-Type"), "application/json;charset=UTF-8");
  EXPECT_EQ(answer.field("Date"), "Mon, 02 Jun 2014 09:00:00 GMT");
  EXPECT_THAT(
      answer.body,
      MatchesRegex(
          R"(\{"access_token":"1000\.[0-9a-f]{32}\.[0-9a-f]{32}","scope":"ZohoCRM\.modules\.ALL ZohoSearch\.securesearch\.READ ZohoCRM\.modules\.emails\.ALL","api_domain":"https://crm\.test","token_type":"Bearer","expires_in":3600\})"));
  EXPECT_EQ(desk.observed("tokens_issued"), Value(1));
  EXPECT_EQ(desk.observed("logins"), Value(1));
}

TEST(CrmToken, IsGivenForAForm) {
  Desk desk;
  std::string form = "grant_type=refresh_token&refresh_token=1000.x.y&client_id=1000.X&client_secret=z";
  WireAnswer answer =
      Desk::take_apart(desk.talk("POST /oauth/v2/token HTTP/1.1\r\nHost: a.test:8443\r\nContent-Type: "
                                 "application/x-www-form-urlencoded\r\nContent-Length: " +
                                 std::to_string(form.size()) + "\r\n\r\n" + form));
  EXPECT_EQ(answer.status, 200U);
  EXPECT_THAT(answer.body, HasSubstr(R"("api_domain":"https://a.test:8443")"));
}

TEST(CrmToken, TheAnswerOf2018CountsMilliseconds) {
  Desk desk(R"({ "token_form": "milliseconds", "api_domain": "https://www.zohoapis.com", "token_lifetime": "30m" })");
  EXPECT_THAT(
      desk.ask_token().body,
      MatchesRegex(
          R"(\{"access_token":"[^"]*","expires_in_sec":1800,"api_domain":"https://www\.zohoapis\.com","token_type":"Bearer","expires_in":1800000\})"));
}

TEST(CrmToken, RefusalsComeAsStatus200) {
  Desk desk;
  auto refusal = [&](std::string_view query) {
    WireAnswer answer = desk.ask_token(query);
    EXPECT_EQ(answer.status, 200U);
    return answer.body;
  };
  EXPECT_EQ(refusal("grant_type=refresh_token&refresh_token=dead&client_id=1000.X&client_secret=z"),
            R"({"error":"invalid_code"})");
  EXPECT_EQ(refusal("grant_type=refresh_token&refresh_token=1000.x.y&client_id=other&client_secret=z"),
            R"({"error":"invalid_client"})");
  EXPECT_EQ(refusal("grant_type=refresh_token&refresh_token=1000.x.y&client_id=1000.X&client_secret=q"),
            R"({"error":"invalid_client_secret"})");
  EXPECT_EQ(refusal("grant_type=authorization_code&code=1000.c&client_id=1000.X&client_secret=z"),
            R"({"error":"invalid_code"})");
  EXPECT_EQ(refusal("grant_type=password"), R"({"error":"general_error"})");
  EXPECT_EQ(refusal("x=1"), R"({"error":"general_error"})");
  EXPECT_EQ(desk.observed("tokens_issued"), Value(0));
  EXPECT_EQ(desk.observed("failed_logins"), Value(6));
}

TEST(CrmToken, OnlyByPost) {
  Desk desk;
  WireAnswer answer =
      Desk::take_apart(desk.talk("GET /oauth/v2/token?grant_type=refresh_token HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(answer.status, 400U);
  EXPECT_EQ(
      answer.body,
      R"({"code":"INVALID_REQUEST_METHOD","details":{},"message":"The http request method type is not a valid one","status":"error"})");
}

TEST(CrmToken, TenInTenMinutesAndAskingAgainMakesTheRefusalLonger) {
  Desk desk;
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(desk.ask_token().body, HasSubstr("access_token")) << i;
    desk.rig.calendar.advance(1s);
  }
  WireAnswer refused = desk.ask_token();  // 10 s after the first
  EXPECT_EQ(refused.status, 400U);
  EXPECT_EQ(refused.body, throttled);
  desk.rig.calendar.advance(10min - 1ns);
  EXPECT_EQ(desk.ask_token().body, throttled) << "a window after the refusal is not over";
  desk.rig.calendar.advance(10min);
  EXPECT_THAT(desk.ask_token().body, HasSubstr("access_token"));
  EXPECT_EQ(desk.observed("tokens_issued"), Value(11));
}

TEST(CrmToken, TheRefusalEndsWithTheWindowWhereAskingDoesNotExtendIt) {
  Desk desk(
      R"({ "token_throttle_extends": false, "token_throttle_status": 200, "tokens_per_window": 2, "token_window": "1m" })");
  desk.ask_token();
  desk.rig.calendar.advance(30s);
  desk.ask_token();
  desk.rig.calendar.advance(30s - 1ns);
  WireAnswer refused = desk.ask_token();
  EXPECT_EQ(refused.status, 200U);
  EXPECT_EQ(refused.body, throttled);
  desk.rig.calendar.advance(1ns);
  EXPECT_THAT(desk.ask_token().body, HasSubstr("access_token"));
  EXPECT_EQ(desk.ask_token().body, throttled) << "the second of them is still in the window";
}

TEST(CrmToken, LivesAnHourOfTheCalendar) {
  Desk desk;
  EXPECT_EQ(desk.get("/crm/v8/Leads/1").status, 204U);
  desk.rig.calendar.advance(1h - 1ns);
  EXPECT_EQ(desk.get("/crm/v8/Leads/1").status, 204U);
  desk.rig.calendar.advance(1ns);
  WireAnswer late = desk.get("/crm/v8/Leads/1");
  EXPECT_EQ(late.status, 401U);
  EXPECT_EQ(late.body, R"({"code":"INVALID_TOKEN","details":{},"message":"invalid oauth token","status":"error"})");
}

TEST(CrmToken, TheSixteenthKillsTheOldest) {
  Desk desk(R"({ "tokens_per_window": 100 })");
  desk.refresh();
  for (int i = 0; i < 14; ++i) desk.ask_token();
  EXPECT_EQ(desk.get("/crm/v8/Leads/1").status, 204U);
  desk.ask_token();
  EXPECT_EQ(desk.get("/crm/v8/Leads/1").status, 401U);
}

TEST(CrmToken, RevokedRefreshTokensAreDeadAndSoIsWhatTheyGave) {
  Desk desk;
  desk.refresh();
  auto revoke = [&] {
    return Desk::take_apart(desk.talk("POST /oauth/v2/token/revoke?token=1000.x.y HTTP/1.1\r\nHost: a\r\n\r\n")).body;
  };
  EXPECT_EQ(revoke(), R"({"status":"success"})");
  EXPECT_EQ(revoke(), R"({"error":"invalid_code"})");
  EXPECT_EQ(desk.get("/crm/v8/Leads/1").status, 401U);
  EXPECT_EQ(desk.ask_token().body, R"({"error":"invalid_client"})") << "the only grant of this client is gone";
}

TEST(CrmToken, OtherClientsAreThereAfterASetAndOldOnesGone) {
  Desk desk;
  desk.refresh();
  Value clients = *parse_json_value(
      R"({ "clients": [ { "client_id": "a", "client_secret": "b", "refresh_token": "c" }, { "client_id": "a", "client_secret": "b", "refresh_token": "d" } ] })");
  EXPECT_TRUE(desk.crm->change("set", clients));
  EXPECT_EQ(desk.get("/crm/v8/Leads/1").status, 401U);
  EXPECT_THAT(desk.ask_token("grant_type=refresh_token&refresh_token=d&client_id=a&client_secret=b").body,
              HasSubstr("access_token"));
  EXPECT_EQ(desk.ask_token("grant_type=refresh_token&refresh_token=e&client_id=a&client_secret=b").body,
            R"({"error":"invalid_code"})");
}

TEST(CrmToken, SameSeedSameTokens) {
  Desk a("{}", 7), b("{}", 7), c("{}", 8);
  EXPECT_EQ(a.ask_token().body, b.ask_token().body);
  EXPECT_NE(a.ask_token().body, c.ask_token().body);
}

TEST(CrmToken, NoSecretReachesTheTranscript) {
  Desk desk;
  desk.refresh();
  desk.get("/crm/v8/Leads/1");
  std::string form = "refresh_token=1000.x.y&client_secret=zzz-secret&client_id=1000.X&grant_type=refresh_token";
  desk.talk("POST /oauth/v2/token HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(form.size()) + "\r\n\r\n" +
            form);
  for (const std::string& line : desk.rig.lines()) {
    EXPECT_THAT(line, Not(HasSubstr(desk.token)));
    EXPECT_THAT(line, Not(HasSubstr("1000.x.y")));
    EXPECT_THAT(line, Not(HasSubstr("zzz-secret")));
  }
  EXPECT_THAT(
      desk.rig.lines(),
      ::testing::ElementsAre(
          "C: POST "
          "/oauth/v2/"
          "token?grant_type=refresh_token&refresh_token=<refresh_token>&client_id=1000.X&client_secret=<client_secret>",
          "S: 200 OK: <token>", "C: GET /crm/v8/Leads/1 (Authorization: <token>)", "S: 204 No Content",
          "C: POST /oauth/v2/token <89 octets with secrets>",
          ::testing::StartsWith("S: 200 OK: invalid_client_secret <33 octets, sha256 ")));
}

TEST(CrmToken, ASessionKeepsItsSecretsForExpectations) {
  Desk desk;
  desk.refresh();
  const std::string form =
      "refresh_token=1000.x%2By&client_secret=zzz-secret&client_id=1000.X&grant_type=refresh_token";
  desk.talk("GET /crm/v8/Leads/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Zoho-oauthtoken " + desk.token +
            "\r\n\r\nPOST /oauth/v2/token HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(form.size()) +
            "\r\n\r\n" + form);
  const Value secrets = desk.observed("sessions").items().back().find("secrets")->made();
  EXPECT_EQ(secrets, Value(Value::List{desk.token, "1000.x+y", "zzz-secret"}));
}

}  // namespace
}  // namespace mailrig::fakeservers::crm
