#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/crm_desk.h"

namespace mailrig::fakeservers::crm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

/// A sound e-mail, with some of its parts replaced (null takes one away).
std::string mail(std::string_view changes = "{}") {
  Value sound = *parse_json_value(
      R"({"from":{"user_name":"user1","email":"test@zoho.com"},"to":[{"user_name":"user2","email":"test1@zoho.com"}],"subject":"Mail subject","content":"<h3>hi</h3>","mail_format":"html","date_time":"2018-06-12T12:12:12+05:30","sent":true,"original_message_id":"1234534dead-asds3322w243"})");
  return to_compact_json(merged(sound, *parse_json_value(changes)));
}
std::string emails(std::string_view items) { return R"({"Emails":[)" + std::string(items) + "]}"; }

struct CrmMail : ::testing::Test {
  CrmMail() { contact = desk.add("Contacts", R"({"Last_Name":"Smith","Email":"test1@zoho.com"})"); }
  WireAnswer associate(std::string_view body) {
    return desk.post("/crm/v8/Contacts/" + contact + "/actions/associate_email", body);
  }
  /// What is wrong with one item.
  std::string refusal(std::string_view changes) {
    WireAnswer answer = associate(emails(mail(changes)));
    EXPECT_EQ(answer.status, 400U);
    return answer.body;
  }
  static std::string item(std::string_view code, std::string_view details, std::string_view message) {
    return R"({"Emails":[{"code":")" + std::string(code) + R"(","details":{)" + std::string(details) +
           R"(},"message":")" + std::string(message) + R"(","status":"error"}]})";
  }
  static std::string at(std::string_view field) {
    return R"("api_name":")" + std::string(field) + R"(","json_path":"$.Emails[0].)" + std::string(field) + '"';
  }
  Desk desk;
  std::string contact;
};

TEST_F(CrmMail, IsPutOnARecordAndTold) {
  WireAnswer answer = associate(emails(mail()));
  EXPECT_EQ(answer.status, 201U);
  EXPECT_THAT(
      answer.body,
      MatchesRegex(
          R"(\{"Emails":\[\{"code":"SUCCESS","details":\{"message_id":"[0-9a-f]{96}"\},"message":"Your mail has been added successfully","status":"success"\}\]\})"));
  EXPECT_THAT(desk.observer.associated, ElementsAre("crm " + contact + " 1234534dead-asds3322w243"));
  Value seen = desk.observed("emails");
  ASSERT_EQ(seen.items().size(), 1U);
  Value first = seen.items()[0];
  first.set("message_id", "?");
  EXPECT_EQ(
      to_compact_json(first),
      R"({"module":"Contacts","record":")" + contact +
          R"(","message_id":"?","original_message_id":"1234534dead-asds3322w243","subject":"Mail subject","content":"<h3>hi</h3>","date_time":"2018-06-12T12:12:12+05:30","sent":true,"from":"test@zoho.com","to":["test1@zoho.com"],"cc":[],"bcc":[]})");
}

TEST_F(CrmMail, TwiceOnOneRecordIsADuplicateAndOnAnotherNot) {
  EXPECT_EQ(associate(emails(mail())).status, 201U);
  EXPECT_EQ(refusal("{}"), item("DUPLICATE_DATA", at("original_message_id"), "duplicate data"));
  EXPECT_EQ(desk.observer.associated.size(), 1U) << "only what was put there is told";
  std::string lead = desk.add("Leads", R"({"Last_Name":"l"})");
  EXPECT_EQ(desk.post("/crm/v8/Leads/" + lead + "/actions/associate_email", emails(mail())).status, 201U);
  EXPECT_EQ(associate(emails(mail(R"({"original_message_id":"other"})"))).status, 201U);
}

TEST_F(CrmMail, OnePerCall) {
  WireAnswer two = associate(emails(mail() + "," + mail()));
  EXPECT_EQ(two.status, 400U);
  EXPECT_EQ(
      two.body,
      R"({"code":"INVALID_DATA","details":{"maximum_length":1,"api_name":"Emails","json_path":"$.Emails"},"message":"invalid data","status":"error"})");
  EXPECT_EQ(
      associate("{}").body,
      R"({"code":"MANDATORY_NOT_FOUND","details":{"api_name":"Emails","json_path":"$.Emails"},"message":"required field not found","status":"error"})");
  EXPECT_EQ(
      associate(emails("7")).body,
      R"({"Emails":[{"code":"INVALID_DATA","details":{"expected_data_type":"jsonobject","json_path":"$.Emails[0]"},"message":"invalid data","status":"error"}]})");
}

TEST_F(CrmMail, MandatoryFields) {
  for (std::string_view field : {"from", "to", "subject", "content", "date_time", "sent", "original_message_id"})
    EXPECT_EQ(refusal("{\"" + std::string(field) + "\":null}"),
              item("MANDATORY_NOT_FOUND", at(field), "required field not found"))
        << field;
  EXPECT_EQ(associate(emails(mail(R"({"mail_format":null})"))).status, 201U);
}

TEST_F(CrmMail, SubjectsHaveOneTo250Characters) {
  EXPECT_EQ(refusal(R"({"subject":""})"),
            item("INVALID_DATA", R"("minimum_length":1,)" + at("subject"), "invalid data"));
  EXPECT_EQ(refusal(R"({"subject":")" + std::string(251, 's') + "\"}"),
            item("INVALID_DATA", R"("maximum_length":250,)" + at("subject"), "invalid data"));
  EXPECT_EQ(associate(emails(mail(R"({"subject":")" + std::string(250, 's') + "\"}"))).status, 201U);
  EXPECT_EQ(associate(emails(mail(R"({"subject":"s","original_message_id":"2"})"))).status, 201U);
}

TEST_F(CrmMail, KindsOfFields) {
  auto wrong = [&](std::string_view changes, std::string_view field, std::string_view kind) {
    EXPECT_EQ(
        refusal(changes),
        item("INVALID_DATA", R"("expected_data_type":")" + std::string(kind) + R"(",)" + at(field), "invalid data"));
  };
  wrong(R"({"from":"a@b.com"})", "from", "jsonobject");
  wrong(R"({"from":{"email":"nobody"}})", "from.email", "email");
  wrong(R"({"to":{"email":"a@b.com"}})", "to", "jsonarray");
  wrong(R"({"to":[{"email":"a@b.com"},{"user_name":"x"}]})", "to[1].email", "email");
  wrong(R"({"cc":[{"email":"x"}]})", "cc[0].email", "email");
  wrong(R"({"bcc":"x"})", "bcc", "jsonarray");
  wrong(R"({"subject":7})", "subject", "text");
  wrong(R"({"content":[]})", "content", "text");
  wrong(R"({"original_message_id":7})", "original_message_id", "text");
  wrong(R"({"date_time":"2018-06-12T12:12:12.000+05:30"})", "date_time", "datetime");
  wrong(R"({"date_time":7})", "date_time", "datetime");
  wrong(R"({"sent":"true"})", "sent", "boolean");
  EXPECT_EQ(refusal(R"({"to":[]})"), item("INVALID_DATA", R"("minimum_length":1,)" + at("to"), "invalid data"));
  EXPECT_EQ(refusal(R"({"mail_format":"rtf"})"),
            item("INVALID_DATA", R"("supported_values":["html","text"],)" + at("mail_format"), "invalid data"));
  EXPECT_EQ(
      associate(emails(mail(R"({"mail_format":"text","cc":[{"email":"c@d.com"}],"bcc":[],"content":""})"))).status,
      201U);
}

TEST_F(CrmMail, WhatItPointsAtMustBeThere) {
  EXPECT_EQ(refusal(R"({"owner":{"id":"12"}})"), item("INVALID_DATA", at("owner"), "Provide a Proper owner id"));
  EXPECT_EQ(refusal(R"({"attachments":[{"id":"x","name":"f"}]})"),
            item("INVALID_DATA", at("attachments"), "provided file id is improper"));
  EXPECT_EQ(refusal(R"({"linked_record":{"id":"12","module":{"api_name":"Contacts"}}})"),
            item("INVALID_DATA", at("linked_record"), "the parent entity id given seems to be invalid"));
  EXPECT_EQ(refusal(R"({"linked_record":{"id":")" + contact + R"(","module":{"api_name":"Nothing"}}})"),
            item("INVALID_DATA", at("linked_record"), "the api_name given seems to be invalid"));
  std::string user =
      desk.get("/crm/v8/Contacts/" + contact).json().find("data")->items()[0].find("Owner")->find("id")->text();
  EXPECT_EQ(associate(emails(mail(R"({"attachments":[],"owner":{"id":")" + user + R"("},"linked_record":{"id":")" +
                                  contact + R"(","name":"Smith","module":{"api_name":"Contacts","id":"1"}}})")))
                .status,
            201U);
  WireAnswer nowhere = desk.post("/crm/v8/Contacts/5725767000000524157/actions/associate_email", emails(mail()));
  EXPECT_EQ(nowhere.status, 400U);
  EXPECT_EQ(
      nowhere.body,
      R"({"code":"INVALID_DATA","details":{"resource_path_index":1},"message":"the related id given seems to be invalid","status":"error"})");
}

TEST_F(CrmMail, OnlySomeModulesHoldMail) {
  std::string task = desk.add("Tasks", R"({"Subject":"s"})");
  WireAnswer answer = desk.post("/crm/v8/Tasks/" + task + "/actions/associate_email", emails(mail()));
  EXPECT_EQ(answer.status, 400U);
  EXPECT_EQ(answer.body, item("INVALID_MODULE", "", "permission denied to access the api"));
  for (std::string_view module : {"Deals", "Accounts"}) {
    std::string id =
        desk.add(module, module == "Deals" ? R"({"Deal_Name":"d","Stage":"s"})" : R"({"Account_Name":"a"})");
    EXPECT_EQ(
        desk.post("/crm/v8/" + std::string(module) + "/" + id + "/actions/associate_email", emails(mail())).status,
        201U);
  }
}

TEST(CrmAssociate, StatusAndRootKeyAreSettings) {
  Desk desk(R"({ "associate_status": 200, "associate_root": "data", "linked_record_required": true })");
  std::string id = desk.add("Contacts", R"({"Last_Name":"Smith"})");
  std::string path = "/crm/v8/Contacts/" + id + "/actions/associate_email";
  EXPECT_THAT(desk.post(path, emails(mail())).body, HasSubstr(R"("api_name":"data")"));
  WireAnswer missing = desk.post(path, R"({"data":[)" + mail() + "]}");
  EXPECT_EQ(
      missing.body,
      R"({"data":[{"code":"MANDATORY_NOT_FOUND","details":{"api_name":"linked_record","json_path":"$.data[0].linked_record"},"message":"required field not found","status":"error"}]})");
  WireAnswer done = desk.post(path, R"({"data":[)" + mail(R"({"linked_record":{"id":")" + id + "\"}}") + "]}");
  EXPECT_EQ(done.status, 200U);
  EXPECT_THAT(done.body, HasSubstr(R"({"data":[{"code":"SUCCESS")"));
}

TEST_F(CrmMail, ListsTenPerPageNewestFirst) {
  EXPECT_EQ(desk.get("/crm/v8/Contacts/" + contact + "/Emails").status, 204U);
  for (int i = 0; i < 21; ++i) {
    std::string n = std::to_string(10 + i);
    associate(emails(mail(R"({"original_message_id":")" + n + R"(","subject":"s)" + n + R"(","sent":)" +
                          (i % 2 == 0 ? "true" : "false") + R"(,"date_time":"2018-06-)" + (i < 20 ? n : "09") +
                          R"(T12:12:12+00:00"})")));
  }
  auto page = [&](std::string_view more) {
    return desk.get("/crm/v8/Contacts/" + contact + "/Emails" + std::string(more));
  };
  WireAnswer first = page("?type=user_emails");
  EXPECT_EQ(first.status, 200U);
  EXPECT_THAT(
      first.body,
      MatchesRegex(
          R"(\{"Emails":\[\{"cc":null,"has_thread_attachment":false,"summary":null,"owner":\{"name":"Patricia Boyle","id":"[0-9]{19}"\},"read":true,"subject":"s29","message_id":"[0-9a-f]{96}","has_attachment":false,"source":"individual","sent":false,"intent":null,"sentiment_info":null,"linked_record":null,"emotion":null,"from":\{"user_name":"user1","email":"test@zoho\.com"\},"to":\[\{"user_name":"user2","email":"test1@zoho\.com"\}\],"time":"2018-06-29T12:12:12\+00:00","status":\[\{"type":"received"\}\]\},\{.*"subject":"s28".*"status":\[\{"type":"sent"\}\].*\],"info":\{"per_page":10,"next_index":"[0-9a-f]{32}","count":10,"prev_index":"0","more_records":true\}\})"));
  std::string next = first.json().find("info")->find("next_index")->text();
  WireAnswer second = page("?index=" + next);
  EXPECT_EQ(second.json().find("Emails")->items()[0].find("subject")->text(), "s19");
  EXPECT_THAT(second.body, HasSubstr(R"("count":10)"));
  std::string last = second.json().find("info")->find("next_index")->text();
  WireAnswer third = page("?index=" + last);
  EXPECT_THAT(third.body, HasSubstr(R"("info":{"per_page":10,"next_index":null,"count":1,"prev_index":")" + next +
                                    R"(","more_records":false})"));
  EXPECT_EQ(third.json().find("Emails")->items()[0].find("subject")->text(), "s30");
  EXPECT_EQ(page("?type=drafts").status, 204U);
  EXPECT_EQ(page("?index=0").status, 200U);
  EXPECT_EQ(page("?index=nonsense").status, 400U);
}

TEST_F(CrmMail, OlderVersionsHaveAnotherRootKey) {
  associate(emails(mail()));
  for (std::string_view version : {"v2", "v2.1", "v3"})
    EXPECT_THAT(desk.get("/crm/" + std::string(version) + "/Contacts/" + contact + "/Emails").body,
                HasSubstr(R"({"email_related_list":[)"))
        << version;
  EXPECT_THAT(desk.get("/crm/v4/Contacts/" + contact + "/Emails").body, HasSubstr(R"({"Emails":[)"));
}

TEST_F(CrmMail, OneIsReadBackWithItsText) {
  std::string id =
      associate(emails(mail())).json().find("Emails")->items()[0].find("details")->find("message_id")->text();
  WireAnswer answer = desk.get("/crm/v8/Contacts/" + contact + "/Emails/" + id + "?user_id=1");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_THAT(
      answer.body,
      HasSubstr(R"("status":[{"type":"sent"}],"content":"<h3>hi</h3>","mail_format":"html","attachments":[]}]})"));
  EXPECT_EQ(desk.get("/crm/v8/Contacts/" + contact + "/Emails/0000").status, 204U);
}

TEST_F(CrmMail, TasksHaveNoEmails) {
  std::string task = desk.add("Tasks", R"({"Subject":"s"})");
  EXPECT_EQ(
      desk.get("/crm/v8/Tasks/" + task + "/Emails").body,
      R"({"code":"INVALID_DATA","details":{"resource_path_index":2},"message":"The relation name given seems to be invalid","status":"error"})");
}

TEST_F(CrmMail, IsAskedForByMessageId) {
  auto probe = [&](std::string_view query) {
    return desk.get("/crm/v8/actions/email_available?" + std::string(query));
  };
  EXPECT_EQ(probe("orginal_message_id=%3Cm%40x%3E").body, R"({"available":false,"record":null})");
  associate(emails(mail(R"({"original_message_id":"<m@x>","linked_record":{"id":")" + contact + "\"}}")));
  WireAnswer found = probe("orginal_message_id=%3Cm%40x%3E");
  EXPECT_EQ(found.status, 200U);
  EXPECT_THAT(
      found.body,
      MatchesRegex(R"(\{"available":true,"record":\{"module":\{"api_name":"Contacts","id":"[0-9]{19}"\},"id":")" +
                   contact + R"(","linked_record":\{"id":")" + contact + R"("\}\}\})"));
  WireAnswer spelt = probe("original_message_id=x");
  EXPECT_EQ(spelt.status, 400U);
  EXPECT_THAT(spelt.body,
              HasSubstr(R"({"code":"REQUIRED_PARAM_MISSING","details":{"param_name":"orginal_message_id"})"));
}

TEST_F(CrmMail, ContentBeyondTheBoundIsDroppedAndTheRestKept) {
  MailBook book;
  Value given = Value::map().set("content", std::string(MailBook::content_octets_max, 'x')).set("subject", "s");
  EXPECT_EQ(book.add({nullptr, "1", "a", "m1", given, {}}).given.find("content")->text().size(),
            MailBook::content_octets_max);
  const Mail& dropped = book.add({nullptr, "1", "b", "m2", Value::map().set("content", "y").set("subject", "s"), {}});
  EXPECT_TRUE(dropped.given.find("content")->is_null());
  EXPECT_EQ(dropped.given.find("subject")->text(), "s");
  EXPECT_TRUE(book.has("1", "m2"));
  EXPECT_FALSE(book.has("2", "m2"));
}

}  // namespace
}  // namespace mailrig::fakeservers::crm
