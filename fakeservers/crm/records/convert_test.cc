#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/crm_desk.h"

namespace mailrig::fakeservers::crm {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

struct CrmConvert : ::testing::Test {
  CrmConvert() {
    contact = desk.add("Contacts", R"({"Last_Name":"Smith"})");
    lead =
        desk.add("Leads", R"({"Last_Name":"Daly","First_Name":"Paul","Company":"ABC","Email":"p@d.com","Phone":"1"})");
  }
  WireAnswer convert(std::string_view data, std::string_view version = "v8") {
    return desk.post("/crm/" + std::string(version) + "/Leads/" + lead + "/actions/convert",
                     R"({"data":[)" + std::string(data) + "]}");
  }
  Desk desk;
  std::string contact, lead;
};

TEST_F(CrmConvert, MakesContactAccountAndDeal) {
  WireAnswer answer = convert(
      R"({"overwrite":true,"notify_lead_owner":false,"Deals":{"Deal_Name":"test","Closing_Date":"2020-10-20","Stage":"Negotiation/Review","Pipeline":"Standard"}})");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_THAT(
      answer.body,
      MatchesRegex(
          R"(\{"data":\[\{"code":"SUCCESS","details":\{"Contacts":\{"name":"Paul Daly","id":"[0-9]{19}"\},"Deals":\{"name":"test","id":"[0-9]{19}"\},"Accounts":\{"name":"ABC","id":"[0-9]{19}"\}\},"message":"The record has been converted successfully","status":"success"\}\]\})"));
  std::string made = answer.json().find("data")->items()[0].find("details")->find("Contacts")->find("id")->text();
  WireAnswer shown = desk.get("/crm/v8/Contacts/" + made + "?fields=Last_Name,Email,Phone,Company");
  EXPECT_EQ(shown.body, R"({"data":[{"Last_Name":"Daly","Email":"p@d.com","Phone":"1","id":")" + made + R"("}]})");
  EXPECT_THAT(desk.get("/crm/v8/Leads/" + lead).body, HasSubstr(R"("$converted":true)"));
}

TEST_F(CrmConvert, AgainIsAnError) {
  convert("{}");
  WireAnswer again = convert("{}");
  EXPECT_EQ(again.status, 400U);
  EXPECT_EQ(
      again.body,
      R"({"code":"ID_ALREADY_CONVERTED","details":{"resource_path_index":1},"message":"id already converted","status":"error"})");
}

TEST_F(CrmConvert, ContactAlone) {
  lead = desk.add("Leads", R"({"Last_Name":"Solo"})");
  EXPECT_THAT(
      convert("{}").body,
      MatchesRegex(R"(.*"details":\{"Contacts":\{"name":"Solo","id":"[0-9]{19}"\},"Deals":null,"Accounts":null\}.*)"));
}

TEST_F(CrmConvert, IntoRecordsThatAreThere) {
  std::string account = desk.add("Accounts", R"({"Account_Name":"Old"})");
  EXPECT_EQ(convert(R"({"Contacts":{"id":")" + contact + R"("},"Accounts":{"id":")" + account + "\"}}").body,
            R"({"data":[{"code":"SUCCESS","details":{"Contacts":{"name":"Smith","id":")" + contact +
                R"("},"Deals":null,"Accounts":{"name":"Old","id":")" + account +
                R"("}},"message":"The record has been converted successfully","status":"success"}]})");
}

TEST_F(CrmConvert, WhatIsWrongChangesNothing) {
  EXPECT_EQ(
      convert(R"({"Contacts":{"id":"12"}})").body,
      R"({"data":[{"code":"INVALID_DATA","details":{"api_name":"Contacts.id","json_path":"$.data[0].Contacts.id"},"message":"the id given seems to be invalid","status":"error"}]})");
  EXPECT_THAT(convert(R"({"Accounts":{"id":"12"}})").body, HasSubstr("Accounts.id"));
  EXPECT_THAT(convert(R"({"Deals":{"Stage":"Qualification"}})").body,
              HasSubstr(R"("code":"MANDATORY_NOT_FOUND","details":{"api_name":"Deals.Deal_Name")"));
  EXPECT_THAT(convert(R"({"Deals":{"Deal_Name":"d"}})").body, HasSubstr(R"("api_name":"Deals.Stage")"));
  EXPECT_THAT(convert(R"({"Deals":7})").body, HasSubstr(R"("expected_data_type":"jsonobject","api_name":"Deals")"));
  WireAnswer stage = convert(R"({"Deals":{"Deal_Name":"d","Stage":"Nowhere","Pipeline":"Standard"}})");
  EXPECT_EQ(stage.status, 400U);
  EXPECT_THAT(stage.body, HasSubstr(R"("code":"MAPPING_MISMATCH")"));
  EXPECT_THAT(stage.body, HasSubstr("Pipeline doesn't contain the Stage"));
  EXPECT_THAT(desk.get("/crm/v8/Leads/" + lead).body, HasSubstr(R"("$converted":false)"));
  EXPECT_EQ(desk.observed("records").find("Accounts")->items().size(), 0U);
  EXPECT_EQ(convert(R"({"Deals":{"Deal_Name":"d","Stage":"Nowhere"}})").status, 200U)
      << "without a pipeline nothing is compared";
}

TEST_F(CrmConvert, V2AnswersPlainIds) {
  EXPECT_THAT(convert("{}", "v2").body,
              MatchesRegex(R"(\{"data":\[\{"Contacts":"[0-9]{19}","Accounts":"[0-9]{19}","Deals":null\}\]\})"));
}

TEST_F(CrmConvert, OnlyLeadsAreConverted) {
  EXPECT_THAT(desk.post("/crm/v8/Contacts/" + contact + "/actions/convert", R"({"data":[{}]})").body,
              HasSubstr("INVALID_MODULE"));
  lead = "12";
  EXPECT_THAT(convert("{}").body, HasSubstr("the id given seems to be invalid"));
}

TEST_F(CrmConvert, MailMovesToTheContactAndNoMoreGoesOnTheLead) {
  std::string path = "/crm/v8/Leads/" + lead + "/actions/associate_email";
  auto mail = [](std::string_view id) {
    return R"({"Emails":[{"from":{"email":"a@b.com"},"to":[{"email":"c@d.com"}],"subject":"s","content":"c","date_time":"2018-06-12T12:12:12+05:30","sent":true,"original_message_id":")" +
           std::string(id) + "\"}]}";
  };
  desk.post(path, mail("m1"));
  convert(R"({"Contacts":{"id":")" + contact + "\"}}");
  EXPECT_EQ(desk.get("/crm/v8/Leads/" + lead + "/Emails").status, 204U);
  EXPECT_EQ(desk.get("/crm/v8/Contacts/" + contact + "/Emails").status, 200U);
  EXPECT_THAT(desk.post("/crm/v8/Contacts/" + contact + "/actions/associate_email", mail("m1")).body,
              HasSubstr("DUPLICATE_DATA"));
  WireAnswer late = desk.post(path, mail("m2"));
  EXPECT_EQ(late.status, 400U);
  EXPECT_EQ(
      late.body,
      R"({"code":"ID_ALREADY_CONVERTED","details":{"resource_path_index":1},"message":"id already converted","status":"error"})");
}

}  // namespace
}  // namespace mailrig::fakeservers::crm
