#include "fakeservers/crm/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/crm_desk.h"

namespace mailrig::fakeservers::crm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

WireAnswer with_field(Desk& desk, std::string_view field) {
  return Desk::take_apart(desk.talk("GET /crm/v8/Leads/1 HTTP/1.1\r\nHost: a\r\n" + std::string(field) + "\r\n"));
}

TEST(CrmRights, WithoutAUsableAuthorization) {
  Desk desk;
  desk.refresh();
  std::string body =
      R"({"code":"AUTHENTICATION_FAILURE","details":{},"message":"Authentication failed","status":"error"})";
  std::vector<std::string> fields{"", "Authorization: Zoho-oauthtoken\r\n", "Authorization: Basic x\r\n",
                                  "Authorization: Bearer " + desk.token + "\r\n",
                                  "Authorization: " + desk.token + "\r\n"};
  for (const std::string& field : fields) {
    WireAnswer answer = with_field(desk, field);
    EXPECT_EQ(answer.status, 401U) << field;
    EXPECT_EQ(answer.body, body) << field;
  }
  WireAnswer unknown = with_field(desk, "Authorization: Zoho-oauthtoken 1000.dead.dead\r\n");
  EXPECT_EQ(unknown.status, 401U);
  EXPECT_EQ(unknown.body, R"({"code":"INVALID_TOKEN","details":{},"message":"invalid oauth token","status":"error"})");
  EXPECT_EQ(with_field(desk, "authorization: ZOHO-OAUTHTOKEN " + desk.token + "\r\n").status, 204U);
  EXPECT_EQ(desk.observed("failed_logins"), Value(6));
}

TEST(CrmRights, BearerIsASwitch) {
  Desk desk(R"({ "bearer": true })");
  desk.refresh();
  EXPECT_EQ(with_field(desk, "Authorization: Bearer " + desk.token + "\r\n").status, 204U);
}

TEST(CrmRights, ScopesOfModulesSearchAndMail) {
  auto status = [](std::string_view scope, std::string_view method, std::string_view target,
                   std::string_view body = {}) {
    Desk desk(R"({ "scope": ")" + std::string(scope) + "\" }");
    return desk.ask(method, target, body).status;
  };
  EXPECT_EQ(status("ZohoCRM.modules.READ", "GET", "/crm/v8/Leads/1"), 204U);
  EXPECT_EQ(status("ZohoCRM.modules.leads.ALL", "GET", "/crm/v8/Leads/1"), 204U);
  EXPECT_EQ(status("ZohoCRM.modules.Leads.READ", "GET", "/crm/v8/Leads/1"), 204U);
  EXPECT_EQ(status("ZohoCRM.modules.Contacts.ALL", "GET", "/crm/v8/Leads/1"), 401U);
  EXPECT_EQ(status("ZohoCRM.modules.CREATE", "GET", "/crm/v8/Leads/1"), 401U);
  EXPECT_EQ(status("ZohoCRM.modules.CREATE", "POST", "/crm/v8/Leads", R"({"data":[{"Last_Name":"x"}]})"), 201U);
  EXPECT_EQ(status("ZohoCRM.modules.READ", "POST", "/crm/v8/Leads", R"({"data":[{"Last_Name":"x"}]})"), 401U);
  EXPECT_EQ(status("ZohoCRM.modules.UPDATE", "PUT", "/crm/v8/Leads/1", R"({"data":[{}]})"), 400U) << "no such record";
  EXPECT_EQ(status("ZohoCRM.modules.CREATE", "PUT", "/crm/v8/Leads/1", R"({"data":[{}]})"), 401U);
  EXPECT_EQ(status("ZohoCRM.modules.UPDATE,ZohoCRM.modules.DELETE", "DELETE", "/crm/v8/Leads/1"), 400U)
      << "no such record";
  EXPECT_EQ(status("ZohoCRM.modules.UPDATE", "DELETE", "/crm/v8/Leads/1"), 401U);
  EXPECT_EQ(status("ZohoCRM.modules.ALL", "GET", "/crm/v8/Leads/search?word=xx"), 401U);
  EXPECT_EQ(status("ZohoCRM.modules.ALL ZohoSearch.securesearch.READ", "GET", "/crm/v8/Leads/search?word=xx"), 204U);
  EXPECT_EQ(status("ZohoCRM.modules.ALL", "GET", "/crm/v8/Leads/1/Emails"), 401U);
  EXPECT_EQ(status("ZohoCRM.modules.ALL ZohoCRM.modules.emails.READ", "GET", "/crm/v8/Leads/1/Emails"), 204U);
  EXPECT_EQ(status("ZohoCRM.modules.emails.ALL", "GET", "/crm/v8/actions/email_available?orginal_message_id=x"), 200U);
}

TEST(CrmRights, AScopeMismatchIsTold) {
  Desk desk(R"({ "scope": "" })");
  WireAnswer answer = desk.get("/crm/v8/Leads/1");
  EXPECT_EQ(answer.status, 401U);
  EXPECT_EQ(
      answer.body,
      R"({"code":"OAUTH_SCOPE_MISMATCH","details":{},"message":"invalid oauth scope to access this URL","status":"error"})");
  Desk other(R"({ "scope": "", "scope_mismatch_status": 403, "texts": { "OAUTH_SCOPE_MISMATCH": "Unauthorized" } })");
  WireAnswer unauthorized = other.get("/crm/v8/Leads/1");
  EXPECT_EQ(unauthorized.status, 403U);
  EXPECT_THAT(unauthorized.body, HasSubstr(R"("message":"Unauthorized")"));
}

TEST(CrmRights, ForbiddenModulesOnly) {
  Desk desk(R"({ "forbidden": ["Leads"] })");
  auto permission = [](std::string_view word) {
    return R"({"code":"NO_PERMISSION","details":{"permissions":["Crm_Implied_)" + std::string(word) +
           R"(_Leads"]},"message":"permission denied","status":"error"})";
  };
  WireAnswer answer = desk.get("/crm/v8/Leads/1");
  EXPECT_EQ(answer.status, 403U);
  EXPECT_EQ(answer.body, permission("View"));
  EXPECT_EQ(desk.post("/crm/v8/Leads", "{}").body, permission("Create"));
  EXPECT_EQ(desk.ask("PUT", "/crm/v8/Leads/1", "{}").body, permission("Edit"));
  EXPECT_EQ(desk.ask("DELETE", "/crm/v8/Leads/1").body, permission("Delete"));
  EXPECT_EQ(desk.get("/crm/v8/Contacts/1").status, 204U);
}

TEST(CrmApi, WhatItDoesNotKnowItAnswersAsZohoDoesAndLists) {
  Desk desk;
  WireAnswer pattern = desk.post("/crm/v8/coql?x=1", "{}");
  EXPECT_EQ(pattern.status, 400U) << "coql is taken for a module, as any word in its place is";
  WireAnswer path = desk.get("/crm/v8/Leads/1/actions/blueprint");
  EXPECT_EQ(path.status, 404U);
  EXPECT_EQ(
      path.body,
      R"({"code":"INVALID_URL_PATTERN","details":{},"message":"Please check if the URL trying to access is a correct one","status":"error"})");
  EXPECT_EQ(desk.get("/elsewhere").status, 404U);
  EXPECT_EQ(desk.get("/crm").status, 404U);
  EXPECT_EQ(desk.get("/crm/v8").status, 404U);
  EXPECT_EQ(desk.get("/crm/vx/Leads").status, 404U);
  WireAnswer method = desk.ask("PATCH", "/crm/v8/Leads/1");
  EXPECT_EQ(method.status, 400U);
  EXPECT_EQ(
      method.body,
      R"({"code":"INVALID_REQUEST_METHOD","details":{},"message":"The http request method type is not a valid one","status":"error"})");
  WireAnswer module = desk.get("/crm/v8/Products/search?word=xx");
  EXPECT_EQ(module.status, 400U);
  EXPECT_EQ(
      module.body,
      R"({"code":"INVALID_MODULE","details":{"resource_path_index":0},"message":"the module name given seems to be invalid","status":"error"})");
  EXPECT_EQ(desk.get("/crm/v8/leads/1").body, module.body) << "names are case sensitive";
  std::vector<std::string> unknown;
  Value unknown_calls = desk.observed("unknown_calls");
  for (const Value& one : unknown_calls.items()) unknown.push_back(one.text());
  EXPECT_THAT(
      unknown,
      ElementsAre("POST /crm/v8/coql: INVALID_MODULE", "GET /crm/v8/Leads/1/actions/blueprint: INVALID_URL_PATTERN",
                  "GET /elsewhere: INVALID_URL_PATTERN", "GET /crm: INVALID_URL_PATTERN",
                  "GET /crm/v8: INVALID_URL_PATTERN", "GET /crm/vx/Leads: INVALID_URL_PATTERN",
                  "PATCH /crm/v8/Leads/1: INVALID_REQUEST_METHOD", "GET /crm/v8/Products/search: INVALID_MODULE",
                  "GET /crm/v8/leads/1: INVALID_MODULE"));
}

TEST(CrmApi, DisputedStatusesAreSettings) {
  Desk desk(R"({ "invalid_method_status": 405, "invalid_module_status": 404, "invalid_module_form": "data" })");
  EXPECT_EQ(desk.ask("PATCH", "/crm/v8/Leads/1").status, 405U);
  WireAnswer module = desk.get("/crm/v8/Nothing/1");
  EXPECT_EQ(module.status, 404U);
  EXPECT_EQ(
      module.body,
      R"({"data":[{"code":"INVALID_MODULE","details":{"resource_path_index":0},"message":"the module name given seems to be invalid","status":"error"}]})");
}

TEST(CrmApi, Versions) {
  Desk desk;
  for (std::string_view version : {"v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8"})
    EXPECT_EQ(desk.get("/crm/" + std::string(version) + "/Leads/1").status, 204U) << version;
  auto unknown = [&](std::string_view version) {
    WireAnswer answer = desk.get("/crm/" + std::string(version) + "/Leads/1");
    EXPECT_EQ(answer.status, 400U) << version;
    return answer.body;
  };
  auto supported = [](std::string_view version) {
    return R"({"status":"error","code":"API_NOT_SUPPORTED","message":"api not supported in this version","details":{"supported_version":")" +
           std::string(version) + "\"}}";
  };
  EXPECT_EQ(unknown("v9"), supported("v8"));
  EXPECT_EQ(unknown("v10"), supported("v8"));
  EXPECT_EQ(unknown("v1"), supported("v2"));
  EXPECT_EQ(unknown("v2.2"), supported("v2.1"));
  EXPECT_EQ(unknown("v8.1"), supported("v8"));
  for (std::string_view word : {"v", "v0", "8", "v2.", "v2.12", "V8", "v8x"})
    EXPECT_EQ(desk.get("/crm/" + std::string(word) + "/Leads/1").status, 404U) << word;
}

TEST(CrmApi, UnderMaintenanceNothingIsAnswered) {
  Desk desk(R"({ "maintenance": true })");
  WireAnswer token = desk.ask_token();
  EXPECT_EQ(token.status, 503U);
  EXPECT_EQ(
      token.body,
      R"({"code":"SERVICE_UNAVAILABLE","details":{},"message":"Service temporarily unavailable","status":"error"})");
  EXPECT_TRUE(desk.crm->change("set", Value::map().set("maintenance", false)));
  EXPECT_EQ(desk.ask_token().status, 200U);
}

TEST(CrmApi, MessagesBeginAsToldTo) {
  auto message = [](std::string_view letters) {
    return Desk(R"({ "message_case": ")" + std::string(letters) + R"(" })").get("/nowhere").body;
  };
  EXPECT_THAT(message("lower"), HasSubstr(R"("message":"please check)"));
  EXPECT_THAT(message("capital"), HasSubstr(R"("message":"Please check)"));
  Desk capital(R"({ "message_case": "capital" })");
  EXPECT_THAT(capital.get("/crm/v8/Leads/x").body, HasSubstr(R"("message":"The id given)"));
  Desk documented;
  EXPECT_THAT(documented.get("/crm/v8/Leads/x").body, HasSubstr(R"("message":"the id given)"));
}

TEST(CrmApi, CookiesAreSetWhereWanted) {
  Desk desk(R"({ "cookies": true })");
  WireAnswer answer = desk.get("/crm/v8/Leads/1");
  EXPECT_THAT(answer.field("Set-Cookie"),
              MatchesRegex("_zcsr_tmp=[0-9a-f]{32};path=/;SameSite=Strict;Secure;priority=high"));
  EXPECT_THAT(answer.head, HasSubstr("Set-Cookie: crmcsr="));
  EXPECT_THAT(Desk().get("/crm/v8/Leads/1").head, Not(HasSubstr("Set-Cookie")));
}

TEST(CrmCredits, AreSpentInAnyTwentyFourHours) {
  Desk desk(R"({ "credits": 4, "credits_header": "always" })");
  desk.refresh();
  auto get = [&] { return desk.get("/crm/v8/Leads/1"); };
  EXPECT_EQ(get().field("X-API-CREDITS-REMAINING"), "3");
  desk.rig.calendar.advance(30min);
  EXPECT_EQ(desk.get("/crm/v8/Leads/deleted").field("X-API-CREDITS-REMAINING"), "1") << "costs two";
  WireAnswer dear = desk.get("/crm/v8/Leads/deleted");
  EXPECT_EQ(dear.status, 429U);
  EXPECT_EQ(
      dear.body,
      R"({"code":"TOO_MANY_REQUESTS","details":{},"message":"too many requests. please try again after some time","status":"error"})");
  EXPECT_EQ(dear.field("Retry-After"), "");
  EXPECT_EQ(get().field("X-API-CREDITS-REMAINING"), "0") << "the refused call cost nothing";
  EXPECT_EQ(get().status, 429U);
  desk.rig.calendar.advance(24h - 30min - 1ns);
  desk.refresh();
  EXPECT_EQ(get().status, 429U);
  desk.rig.calendar.advance(1ns);
  EXPECT_EQ(get().status, 204U) << "the first call is 24 hours old";
  EXPECT_EQ(get().status, 429U);
}

TEST(CrmCredits, CostsByCall) {
  Desk desk(R"({ "credits_header": "always", "credits": 100 })");
  auto remaining = [&](const WireAnswer& answer) { return std::stoi(answer.field("X-API-CREDITS-REMAINING")); };
  int before = remaining(desk.get("/crm/v8/Leads/1"));
  auto cost = [&](const WireAnswer& answer) {
    int now = remaining(answer);
    return std::exchange(before, now) - now;
  };
  auto records = [](int n) {
    std::string all = R"({"data":[{"Last_Name":"x"})";
    for (int i = 1; i < n; ++i) all += R"(,{"Last_Name":"x"})";
    return all + "]}";
  };
  EXPECT_EQ(cost(desk.post("/crm/v8/Leads", records(1))), 1);
  EXPECT_EQ(cost(desk.post("/crm/v8/Leads", records(10))), 1);
  EXPECT_EQ(cost(desk.post("/crm/v8/Leads", records(11))), 2);
  EXPECT_EQ(cost(desk.post("/crm/v8/Leads/upsert", records(21))), 3);
  EXPECT_EQ(cost(desk.ask("PUT", "/crm/v8/Leads", records(20))), 2);
  EXPECT_EQ(cost(desk.post("/crm/v8/Leads", R"({"data":[]})")), 1);
  EXPECT_EQ(cost(desk.post("/crm/v8/Leads/1/actions/convert", R"({"data":[{}]})")), 5);
  EXPECT_EQ(cost(desk.get("/crm/v8/Leads/search?word=xx")), 1);
}

TEST(CrmCredits, TheHeaderComesAfterHalfOfThem) {
  Desk desk(R"({ "credits": 5 })");
  auto field = [&] { return desk.get("/crm/v8/Leads/1").field("X-API-CREDITS-REMAINING"); };
  EXPECT_EQ(field(), "");
  EXPECT_EQ(field(), "");
  EXPECT_EQ(field(), "2");
  Desk even(R"({ "credits": 4 })");
  EXPECT_EQ(even.get("/crm/v8/Leads/1").field("X-API-CREDITS-REMAINING"), "");
  EXPECT_EQ(even.get("/crm/v8/Leads/1").field("X-API-CREDITS-REMAINING"), "2");
  Desk never(R"({ "credits": 1, "credits_header": "never" })");
  EXPECT_EQ(never.get("/crm/v8/Leads/1").field("X-API-CREDITS-REMAINING"), "");
}

TEST(CrmCredits, TheOtherCodeAndRetryAfter) {
  Desk desk(R"({ "credits": 0, "rate_limit_code": "RATE_LIMIT_EXCEEDED", "retry_after": "1500ms" })");
  WireAnswer answer = desk.get("/crm/v8/Leads/1");
  EXPECT_EQ(answer.status, 429U);
  EXPECT_EQ(
      answer.body,
      R"({"code":"RATE_LIMIT_EXCEEDED","details":{},"message":"Too many requests. Please try again later.","status":"error"})");
  EXPECT_EQ(answer.field("Retry-After"), "2");
}

TEST(CrmCredits, TheFieldsOfTheFirstSdks) {
  Desk desk(R"({ "credits": 10, "ratelimit_headers": true })");
  WireAnswer answer = desk.get("/crm/v8/Leads/1");
  EXPECT_EQ(answer.field("X-RATELIMIT-LIMIT"), "10");
  EXPECT_EQ(answer.field("X-RATELIMIT-REMAINING"), "9");
  EXPECT_EQ(answer.field("X-RATELIMIT-DAY-REMAINING"), "9");
  EXPECT_EQ(answer.field("X-RATELIMIT-RESET"), "1401786000000") << "2014-06-03T09:00:00Z";
  EXPECT_EQ(answer.field("X-ACCESSTOKEN-RESET"), "1401703200000") << "2014-06-02T10:00:00Z";
}

TEST(CrmConcurrency, CountsCallsThatAreBeingServed) {
  Desk desk(R"({ "concurrency": 2, "heavy_concurrency": 1, "service_time": "1s" })");
  desk.refresh();
  auto start = [&](std::string_view target) {
    std::unique_ptr<Session> session = desk.open();
    session->next();
    session->on_bytes("GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\nAuthorization: Zoho-oauthtoken " +
                      desk.token + "\r\n\r\n");
    EXPECT_TRUE(std::holds_alternative<Wait>(session->next()));
    return session;
  };
  auto finish = [](Session& session) {
    Action sent = session.next();
    std::string wire(std::get<Send>(sent).bytes);
    session.next();
    return wire.substr(9, 3);
  };
  auto first = start("/crm/v8/Leads/search?word=xx");
  auto second = start("/crm/v8/Leads/search?word=xx");
  EXPECT_EQ(finish(*second), "429") << "one search at a time";
  auto third = start("/crm/v8/Leads/1");
  auto fourth = start("/crm/v8/Leads/1");
  EXPECT_EQ(finish(*fourth), "429") << "two calls at a time";
  EXPECT_EQ(finish(*third), "204");
  EXPECT_EQ(finish(*first), "204");
  auto fifth = start("/crm/v8/Leads/search?word=xx");
  EXPECT_EQ(finish(*fifth), "204");
  auto sixth = start("/crm/v8/Leads/search?word=xx");
  sixth.reset();
  auto seventh = start("/crm/v8/Leads/search?word=xx");
  EXPECT_EQ(finish(*seventh), "204") << "a session that is gone counts no more";
}

TEST(ScriptedAnswer, IsWhatTheScenarioWrote) {
  HttpAnswer answer =
      scripted_answer(*parse_json_value(R"({"status":429,"headers":{"Retry-After":5,"X":"y"},"body":{"code":"A"}})"));
  EXPECT_EQ(answer.status, 429U);
  EXPECT_THAT(answer.fields, ElementsAre(HttpField{"Content-Type", "application/json;charset=UTF-8"},
                                         HttpField{"Retry-After", "5"}, HttpField{"X", "y"}));
  EXPECT_EQ(answer.body, R"({"code":"A"})");
  answer = scripted_answer(*parse_json_value(R"({"status":502,"body":"<html>bad gateway</html>"})"));
  EXPECT_THAT(answer.fields, ElementsAre(HttpField{"Content-Type", "text/html"}));
  EXPECT_EQ(answer.body, "<html>bad gateway</html>");
  answer = scripted_answer(*parse_json_value(R"({"headers":{"content-type":"text/plain"},"body":"x"})"));
  EXPECT_EQ(answer.status, 200U);
  EXPECT_THAT(answer.fields, ElementsAre(HttpField{"content-type", "text/plain"}));
  answer = scripted_answer(*parse_json_value(R"({"status":204})"));
  EXPECT_TRUE(answer.fields.empty());
  EXPECT_EQ(scripted_answer(*parse_json_value(R"({"status":7})")).status, 100U);
}

}  // namespace
}  // namespace mailrig::fakeservers::crm
