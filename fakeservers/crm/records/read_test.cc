#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/crm_desk.h"

namespace mailrig::fakeservers::crm {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

std::string ids_of(const WireAnswer& answer) {
  std::string ids;
  const Value root = answer.json();
  const Value* data = root.find("data");
  if (data == nullptr) return "none";
  for (const Value& row : data->items()) ids += row.find("id")->text() + ' ';
  return ids;
}

TEST(CrmGet, ShowsOwnerFieldsTimesAndUsers) {
  Desk desk(R"({ "zone": "+05:30" })");
  std::string id = desk.add("Contacts", R"({"Last_Name":"Smith","First_Name":"John","Email":"a@b.com"})");
  WireAnswer answer = desk.get("/crm/v8/Contacts/" + id);
  EXPECT_EQ(answer.status, 200U);
  EXPECT_THAT(
      answer.body,
      MatchesRegex(
          R"(\{"data":\[\{"Owner":\{"name":"Patricia Boyle","id":"[0-9]{19}","email":"p\.boyle@zylker\.test"\},"Secondary_Email":null,"Last_Name":"Smith","First_Name":"John","Email":"a@b\.com","Full_Name":"John Smith","Email_Opt_Out":false,"Created_Time":"2014-06-02T14:30:00\+05:30","Modified_Time":"2014-06-02T14:30:00\+05:30","Created_By":\{"name":"Patricia Boyle","id":"[0-9]{19}"\},"Modified_By":\{"name":"Patricia Boyle","id":"[0-9]{19}"\},"id":")" +
          id + R"(","\$editable":true\}\]\})"));
}

TEST(CrmGet, ALeadSaysWhetherItIsConvertedAndFieldsNarrow) {
  Desk desk;
  std::string id = desk.add("Leads", R"({"Last_Name":"Daly","Email_Opt_Out":true})");
  EXPECT_THAT(desk.get("/crm/v8/Leads/" + id).body,
              HasSubstr(R"("id":")" + id + R"(","$converted":false,"$editable":true})"));
  EXPECT_THAT(desk.get("/crm/v8/Leads/" + id).body,
              HasSubstr(R"("Email_Opt_Out":true,"Full_Name":"Daly","Created_Time")"));
  EXPECT_EQ(desk.get("/crm/v8/Leads/" + id + "?fields=Last_Name,Email").body,
            R"({"data":[{"Email":null,"Last_Name":"Daly","id":")" + id + R"("}]})");
}

TEST(CrmGet, UnknownIs204AndMalformed400) {
  Desk desk;
  std::string contact = desk.add("Contacts", R"({"Last_Name":"Smith"})");
  EXPECT_EQ(desk.get("/crm/v8/Leads/" + contact).status, 204U) << "a contact is no lead";
  WireAnswer unknown = desk.get("/crm/v8/Leads/5725767000000524157");
  EXPECT_EQ(unknown.status, 204U);
  EXPECT_EQ(unknown.body, "");
  EXPECT_EQ(unknown.field("Content-Length"), "");
  EXPECT_EQ(unknown.field("Content-Type"), "");
  for (std::string_view id : {"abc", "57257670000005241570", "1.5", "-1"}) {
    WireAnswer malformed = desk.get("/crm/v8/Leads/" + std::string(id));
    EXPECT_EQ(malformed.status, 400U) << id;
    EXPECT_EQ(
        malformed.body,
        R"({"code":"INVALID_DATA","details":{"resource_path_index":1},"message":"the id given seems to be invalid","status":"error"})");
  }
}

TEST(CrmGet, IfModifiedSince) {
  Desk desk;
  std::string id = desk.add("Leads", R"({"Last_Name":"Daly"})");  // at 09:00:00
  EXPECT_EQ(desk.get("/crm/v8/Leads/" + id, "If-Modified-Since: 2014-06-02T09:00:00+00:00\r\n").status, 304U);
  EXPECT_EQ(desk.get("/crm/v8/Leads/" + id, "If-Modified-Since: 2014-06-02T08:59:59+00:00\r\n").status, 200U);
  EXPECT_EQ(desk.get("/crm/v8/Leads/" + id, "If-Modified-Since: yesterday\r\n").status, 200U);
}

struct CrmList : ::testing::Test {
  CrmList() {
    for (int i = 0; i < 5; ++i) {
      ids.push_back(desk.add("Leads", R"({"Last_Name":"L)" + std::to_string(i) + "\"}"));
      desk.rig.calendar.advance(1min);
    }
  }
  Desk desk;
  std::vector<std::string> ids;
};

TEST_F(CrmList, HasPagesWithTokens) {
  WireAnswer first = desk.get("/crm/v8/Leads?fields=Last_Name&per_page=2&sort_order=asc");
  EXPECT_EQ(first.status, 200U);
  EXPECT_THAT(
      first.body,
      MatchesRegex(
          R"(\{"data":\[\{"Last_Name":"L0","id":"[0-9]+"\},\{"Last_Name":"L1","id":"[0-9]+"\}\],"info":\{"call":false,"per_page":2,"next_page_token":"[0-9a-f]{64}","count":2,"sort_by":"id","page":1,"previous_page_token":null,"page_token_expiry":"2014-06-03T09:05:00\+00:00","sort_order":"asc","email":false,"more_records":true\}\})"));
  std::string token = first.json().find("info")->find("next_page_token")->text();
  WireAnswer second = desk.get("/crm/v8/Leads?fields=Last_Name&per_page=2&sort_order=asc&page_token=" + token);
  EXPECT_EQ(ids_of(second), ids[2] + ' ' + ids[3] + ' ');
  token = second.json().find("info")->find("next_page_token")->text();
  WireAnswer third = desk.get("/crm/v8/Leads?fields=Last_Name&per_page=2&sort_order=asc&page_token=" + token);
  EXPECT_EQ(ids_of(third), ids[4] + ' ');
  EXPECT_THAT(
      third.body,
      HasSubstr(
          R"("next_page_token":null,"count":1,"sort_by":"id","page":3,"previous_page_token":null,"page_token_expiry":null,"sort_order":"asc","email":false,"more_records":false)"));
}

TEST_F(CrmList, ByNumberAndInEitherOrder) {
  EXPECT_EQ(ids_of(desk.get("/crm/v8/Leads?fields=id&page=2&per_page=2")), ids[2] + ' ' + ids[1] + ' ')
      << "newest first by default";
  EXPECT_EQ(desk.get("/crm/v8/Leads?fields=id&page=4&per_page=2").status, 204U);
  EXPECT_EQ(ids_of(desk.get("/crm/v8/Leads?fields=id&page=1&per_page=5")),
            ids[4] + ' ' + ids[3] + ' ' + ids[2] + ' ' + ids[1] + ' ' + ids[0] + ' ');
  EXPECT_THAT(desk.get("/crm/v8/Leads?fields=id&page=1&per_page=5").body, HasSubstr(R"("more_records":false)"));
  EXPECT_THAT(desk.get("/crm/v8/Leads?fields=id&page=1&per_page=4").body, HasSubstr(R"("more_records":true)"));
  desk.ask("PUT", "/crm/v8/Leads/" + ids[1], R"({"data":[{"Last_Name":"new"}]})");
  EXPECT_EQ(ids_of(desk.get("/crm/v8/Leads?fields=id&sort_by=Modified_Time&per_page=2")), ids[1] + ' ' + ids[4] + ' ');
  EXPECT_EQ(ids_of(desk.get("/crm/v8/Leads?fields=id&sort_by=Created_Time&sort_order=asc&per_page=2")),
            ids[0] + ' ' + ids[1] + ' ');
}

TEST_F(CrmList, OneCallReadsTwoHundredAtMost) {
  EXPECT_THAT(desk.get("/crm/v8/Leads?fields=id&per_page=201").body, HasSubstr(R"("per_page":200)"));
  EXPECT_THAT(desk.get("/crm/v8/Leads?fields=id&per_page=0").body, HasSubstr(R"("per_page":1,)"));
  EXPECT_THAT(desk.get("/crm/v8/Leads?fields=id&per_page=many").body, HasSubstr(R"("per_page":200)"));
  EXPECT_THAT(desk.get("/crm/v8/Leads?fields=id").body, HasSubstr(R"("per_page":200)"));
}

TEST_F(CrmList, BeyondTwoThousandOnlyByToken) {
  EXPECT_EQ(desk.get("/crm/v8/Leads?fields=id&page=10&per_page=200").status, 204U);
  WireAnswer beyond = desk.get("/crm/v8/Leads?fields=id&page=11&per_page=200");
  EXPECT_EQ(beyond.status, 400U);
  EXPECT_EQ(
      beyond.body,
      R"({"code":"DISCRETE_PAGINATION_LIMIT_EXCEEDED","details":{"limit":2000},"message":"You can only get the first 2000 records without using page_token param","status":"error"})");
}

TEST_F(CrmList, TokensAreBoundToTheirListAndToADay) {
  std::string list = "/crm/v8/Leads?fields=Last_Name&per_page=2";
  std::string token = desk.get(list).json().find("info")->find("next_page_token")->text();
  WireAnswer both = desk.get(list + "&page=2&page_token=" + token);
  EXPECT_EQ(both.status, 400U);
  EXPECT_EQ(
      both.body,
      R"({"code":"AMBIGUITY_DURING_PROCESSING","details":{"ambiguity_due_to":[{"param_name":"page"},{"param_name":"page_token"}]},"message":"Ambiguity while processing","status":"error"})");
  EXPECT_THAT(desk.get("/crm/v8/Leads?fields=Email&per_page=2&page_token=" + token).body,
              HasSubstr(R"("code":"TOKEN_BOUND_DATA_MISMATCH","details":{"param_name":"page_token"})"));
  EXPECT_THAT(desk.get("/crm/v8/Contacts?fields=Last_Name&per_page=2&page_token=" + token).body,
              HasSubstr("TOKEN_BOUND_DATA_MISMATCH"));
  EXPECT_EQ(desk.get(list + "&page_token=" + token).status, 200U);
  desk.rig.calendar.advance(24h - 1ns);
  desk.refresh();
  EXPECT_EQ(desk.get(list + "&page_token=" + token).status, 200U);
  desk.rig.calendar.advance(1ns);
  WireAnswer late = desk.get(list + "&page_token=" + token);
  EXPECT_EQ(late.status, 400U);
  EXPECT_EQ(
      late.body,
      R"({"code":"EXPIRED_VALUE","details":{"param_name":"page_token"},"message":"The token given is expired","status":"error"})");
  EXPECT_EQ(desk.get(list + "&page_token=nonsense").status, 400U);
}

TEST_F(CrmList, NeedsFieldsFromV3On) {
  WireAnswer refused = desk.get("/crm/v3/Leads");
  EXPECT_EQ(refused.status, 400U);
  EXPECT_EQ(
      refused.body,
      R"({"code":"REQUIRED_PARAM_MISSING","details":{"param_name":"fields"},"message":"One of the expected parameter is missing","status":"error"})");
  EXPECT_THAT(desk.get("/crm/v2/Leads?per_page=2").body,
              HasSubstr(R"("info":{"per_page":2,"count":2,"page":1,"more_records":true}})"));
  EXPECT_EQ(desk.get("/crm/v2.1/Leads").status, 200U);
}

TEST_F(CrmList, IfModifiedSinceShowsOnlyWhatIsNewer) {
  EXPECT_EQ(ids_of(desk.get("/crm/v8/Leads?fields=id&sort_order=asc", "If-Modified-Since: 2014-06-02T09:02:00Z\r\n")),
            ids[3] + ' ' + ids[4] + ' ');
  WireAnswer nothing = desk.get("/crm/v8/Leads?fields=id", "If-Modified-Since: 2014-06-02T09:04:00Z\r\n");
  EXPECT_EQ(nothing.status, 304U);
  EXPECT_EQ(nothing.body, "");
}

TEST_F(CrmList, HidesWhatWasConverted) {
  desk.post("/crm/v8/Leads/" + ids[0] + "/actions/convert", R"({"data":[{}]})");
  EXPECT_EQ(ids_of(desk.get("/crm/v8/Leads?fields=id&sort_order=asc")),
            ids[1] + ' ' + ids[2] + ' ' + ids[3] + ' ' + ids[4] + ' ');
  EXPECT_EQ(ids_of(desk.get("/crm/v8/Leads?fields=id&converted=true")), ids[0] + ' ');
  EXPECT_EQ(ids_of(desk.get("/crm/v8/Leads?fields=id&converted=both&per_page=1&sort_order=asc")), ids[0] + ' ');
}

TEST_F(CrmList, EmptyIs204) { EXPECT_EQ(desk.get("/crm/v8/Accounts?fields=id").status, 204U); }

TEST_F(CrmList, DeletedOnesAreListedApart) {
  EXPECT_EQ(desk.get("/crm/v8/Leads/deleted?type=all").status, 204U);
  desk.ask("DELETE", "/crm/v8/Leads?ids=" + ids[0] + "," + ids[2]);
  WireAnswer all = desk.get("/crm/v8/Leads/deleted?type=all");
  EXPECT_THAT(
      all.body,
      MatchesRegex(
          R"(\{"data":\[\{"deleted_by":\{"name":"Patricia Boyle","id":"[0-9]{19}"\},"id":")" + ids[0] +
          R"(","display_name":"L0","type":"recycle","created_by":\{"name":"Patricia Boyle","id":"[0-9]{19}"\},"deleted_time":"2014-06-02T09:05:00\+00:00"\},.*\],"info":\{"per_page":200,"count":2,"page":1,"more_records":false\}\})"));
  EXPECT_EQ(ids_of(desk.get("/crm/v8/Leads/deleted?type=recycle&per_page=1&page=2")), ids[2] + ' ');
  EXPECT_THAT(desk.get("/crm/v8/Leads/deleted?type=all&per_page=1").body, HasSubstr(R"("more_records":true)"));
  EXPECT_EQ(desk.get("/crm/v8/Leads/deleted?type=all&per_page=1&page=3").status, 204U);
  EXPECT_EQ(desk.get("/crm/v8/Leads/deleted?type=permanent").status, 204U);
  EXPECT_EQ(desk.get("/crm/v8/Contacts/deleted?type=all").status, 204U);
  EXPECT_EQ(desk.get("/crm/v8/Leads/deleted?type=all", "If-Modified-Since: 2014-06-02T09:05:00Z\r\n").status, 304U);
  EXPECT_EQ(desk.get("/crm/v8/Leads/deleted?type=all", "If-Modified-Since: 2014-06-02T09:04:59Z\r\n").status, 200U);
}

TEST(CrmRelated, ListsWhatPointsAtTheRecord) {
  Desk desk;
  std::string contact = desk.add("Contacts", R"({"Last_Name":"Smith"})");
  std::string other = desk.add("Contacts", R"({"Last_Name":"Other"})");
  std::string task = desk.add("Tasks", R"({"Subject":"Call back","Who_Id":{"id":")" + contact + "\"}}");
  std::string event = desk.add(
      "Events",
      R"({"Event_Title":"e","Start_DateTime":"2023-05-20T09:00:00+05:30","End_DateTime":"2023-05-20T10:00:00+05:30","What_Id":{"id":")" +
          contact + R"("},"$se_module":"Contacts"})");
  std::string deal = desk.add("Deals", R"({"Deal_Name":"d","Stage":"s","Contact_Name":{"id":")" + contact + "\"}}");
  desk.post("/crm/v8/Contacts/" + contact + "/Notes", R"({"data":[{"Note_Content":"n"}]})");
  auto related = [&](std::string_view list) {
    return desk.get("/crm/v8/Contacts/" + contact + "/" + std::string(list) + "?fields=id");
  };
  EXPECT_EQ(ids_of(related("Tasks")), task + ' ');
  EXPECT_EQ(ids_of(related("Events")), event + ' ');
  EXPECT_EQ(ids_of(related("Deals")), deal + ' ');
  EXPECT_THAT(ids_of(related("Notes")), MatchesRegex("[0-9]{19} "));
  EXPECT_EQ(related("Calls").status, 204U);
  EXPECT_EQ(related("Attachments").status, 204U);
  EXPECT_EQ(desk.get("/crm/v8/Contacts/" + other + "/Tasks?fields=id").status, 204U);
  EXPECT_EQ(desk.get("/crm/v8/Contacts/1/Tasks?fields=id").status, 204U);
  EXPECT_THAT(desk.get("/crm/v8/Contacts/" + contact + "/Tasks").body, HasSubstr("REQUIRED_PARAM_MISSING"));
  WireAnswer wrong = related("Friends");
  EXPECT_EQ(wrong.status, 400U);
  EXPECT_EQ(
      wrong.body,
      R"({"code":"INVALID_DATA","details":{"resource_path_index":2},"message":"The relation name given seems to be invalid","status":"error"})");
}

}  // namespace
}  // namespace mailrig::fakeservers::crm
