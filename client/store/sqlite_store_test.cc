#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "client/store/failing_store.h"
#include "client/store/store.h"

namespace mailrig::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Sha256::Digest sum_of(std::string_view bytes) {
  Sha256 sum;
  sum.update(bytes);
  return sum.finish();
}

/// The same tests for every kind of place.
class SqliteStore : public ::testing::TestWithParam<StorePlace::Kind> {
 protected:
  void SetUp() override {
    std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::replace(name.begin(), name.end(), '/', '-');
    place_.kind = GetParam();
    if (place_.kind == StorePlace::Kind::memory) {
      place_.name = "test " + name + "#?%";  // a name may hold anything
      return;
    }
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ("mailrig-" + name + "-" + std::to_string(static_cast<int>(place_.kind)));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    place_.name = folder_ / "mail.db";
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  std::unique_ptr<MessageStore> open() {
    Result<std::unique_ptr<MessageStore>> store = open_sqlite_store(place_);
    EXPECT_TRUE(store) << to_string(store.error());
    return *std::move(store);
  }
  /// Another connection: the judge's.
  SQLite::Database judge() { return {place_.uri(), SQLite::OPEN_READWRITE | SQLite::OPEN_URI}; }

  StorePlace place_;
  std::filesystem::path folder_;
};

INSTANTIATE_TEST_SUITE_P(Places, SqliteStore,
                         ::testing::Values(StorePlace::Kind::memory, StorePlace::Kind::scratch,
                                           StorePlace::Kind::durable));

NewMessage message(std::string_view uid, std::string_view raw, std::string_view message_id = {}) {
  return {.uid = uid,
          .raw = raw,
          .sha256 = sum_of(raw),
          .message_id = message_id,
          .folder = "Inbox",
          .stored_at = Instant{17s}};
}

TEST_P(SqliteStore, ABatchIsStoredWithItsUidsAndFacts) {
  auto store = open();
  std::string hostile("Subject: \xff\0'\r\n", 14);
  UidRecord first{.uid = "u1", .message = in_this_batch(0), .octets = 120, .flags = UidRecord::unsettled, .session = 7};
  UidRecord second{.uid = std::string("u\0'2", 4), .message = in_this_batch(1), .octets = 9};
  UidRecord doubtful{.uid = "u3", .attempts = 2};
  MailBatch batch{.account = "work",
                  .messages = {message("u1", "one", "1@x"), message(std::string_view("u\0'2", 4), hostile)},
                  .uids = {&first, &second, &doubtful},
                  .account_facts = "{\"polls\":1}"};
  batch.messages[1].folder = "Sent";
  ASSERT_TRUE(store->commit(batch));

  EXPECT_GT(first.row, 0);
  EXPECT_EQ(first.message, batch.messages[0].key);
  EXPECT_EQ(second.message, batch.messages[1].key);
  EXPECT_GT(batch.messages[1].key, batch.messages[0].key);
  EXPECT_EQ(doubtful.message, std::nullopt);

  std::vector<StoredMessage> stored = *store->messages("work");
  ASSERT_EQ(stored.size(), 2U);
  EXPECT_EQ(stored[0].id, batch.messages[0].key);
  EXPECT_EQ(stored[0].account, "work");
  EXPECT_EQ(stored[0].uid, "u1");
  EXPECT_EQ(stored[0].sha256, sum_of("one"));
  EXPECT_EQ(stored[0].octets, 3U);
  EXPECT_EQ(stored[0].message_id, "1@x");
  EXPECT_EQ(stored[0].folder, "Inbox");
  EXPECT_EQ(stored[0].stored_at, Instant{17s});
  EXPECT_EQ(stored[1].uid, std::string("u\0'2", 4));
  EXPECT_EQ(stored[1].message_id, "");
  EXPECT_EQ(stored[1].folder, "Sent");
  EXPECT_EQ(*store->raw(stored[0].id), "one");
  EXPECT_EQ(*store->raw(stored[1].id), hostile);

  std::vector<UidRecord> uids = *store->uids("work");
  ASSERT_EQ(uids.size(), 3U);
  EXPECT_EQ(uids[0].uid, "u1");
  EXPECT_EQ(uids[0].row, first.row);
  EXPECT_EQ(uids[0].message, first.message);
  EXPECT_EQ(uids[0].octets, 120U);
  EXPECT_EQ(uids[0].flags, UidRecord::unsettled);
  EXPECT_EQ(uids[0].attempts, 0);
  EXPECT_EQ(uids[0].session, 7U);
  EXPECT_EQ(uids[1].uid, std::string("u\0'2", 4));
  EXPECT_EQ(uids[2].message, std::nullopt);
  EXPECT_EQ(uids[2].attempts, 2);
  EXPECT_EQ(*store->account_facts("work"), "{\"polls\":1}");
  EXPECT_EQ(store->totals("work")->messages, 2U);
  EXPECT_EQ(store->totals("work")->octets, 3U + hostile.size());
}

TEST_P(SqliteStore, AccountsDoNotSeeEachOther) {
  auto store = open();
  MailBatch work{.account = "work", .messages = {message("u1", "one", "1@x")}};
  MailBatch home{.account = "home", .messages = {message("u1", "one", "1@x")}, .account_facts = "x"};
  UidRecord fact{.uid = "u1", .message = in_this_batch(0)};
  home.uids = {&fact};
  ASSERT_TRUE(store->commit(work));
  ASSERT_TRUE(store->commit(home));
  for (std::string_view account : {"work", "home"}) {
    EXPECT_EQ(store->messages(account)->size(), 1U);
    EXPECT_EQ(store->totals(account)->octets, 3U);
    ASSERT_EQ(store->with_digest(account, sum_of("one"))->size(), 1U);
    EXPECT_EQ((*store->with_digest(account, sum_of("one")))[0].account, account);
    EXPECT_EQ((*store->with_message_id(account, "1@x"))[0].account, account);
  }
  EXPECT_THAT(*store->uids("work"), IsEmpty());
  EXPECT_EQ(*store->account_facts("work"), "");
  EXPECT_THAT(*store->messages("nobody"), IsEmpty());
  EXPECT_EQ(store->totals("nobody")->messages, 0U);
}

TEST_P(SqliteStore, UidsChange) {
  auto store = open();
  UidRecord fact{.uid = "u1", .octets = 5};
  MailBatch first{.account = "work", .uids = {&fact}, .account_facts = "a"};
  ASSERT_TRUE(store->commit(first));
  std::int64_t row = fact.row;
  fact.flags = UidRecord::gone | UidRecord::set_aside;
  fact.attempts = 3;
  fact.octets = 6;
  fact.session = 9;
  fact.message = in_this_batch(0);
  MailBatch second{.account = "work", .messages = {message("u1", "one")}, .uids = {&fact}, .account_facts = "b"};
  ASSERT_TRUE(store->commit(second));
  EXPECT_EQ(fact.row, row);
  std::vector<UidRecord> uids = *store->uids("work");
  ASSERT_EQ(uids.size(), 1U);
  EXPECT_EQ(uids[0].flags, UidRecord::gone | UidRecord::set_aside);
  EXPECT_EQ(uids[0].attempts, 3);
  EXPECT_EQ(uids[0].octets, 6U);
  EXPECT_EQ(uids[0].session, 9U);
  EXPECT_EQ(uids[0].message, second.messages[0].key);
  EXPECT_EQ(*store->account_facts("work"), "b");
  MailBatch third{.account = "work"};
  ASSERT_TRUE(store->commit(third));
  EXPECT_EQ(*store->account_facts("work"), "b") << "unchanged where none are given";
}

TEST_P(SqliteStore, MessagesAreFoundBySumAndMessageId) {
  {
    auto store = open();
    MailBatch before{.account = "work",
                     .messages = {message("u1", "one", "1@x"), message("u2", "one", "2@x"), message("u3", "", "1@x")}};
    ASSERT_TRUE(store->commit(before));
    if (place_.kind != StorePlace::Kind::memory) store = open();  // what is indexed came from the file
    auto uids = [](const std::vector<StoredMessage>& found) {
      std::string text;
      for (const StoredMessage& one : found) text += one.uid + " ";
      return text;
    };
    EXPECT_EQ(uids(*store->with_digest("work", sum_of("one"))), "u1 u2 ");
    EXPECT_EQ(uids(*store->with_message_id("work", "1@x")), "u1 u3 ");
    EXPECT_EQ(uids(*store->with_digest("work", sum_of(""))), "u3 ");
    EXPECT_EQ(uids(*store->with_digest("work", sum_of("two"))), "");
    EXPECT_EQ(uids(*store->with_message_id("work", "3@x")), "");
    EXPECT_EQ(uids(*store->with_message_id("work", "")), "");
    MailBatch after{.account = "work", .messages = {message("u4", "two", "3@x")}};
    ASSERT_TRUE(store->commit(after));
    EXPECT_EQ(uids(*store->with_digest("work", sum_of("two"))), "u4 ");
    EXPECT_EQ(uids(*store->with_message_id("work", "3@x")), "u4 ");
  }
}

TEST_P(SqliteStore, TheJudgeSeesWhatWasCommittedAndNothingElse) {
  auto store = open();
  SQLite::Database judge = this->judge();
  EXPECT_EQ(judge.execAndGet("SELECT count(*) FROM messages").getInt(), 0);
  MailBatch batch{.account = "work", .messages = {message("u1", "one")}};
  ASSERT_TRUE(store->commit(batch));
  SQLite::Statement row(judge,
                        "SELECT account, uid, sha256, octets, message_id, folder, stored_at, crm, raw FROM messages "
                        "JOIN bodies ON message = id");
  ASSERT_TRUE(row.executeStep());
  EXPECT_EQ(row.getColumn(0).getString(), "work");
  EXPECT_EQ(row.getColumn(1).getString(), "u1");
  Sha256::Digest sum = sum_of("one");
  EXPECT_EQ(row.getColumn(2).getString(), std::string(sum.begin(), sum.end()));
  EXPECT_EQ(row.getColumn(3).getInt(), 3);
  EXPECT_EQ(row.getColumn(5).getString(), "Inbox");
  EXPECT_EQ(row.getColumn(6).getInt64(), 17'000'000'000);
  EXPECT_EQ(row.getColumn(7).getInt(), 0);
  EXPECT_EQ(row.getColumn(8).getString(), "one");
  EXPECT_FALSE(row.executeStep());
}

TEST_P(SqliteStore, WhatIsStoredOutlivesTheClient) {
  SQLite::Database* keeper = nullptr;
  std::unique_ptr<SQLite::Database> held;
  {
    auto store = open();
    if (place_.kind == StorePlace::Kind::memory)
      held = std::make_unique<SQLite::Database>(judge());  // as the World does
    keeper = held.get();
    MailBatch batch{.account = "work", .messages = {message("u1", "one")}, .account_facts = "facts"};
    ASSERT_TRUE(store->commit(batch));
  }
  auto again = open();
  EXPECT_EQ(*again->account_facts("work"), "facts");
  EXPECT_EQ(again->messages("work")->size(), 1U);
  EXPECT_EQ(keeper != nullptr, place_.kind == StorePlace::Kind::memory);
}

TEST_P(SqliteStore, AFailingCommitStoresNothing) {
  auto store = open();
  UidRecord fact{.uid = "u1", .message = in_this_batch(0)};
  MailBatch batch{.account = "work", .messages = {message("u1", "one")}, .uids = {&fact}, .account_facts = "facts"};
  {
    SQLite::Database judge = this->judge();
    SQLite::Transaction holding(judge, SQLite::TransactionBehavior::IMMEDIATE);
    if (place_.kind == StorePlace::Kind::memory) {
      Status stored = store->commit(batch);
      ASSERT_FALSE(stored);
      EXPECT_EQ(stored.error().code, Errc::environment);
      EXPECT_EQ(stored.error().step, Step::store);
      EXPECT_THAT(stored.error().message, HasSubstr("locked"));
      EXPECT_EQ(fact.row, 0);
      EXPECT_EQ(fact.message, in_this_batch(0)) << "so that it can be tried again";
    }
  }
  EXPECT_THAT(*store->with_digest("work", sum_of("one")), IsEmpty());
  EXPECT_THAT(*store->messages("work"), IsEmpty());
  ASSERT_TRUE(store->commit(batch));
  EXPECT_EQ(store->messages("work")->size(), 1U);
}

TEST_P(SqliteStore, TheOutboxKeepsItsOrder) {
  auto store = open();
  std::string raw("one\0two", 7);
  std::int64_t first = *store->add_to_outbox({.account = "work", .state = "queued", .facts = "{}", .raw = raw});
  std::int64_t second = *store->add_to_outbox({.account = "work", .state = "queued", .facts = "{}", .raw = ""});
  std::int64_t other = *store->add_to_outbox({.account = "home", .state = "queued", .facts = "{}", .raw = "x"});
  EXPECT_LT(first, second);
  ASSERT_TRUE(
      store->update_outbox({.id = first, .account = "work", .state = "sent", .facts = "{1}", .raw = "ignored"}));
  std::vector<OutboxItem> items = *store->outbox("work");
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].id, first);
  EXPECT_EQ(items[0].account, "work");
  EXPECT_EQ(items[0].state, "sent");
  EXPECT_EQ(items[0].facts, "{1}");
  EXPECT_EQ(items[0].raw, raw);
  EXPECT_EQ(items[1].state, "queued");
  EXPECT_EQ(items[1].raw, "");
  EXPECT_EQ((*store->outbox("home"))[0].id, other);
  Status unknown = store->update_outbox({99, "work", "sent", "{}", ""});
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("99"));
}

TEST_P(SqliteStore, MailForTheCrmWaitsUntilItIsSettled) {
  auto store = open();
  MailBatch batch{.account = "work", .messages = {message("u1", "one"), message("u2", "two"), message("u3", "three")}};
  batch.messages[0].for_crm = batch.messages[2].for_crm = true;
  ASSERT_TRUE(store->commit(batch));
  MessageKey first = batch.messages[0].key, third = batch.messages[2].key;
  EXPECT_EQ(*store->count_awaiting_crm("work"), 2U);
  EXPECT_EQ(*store->count_awaiting_crm("home"), 0U);
  EXPECT_EQ(store->awaiting_crm("work", 1)->size(), 1U);
  EXPECT_EQ((*store->awaiting_crm("work", 1))[0].id, first);
  EXPECT_THAT(*store->awaiting_crm("home", 9), IsEmpty());
  ASSERT_TRUE(store->mark_crm({first, "Contacts", "17", "associated", Instant{5s}}, false));
  EXPECT_EQ(*store->count_awaiting_crm("work"), 2U);
  ASSERT_TRUE(store->mark_crm({first, "Leads", "18", "associated", Instant{6s}}, true));
  ASSERT_TRUE(store->mark_crm({third, "", "", "no-record", Instant{7s}}, true));
  EXPECT_EQ(*store->count_awaiting_crm("work"), 0U);
  std::vector<AssociationRecord> marks = *store->crm_marks("work");
  ASSERT_EQ(marks.size(), 3U);
  EXPECT_EQ(marks[0].message, first);
  EXPECT_EQ(marks[0].module, "Contacts");
  EXPECT_EQ(marks[0].record, "17");
  EXPECT_EQ(marks[0].outcome, "associated");
  EXPECT_EQ(marks[0].at, Instant{5s});
  EXPECT_EQ(marks[1].module, "Leads");
  EXPECT_EQ(marks[2].outcome, "no-record");
  EXPECT_THAT(*store->crm_marks("home"), IsEmpty());
  ASSERT_TRUE(store->mark_crm({first, "Contacts", "17", "already-associated", Instant{8s}}, true));
  EXPECT_EQ(store->crm_marks("work")->size(), 3U) << "one mark a record";
  EXPECT_FALSE(store->mark_crm({99, "Contacts", "17", "associated", Instant{}}, true));
}

TEST_P(SqliteStore, AMessageThatIsNotThereIsAnError) {
  auto store = open();
  Result<std::string> raw = store->raw(5);
  ASSERT_FALSE(raw);
  EXPECT_EQ(raw.error().code, Errc::environment);
  EXPECT_THAT(raw.error().message, HasSubstr("has no message 5"));
}

TEST(SqliteStorePlace, WhatIsNoDatabaseIsNotOpened) {
  Result<std::unique_ptr<MessageStore>> nowhere =
      open_sqlite_store({StorePlace::Kind::durable, "/nonexistent/folder/mail.db"});
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, Errc::environment);
  EXPECT_THAT(nowhere.error().message, HasSubstr("/nonexistent/folder/mail.db cannot be opened"));
  std::string path = ::testing::TempDir() + "/mailrig-other-version.db";
  std::filesystem::remove(path);
  {
    SQLite::Database other(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    other.exec("PRAGMA user_version = 2");
  }
  Result<std::unique_ptr<MessageStore>> newer = open_sqlite_store({StorePlace::Kind::scratch, path});
  ASSERT_FALSE(newer);
  EXPECT_THAT(newer.error().message, HasSubstr("version 2, this program reads version 1"));
  std::filesystem::remove(path);
}

TEST(SqliteStorePlace, DatabasesInMemoryAreToldApartByName) {
  std::unique_ptr<MessageStore> a = *open_sqlite_store(StorePlace::in_memory("place-a"));
  std::unique_ptr<MessageStore> b = *open_sqlite_store(StorePlace::in_memory("place-b"));
  MailBatch batch{.account = "work", .account_facts = "x"};
  ASSERT_TRUE(a->commit(batch));
  EXPECT_EQ(*b->account_facts("work"), "");
  a.reset();
  EXPECT_EQ(*(*open_sqlite_store(StorePlace::in_memory("place-a")))->account_facts("work"), "") << "nobody kept it";
  EXPECT_EQ(StorePlace::in_memory("gmail/locks[captcha] 1").uri(), "file:/gmail/locks%5bcaptcha%5d%201?vfs=memdb");
  EXPECT_EQ((StorePlace{StorePlace::Kind::durable, "/x y"}.uri()), "/x y");
}

TEST(FailingStore, FailsAsItIsTold) {
  using How = StoreFault::How;
  auto stored_after = [](std::vector<StoreFault> faults, int commits) {
    std::unique_ptr<MessageStore> keeper = *open_sqlite_store(StorePlace::in_memory("failing"));
    FailingStore store(*open_sqlite_store(StorePlace::in_memory("failing")), std::move(faults));
    std::string log;
    for (int i = 0; i < commits; ++i) {
      const std::string raw = fmt::format("{}", i);
      MailBatch batch{.account = "work", .messages = {message("u", raw)}};
      Status how = store.commit(batch);
      log += how ? "ok " : std::string(to_string(how.error().code)) + " ";
    }
    log += store.totals("work") ? "alive " : "dead ";
    EXPECT_LE(store.commits(), static_cast<std::uint64_t>(commits));
    return log + std::to_string(keeper->totals("work")->messages);
  };
  EXPECT_EQ(stored_after({}, 2), "ok ok alive 2");
  EXPECT_EQ(stored_after({{.commit = 2, .how = How::full}}, 3), "ok environment ok alive 2");
  EXPECT_EQ(stored_after({{.commit = 2, .until = 3, .how = How::busy}}, 4), "ok environment environment ok alive 2");
  EXPECT_EQ(stored_after({{.commit = 2, .how = How::dies_before}}, 3), "ok cancelled cancelled dead 1");
  EXPECT_EQ(stored_after({{.commit = 2, .how = How::dies_after}}, 3), "ok cancelled cancelled dead 2");
}

}  // namespace
}  // namespace mailrig::client
