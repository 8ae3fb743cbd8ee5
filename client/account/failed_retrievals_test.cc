#include "client/account/failed_retrievals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::client {
namespace {

using ::testing::HasSubstr;

constexpr Instant start{std::chrono::seconds(1'400'000'000)};

class FailedRetrievalsTest : public ::testing::Test {
 protected:
  KnownUid& uid(const char* name) {
    KnownUid* found = known_.find(name);
    return found != nullptr ? *found : known_.add({.uid = name});
  }
  unsigned points(const char* name) { return uid(name).fact.attempts; }
  bool quarantined(const char* name) { return (uid(name).fact.flags & UidRecord::set_aside) != 0; }
  FailedRetrievals session(Instant now = start) { return {record_, known_, now}; }

  /// A session of nothing but this refusal.
  void refuse(const char* name, const char* why, Instant now = start) {
    FailedRetrievals failures = session(now);
    failures.refused(uid(name), why, true);
    failures.conclude();
  }

  AccountRecord record_;
  UidIndex known_;
};

TEST_F(FailedRetrievalsTest, WhatIsRefusedBeforeOtherMailArrivesIsTheMessagesFault) {
  FailedRetrievals failures = session();
  failures.refused(uid("a"), "no", true);
  EXPECT_EQ(points("a"), 0U) << "not yet";
  failures.on_success();
  EXPECT_EQ(points("a"), 2U);
  failures.conclude();
  EXPECT_EQ(points("a"), 2U) << "once a session";
  EXPECT_FALSE(failures.trouble());
}

TEST_F(FailedRetrievalsTest, WhatIsRefusedToTheEndOfTheSessionIsNoMessagesFault) {
  for (int i = 0; i < 20; ++i) {
    FailedRetrievals failures = session(start + i * 15min);
    failures.on_success();
    failures.refused(uid("a"), "Download exceed. msg=1", true);
    failures.refused(uid("b"), "Download exceed. msg=2", true);
    failures.conclude();
    ASSERT_TRUE(failures.trouble());
    EXPECT_EQ(failures.trouble()->messages, 2U);
    EXPECT_EQ(failures.trouble()->why, "Download exceed. msg=1");
  }
  EXPECT_EQ(points("a") + points("b"), 0U);
}

TEST_F(FailedRetrievalsTest, AWordingThatWasSeenToBeAboutAMessageIsAboutTheNextToo) {
  FailedRetrievals first = session();
  first.refused(uid("a"), "message 17 is damaged", true);
  first.on_success();
  first.conclude();
  refuse("b", "message 18 is damaged");
  EXPECT_EQ(points("b"), 2U);
  refuse("c", "too many requests");
  EXPECT_EQ(points("c"), 0U) << "other words prove nothing";
}

TEST_F(FailedRetrievalsTest, AMessageThatWasToBlameBeforeIsToBlameAgainAndQuarantinedAtSix) {
  FailedRetrievals first = session();
  first.refused(uid("a"), "one", true);
  first.on_success();
  first.conclude();
  refuse("a", "two");
  EXPECT_EQ(points("a"), 4U);
  EXPECT_FALSE(quarantined("a"));
  EXPECT_FALSE(record_.quarantine_due);
  refuse("a", "three", start + 1h);
  EXPECT_TRUE(quarantined("a"));
  EXPECT_EQ(*record_.quarantine_due, start + 25h);
  refuse("a", "four", start + 2h);
  EXPECT_EQ(points("a"), 6U) << "no more";
  EXPECT_EQ(*record_.quarantine_due, start + 25h);
}

TEST_F(FailedRetrievalsTest, AfterThreeDaysOfRefusalsTheMessagesAreGivenUp) {
  refuse("a", "no");
  EXPECT_EQ(*record_.refused_since, start);
  refuse("a", "no", start + 72h - 1s);
  EXPECT_EQ(points("a"), 0U);
  refuse("a", "no", start + 72h);
  EXPECT_EQ(points("a"), 2U);
  session().on_success();
  EXPECT_FALSE(record_.refused_since);
}

TEST_F(FailedRetrievalsTest, WhatMayBeGoneIsNotHeldAgainstTheMessage) {
  FailedRetrievals failures = session();
  failures.refused(uid("a"), "expunged", false);
  failures.on_success();
  failures.refused(uid("a"), "expunged", false);
  failures.conclude();
  EXPECT_EQ(points("a"), 0U);
  EXPECT_FALSE(failures.trouble());
  EXPECT_EQ(record_.message_refusal, "");
}

TEST_F(FailedRetrievalsTest, ABrokenTransferNeedsOtherMailForEvidence) {
  session().broken(uid("first-of-many"), 2, false);
  EXPECT_EQ(points("first-of-many"), 0U);
  session().broken(uid("only"), 2, true);
  EXPECT_EQ(points("only"), 2U);
  FailedRetrievals failures = session();
  failures.on_success();
  failures.broken(uid("after-others"), 1, false);
  EXPECT_EQ(points("after-others"), 1U);
  session().broken(uid("after-others"), 2, false);
  EXPECT_EQ(points("after-others"), 3U) << "it was to blame before";
}

}  // namespace
}  // namespace mailrig::client
