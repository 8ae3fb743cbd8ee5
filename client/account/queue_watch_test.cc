#include "client/account/queue_watch.h"

#include <gtest/gtest.h>

namespace mailrig::client {
namespace {

const Instant start = *parse_instant("2014-06-02T09:00:00Z");

QueueWatch::Listing listing(Instant at, std::size_t listed, std::size_t new_ones, bool last_harvest) {
  return {.at = at,
          .expires_at_once = true,
          .leaves_mail = true,
          .listed = listed,
          .new_ones = new_ones,
          .last_harvest = last_harvest};
}

/// `count` messages with Dates `beat` apart, the last at `newest`.
std::vector<std::optional<Instant>> dates(std::size_t count, Instant newest, Duration beat) {
  std::vector<std::optional<Instant>> list(count);
  for (std::size_t i = 0; i < count; ++i) list[i] = newest - static_cast<Duration::rep>(count - 1 - i) * beat;
  return list;
}

// At the cap the server lists the queue (at_cap: relist).

TEST(QueueWatch, ThreeListingsOfNothingButTheQueueAreFull) {
  QueueWatch watch;
  watch.on_harvest(start, dates(200, start, 1min), 200);
  watch.on_listing(listing(start, 250, 200, false));
  for (int i = 1; i <= 2; ++i) {
    watch.on_listing(listing(start + i * 15min, 200, 0, true));
    EXPECT_FALSE(watch.is_full()) << i;
  }
  watch.on_listing(listing(start + 45min, 200, 0, true));
  EXPECT_TRUE(watch.is_full());
  watch.on_listing(listing(start + 60min, 200, 0, true));
  EXPECT_TRUE(watch.is_full());
}

TEST(QueueWatch, NewMailOrAnEmptyQueueEndsIt) {
  auto full = [] {
    QueueWatch watch;
    for (int i = 0; i < 3; ++i) watch.on_listing(listing(start, 200, 0, true));
    EXPECT_TRUE(watch.is_full());
    return watch;
  };
  QueueWatch by_mail = full();
  by_mail.on_listing(listing(start, 201, 1, true));
  EXPECT_FALSE(by_mail.is_full());
  QueueWatch by_emptiness = full();
  by_emptiness.on_listing(listing(start, 0, 0, false));
  EXPECT_FALSE(by_emptiness.is_full());
  QueueWatch by_edit = full();
  by_edit.on_edit();
  EXPECT_FALSE(by_edit.is_full());
  by_edit.on_listing(listing(start, 200, 0, true));
  EXPECT_FALSE(by_edit.is_full()) << "counted anew";
}

TEST(QueueWatch, AServerThatKeepsMailIsNotFull) {  // a Dovecot with leave-on-server
  QueueWatch watch;
  for (int i = 0; i < 10; ++i) {
    QueueWatch::Listing kept = listing(start, 200, 0, true);
    kept.expires_at_once = false;
    watch.on_listing(kept);
  }
  EXPECT_FALSE(watch.is_full());
}

TEST(QueueWatch, RecentModeAndDeletingAccountsHaveNoQueue) {
  QueueWatch watch;
  for (int i = 0; i < 10; ++i) {
    QueueWatch::Listing other = listing(start, 200, 0, true);
    other.leaves_mail = false;
    watch.on_listing(other);
  }
  EXPECT_FALSE(watch.is_full());
}

TEST(QueueWatch, OldMailThatIsListedAgainIsNotTheQueue) {  // "Enable POP for all mail" some time after the last mail
  QueueWatch watch;
  for (int i = 0; i < 10; ++i) watch.on_listing(listing(start, 60, 0, false));
  EXPECT_FALSE(watch.is_full());
}

// At the cap the server lists nothing (at_cap: empty).

/// 200 and then 100 messages of an import, oldest first, a minute apart, from a mailbox that has many more.
QueueWatch import_that_stopped(Duration beat, Instant newest, Instant second_listing = start + 15min) {
  QueueWatch watch;
  watch.on_harvest(start, dates(200, newest - 100 * beat, beat), 200);
  watch.on_listing(listing(start, 250, 200, false));
  watch.on_harvest(second_listing, dates(100, newest, beat), 50);
  watch.on_listing(listing(second_listing, 100, 100, false));
  return watch;
}
void three_empty_listings(QueueWatch& watch) {
  for (int i = 2; i <= 4; ++i) watch.on_listing(listing(start + i * 15min, 0, 0, false));
}

TEST(QueueWatch, AnImportThatStopsInThePastHasMore) {
  QueueWatch watch = import_that_stopped(1min, start - 18h);
  watch.on_listing(listing(start + 30min, 0, 0, false));
  watch.on_listing(listing(start + 45min, 0, 0, false));
  EXPECT_FALSE(watch.is_full());
  watch.on_listing(listing(start + 60min, 0, 0, false));
  EXPECT_TRUE(watch.is_full());
}

TEST(QueueWatch, AnImportThatReachesThePresentIsComplete) {  // and the mailbox is idle
  QueueWatch watch = import_that_stopped(5min, start - 5min);
  for (int i = 2; i < 500; ++i) watch.on_listing(listing(start + i * 15min, 0, 0, false));
  EXPECT_FALSE(watch.is_full());
}

TEST(QueueWatch, ABacklogThatIsThroughIsCompleteHoweverLateItCame) {  // gmail/window: five cycles, and no mail since
  QueueWatch watch = import_that_stopped(1min, start, start + 3h);
  for (int i = 13; i < 100; ++i) watch.on_listing(listing(start + i * 15min, 0, 0, false));
  EXPECT_FALSE(watch.is_full());
}

TEST(QueueWatch, SilenceIsMeasuredInBeats) {
  // The mailbox was first seen at start; beats of 10 minutes make 200 minutes the least silence.
  auto full = [](Duration silence, Duration beat) {
    QueueWatch watch = import_that_stopped(beat, start - silence);
    three_empty_listings(watch);
    return watch.is_full();
  };
  EXPECT_TRUE(full(200min, 10min));
  EXPECT_FALSE(full(200min - 1ns, 10min));
  EXPECT_TRUE(full(1h, 2min)) << "an hour at least";
  EXPECT_FALSE(full(1h - 1ns, 2min));
}

TEST(QueueWatch, WhereEverythingIsListedAtOnceAnEmptyListingIsTheEnd) {  // a mailbox without mail for months
  QueueWatch watch;
  watch.on_harvest(start, dates(200, start - 100 * 24h, 1h), 200);
  watch.on_listing(listing(start, 200, 200, false));
  three_empty_listings(watch);
  EXPECT_FALSE(watch.is_full());
}

TEST(QueueWatch, TenMessagesThatWereThereBeforeShowThatItPortions) {
  auto full = [](std::size_t newly_listed, Duration age) {
    QueueWatch watch;
    watch.on_listing(listing(start, 0, 0, false));
    watch.on_harvest(start + 15min, dates(40, start - age, 1s), newly_listed);
    watch.on_listing(listing(start + 15min, 40, 40, false));
    three_empty_listings(watch);
    return watch.is_full();
  };
  EXPECT_TRUE(full(10, 5h));
  EXPECT_FALSE(full(9, 5h)) << "now and then a message with an old Date arrives";
  EXPECT_FALSE(full(10, 1h)) << "not older than the listing by more than an hour";
  EXPECT_TRUE(full(10, 1h + 1s));
}

TEST(QueueWatch, AfterALockAnEmptyListingIsSuspectToo) {  // docs/guide.md#captcha-unblock
  auto watch = [] {
    QueueWatch made;
    made.on_harvest(start, dates(50, start - 10h, 1min), 50);
    made.on_listing(listing(start, 50, 50, false));
    return made;
  };
  QueueWatch locked = watch();
  locked.on_lock();
  three_empty_listings(locked);
  EXPECT_TRUE(locked.is_full());
  QueueWatch never_locked = watch();
  three_empty_listings(never_locked);
  EXPECT_FALSE(never_locked.is_full());
  QueueWatch mail_came_since = watch();
  mail_came_since.on_lock();
  mail_came_since.on_harvest(start + 1h, dates(50, start - 10h, 1min), 0);
  three_empty_listings(mail_came_since);
  EXPECT_FALSE(mail_came_since.is_full());
}

TEST(QueueWatch, FewMessagesHaveNoRhythm) {
  for (std::size_t count : {19U, 20U}) {
    QueueWatch watch;
    watch.on_harvest(start, dates(count, start - 10h, 1min), count);
    watch.on_lock();
    three_empty_listings(watch);
    EXPECT_EQ(watch.is_full(), count == 20) << count;
  }
  QueueWatch undated;
  undated.on_harvest(start, std::vector<std::optional<Instant>>(50), 50);
  undated.on_lock();
  three_empty_listings(undated);
  EXPECT_FALSE(undated.is_full());
}

TEST(QueueWatch, TheNewestMessageCountsWhereverItStands) {
  std::vector<std::optional<Instant>> list = dates(40, start - 10h, 1min);
  list[3] = start - 1min;
  QueueWatch watch;
  watch.on_harvest(start, list, 0);
  watch.on_lock();
  three_empty_listings(watch);
  EXPECT_FALSE(watch.is_full());
}

TEST(QueueWatch, WhatItKnowsSurvivesARestart) {
  for (bool stopped : {true, false}) {
    QueueWatch watch = import_that_stopped(1min, stopped ? start - 18h : start);
    watch.on_listing(listing(start + 30min, 0, 0, false));
    watch = QueueWatch::from(watch.facts());
    watch.on_listing(listing(start + 45min, 0, 0, false));
    watch = QueueWatch::from(watch.facts());
    EXPECT_FALSE(watch.is_full());
    watch.on_listing(listing(start + 60min, 0, 0, false));
    watch = QueueWatch::from(watch.facts());
    EXPECT_EQ(watch.is_full(), stopped);
  }
  QueueWatch locked;
  locked.on_lock();
  QueueWatch::Facts facts = QueueWatch::from(locked.facts()).facts();
  EXPECT_TRUE(facts.locked);
  EXPECT_FALSE(facts.portions);
}

}  // namespace
}  // namespace mailrig::client
