#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/crm/records/criteria.h"
#include "fakeservers/testing/crm_desk.h"

namespace mailrig::fakeservers::crm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct CrmSearch : ::testing::Test {
  CrmSearch() {
    lead = desk.add("Leads",
                    R"({"Last_Name":"Daly","Email":"p.daly@zylker.com","Company":"ABC","Phone":"+49 (30) 123-45"})");
    contact =
        desk.add("Contacts",
                 R"({"Last_Name":"Burns,B","First_Name":"Mo","Email":"a+b@c.com","Secondary_Email":"Second@C.com"})");
  }
  std::string names(std::string_view target) {
    WireAnswer answer = desk.get(target);
    if (answer.status != 200) return std::to_string(answer.status);
    std::string found;
    const Value root = answer.json();
    for (const Value& row : root.find("data")->items()) found += row.find("Last_Name")->text() + ' ';
    return found;
  }
  Desk desk;
  std::string lead, contact;
};

TEST_F(CrmSearch, ByAddressInEveryEmailFieldAndLetterCase) {
  EXPECT_EQ(names("/crm/v8/Leads/search?email=p.daly%40zylker.com"), "Daly ");
  EXPECT_EQ(names("/crm/v8/Leads/search?email=P.DALY@ZYLKER.COM"), "Daly ");
  EXPECT_EQ(names("/crm/v8/Contacts/search?email=second%40c.com"), "Burns,B ");
  EXPECT_EQ(names("/crm/v8/Contacts/search?email=a%2Bb%40c.com"), "Burns,B ");
  EXPECT_EQ(names("/crm/v8/Leads/search?email=a%2Bb%40c.com"), "204") << "another module";
  EXPECT_EQ(names("/crm/v8/Leads/search?email=daly%40zylker.com"), "204") << "no part of an address";
  WireAnswer answer = desk.get("/crm/v8/Leads/search?email=p.daly%40zylker.com&fields=Last_Name");
  EXPECT_EQ(answer.body, R"({"data":[{"Last_Name":"Daly","id":")" + lead +
                             R"("}],"info":{"per_page":200,"count":1,"page":1,"more_records":false}})");
}

TEST_F(CrmSearch, AnUnescapedPlusIsABlankAndNoAddress) {
  WireAnswer answer = desk.get("/crm/v8/Contacts/search?email=a+b@c.com");
  EXPECT_EQ(answer.status, 400U);
  EXPECT_EQ(
      answer.body,
      R"({"code":"INVALID_QUERY","details":{"param_name":"email"},"message":"Invalid query formed","status":"error"})");
  for (std::string_view bad : {"", "a", "@c.com", "a@", "a@b", "a@.com", "a@c.", "a@@c.com"})
    EXPECT_EQ(names("/crm/v8/Contacts/search?email=" + std::string(bad)), "400") << bad;
}

TEST_F(CrmSearch, AddressesAreOfPeopleOnly) {
  WireAnswer answer = desk.get("/crm/v8/Deals/search?email=a%40b.com");
  EXPECT_EQ(answer.status, 400U);
  EXPECT_EQ(
      answer.body,
      R"({"code":"FIELD_TYPE_UNAVAILABLE","details":{},"message":"this data type is not found in this module","status":"error"})");
}

TEST_F(CrmSearch, ForNothingIsAnError) {
  WireAnswer answer = desk.get("/crm/v8/Leads/search");
  EXPECT_EQ(answer.status, 400U);
  EXPECT_EQ(
      answer.body,
      R"({"code":"EXPECTED_PARAM_MISSING","details":{"param_names":["criteria","email","phone","word"]},"message":"one of the expected parameter is missing","status":"error"})");
}

TEST_F(CrmSearch, ByPhoneComparesDigits) {
  EXPECT_EQ(names("/crm/v8/Leads/search?phone=%2B493012345"), "Daly ");
  EXPECT_EQ(names("/crm/v8/Leads/search?phone=3012345"), "204");
  EXPECT_EQ(names("/crm/v8/Leads/search?phone=none"), "204");
}

TEST_F(CrmSearch, ByWordsOfTwoLettersAtLeast) {
  EXPECT_EQ(names("/crm/v8/Leads/search?word=aly"), "Daly ");
  EXPECT_EQ(names("/crm/v8/Leads/search?word=AB"), "Daly ");
  EXPECT_EQ(names("/crm/v8/Leads/search?word=xyzzy"), "204");
  WireAnswer answer = desk.get("/crm/v8/Leads/search?word=%C3%A4");
  EXPECT_EQ(answer.status, 400U);
  EXPECT_EQ(
      answer.body,
      R"({"code":"INVALID_DATA","details":{"param_name":"word"},"message":"provide atleast 2 letters for search","status":"error"})");
}

TEST_F(CrmSearch, ByCriteriaWhoseEqualsIsContains) {
  EXPECT_EQ(names(R"(/crm/v8/Contacts/search?criteria=((Last_Name:equals:Burns%5C%2CB)and(First_Name:starts_with:M)))"),
            "Burns,B ");
  EXPECT_EQ(names("/crm/v8/Leads/search?criteria=(Email:equals:zylker)"), "Daly ");
  EXPECT_EQ(names("/crm/v8/Leads/search?criteria=(Last_Name:starts_with:al)"), "204");
  EXPECT_EQ(names("/crm/v8/Leads/search?criteria=((Last_Name:equals:x)or(Company:equals:abc))"), "Daly ");
  EXPECT_EQ(names("/crm/v8/Leads/search?criteria=((Last_Name:equals:x)and(Company:equals:abc))"), "204");
  EXPECT_EQ(names("/crm/v8/Leads/search?criteria=(Last_Name:in:Smith,Daly)"), "Daly ");
  EXPECT_EQ(names("/crm/v8/Leads/search?criteria=(Last_Name:not_equal:Daly)"), "204");
  EXPECT_EQ(names("/crm/v8/Leads/search?criteria=(id:equals:" + lead + ")"), "Daly ");
  EXPECT_EQ(names("/crm/v8/Contacts/search?criteria=(Full_Name:equals:Mo%20Burns)"), "Burns,B ");
}

TEST_F(CrmSearch, CriteriaGoBeforeTheOtherWays) {
  EXPECT_EQ(names("/crm/v8/Leads/search?email=nobody@x.com&criteria=(Last_Name:equals:Daly)"), "Daly ");
}

TEST_F(CrmSearch, WrongCriteriaAreToldByKind) {
  auto body = [&](std::string_view criteria) {
    WireAnswer answer = desk.get("/crm/v8/Leads/search?criteria=" + std::string(criteria));
    EXPECT_EQ(answer.status, 400U);
    return answer.body;
  };
  EXPECT_EQ(
      body("(Email:greater_than:5)"),
      R"({"code":"INVALID_QUERY","details":{"operator":"greater_than","api_name":"Email"},"message":"invalid operator found","status":"error"})");
  EXPECT_EQ(
      body("(Last_Name:equals:a,b)"),
      R"({"code":"INVALID_QUERY","details":{"reason":"special characters are not allowed","api_name":"Last_Name"},"message":"special characters are not allowed","status":"error"})");
  EXPECT_EQ(
      body("(Shoe_Size:equals:4)"),
      R"({"code":"INVALID_QUERY","details":{"reason":"the field is not available for search","api_name":"Shoe_Size"},"message":"the field is not available for search","status":"error"})");
  for (std::string_view bad : {"", "Last_Name:equals:x", "(Last_Name:equals:x", "(Last_Name)",
                               "((Last_Name:equals:x)xor(Company:equals:y))", "(Last_Name:equals:x))", "()"})
    EXPECT_EQ(
        body(bad),
        R"({"code":"INVALID_QUERY","details":{"param_name":"criteria"},"message":"Invalid query formed","status":"error"})")
        << bad;
}

std::string conditions(std::size_t n) {
  std::string text = "(";
  for (std::size_t i = 0; i < n; ++i) text += (i > 0 ? "or" : "") + std::string("(Last_Name:equals:Daly)");
  return text + ")";
}

TEST_F(CrmSearch, FifteenConditionsAndNoMore) {
  EXPECT_EQ(names("/crm/v8/Leads/search?criteria=" + conditions(15)), "Daly ");
  WireAnswer answer = desk.get("/crm/v8/Leads/search?criteria=" + conditions(16));
  EXPECT_EQ(answer.status, 400U);
  EXPECT_EQ(
      answer.body,
      R"({"code":"CRITERIA_LIMIT_EXCEEDED","details":{},"message":"no of criterium that can be given exceed the limit 15","status":"error"})");
}

TEST(CrmSearchLimit, OfConditionsIsASetting) {
  Desk desk(R"({ "criteria_max": 10 })");
  EXPECT_EQ(desk.get("/crm/v8/Leads/search?criteria=" + conditions(10)).status, 204U);
  EXPECT_THAT(desk.get("/crm/v8/Leads/search?criteria=" + conditions(11)).body, HasSubstr("exceed the limit 10"));
}

TEST(CrmSearchLimit, OfRowsIsTwoThousand) {
  Desk desk;
  std::string record = R"({"Last_Name":"N","Email":"n@x.com"})";
  std::string batch = record;
  for (int i = 1; i < 100; ++i) batch += "," + record;
  for (int i = 0; i < 3; ++i) desk.post("/crm/v8/Leads", R"({"data":[)" + batch + "]}");
  WireAnswer first = desk.get("/crm/v8/Leads/search?email=n@x.com&fields=id");
  EXPECT_THAT(first.body, HasSubstr(R"("info":{"per_page":200,"count":200,"page":1,"more_records":true})"));
  WireAnswer second = desk.get("/crm/v8/Leads/search?email=n@x.com&fields=id&page=2");
  EXPECT_THAT(second.body, HasSubstr(R"("info":{"per_page":200,"count":100,"page":2,"more_records":false})"));
  EXPECT_EQ(desk.get("/crm/v8/Leads/search?email=n@x.com&page=3").status, 204U);
  EXPECT_EQ(desk.get("/crm/v8/Leads/search?email=n@x.com&page=10").status, 204U);
  WireAnswer beyond = desk.get("/crm/v8/Leads/search?email=n@x.com&page=11");
  EXPECT_EQ(beyond.status, 400U);
  EXPECT_EQ(
      beyond.body,
      R"({"code":"LIMIT_REACHED","details":{"limit":"2000"},"message":"maximum response iteration limit reached","status":"error"})");
}

TEST(CrmIndex, LagsBehindWrites) {
  Desk desk(R"({ "index_lag": "1m", "records": { "Leads": [ { "Last_Name": "Old", "Email": "old@x.com" } ] } })");
  EXPECT_EQ(desk.get("/crm/v8/Leads/search?email=old@x.com").status, 200U) << "what a scenario has is indexed";
  std::string id = desk.add("Leads", R"({"Last_Name":"New","Email":"new@x.com"})");
  desk.rig.calendar.advance(1min - 1ns);
  EXPECT_EQ(desk.get("/crm/v8/Leads/search?email=new@x.com").status, 204U);
  EXPECT_EQ(desk.get("/crm/v8/Leads/search?word=New").status, 204U);
  EXPECT_EQ(desk.get("/crm/v8/Leads/" + id).status, 200U) << "reading by id does not lag";
  desk.rig.calendar.advance(1ns);
  EXPECT_EQ(desk.get("/crm/v8/Leads/search?email=new@x.com").status, 200U);

  desk.ask("PUT", "/crm/v8/Leads/" + id, R"({"data":[{"Email":"newer@x.com"}]})");
  EXPECT_EQ(desk.get("/crm/v8/Leads/search?email=new@x.com").status, 200U) << "what the index still has";
  EXPECT_EQ(desk.get("/crm/v8/Leads/search?email=newer@x.com").status, 204U);
  desk.rig.calendar.advance(1min);
  EXPECT_EQ(desk.get("/crm/v8/Leads/search?email=new@x.com").status, 204U);
  EXPECT_EQ(desk.get("/crm/v8/Leads/search?email=newer@x.com").status, 200U);
  desk.ask("DELETE", "/crm/v8/Leads/" + id);
  EXPECT_EQ(desk.get("/crm/v8/Leads/search?email=newer@x.com").status, 204U);
}

TEST_F(CrmSearch, HidesConvertedLeads) {
  desk.post("/crm/v8/Leads/" + lead + "/actions/convert", R"({"data":[{}]})");
  EXPECT_EQ(names("/crm/v8/Leads/search?email=p.daly%40zylker.com"), "204");
  EXPECT_EQ(names("/crm/v8/Leads/search?email=p.daly%40zylker.com&converted=true"), "Daly ");
  EXPECT_EQ(names("/crm/v8/Leads/search?email=p.daly%40zylker.com&converted=both"), "Daly ");
  EXPECT_EQ(names("/crm/v8/Contacts/search?email=p.daly%40zylker.com"), "Daly ");
}

TEST(Criteria, EscapesStandForThemselves) {
  Criteria criteria = parse_criteria(R"((A:equals:\(x\)\,\\y:z))");
  EXPECT_EQ(criteria.failure, Criteria::Failure::none);
  EXPECT_THAT(criteria.root.values, ElementsAre(R"((x),\y:z)"));
  EXPECT_THAT(criteria.fields, ElementsAre("A"));
}

TEST(Criteria, JoinFromLeftToRight) {
  auto holds = [](std::string_view text) {
    return parse_criteria(text).root.holds(
        [](std::string_view field) { return std::string(field == "T" ? "yes" : "no"); });
  };
  EXPECT_TRUE(holds("((F:equals:yes)and(F:equals:yes)or(T:equals:yes))"));
  EXPECT_FALSE(holds("((T:equals:yes)or(F:equals:yes)and(F:equals:yes))"));
  EXPECT_TRUE(holds("((T:equals:yes)or((F:equals:yes)and(F:equals:yes)))"));
}

TEST(Criteria, NestsAreBounded) {
  auto nested = [](std::size_t n) { return std::string(n, '(') + "A:equals:x" + std::string(n, ')'); };
  EXPECT_EQ(parse_criteria(nested(32)).failure, Criteria::Failure::none);
  EXPECT_EQ(parse_criteria(nested(33)).failure, Criteria::Failure::form);
}

}  // namespace
}  // namespace mailrig::fakeservers::crm
