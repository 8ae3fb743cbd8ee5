#include "client/outbox/outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/testing/canned_rig.h"
#include "net/task.h"

namespace mailrig::client {
namespace {

using testing::CannedRig;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Sheet;

Sheet taking(std::vector<testing::Turn> rest) {
  Sheet sheet = {{"", "220 x\r\n"}, {"EHLO [127.0.0.1]\r\n", "250 x\r\n"}};
  sheet.insert(sheet.end(), rest.begin(), rest.end());
  return sheet;
}
const Sheet accepted = taking({{"MAIL FROM:<anna@a.test>\r\n", "250 ok\r\n"},
                               {"RCPT TO:<bert@b.test>\r\n", "250 ok\r\n"},
                               {"DATA\r\n", "354 go\r\n"},
                               {"\r\n.\r\n", "250 2.0.0 queued\r\n"},
                               {"QUIT\r\n", "221 bye\r\n"}});
Sheet refused_at_mail(const std::string& reply) {
  return taking({{"MAIL FROM", reply + "\r\n"}, {"QUIT\r\n", "221 bye\r\n"}});
}

struct OutboxTest : ::testing::Test {
  OutboxTest() {
    static int number = 0;
    store = open_sqlite_store(StorePlace::in_memory("outbox-test-" + std::to_string(++number))).value();
    settings.name = "work";
    settings.address = "anna@a.test";
    settings.smtp = ServerAccess{{"smtp.test", 25}, TlsMode::none};
  }

  void serve(std::vector<Sheet> sheets) { rig.serve("smtp.test", 25, std::move(sheets)); }
  Status add() {
    return outbox.add(
        settings, Value::map().set("to", "bert@b.test").set("subject", "offer").set("text", "Dear Bert\r\n"), *store);
  }
  void send() {
    rig.run([&]() -> Task<void> {
      Status sent = co_await outbox.send_due(settings, *store);
      EXPECT_TRUE(sent) << (sent ? "" : sent.error().message);
    });
    EXPECT_TRUE(rig.finished);
  }
  void wait(Duration span) {
    rig.run([&]() -> Task<void> { co_await rig.loop.sleep_until(rig.loop.now() + span); });
  }
  Value item(std::size_t i = 0) const { return outbox.observe().items().at(i); }
  std::string text(std::string_view key) const { return item().find(key)->text(); }
  std::int64_t code() const { return item().find("reply_code")->integer(); }
  std::vector<StoredMessage> stored() const { return store->messages("work").value(); }
  Duration until_due() const { return *outbox.next_due() - rig.calendar.now(); }
  std::size_t connections() { return rig.heard("smtp.test").size(); }

  CannedRig rig;
  std::unique_ptr<MessageStore> store;
  AccountSettings settings;
  Outbox outbox{rig.surroundings, "work"};
};

TEST_F(OutboxTest, AMessageIsSentAndACopyKept) {
  serve({accepted});
  ASSERT_TRUE(add());
  EXPECT_EQ(text("state"), "queued");
  EXPECT_EQ(outbox.waiting(), 1U);
  EXPECT_EQ(until_due(), 0s);
  EXPECT_THAT(stored(), IsEmpty());
  send();
  EXPECT_EQ(text("state"), "sent");
  EXPECT_EQ(code(), 250);
  EXPECT_EQ(text("enhanced"), "2.0.0");
  EXPECT_EQ(text("message"), "250 2.0.0 queued");
  EXPECT_EQ(outbox.waiting(), 0U);
  EXPECT_EQ(outbox.next_due(), std::nullopt);
  ASSERT_EQ(stored().size(), 1U);
  EXPECT_EQ(stored()[0].folder, "Sent");
  EXPECT_EQ(stored()[0].uid, "");
  EXPECT_EQ(stored()[0].message_id, text("message_id"));
  const std::string raw = store->raw(stored()[0].id).value();
  EXPECT_THAT(rig.heard("smtp.test").at(0), HasSubstr("DATA\r\n" + raw + ".\r\nQUIT\r\n"));
  EXPECT_THAT(raw, HasSubstr("Subject: offer\r\n"));
  EXPECT_EQ(store->count_awaiting_crm("work").value(), 0U);
  send();
  EXPECT_EQ(connections(), 1U);
}

TEST_F(OutboxTest, TheCopyIsForTheCrmWhereThereIsOne) {
  settings.crm = ServerAccess{{"crm.test", 443}, TlsMode::none};
  serve({accepted});
  ASSERT_TRUE(add());
  send();
  EXPECT_EQ(store->count_awaiting_crm("work").value(), 1U);
}

TEST_F(OutboxTest, TheLoginIsNeverThatOfRecentMode) {
  settings.user = "recent:anna@a.test";
  settings.password = "pw";
  Sheet sheet = {{"", "220 x\r\n"},
                 {"EHLO", "250-x\r\n250 AUTH PLAIN\r\n"},
                 {"\r\n", "535 5.7.8 no\r\n"},
                 {"QUIT", "221 bye\r\n"}};
  serve({sheet});
  ASSERT_TRUE(add());
  send();
  // printf '\0anna@a.test\0pw' | base64
  EXPECT_THAT(rig.heard("smtp.test").at(0), HasSubstr("AUTH PLAIN AGFubmFAYS50ZXN0AHB3\r\n"));
}

TEST_F(OutboxTest, ATemporaryRefusalIsTriedAgainLaterAndLater) {
  serve({refused_at_mail("451 4.7.1 Try again later"),
         {{"", "421 busy\r\n"}},
         refused_at_mail("451 no"),
         refused_at_mail("451 no"),
         refused_at_mail("451 no"),
         refused_at_mail("451 no"),
         accepted});
  ASSERT_TRUE(add());
  send();
  EXPECT_EQ(text("state"), "queued");
  EXPECT_EQ(code(), 451);
  EXPECT_EQ(text("enhanced"), "4.7.1");
  EXPECT_EQ(text("message"), "451 4.7.1 Try again later. This is for now only: the message can be sent again later.");
  for (Duration span : {Duration(30min), Duration(1h), Duration(2h), Duration(4h), Duration(4h), Duration(4h)}) {
    EXPECT_NEAR(std::chrono::duration<double>(until_due()).count(), std::chrono::duration<double>(span).count(), 1);
    const std::size_t before = connections();
    wait(until_due() - 1ns);
    send();
    EXPECT_EQ(connections(), before);
    wait(1ns);
    send();
    EXPECT_EQ(connections(), before + 1);
  }
  EXPECT_EQ(text("state"), "sent");
  EXPECT_EQ(stored().size(), 1U);
}

TEST_F(OutboxTest, AServerThatCannotBeReachedIsTemporary) {
  ASSERT_TRUE(add());
  send();
  EXPECT_EQ(text("state"), "queued");
  EXPECT_EQ(code(), 0);
  EXPECT_THAT(text("message"), HasSubstr("connect: "));
  EXPECT_EQ(until_due(), 30min);
}

TEST_F(OutboxTest, GivenUpAfterFiveDays) {
  ASSERT_TRUE(add());
  send();
  wait(5 * 24h - 1h);
  send();
  EXPECT_EQ(text("state"), "queued");
  wait(until_due());
  ASSERT_GE(rig.calendar.now() - *parse_instant("2014-06-02T09:00:00Z"), Duration(5 * 24h));
  send();
  EXPECT_EQ(text("state"), "failed");
  EXPECT_THAT(text("message"), HasSubstr("given up after 5d"));
  EXPECT_EQ(outbox.next_due(), std::nullopt);
  EXPECT_EQ(item().find("recipients")->items().at(0).find("state")->text(), "failed");
}

TEST_F(OutboxTest, APermanentRefusalIsFinal) {
  serve({refused_at_mail("550 5.7.1 no")});
  ASSERT_TRUE(add());
  send();
  EXPECT_EQ(text("state"), "failed");
  EXPECT_EQ(code(), 550);
  EXPECT_EQ(outbox.next_due(), std::nullopt);
  EXPECT_THAT(stored(), IsEmpty());
}

TEST_F(OutboxTest, ADailyLimitWaitsADay) {
  serve({refused_at_mail("550 5.4.5 Daily user sending quota exceeded."), accepted});
  ASSERT_TRUE(add());
  send();
  EXPECT_EQ(text("state"), "queued");
  EXPECT_EQ(until_due(), 24h);
  wait(24h);
  send();
  EXPECT_EQ(text("state"), "sent");
}

TEST_F(OutboxTest, ARefusedLoginWaitsForTheUser) {
  settings.user = "anna";
  settings.password = "pw";
  const Sheet refusing = {{"", "220 x\r\n"},
                          {"EHLO", "250-x\r\n250 AUTH PLAIN\r\n"},
                          {"AUTH", "535 5.7.8 no\r\n"},
                          {"QUIT", "221 bye\r\n"}};
  serve({refusing,
         {{"", "220 x\r\n"},
          {"EHLO", "250-x\r\n250 AUTH PLAIN\r\n"},
          {"AUTH", "235 in\r\n"},
          {"MAIL", "250 ok\r\n"},
          {"RCPT", "250 ok\r\n"},
          {"DATA", "354 go\r\n"},
          {"\r\n.\r\n", "250 ok\r\n"},
          {"QUIT", "221 bye\r\n"}}});
  ASSERT_TRUE(add());
  send();
  EXPECT_EQ(text("state"), "authentication-failed");
  EXPECT_EQ(code(), 535);
  EXPECT_THAT(text("message"), HasSubstr("password"));
  EXPECT_EQ(outbox.next_due(), std::nullopt);
  EXPECT_EQ(outbox.waiting(), 0U);
  wait(24h);
  send();
  EXPECT_EQ(connections(), 1U);
  EXPECT_TRUE(outbox.account_edited(*store));
  EXPECT_EQ(text("state"), "queued");
  send();
  EXPECT_EQ(text("state"), "sent");
}

TEST_F(OutboxTest, WhoIsRefusedForNowIsTriedAgainAlone) {
  ASSERT_TRUE(outbox.add(
      settings, Value::map().set("to", Value::List{"bert@b.test", "carl@c.test", "dora@d.test"}).set("text", "x"),
      *store));
  serve({taking({{"MAIL", "250 ok\r\n"},
                 {"bert", "250 ok\r\n"},
                 {"carl", "450 4.2.0 grey\r\n"},
                 {"dora", "550 5.1.1 no such\r\n"},
                 {"DATA", "354 go\r\n"},
                 {"\r\n.\r\n", "250 2.0.0 ok\r\n"},
                 {"QUIT", "221 bye\r\n"}}),
         taking({{"MAIL", "250 ok\r\n"},
                 {"carl", "250 ok\r\n"},
                 {"DATA", "354 go\r\n"},
                 {"\r\n.\r\n", "250 ok\r\n"},
                 {"QUIT", "221 bye\r\n"}})});
  send();
  EXPECT_EQ(text("state"), "queued");
  EXPECT_EQ(stored().size(), 1U);
  auto state_of = [&](std::size_t i) { return item().find("recipients")->items().at(i).find("state")->text(); };
  EXPECT_THAT((std::vector{state_of(0), state_of(1), state_of(2)}), ElementsAre("sent", "waiting", "failed"));
  EXPECT_THAT(text("message"), HasSubstr("; not sent to dora@"));
  EXPECT_THAT(text("message"), HasSubstr("; some recipients are tried again later"));
  EXPECT_EQ(item().find("recipients")->items().at(2).find("message")->text(), "550 5.1.1 no such");
  EXPECT_EQ(until_due(), 30min - 0s);
  wait(until_due());
  send();
  EXPECT_EQ(text("state"), "sent");
  EXPECT_EQ(stored().size(), 1U);
  EXPECT_THAT(rig.heard("smtp.test").at(1), Not(HasSubstr("bert@b.test>")));
  EXPECT_EQ(state_of(1), "sent");
}

TEST_F(OutboxTest, ALostAnswerIsTold) {
  serve({taking({{"MAIL", "250 ok\r\n"}, {"RCPT", "250 ok\r\n"}, {"DATA", "354 go\r\n"}, {"\r\n.\r\n", ""}})});
  ASSERT_TRUE(add());
  send();
  EXPECT_EQ(text("state"), "queued");
  EXPECT_THAT(text("message"), HasSubstr("It may have been delivered all the same."));
}

TEST_F(OutboxTest, AfterThreeLostAnswersTheUserDecides) {
  const Sheet loses_answer =
      taking({{"MAIL", "250 ok\r\n"}, {"RCPT", "250 ok\r\n"}, {"DATA", "354 go\r\n"}, {"\r\n.\r\n", ""}});
  serve({loses_answer, loses_answer, loses_answer});
  ASSERT_TRUE(add());
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(text("state"), "queued");
    send();
    wait(outbox_longest_retry);
  }
  EXPECT_EQ(text("state"), "in-doubt");
  EXPECT_THAT(text("message"), HasSubstr("sent whole 3 times"));
  EXPECT_THAT(text("message"), Not(HasSubstr("can be sent again later"))) << "it is not sent again by itself";
  EXPECT_THAT(text("message"), Not(HasSubstr("all the same"))) << "said once";
  EXPECT_EQ(outbox.waiting(), 0U);
  EXPECT_FALSE(outbox.next_due());
}

TEST_F(OutboxTest, SeveralGoOverOneConnection) {
  ASSERT_TRUE(add());
  ASSERT_TRUE(add());
  serve({taking({{"MAIL", "250 ok\r\n"},
                 {"RCPT", "250 ok\r\n"},
                 {"DATA", "354 go\r\n"},
                 {"\r\n.\r\n", "250 ok\r\n"},
                 {"MAIL", "451 later\r\n"},
                 {"QUIT", "221 bye\r\n"}})});
  send();
  EXPECT_EQ(connections(), 1U);
  EXPECT_EQ(item(0).find("state")->text(), "sent");
  EXPECT_EQ(item(1).find("state")->text(), "queued");
  EXPECT_EQ(outbox.waiting(), 1U);
}

TEST_F(OutboxTest, EverythingOutlivesARestart) {
  serve({accepted});
  ASSERT_TRUE(add());
  send();
  ASSERT_TRUE(outbox.add(settings, Value::map().set("to", "carl@c.test").set("text", "y"), *store));
  send();
  const Value before = outbox.observe();
  const std::optional<Instant> due = outbox.next_due();
  Outbox again(rig.surroundings, "work");
  ASSERT_TRUE(again.load(*store));
  EXPECT_EQ(again.observe(), before);
  EXPECT_EQ(again.next_due(), due);
  Outbox other(rig.surroundings, "other");
  ASSERT_TRUE(other.load(*store));
  EXPECT_THAT(other.observe().items(), IsEmpty());
}

TEST_F(OutboxTest, ACopyThatACrashPreventedIsMadeUpForOnce) {
  serve({accepted});
  ASSERT_TRUE(add());
  send();
  OutboxItem item = store->outbox("work").value().at(0);
  const std::size_t at = item.facts.find("\"copied\":true");
  ASSERT_NE(at, std::string::npos);
  item.facts.replace(at, 13, "\"copied\":false");
  ASSERT_TRUE(store->update_outbox(item));
  // The crash came between the copy and the note of it: there is one already.
  Outbox again(rig.surroundings, "work");
  ASSERT_TRUE(again.load(*store));
  rig.run([&]() -> Task<void> {
    Status sent = co_await again.send_due(settings, *store);
    EXPECT_TRUE(sent);
  });
  EXPECT_EQ(stored().size(), 1U);
  EXPECT_THAT(store->outbox("work").value().at(0).facts, HasSubstr("\"copied\":true"));
  // It came before the copy: the store has none under this Message-ID.
  const std::string id = again.observe().items().at(0).find("message_id")->text();
  item.facts.replace(item.facts.find(id), id.size(), std::string(id.size(), 'x'));
  ASSERT_TRUE(store->update_outbox(item));
  ASSERT_TRUE(again.load(*store));
  rig.run([&]() -> Task<void> {
    Status sent = co_await again.send_due(settings, *store);
    EXPECT_TRUE(sent);
  });
  EXPECT_EQ(stored().size(), 2U);
  EXPECT_EQ(connections(), 1U);
}

TEST_F(OutboxTest, WhatIsNoMessageIsNotQueued) {
  Status added = outbox.add(settings, Value::map().set("subject", "x"), *store);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, Errc::bad_input);
  settings.smtp.reset();
  added = add();
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().message, "account work has no SMTP server to send through");
  EXPECT_THAT(store->outbox("work").value(), IsEmpty());
}

TEST_F(OutboxTest, AServerThatIsGoneFromTheAccountIsTold) {
  ASSERT_TRUE(add());
  settings.smtp.reset();
  send();
  EXPECT_EQ(text("state"), "queued");
  EXPECT_THAT(text("message"), HasSubstr("no SMTP server"));
}

TEST_F(OutboxTest, DamagedFactsAreTold) {
  ASSERT_TRUE(add());
  OutboxItem item = store->outbox("work").value().at(0);
  for (const char* facts : {"", "{}", "[]", "{\"from\":1}"}) {
    item.facts = facts;
    ASSERT_TRUE(store->update_outbox(item));
    Status loaded = outbox.load(*store);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, Errc::environment);
    EXPECT_THAT(loaded.error().message, HasSubstr("message 1 of the outbox cannot be read from the store"));
  }
}

TEST_F(OutboxTest, ItsActionsAreInTheTranscript) {
  serve({accepted});
  ASSERT_TRUE(add());
  send();
  std::string all;
  for (const std::string& line : rig.transcript.last_lines(100)) all += line + "\n";
  EXPECT_THAT(all, HasSubstr("work: message 1 to be sent: sent"));
}

}  // namespace
}  // namespace mailrig::client
