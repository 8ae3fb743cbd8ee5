#include "client/crm/tasks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

HttpResponse answered(unsigned status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}
const HttpResponse none = answered(204, "");
const HttpResponse done =
    answered(201, R"({"Emails":[{"code":"SUCCESS","details":{},"message":"added","status":"success"}]})");
const HttpResponse forbidden = answered(403, R"({"code":"NO_PERMISSION","message":"permission denied"})");
HttpResponse hit(const std::string& id, const std::string& address) {
  return answered(200, R"({"data":[{"id":")" + id + R"(","Email":")" + address + "\"}]}");
}
HttpResponse error(const std::string& code) {
  return answered(400, R"({"Emails":[{"code":")" + code + R"(","details":{},"message":"m","status":"error"}]})");
}

/// Plays the CRM: the task's next call must be to this target.
void exchange(CrmTask& task, std::string_view target, const HttpResponse& response) {
  std::optional<CrmCall> call = task.next();
  ASSERT_TRUE(call) << target;
  EXPECT_EQ(call->request.target, target);
  task.on_answer(read_answer(response, call->question, {}), response);
}
void expect_over(CrmTask& task) {
  EXPECT_FALSE(task.next());
  EXPECT_FALSE(task.next());
}

constexpr std::string_view contacts_bert = "/crm/v8/Contacts/search?email=bert%40b.test";
constexpr std::string_view leads_bert = "/crm/v8/Leads/search?email=bert%40b.test";
constexpr std::string_view contacts_carl = "/crm/v8/Contacts/search?email=carl%40b.test";
constexpr std::string_view leads_carl = "/crm/v8/Leads/search?email=carl%40b.test";
constexpr std::string_view to_77 = "/crm/v8/Contacts/77/actions/associate_email";
constexpr std::string_view available = "/crm/v8/actions/email_available?orginal_message_id=m1";

struct Association : ::testing::Test {
  AssociateMail task(std::vector<std::string> parties = {"bert@b.test"}) {
    CrmMail mail;
    mail.key = 5;
    mail.message_id = "m1";
    mail.parties = std::move(parties);
    return {std::move(mail), directory};
  }
  static std::vector<std::string> outcomes(const AssociateMail& task) {
    std::vector<std::string> lines;
    for (const AssociationRecord& mark : task.marks()) {
      EXPECT_EQ(mark.message, 5);
      lines.push_back(mark.module + "/" + mark.record + " " + mark.outcome);
    }
    return lines;
  }
  CrmDirectory directory;
};

TEST_F(Association, AContactIsFoundAndWrittenTo) {
  AssociateMail mail = task();
  exchange(mail, contacts_bert, hit("77", "Bert@b.test"));
  exchange(mail, to_77, done);
  expect_over(mail);
  EXPECT_THAT(outcomes(mail), ElementsAre("Contacts/77 associated"));
  EXPECT_TRUE(mail.settled());
  EXPECT_TRUE(is_on_record(mail.marks()[0]));
}

TEST_F(Association, ALeadIsSearchedForWhereNoContactIs) {
  AssociateMail mail = task();
  exchange(mail, contacts_bert, none);
  exchange(mail, leads_bert, hit("9", "bert@b.test"));
  exchange(mail, "/crm/v8/Leads/9/actions/associate_email", done);
  expect_over(mail);
  EXPECT_THAT(outcomes(mail), ElementsAre("Leads/9 associated"));
}

TEST_F(Association, AStrangerCreatesNothing) {
  AssociateMail mail = task();
  exchange(mail, contacts_bert, hit("77", "bert@b.test.other"));  // `equals` finds more than what is equal
  exchange(mail, leads_bert, none);
  expect_over(mail);
  EXPECT_THAT(outcomes(mail), ElementsAre("/ no-record"));
  EXPECT_TRUE(mail.settled());
  EXPECT_FALSE(is_on_record(mail.marks()[0]));
}

TEST_F(Association, WithoutPartiesNothingIsAsked) {
  AssociateMail mail = task({});
  expect_over(mail);
  EXPECT_THAT(outcomes(mail), ElementsAre("/ no-record"));
}

TEST_F(Association, EachPartyHasARecordOfItsOwnAndEachRecordIsWrittenToOnce) {
  AssociateMail mail = task({"bert@b.test", "carl@b.test", "bert2@b.test"});
  exchange(mail, contacts_bert, hit("77", "bert@b.test"));
  exchange(mail, contacts_carl, none);
  exchange(mail, leads_carl, hit("9", "carl@b.test"));
  exchange(mail, "/crm/v8/Contacts/search?email=bert2%40b.test", hit("77", "bert2@b.test"));
  exchange(mail, to_77, done);
  exchange(mail, "/crm/v8/Leads/9/actions/associate_email", done);
  expect_over(mail);
  EXPECT_THAT(outcomes(mail), ElementsAre("Contacts/77 associated", "Leads/9 associated"));
}

TEST_F(Association, AnAddressIsSearchedForOnce) {
  AssociateMail first = task({"bert@b.test", "carl@b.test"});
  exchange(first, contacts_bert, hit("77", "bert@b.test"));
  exchange(first, contacts_carl, none);
  exchange(first, leads_carl, none);
  AssociateMail second = task({"bert@b.test", "carl@b.test"});
  exchange(second, to_77, done);
  expect_over(second);
}

TEST_F(Association, ADuplicateIsDone) {
  AssociateMail mail = task();
  exchange(mail, contacts_bert, hit("77", "bert@b.test"));
  exchange(mail, to_77, error("DUPLICATE_DATA"));
  expect_over(mail);
  EXPECT_THAT(outcomes(mail), ElementsAre("Contacts/77 already-associated"));
  EXPECT_TRUE(mail.settled());
  EXPECT_TRUE(is_on_record(mail.marks()[0]));
}

TEST_F(Association, WhatWillNeverBeTakenIsSettledAndTold) {
  AssociateMail mail = task();
  exchange(mail, contacts_bert, hit("77", "bert@b.test"));
  exchange(mail, to_77, error("MANDATORY_NOT_FOUND"));
  expect_over(mail);
  EXPECT_THAT(outcomes(mail), ElementsAre("Contacts/77 refused: the CRM answered 400 MANDATORY_NOT_FOUND: m"));
  EXPECT_TRUE(mail.settled());
  EXPECT_EQ(mail.trouble(), "the CRM answered 400 MANDATORY_NOT_FOUND: m");
  EXPECT_FALSE(mail.needs_user());
}

TEST_F(Association, ALostAnswerIsAskedAboutBeforeItIsRepeated) {
  AssociateMail first = task();
  exchange(first, contacts_bert, hit("77", "bert@b.test"));
  ASSERT_TRUE(first.next());
  first.on_lost();
  EXPECT_THAT(first.in_doubt(), ElementsAre(CrmRecord{"Contacts", "77"}));

  AssociateMail stored = task();
  stored.set_in_doubt(first.in_doubt());
  exchange(stored, available, answered(200, R"({"available":true,"record":{"id":"77"}})"));
  expect_over(stored);
  EXPECT_THAT(outcomes(stored), ElementsAre("Contacts/77 associated"));

  AssociateMail lost = task();
  lost.set_in_doubt(first.in_doubt());
  exchange(lost, available, answered(200, R"({"available":false})"));
  exchange(lost, to_77, done);
  expect_over(lost);
  EXPECT_THAT(outcomes(lost), ElementsAre("Contacts/77 associated"));
}

TEST_F(Association, ALostSearchLeavesNoDoubt) {
  AssociateMail mail = task();
  ASSERT_TRUE(mail.next());
  mail.on_lost();
  EXPECT_THAT(mail.in_doubt(), IsEmpty());
}

TEST_F(Association, ALeadThatWasConvertedMeanwhileIsSearchedForAgainOnce) {
  for (const char* code : {"ID_ALREADY_CONVERTED", "ID_ALREADY_DELETED"}) {
    directory.clear();
    AssociateMail mail = task({"carl@b.test", "bert@b.test"});
    exchange(mail, contacts_carl, none);
    exchange(mail, leads_carl, none);
    exchange(mail, contacts_bert, none);
    exchange(mail, leads_bert, hit("9", "bert@b.test"));
    exchange(mail, "/crm/v8/Leads/9/actions/associate_email", error(code));
    exchange(mail, contacts_bert, hit("77", "bert@b.test"));
    exchange(mail, to_77, error(code));
    expect_over(mail);
    EXPECT_THAT(outcomes(mail), ElementsAre("Contacts/77 refused: the CRM answered 400 " + std::string(code) + ": m"));
  }
}

TEST_F(Association, AForbiddenModuleDoesNotHideTheOther) {
  AssociateMail mail = task({"bert@b.test", "carl@b.test"});
  exchange(mail, contacts_bert, forbidden);
  exchange(mail, leads_bert, hit("9", "bert@b.test"));
  exchange(mail, contacts_carl, forbidden);
  exchange(mail, leads_carl, none);
  exchange(mail, "/crm/v8/Leads/9/actions/associate_email", done);
  expect_over(mail);
  EXPECT_THAT(outcomes(mail), ElementsAre("Leads/9 associated"));
  EXPECT_FALSE(mail.settled());  // whether carl is a contact is not known
  EXPECT_TRUE(mail.needs_user());
  EXPECT_THAT(mail.trouble(), HasSubstr("search Contacts"));
  EXPECT_FALSE(directory.records.contains("carl@b.test"));
}

TEST_F(Association, LeadsThatMayNotBeSearchedAreNamed) {
  AssociateMail mail = task();
  exchange(mail, contacts_bert, none);
  exchange(mail, leads_bert, forbidden);
  expect_over(mail);
  EXPECT_THAT(mail.marks(), IsEmpty());
  EXPECT_FALSE(mail.settled());
  EXPECT_THAT(mail.trouble(), HasSubstr("search Leads"));
}

TEST_F(Association, WhatCannotBeDoneNowIsPostponed) {
  AssociateMail mail = task({"bert@b.test", "carl@b.test"});
  exchange(mail, contacts_bert, hit("77", "bert@b.test"));
  exchange(mail, contacts_carl, hit("78", "carl@b.test"));
  exchange(mail, to_77, error("CANNOT_PROCESS"));
  exchange(mail, "/crm/v8/Contacts/78/actions/associate_email", done);
  expect_over(mail);
  EXPECT_THAT(outcomes(mail), ElementsAre("Contacts/78 associated"));
  EXPECT_FALSE(mail.settled());
  EXPECT_FALSE(mail.needs_user());
  AssociateMail searching = task({"dora@b.test"});
  exchange(searching, "/crm/v8/Contacts/search?email=dora%40b.test", error("CANNOT_PROCESS"));
  expect_over(searching);
  EXPECT_FALSE(searching.settled());
}

TEST_F(Association, WhereAssociatingIsForbiddenTheUserIsAsked) {
  AssociateMail mail = task();
  exchange(mail, contacts_bert, hit("77", "bert@b.test"));
  exchange(mail, to_77, forbidden);
  expect_over(mail);
  EXPECT_THAT(mail.marks(), IsEmpty());
  EXPECT_FALSE(mail.settled());
  EXPECT_TRUE(mail.needs_user());
}

TEST_F(Association, AnAddressThatTheCrmCannotSearchForIsNobodys) {
  AssociateMail mail = task();
  exchange(mail, contacts_bert, answered(400, R"({"code":"INVALID_QUERY","message":"Invalid query formed"})"));
  exchange(mail, leads_bert, answered(400, R"({"code":"INVALID_QUERY","message":"Invalid query formed"})"));
  expect_over(mail);
  EXPECT_THAT(outcomes(mail), ElementsAre("/ no-record"));
}

TEST_F(Association, ASearchThatFailedIsLeftForLaterAndOtherPartiesGoOn) {
  AssociateMail mail = task({"bert@b.test", "carl@b.test"});
  exchange(mail, contacts_bert, answered(500, "<html>"));
  exchange(mail, contacts_carl, hit("9", "carl@b.test"));
  exchange(mail, "/crm/v8/Contacts/9/actions/associate_email", done);
  expect_over(mail);
  EXPECT_THAT(outcomes(mail), ElementsAre("Contacts/9 associated"));
  EXPECT_FALSE(mail.settled());
  EXPECT_TRUE(mail.failed());
  EXPECT_THAT(mail.trouble(), HasSubstr("500"));

  AssociateMail other = task();  // the address is not searched for again in this round
  expect_over(other);
  EXPECT_FALSE(other.settled());
  EXPECT_TRUE(other.failed());

  directory.clear();
  AssociateMail later = task({"bert@b.test", "carl@b.test"});
  later.set_done({CrmRecord{"Contacts", "9"}});
  exchange(later, contacts_bert, hit("77", "bert@b.test"));
  exchange(later, contacts_carl, hit("9", "carl@b.test"));
  exchange(later, to_77, done);  // and not written to 9 again
  expect_over(later);
  EXPECT_TRUE(later.settled());
}

TEST_F(Association, NoIdThatIsNoneReachesARequest) {
  AssociateMail mail = task();
  exchange(mail, contacts_bert, hit("1?x=", "bert@b.test"));
  expect_over(mail);
  EXPECT_FALSE(mail.settled());
  EXPECT_THAT(mail.marks(), IsEmpty());
}

TEST_F(Association, AnUnclearAnswerIsAskedAboutBeforeItIsRepeated) {
  for (const HttpResponse& unclear :
       {answered(200, "{}"), answered(201, R"({"Emails":[]})"), answered(204, ""), answered(302, ""),
        answered(500, R"({"code":"INTERNAL_ERROR"})"), answered(400, R"({"code":"UNHEARD_OF"})")}) {
    directory.clear();
    AssociateMail mail = task();
    exchange(mail, contacts_bert, hit("77", "bert@b.test"));
    exchange(mail, to_77, unclear);
    expect_over(mail);
    EXPECT_FALSE(mail.settled()) << unclear.status << unclear.body;
    EXPECT_TRUE(mail.failed());
    EXPECT_THAT(mail.in_doubt(), ElementsAre(CrmRecord{"Contacts", "77"}));
    EXPECT_THAT(mail.marks(), IsEmpty());
  }
}

TEST_F(Association, WhereTheCrmDoesNotTellWhetherItHasItItIsPutThereAgain) {
  for (const HttpResponse& odd : {answered(404, R"({"code":"INVALID_URL_PATTERN"})"), forbidden, none}) {
    directory.clear();
    AssociateMail mail = task();
    mail.set_in_doubt({CrmRecord{"Contacts", "77"}});
    exchange(mail, contacts_bert, hit("77", "bert@b.test"));
    exchange(mail, available, odd);
    exchange(mail, to_77, error("DUPLICATE_DATA"));
    expect_over(mail);
    EXPECT_TRUE(mail.settled());
  }
  directory.clear();
  AssociateMail down = task();
  down.set_in_doubt({CrmRecord{"Contacts", "77"}});
  exchange(down, contacts_bert, hit("77", "bert@b.test"));
  exchange(down, available, answered(503, ""));
  expect_over(down);
  EXPECT_FALSE(down.settled());
  EXPECT_THAT(down.in_doubt(), ElementsAre(CrmRecord{"Contacts", "77"}));
}

// ---- leads, contacts, notes

constexpr std::string_view search_lead = "/crm/v8/Leads/search?email=bert%40b.test";

TEST(AddPerson, IsSearchedForFirst) {
  AddPerson lead({.address = "Bert@b.test", .name = "Bert van Bolt", .company = "Bolt"});
  exchange(lead, search_lead, none);
  std::optional<CrmCall> call = lead.next();
  ASSERT_TRUE(call);
  EXPECT_EQ(call->request.target, "/crm/v8/Leads");
  EXPECT_EQ(
      call->request.body,
      R"({"data":[{"Last_Name":"Bolt","Email":"Bert@b.test","First_Name":"Bert van","Company":"Bolt"}],"trigger":[]})");
  HttpResponse made = answered(201, R"({"data":[{"code":"SUCCESS","details":{"id":"5"},"status":"success"}]})");
  lead.on_answer(read_answer(made, call->question, {}), made);
  expect_over(lead);
  EXPECT_EQ(lead.record(), (CrmRecord{"Leads", "5"}));
  EXPECT_TRUE(lead.made());
}

TEST(AddPerson, WhoIsThereIsNotMadeAgain) {
  AddPerson lead({.address = "bert@b.test"});
  exchange(lead, search_lead, hit("8", "bert@b.test"));
  expect_over(lead);
  EXPECT_EQ(lead.record(), (CrmRecord{"Leads", "8"}));
  EXPECT_FALSE(lead.made());
}

TEST(AddPerson, ADuplicateIsTheOneThatIsThere) {
  AddPerson lead({.address = "bert@b.test"});
  exchange(lead, search_lead, none);
  exchange(lead, "/crm/v8/Leads",
           answered(400, R"({"data":[{"code":"DUPLICATE_DATA","details":{"duplicate_record":{"id":"8"}}}]})"));
  expect_over(lead);
  EXPECT_EQ(lead.record(), (CrmRecord{"Leads", "8"}));
  EXPECT_FALSE(lead.made());
}

TEST(AddPerson, ALostAnswerIsFollowedByASearch) {
  AddPerson lead({.address = "bert@b.test"});
  exchange(lead, search_lead, none);
  ASSERT_TRUE(lead.next());
  lead.on_lost();
  exchange(lead, search_lead, hit("8", "bert@b.test"));
  expect_over(lead);
  EXPECT_EQ(lead.record(), (CrmRecord{"Leads", "8"}));
  AddPerson hopeless({.address = "bert@b.test"});
  ASSERT_TRUE(hopeless.next());
  hopeless.on_failed("cut");
  ASSERT_TRUE(hopeless.next());
  hopeless.on_failed("cut");
  expect_over(hopeless);
  EXPECT_EQ(hopeless.trouble(), "cut");
}

TEST(FindRecord, AContactBeforeALead) {
  FindRecord contact("Bert@b.test");
  exchange(contact, contacts_bert, hit("77", "bert@b.test"));
  expect_over(contact);
  EXPECT_EQ(contact.record(), (CrmRecord{"Contacts", "77"}));
  FindRecord lead("bert@b.test");
  exchange(lead, contacts_bert, none);
  exchange(lead, leads_bert, hit("9", "bert@b.test"));
  expect_over(lead);
  EXPECT_EQ(lead.record(), (CrmRecord{"Leads", "9"}));
  FindRecord unknown("bert@b.test");
  exchange(unknown, contacts_bert, none);
  exchange(unknown, leads_bert, none);
  expect_over(unknown);
  EXPECT_FALSE(unknown.record());
  EXPECT_EQ(unknown.trouble(), "");
  FindRecord down("bert@b.test");
  exchange(down, contacts_bert, answered(500, ""));
  expect_over(down);
  EXPECT_EQ(down.trouble(), "the CRM answered 500 with an empty body");
}

TEST(AddPerson, TheLastNameIsNeverMissing) {
  AddPerson contact({.module = "Contacts", .address = "bert@b.test"});
  exchange(contact, "/crm/v8/Contacts/search?email=bert%40b.test", none);
  EXPECT_EQ(contact.next()->request.body, R"({"data":[{"Last_Name":"bert","Email":"bert@b.test"}],"trigger":[]})");
  AddPerson one({.address = "bert@b.test", .name = std::string(81, 'x')});
  exchange(one, search_lead, none);
  EXPECT_THAT(one.next()->request.body, HasSubstr("\"" + std::string(80, 'x') + "\""));
  EXPECT_THAT(one.next()->request.body, HasSubstr(R"("Company":"-")"));
}

TEST(AddPerson, WithoutALookNobodyIsMade) {
  AddPerson lead({.address = "bert@b.test"});
  exchange(lead, search_lead, forbidden);
  expect_over(lead);
  EXPECT_FALSE(lead.record());
  EXPECT_EQ(lead.trouble(), "the CRM answered 403 NO_PERMISSION: permission denied");
  AddPerson refused({.address = "bert@b.test"});
  exchange(refused, search_lead, none);
  exchange(refused, "/crm/v8/Leads", error("MANDATORY_NOT_FOUND"));
  expect_over(refused);
  EXPECT_FALSE(refused.record());
  EXPECT_THAT(refused.trouble(), HasSubstr("MANDATORY_NOT_FOUND"));
}

const HttpResponse noted = answered(201, R"({"data":[{"code":"SUCCESS","details":{"id":"5"},"status":"success"}]})");

TEST(AddNote, IsAddedOnceEvenAfterALostAnswer) {
  AddNote note({"Leads", "9"}, "t", "c");
  ASSERT_TRUE(note.next());
  note.on_lost();
  exchange(note, "/crm/v8/Leads/9/Notes?fields=Note_Title,Note_Content&per_page=200",
           answered(200, R"({"data":[{"Note_Title":"t","Note_Content":"c"}]})"));
  expect_over(note);
  EXPECT_TRUE(note.added());
  AddNote again({"Leads", "9"}, "t", "c");
  ASSERT_TRUE(again.next());
  again.on_lost();
  exchange(again, "/crm/v8/Leads/9/Notes?fields=Note_Title,Note_Content&per_page=200", none);
  exchange(again, "/crm/v8/Notes", noted);
  expect_over(again);
  EXPECT_TRUE(again.added());
}

TEST(AddNote, ARefusalIsTold) {
  AddNote note({"Leads", "9"}, "t", "c");
  exchange(note, "/crm/v8/Notes", error("INVALID_DATA"));
  expect_over(note);
  EXPECT_FALSE(note.added());
  EXPECT_EQ(note.trouble(), "the CRM answered 400 INVALID_DATA: m");
}

TEST(AddNote, ALongContentIsCutWithAMark) {
  EXPECT_THAT(AddNote({"Leads", "9"}, "t", std::string(65'535, 'x')).next()->request.body,
              HasSubstr(std::string(65'535, 'x') + "\""));
  EXPECT_THAT(AddNote({"Leads", "9"}, "t", std::string(65'536, 'x')).next()->request.body,
              HasSubstr(std::string(65'529, 'x') + " [...]\""));
}

}  // namespace
}  // namespace mailrig::client
