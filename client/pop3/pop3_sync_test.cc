#include "client/pop3/pop3_sync.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "client/store/failing_store.h"
#include "net/sim/sim_loop.h"
#include "net/sim/sim_network.h"
#include "net/task.h"

namespace mailrig::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Mail {
  std::string uid;
  std::string raw;
  std::optional<std::uint64_t> listed = {};  // the size that LIST tells; the true one by default
};

std::string mail(std::string_view id, std::string_view body = "text", std::string_view from = "bert@customer.test",
                 std::string_view date = "Mon, 2 Jun 2014 08:00:00 +0000") {
  return fmt::format("From: {}\r\nDate: {}\r\nMessage-ID: <{}>\r\n\r\n{}\r\n", from, date, id, body);
}

/// What a session does with the retrieval, done here by hand: Pop3Session's order of calls.
struct Conversation {
  bool top = true;
  bool expires_at_once = false;
  bool confirms_quit = true;
  bool dies_before_quit = false;     // no call of quit() at all
  std::set<std::string> fails = {};  // uids whose retrieval fails ...
  Error failure = {Errc::peer_refused, "no", Step::retrieve, "message"};
};

struct Log {
  std::vector<std::string> retrieved, identified, deleted;
  Status commit;
};

class RetrievalTest : public ::testing::Test {
 protected:
  RetrievalTest() {
    settings_.name = "work";
    settings_.user = "anna@zillum.test";
    reopen();
  }

  /// The client starts again.
  void reopen() {
    keeper_ = *open_sqlite_store(place());
    store_ = std::make_unique<FailingStore>(*open_sqlite_store(place()), faults_);
    std::string facts = *store_->account_facts("work");
    record_ = facts.empty() ? AccountRecord{} : *parse_facts(facts);
    known_ = UidIndex();
    ASSERT_TRUE(known_.load(*store_, "work", record_));
  }
  StorePlace place() const {
    return StorePlace::in_memory(std::string("retrieval-") +
                                 ::testing::UnitTest::GetInstance()->current_test_info()->name());
  }

  Log converse(const std::vector<Mail>& server, Conversation how = {}) {
    Log log;
    std::vector<Pop3Item> items;
    for (const Mail& one : server)
      items.push_back({static_cast<std::uint32_t>(items.size() + 1), one.uid, one.listed.value_or(one.raw.size())});
    Pop3Sync retrieval(settings_, record_, known_, *store_, world_);
    std::vector<Pop3Task> tasks = retrieval.plan(
        items, {.pipelining = false, .top = how.top, .uidl = true, .expires_at_once = how.expires_at_once});
    auto name = [&](std::size_t item) {
      return server[item].uid.empty() ? fmt::format("#{}", item + 1) : server[item].uid;
    };
    for (Pop3Task& task : tasks) {
      if (task.want != FetchDecision::identify) continue;
      log.identified.push_back(name(task.item));
      const std::string& raw = server[task.item].raw;
      std::string header = raw.substr(0, raw.find("\r\n\r\n") + 4);
      task.want = retrieval.identified(items[task.item], header);
    }
    for (const Pop3Task& task : tasks) {
      if (task.want != FetchDecision::retrieve) continue;
      const Mail& one = server[task.item];
      log.retrieved.push_back(name(task.item));
      if (how.fails.contains(one.uid) || how.fails.contains(name(task.item))) {
        bool begun = how.failure.code != Errc::peer_refused;
        if (begun) {
          retrieval.begin(items[task.item]);
          retrieval.body(one.raw.substr(0, one.raw.size() / 2));
        }
        retrieval.failed(items[task.item], how.failure);
        continue;
      }
      retrieval.begin(items[task.item]);
      retrieval.body(one.raw.substr(0, 3));
      retrieval.body(one.raw.substr(std::min<std::size_t>(3, one.raw.size())));
      EXPECT_TRUE(retrieval.end());
    }
    log.commit = retrieval.commit();
    storage_full_ = retrieval.storage_full();
    refused_.reset();
    if (!log.commit) {
      retrieval.quit(false);
      save();
      return log;
    }
    for (const Pop3Task& task : tasks) {
      if (task.want != FetchDecision::retrieve && task.want != FetchDecision::remove) continue;
      if (!retrieval.may_delete(items[task.item])) continue;
      log.deleted.push_back(name(task.item));
      retrieval.deleted(items[task.item]);
    }
    if (how.dies_before_quit) return log;
    retrieval.quit(how.confirms_quit);
    refused_ = retrieval.refused();
    save();
    return log;
  }

  void save() {
    MailBatch batch{.account = "work"};
    batch.uids = known_.changed();
    batch.account_facts = to_facts(record_);
    if (store_->commit(batch)) known_.on_committed();
  }

  /// The bodies that are stored, in the order of storing.
  std::vector<std::string> stored() {
    std::vector<std::string> bodies;
    for (const StoredMessage& message : *keeper_->messages("work")) {
      std::string raw = *keeper_->raw(message.id);
      std::size_t blank = raw.find("\r\n\r\n");
      bodies.push_back(blank == std::string::npos ? raw : raw.substr(blank + 4, raw.size() - blank - 6));
    }
    return bodies;
  }

  void loop_advance(Duration span) {
    ASSERT_EQ(loop_.run(loop_.sleep_until(loop_.now() + span), {}).why, LoopEnd::Why::finished);
  }

  sim::SimLoop loop_;
  sim::SimCalendar calendar_{loop_, *parse_instant("2014-06-02T09:00:00Z")};
  sim::SimNetwork network_{loop_};
  Prng prng_{1};
  Transcript transcript_;
  World world_{loop_, loop_, calendar_, network_, prng_, transcript_};
  AccountSettings settings_;
  std::vector<StoreFault> faults_;
  std::unique_ptr<MessageStore> keeper_;
  std::unique_ptr<FailingStore> store_;
  AccountRecord record_;
  UidIndex known_;
  bool storage_full_ = false;
  std::optional<RefusedRetrievals> refused_;
};

// What is new

TEST_F(RetrievalTest, NewMailIsRetrievedOnceAndFiled) {
  settings_.filters = {{"anna@", "Sent"}};
  std::vector<Mail> server{{"u1", mail("1@x", "one")}, {"u2", mail("2@x", "two", "anna@zillum.test")}};
  Log first = converse(server);
  EXPECT_THAT(first.retrieved, ElementsAre("u1", "u2"));
  EXPECT_THAT(first.identified, IsEmpty());
  EXPECT_THAT(stored(), ElementsAre("one", "two"));
  std::vector<StoredMessage> messages = *keeper_->messages("work");
  EXPECT_EQ(messages[0].uid, "u1");
  EXPECT_EQ(messages[0].folder, "Inbox");
  EXPECT_EQ(messages[1].folder, "Sent");
  EXPECT_EQ(messages[0].message_id, "1@x");
  EXPECT_EQ(messages[0].octets, mail("1@x", "one").size());
  EXPECT_EQ(messages[0].stored_at, *parse_instant("2014-06-02T09:00:00Z"));
  EXPECT_EQ(record_.retrieved, 2U);
  server.push_back({"u3", mail("3@x", "three")});
  Log second = converse(server);
  EXPECT_THAT(second.retrieved, ElementsAre("u3"));
  EXPECT_THAT(second.identified, IsEmpty());
  EXPECT_THAT(stored(), ElementsAre("one", "two", "three"));
  reopen();
  EXPECT_THAT(converse(server).retrieved, IsEmpty());
  EXPECT_EQ(record_.retrieved, 3U);
}

TEST_F(RetrievalTest, OldestFirstAndNoMoreThanABatch) {
  settings_.batch = 3;
  std::vector<Mail> server;
  for (int n = 1; n <= 7; ++n)
    server.push_back({fmt::format("u{}", n), mail(fmt::format("{}@x", n), std::to_string(n))});
  EXPECT_THAT(converse(server).retrieved, ElementsAre("u1", "u2", "u3"));
  EXPECT_THAT(converse(server).retrieved, ElementsAre("u4", "u5", "u6"));
  EXPECT_THAT(converse(server).retrieved, ElementsAre("u7"));
  EXPECT_THAT(converse(server).retrieved, IsEmpty());
  EXPECT_EQ(stored().size(), 7U);
}

TEST_F(RetrievalTest, StorageIsNotExceeded) {
  std::string ten(10'000, 'x');
  settings_.storage = 20'500;
  settings_.leave_on_server = false;
  std::vector<Mail> server{{"u1", ten + "1"}, {"u2", ten + "2"}, {"u3", ten + "3"}, {"u4", "small"}};
  Log log = converse(server);
  EXPECT_THAT(log.retrieved, ElementsAre("u1", "u2"));
  EXPECT_THAT(log.deleted, ElementsAre("u1", "u2"));
  EXPECT_TRUE(storage_full_);
  settings_.storage = 20'002 + 10'001;
  Log exact = converse({{"u3", ten + "3"}});
  EXPECT_THAT(exact.retrieved, ElementsAre("u3")) << "to the last octet";
  EXPECT_FALSE(storage_full_);
  reopen();
  EXPECT_THAT(converse({{"u4", "small"}}).retrieved, IsEmpty());
  EXPECT_TRUE(storage_full_);
}

TEST_F(RetrievalTest, MailForTheCrmIsMarkedAsSuch) {
  settings_.crm = ServerAccess{};
  settings_.filters = {{"anna@", "Sent"}, {"news@", "Newsletters"}};
  converse({{"u1", mail("1@x")}, {"u2", mail("2@x", "b", "anna@x")}, {"u3", mail("3@x", "c", "news@x")}});
  EXPECT_EQ(*keeper_->count_awaiting_crm("work"), 2U) << "Inbox and Sent";
}

TEST_F(RetrievalTest, MailIsNotMarkedForACrmThatThereIsNot) {
  converse({{"u1", mail("1@x")}});
  EXPECT_EQ(*keeper_->count_awaiting_crm("work"), 0U);
}

// Deleting

TEST_F(RetrievalTest, OnlyWhoWantsThatDeletes) {
  EXPECT_THAT(converse({{"u1", mail("1@x")}}).deleted, IsEmpty());
  EXPECT_EQ(record_.deleted, 0U);
  settings_.leave_on_server = false;
  Log log = converse({{"u1", mail("1@x")}, {"u2", mail("2@x")}});
  EXPECT_THAT(log.retrieved, ElementsAre("u2"));
  EXPECT_THAT(log.deleted, ElementsAre("u1", "u2")) << "what is stored already is deleted without retrieving it again";
  EXPECT_EQ(record_.deleted, 2U);
  settings_.user = "recent:anna@zillum.test";
  EXPECT_THAT(converse({{"u3", mail("3@x")}}).deleted, IsEmpty()) << "in recent mode a DELE would act on the message";
}

TEST_F(RetrievalTest, NothingIsDeletedThatCouldNotBeStored) {
  settings_.leave_on_server = false;
  faults_ = {{.commit = 1}};
  reopen();
  Log failed = converse({{"u1", mail("1@x", "one")}});
  EXPECT_FALSE(failed.commit);
  EXPECT_THAT(failed.deleted, IsEmpty());
  EXPECT_THAT(stored(), IsEmpty());
  EXPECT_EQ(record_.retrieved, 0U);
  EXPECT_EQ(known_.totals.messages, 0U);
  Log again = converse({{"u1", mail("1@x", "one")}});
  EXPECT_THAT(again.retrieved, ElementsAre("u1"));
  EXPECT_THAT(again.deleted, ElementsAre("u1"));
  EXPECT_THAT(stored(), ElementsAre("one"));
}

TEST_F(RetrievalTest, WhoDiesBetweenCommitAndDeleteStoresNothingTwice) {
  settings_.leave_on_server = false;
  faults_ = {{.commit = 1, .how = StoreFault::How::dies_after}};
  reopen();
  std::vector<Mail> server{{"u1", mail("1@x", "one")}};
  EXPECT_THAT(converse(server).deleted, IsEmpty());
  faults_.clear();
  reopen();
  Log log = converse(server);
  EXPECT_THAT(log.retrieved, IsEmpty());
  EXPECT_THAT(log.deleted, ElementsAre("u1"));
  EXPECT_THAT(stored(), ElementsAre("one"));
  EXPECT_EQ(record_.retrieved, 1U) << "the count was committed with the message";
}

TEST_F(RetrievalTest, WhoDiesBeforeTheCommitRetrievesAgain) {
  faults_ = {{.commit = 1, .how = StoreFault::How::dies_before}};
  reopen();
  std::vector<Mail> server{{"u1", mail("1@x", "one")}};
  converse(server);
  faults_.clear();
  reopen();
  EXPECT_THAT(converse(server).retrieved, ElementsAre("u1"));
  EXPECT_THAT(stored(), ElementsAre("one"));
}

TEST_F(RetrievalTest, ALostQuitUndoesNothing) {  // docs/providers/misbehaviours.md#m28
  settings_.leave_on_server = false;
  std::vector<Mail> server{{"u1", mail("1@x", "one")}, {"u2", mail("2@x", "two")}};
  EXPECT_THAT(converse(server, {.confirms_quit = false}).deleted, ElementsAre("u1", "u2"));
  EXPECT_EQ(record_.deleted, 0U) << "nobody knows";
  Log log = converse(server);
  EXPECT_THAT(log.retrieved, IsEmpty());
  EXPECT_THAT(log.deleted, ElementsAre("u1", "u2"));
  EXPECT_EQ(record_.deleted, 2U);
  EXPECT_THAT(stored(), ElementsAre("one", "two"));
}

// Uids that come back, change or are missing

TEST_F(RetrievalTest, AUidThatCameBackIsTheSameMessageIfItsHeaderSaysSo) {  // "Enable POP for all mail"
  std::vector<Mail> server{{"u1", mail("1@x", "one")}, {"u2", "Subject: no id\r\n\r\ntwo\r\n"}};
  converse(server);
  converse({});
  reopen();
  Log log = converse(server);
  EXPECT_THAT(log.identified, ElementsAre("u1", "u2"));
  EXPECT_THAT(log.retrieved, IsEmpty());
  Log later = converse(server);
  EXPECT_THAT(later.identified, IsEmpty()) << "asked once";
  reopen();
  EXPECT_THAT(converse(server).identified, IsEmpty());
}

TEST_F(RetrievalTest, AUidThatIsUsedAgainIsAnotherMessage) {  // docs/providers/misbehaviours.md#m15
  settings_.leave_on_server = false;
  converse({{"u1", mail("1@x", "one")},
            {"u2", "Subject: a\r\n\r\ntwo\r\n"},
            {"u3", mail("3@x", "three")},
            {"u4", "Subject: a\r\n\r\nfour\r\n"}});
  converse({});
  std::vector<Mail> reused{{"u1", mail("9@x", "new")},
                           {"u2", "Subject: b\r\n\r\nnew two\r\n"},
                           {"u3", "Subject: no id\r\n\r\nnew three\r\n"},
                           {"u4", "Subject: a\r\n\r\nnew, and longer\r\n"}};
  Log log = converse(reused);
  EXPECT_THAT(log.identified, ElementsAre("u1", "u2", "u3", "u4"));
  EXPECT_THAT(log.retrieved, ElementsAre("u1", "u2", "u3", "u4"));
  EXPECT_THAT(log.deleted, ElementsAre("u1", "u2", "u3", "u4"));
  EXPECT_THAT(stored(), ElementsAre("one", "two", "three", "four", "new", "new two", "new three", "new, and longer"));
  EXPECT_THAT(converse(reused).retrieved, IsEmpty());
  reopen();
  Log again = converse(reused);
  EXPECT_THAT(again.retrieved, IsEmpty());
  EXPECT_THAT(again.identified, IsEmpty());
}

TEST_F(RetrievalTest, ASizeThatChangedRaisesADoubt) {
  converse({{"u1", mail("1@x", "one"), 100},
            {"u2", mail("2@x", "two"), 100},
            {"u3", mail("3@x", "three"), 0},
            {"u4", mail("4@x", "four"), 100}});
  std::vector<Mail> changed{{"u1", mail("1@x", "one"), 101},
                            {"u2", mail("9@x", "new"), 102},
                            {"u3", mail("3@x", "three"), 77},
                            {"u4", mail("4@x", "four"), 0}};
  Log log = converse(changed);
  EXPECT_THAT(log.identified, ElementsAre("u1", "u2")) << "a size that is not known is no other size";
  EXPECT_THAT(log.retrieved, ElementsAre("u2"));
  EXPECT_THAT(converse(changed).identified, IsEmpty());
}

TEST_F(RetrievalTest, WithoutTopTheSizeDecides) {
  std::vector<Mail> server{{"u1", mail("1@x", "one")}, {"u2", mail("2@x", "two"), 100}};
  converse(server, {.top = false});
  converse({}, {.top = false});
  Log same = converse(server, {.top = false});
  EXPECT_THAT(same.retrieved, IsEmpty());
  server[1].listed = 101;
  Log other = converse(server, {.top = false});
  EXPECT_THAT(other.retrieved, ElementsAre("u2"));
  EXPECT_THAT(stored(), ElementsAre("one", "two")) << "its octets show that it is the same";
}

TEST_F(RetrievalTest, RenumberedUidsAreNotImportedAgain) {  // docs/providers/misbehaviours.md#m16
  std::vector<Mail> server{
      {"old1", mail("1@x", "one")}, {"old2", mail("2@x", "two")}, {"old3", "Subject: no id\r\n\r\nthree\r\n"}};
  converse(server);
  converse(server);
  reopen();
  server[0].uid = "new1";
  server[1].uid = "new2";
  server[2].uid = "new3";
  server.push_back({"new4", mail("4@x", "a fourth message of its own size")});
  Log log = converse(server);
  EXPECT_THAT(log.identified, ElementsAre("new1", "new2", "new3"));
  EXPECT_THAT(log.retrieved, ElementsAre("new3", "new4")) << "without Message-ID only the octets can tell";
  EXPECT_THAT(stored(), ElementsAre("one", "two", "three", "a fourth message of its own size"));
  Log later = converse(server);
  EXPECT_THAT(later.identified, IsEmpty());
  EXPECT_THAT(later.retrieved, IsEmpty());
  reopen();
  EXPECT_THAT(converse(server).retrieved, IsEmpty());
}

TEST_F(RetrievalTest, ARenumberedMessageMustAgreeInMessageIdAndDate) {
  std::vector<Mail> server{{"old1", mail("1@x", "one")}, {"old2", mail("2@x", "two")}};
  converse(server);
  converse(server);
  std::string other_date = mail("1@x", "ONE", "bert@customer.test", "Mon, 2 Jun 2014 09:00:00 +0000");
  std::string other_id = mail("9@x", "TWO");
  Log log = converse({{"new1", other_date}, {"new2", other_id}});
  EXPECT_THAT(log.identified, ElementsAre("new1", "new2"));
  EXPECT_THAT(log.retrieved, ElementsAre("new1", "new2"));
  EXPECT_THAT(stored(), ElementsAre("one", "two", "ONE", "TWO"));
}

TEST_F(RetrievalTest, TwoNewMessagesAreNotTakenForOneOldOne) {
  std::vector<Mail> server{{"old1", mail("1@x", "one")}};
  converse(server);
  converse(server);
  Log log = converse({{"new1", mail("1@x", "one")}, {"new2", mail("1@x", "one")}});
  EXPECT_THAT(log.retrieved, ElementsAre("new2"));
  EXPECT_THAT(stored(), ElementsAre("one", "one")) << "the server has two";
}

TEST_F(RetrievalTest, MailThatOthersDeletedMakesNoNewMailSuspect) {
  std::vector<Mail> server{{"u1", mail("1@x", "one")}, {"u2", mail("2@x", "two")}};
  converse(server);
  converse(server);
  Log log = converse({{"u2", mail("2@x", "two")}, {"u3", mail("3@x", "of another size")}});
  EXPECT_THAT(log.identified, IsEmpty());
  EXPECT_THAT(log.retrieved, ElementsAre("u3"));
}

TEST_F(RetrievalTest, AServerThatHidesWhatWasRetrievedIsNotSuspectedOfRenumbering) {  // Gmail
  Conversation gmail{.expires_at_once = true};
  converse({{"u1", mail("1@x", "one")}}, gmail);
  converse({{"u1", mail("1@x", "one")}}, gmail);
  EXPECT_THAT(converse({{"u2", mail("2@x", "two")}}, gmail).identified, IsEmpty());
}

TEST_F(RetrievalTest, MailThatWeDeletedIsNotMissed) {
  settings_.leave_on_server = false;
  converse({{"u1", mail("1@x", "one")}}, {.confirms_quit = false});
  converse({{"u1", mail("1@x", "one")}});
  EXPECT_THAT(converse({{"u2", mail("2@x", "two")}}).identified, IsEmpty());
}

TEST_F(RetrievalTest, ExchangeRendersAnewAndStillItIsStoredOnce) {  // docs/providers/exchange.md#sizes
  std::string before = mail("1@x", "boundary=aaa"), after = mail("1@x", "boundary=bbb");
  settings_.leave_on_server = false;
  converse({{"old", before}}, {.top = false});
  converse({{"old", before}}, {.top = false});
  Log log = converse({{"new", after}}, {.top = false});
  EXPECT_THAT(log.retrieved, ElementsAre("new"));
  EXPECT_THAT(log.deleted, IsEmpty()) << "it is only taken for the same";
  EXPECT_THAT(stored(), ElementsAre("boundary=aaa"));
}

// No uids at all

TEST_F(RetrievalTest, WithoutUidsTheHeaderIdentifies) {  // docs/providers/misbehaviours.md#m9, #m11, #m12
  std::vector<Mail> server{{"", mail("1@x", "one")}, {"", mail("2@x", "two")}};
  Log first = converse(server);
  EXPECT_THAT(first.identified, ElementsAre("#1", "#2"));
  EXPECT_THAT(first.retrieved, ElementsAre("#1", "#2"));
  reopen();
  server.insert(server.begin(), Mail{"", mail("0@x", "zero")});
  Log second = converse(server);
  EXPECT_THAT(second.identified, ElementsAre("#1", "#2", "#3"));
  EXPECT_THAT(second.retrieved, ElementsAre("#1")) << "its number says nothing";
  EXPECT_THAT(stored(), ElementsAre("one", "two", "zero"));
  settings_.leave_on_server = false;
  Log third = converse(server);
  EXPECT_THAT(third.retrieved, IsEmpty());
  EXPECT_THAT(third.deleted, ElementsAre("#1", "#2", "#3"));
  EXPECT_TRUE((*keeper_->messages("work"))[0].uid.starts_with(" header "));
}

TEST_F(RetrievalTest, WithoutMessageIdOnlyTheOctetsIdentify) {
  std::vector<Mail> server{
      {"", "Subject: a\r\n\r\none\r\n"}, {"", "Subject: a\r\n\r\ntwo\r\n"}, {"", "Subject: a\r\n\r\none\r\n"}};
  for (bool top : {true, false}) {
    Log log = converse(server, {.top = top});
    EXPECT_THAT(log.retrieved, ElementsAre("#1", "#2", "#3"));
    EXPECT_THAT(stored(), ElementsAre("one", "two", "one")) << "three messages are on the server, and three are stored";
    reopen();
  }
  EXPECT_TRUE((*keeper_->messages("work"))[0].uid.starts_with(" octets "));
  server.push_back({"", "Subject: a\r\n\r\none\r\n"});
  converse(server);
  EXPECT_THAT(stored(), ElementsAre("one", "two", "one", "one"));
}

TEST_F(RetrievalTest, TheSameHeaderTwiceInOneListingIsTwoMessages) {
  std::vector<Mail> server{{"", mail("1@x", "one")}, {"", mail("1@x", "two")}, {"", mail("1@x", "one")}};
  converse(server);
  EXPECT_THAT(stored(), ElementsAre("one", "two", "one"));
  converse(server);
  EXPECT_THAT(stored(), ElementsAre("one", "two", "one"));
}

TEST_F(RetrievalTest, AUidThatComesLaterIsAdopted) {  // docs/providers/misbehaviours.md#m18
  std::vector<Mail> server{{"u1", mail("1@x", "one")}, {"", mail("2@x", "two")}};
  converse(server);
  server[1].uid = "u2";
  converse(server);
  EXPECT_THAT(stored(), ElementsAre("one", "two"));
  Log later = converse(server);
  EXPECT_THAT(later.retrieved, IsEmpty());
  EXPECT_THAT(later.identified, IsEmpty());
}

TEST_F(RetrievalTest, HeadersAreLookedAtInBounds) {
  std::vector<Mail> server(identifications_max + 1, Mail{"", "Subject: a\r\n\r\n\r\n"});
  for (std::size_t i = 0; i < server.size(); ++i) server[i].raw = mail(fmt::format("{}@x", i));
  settings_.batch = 1;
  EXPECT_EQ(converse(server).identified.size(), identifications_max);
}

TEST_F(RetrievalTest, DoubtsThatAreNotCheckedYetLeaveAMessageAlone) {
  settings_.batch = 10'000;
  std::vector<Mail> server;
  for (std::size_t i = 0; i <= identifications_max; ++i)
    server.push_back({fmt::format("u{}", i), mail(fmt::format("{}@x", i), std::to_string(i))});
  converse(server);
  converse({});
  settings_.leave_on_server = false;
  Log log = converse(server);
  EXPECT_EQ(log.identified.size(), identifications_max);
  EXPECT_EQ(log.deleted.size(), identifications_max);
  EXPECT_THAT(log.retrieved, IsEmpty());
  EXPECT_THAT(converse({server.back()}).identified, ElementsAre(server.back().uid)) << "the next session goes on";
}

// Sent mail in recent mode

TEST_F(RetrievalTest, RecentModeBringsSentMailTwiceAndItIsStoredOnce) {  // docs/providers/situations.md#sent-mail-twice
  settings_.user = "recent: anna@zillum.test";
  MailBatch copy{.account = "work"};
  std::string sent = mail("s1@zillum.test", "sent by us", "Anna <anna@zillum.test>");
  Sha256 sum;
  sum.update(sent);
  copy.messages.push_back({.raw = sent, .sha256 = sum.finish(), .message_id = "s1@zillum.test", .folder = "Sent"});
  ASSERT_TRUE(store_->commit(copy));
  std::string seen = "Received: by gmail\r\n" + sent;
  Log log =
      converse({{"u1", seen}, {"u2", "X-Copy: 2\r\n" + seen}, {"u3", mail("s1@zillum.test", "not ours", "eve@x")}});
  EXPECT_THAT(log.retrieved, ElementsAre("u1", "u2", "u3"));
  EXPECT_THAT(stored(), ElementsAre("sent by us", "not ours"));
  EXPECT_THAT(converse({{"u1", seen}, {"u2", "X-Copy: 2\r\n" + seen}}).retrieved, IsEmpty());
}

TEST_F(RetrievalTest, OutsideOfRecentModeACopyOfSentMailIsMail) {
  std::string sent = mail("s1@zillum.test", "sent by us", "anna@zillum.test");
  converse({{"u1", sent}, {"u2", "Received: by x\r\n" + sent}});
  EXPECT_EQ(stored().size(), 2U);
}

// Messages that cannot be had

// docs/providers/situations.md#corrupted-or-empty
TEST_F(RetrievalTest, ARefusedMessageIsTriedThreeTimesAndThenSetAside) {
  std::vector<Mail> server{{"u1", mail("1@x", "one")}, {"bad", mail("2@x", "two")}, {"u3", mail("3@x", "three")}};
  settings_.leave_on_server = false;
  Conversation failing{.fails = {"bad"}};
  Log first = converse(server, failing);
  EXPECT_THAT(first.retrieved, ElementsAre("u1", "bad", "u3"));
  EXPECT_THAT(first.deleted, ElementsAre("u1", "u3"));
  server = {{"bad", mail("2@x", "two")}, {"u4", mail("4@x", "four")}};
  EXPECT_THAT(converse(server, failing).retrieved, ElementsAre("bad", "u4"))
      << "what comes after it shows whose fault it is";
  reopen();
  Log third = converse(server, failing);
  EXPECT_THAT(third.retrieved, ElementsAre("bad"));
  EXPECT_THAT(third.deleted, ElementsAre("u4"));
  EXPECT_THAT(converse(server, failing).retrieved, IsEmpty());
  reopen();
  Log after = converse(server, failing);
  EXPECT_THAT(after.retrieved, IsEmpty());
  EXPECT_THAT(after.deleted, ElementsAre("u4"));
  EXPECT_THAT(stored(), ElementsAre("one", "three", "four"));
}

TEST_F(RetrievalTest, WhenEverythingIsRefusedNoMessageIsBlamedAndAllComeWhenItIsOver) {
  std::vector<Mail> server;
  for (int i = 1; i <= 4; ++i) server.push_back({fmt::format("u{}", i), mail(fmt::format("{}@x", i), "text")});
  Conversation failing{.fails = {"u2", "u3", "u4"},
                       .failure = {Errc::peer_refused, "exceeded", Step::retrieve, "message"}};
  converse(server, failing);
  EXPECT_EQ(refused_->messages, 3U);
  for (int i = 0; i < 20; ++i) {
    reopen();
    EXPECT_THAT(converse(server, failing).retrieved, ElementsAre("u2", "u3", "u4"));
    EXPECT_EQ(refused_->messages, 3U);
  }
  EXPECT_EQ(record_.quarantined, 0U);
  EXPECT_THAT(converse(server).retrieved, ElementsAre("u2", "u3", "u4"));
  EXPECT_FALSE(refused_);
  EXPECT_EQ(stored().size(), 4U);
}

TEST_F(RetrievalTest, WhatIsQuarantinedIsTriedOnceADayAndAfterAllElse) {
  settings_.leave_on_server = false;
  std::vector<Mail> server{{"bad", mail("1@x", "one")}, {"u2", mail("2@x", "two")}};
  Conversation failing{.fails = {"bad"}};
  for (int i = 0; i < 3; ++i) converse(server, failing);
  EXPECT_EQ(record_.quarantined, 1U);
  server[1] = {"u3", mail("3@x", "three")};
  EXPECT_THAT(converse(server, failing).retrieved, ElementsAre("u3"));
  loop_advance(24h);
  reopen();
  server[1] = {"u4", mail("4@x", "four")};
  EXPECT_THAT(converse(server, failing).retrieved, ElementsAre("u4", "bad"));
  EXPECT_THAT(converse(server, failing).retrieved, IsEmpty()) << "tomorrow again";
  EXPECT_EQ(record_.quarantined, 1U);
  loop_advance(24h);
  Log recovered = converse(server);
  EXPECT_THAT(recovered.retrieved, ElementsAre("bad"));
  EXPECT_THAT(recovered.deleted, ::testing::UnorderedElementsAre("bad", "u4"));
  EXPECT_EQ(record_.quarantined, 0U);
  EXPECT_FALSE(record_.quarantine_due);
}

TEST_F(RetrievalTest, TheLongestUntriedOfThoseThatFailedComesFirst) {
  settings_.batch = 2;
  std::vector<Mail> server;
  for (int i = 1; i <= 3; ++i) server.push_back({fmt::format("u{}", i), mail(fmt::format("{}@x", i), "text")});
  Conversation failing{.fails = {"u1", "u2", "u3"}};
  EXPECT_THAT(converse(server, failing).retrieved, ElementsAre("u1", "u2"));
  EXPECT_THAT(converse(server, failing).retrieved, ElementsAre("u1", "u3")) << "u3 is new, and the one that proves";
  EXPECT_THAT(converse(server, failing).retrieved, ElementsAre("u2", "u1"));
}

TEST_F(RetrievalTest, AMessageThatIsSaidToBeGoneAndIsListedAgainFailed) {
  std::vector<Mail> server{{"u1", mail("1@x", "one")}, {"u2", mail("2@x", "two")}};
  Conversation gone{.fails = {"u1"}, .failure = {Errc::peer_refused, "expunged", Step::retrieve, "message-gone"}};
  converse(server, gone);
  EXPECT_FALSE(has_failed(known_.find("u1")->fact)) << "probably it was deleted meanwhile";
  server[1] = {"u3", mail("3@x", "three")};
  converse(server, gone);
  EXPECT_EQ(known_.find("u1")->fact.attempts, 2);
}

TEST_F(RetrievalTest, AConnectionThatIsCutCountsHalf) {
  std::vector<Mail> server{{"u1", mail("1@x", "one")}};
  for (Errc code : {Errc::reset, Errc::end_of_stream, Errc::truncated, Errc::reset, Errc::reset})
    EXPECT_THAT(converse(server, {.fails = {"u1"}, .failure = {code, "cut", Step::retrieve}}).retrieved,
                ElementsAre("u1"));
  EXPECT_THAT(converse(server, {.fails = {"u1"}, .failure = {Errc::reset, "cut", Step::retrieve}}).retrieved,
              ElementsAre("u1"));
  EXPECT_THAT(converse(server).retrieved, IsEmpty()) << "six cuts";
}

TEST_F(RetrievalTest, SuccessClearsTheRecord) {
  std::vector<Mail> server{{"u1", mail("1@x", "one")}};
  Conversation failing{.fails = {"u1"}, .failure = {Errc::timed_out, "silence", Step::retrieve}};
  converse(server, failing);
  converse(server, failing);
  EXPECT_THAT(converse(server).retrieved, ElementsAre("u1"));
  EXPECT_THAT(stored(), ElementsAre("one"));
  reopen();
  EXPECT_EQ(known_.find("u1")->fact.attempts, 0);
  EXPECT_THAT(converse(server).retrieved, IsEmpty());
}

TEST_F(RetrievalTest, WhatIsNotTheMessagesFaultIsNotCounted) {
  std::vector<Mail> server{{"u1", mail("1@x", "one")}};
  for (const Error& failure :
       {Error{Errc::peer_refused, "expunged", Step::retrieve, "message-gone"},
        Error{Errc::environment, "disk full", Step::store}, Error{Errc::cancelled, "stopped", Step::retrieve},
        Error{Errc::internal, "oops", Step::retrieve}})
    for (int i = 0; i < 4; ++i) converse(server, {.fails = {"u1"}, .failure = failure});
  EXPECT_THAT(converse(server).retrieved, ElementsAre("u1"));
}

TEST_F(RetrievalTest, WhatFailedAndIsNoLongerListedIsLost) {  // docs/providers/situations.md#popped-at-retr
  std::vector<Mail> server{{"u1", mail("1@x", "one")}, {"u2", mail("2@x", "two")}};
  converse(server, {.fails = {"u1"}, .failure = {Errc::reset, "cut", Step::retrieve}});
  EXPECT_FALSE(is_lost(known_.find("u1")->fact)) << "it is still listed";
  EXPECT_EQ(record_.lost, 0U);
  server.erase(server.begin());
  converse(server);
  EXPECT_TRUE(is_lost(known_.find("u1")->fact));
  EXPECT_FALSE(is_lost(known_.find("u2")->fact)) << "it is stored";
  EXPECT_EQ(record_.lost, 1U);
  server.clear();
  converse(server);
  EXPECT_EQ(record_.lost, 1U) << "counted once; what is stored may go";
}

TEST_F(RetrievalTest, AMessageWithoutNameIsSetAsideToo) {
  std::vector<Mail> server{{"", "Subject: a\r\n\r\nbad\r\n"}, {"", mail("2@x", "good")}};
  Conversation failing{.fails = {"#1"}};
  for (int i = 0; i < 3; ++i) converse(server, failing);
  EXPECT_THAT(converse(server, failing).retrieved, IsEmpty());
  EXPECT_THAT(stored(), ElementsAre("good"));
}

TEST_F(RetrievalTest, AMessageWithoutNameMayRecover) {
  std::vector<Mail> server{{"", "Subject: a\r\n\r\nbad\r\n"}};
  Conversation failing{.fails = {"#1"}, .failure = {Errc::timed_out, "silence", Step::retrieve}};
  converse(server, failing);
  EXPECT_THAT(converse(server).retrieved, ElementsAre("#1"));
  EXPECT_THAT(stored(), ElementsAre("bad"));
  for (int i = 0; i < 3; ++i) converse(server, failing);
  EXPECT_THAT(converse(server).retrieved, IsEmpty()) << "three failures since";
}

TEST_F(RetrievalTest, HalfAMessageIsNeverStored) {
  std::vector<Mail> server{
      {"u1", mail("1@x", "one")}, {"u2", mail("2@x", "two, and cut off")}, {"u3", mail("3@x", "three")}};
  converse(server, {.fails = {"u2"}, .failure = {Errc::reset, "cut", Step::retrieve}});
  EXPECT_THAT(stored(), ElementsAre("one", "three"));
}

TEST_F(RetrievalTest, ACommitInTheMiddleOfAMessageKeepsItsBeginning) {
  std::vector<Mail> server{{"u1", mail("1@x", "one")}, {"u2", mail("2@x", "two")}};
  std::vector<Pop3Item> items{{1, "u1", 10}, {2, "u2", 10}};
  Pop3Sync retrieval(settings_, record_, known_, *store_, world_);
  retrieval.plan(items, {.top = true});
  retrieval.begin(items[0]);
  retrieval.body(server[0].raw);
  ASSERT_TRUE(retrieval.end());
  retrieval.begin(items[1]);
  retrieval.body(server[1].raw.substr(0, 20));
  ASSERT_TRUE(retrieval.commit());
  EXPECT_THAT(stored(), ElementsAre("one"));
  retrieval.body(server[1].raw.substr(20));
  ASSERT_TRUE(retrieval.end());
  ASSERT_TRUE(retrieval.commit());
  EXPECT_THAT(stored(), ElementsAre("one", "two"));
  EXPECT_TRUE(retrieval.commit()) << "nothing to commit";
  EXPECT_EQ(retrieval.stored(), 2U);
}

TEST_F(RetrievalTest, ACommitIsDueBeforeMemoryRunsShort) {
  std::vector<Pop3Item> items{{1, "u1", 10}};
  Pop3Sync retrieval(settings_, record_, known_, *store_, world_);
  retrieval.plan(items, {.top = true});
  retrieval.begin(items[0]);
  retrieval.body(std::string(uncommitted_octets_max - 1, 'x'));
  EXPECT_FALSE(retrieval.commit_due());
  retrieval.body("x");
  EXPECT_TRUE(retrieval.commit_due());
  ASSERT_TRUE(retrieval.end());
  ASSERT_TRUE(retrieval.commit());
  EXPECT_FALSE(retrieval.commit_due());
}

// The queue

TEST_F(RetrievalTest, AQueueThatIsListedAgainAndNothingElseIsFull) {  // docs/decisions/0004-queue-full.md
  Conversation gmail{.expires_at_once = true};
  std::vector<Mail> server{{"u1", mail("1@x", "one")}, {"u2", mail("2@x", "two")}};
  converse(server, gmail);
  for (int i = 0; i < 2; ++i) converse(server, gmail);
  EXPECT_FALSE(record_.queue.is_full());
  reopen();
  converse(server, gmail);
  EXPECT_TRUE(record_.queue.is_full());
  settings_.leave_on_server = false;
  EXPECT_THAT(converse(server, gmail).deleted, ElementsAre("u1", "u2"));
  EXPECT_FALSE(record_.queue.is_full());
}

// docs/providers/situations.md#lost-before-quit
TEST_F(RetrievalTest, WhatWasRetrievedWithoutQuitIsRightlyListedAgain) {
  std::vector<Mail> server{{"u1", mail("1@x", "one")}};
  converse(server, {.expires_at_once = true, .confirms_quit = false});
  for (int i = 0; i < 5; ++i) converse(server, {.expires_at_once = true});
  EXPECT_FALSE(record_.queue.is_full());
}

TEST_F(RetrievalTest, WhoDiedBeforeQuitKnowsItAfterwards) {
  std::vector<Mail> server{{"u1", mail("1@x", "one")}};
  converse(server, {.expires_at_once = true, .dies_before_quit = true});
  reopen();
  EXPECT_EQ(known_.find("u1")->fact.flags, UidRecord::unsettled);
  for (int i = 0; i < 5; ++i) converse(server, {.expires_at_once = true});
  EXPECT_FALSE(record_.queue.is_full());
  reopen();
  EXPECT_EQ(known_.find("u1")->fact.flags, UidRecord::unsettled);
}

TEST_F(RetrievalTest, MailLeftOnADovecotIsNoQueue) {
  std::vector<Mail> server{{"u1", mail("1@x", "one")}};
  for (int i = 0; i < 10; ++i) converse(server);
  EXPECT_FALSE(record_.queue.is_full());
}

TEST_F(RetrievalTest, WhatWasSeenBeforeIsNotNewlyListed) {
  settings_.batch = 20;
  Conversation gmail{.expires_at_once = true};
  std::vector<Mail> server;
  for (int n = 0; n < 60; ++n)
    server.push_back(
        {fmt::format("u{}", n), mail(fmt::format("{}@x", n), std::to_string(n), "bert@x",
                                     format_rfc5322_date(*parse_instant("2014-05-01T00:00:00Z") + n * 1h))});
  std::vector<Mail> window(server.begin(), server.begin() + 40);
  converse(window, gmail);
  EXPECT_FALSE(record_.queue.facts().portions);
  window.erase(window.begin(), window.begin() + 20);
  converse(window, gmail);
  EXPECT_FALSE(record_.queue.facts().portions) << "all of these were listed before";
  converse({server.begin() + 40, server.end()}, gmail);
  EXPECT_TRUE(record_.queue.facts().portions) << "these are a month old and were not";
}

}  // namespace
}  // namespace mailrig::client
