#include "client/crm/crm_sync.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/testing/canned_rig.h"
#include "net/task.h"

namespace mailrig::client {
namespace {

using testing::CannedRig;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Sheet;
using testing::Turn;

std::string reply(unsigned status, std::string_view body, std::string_view headers = "") {
  return fmt::format("HTTP/1.1 {} x\r\n{}Content-Length: {}\r\n\r\n{}", status, headers, body.size(), body);
}
const Turn token{"client_secret=secret", reply(200, R"({"access_token":"t","expires_in":3600})")};
Turn search(std::string_view address, std::string_view module, std::string_view id) {
  return {fmt::format("GET /crm/v8/{}/search?email={}%40b.test HTTP/1.1\r\n", module, address),
          id.empty() ? "HTTP/1.1 204 x\r\n\r\n"
                     : reply(200, fmt::format(R"({{"data":[{{"id":"{}","Email":"{}@b.test"}}]}})", id, address))};
}
const Turn found = search("bert", "Contacts", "77");
Turn associate(std::string_view message_id, const std::string& answer) {
  return {fmt::format(R"("original_message_id":"{}"}}]}})", message_id), answer};
}
const std::string success = reply(201, R"({"Emails":[{"code":"SUCCESS","details":{},"status":"success"}]})");

struct CrmSyncTest : ::testing::Test {
  CrmSyncTest() {
    static int number = 0;
    store = open_sqlite_store(StorePlace::in_memory("crm-test-" + std::to_string(++number))).value();
    settings.name = "work";
    settings.user = "anna@a.test";
    settings.crm = ServerAccess{{"crm.test", 443}, TlsMode::none};
    settings.client_id = "id";
    settings.client_secret = "secret";
    settings.refresh_token = "refresh";
  }

  void keep(const std::string& id, const std::string& from = "bert@b.test", const std::string& folder = "Inbox",
            const std::string& to = "anna@a.test") {
    const std::string raw = "From: " + from + "\r\nTo: " + to + "\r\nSubject: s\r\n\r\nHow much?\r\n";
    MailBatch batch{.account = "work"};
    Sha256 sum;
    sum.update(raw + id);
    batch.messages.push_back({.uid = id,
                              .raw = raw,
                              .sha256 = sum.finish(),
                              .message_id = id,
                              .folder = folder,
                              .stored_at = rig.calendar.now(),
                              .for_crm = true});
    ASSERT_TRUE(store->commit(batch));
  }
  void serve(std::vector<Sheet> sheets) { rig.serve("crm.test", 443, std::move(sheets)); }
  void work() {
    rig.run([&]() -> Task<void> {
      Status done = co_await crm.work(settings, *store);
      EXPECT_TRUE(done) << (done ? "" : done.error().message);
    });
    EXPECT_TRUE(rig.finished);
  }
  void wait(Duration span) {
    rig.run([&]() -> Task<void> { co_await rig.loop.sleep_until(rig.loop.now() + span); });
  }
  std::string text(std::string_view key) const { return crm.observe(store).find(key)->text(); }
  std::int64_t number(std::string_view key) const { return crm.observe(store).find(key)->integer(); }
  Duration until_due() const { return *crm.next_due() - rig.calendar.now(); }
  std::size_t connections() { return rig.heard("crm.test").size(); }
  /// Due after `span`, or up to a tenth later: clients are not to come back all at once.
  void expect_due_after(Duration span) const {
    EXPECT_GE(until_due(), span);
    EXPECT_LE(until_due(), span + span / 10);
  }

  CannedRig rig;
  std::shared_ptr<MessageStore> store;
  AccountSettings settings;
  CrmSync crm{rig.surroundings, "work"};
};

TEST_F(CrmSyncTest, MailOfAContactIsPutOnItsRecord) {
  keep("q1");
  keep("q2", "stranger@b.test");
  serve(
      {{token, found, associate("q1", success), search("stranger", "Contacts", ""), search("stranger", "Leads", "")}});
  work();
  EXPECT_EQ(text("state"), "ok");
  EXPECT_EQ(text("message"), "");
  EXPECT_EQ(number("associated"), 1);
  EXPECT_EQ(number("pending"), 0);
  EXPECT_EQ(crm.next_due(), std::nullopt);
  const std::vector<AssociationRecord> marks = store->crm_marks("work").value();
  ASSERT_EQ(marks.size(), 2U);
  EXPECT_EQ(marks[0].module + marks[0].record + marks[0].outcome, "Contacts77associated");
  EXPECT_EQ(marks[1].module + marks[1].record + marks[1].outcome, "no-record");
  EXPECT_EQ(marks[0].at, rig.calendar.now() - Duration(rig.calendar.now() - marks[0].at));
  EXPECT_EQ(connections(), 1U);
  EXPECT_THAT(rig.heard("crm.test").at(0), HasSubstr("\r\nHost: crm.test:443\r\n"));
  EXPECT_THAT(rig.heard("crm.test").at(0), HasSubstr("\r\nAuthorization: Zoho-oauthtoken t\r\n"));
  work();
  EXPECT_EQ(connections(), 1U);
}

TEST_F(CrmSyncTest, SentMailIsPutThereAsSent) {
  keep("s1", "anna@a.test", "Sent", "bert@b.test");
  serve({{token, found, associate("s1", success)}});
  work();
  EXPECT_EQ(number("associated"), 1);
  EXPECT_THAT(rig.heard("crm.test").at(0), HasSubstr(R"("sent":true)"));
}

TEST_F(CrmSyncTest, OwnMailInTheInboxIsNobodysAndNothingIsAsked) {
  keep("s1", "anna@a.test", "Inbox", "bert@b.test");
  work();
  EXPECT_EQ(number("pending"), 0);
  EXPECT_EQ(text("state"), "ok");
  EXPECT_EQ(connections(), 0U);
  EXPECT_EQ(store->crm_marks("work").value().at(0).outcome, "no-record");
}

TEST_F(CrmSyncTest, WhatIsNotAssociatedWithoutACrmIsNotWaitedFor) {
  EXPECT_EQ(crm.next_due(), Instant{});  // a look is due
  settings.crm.reset();
  work();
  EXPECT_EQ(crm.next_due(), std::nullopt);
  EXPECT_EQ(connections(), 0U);
}

TEST_F(CrmSyncTest, TheTokenIsKeptBetweenRounds) {
  keep("q1");
  serve({{token, found, associate("q1", success)}, {found, associate("q2", success)}});
  work();
  keep("q2");
  work();
  EXPECT_EQ(number("associated"), 2);
  EXPECT_EQ(connections(), 2U);
}

TEST_F(CrmSyncTest, DownAndBackAssociatesOnce) {
  keep("q1");
  work();  // nobody listens
  EXPECT_EQ(text("state"), "waiting");
  EXPECT_THAT(text("message"), HasSubstr("connect: "));
  EXPECT_EQ(number("pending"), 1);
  expect_due_after(1min);
  work();
  EXPECT_EQ(connections(), 0U);
  serve({{{"client_secret", reply(503, "<html>down</html>")}}, {token, found, associate("q1", success)}});
  wait(until_due());
  work();
  EXPECT_EQ(connections(), 1U);
  expect_due_after(2min);
  wait(until_due());
  work();
  EXPECT_EQ(text("state"), "ok");
  EXPECT_EQ(number("associated"), 1);
  EXPECT_EQ(number("pending"), 0);
}

TEST_F(CrmSyncTest, WaitsGrowUpToAnHour) {
  keep("q1");
  for (Duration span : {Duration(1min), Duration(2min), Duration(4min), Duration(8min), Duration(16min),
                        Duration(32min), Duration(1h), Duration(1h)}) {
    work();
    expect_due_after(span);
    wait(until_due());
  }
}

TEST_F(CrmSyncTest, ALostAnswerIsAskedAboutBeforeItIsRepeated) {
  keep("q1");
  // Cut within the answer, on a connection that was open: not at once again.
  serve({{token, found, associate("q1", "HTTP/1.1 20")},
         {found, {"orginal_message_id=q1 ", reply(200, R"({"available":true,"record":{"id":"77"}})")}}});
  work();
  EXPECT_EQ(number("pending"), 1);
  EXPECT_EQ(number("associated"), 0);
  wait(until_due());
  work();
  EXPECT_EQ(number("associated"), 1);
  EXPECT_EQ(number("pending"), 0);
  EXPECT_EQ(store->crm_marks("work").value().size(), 1U);
}

TEST_F(CrmSyncTest, BusyIsWaitedForAsLongAsTheServerSays) {
  keep("q1");
  serve({{token, found, associate("q1", reply(429, "{}", "Retry-After: 600\r\n"))}});
  work();
  EXPECT_EQ(text("state"), "waiting");
  expect_due_after(10min);
}

TEST_F(CrmSyncTest, AThrottledTokenIsLeftAloneForTenMinutesAndLonger) {
  keep("q1");
  const Sheet denied = {{"client_secret", reply(400, R"({"error":"Access Denied"})")}};
  serve({denied, denied, denied, denied, denied, denied});
  for (Duration span :
       {Duration(10min), Duration(20min), Duration(40min), Duration(80min), Duration(2h), Duration(2h)}) {
    work();
    expect_due_after(span);
    wait(until_due());
  }
  EXPECT_EQ(connections(), 6U);
}

TEST_F(CrmSyncTest, ADeadConnectionWaitsForTheUserAndTheQueueIsKept) {
  keep("q1");
  serve({{{"client_secret", reply(200, R"({"error":"invalid_code"})")}}, {token, found, associate("q1", success)}});
  work();
  EXPECT_EQ(text("state"), "reconnect-needed");
  EXPECT_THAT(text("message"), HasSubstr("reconnect"));
  EXPECT_EQ(number("pending"), 1);
  EXPECT_EQ(crm.next_due(), std::nullopt);
  wait(48h);
  work();
  EXPECT_EQ(connections(), 1U);
  crm.account_edited();
  EXPECT_TRUE(crm.next_due());
  work();
  EXPECT_EQ(text("state"), "ok");
  EXPECT_EQ(number("associated"), 1);
}

TEST_F(CrmSyncTest, AMissingRightIsToldAndLookedAtAgainAfterADay) {
  keep("q1");
  keep("q2", "carl@b.test");
  const std::string no = reply(403, R"({"code":"NO_PERMISSION","message":"permission denied"})");
  serve({{token,
          {"Contacts/search?email=bert", no},
          search("bert", "Leads", ""),
          search("carl", "Contacts", "78"),
          associate("q2", success)},
         {token, found, associate("q1", success)}});
  work();
  EXPECT_EQ(text("state"), "action-needed");
  EXPECT_THAT(text("message"), HasSubstr("search Contacts"));
  EXPECT_EQ(number("associated"), 1);  // other mail goes on
  EXPECT_EQ(number("pending"), 1);
  EXPECT_GT(until_due(), 23h);
  EXPECT_LE(until_due(), 24h);
  work();
  EXPECT_EQ(connections(), 1U);
  wait(until_due());
  work();
  EXPECT_EQ(text("state"), "ok");
  EXPECT_EQ(number("associated"), 2);
}

TEST_F(CrmSyncTest, ATokenOfAnotherDataCentreIsForTheUser) {
  keep("q1");
  const std::string bad = reply(401, R"({"code":"INVALID_TOKEN"})");
  serve({{token, {"search", bad}, token, {"search", bad}}});
  work();
  EXPECT_EQ(text("state"), "action-needed");
  EXPECT_THAT(text("message"), HasSubstr("data centre"));
  expect_due_after(1h);
}

TEST_F(CrmSyncTest, AServerThatClosesAfterEachAnswerIsCalledAgain) {
  keep("q1");
  auto closing = [](Turn turn) {
    turn.reply.insert(turn.reply.find("\r\n") + 2, "Connection: close\r\n");
    return Sheet{turn};
  };
  serve({closing(token), closing(found), closing(associate("q1", success))});
  work();
  EXPECT_EQ(number("associated"), 1);
  EXPECT_EQ(connections(), 3U);
}

TEST_F(CrmSyncTest, WhatCannotBeDoneNowIsPostponedForAnHour) {
  keep("q1");
  const std::string locked = reply(400, R"({"Emails":[{"code":"RECORD_LOCKED","message":"m"}]})");
  serve({{token, found, associate("q1", locked)},
         {found, associate("q2", success)},
         {token, found, associate("q1", success)}});
  work();
  EXPECT_EQ(text("state"), "ok");
  EXPECT_EQ(number("pending"), 1);
  EXPECT_LE(until_due(), 1h);
  EXPECT_GT(until_due(), 59min);
  keep("q2");
  EXPECT_LE(until_due(), 1h);
  work();  // a new one is not held up by it
  EXPECT_EQ(number("associated"), 1);
  wait(until_due());
  work();
  EXPECT_EQ(number("associated"), 2);
}

TEST_F(CrmSyncTest, MoreThanOneRound) {
  std::vector<Turn> turns = {token, found};
  for (int i = 0; i < 201; ++i) keep("m" + std::to_string(i) + ".");
  for (int i = 0; i < 200; ++i) turns.push_back(associate("m" + std::to_string(i) + ".", success));
  serve({turns, {found, associate("m200.", success)}});
  work();
  EXPECT_EQ(number("associated"), 201);
  EXPECT_EQ(number("pending"), 0);
}

TEST_F(CrmSyncTest, ARestartLosesNothing) {
  keep("q1");
  work();
  EXPECT_EQ(number("pending"), 1);
  CrmSync again(rig.surroundings, "work");
  EXPECT_EQ(again.next_due(), Instant{});
  serve({{token, found, associate("q1", reply(400, R"({"Emails":[{"code":"DUPLICATE_DATA"}]})"))}});
  rig.run([&]() -> Task<void> {
    Status done = co_await again.work(settings, *store);
    EXPECT_TRUE(done);
  });
  EXPECT_EQ(again.observe(store).find("associated")->integer(), 1);
  EXPECT_EQ(again.next_due(), std::nullopt);
}

const std::string boom = reply(500, R"({"code":"INTERNAL_ERROR","message":"Internal Server Error"})");

TEST_F(CrmSyncTest, AMailThatTheCrmCannotDigestHoldsNoOtherUp) {
  keep("q1");
  keep("q2", "dora@b.test");
  serve({{token, found, associate("q1", boom), search("dora", "Contacts", "78"), associate("q2", success)}});
  work();
  EXPECT_EQ(number("associated"), 1);
  EXPECT_EQ(number("pending"), 1);
  EXPECT_EQ(text("state"), "waiting");
  EXPECT_THAT(text("message"), HasSubstr("500 INTERNAL_ERROR"));
  EXPECT_GT(until_due(), 59s);
  EXPECT_LE(until_due(), 1min);
  // The next time it comes after what is new, and the call in doubt is asked about.
  keep("q3", "dora@b.test");
  wait(until_due());
  serve({{search("dora", "Contacts", "78"),
          associate("q3", success),
          found,
          {"orginal_message_id=q1 ", reply(200, R"({"available":false})")},
          associate("q1", boom)}});
  work();
  EXPECT_EQ(number("associated"), 2);
  EXPECT_GT(until_due(), 119s);
  EXPECT_LE(until_due(), 2min);
  const Value emails = crm.observe(store).find("emails")->made();
  ASSERT_EQ(emails.items().size(), 3U);
  EXPECT_EQ(emails.items()[0].find("message_id")->text(), "q1");
  EXPECT_EQ(emails.items()[0].find("outcome")->text(), "pending");
  EXPECT_EQ(emails.items()[0].find("failures")->integer(), 2);
  EXPECT_EQ(emails.items()[0].find("next_try")->text(), format_instant(*crm.next_due()));
  EXPECT_THAT(emails.items()[0].find("reason")->text(), HasSubstr("500"));
  EXPECT_EQ(emails.items()[1].find("outcome")->text(), "associated");
  EXPECT_EQ(emails.items()[1].find("next_try")->text(), "never");
}

TEST_F(CrmSyncTest, ARefusalIsToldWithTheField) {
  keep("q1");
  serve(
      {{token, found,
        associate(
            "q1",
            reply(
                400,
                R"({"Emails":[{"code":"INVALID_DATA","details":{"api_name":"from"},"message":"invalid data","status":"error"}]})"))}});
  work();
  EXPECT_EQ(text("state"), "ok");
  EXPECT_EQ(number("pending"), 0);
  EXPECT_EQ(number("refused"), 1);
  EXPECT_EQ(text("message"),
            "1 e-mail was not taken by the CRM: the CRM answered 400 INVALID_DATA: invalid data (field from)");
  EXPECT_EQ(text("next_try"), "never");
  const Value emails = crm.observe(store).find("emails")->made();
  EXPECT_EQ(emails.items().at(0).find("outcome")->text(), "refused");
  EXPECT_EQ(emails.items().at(0).find("reason")->text(),
            "the CRM answered 400 INVALID_DATA: invalid data (field from)");
}

TEST_F(CrmSyncTest, CallsGoWhereTheTokenIsGood) {
  keep("q1");
  serve({{{"client_secret=secret", reply(200, R"({"access_token":"t","api_domain":"https://api.test:8443"})")}}});
  rig.serve("api.test", 8443, {{found, associate("q1", success)}});
  settings.crm->tls = TlsMode::none;
  work();
  EXPECT_EQ(number("associated"), 1);
  EXPECT_THAT(rig.heard("api.test").at(0), HasSubstr("\r\nHost: api.test:8443\r\n"));
  EXPECT_THAT(rig.heard("crm.test").at(0), HasSubstr("\r\nHost: crm.test:443\r\n"));
}

TEST_F(CrmSyncTest, AServerThatClosesWithoutSayingSoIsCalledAgain) {
  keep("q1");
  // The write that met the closed connection may have been carried out: it is looked for a minute later.
  serve({{token, found},
         {found},
         {{"orginal_message_id=q1 ", reply(200, R"({"available":false})")}},
         {associate("q1", success)}});
  work();
  EXPECT_EQ(number("pending"), 1);
  wait(until_due());
  work();
  EXPECT_EQ(number("associated"), 1);
  EXPECT_EQ(connections(), 4U);
}

TEST_F(CrmSyncTest, AFullCrmIsForTheUserAndLookedAtAgain) {
  keep("q1");
  const std::string full =
      reply(400, R"({"Emails":[{"code":"STORAGE_SPACE_EXCEEDS","message":"storage","status":"error"}]})");
  serve({{token, found, associate("q1", full)}, {found, associate("q1", success)}});
  work();
  EXPECT_EQ(text("state"), "action-needed");
  EXPECT_THAT(text("message"), HasSubstr("free storage"));
  EXPECT_EQ(number("pending"), 1);
  expect_due_after(1h);
}

TEST_F(CrmSyncTest, PeopleAndNotesAreEntered) {
  serve({{token,
          search("bert", "Leads", ""),
          {R"("Email":"bert@b.test")",
           reply(201, R"({"data":[{"code":"SUCCESS","details":{"id":"5"},"status":"success"}]})")}},
         {search("bert", "Contacts", ""), search("bert", "Leads", "5")},
         {{R"("Note_Content":"c")",
           reply(201, R"({"data":[{"code":"SUCCESS","details":{"id":"6"},"status":"success"}]})")}},
         {search("carl", "Contacts", ""), search("carl", "Leads", "")}});
  rig.run([&]() -> Task<void> {
    CrmPersonEntry person{.address = "bert@b.test", .name = "Bert Bolt"};
    co_await crm.add_person(settings, std::move(person));
    CrmNoteEntry to_bert{.address = "bert@b.test", .title = "t", .content = "c"};
    co_await crm.add_note(settings, std::move(to_bert));
    CrmNoteEntry to_nobody{.address = "carl@b.test", .title = "t", .content = "c"};
    co_await crm.add_note(settings, std::move(to_nobody));
  });
  const Value entries = *crm.observe(store).find("entries");
  ASSERT_EQ(entries.items().size(), 3U);
  EXPECT_EQ(entries.items()[0].find("outcome")->text(), "added");
  EXPECT_EQ(entries.items()[0].find("record")->text(), "5");
  EXPECT_EQ(entries.items()[1].find("outcome")->text(), "added");
  EXPECT_EQ(entries.items()[1].find("module")->text(), "Leads");
  EXPECT_EQ(entries.items()[2].find("outcome")->text(), "failed");
  EXPECT_EQ(entries.items()[2].find("message")->text(), "no contact and no lead has this address");
}

/// A store whose disk is full, or that cannot be read.
struct BrokenStore final : MessageStore {
  explicit BrokenStore(MessageStore& below) : store(below) {}
  Error broken() { return {Errc::environment, "the disk is full"}; }
  Status commit(MailBatch& batch) override { return store.commit(batch); }
  Result<std::vector<UidRecord>> uids(std::string_view account) override { return store.uids(account); }
  Result<StoreTotals> totals(std::string_view account) override { return store.totals(account); }
  Result<std::string> account_facts(std::string_view account) override { return store.account_facts(account); }
  Result<std::vector<StoredMessage>> messages(std::string_view account) override { return store.messages(account); }
  Result<std::vector<StoredMessage>> with_digest(std::string_view a, const Sha256::Digest& d) override {
    return store.with_digest(a, d);
  }
  Result<std::vector<StoredMessage>> with_message_id(std::string_view a, std::string_view m) override {
    return store.with_message_id(a, m);
  }
  Result<std::string> raw(MessageKey key) override {
    return unreadable ? Result<std::string>(broken()) : store.raw(key);
  }
  Result<std::int64_t> add_to_outbox(const OutboxItem& item) override { return store.add_to_outbox(item); }
  Status update_outbox(const OutboxItem& item) override { return store.update_outbox(item); }
  Result<std::vector<OutboxItem>> outbox(std::string_view account) override { return store.outbox(account); }
  Result<std::vector<StoredMessage>> awaiting_crm(std::string_view account, std::size_t max) override {
    return store.awaiting_crm(account, max);
  }
  Result<std::uint64_t> count_awaiting_crm(std::string_view account) override {
    return store.count_awaiting_crm(account);
  }
  Status mark_crm(const AssociationRecord& mark, bool settled) override {
    return full ? Status(broken()) : store.mark_crm(mark, settled);
  }
  Result<std::vector<AssociationRecord>> crm_marks(std::string_view account) override {
    return store.crm_marks(account);
  }
  MessageStore& store;
  bool full = false;
  bool unreadable = false;
};

TEST_F(CrmSyncTest, AStoreThatFailsIsToldAndTriedAgainLater) {
  keep("q1");
  for (bool reading : {false, true}) {
    auto broken = std::make_shared<BrokenStore>(*store);
    (reading ? broken->unreadable : broken->full) = true;
    serve({{token, found, associate("q1", success)}});
    CrmSync failing(rig.surroundings, "work");
    rig.run([&]() -> Task<void> {
      Status done = co_await failing.work(settings, *broken);
      EXPECT_FALSE(done);
      EXPECT_EQ(done ? "" : done.error().message, "the disk is full");
    });
    EXPECT_EQ(failing.observe(broken).find("pending")->integer(), 1);
    EXPECT_EQ(*failing.next_due() - rig.calendar.now(), 1min);
  }
  EXPECT_THAT(store->crm_marks("work").value(), IsEmpty());
}

}  // namespace
}  // namespace mailrig::client
