// What Gmail lists, when, and what becomes of it (docs/providers/gmail.md#queue and #limits,
// docs/decisions/0003-gmail-queue.md).

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/pop3_desk.h"

namespace mailrig::fakeservers {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::Pop3Desk;
using ::testing::StartsWith;

constexpr std::string_view login = "USER anna\r\nPASS s3cret\r\n";
constexpr std::string_view recent_login = "USER recent:anna\r\nPASS s3cret\r\n";
constexpr std::string_view in = "+OK send PASS\r\n+OK Welcome.\r\n";

/// `count` messages of 10 octets, an hour apart, the last of them an hour ago.
std::string gmail(std::size_t count, std::string_view server = "", std::string_view mailbox = "") {
  std::string messages;
  for (std::size_t i = 0; i < count; ++i)
    messages += fmt::format("{}{{\"text\": \"mail {:03}\\r\\n\", \"at\": \"-{}h\"}}", i == 0 ? "" : ",", i, count - i);
  return fmt::format(
      R"({{"personality": "gmail", {}"mailboxes": {{"anna": {{"password": "s3cret", {}"messages": [{}]}}}}}})", server,
      mailbox, messages);
}

/// A session that retrieves all that it is shown, deletes it if told to, and ends with QUIT. How many it was shown.
int fetch(Pop3Desk& desk, bool deletes = false, std::string_view credentials = login) {
  std::unique_ptr<Session> session = desk.open();
  desk.take(*session);
  session->on_bytes(credentials);
  desk.take(*session);
  session->on_bytes("STAT\r\n");
  int count = std::stoi(desk.take(*session).substr(4));
  for (int i = 1; i <= count; ++i) {
    session->on_bytes(fmt::format("RETR {}\r\n", i));
    desk.take(*session);
    if (deletes) session->on_bytes(fmt::format("DELE {}\r\n", i));
    if (deletes) desk.take(*session);
  }
  session->on_bytes("QUIT\r\n");
  desk.take(*session);
  return count;
}

std::string stat(Pop3Desk& desk, std::string_view credentials = login) {
  return desk.talk(std::string(credentials) + "STAT\r\n").substr(in.size());
}

TEST(GmailQueue, AWindowOfTheOldestIsListedUntilAllAreRetrieved) {
  Pop3Desk desk(gmail(7, R"("window": 3, )"));
  EXPECT_EQ(stat(desk), "+OK 3 30\r\n");
  EXPECT_EQ(desk.talk(std::string(login) + "RETR 1\r\nQUIT\r\n"),
            std::string(in) + "+OK message follows\r\nmail 000\r\n.\r\n+OK Farewell.\r\n");
  // The one that was retrieved has left, the next has come in.
  EXPECT_THAT(desk.talk(std::string(login) + "RETR 1\r\nRETR 3\r\n"),
              HasSubstr("mail 001\r\n.\r\n+OK message follows\r\nmail 003"));
  EXPECT_EQ(fetch(desk), 3);
  EXPECT_EQ(fetch(desk), 3);
  EXPECT_EQ(fetch(desk), 0);
  EXPECT_EQ(desk.count("anna", "popped"), 7);
  EXPECT_EQ(desk.count("anna", "kept"), 7);
  EXPECT_EQ(desk.count("anna", "listed"), 0);
}

TEST(GmailQueue, TheDefaultWindowIs250) {
  Pop3Desk desk(gmail(251));
  EXPECT_EQ(stat(desk), "+OK 250 2500\r\n");
}

TEST(GmailQueue, AWindowCountsConversations) {
  Pop3Desk desk(gmail(10, R"("window": 2, "conversation_size": 3, )"));
  EXPECT_EQ(stat(desk), "+OK 6 60\r\n");
  EXPECT_EQ(fetch(desk), 6);
  EXPECT_EQ(fetch(desk), 4);
}

TEST(GmailQueue, ConversationsThatAreNamedNeedNotFollowEachOther) {
  Pop3Desk desk(R"({"personality": "gmail", "window": 2, "mailboxes": {"anna": {"password": "s3cret", "messages": [
      {"text": "1", "conversation": "a"}, {"text": "22", "conversation": "b"}, {"text": "333", "conversation": "c"},
      {"text": "4444", "conversation": "a"}, {"text": "55555"}]}}})");
  EXPECT_EQ(desk.talk(std::string(login) + "LIST\r\n"),
            std::string(in) + "+OK message sizes follow\r\n1 1\r\n2 2\r\n3 4\r\n.\r\n");
  EXPECT_EQ(fetch(desk), 3);
  EXPECT_EQ(desk.talk(std::string(login) + "LIST\r\n"),
            std::string(in) + "+OK message sizes follow\r\n1 3\r\n2 5\r\n.\r\n");
}

TEST(GmailQueue, WithoutQuitNothingCountsAsRetrieved) {
  Pop3Desk desk(gmail(3));
  desk.talk(std::string(login) + "RETR 1\r\nRETR 2\r\n");
  EXPECT_EQ(desk.count("anna", "popped"), 0);
  EXPECT_EQ(stat(desk), "+OK 3 30\r\n");
}

TEST(GmailQueue, OrAnswersCountAtOnceAsOthersReport) {
  Pop3Desk desk(gmail(3, R"("commit_popped": "retr", )"));
  desk.talk(std::string(login) + "RETR 1\r\nTOP 2 9\r\n");
  EXPECT_EQ(desk.count("anna", "popped"), 1);
  EXPECT_EQ(stat(desk), "+OK 2 20\r\n");
}

TEST(GmailQueue, TopDoesNotRetrieve) {
  Pop3Desk desk(gmail(2));
  desk.talk(std::string(login) + "TOP 1 9\r\nQUIT\r\n");
  EXPECT_EQ(stat(desk), "+OK 2 20\r\n");
}

TEST(GmailQueue, AtTheCapTheQueueIsListedAgainAndNothingNew) {
  Pop3Desk desk(gmail(10, R"("queue_cap": 4, "window": 3, )"));
  std::string uids = desk.talk(std::string(login) + "UIDL\r\n");
  EXPECT_EQ(fetch(desk), 3);
  EXPECT_EQ(fetch(desk), 1);  // there is room for one
  EXPECT_EQ(desk.count("anna", "popped"), 4);
  EXPECT_EQ(desk.talk(std::string(login) + "LIST\r\n"),
            std::string(in) + "+OK message sizes follow\r\n1 10\r\n2 10\r\n3 10\r\n4 10\r\n.\r\n");
  // The same messages with the unique-ids that they had.
  std::string again = desk.talk(std::string(login) + "UIDL\r\n");
  std::string first_three = uids.substr(in.size(), uids.find(".\r\n", in.size()) - in.size());
  EXPECT_EQ(again.substr(in.size(), first_three.size()), first_three);
  EXPECT_THAT(desk.talk(std::string(login) + "RETR 4\r\n"), HasSubstr("mail 003"));
}

TEST(GmailQueue, DeletingFromTheQueueMakesRoomAndKeepsGmailsCopy) {
  Pop3Desk desk(gmail(10, R"("queue_cap": 4, )"));
  fetch(desk);
  EXPECT_EQ(desk.count("anna", "listed"), 4);
  desk.talk(std::string(login) + "DELE 1\r\nDELE 3\r\nQUIT\r\n");
  EXPECT_EQ(desk.count("anna", "deleted"), 2);
  EXPECT_EQ(desk.count("anna", "kept"), 10);
  // Two places are free: the next two new ones, and no longer the queue.
  EXPECT_THAT(desk.talk(std::string(login) + "LIST\r\nRETR 1\r\n"),
              HasSubstr("1 10\r\n2 10\r\n.\r\n+OK message follows\r\nmail 004"));
  EXPECT_EQ(fetch(desk, true), 2);
  EXPECT_EQ(fetch(desk, true), 2);  // what was deleted in the session that retrieved it takes no place
  EXPECT_EQ(fetch(desk, true), 2);
  EXPECT_EQ(fetch(desk, true), 0);
  EXPECT_EQ(desk.count("anna", "popped"), 10);
  EXPECT_EQ(desk.count("anna", "deleted"), 8);
  EXPECT_EQ(desk.count("anna", "kept"), 10);
}

TEST(GmailQueue, WithoutQuitDeletingMakesNoRoom) {
  Pop3Desk desk(gmail(5, R"("queue_cap": 2, )"));
  fetch(desk);
  desk.talk(std::string(login) + "DELE 1\r\n");
  EXPECT_EQ(desk.count("anna", "deleted"), 0);
  EXPECT_THAT(desk.talk(std::string(login) + "RETR 1\r\n"), HasSubstr("mail 000"));
}

TEST(GmailQueue, UnderTheOtherAssumptionTheCapListsNothing) {
  Pop3Desk desk(gmail(5, R"("queue_cap": 2, "at_cap": "empty", )"));
  EXPECT_EQ(fetch(desk), 2);
  EXPECT_EQ(stat(desk), "+OK 0 0\r\n");
  EXPECT_EQ(desk.talk(std::string(login) + "LIST\r\nUIDL\r\n"),
            std::string(in) + "+OK message sizes follow\r\n.\r\n+OK UIDs follow\r\n.\r\n");
  EXPECT_EQ(stat(desk, recent_login), "+OK 5 50\r\n");
  EXPECT_EQ(desk.changed("set", R"({"pop": "all"})"), "");
  EXPECT_EQ(stat(desk), "+OK 2 20\r\n");
}

TEST(GmailQueue, EnablingPopForAllMailForgetsWhatWasRetrieved) {
  Pop3Desk desk(gmail(3));
  std::string uids = desk.talk(std::string(login) + "UIDL\r\n");
  fetch(desk, true);
  EXPECT_EQ(stat(desk), "+OK 0 0\r\n");
  EXPECT_EQ(desk.changed("set", R"({"pop": "all"})"), "");
  EXPECT_EQ(desk.talk(std::string(login) + "UIDL\r\n"), uids);
  EXPECT_EQ(desk.count("anna", "popped"), 0);
}

TEST(GmailQueue, EnablingPopFromNowOnHidesWhatIsThere) {
  Pop3Desk desk(gmail(3));
  EXPECT_EQ(desk.changed("set", R"({"pop": "from-now-on"})"), "");
  EXPECT_EQ(stat(desk), "+OK 0 0\r\n");
  EXPECT_EQ(desk.changed("deliver", R"({"messages": "new\r\n"})"), "");
  EXPECT_EQ(stat(desk), "+OK 1 5\r\n");
  EXPECT_EQ(stat(desk, recent_login), "+OK 4 35\r\n");
  Pop3Desk from_the_start(gmail(3, "", R"("pop": "from-now-on", )"));
  EXPECT_EQ(stat(from_the_start), "+OK 0 0\r\n");
}

TEST(GmailQueue, DisabledPopIsToldAtStat) {
  Pop3Desk desk(gmail(3, "", R"("pop": "disabled", )"));
  std::string disabled =
      "-ERR [SYS/PERM] Your account is not enabled for POP access. Please visit your Gmail settings page and enable "
      "your account for POP access.\r\n";
  EXPECT_EQ(desk.talk(std::string(login) + "STAT\r\nUIDL\r\nQUIT\r\n"),
            std::string(in) + disabled + disabled + "+OK Farewell.\r\n");
  EXPECT_EQ(desk.changed("set", R"({"disabled_at": "PASS"})"), "");
  EXPECT_EQ(desk.talk(login), "+OK send PASS\r\n" + disabled);
}

TEST(GmailQueue, WhileItIsBeingEnabledOnlyRecentModeWorks) {
  Pop3Desk desk(gmail(3, "", R"("pop": "enabling", )"));
  EXPECT_EQ(desk.talk(login),
            "+OK send PASS\r\n-ERR [SYS/TEMP] We are still working on enabling pop for your account so windowed mode "
            "is not available. Try again later or "
            "consider using POP3 in recent mode.\r\n");
  EXPECT_EQ(stat(desk, recent_login), "+OK 3 30\r\n");
}

TEST(GmailRecent, ListsThirtyDaysRetrievedOrNot) {
  // 720 hours are 30 days: the message of exactly 30 days ago is listed, the one before is not.
  Pop3Desk desk(gmail(721));
  EXPECT_EQ(stat(desk, recent_login), "+OK 720 7200\r\n");
  EXPECT_EQ(fetch(desk), 250);
  EXPECT_EQ(stat(desk, recent_login), "+OK 720 7200\r\n");
  EXPECT_EQ(stat(desk, "USER recent: anna\r\nPASS s3cret\r\n"), "+OK 720 7200\r\n");
  EXPECT_EQ(stat(desk, "USER recent:   anna\r\nPASS s3cret\r\n"), "+OK 720 7200\r\n");
  desk.rig.calendar.advance(24h);
  EXPECT_EQ(stat(desk, recent_login), "+OK 696 6960\r\n");
}

TEST(GmailRecent, RetrievingHidesNothing) {
  Pop3Desk desk(gmail(3));
  EXPECT_EQ(fetch(desk, false, recent_login), 3);
  EXPECT_EQ(desk.count("anna", "popped"), 0);
  EXPECT_EQ(stat(desk), "+OK 3 30\r\n");
  EXPECT_EQ(stat(desk, recent_login), "+OK 3 30\r\n");
}

TEST(GmailRecent, DeletingActsOnTheMessageItself) {
  Pop3Desk desk(gmail(3));
  desk.talk(std::string(recent_login) + "DELE 2\r\n");
  EXPECT_EQ(desk.count("anna", "kept"), 3);
  desk.talk(std::string(recent_login) + "DELE 2\r\nQUIT\r\n");
  EXPECT_EQ(desk.count("anna", "kept"), 2);
  EXPECT_EQ(desk.count("anna", "trashed"), 1);
  EXPECT_EQ(stat(desk), "+OK 2 20\r\n");
  EXPECT_EQ(stat(desk, recent_login), "+OK 2 20\r\n");
}

TEST(GmailRecent, UniqueIdsAreThoseOfNormalMode) {
  Pop3Desk desk(gmail(3));
  std::string normal = desk.talk(std::string(login) + "UIDL\r\n");
  EXPECT_EQ(desk.talk(std::string(recent_login) + "UIDL\r\n"), normal);
  EXPECT_THAT(normal, ::testing::ContainsRegex(
                          "1 GmailId[0-9a-f]{16}\r\n2 GmailId[0-9a-f]{16}\r\n3 GmailId[0-9a-f]{16}\r\n.\r\n"));
}

TEST(GmailRecent, OthersHaveNoRecentMode) {
  Pop3Desk desk(
      R"({"personality": "generic", "mailboxes": {"recent:anna": {"password": "s3cret", "messages": "1"}, "anna": {"password": "other"}}})");
  EXPECT_THAT(desk.talk(recent_login), HasSubstr("maildrop locked and ready"));
}

TEST(GmailSent, MailSentBySmtpIsShownInRecentModeOnly) {
  Pop3Desk desk(R"({"personality": "gmail", "queue_cap": 1, "mailboxes": {"anna": {"password": "s3cret", "messages": [
      {"text": "1", "sent": "smtp"}, {"text": "22", "sent": "web"}]}}})");
  EXPECT_EQ(stat(desk), "+OK 1 2\r\n");  // and takes no place in the queue
  EXPECT_EQ(stat(desk, recent_login), "+OK 2 3\r\n");
  EXPECT_EQ(desk.count("anna", "popped"), 1);
}

TEST(GmailAccess, WhatBecomesOfTheCopyHappensWithRetr) {
  struct Row {
    std::string_view action;
    std::int64_t read, kept, trashed;
  };
  for (const Row& row :
       {Row{"keep", 0, 2, 0}, Row{"mark-read", 1, 2, 0}, Row{"archive", 0, 2, 0}, Row{"trash", 0, 1, 1}}) {
    Pop3Desk desk(gmail(2, fmt::format("\"on_access\": \"{}\", ", row.action)));
    desk.talk(std::string(login) + "RETR 1\r\n");
    EXPECT_EQ(desk.count("anna", "popped"), 0);
    desk.talk(std::string(login) + "RETR 1\r\nDELE 2\r\nQUIT\r\n");
    EXPECT_EQ(desk.count("anna", "read"), row.read) << row.action;
    EXPECT_EQ(desk.count("anna", "kept"), row.kept) << row.action;
    EXPECT_EQ(desk.count("anna", "trashed"), row.trashed) << row.action;
    EXPECT_EQ(desk.see({"mailboxes", "anna", "messages", "0", "archived"}), Value(row.action == "archive"))
        << row.action;
  }
  Pop3Desk own(gmail(2, "", R"("on_access": "mark-read", )"));
  own.talk(std::string(login) + "RETR 1\r\nQUIT\r\n");
  EXPECT_EQ(own.count("anna", "read"), 1);
}

TEST(GmailLocks, CaptchaHoldsUntilALoginInTheWindow) {
  Pop3Desk desk(gmail(1));
  std::string refused =
      "+OK send PASS\r\n-ERR [AUTH] Web login required: http://support.google.com/mail/bin/answer.py?answer=78754\r\n";
  EXPECT_EQ(desk.changed("lock", R"({"mailbox": "anna", "how": "captcha"})"), "");
  EXPECT_EQ(desk.talk(login), refused);
  EXPECT_EQ(desk.talk("USER anna\r\nPASS wrong\r\n"),
            "+OK send PASS\r\n-ERR [AUTH] Username and password not accepted.\r\n");
  EXPECT_EQ(desk.see({"mailboxes", "anna", "locked"}), Value(true));
  EXPECT_EQ(desk.changed("unlock", "{}"), "");
  EXPECT_EQ(desk.see({"mailboxes", "anna", "locked"}), Value(false));
  desk.rig.calendar.advance(1h);  // nobody came in time
  EXPECT_EQ(desk.talk(login), refused);
  EXPECT_EQ(desk.changed("unlock", "{}"), "");
  desk.rig.calendar.advance(1h - 1ns);
  EXPECT_EQ(desk.talk(login), in);
  desk.rig.calendar.advance(24h);
  EXPECT_EQ(desk.talk(login), in);
}

TEST(GmailLocks, OfEachKind) {
  struct Row {
    std::string_view how;
    std::string_view text;
  };
  for (const Row& row :
       {Row{"in-use", "-ERR [IN-USE] Unable to lock maildrop: mailbox is locked by another POP session\r\n"},
        Row{"bandwidth", "-ERR [AUTH] Account exceeded POP command or bandwidth limits\r\n"},
        Row{"temporary", "-ERR [SYS/TEMP] Temporary system problem. Please try again later.\r\n"}}) {
    Pop3Desk desk(gmail(1, "", fmt::format("\"lock\": \"{}\", ", row.how)));
    EXPECT_EQ(desk.talk(login), "+OK send PASS\r\n" + std::string(row.text));
    EXPECT_EQ(desk.changed("unlock", "{}"), "");
    EXPECT_EQ(desk.talk(login), in);
    EXPECT_EQ(desk.changed("lock", fmt::format(R"({{"how": "{}", "for": "1d"}})", row.how)), "");
    desk.rig.calendar.advance(24h - 1ns);
    EXPECT_EQ(desk.talk(login), "+OK send PASS\r\n" + std::string(row.text));
    desk.rig.calendar.advance(1ns);
    EXPECT_EQ(desk.talk(login), in);
  }
  Pop3Desk usual(gmail(1, "", R"("locked": true, )"));
  EXPECT_THAT(usual.talk(login), HasSubstr("Web login required"));
  EXPECT_EQ(usual.changed("set", R"({"locked": false})"), "");
  EXPECT_EQ(usual.talk(login), in);
}

TEST(GmailLimits, BandwidthOfADay) {
  Pop3Desk desk(gmail(5, R"("bandwidth_per_day": 25, )"));
  std::string limit = "-ERR [AUTH] Account exceeded POP command or bandwidth limits\r\n";
  std::string said = desk.talk(std::string(login) + "RETR 1\r\nRETR 2\r\nRETR 3\r\nRETR 4\r\nQUIT\r\n");
  EXPECT_THAT(said, HasSubstr("mail 002\r\n.\r\n" + limit + "+OK Farewell.\r\n"));
  EXPECT_EQ(desk.count("anna", "popped"), 3);
  EXPECT_EQ(desk.talk(login), "+OK send PASS\r\n" + limit);
  desk.rig.calendar.advance(24h - 1ns);
  EXPECT_EQ(desk.talk(login), "+OK send PASS\r\n" + limit);
  desk.rig.calendar.advance(1ns);
  EXPECT_THAT(desk.talk(std::string(login) + "RETR 1\r\n"), HasSubstr("mail 003"));
}

TEST(GmailLimits, TwoStepVerificationWantsAnAppPassword) {
  Pop3Desk desk(gmail(1, "", R"("app_password": "abcd efgh", )"));
  EXPECT_EQ(desk.talk(login),
            "+OK send PASS\r\n-ERR [AUTH] Application-specific password required: "
            "http://support.google.com/accounts/bin/answer.py?answer=185833\r\n");
  EXPECT_EQ(desk.talk("USER anna\r\nPASS abcd efgh\r\n"), in);
  EXPECT_EQ(desk.talk("USER anna\r\nPASS wrong\r\n"),
            "+OK send PASS\r\n-ERR [AUTH] Username and password not accepted.\r\n");
}

TEST(GmailAuth, AWrongTokenIsAnsweredWithJsonFirst) {
  // base64 of user=anna ^A auth=Bearer T ^A ^A with T = wrong and t0ken; the JSON by Python's base64 too.
  Pop3Desk desk(gmail(1, "", R"("oauth_token": "t0ken", )"));
  EXPECT_EQ(
      desk.talk("AUTH XOAUTH2\r\ndXNlcj1hbm5hAWF1dGg9QmVhcmVyIHdyb25nAQE=\r\n\r\nAUTH XOAUTH2 "
                "dXNlcj1hbm5hAWF1dGg9QmVhcmVyIHQwa2VuAQE=\r\n"),
      "+ \r\n+ eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJodHRwczovL21haWwuZ29vZ2xlLmNvbS8ifQ==\r\n"
      "-ERR [AUTH] Username and password not accepted.\r\n+OK Welcome.\r\n");
  EXPECT_EQ(desk.talk("AUTH PLAIN AGFubmEAczNjcmV0\r\n"), "+OK Welcome.\r\n");
}

TEST(GmailClients, AnotherClientTakesFromTheSameQueue) {
  Pop3Desk desk(gmail(5, R"("queue_cap": 4, )"));
  EXPECT_EQ(desk.changed("pop_elsewhere", R"({"messages": 3})"), "");
  EXPECT_EQ(desk.count("anna", "popped"), 3);
  EXPECT_EQ(desk.count("anna", "retrieved"), 0);
  EXPECT_EQ(stat(desk), "+OK 1 10\r\n");
  EXPECT_EQ(desk.changed("pop_elsewhere", R"({"messages": [1], "delete": true})"), "");
  EXPECT_EQ(desk.count("anna", "popped"), 4);
  EXPECT_EQ(desk.count("anna", "deleted"), 1);
}

}  // namespace
}  // namespace mailrig::fakeservers
