#include "scenarios/run/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::scenarios {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Instant start = *parse_instant("2014-06-02T09:00:00Z");

Value session(const char* at, std::initializer_list<const char*> commands, const char* end = "quit") {
  Value list = Value::list();
  for (const char* command : commands) list.push(command);
  return Value::map().set("at", at).set("commands", Value::lazy([list] { return list; })).set("end", end);
}

Value sessions(std::initializer_list<Value> all) { return Value(Value::List(all)); }

TEST(DialogueLines, OneSessionIsItsCommandsAndItsEnd) {
  EXPECT_THAT(dialogue_lines(sessions({session("2014-06-02T09:00:00Z", {"USER anna", "QUIT"})}), start),
              ElementsAre("0s: USER anna | QUIT (quit)"));
}

TEST(DialogueLines, ASessionWithoutACommand) {
  EXPECT_THAT(dialogue_lines(sessions({session("2014-06-02T09:15:00Z", {}, "cut")}), start), ElementsAre("15m: (cut)"));
  EXPECT_THAT(dialogue_lines(sessions({session("2014-06-02T09:15:00Z", {}, "closed")}), start), ElementsAre("15m:"));
  EXPECT_THAT(dialogue_lines(sessions({}), start), IsEmpty());
  EXPECT_THAT(dialogue_lines(Value(), start), IsEmpty());
}

TEST(DialogueLines, ANumberThatCountsUpIsShownAsARange) {
  EXPECT_THAT(
      dialogue_lines(sessions({session("2014-06-02T09:00:00Z", {"RETR 1", "RETR 2", "RETR 3", "RETR 5", "DELE 6",
                                                                "DELE 7", "TOP 3 0", "TOP 4 0", "TOP 5 1", "QUIT"})}),
                     start),
      ElementsAre("0s: RETR 1..3 | RETR 5 | DELE 6..7 | TOP 3..4 0 | TOP 5 1 | QUIT (quit)"));
  // Down, twice the same, another verb, a number that is part of a word: no range.
  EXPECT_THAT(dialogue_lines(sessions({session("2014-06-02T09:00:00Z",
                                               {"RETR 2", "RETR 1", "RETR 1", "DELE 2", "X1", "X2", "Y 1z", "Y 2z"})}),
                             start),
              ElementsAre("0s: RETR 2 | RETR 1 | RETR 1 | DELE 2 | X1 | X2 | Y 1z | Y 2z (quit)"));
}

TEST(DialogueLines, EqualSessionsAtEqualIntervalsAreOneLine) {
  EXPECT_THAT(dialogue_lines(sessions({session("2014-06-02T09:00:00Z", {"A"}), session("2014-06-02T09:15:00Z", {"B"}),
                                       session("2014-06-02T09:30:00Z", {"B"}), session("2014-06-02T09:45:00Z", {"B"}),
                                       session("2014-06-02T10:45:00Z", {"B"})}),
                             start),
              ElementsAre("0s: A (quit)", "15m..45m every 15m: B (quit)", "1h45m: B (quit)"));
}

TEST(DialogueLines, ADifferentEndIsADifferentSession) {
  EXPECT_THAT(
      dialogue_lines(
          sessions({session("2014-06-02T09:00:00Z", {"A"}), session("2014-06-02T09:15:00Z", {"A"}, "reset")}), start),
      ElementsAre("0s: A (quit)", "15m: A (reset)"));
}

TEST(DialogueLines, AnOpenSessionAndOneThatTheClientClosedLookAlike) {
  EXPECT_THAT(dialogue_lines(sessions({session("2014-06-02T09:00:00Z", {"A"}, "open"),
                                       session("2014-06-02T09:15:00Z", {"A"}, "closed")}),
                             start),
              ElementsAre("0s..15m every 15m: A"));
}

TEST(DialogueLines, SessionsOfOneSecondAreInTheOrderOfTheirText) {
  EXPECT_THAT(
      dialogue_lines(sessions({session("2014-06-02T09:00:00.020Z", {"B"}), session("2014-06-02T09:00:00.030Z", {"A"}),
                               session("2014-06-02T09:00:00.499Z", {"B"})}),
                     start),
      ElementsAre("0s: A (quit)", "0s 2 times: B (quit)"));
}

Value account() {
  return Value::map()
      .set("state", "ok")
      .set("message", "")
      .set("last_error", "")
      .set("stored", 4)
      .set("polls", 16)
      .set("retrieved", 5)
      .set("deleted", 0)
      .set("next_poll", "2014-06-02T13:15:00Z")
      .set("folders", Value::map().set("Inbox", 4).set("Sent", 0))
      .set("crm", Value::map().set("state", "ok").set("associated", 0).set("pending", 0));
}

TEST(AccountSummary, AnAccountThatIsWell) {
  EXPECT_EQ(account_summary(account(), start), "ok; 16 polls; 4 stored; 5 retrieved; 0 deleted; next poll at 4h15m");
}

TEST(AccountSummary, WhateverIsNotWellIsNamed) {
  Value troubled = account();
  troubled.set("state", "disabled")
      .set("next_poll", Value())
      .set("message", "The account is disabled.")
      .set("last_error", "PASS: refused")
      .set("disabled_by", "authentication")
      .set("authentication_failures", 10)
      .set("connection_failures", 1)
      .set("lost", Value::list().push("uid-1"))
      .set("set_aside", Value::list().push("uid-2").push("uid-3"))
      .set("outbox", 2)
      .set("folders", Value::map().set("Inbox", 3).set("Sent", 1))
      .set("crm", Value::map().set("state", "waiting").set("associated", 1).set("pending", 2));
  EXPECT_EQ(account_summary(troubled, start),
            "disabled; 16 polls; 4 stored; 5 retrieved; 0 deleted; 10 authentication failures; 1 connection failures; "
            "1 lost; 2 set aside; 2 to be sent; 1 in Sent; CRM waiting, 1 associated, 2 pending; disabled by "
            "authentication; has a message; has an error");
}

TEST(WithSummaries, IsMadeWhenItIsLookedAt) {
  int looks = 0;
  const Value accounts = with_summaries(Value::map().set("home", Value::lazy([&looks] {
                                                           ++looks;
                                                           return account();
                                                         })),
                                        start);
  EXPECT_EQ(looks, 0);
  const Value home = accounts.find("home")->made();
  EXPECT_EQ(home.find("summary")->made(), Value("ok; 16 polls; 4 stored; 5 retrieved; 0 deleted; next poll at 4h15m"));
  EXPECT_EQ(*home.find("state"), Value("ok"));
}

TEST(WithDialogues, AreBesideWhatTheServerShows) {
  const Value servers = with_dialogues(
      Value::map().set(
          "isp",
          Value::map().set("connections", 1).set("sessions", sessions({session("2014-06-02T09:00:00Z", {"QUIT"})}))),
      start);
  const Value isp = servers.find("isp")->made();
  EXPECT_EQ(isp.find("dialogues")->made(), Value(Value::List{Value("0s: QUIT (quit)")}));
  EXPECT_EQ(*isp.find("connections"), Value(1));
}

}  // namespace
}  // namespace mailrig::scenarios
