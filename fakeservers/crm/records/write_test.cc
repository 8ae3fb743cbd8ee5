#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/crm_desk.h"

namespace mailrig::fakeservers::crm {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

std::string records_in(std::string_view items) { return R"({"data":[)" + std::string(items) + "]}"; }
WireAnswer insert(Desk& desk, std::string_view module, std::string_view items) {
  return desk.post("/crm/v8/" + std::string(module), records_in(items));
}
std::string records(std::size_t n) {
  std::string all = R"({"Last_Name":"N"})";
  for (std::size_t i = 1; i < n; ++i) all += R"(,{"Last_Name":"N"})";
  return all;
}

TEST(CrmInsert, SaysWhatItAdded) {
  Desk desk(R"({ "zone": "-07:00" })");
  WireAnswer answer = desk.post(
      "/crm/v8/Leads", R"({"data":[{"Last_Name":"Daly","Company":"ABC","Email":"p.daly@zylker.com"}],"trigger":[]})");
  EXPECT_EQ(answer.status, 201U);
  EXPECT_THAT(
      answer.body,
      MatchesRegex(
          R"(\{"data":\[\{"code":"SUCCESS","details":\{"Modified_Time":"2014-06-02T02:00:00-07:00","Modified_By":\{"name":"Patricia Boyle","id":"[0-9]{19}"\},"Created_Time":"2014-06-02T02:00:00-07:00","id":"[1-8][0-9]{18}","Created_By":\{"name":"Patricia Boyle","id":"[0-9]{19}"\},"\$approval_state":"approved"\},"message":"record added","status":"success"\}\]\})"));
}

TEST(CrmInsert, IdsAreTheSameForTheSameSeed) {
  Desk a("{}", 5), b("{}", 5);
  std::string first = a.add("Leads", R"({"Last_Name":"x"})");
  EXPECT_EQ(first, b.add("Leads", R"({"Last_Name":"x"})"));
  EXPECT_NE(first, a.add("Leads", R"({"Last_Name":"x"})"));
}

TEST(CrmInsert, MandatoryFieldsByModule) {
  Desk desk;
  auto missing = [&](std::string_view module, std::string_view item) {
    WireAnswer answer = insert(desk, module, item);
    EXPECT_EQ(answer.status, 400U);
    return answer.body;
  };
  auto expected = [](std::string_view field) {
    return R"({"data":[{"code":"MANDATORY_NOT_FOUND","details":{"api_name":")" + std::string(field) +
           R"(","json_path":"$.data[0].)" + std::string(field) +
           R"("},"message":"required field not found","status":"error"}]})";
  };
  EXPECT_EQ(missing("Leads", R"({"Email":"a@b.com"})"), expected("Last_Name"));
  EXPECT_EQ(missing("Leads", R"({"Last_Name":null})"), expected("Last_Name"));
  EXPECT_EQ(missing("Contacts", R"({"Last_Name":""})"), expected("Last_Name"));
  EXPECT_EQ(missing("Accounts", "{}"), expected("Account_Name"));
  EXPECT_EQ(missing("Deals", R"({"Stage":"s"})"), expected("Deal_Name"));
  EXPECT_EQ(missing("Deals", R"({"Deal_Name":"d"})"), expected("Stage"));
  EXPECT_EQ(missing("Tasks", "{}"), expected("Subject"));
  EXPECT_EQ(missing("Calls", "{}"), expected("Subject"));
  EXPECT_EQ(
      missing("Events", R"({"Start_DateTime":"2023-05-20T09:00:00+05:30","End_DateTime":"2023-05-20T09:00:00+05:30"})"),
      expected("Event_Title"));
  EXPECT_EQ(missing("Events", R"({"Event_Title":"e","End_DateTime":"2023-05-20T09:00:00+05:30"})"),
            expected("Start_DateTime"));
  EXPECT_EQ(missing("Events", R"({"Event_Title":"e","Start_DateTime":"2023-05-20T09:00:00+05:30"})"),
            expected("End_DateTime"));
}

TEST(CrmInsert, AScenarioMakesMoreFieldsMandatory) {
  Desk desk(R"({ "mandatory": ["Leads.Company", "Deals.Pipeline"] })");
  EXPECT_THAT(insert(desk, "Leads", R"({"Last_Name":"x"})").body, HasSubstr(R"("api_name":"Company")"));
  EXPECT_EQ(insert(desk, "Leads", R"({"Last_Name":"x","Company":"c"})").status, 201U);
  EXPECT_EQ(insert(desk, "Contacts", R"({"Last_Name":"x"})").status, 201U);
  EXPECT_THAT(insert(desk, "Deals", R"({"Deal_Name":"d","Stage":"s"})").body, HasSubstr(R"("api_name":"Pipeline")"));
}

TEST(CrmInsert, TheStatusLineFollowsFromTheItems) {
  Desk desk;
  std::string ok = R"({"Last_Name":"x"})", bad = R"({"Email":"a@b.com"})";
  EXPECT_EQ(insert(desk, "Leads", ok + "," + ok).status, 201U);
  WireAnswer mixed = insert(desk, "Leads", ok + "," + ok + "," + bad);
  EXPECT_EQ(mixed.status, 207U);
  EXPECT_THAT(mixed.body, AllOf(HasSubstr(R"("json_path":"$.data[2].Last_Name")"), HasSubstr("record added")));
  EXPECT_EQ(insert(desk, "Leads", bad + "," + bad).status, 400U);
  EXPECT_EQ(desk.post("/crm/v2/Leads", records_in(bad)).status, 202U);
  EXPECT_EQ(desk.post("/crm/v2.1/Leads", records_in(bad)).status, 400U);
  Desk other(R"({ "all_failed_status": 202, "mixed_status": 200 })");
  EXPECT_EQ(insert(other, "Leads", bad).status, 202U);
  EXPECT_EQ(insert(other, "Leads", ok + "," + bad).status, 200U);
  Desk strict(R"({ "all_failed_status": 400 })");
  EXPECT_EQ(strict.post("/crm/v2/Leads", records_in(bad)).status, 400U);
}

TEST(CrmInsert, V2SaysNoJsonPath) {
  Desk desk;
  EXPECT_EQ(
      desk.post("/crm/v2/Leads", records_in("{}")).body,
      R"({"data":[{"code":"MANDATORY_NOT_FOUND","details":{"api_name":"Last_Name"},"message":"required field not found","status":"error"}]})");
}

TEST(CrmInsert, AHundredAndNoMore) {
  Desk desk;
  EXPECT_EQ(insert(desk, "Leads", records(100)).status, 201U);
  WireAnswer over = insert(desk, "Leads", records(101));
  EXPECT_EQ(over.status, 400U);
  EXPECT_EQ(
      over.body,
      R"({"code":"INVALID_DATA","details":{"maximum_length":100,"api_name":"data","json_path":"$.data"},"message":"invalid data","status":"error"})");
}

TEST(CrmInsert, BodiesThatAreNone) {
  Desk desk;
  auto body = [&](std::string_view text) {
    WireAnswer answer = desk.post("/crm/v8/Leads", text);
    EXPECT_EQ(answer.status, 400U);
    return answer.body;
  };
  std::string no_object =
      R"({"code":"INVALID_DATA","details":{"expected_data_type":"jsonobject"},"message":"body","status":"error"})";
  EXPECT_EQ(body("oops"), no_object);
  EXPECT_EQ(body("[]"), no_object);
  EXPECT_EQ(body(""), no_object);
  EXPECT_EQ(
      body("{}"),
      R"({"code":"MANDATORY_NOT_FOUND","details":{"api_name":"data","json_path":"$.data"},"message":"required field not found","status":"error"})");
  EXPECT_EQ(
      body(R"({"data":{}})"),
      R"({"code":"INVALID_DATA","details":{"expected_data_type":"jsonarray","api_name":"data","json_path":"$.data"},"message":"invalid data","status":"error"})");
  EXPECT_EQ(
      body(R"({"data":[]})"),
      R"({"code":"INVALID_DATA","details":{"minimum_length":1,"api_name":"data","json_path":"$.data"},"message":"invalid data","status":"error"})");
  EXPECT_EQ(
      body(R"({"data":[7]})"),
      R"({"data":[{"code":"INVALID_DATA","details":{"expected_data_type":"jsonobject","json_path":"$.data[0]"},"message":"invalid data","status":"error"}]})");
}

TEST(CrmInsert, KindsOfFields) {
  Desk desk;
  auto wrong = [&](std::string_view module, std::string_view item, std::string_view field, std::string_view kind) {
    EXPECT_EQ(insert(desk, module, item).body, R"({"data":[{"code":"INVALID_DATA","details":{"expected_data_type":")" +
                                                   std::string(kind) + R"(","api_name":")" + std::string(field) +
                                                   R"(","json_path":"$.data[0].)" + std::string(field) +
                                                   R"("},"message":"invalid data","status":"error"}]})");
  };
  wrong("Leads", R"({"Last_Name":"x","Email":"no address"})", "Email", "email");
  wrong("Leads", R"({"Last_Name":"x","Secondary_Email":"a@b"})", "Secondary_Email", "email");
  wrong("Leads", R"({"Last_Name":7})", "Last_Name", "text");
  wrong("Leads", R"({"Last_Name":"x","Email_Opt_Out":"yes"})", "Email_Opt_Out", "boolean");
  wrong("Tasks", R"({"Subject":"s","Due_Date":"01/12/2026"})", "Due_Date", "date");
  wrong(
      "Events",
      R"({"Event_Title":"e","Start_DateTime":"2023-05-20T09:00:00.000+05:30","End_DateTime":"2023-05-20T09:00:00+05:30"})",
      "Start_DateTime", "datetime");
  wrong("Events",
        R"({"Event_Title":"e","Start_DateTime":"2023-05-20T09:00:00+05:30","End_DateTime":"2023-05-20T09:00:00"})",
        "End_DateTime", "datetime");
  wrong(
      "Events",
      R"({"Event_Title":"e","Start_DateTime":"2023-05-20T09:00:00+05:30","End_DateTime":"2023-05-20T09:00:00Z","Participants":{}})",
      "Participants", "jsonarray");
  wrong("Tasks", R"({"Subject":"s","Who_Id":true})", "Who_Id", "jsonobject");
  EXPECT_EQ(insert(desk, "Leads",
                   R"({"Last_Name":"x","Email":null,"Secondary_Email":"","Phone":null,"Shoe_Size":44,"Tags":["a"]})")
                .status,
            201U);
}

TEST(CrmInsert, LengthsAreCountedInCharacters) {
  Desk desk;
  auto named = [](std::size_t n) {
    std::string name;
    for (std::size_t i = 0; i < n; ++i) name += "\xC3\xA4";
    return R"({"Last_Name":")" + name + "\"}";
  };
  EXPECT_EQ(insert(desk, "Leads", named(80)).status, 201U);
  EXPECT_EQ(
      insert(desk, "Leads", named(81)).body,
      R"({"data":[{"code":"INVALID_DATA","details":{"maximum_length":80,"api_name":"Last_Name","json_path":"$.data[0].Last_Name"},"message":"invalid data","status":"error"}]})");
  Desk other(R"({ "lengths": { "Last_Name": 3, "Contacts.Last_Name": 5, "Shoe": 2 } })");
  EXPECT_EQ(insert(other, "Leads", R"({"Last_Name":"abc"})").status, 201U);
  EXPECT_EQ(insert(other, "Leads", R"({"Last_Name":"abcd"})").status, 400U);
  EXPECT_EQ(insert(other, "Contacts", R"({"Last_Name":"abcde"})").status, 201U);
  EXPECT_EQ(insert(other, "Contacts", R"({"Last_Name":"abcdef"})").status, 400U);
  EXPECT_EQ(insert(other, "Leads", R"({"Last_Name":"abc","Shoe":"123"})").status, 400U);
}

TEST(CrmInsert, ALeadGoesInWhatIdAndAContactInWhoId) {
  Desk desk;
  std::string lead = desk.add("Leads", R"({"Last_Name":"l"})");
  std::string contact = desk.add("Contacts", R"({"Last_Name":"c"})");
  EXPECT_EQ(insert(desk, "Tasks",
                   R"({"Subject":"Call back","What_Id":{"id":")" + lead +
                       R"("},"$se_module":"Leads","Status":"Not Started","Due_Date":"2026-12-01"})")
                .status,
            201U);
  EXPECT_EQ(insert(desk, "Tasks", R"({"Subject":"s","Who_Id":{"id":")" + contact + "\"}}").status, 201U);
  EXPECT_EQ(insert(desk, "Tasks", R"({"Subject":"s","Who_Id":")" + contact + "\"}").status, 201U) << "v2 form";
  std::string wrong_id =
      R"({"data":[{"code":"INVALID_DATA","details":{"api_name":"Who_Id","json_path":"$.data[0].Who_Id"},"message":"the id given seems to be invalid","status":"error"}]})";
  EXPECT_EQ(insert(desk, "Tasks", R"({"Subject":"s","Who_Id":{"id":")" + lead + "\"}}").body, wrong_id);
  EXPECT_EQ(insert(desk, "Tasks", R"({"Subject":"s","Who_Id":{"id":"1"}})").body, wrong_id);
  EXPECT_EQ(
      insert(desk, "Tasks", R"({"Subject":"s","What_Id":{"id":")" + lead + "\"}}").body,
      R"({"data":[{"code":"DEPENDENT_FIELD_MISSING","details":{"dependee":{"api_name":"$se_module","json_path":"$.data[0].$se_module"},"api_name":"What_Id","json_path":"$.data[0].What_Id"},"message":"Dependent field is missing","status":"error"}]})");
  EXPECT_THAT(insert(desk, "Tasks", R"({"Subject":"s","What_Id":{"id":")" + lead + R"("},"$se_module":"Deals"})").body,
              HasSubstr("the id given seems to be invalid"));
  EXPECT_THAT(insert(desk, "Deals", R"({"Deal_Name":"d","Stage":"s","Account_Name":{"id":"1"}})").body,
              HasSubstr("the id given seems to be invalid"));
  EXPECT_EQ(insert(desk, "Deals", R"({"Deal_Name":"d","Stage":"s","Account_Name":{"name":"by name"}})").status, 201U);
}

TEST(CrmInsert, FiftyParticipantsAndNoMore) {
  Desk desk;
  auto event = [](std::size_t n) {
    std::string people = "[";
    for (std::size_t i = 0; i < n; ++i)
      people += (i > 0 ? "," : "") + std::string(R"({"type":"email","Email":"p@z.com"})");
    return R"({"Event_Title":"e","Start_DateTime":"2023-05-20T09:00:00+05:30","End_DateTime":"2023-05-20T10:00:00+05:30","Participants":)" +
           people + "]}";
  };
  EXPECT_EQ(insert(desk, "Events", event(50)).status, 201U);
  EXPECT_EQ(
      insert(desk, "Events", event(51)).body,
      R"({"data":[{"code":"LIMIT_EXCEEDED","details":{"limit":50,"api_name":"Participants","json_path":"$.data[0].Participants"},"message":"limit exceeded","status":"error"}]})");
}

TEST(CrmInsert, TakesNoIdsAndTimesOfItsOwn) {
  Desk desk;
  std::string id = desk.add("Leads", R"({"Last_Name":"x","id":"1","Created_Time":"1999-01-01T00:00:00Z"})");
  EXPECT_NE(id, "1");
  EXPECT_THAT(desk.get("/crm/v8/Leads/" + id + "?fields=Created_Time").body, HasSubstr("2014-06-02"));
}

TEST(CrmUnique, IsOffByDefault) {
  Desk desk;
  std::string item = R"({"Last_Name":"x","Email":"a@b.com"})";
  EXPECT_EQ(insert(desk, "Leads", item + "," + item).status, 201U);
}

TEST(CrmUnique, NamesTheRecordThatIsThere) {
  Desk desk(R"({ "unique": "Leads.Email" })");
  std::string present = desk.add("Leads", R"({"Last_Name":"x","Email":"a@b.com"})");
  EXPECT_THAT(
      insert(desk, "Leads", R"({"Last_Name":"y","Email":"A@B.com"})").body,
      MatchesRegex(
          R"(\{"data":\[\{"code":"DUPLICATE_DATA","details":\{"api_name":"Email","duplicate_record":\{"Owner":\{"name":"Patricia Boyle","id":"[0-9]{19}","zuid":"[0-9]{9}"\},"module":\{"api_name":"Leads","id":"[0-9]{19}"\},"id":")" +
          present + R"("\},"json_path":"\$\.data\[0\]\.Email","id":")" + present +
          R"(","more_records":false\},"message":"duplicate data","status":"error"\}\]\})"));
  EXPECT_EQ(desk.post("/crm/v2/Leads", records_in(R"({"Last_Name":"y","Email":"a@b.com"})")).body,
            R"({"data":[{"code":"DUPLICATE_DATA","details":{"api_name":"Email","id":")" + present +
                R"("},"message":"duplicate data","status":"error"}]})");
  EXPECT_EQ(insert(desk, "Contacts", R"({"Last_Name":"y","Email":"a@b.com"})").status, 201U)
      << "Leads and Contacts are never compared";
  EXPECT_EQ(insert(desk, "Leads", R"({"Last_Name":"y","Secondary_Email":"a@b.com"})").status, 201U);
  EXPECT_EQ(insert(desk, "Leads", R"({"Last_Name":"y"},{"Last_Name":"z","Email":""})").status, 201U);
}

TEST(CrmUnique, HoldsWithinOneCallAndForUpdates) {
  Desk desk(R"({ "unique": ["Leads.Email"], "index_lag": "1h" })");
  WireAnswer two = insert(desk, "Leads", R"({"Last_Name":"x","Email":"a@b.com"},{"Last_Name":"y","Email":"a@b.com"})");
  EXPECT_EQ(two.status, 207U);
  std::string x = Desk::id_of(two);
  std::string z = desk.add("Leads", R"({"Last_Name":"z","Email":"z@b.com"})");
  EXPECT_EQ(desk.ask("PUT", "/crm/v8/Leads/" + x, records_in(R"({"Email":"a@b.com"})")).status, 200U) << "itself";
  WireAnswer taken = desk.ask("PUT", "/crm/v8/Leads/" + z, records_in(R"({"Email":"a@b.com"})"));
  EXPECT_EQ(taken.status, 400U);
  EXPECT_THAT(taken.body, HasSubstr("DUPLICATE_DATA"));
}

TEST(CrmUnique, SeveralFieldsAreToldTogether) {
  Desk desk(R"({ "unique": ["Leads.Email", "Leads.Phone"] })");
  desk.add("Leads", R"({"Last_Name":"x","Email":"a@b.com","Phone":"1"})");
  EXPECT_THAT(
      insert(desk, "Leads", R"({"Last_Name":"y","Email":"a@b.com","Phone":"1"})").body,
      MatchesRegex(
          R"(\{"data":\[\{"code":"MULTIPLE_OR_MULTI_ERRORS","details":\{"errors":\[\{"code":"DUPLICATE_DATA","details":\{"api_name":"Email".*\},\{"code":"DUPLICATE_DATA","details":\{"api_name":"Phone".*\}\]\},"message":"Multiple errors in the request","status":"error"\}\]\})"));
}

TEST(CrmUpsert, InsertsOrUpdates) {
  Desk desk;
  WireAnswer added =
      desk.post("/crm/v8/Leads/upsert",
                R"({"data":[{"Last_Name":"x","Email":"a@b.com"}],"duplicate_check_fields":["Email"],"trigger":[]})");
  EXPECT_EQ(added.status, 200U);
  EXPECT_THAT(
      added.body,
      MatchesRegex(
          R"(\{"data":\[\{"code":"SUCCESS","duplicate_field":null,"action":"insert","details":\{"Modified_Time".*\},"message":"record added","status":"success"\}\]\})"));
  WireAnswer updated = desk.post("/crm/v8/Leads/upsert", R"({"data":[{"Last_Name":"y","Email":"A@b.com"}]})");
  EXPECT_THAT(
      updated.body,
      MatchesRegex(R"(\{"data":\[\{"code":"SUCCESS","duplicate_field":"Email","action":"update","details":\{.*"id":")" +
                   Desk::id_of(added) + R"(".*\},"message":"record updated","status":"success"\}\]\})"));
  EXPECT_EQ(desk.observed("records").find("Leads")->items().size(), 1U);
  EXPECT_THAT(desk.get("/crm/v8/Leads/" + Desk::id_of(added)).body, HasSubstr(R"("Last_Name":"y")"));
  WireAnswer bad = desk.post("/crm/v8/Leads/upsert", R"({"data":[{"Email":"new@b.com"}]})");
  EXPECT_EQ(bad.status, 400U);
  EXPECT_THAT(bad.body, HasSubstr(R"({"code":"MANDATORY_NOT_FOUND","details":)"));
  WireAnswer by_phone = desk.post(
      "/crm/v8/Leads/upsert", R"({"data":[{"Last_Name":"z","Email":"a@b.com"}],"duplicate_check_fields":["Phone"]})");
  EXPECT_THAT(by_phone.body, HasSubstr(R"("action":"insert")"));
}

TEST(CrmUpsert, DefaultFieldsByModule) {
  Desk desk;
  desk.add("Accounts", R"({"Account_Name":"ABC"})");
  desk.add("Deals", R"({"Deal_Name":"D","Stage":"s"})");
  EXPECT_THAT(desk.post("/crm/v8/Accounts/upsert", records_in(R"({"Account_Name":"abc"})")).body,
              HasSubstr(R"("duplicate_field":"Account_Name","action":"update")"));
  EXPECT_THAT(desk.post("/crm/v8/Deals/upsert", records_in(R"({"Deal_Name":"D","Stage":"t"})")).body,
              HasSubstr(R"("duplicate_field":"Deal_Name","action":"update")"));
}

TEST(CrmUpdate, ByPathAndByList) {
  Desk desk;
  std::string a = desk.add("Leads", R"({"Last_Name":"a","Phone":"1"})");
  std::string b = desk.add("Leads", R"({"Last_Name":"b"})");
  desk.rig.calendar.advance(1min);
  WireAnswer one = desk.ask("PUT", "/crm/v8/Leads/" + a, records_in(R"({"Last_Name":"A","Phone":null})"));
  EXPECT_EQ(one.status, 200U);
  EXPECT_THAT(one.body, AllOf(HasSubstr(R"("Modified_Time":"2014-06-02T09:01:00+00:00")"),
                              HasSubstr(R"("Created_Time":"2014-06-02T09:00:00+00:00")"),
                              HasSubstr(R"("message":"record updated")")));
  EXPECT_THAT(desk.get("/crm/v8/Leads/" + a).body,
              AllOf(HasSubstr(R"("Last_Name":"A")"), HasSubstr(R"("Phone":null)")));
  WireAnswer many =
      desk.ask("PUT", "/crm/v8/Leads",
               records_in(R"({"id":")" + a + R"(","Phone":"2"},{"id":"12","Phone":"2"},{"Phone":"3"},{"id":")" + b +
                          R"(","Last_Name":""})"));
  EXPECT_EQ(many.status, 207U);
  EXPECT_THAT(
      many.body,
      HasSubstr(
          R"({"code":"INVALID_DATA","details":{"api_name":"id","json_path":"$.data[1].id"},"message":"the id given seems to be invalid","status":"error"})"));
  EXPECT_THAT(
      many.body,
      HasSubstr(
          R"({"code":"MANDATORY_NOT_FOUND","details":{"api_name":"id","json_path":"$.data[2].id"},"message":"required field not found","status":"error"})"));
  EXPECT_THAT(
      many.body,
      HasSubstr(
          R"({"code":"MANDATORY_NOT_FOUND","details":{"api_name":"Last_Name","json_path":"$.data[3].Last_Name"})"));
  WireAnswer two = desk.ask("PUT", "/crm/v8/Leads/" + a, records_in(R"({"Phone":"3"},{"Phone":"4"})"));
  EXPECT_EQ(two.status, 400U);
  EXPECT_THAT(two.body, HasSubstr(R"("maximum_length":1)"));
  EXPECT_EQ(desk.ask("PUT", "/crm/v8/Leads/12", records_in(R"({"Phone":"3"})")).status, 400U);
}

TEST(CrmUpdate, IfUnmodifiedSince) {
  Desk desk;
  std::string id = desk.add("Leads", R"({"Last_Name":"a","Email":"a@b.com"})");
  auto put = [&](std::string_view since) {
    return desk.ask("PUT", "/crm/v8/Leads/" + id, records_in(R"({"Phone":"3"})"),
                    "If-Unmodified-Since: " + std::string(since) + "\r\n");
  };
  WireAnswer late = put("2014-06-02T08:59:59Z");
  EXPECT_EQ(late.status, 412U);
  EXPECT_THAT(
      late.body,
      MatchesRegex(
          R"(\{"data":\[\{"code":"ALREADY_MODIFIED","message":"record updated time has already passed if-unmodified-since time","status":"error","details":\{"Modified_Time":"2014-06-02T09:00:00\+00:00","Created_Time":"2014-06-02T09:00:00\+00:00","id":")" +
          id +
          R"(","Modified_By":\{"name":"Patricia Boyle","id":"[0-9]{19}"\},"Created_By":\{"name":"Patricia Boyle","id":"[0-9]{19}"\}\}\}\]\})"));
  EXPECT_EQ(put("2014-06-02T09:00:00Z").status, 200U);
  EXPECT_EQ(desk.ask("POST", "/crm/v8/Leads/upsert", records_in(R"({"Email":"a@b.com"})"),
                     "If-Unmodified-Since: 2014-06-02T08:00:00Z\r\n")
                .status,
            412U);
  EXPECT_TRUE(desk.crm->change("set", Value::map().set("precondition_code", "RECORD_MODIFIED")));
  EXPECT_THAT(put("2014-06-02T08:59:59Z").body,
              HasSubstr(R"({"code":"RECORD_MODIFIED","message":"record updated time)"));
}

TEST(CrmDelete, ByListAndByPath) {
  Desk desk;
  std::string a = desk.add("Leads", R"({"Last_Name":"a"})"), b = desk.add("Leads", R"({"Last_Name":"b"})"),
              c = desk.add("Leads", R"({"Last_Name":"c"})");
  WireAnswer mixed = desk.ask("DELETE", "/crm/v8/Leads?ids=" + a + ",12");
  EXPECT_EQ(mixed.status, 207U);
  EXPECT_EQ(
      mixed.body,
      R"({"data":[{"code":"SUCCESS","details":{"id":")" + a +
          R"("},"message":"record deleted","status":"success"},{"code":"INVALID_DATA","details":{"id":"12"},"message":"record not deleted","status":"error"}]})");
  EXPECT_EQ(desk.ask("DELETE", "/crm/v8/Leads/" + b).status, 200U);
  EXPECT_EQ(desk.ask("DELETE", "/crm/v8/Leads/" + b).status, 400U);
  EXPECT_EQ(desk.ask("DELETE", "/crm/v8/Contacts?ids=" + c).status, 400U) << "of another module";
  EXPECT_EQ(desk.get("/crm/v8/Leads/" + a).status, 204U);
  EXPECT_EQ(desk.get("/crm/v8/Leads/" + c).status, 200U);
  WireAnswer nothing = desk.ask("DELETE", "/crm/v8/Leads");
  EXPECT_EQ(nothing.status, 400U);
  EXPECT_EQ(
      nothing.body,
      R"({"code":"REQUIRED_PARAM_MISSING","details":{"param_name":"ids"},"message":"One of the expected parameter is missing","status":"error"})");
  std::string many = "1";
  for (int i = 1; i < 100; ++i) many += ",1";
  EXPECT_THAT(desk.ask("DELETE", "/crm/v8/Leads?ids=" + many).body, HasSubstr("record not deleted"));
  EXPECT_EQ(
      desk.ask("DELETE", "/crm/v8/Leads?ids=" + many + ",1").body,
      R"({"code":"INVALID_DATA","details":{"maximum_length":100,"param_name":"ids"},"message":"invalid data","status":"error"})");
}

TEST(CrmNote, GoesOnItsRecordEitherWay) {
  Desk desk;
  std::string lead = desk.add("Leads", R"({"Last_Name":"l"})");
  EXPECT_EQ(desk.post("/crm/v8/Notes",
                      records_in(R"({"Parent_Id":{"module":{"api_name":"Leads","id":"2423488000000000125"},"id":")" +
                                 lead + R"("},"Note_Title":"t","Note_Content":"c"})"))
                .status,
            201U);
  EXPECT_EQ(desk.post("/crm/v2/Notes",
                      records_in(R"({"Parent_Id":")" + lead + R"(","se_module":"Leads","Note_Content":"c2"})"))
                .status,
            201U);
  EXPECT_EQ(desk.post("/crm/v8/Leads/" + lead + "/Notes", records_in(R"({"Note_Title":"t3"})")).status, 201U);
  Value notes = desk.observed("notes");
  ASSERT_EQ(notes.items().size(), 3U);
  EXPECT_EQ(to_compact_json(notes.items()[0]),
            R"({"module":"Leads","record":")" + lead + R"(","title":"t","content":"c"})");
  EXPECT_EQ(to_compact_json(notes.items()[1]),
            R"({"module":"Leads","record":")" + lead + R"(","title":"","content":"c2"})");
  EXPECT_EQ(to_compact_json(notes.items()[2]),
            R"({"module":"Leads","record":")" + lead + R"(","title":"t3","content":""})");
  EXPECT_EQ(desk.observed("commands").find("note")->integer(), 3);
}

TEST(CrmNote, NeedsATextAndARecord) {
  Desk desk;
  std::string lead = desk.add("Leads", R"({"Last_Name":"l"})");
  EXPECT_EQ(
      desk.post("/crm/v8/Leads/" + lead + "/Notes", records_in("{}")).body,
      R"({"data":[{"code":"EXPECTED_FIELD_MISSING","details":{"expected_fields":[{"api_name":"Note_Content","json_path":"$.data[0].Note_Content"},{"api_name":"Note_Title","json_path":"$.data[0].Note_Title"}]},"message":"should contain either content or title","status":"error"}]})");
  EXPECT_EQ(
      desk.post("/crm/v8/Notes", records_in(R"({"Note_Title":"t"})")).body,
      R"({"data":[{"code":"MANDATORY_NOT_FOUND","details":{"api_name":"Parent_Id","json_path":"$.data[0].Parent_Id"},"message":"required field not found","status":"error"}]})");
  EXPECT_THAT(desk.post("/crm/v8/Notes", records_in(R"({"Note_Title":"t","Parent_Id":{"id":"12"}})")).body,
              HasSubstr("the related id given seems to be invalid"));
  WireAnswer nowhere = desk.post("/crm/v8/Leads/12/Notes", records_in(R"({"Note_Title":"t"})"));
  EXPECT_EQ(nowhere.status, 400U);
  EXPECT_EQ(
      nowhere.body,
      R"({"code":"INVALID_DATA","details":{"resource_path_index":1},"message":"the related id given seems to be invalid","status":"error"})");
}

TEST(CrmNote, HasAtMost65535Characters) {
  Desk desk;
  std::string lead = desk.add("Leads", R"({"Last_Name":"l"})");
  auto note = [](std::size_t n) { return records_in(R"({"Note_Content":")" + std::string(n, 'c') + "\"}"); };
  EXPECT_EQ(desk.post("/crm/v8/Leads/" + lead + "/Notes", note(65'535)).status, 201U);
  EXPECT_EQ(
      desk.post("/crm/v8/Leads/" + lead + "/Notes", note(65'536)).body,
      R"({"data":[{"code":"INVALID_DATA","details":{"maximum_length":65535,"api_name":"Note_Content","json_path":"$.data[0].Note_Content"},"message":"invalid data","status":"error"}]})");
}

TEST(CrmNote, CanBeChangedButNotEmptied) {
  Desk desk;
  std::string lead = desk.add("Leads", R"({"Last_Name":"l"})");
  std::string note = Desk::id_of(desk.post("/crm/v8/Leads/" + lead + "/Notes", records_in(R"({"Note_Content":"c"})")));
  EXPECT_EQ(desk.ask("PUT", "/crm/v8/Notes/" + note, records_in(R"({"Note_Title":"t"})")).status, 200U);
  EXPECT_EQ(desk.ask("PUT", "/crm/v8/Notes/" + note, records_in(R"({"Note_Content":""})")).status, 200U)
      << "the title is left";
  EXPECT_EQ(desk.ask("PUT", "/crm/v8/Notes/" + note, records_in(R"({"Note_Title":null})")).status, 400U);
}

}  // namespace
}  // namespace mailrig::fakeservers::crm
