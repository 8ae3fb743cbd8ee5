#include "fakeservers/smtp/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/smtp/misbehaviours.h"
#include "fakeservers/testing/smtp_desk.h"

namespace mailrig::fakeservers::smtp {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(SmtpSettings, WhatIsWrongIsToldByItsKey) {
  EXPECT_EQ(Desk("generic", R"({ "size_max": "much" })").refusal.reason, "size_max");
  EXPECT_EQ(Desk("generic", R"({ "bare_lf": "keep" })").refusal.reason, "bare_lf");
  EXPECT_EQ(Desk("generic", R"({ "line_octets_max": 0 })").refusal.reason, "line_octets_max");
  EXPECT_EQ(Desk("generic", R"({ "line_octets_max": 12289 })").refusal.reason, "line_octets_max");
  EXPECT_EQ(Desk("generic", R"({ "line_octets_max": 12288 })").refusal.reason, "");
  EXPECT_EQ(Desk("generic", R"({ "texts": { "greting": "x" } })").refusal.reason, "texts.greting");
  EXPECT_EQ(Desk("generic", R"({ "texts": { "greeting": "{addres}" } })").refusal.reason, "texts.greeting");
  EXPECT_EQ(Desk("generic", R"({ "faults": [ { "on": "retr" } ] })").refusal.reason, "faults[0].on");
  EXPECT_EQ(Desk("generic", R"({ "mailboxes": { "bert": { "lock": "in-use" } } })").refusal.reason,
            "mailboxes.bert.lock");
  EXPECT_EQ(Desk("generic", R"({ "mailboxes": { "bert": 7 } })").refusal.reason, "mailboxes.bert");
  EXPECT_EQ(Desk("generic", R"({ "mailboxes": [] })").refusal.reason, "mailboxes");
  EXPECT_EQ(Desk("gmial").refusal.code, Errc::bad_input);
}

TEST(SmtpSettings, EveryTableRowIsCheckedByItsKind) {
  for (const Setting& setting : smtp_settings()) {
    Value values = Value::map();
    values.set(std::string(setting.name), Value(Value::List{Value(Value::List{})}));
    Result<Settings> settings = read_settings(values);
    ASSERT_FALSE(settings) << setting.name;
    EXPECT_EQ(settings.error().reason, setting.name);
  }
  for (const Setting& setting : smtp_mailbox_settings()) {
    Value values = Value::map();
    values.set(std::string(setting.name), Value(Value::List{Value(Value::List{})}));
    Result<UserSettings> user = read_user(values, LockKind::captcha);
    ASSERT_FALSE(user) << setting.name;
    EXPECT_EQ(user.error().reason, setting.name);
  }
}

TEST(SmtpSettings, UsersAreRead) {
  Result<UserSettings> user = read_user(
      *parse_json_value(
          R"({ "password": "p", "app_password": "a", "password_expired": true, "aliases": "x@y", "locked": true })"),
      LockKind::throttled);
  ASSERT_TRUE(user);
  EXPECT_EQ(user->password, "p");
  EXPECT_EQ(user->app_password, "a");
  EXPECT_TRUE(user->password_expired);
  EXPECT_THAT(user->aliases, ::testing::ElementsAre("x@y"));
  EXPECT_EQ(user->lock, LockKind::throttled);
  EXPECT_EQ(read_user(*parse_json_value(R"({ "locked": true, "lock": "blocked" })"), LockKind::throttled)->lock,
            LockKind::blocked);
  EXPECT_FALSE(read_user(*parse_json_value(R"({ "locked": false })"), LockKind::throttled)->lock.has_value());
  for (std::string_view name : smtp_locks()) EXPECT_EQ(to_string(*parse_lock(name)), name);
  EXPECT_FALSE(parse_lock("in-use").has_value());
}

TEST(SmtpSettings, KeywordsAreWholeWords) {
  Settings settings;
  settings.ehlo = {"SIZE {size}", "CHUNKING"};
  EXPECT_TRUE(settings.advertises("SIZE"));
  EXPECT_TRUE(settings.advertises("CHUNKING"));
  EXPECT_FALSE(settings.advertises("CHUNK"));
  EXPECT_FALSE(settings.advertises("DSN"));
}

TEST(SmtpSteps, WhatIsWrongIsToldAndChangesNothing) {
  Desk desk("generic", R"({ "mailboxes": { "bert": { "password": "pw" } } })");
  auto wrong = [&](std::string_view verb, std::string_view arguments) {
    Status status = desk.change(verb, arguments);
    EXPECT_FALSE(status) << verb << arguments;
    EXPECT_EQ(status.error().code, Errc::bad_input);
    return status.error().message;
  };
  EXPECT_EQ(wrong("deliver", "{}"), "deliver: an SMTP server has no such step");
  EXPECT_EQ(wrong("lock", "[]"), "lock: takes an object");
  EXPECT_EQ(wrong("lock", "{}"), "mailbox: say which one: this server has 2");
  EXPECT_EQ(wrong("lock", R"({ "mailbox": "bart" })"), "mailbox: there is no \"bart\"; did you mean \"bert\"?");
  EXPECT_EQ(wrong("lock", R"({ "mailbox": 7 })"), "mailbox: takes a text, not 7");
  EXPECT_THAT(wrong("lock", R"({ "mailbox": "bert", "how": "in-use" })"), StartsWith("how: "));
  EXPECT_EQ(wrong("lock", R"({ "mailbox": "bert", "why": "x" })"),
            "why: this step has no such key; it has mailbox, how and for");
  EXPECT_EQ(wrong("unlock", R"({ "mailbox": "bert", "how": "captcha" })"),
            "how: this step has no such key; it has mailbox");
  EXPECT_EQ(wrong("set_password", R"({ "mailbox": "bert" })"), "password: say the new one");
  EXPECT_EQ(wrong("set", R"({ "siz_max": 5 })"), "siz_max: this cannot be set; did you mean \"size_max\"?");
  EXPECT_EQ(wrong("set", R"({ "tls": "none" })"), "tls: this cannot be set");
  EXPECT_EQ(wrong("set", R"({ "deliver_to": "in" })"), "deliver_to: this cannot be set");
  EXPECT_EQ(wrong("set", R"({ "session_resumption": "none" })"), "session_resumption: this cannot be set");
  EXPECT_THAT(wrong("set", R"({ "size_max": "x" })"), StartsWith("size_max: "));
  EXPECT_THAT(wrong("set", R"({ "texts": { "quit": "{x}" } })"), StartsWith("texts.quit: "));
  EXPECT_THAT(wrong("set", R"({ "faults": [ {} ] })"), StartsWith("faults[0]"));
  EXPECT_THAT(wrong("set", R"({ "password": "x" })"), StartsWith("mailbox: "));
  EXPECT_THAT(wrong("set", R"({ "mailbox": "bert", "lock": "x" })"), StartsWith("lock: "));
}

TEST(SmtpSteps, SetChangesServerAndUser) {
  Desk desk;
  ASSERT_TRUE(desk.change(
      "set",
      R"({ "server": "out", "size_max": 77, "texts": { "quit": "221 bye" }, "password": "new", "aliases": ["x@y"], "lock": "blocked" })"));
  desk.log_in(false, "anna@zillum.test", "new");
  EXPECT_THAT(desk.say("EHLO a"), HasSubstr("SIZE 77"));
  EXPECT_EQ(desk.say("QUIT"), "221 bye\r\n");
  EXPECT_EQ(desk.observed("mailboxes").find("anna@zillum.test")->find("locked")->boolean(), true);
  ASSERT_TRUE(desk.change("set", R"({ "locked": false, "password_expired": true })"));
  EXPECT_EQ(desk.observed("mailboxes").find("anna@zillum.test")->find("locked")->boolean(), false);
  desk.connect();
  desk.say("EHLO a");
  EXPECT_THAT(desk.say("AUTH PLAIN " + Desk::plain("anna@zillum.test", "new")), StartsWith("535"));
  ASSERT_TRUE(desk.change("set", R"({ "password_expired": false, "app_password": "app" })"));
  EXPECT_THAT(desk.say("AUTH PLAIN " + Desk::plain("anna@zillum.test", "app")), StartsWith("235"));
}

TEST(SmtpHandshake, FaultsReachIt) {
  Desk desk(
      "gmail",
      R"({ "faults": [ { "on": "tls", "connection": 1, "misbehave": "tls-stall" }, { "on": "tls", "connection": 2, "misbehave": "tls-cut" }, { "on": "tls", "connection": 3, "misbehave": "plain-on-tls" }, { "on": "tls", "connection": 4, "ending": "reset" } ] })");
  auto handshake = [&](unsigned number) {
    return desk.server().handshake({.connection = "out#1", .number = number, .peer = ""});
  };
  EXPECT_EQ(handshake(1), Handshake::stalled);
  EXPECT_EQ(handshake(2), Handshake::cut);
  EXPECT_EQ(handshake(3), Handshake::plain);
  EXPECT_EQ(handshake(4), Handshake::cut);
  EXPECT_EQ(handshake(5), Handshake::proper);
  EXPECT_EQ(Desk().server().handshake({.connection = "out#1", .number = 1, .peer = ""}), Handshake::proper);
}

TEST(SmtpBends, RepliesAreBent) {
  EXPECT_EQ(bent_reply(Mutation::none, "250 ok\r\n"), "250 ok\r\n");
  EXPECT_EQ(bent_reply(Mutation::reply_twice, "250 ok\r\n"), "250 ok\r\n250 ok\r\n");
  EXPECT_EQ(bent_reply(Mutation::bare_lf, "250-a\r\n250 b\r\n"), "250-a\n250 b\n");
  EXPECT_EQ(bent_reply(Mutation::code_only, "250-a\r\n250 b\r\n"), "250\r\n");
  EXPECT_EQ(bent_reply(Mutation::no_last_line, "250-a\r\n250 b\r\n"), "250-a\r\n250-b\r\n");
  EXPECT_EQ(bent_reply(Mutation::mixed_codes, "250 b\r\n"), "550-of another reply\r\n250 b\r\n");
  EXPECT_EQ(bent_reply(Mutation::mixed_codes, "550 b\r\n"), "250-of another reply\r\n550 b\r\n");
  EXPECT_EQ(bent_reply(Mutation::long_greeting, "220 mx ESMTP\r\n"),
            "220-mx ESMTP\r\n220-We do not authorize the use of this system to transport unsolicited,\r\n220 and/or "
            "bulk e-mail.\r\n");
  EXPECT_EQ(bent_reply(Mutation::auth_equals, "250-mx\r\n250-AUTH PLAIN LOGIN\r\n250 X\r\n"),
            "250-mx\r\n250-AUTH=PLAIN LOGIN\r\n250-AUTH PLAIN LOGIN\r\n250 X\r\n");
  EXPECT_EQ(bent_reply(Mutation::auth_equals, "250-mx\r\n250 AUTH PLAIN\r\n"),
            "250-mx\r\n250-AUTH=PLAIN\r\n250 AUTH PLAIN\r\n");
  EXPECT_EQ(bent_reply(Mutation::starttls_hidden, "250-mx\r\n250-STARTTLS\r\n250 X\r\n"), "250-mx\r\n250 X\r\n");
  EXPECT_EQ(bent_reply(Mutation::starttls_hidden, "250-mx\r\n250-X\r\n250 STARTTLS\r\n"), "250-mx\r\n250 X\r\n");
  EXPECT_EQ(bent_reply(Mutation::reply_after_starttls, "220 go\r\n"), "220 go\r\n250 2.0.0 injected\r\n");
}

TEST(SmtpBends, ReachTheWireByName) {
  auto greeting = [](std::string_view name) {
    Desk desk("generic", R"({ "faults": [ { "on": "greeting", "misbehave": ")" + std::string(name) + R"(" } ] })");
    return desk.connect();
  };
  EXPECT_EQ(greeting("reply-twice"), "220 mx.test ESMTP\r\n220 mx.test ESMTP\r\n");
  EXPECT_EQ(greeting("bare-lf"), "220 mx.test ESMTP\n");
  EXPECT_EQ(greeting("code-only"), "220\r\n");
  EXPECT_EQ(greeting("no-last-line"), "220-mx.test ESMTP\r\n");
  EXPECT_EQ(greeting("mixed-codes"), "550-of another reply\r\n220 mx.test ESMTP\r\n");
  EXPECT_THAT(greeting("long-greeting"), HasSubstr("bulk e-mail"));
  Desk desk(
      "generic",
      R"({ "tls": "starttls", "faults": [ { "misbehave": "starttls-stripped" }, { "misbehave": "reply-after-starttls" } ] })");
  desk.connect();
  EXPECT_THAT(desk.say("EHLO a"), ::testing::Not(HasSubstr("STARTTLS")));
  EXPECT_EQ(desk.say("STARTTLS"), "220 2.0.0 Ready to start TLS\r\n250 2.0.0 injected\r\n");
}

TEST(SmtpGreylistMemory, IsBounded) {
  Desk desk("generic", R"({ "greylist": "1m", "max_errors": 0 })");
  auto* server = dynamic_cast<Server*>(&desk.server());
  ASSERT_NE(server, nullptr);
  for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(server->is_greylisted("c", "a@b", "r" + std::to_string(i)));
  EXPECT_TRUE(server->is_greylisted("c", "a@b", "one too many"));
  desk.rig.calendar.advance(1min);
  EXPECT_FALSE(server->is_greylisted("c", "a@b", "r9999"));
  EXPECT_TRUE(server->is_greylisted("c", "a@b", "one too many")) << "it was not remembered";
}

}  // namespace
}  // namespace mailrig::fakeservers::smtp
