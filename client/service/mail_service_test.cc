#include "client/service/mail_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/store/failing_store.h"
#include "client/testing/small_server.h"
#include "net/sim/sim_loop.h"
#include "net/sim/sim_network.h"
#include "net/task.h"

namespace mailrig::client {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::SmallServer;

const Instant start = *parse_instant("2014-06-02T09:00:00Z");

class MailServiceTest : public ::testing::Test {
 protected:
  MailServiceTest() { restart(); }

  AccountSettings account(std::string name = "home", std::string host = "pop.isp.test") {
    AccountSettings settings{.name = std::move(name)};
    settings.pop3 = ServerAccess{{std::move(host), 110}, TlsMode::none};
    settings.user = "anna@isp.test";
    settings.password = "s3cret";
    return settings;
  }

  /// The client starts (again), over the same database.
  void restart(std::vector<AccountSettings> accounts = {}) {
    service_.reset();
    keeper_ = *open_sqlite_store(place());
    service_ = std::make_unique<MailService>(ClientContext{
        .world = world_,
        .open_store = [this]() -> Result<std::unique_ptr<MessageStore>> {
          ++stores_opened_;
          Result<std::unique_ptr<MessageStore>> store = open_sqlite_store(place());
          if (!store) return store.error();
          return std::unique_ptr<MessageStore>(std::make_unique<FailingStore>(*std::move(store), faults_));
        },
        .tls = [this](TrustedRoots) -> Result<std::shared_ptr<const TlsClientContext>> { return tls_trouble_; },
        .latencies = &latencies_});
    for (AccountSettings& settings : accounts) ASSERT_TRUE(service_->add_account(std::move(settings)));
  }
  StorePlace place() const {
    return StorePlace::in_memory(std::string("service-") +
                                 ::testing::UnitTest::GetInstance()->current_test_info()->name());
  }

  void run(Task<void> story) { ASSERT_EQ(loop_.run(std::move(story), {}).why, LoopEnd::Why::finished); }
  void poll(std::string name = "home") {
    run([](MailService& service, std::string account) -> Task<void> {
      Status polled = co_await service.poll(account);
      EXPECT_TRUE(polled);
    }(*service_, std::move(name)));
  }
  void edit(AccountSettings settings) {
    run([](MailService& service, AccountSettings changed) -> Task<void> {
      Status edited = co_await service.edit_account(changed);
      EXPECT_TRUE(edited);
    }(*service_, std::move(settings)));
  }
  /// As `advance` does.
  void advance(Duration span) {
    Instant end = calendar_.now() + span;
    run([](MailServiceTest& self, Instant until) -> Task<void> {
      for (int rounds = 0;; ++rounds) {
        std::optional<Instant> due = self.service_->next_due();
        if (!due || *due > until) break;
        EXPECT_LT(rounds, 10'000) << "something is due again and again";
        if (rounds == 10'000) co_return;
        co_await self.calendar_.move_to(*due);
        co_await self.service_->poll_due();
      }
      co_await self.calendar_.move_to(until);
    }(*this, end));
  }

  Value see(std::string_view path, std::string_view name = "home") {
    Value observed = service_->observe();
    const Value* accounts = observed.find(name);
    if (accounts == nullptr) return {};
    Value one = accounts->made();
    const Value* found = one.find(path);
    return found == nullptr ? Value("no such path") : found->made();
  }
  std::string state(std::string_view name = "home") { return see("state", name).text(); }
  std::int64_t count(std::string_view path, std::string_view name = "home") { return see(path, name).integer(); }
  std::string first_message(std::string_view field) {
    Value messages = see("messages");
    return messages.items().empty() ? "none" : messages.items()[0].find(field)->made().text();
  }
  std::string told() {
    std::string lines;
    for (const TranscriptEntry& entry : transcript_.entries()) lines += entry.text + "\n";
    return lines;
  }

  sim::SimLoop loop_;
  sim::SimCalendar calendar_{loop_, start};
  sim::SimNetwork network_{loop_};
  Prng prng_{1};
  Transcript transcript_;
  World world_{loop_, loop_, calendar_, network_, prng_, transcript_};
  StepLatencies latencies_;
  std::vector<StoreFault> faults_;
  Error tls_trouble_{Errc::certificate_refused, "the certificate has expired", Step::tls, "expired"};
  int stores_opened_ = 0;
  std::unique_ptr<MessageStore> keeper_;
  std::unique_ptr<MailService> service_;
};

TEST_F(MailServiceTest, APollBringsMailAndShowsIt) {
  SmallServer server(world_, "pop.isp.test");
  server.messages = {
      {"u1", "From: Bert <bert@x.test>\r\nSubject: =?utf-8?q?h=C3=A4?=\r\nMessage-ID: <1@x>\r\n\r\none\r\n"}};
  restart({account()});
  EXPECT_EQ(count("stored"), 0);
  poll();
  EXPECT_EQ(state(), "ok");
  EXPECT_EQ(see("message").text(), "");
  EXPECT_EQ(count("stored"), 1);
  EXPECT_EQ(count("polls"), 1);
  EXPECT_EQ(count("retrieved"), 1);
  EXPECT_EQ(count("deleted"), 0);
  EXPECT_EQ(see("interval").text(), "15m");
  EXPECT_EQ(see("last_error").text(), "");
  EXPECT_EQ(see("disabled_by").text(), "");
  EXPECT_EQ(first_message("uid"), "u1");
  EXPECT_EQ(first_message("subject"), "hä");
  EXPECT_EQ(first_message("from"), "Bert <bert@x.test>");
  EXPECT_EQ(first_message("message_id"), "1@x");
  EXPECT_EQ(first_message("folder"), "Inbox");
  EXPECT_EQ(first_message("body"), "one\r\n");
  EXPECT_EQ(first_message("raw"), server.messages[0].raw);
  EXPECT_EQ(first_message("sha256"), Sha256::hex_of(server.messages[0].raw));
  EXPECT_THAT(first_message("header"), HasSubstr("Message-ID: <1@x>"));
  EXPECT_THAT(first_message("stored_at"), HasSubstr("2014-06-02T09:00:00"));
  EXPECT_EQ(see("messages").items()[0].find("octets")->integer(),
            static_cast<std::int64_t>(server.messages[0].raw.size()));
  EXPECT_EQ(see("folders").find("Inbox")->integer(), 1);
  EXPECT_EQ(see("folders").find("Sent")->integer(), 0);
  EXPECT_EQ(see("outbox").integer(), 0);
  EXPECT_THAT(see("sent").items(), IsEmpty());
  EXPECT_THAT(see("set_aside").items(), IsEmpty());
  EXPECT_NE(see("crm").find("state"), nullptr);
  EXPECT_THAT(told(), AllOf(HasSubstr("home: connects to pop.isp.test:110"), HasSubstr("home: 1 messages committed")));
  EXPECT_THAT(told(), Not(HasSubstr("s3cret")));
  EXPECT_THAT(told(), Not(HasSubstr("RETR"))) << "the servers of a run write the lines";
  EXPECT_EQ(latencies_.by_step[static_cast<std::size_t>(Step::connect)].count(), 1U);
  EXPECT_EQ(latencies_.by_step[static_cast<std::size_t>(Step::retrieve)].count(), 1U);
  EXPECT_EQ(latencies_.by_step[static_cast<std::size_t>(Step::store)].count(), 1U);
}

TEST_F(MailServiceTest, LinesAreRecordedWhereNoServerOfOursDoes) {
  SmallServer server(world_, "pop.isp.test");
  MailService service(
      {.world = world_, .open_store = [&] { return open_sqlite_store(place()); }, .record_lines = true});
  ASSERT_TRUE(service.add_account(account()));
  run([](MailService& polled) -> Task<void> {
    Status status = co_await polled.poll("home");
    EXPECT_TRUE(status);
  }(service));
  EXPECT_THAT(told(), AllOf(HasSubstr("PASS <password>"), HasSubstr("+OK ready"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(transcript_.entries(), Contains(::testing::Field(&TranscriptEntry::connection, "home/pop3")));
}

TEST_F(MailServiceTest, AnAccountIsDueAnIntervalAfterItWasAddedAndAfterEachPoll) {
  SmallServer server(world_, "pop.isp.test");
  restart({account()});
  EXPECT_EQ(service_->next_due(), start + 15min);
  advance(2h);
  EXPECT_EQ(count("polls"), 8);
  EXPECT_EQ(server.connections, 8U);
  EXPECT_EQ(service_->next_due(), start + 2h + 15min) << "in the rhythm, however long a poll takes";
  advance(5min);
  poll();
  EXPECT_EQ(count("polls"), 9);
  EXPECT_GE(*service_->next_due(), start + 2h + 20min) << "a poll by hand begins a new rhythm";
  AccountSettings never = account("other");
  never.every.reset();
  restart({never});
  EXPECT_EQ(service_->next_due(), std::nullopt);
  EXPECT_EQ(see("interval", "other").text(), "never");
}

TEST_F(MailServiceTest, AccountsPollAtTheSameTimeAndEachHasItsOwn) {
  SmallServer isp(world_, "pop.isp.test"), work(world_, "pop.work.test");
  network_.set_link("pop.isp.test", {.latency = 1s});
  network_.set_link("pop.work.test", {.latency = 1s});
  isp.messages = {{"u1", "Subject: isp\r\n\r\none\r\n"}};
  work.messages = {{"u1", "Subject: work\r\n\r\none\r\n"}, {"u2", "Subject: work\r\n\r\ntwo\r\n"}};
  restart({account("home", "pop.isp.test"), account("office", "pop.work.test")});
  Moment before = loop_.now();
  run([](MailService& service) -> Task<void> {
    std::vector<std::string> both{"home", "office"};
    Status polled = co_await service.poll_all(both);
    EXPECT_TRUE(polled);
  }(*service_));
  Duration together = loop_.now() - before;
  before = loop_.now();
  poll("home");
  Duration alone = loop_.now() - before;
  EXPECT_LT(together, 2 * alone);
  EXPECT_EQ(count("stored", "home"), 1);
  EXPECT_EQ(count("stored", "office"), 2);
  EXPECT_THAT(service_->account_names(), ElementsAre("home", "office"));
  advance(1h);
  EXPECT_EQ(count("polls", "home"), 6);
  EXPECT_EQ(count("polls", "office"), 5);
}

TEST_F(MailServiceTest, OneConversationAtATime) {
  SmallServer server(world_, "pop.isp.test");
  restart({account()});
  run([](MailService& service) -> Task<void> {
    std::vector<std::string> twice{"home", "home"};
    Status polled = co_await service.poll_all(twice);
    EXPECT_TRUE(polled);
  }(*service_));
  EXPECT_EQ(server.connections, 1U);
  EXPECT_EQ(count("polls"), 1);
}

TEST_F(MailServiceTest, AnUnknownNameIsAnErrorWithASuggestion) {
  restart({account()});
  EXPECT_EQ(service_->add_account(account()).error().code, Errc::bad_input);
  run([](MailService& service) -> Task<void> {
    Status polled = co_await service.poll("hom");
    EXPECT_EQ(polled.error().message, "there is no account \"hom\"; did you mean \"home\"?");
    std::vector<std::string> names{"home", "x"};
    Status all = co_await service.poll_all(names);
    EXPECT_EQ(all.error().code, Errc::bad_input);
    AccountSettings other{.name = "x"};
    Status edited = co_await service.edit_account(other);
    EXPECT_EQ(edited.error().code, Errc::bad_input);
    Status sent = co_await service.send("x", Value::map());
    EXPECT_EQ(sent.error().code, Errc::bad_input);
  }(*service_));
  EXPECT_EQ(service_->find_account("home")->user, "anna@isp.test");
  EXPECT_EQ(service_->find_account("x"), nullptr);
}

TEST_F(MailServiceTest, TheTenthWrongPasswordDisablesAndARightOneEnables) {
  SmallServer server(world_, "pop.isp.test");
  server.messages = {{"u1", "Subject: a\r\n\r\none\r\n"}};
  AccountSettings wrong = account();
  wrong.password = "wr0ng";
  restart({wrong});
  advance(9 * 15min);
  EXPECT_EQ(state(), "authentication-failing");
  EXPECT_EQ(count("authentication_failures"), 9);
  restart({wrong});
  EXPECT_EQ(count("authentication_failures"), 9) << "a restart keeps it";
  EXPECT_EQ(service_->next_due(), start + 150min);
  advance(2 * 24h);
  EXPECT_EQ(state(), "disabled");
  EXPECT_EQ(see("disabled_by").text(), "authentication");
  EXPECT_EQ(server.connections, 10U);
  EXPECT_EQ(service_->next_due(), std::nullopt);
  poll();
  EXPECT_EQ(server.connections, 10U) << "not even by hand";
  EXPECT_EQ(count("polls"), 10);

  edit(wrong);
  EXPECT_EQ(state(), "disabled");
  EXPECT_EQ(server.connections, 11U) << "tried once";
  EXPECT_EQ(count("authentication_failures"), 10);
  EXPECT_EQ(service_->next_due(), std::nullopt);

  edit(account());
  EXPECT_EQ(state(), "ok");
  EXPECT_EQ(see("disabled_by").text(), "");
  EXPECT_EQ(count("authentication_failures"), 0);
  EXPECT_EQ(server.commands["RETR"], 0U) << "only the login was tried";
  advance(1h);
  EXPECT_EQ(count("stored"), 1);
}

TEST_F(MailServiceTest, AnEditThatCannotBeVerifiedIsTriedAgain) {
  SmallServer server(world_, "pop.isp.test");
  AccountSettings wrong = account();
  wrong.password = "wr0ng";
  restart({wrong});
  advance(10 * 15min);
  ASSERT_EQ(state(), "disabled");
  server.refuse(true);
  edit(account());
  EXPECT_EQ(state(), "connection-failing");
  EXPECT_THAT(see("message").text(), HasSubstr("not known yet"));
  server.refuse(false);
  advance(15min);
  EXPECT_EQ(state(), "ok");
}

TEST_F(MailServiceTest, TheFiftiethLostConnectionDisables) {
  SmallServer server(world_, "pop.isp.test");
  server.refuse(true);
  restart({account()});
  advance(49 * 15min);
  EXPECT_EQ(state(), "connection-failing");
  EXPECT_EQ(count("connection_failures"), 49);
  EXPECT_THAT(see("message").text(), HasSubstr("pop.isp.test:110"));
  advance(15min);
  EXPECT_EQ(state(), "disabled");
  EXPECT_EQ(see("disabled_by").text(), "connection");
  server.refuse(false);
  advance(24h);
  EXPECT_EQ(server.connections, 0U);
  edit(account());
  EXPECT_EQ(state(), "ok");
  EXPECT_EQ(count("connection_failures"), 0);
}

TEST_F(MailServiceTest, ARefusedCertificateStopsRetrievalUntilItIsMended) {
  SmallServer server(world_, "pop.isp.test");
  AccountSettings secure = account();
  secure.pop3->tls = TlsMode::implicit;
  restart({secure});
  advance(24h);
  EXPECT_EQ(state(), "certificate-error");
  EXPECT_THAT(see("last_error").text(), HasSubstr("[expired]"));
  EXPECT_EQ(count("connection_failures"), 0);
  EXPECT_EQ(count("authentication_failures"), 0);
  EXPECT_EQ(server.commands["USER"], 0U);
  EXPECT_NE(service_->next_due(), std::nullopt) << "the certificate may be renewed";
  edit(account());
  advance(15min);
  EXPECT_EQ(state(), "ok");
}

TEST_F(MailServiceTest, TlsWithoutAnyIsOurOwnTrouble) {
  SmallServer server(world_, "pop.isp.test");
  MailService service({.world = world_, .open_store = [&] { return open_sqlite_store(place()); }});
  AccountSettings secure = account();
  secure.pop3->tls = TlsMode::starttls;
  ASSERT_TRUE(service.add_account(secure));
  run([](MailService& polled) -> Task<void> {
    Status status = co_await polled.poll("home");
    EXPECT_TRUE(status);
  }(service));
  EXPECT_EQ(service.observe().find("home")->made().find("state")->text(), "action-needed");
}

TEST_F(MailServiceTest, WhatOnlyTheUserCanMendIsNotTriedAgain) {
  SmallServer server(world_, "pop.isp.test");
  server.replies["PASS"] = "-ERR [AUTH] Application-specific password required: http://support.google.com/x";
  restart({account()});
  advance(24h);
  EXPECT_EQ(state(), "action-needed");
  EXPECT_EQ(server.connections, 1U);
  EXPECT_EQ(service_->next_due(), std::nullopt);
  server.replies.clear();
  AccountSettings app = account();
  edit(app);
  EXPECT_EQ(server.connections, 1U) << "an account that is not disabled waits for its next poll";
  EXPECT_EQ(service_->next_due(), calendar_.now() + 15min);
  advance(15min);
  EXPECT_EQ(state(), "ok");
}

TEST_F(MailServiceTest, FullStoragePausesUntilThereIsMore) {
  SmallServer server(world_, "pop.isp.test");
  server.messages = {{"u1", std::string(998, 'x') + "\r\n"}, {"u2", std::string(998, 'y') + "\r\n"}};
  AccountSettings small = account();
  small.storage = 1'500;
  small.leave_on_server = false;
  restart({small});
  advance(6h);
  EXPECT_EQ(count("stored"), 1);
  EXPECT_EQ(count("deleted"), 1);
  EXPECT_EQ(state(), "action-needed");
  EXPECT_THAT(see("message").text(), HasSubstr("storage"));
  EXPECT_EQ(server.messages.size(), 1U);
  small.storage = 10'000;
  edit(small);
  advance(1h);
  EXPECT_EQ(state(), "ok");
  EXPECT_EQ(count("stored"), 2);
  EXPECT_THAT(server.messages, IsEmpty());
}

TEST_F(MailServiceTest, AFullDiskDeletesNothingAndIsTold) {
  SmallServer server(world_, "pop.isp.test");
  server.messages = {{"u1", "Subject: a\r\n\r\none\r\n"}};
  AccountSettings deleting = account();
  deleting.leave_on_server = false;
  faults_ = {{.commit = 1}};
  restart({deleting});
  poll();
  EXPECT_EQ(state(), "action-needed");
  EXPECT_THAT(see("message").text(), AllOf(HasSubstr("full"), HasSubstr("nothing was deleted")));
  EXPECT_EQ(server.commands["DELE"], 0U);
  EXPECT_EQ(server.commands["QUIT"], 0U);
  EXPECT_EQ(count("stored"), 0);
  advance(15min);
  EXPECT_EQ(state(), "ok");
  EXPECT_EQ(count("stored"), 1);
  EXPECT_THAT(server.messages, IsEmpty());
}

TEST_F(MailServiceTest, ARecordThatCannotBeSavedIsTold) {
  SmallServer server(world_, "pop.isp.test");
  faults_ = {{.commit = 1, .how = StoreFault::How::busy}};
  restart({account()});
  poll();
  EXPECT_EQ(state(), "action-needed");
  EXPECT_THAT(see("message").text(), HasSubstr("locked"));
  advance(15min);
  EXPECT_EQ(state(), "ok");
}

TEST_F(MailServiceTest, ADeathBetweenCommitAndDeleteLosesAndDoublesNothing) {
  SmallServer server(world_, "pop.isp.test");
  server.messages = {{"u1", "Subject: a\r\n\r\none\r\n"}};
  AccountSettings deleting = account();
  deleting.leave_on_server = false;
  faults_ = {{.commit = 1, .how = StoreFault::How::dies_after}};
  restart({deleting});
  poll();
  EXPECT_EQ(server.commands["DELE"], 0U);
  faults_.clear();
  restart({deleting});
  EXPECT_EQ(count("stored"), 1);
  poll();
  EXPECT_EQ(server.commands["RETR"], 1U);
  EXPECT_EQ(server.commands["DELE"], 1U);
  EXPECT_EQ(count("stored"), 1);
}

TEST_F(MailServiceTest, WhatCannotBeSentIsNotTriedForEverAtOneInstant) {
  SmallServer server(world_, "pop.isp.test");
  AccountSettings sending = account();
  sending.smtp = ServerAccess{{"smtp.isp.test", 25}, TlsMode::none};
  restart({sending});
  run([](MailService& service) -> Task<void> {
    Value letter = Value::map();
    letter.set("to", "bert@x.test").set("subject", "a").set("text", "b\r\n");
    Status sent = co_await service.send("home", letter);
    EXPECT_TRUE(sent);
  }(*service_));
  EXPECT_EQ(count("outbox"), 1);
  faults_ = {{.commit = 1, .how = StoreFault::How::dies_before}};
  restart({sending});
  advance(2h);  // the first poll kills the store; then the letter is due and its state cannot be kept
  EXPECT_EQ(state(), "action-needed");
}

TEST_F(MailServiceTest, ASessionIsBounded) {
  SmallServer server(world_, "pop.isp.test");
  network_.set_link("pop.isp.test", {.latency = 1ms, .bytes_per_second = 1});  // the greeting alone takes 11 s
  AccountSettings hasty = account();
  hasty.patience.session = 30s;
  restart({hasty});
  Moment before = loop_.now();
  poll();
  EXPECT_EQ(state(), "connection-failing");
  EXPECT_LE(loop_.now() - before, 31s);
}

TEST_F(MailServiceTest, SilenceAtCapaIsNotMetTwice) {
  SmallServer server(world_, "pop.isp.test");
  server.hangs_up_at = "CAPA";
  server.messages = {{"u1", "Subject: a\r\n\r\none\r\n"}};
  restart({account()});
  poll();
  EXPECT_EQ(state(), "connection-failing");
  poll();
  EXPECT_EQ(state(), "ok");
  EXPECT_EQ(count("stored"), 1);
  edit(account());
  poll();
  EXPECT_EQ(state(), "connection-failing") << "an edit forgets what was learned of the server";
}

TEST_F(MailServiceTest, AfterRepliesWentAstrayItGoesCarefully) {
  SmallServer server(world_, "pop.isp.test");
  server.messages = {{"u1", "Subject: a\r\n\r\none\r\n"},
                     {"u2", "Subject: b\r\n\r\nbegin\r\n.\r\nthe rest\r\n"},
                     {"u3", "Subject: c\r\n\r\nthree\r\n"}};
  restart({account()});
  advance(6 * 15min);
  EXPECT_EQ(count("stored"), 2) << "the message whose dot is not stuffed hinders nobody";
  EXPECT_EQ(see("set_aside").items().size(), 1U);
  EXPECT_EQ(see("set_aside").items()[0].text(), "u2");
  EXPECT_TRUE(service_->accounts_for("home", "u2"));
  EXPECT_TRUE(service_->accounts_for("home", "u1"));
  EXPECT_FALSE(service_->accounts_for("home", "u4"));
  EXPECT_FALSE(service_->accounts_for("nobody", "u1"));
  EXPECT_EQ(state(), "ok");
}

TEST_F(MailServiceTest, TheStoreIsOpenedOnce) {
  EXPECT_EQ(stores_opened_, 0);
  restart({account("a"), account("b")});
  EXPECT_EQ(stores_opened_, 1);
}

TEST_F(MailServiceTest, AStoreThatCannotBeOpenedIsTold) {
  MailService service({.world = world_, .open_store = []() -> Result<std::unique_ptr<MessageStore>> {
                         return Error{Errc::environment, "no disk"};
                       }});
  EXPECT_EQ(service.add_account(account()).error().message, "no disk");
}

}  // namespace
}  // namespace mailrig::client
