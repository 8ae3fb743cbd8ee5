// Each of the ways in which a CRM misbehaves, on the wire, and the requests that expectations see.
#include "fakeservers/crm/misbehaviours.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/crm_desk.h"

namespace mailrig::fakeservers::crm {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view bolt = R"({"Contacts":[{"id":"7","Last_Name":"Bolt","Email":"bert@b.test"}]})";
constexpr std::string_view associate = "/crm/v8/Contacts/7/actions/associate_email";
constexpr std::string_view search = "/crm/v8/Contacts/search?email=bert@b.test";
constexpr std::string_view email =
    R"({"Emails":[{"from":{"email":"bert@b.test"},"to":[{"email":"anna@a.test"}],"subject":"s","content":"c",)"
    R"("date_time":"2014-06-02T08:00:00+00:00","sent":false,"original_message_id":"q1"}]})";

/// A CRM with one contact that misbehaves so at the first call of `on`.
Desk with(std::string_view on, std::string_view how) {
  return Desk(R"({"records":)" + std::string(bolt) + R"(,"faults":[{"on":")" + std::string(on) +
              R"(","nth":1,"misbehave":")" + std::string(how) + R"("}]})");
}

std::size_t emails(Desk& desk) { return desk.observed("emails").items().size(); }

TEST(CrmMisbehaviours, EachIsAcceptedAtEachCallThatItNames) {
  for (const Misbehaviour& row : misbehaviours()) {
    std::string_view words = row.on;
    while (!words.empty()) {
      const std::string on(words.substr(0, words.find(' ')));
      words.remove_prefix(std::min(words.size(), on.size() + 1));
      EXPECT_EQ(with(on, row.name).refusal, "") << row.name;
    }
  }
}

TEST(CrmMisbehaviours, WhatIsAnsweredInPlaceOfACallIsNotCarriedOut) {
  const std::pair<const char*, unsigned> rows[] = {{"empty-success", 200},
                                                   {"empty-success/list", 201},
                                                   {"empty-success/no-content", 204},
                                                   {"empty-success/contradiction", 200},
                                                   {"server-error", 500},
                                                   {"gateway-page", 502},
                                                   {"redirect", 302},
                                                   {"too-many-requests", 429},
                                                   {"storage-full", 400},
                                                   {"license-expired", 402},
                                                   {"number-code", 200},
                                                   {"record-locked", 400},
                                                   {"item-refused", 400},
                                                   {"invalid-token", 401}};
  for (const auto& [how, status] : rows) {
    Desk desk = with("associate", how);
    EXPECT_EQ(desk.post(associate, email).status, status) << how;
    EXPECT_EQ(emails(desk), 0U) << how;
    EXPECT_EQ(desk.post(associate, email).status, 201U) << how;
    EXPECT_EQ(emails(desk), 1U) << how;
  }
}

TEST(CrmMisbehaviours, WhatIsCarriedOutHasItsEffect) {
  const std::pair<const char*, unsigned> rows[] = {{"carried-out", 500}, {"carried-out/gateway", 504}};
  for (const auto& [how, status] : rows) {
    Desk desk = with("associate", how);
    EXPECT_EQ(desk.post(associate, email).status, status) << how;
    EXPECT_EQ(emails(desk), 1U) << how;
    EXPECT_THAT(desk.observer.associated, ::testing::ElementsAre("crm 7 q1"));
    EXPECT_THAT(desk.post(associate, email).body, HasSubstr("DUPLICATE_DATA"));
  }
  Desk lost = with("associate", "carried-out/lost");
  EXPECT_EQ(lost.post(associate, email).status, 0U);
  EXPECT_EQ(lost.ending, "reset");
  EXPECT_EQ(emails(lost), 1U);
}

TEST(CrmMisbehaviours, AReplyMaySayThatItIsCarriedOut) {
  Desk desk(R"({"records":)" + std::string(bolt) +
            R"(,"faults":[{"on":"associate","reply":{"status":503,"body":{},"carried_out":true}}]})");
  EXPECT_EQ(desk.post(associate, email).status, 503U);
  EXPECT_EQ(emails(desk), 1U);
  for (const char* wrong : {R"({"carried_out":1})", R"({"carriedout":true})", R"({"status":"500"})"})
    EXPECT_THAT(Desk(R"({"faults":[{"on":"associate","reply":)" + std::string(wrong) + "}]}").refusal,
                StartsWith("faults[0].reply."));
}

TEST(CrmMisbehaviours, LengthsThatAreWrong) {
  Desk right = with("note", "server-error");
  const std::string body = right.get(search).body;
  Desk too_short = with("search", "short-length");
  const WireAnswer half = too_short.get(search);
  EXPECT_EQ(half.field("Content-Length"), std::to_string(body.size() / 2));
  EXPECT_EQ(half.body.size(), body.size());
  Desk too_long = with("search", "long-length");
  EXPECT_EQ(too_long.get(search).field("Content-Length"), std::to_string(body.size() + 1));
  EXPECT_EQ(too_long.ending, "");
}

TEST(CrmMisbehaviours, AConnectionThatIsClosedWithoutSayingSo) {
  Desk desk = with("search", "closes-unannounced");
  const WireAnswer answer = desk.get(search);
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.field("Connection"), "");
  EXPECT_EQ(desk.ending, "orderly");
}

TEST(CrmMisbehaviours, OfTokens) {
  EXPECT_EQ(with("token", "token-error-page").ask_token().body, R"({"status":503,"error":"Service Unavailable"})");
  EXPECT_EQ(with("token", "token-throttled").ask_token().status, 429U);
  EXPECT_EQ(with("token", "token-revoked").ask_token().body, R"({"error":"invalid_code"})");
  EXPECT_EQ(with("token", "deep-json").ask_token().body.size(), 4'000'000U);
  EXPECT_EQ(with("token", "login-page").ask_token().field("Content-Type"), "text/html");
}

TEST(CrmRequests, AreSeenWithoutTheirSecrets) {
  Desk desk(R"({"records":)" + std::string(bolt) + "}");
  desk.post(associate, email);
  desk.get(search, "X-Trace: 1\r\n");
  const Value requests = desk.observed("requests");
  ASSERT_EQ(requests.items().size(), 3U);
  const Value& token = requests.items()[0];
  EXPECT_EQ(token.find("call")->text(), "token");
  EXPECT_EQ(token.find("query")->find("refresh_token")->text(), "<refresh_token>");
  EXPECT_EQ(token.find("query")->find("client_id")->text(), "1000.X");
  const Value& write = requests.items()[1];
  EXPECT_EQ(write.find("method")->text(), "POST");
  EXPECT_EQ(write.find("path")->text(), associate);
  EXPECT_EQ(write.find("status")->integer(), 201);
  EXPECT_EQ(write.find("headers")->find("authorization")->text(), "Zoho-oauthtoken <token>");
  EXPECT_EQ(write.find("headers")->find("content-type")->text(), "application/json");
  EXPECT_EQ(write.find("body")->find("Emails")->items()[0].find("subject")->text(), "s");
  const Value& read = requests.items()[2];
  EXPECT_EQ(read.find("query")->find("email")->text(), "bert@b.test");
  EXPECT_EQ(read.find("headers")->find("x-trace")->text(), "1");
  EXPECT_THAT(to_json(requests), Not(HasSubstr(desk.token)));

  const std::string form = "grant_type=refresh_token&refresh_token=1000.x.y&client_id=1000.X&client_secret=z";
  desk.talk("POST /oauth/v2/token HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(form.size()) + "\r\n\r\n" +
            form);
  const Value seen = desk.observed("requests");
  const Value& by_form = seen.items().at(3);
  EXPECT_EQ(by_form.find("body")->find("client_secret")->text(), "<client_secret>");
  EXPECT_EQ(by_form.find("body")->find("grant_type")->text(), "refresh_token");
  EXPECT_EQ(by_form.find("query")->entries().size(), 0U);
}

TEST(CrmTokens, OfOneServerAreGoodAtAnother) {
  Desk accounts;
  Desk api(R"({"tokens_of":"accounts","records":)" + std::string(bolt) + "}");
  accounts.refresh();
  api.token = accounts.token;
  EXPECT_EQ(api.get(search).status, 401U);
  ASSERT_TRUE(api.crm->link("tokens_of", *accounts.crm));
  EXPECT_EQ(api.get(search).status, 200U);
  EXPECT_FALSE(api.crm->link("tokens_of", *api.crm));
  EXPECT_EQ(api.crm->link("deliver_to", *accounts.crm).error().reason, "deliver_to");
  EXPECT_FALSE(api.crm->change("set", Value::map().set("tokens_of", "other")));
}

TEST(CrmRecords, ThatAreAddedByAStepAreNotFoundBeforeTheIndexLag) {
  Desk desk(R"({"index_lag":"10m"})");
  ASSERT_TRUE(desk.crm->change("set", Value::map().set("records", *parse_json_value(bolt))));
  EXPECT_EQ(desk.get(search).status, 204U);
  EXPECT_EQ(desk.get("/crm/v8/Contacts/7").status, 200U);
  desk.rig.calendar.advance(10min);
  EXPECT_EQ(desk.get(search).status, 200U);
}

}  // namespace
}  // namespace mailrig::fakeservers::crm
