// What a scenario may say to a POP3 server: settings, messages, steps; and what is wrong with what it says.

#include "fakeservers/pop3/pop3_server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/pop3_desk.h"

namespace mailrig::fakeservers {
namespace {

using ::testing::HasSubstr;
using testing::Pop3Desk;
using ::testing::StartsWith;

constexpr std::string_view login = "USER ann\r\nPASS pw\r\n";
constexpr std::string_view in = "+OK\r\n+OK Logged in.\r\n";

std::string isp(std::string_view mailbox, std::string_view server = "") {
  return fmt::format(R"({{"personality": "dovecot", {}"mailboxes": {{"ann": {{"password": "pw"{}}}}}}})", server,
                     mailbox);
}
std::string refused(std::string_view settings) { return Pop3Desk(settings).refusal; }
std::string after_login(Pop3Desk& desk, std::string_view commands) {
  return desk.talk(std::string(login) + std::string(commands)).substr(in.size());
}

// Settings.

TEST(Pop3Settings, ErrorsNameTheKey) {
  EXPECT_EQ(refused(R"({"window": "x"})"), "window: \"window\" takes a whole number, zero or more, not \"x\"");
  EXPECT_EQ(refused(R"({"window": -1})"), "window: \"window\" takes a whole number, zero or more, not -1");
  EXPECT_THAT(refused(R"({"at_cap": "relits"})"), StartsWith("at_cap: "));
  EXPECT_EQ(refused(R"({"mark_read_on": ["RETR", "LIST"]})"), "mark_read_on: takes RETR and TOP, not \"LIST\"");
  EXPECT_EQ(refused(R"({"line_octets_max": 39})"), "line_octets_max: takes 40 to 65536");
  EXPECT_EQ(refused(R"({"line_octets_max": 40})"), "");
  EXPECT_EQ(refused(R"({"line_octets_max": 65536})"), "");
  EXPECT_EQ(refused(R"({"line_octets_max": 65537})"), "line_octets_max: takes 40 to 65536");
  EXPECT_EQ(refused(R"({"conversation_size": 0})"), "conversation_size: a conversation has one message at least");
  EXPECT_EQ(
      refused(R"({"texts": {"greeting": "{uid}"}})"),
      "texts.greeting: this text has no placeholder {uid}; it may have: peer token host server server_base64 date");
  EXPECT_EQ(refused(R"({"faults": [{"on": "XYZZY", "hang": true}]})"), "") << "a client may say anything";
  EXPECT_EQ(refused(R"({"faults": [{"on": "retr", "hang": true}]})"),
            "faults[0].on: \"retr\" is not a command: it is in capitals, without blanks and control characters");
}

TEST(Pop3Settings, ErrorsOfMailboxesNameTheirPlace) {
  EXPECT_EQ(refused(R"({"mailboxes": []})"), "mailboxes: takes an object");
  EXPECT_EQ(refused(R"({"mailboxes": {"ann": 1}})"), "mailboxes.ann: a mailbox is an object");
  EXPECT_THAT(refused(R"({"mailboxes": {"ann": {"pop": "al"}}})"), StartsWith("mailboxes.ann.pop: "));
  EXPECT_EQ(refused(R"({"mailboxes": {"ann": {"lock": "captcha"}}})"),
            "mailboxes.ann.lock: this personality has no lock \"captcha\"");
  EXPECT_EQ(refused(R"({"personality": "gmail", "mailboxes": {"ann": {"lock": "captcha"}}})"), "");
  EXPECT_THAT(refused(R"({"mailboxes": {"ann": {"messages": ["a", 5]}}})"), StartsWith("mailboxes.ann.messages[1]: "));
  EXPECT_THAT(refused(R"({"mailboxes": {"ann": {"messages": 5}}})"),
              HasSubstr("mailboxes.ann.messages: a message is a text or an object, not 5"));
  EXPECT_THAT(refused(R"({"mailboxes": {"ann": {"messages": {"generate": 5}}}})"),
              HasSubstr("this server has nobody who makes such messages"));
  EXPECT_THAT(refused(R"({"mailboxes": {"ann": {"messages": {"text": "a", "read": 1}}}})"),
              StartsWith("mailboxes.ann.messages.read: "));
  EXPECT_THAT(refused(R"({"mailboxes": {"ann": {"messages": {"text": "a", "at": "yesterday"}}}})"),
              StartsWith("mailboxes.ann.messages.at: "));
  EXPECT_THAT(refused(R"({"mailboxes": {"ann": {"messages": {"text": "a", "at": 5}}}})"),
              HasSubstr("takes an instant, not 5"));
  EXPECT_THAT(refused(R"({"mailboxes": {"ann": {"messages": {"text": "a", "uid": "x\r\n"}}}})"),
              HasSubstr("messages.uid: takes at most 200 octets, without CR and LF"));
  EXPECT_EQ(refused(R"({"mailboxes": {"ann": {"messages": {"text": "a", "uid": ")" + std::string(200, 'u') + "\"}}}}"),
            "");
  EXPECT_THAT(
      refused(R"({"mailboxes": {"ann": {"messages": {"text": "a", "uid": ")" + std::string(201, 'u') + "\"}}}}"),
      HasSubstr("takes at most 200 octets"));
}

TEST(Pop3Settings, WhoHasNoPasswordCannotLogIn) {
  Pop3Desk desk(R"({"personality": "dovecot", "mailboxes": {"ann": {}}})");
  EXPECT_EQ(desk.talk("USER ann\r\nPASS \r\n"), "+OK\r\n-ERR [AUTH] Authentication failed.\r\n");
  EXPECT_EQ(desk.talk("AUTH PLAIN AGFubgA=\r\n"), "-ERR [AUTH] Authentication failed.\r\n");
}

TEST(Pop3Settings, FailedLoginsMayBeSlowAndFew) {
  Pop3Desk desk(isp("", R"("failed_login_delay": "5s", "login_penalty": "0s", "max_failed_logins": 2, )"));
  EXPECT_EQ(desk.talk("USER ann\r\nPASS a\r\nUSER ann\r\nPASS b\r\nNOOP\r\n"),
            "+OK\r\n-ERR [AUTH] Authentication failed.\r\n+OK\r\n-ERR [AUTH] Authentication failed.\r\n");
  EXPECT_EQ(desk.waited, 10s);
  EXPECT_EQ(desk.ending, "orderly");
  EXPECT_EQ(desk.see({"failed_logins"}), Value(2));
}

TEST(Pop3Settings, LoginDelayAtPassOrAtStat) {
  Pop3Desk pass(R"({"login_delay": "15m", "mailboxes": {"ann": {"password": "pw"}}})");
  EXPECT_EQ(pass.talk(login), "+OK\r\n+OK maildrop locked and ready\r\n");
  pass.rig.calendar.advance(15min - 1ns);
  EXPECT_EQ(pass.talk(login), "+OK\r\n-ERR [LOGIN-DELAY] minimum time between mail checks violation\r\n");
  pass.rig.calendar.advance(1ns);
  EXPECT_EQ(pass.talk(login), "+OK\r\n+OK maildrop locked and ready\r\n");
  // As Hotmail did it (docs/providers/exchange.md#hotmail).
  Pop3Desk stat(
      R"({"login_delay": "15m", "login_delay_at": "STAT", "texts": {"login_delay": "-ERR login allowed only every 15 minutes"}, "mailboxes": {"ann": {"password": "pw"}}})");
  stat.talk(login);
  EXPECT_EQ(stat.talk(std::string(login) + "STAT\r\nQUIT\r\n"),
            "+OK\r\n+OK maildrop locked and ready\r\n-ERR login allowed only every 15 minutes\r\n+OK POP3 server "
            "signing off\r\n");
}

TEST(Pop3Settings, TextsMayBeAnything) {
  // qmail-pop3d: no RESP-CODES, and the connection is closed after a bad password
  // (docs/providers/open-source.md#others).
  Pop3Desk desk(
      R"({"max_failed_logins": 1, "texts": {"greeting": "+OK <1.2@{host}>", "pass_bad": "-ERR authorization failed", "user": "+OK ", "idle": null}, "host": "q.test",
                    "mailboxes": {"ann": {"password": "pw"}}})");
  EXPECT_EQ(desk.take(*desk.open()), "+OK <1.2@q.test>\r\n");
  EXPECT_EQ(desk.talk("USER ann\r\nPASS x\r\n"), "+OK \r\n-ERR authorization failed\r\n");
  EXPECT_EQ(desk.ending, "orderly");
  std::unique_ptr<Session> session = desk.open();
  desk.take(*session);
  session->on_error({Errc::timed_out, "idle"});
  EXPECT_EQ(desk.take(*session), "");  // closed without a word
  EXPECT_EQ(desk.ending, "orderly");
}

TEST(Pop3Settings, LastWhereThereIsOne) {
  Pop3Desk desk(isp(R"(, "messages": ["a\r\n", "b\r\n", "c\r\n"])", R"("texts": {"last": "+OK {n}"}, )"));
  EXPECT_EQ(after_login(desk, "LAST\r\nRETR 2\r\nLAST\r\nRETR 1\r\nTOP 3 0\r\nLAST\r\n"),
            "+OK 0\r\n+OK 3 octets\r\nb\r\n.\r\n+OK 2\r\n+OK 3 octets\r\na\r\n.\r\n+OK\r\nc\r\n.\r\n+OK 2\r\n");
}

// When what a client does becomes lasting (docs/providers/marks.md).

struct Marks {
  std::int64_t read, kept;
  friend bool operator==(const Marks&, const Marks&) = default;
};
Marks marks_after(std::string_view settings, std::string_view commands) {
  Pop3Desk desk(isp(R"(, "messages": ["a\r\n", "b\r\n"])", settings));
  EXPECT_EQ(desk.refusal, "");
  after_login(desk, commands);
  return {desk.count("ann", "read"), desk.count("ann", "kept")};
}

TEST(Pop3Commits, ReadMarks) {
  EXPECT_EQ(marks_after("", "RETR 1\r\n"), (Marks{1, 2}));  // Dovecot: also when the connection is lost
  EXPECT_EQ(marks_after("", "TOP 1 9\r\nQUIT\r\n"), (Marks{0, 2}));
  EXPECT_EQ(marks_after(R"("commit_read": "quit", )", "RETR 1\r\n"), (Marks{0, 2}));
  EXPECT_EQ(marks_after(R"("commit_read": "quit", )", "RETR 1\r\nQUIT\r\n"), (Marks{1, 2}));
  EXPECT_EQ(marks_after(R"("commit_read": "retr", )", "RETR 1\r\n"), (Marks{1, 2}));
  EXPECT_EQ(marks_after(R"("mark_read_on": [], )", "RETR 1\r\nQUIT\r\n"), (Marks{0, 2}));
  EXPECT_EQ(marks_after(R"("mark_read_on": "TOP", )", "RETR 1\r\nQUIT\r\n"), (Marks{0, 2}));
  EXPECT_EQ(marks_after(R"("mark_read_on": "TOP", )", "TOP 1 1\r\nQUIT\r\n"), (Marks{1, 2}));
}

TEST(Pop3Commits, ReadAtOnceIsSeenWhileTheSessionLives) {
  for (auto [when, read] : {std::pair{"retr", 1}, std::pair{"end", 0}}) {
    Pop3Desk desk(isp(R"(, "messages": ["a\r\n", "b\r\n"])", fmt::format("\"commit_read\": \"{}\", ", when)));
    std::unique_ptr<Session> session = desk.open();
    desk.take(*session);
    session->on_bytes(std::string(login) + "RETR 1\r\n");
    desk.take(*session);
    EXPECT_EQ(desk.count("ann", "read"), read) << when;
  }
}

TEST(Pop3Commits, Deletions) {
  EXPECT_EQ(marks_after("", "DELE 1\r\n"), (Marks{0, 2}));
  EXPECT_EQ(marks_after("", "DELE 1\r\nQUIT\r\n"), (Marks{0, 1}));
  EXPECT_EQ(marks_after("", "DELE 1\r\nRSET\r\nQUIT\r\n"), (Marks{0, 2}));
  EXPECT_EQ(marks_after(R"("commit_deleted": "end", )", "DELE 1\r\n"), (Marks{0, 1}));
  EXPECT_EQ(marks_after(R"("commit_deleted": "dele", )", "DELE 1\r\n"), (Marks{0, 1}));
  EXPECT_EQ(marks_after(R"("commit_deleted": "dele", )", "DELE 1\r\nRSET\r\nQUIT\r\n"), (Marks{0, 1}));
}

// Messages.

TEST(Pop3Messages, ComeInTheOrderOfTheirArrival) {
  Pop3Desk desk(isp(
      R"(, "messages": [{"text": "new", "at": "-1h"}, {"text": "older", "at": "2014-05-01T00:00:00Z"}, {"text": "oldest", "at": "2014-04-30T23:59:59Z"}, "of today"])"));
  EXPECT_EQ(after_login(desk, "LIST\r\n"), "+OK 4 messages:\r\n1 6\r\n2 5\r\n3 8\r\n4 3\r\n.\r\n");
}

TEST(Pop3Messages, OfOneTimeKeepTheOrderOfTheFile) {
  Pop3Desk desk(
      isp(R"(, "messages": [{"text": "1", "at": "-1h"}, {"text": "22", "at": "-2h"}, {"text": "333", "at": "-1h"}])"));
  EXPECT_EQ(after_login(desk, "LIST\r\n"), "+OK 3 messages:\r\n1 2\r\n2 1\r\n3 3\r\n.\r\n");
}

TEST(Pop3Messages, SayWhatTheyAre) {
  Pop3Desk desk(
      isp(R"(, "messages": [{"text": "1", "uid": "my/uid+1=", "read": true}, {"text": "2", "popped": true}])"));
  EXPECT_EQ(after_login(desk, "UIDL\r\n"), "+OK\r\n1 my/uid+1=\r\n2 000000024f5c8a01\r\n.\r\n");
  EXPECT_EQ(desk.count("ann", "read"), 1);
  EXPECT_EQ(desk.count("ann", "popped"), 1);
  EXPECT_EQ(desk.see({"mailboxes", "ann", "messages", "0", "uid"}), Value("my/uid+1="));
  EXPECT_EQ(desk.see({"mailboxes", "ann", "messages", "1", "popped"}), Value(true));
  EXPECT_EQ(desk.see({"mailboxes", "ann", "messages", "0", "popped"}), Value(false));
}

TEST(Pop3Messages, AreMadeInBatchesWhenTheyAreNeeded) {
  testing::TestWorld rig;
  int loaded = 0;
  ServerContext context{.world = rig.world,
                        .name = "isp",
                        .observer = nullptr,
                        .make_messages = [&](const Value& spec) -> Result<MessageBatch> {
                          auto count = static_cast<std::size_t>(spec.find("generate")->integer());
                          return MessageBatch{.count = count, .content = [&loaded](std::size_t index) {
                                                return Content{100 + index, [&loaded, index] {
                                                                 ++loaded;
                                                                 return std::make_shared<const std::string>(100 + index,
                                                                                                            'm');
                                                               }};
                                              }};
                        }};
  Value settings = *server_settings(
      "pop3", *parse_json_value(isp(R"(, "messages": {"generate": 100000, "at": "-100000s", "every": "1s"})")));
  auto server = make_pop3_server(context, settings);
  ASSERT_TRUE(server);
  EXPECT_EQ(loaded, 0);
  auto session = (*server)->open({.connection = "isp#1", .number = 1, .peer = "1.2.3.4:5"});
  session->next();
  session->next();
  session->on_bytes(std::string(login) + "STAT\r\nLIST\r\nUIDL\r\nRETR 100000\r\n");
  std::string said;
  for (;;) {
    Action action = session->next();
    if (!std::holds_alternative<Send>(action)) break;
    said += std::get<Send>(action).bytes;
  }
  // The sum of 100 .. 100,099.
  EXPECT_THAT(said,
              StartsWith(std::string(in) + "+OK 100000 5009950000\r\n+OK 100000 messages:\r\n1 100\r\n2 101\r\n"));
  EXPECT_THAT(said, HasSubstr("\r\n100000 000186a04f5c8a01\r\n.\r\n+OK 100099 octets\r\nmmm"));
  EXPECT_EQ(loaded, 2);  // for its sum, and to be sent
}

// Steps.

TEST(Pop3Steps, Deliver) {
  Pop3Desk desk(isp(R"(, "messages": "old")"));
  EXPECT_EQ(
      desk.changed("deliver", R"({"server": "isp", "mailbox": "ann", "messages": ["a", {"text": "bb", "uid": "u"}]})"),
      "");
  EXPECT_EQ(after_login(desk, "LIST\r\nUIDL 3\r\n"), "+OK 3 messages:\r\n1 3\r\n2 1\r\n3 2\r\n.\r\n+OK 3 u\r\n");
  EXPECT_EQ(desk.changed("deliver", R"({})"), "messages: there is nothing to deliver");
  EXPECT_EQ(desk.changed("deliver", R"({"message": "a"})"),
            "message: this step has no such key; it has mailbox and messages");
  EXPECT_THAT(desk.changed("deliver", R"({"messages": [5]})"), StartsWith("messages[0]: "));
}

TEST(Pop3Steps, PasswordsExpireAndChange) {
  Pop3Desk desk(isp(""));
  EXPECT_EQ(desk.changed("expire_password", "{}"), "");
  EXPECT_EQ(desk.talk(login), "+OK\r\n-ERR [AUTH] Authentication failed.\r\n");
  EXPECT_EQ(desk.changed("set_password", R"({"password": "new"})"), "");
  EXPECT_EQ(desk.talk(login), "+OK\r\n-ERR [AUTH] Authentication failed.\r\n");
  EXPECT_EQ(desk.talk("USER ann\r\nPASS new\r\n"), in);
  EXPECT_EQ(desk.changed("set_password", R"({})"), "password: say the new one");
  EXPECT_EQ(desk.changed("set", R"({"password_expired": true})"), "");
  EXPECT_EQ(desk.talk("USER ann\r\nPASS new\r\n"), "+OK\r\n-ERR [AUTH] Authentication failed.\r\n");
  Pop3Desk expired(
      isp(R"(, "password_expired": true)", R"("texts": {"pass_expired": "-ERR password of {user} has expired"}, )"));
  EXPECT_EQ(expired.talk(login), "+OK\r\n-ERR password of ann has expired\r\n");
}

TEST(Pop3Steps, SetChangesServerTextsAndUser) {
  Pop3Desk desk(isp(R"(, "messages": ["a", "b"])"));
  EXPECT_EQ(desk.changed("set", R"({"window": 1, "hide_popped": true, "texts": {"noop": "+OK still here"}})"), "");
  EXPECT_EQ(after_login(desk, "STAT\r\nNOOP\r\n"), "+OK 1 1\r\n+OK still here\r\n");
  EXPECT_EQ(desk.changed("set", R"({"mailbox": "ann", "password": "x", "oauth_token": "t"})"), "");
  EXPECT_EQ(desk.talk("USER ann\r\nPASS x\r\n"), in);
  EXPECT_EQ(desk.changed("set", R"({"app_password": "app"})"), "");
  EXPECT_EQ(desk.talk("USER ann\r\nPASS app\r\n"), in);
  EXPECT_EQ(desk.changed("set", R"({"lock": "temporary"})"), "");
  EXPECT_EQ(desk.see({"mailboxes", "ann", "locked"}), Value(true));
  EXPECT_EQ(desk.changed("set", R"({"windw": 1})"), "windw: this cannot be set; did you mean \"window\"?");
  EXPECT_EQ(desk.changed("set", R"({"tls": "none"})"), "tls: this cannot be set");
  EXPECT_EQ(desk.changed("set", R"({"session_resumption": "none"})"), "session_resumption: this cannot be set");
  EXPECT_EQ(desk.changed("set", R"({"messages": "x"})"), "messages: this cannot be set");
  EXPECT_THAT(desk.changed("set", R"({"window": "x"})"), StartsWith("window: "));
  EXPECT_THAT(desk.changed("set", R"({"texts": {"nop": "x"}})"), StartsWith("texts.nop: "));
  EXPECT_THAT(desk.changed("set", R"({"pop": "x"})"), StartsWith("pop: "));
  EXPECT_EQ(desk.changed("set", R"({"lock": "captcha"})"), "lock: this personality has no lock \"captcha\"");
}

TEST(Pop3Steps, WhatIsOfServerAndUserIsTheUsersWhereOneIsNamed) {
  Pop3Desk desk(
      R"({"personality": "gmail", "mailboxes": {"ann": {"password": "pw", "messages": "a"}, "bob": {"password": "pw", "messages": "b"}}})");
  EXPECT_EQ(desk.changed("set", R"({"mailbox": "ann", "on_access": "trash"})"), "");
  EXPECT_EQ(desk.changed("set", R"({"on_access": "mark-read"})"), "");
  desk.talk("USER ann\r\nPASS pw\r\nRETR 1\r\nQUIT\r\n");
  desk.talk("USER bob\r\nPASS pw\r\nRETR 1\r\nQUIT\r\n");
  EXPECT_EQ(desk.count("ann", "trashed"), 1);
  EXPECT_EQ(desk.count("bob", "trashed"), 0);
  EXPECT_EQ(desk.count("bob", "read"), 1);
}

TEST(Pop3Steps, AMailboxMustBeNamedWhereThereAreSeveral) {
  Pop3Desk desk(R"({"mailboxes": {"anna": {}, "bob": {}}})");
  EXPECT_EQ(desk.changed("lock", "{}"), "mailbox: say which one: this server has 2");
  EXPECT_EQ(desk.changed("lock", R"({"mailbox": "ana"})"), "mailbox: there is no \"ana\"; did you mean \"anna\"?");
  EXPECT_EQ(desk.changed("lock", R"({"mailbox": "zzzzzz"})"), "mailbox: there is no \"zzzzzz\"");
  EXPECT_EQ(desk.changed("lock", R"({"mailbox": 5})"), "mailbox: takes a text, not 5");
  EXPECT_EQ(desk.changed("lock", R"({"mailbox": "anna"})"), "");
  EXPECT_EQ(desk.see({"mailboxes", "anna", "locked"}), Value(true));
  EXPECT_EQ(desk.see({"mailboxes", "bob", "locked"}), Value(false));
}

TEST(Pop3Steps, PopElsewhere) {
  Pop3Desk desk(isp(R"(, "messages": ["1", "22", "333", "4444"])"));
  EXPECT_EQ(desk.changed("pop_elsewhere", R"({"messages": [2, 4], "delete": true})"), "");
  EXPECT_EQ(after_login(desk, "LIST\r\n"), "+OK 2 messages:\r\n1 1\r\n2 3\r\n.\r\n");
  EXPECT_EQ(desk.count("ann", "read"), 2);
  EXPECT_EQ(desk.changed("pop_elsewhere", R"({"messages": 1})"), "");
  EXPECT_EQ(desk.count("ann", "read"), 3);
  EXPECT_EQ(desk.changed("pop_elsewhere", R"({"messages": 99})"), "");
  EXPECT_EQ(desk.count("ann", "read"), 4);
  EXPECT_EQ(desk.count("ann", "kept"), 2);
  EXPECT_EQ(desk.changed("pop_elsewhere", R"({"delete": true})"), "");
  EXPECT_EQ(desk.count("ann", "kept"), 0);
  EXPECT_EQ(desk.changed("pop_elsewhere", R"({"messages": [1]})"),
            "messages: 1 is no message number: a session would list 0");
  EXPECT_EQ(desk.changed("pop_elsewhere", R"({"messages": [0]})"),
            "messages: 0 is no message number: a session would list 0");
  EXPECT_EQ(desk.changed("pop_elsewhere", R"({"messages": "x"})"),
            "messages: takes a number, or a list of message numbers, not \"x\"");
  EXPECT_EQ(desk.changed("pop_elsewhere", R"({"messages": -1})"),
            "messages: takes a number, or a list of message numbers, not -1");
}

TEST(Pop3Steps, WhatIsNone) {
  Pop3Desk desk(isp(""));
  EXPECT_EQ(desk.changed("explode", "{}"), "explode: a POP3 server has no such step");
  EXPECT_EQ(desk.changed("lock", "[]"), "lock: takes an object");
  EXPECT_THAT(desk.changed("lock", R"({"for": 5})"), StartsWith("for: "));
  EXPECT_EQ(desk.changed("unlock", R"({"how": "captcha"})"), "how: this step has no such key; it has mailbox");
  EXPECT_EQ(desk.changed("expire_password", R"({"x": 1})"), "x: this step has no such key; it has mailbox");
}

TEST(Pop3Server, ReportsItsRules) {
  Pop3Desk desk(
      R"({"faults": [{"on": "NOOP", "delay": "1s"}, {"on": "RETR", "hang": true}], "mailboxes": {"ann": {"password": "pw"}}})");
  desk.talk(std::string(login) + "NOOP\r\n");
  EXPECT_EQ(desk.server->rules().at(0).fired, 1U);
  EXPECT_EQ(desk.server->rules().at(1).nearest, "RETR never came");
}

TEST(Pop3Server, NoSecretStandsInAFaultsReport) {
  Pop3Desk desk(
      R"({"faults": [{"on": "PASS", "argument": "other", "delay": "1s"}], "mailboxes": {"ann": {"password": "s3cret"}}})");
  desk.talk("USER ann\r\nPASS s3cret\r\n");
  RuleReport report = desk.server->rules().at(0);
  EXPECT_EQ(report.rule, "PASS <password>: waits 1s");
  EXPECT_EQ(report.nearest, "PASS on isp#1: the argument was another");
}

TEST(Pop3Server, FaultsKnowTheMailbox) {
  Pop3Desk desk(R"({"personality": "gmail", "faults": [{"on": "PASS", "mailbox": "ann", "reply": "-ERR not now"}],
                    "mailboxes": {"ann": {"password": "pw"}, "bob": {"password": "pw"}}})");
  EXPECT_EQ(desk.talk("USER recent: ann\r\nPASS pw\r\n"), "+OK send PASS\r\n-ERR not now\r\n");
  EXPECT_EQ(desk.talk("USER bob\r\nPASS pw\r\n"), "+OK send PASS\r\n+OK Welcome.\r\n");
  EXPECT_EQ(desk.see({"failed_logins"}), Value(1));
}

// Faults.

constexpr std::string_view two = R"(, "messages": ["S: 1\r\n\r\n1\r\n", "S: 2\r\n\r\n2\r\n"])";

TEST(Pop3Fault, ACommandIsCarriedOutAndItsReplyIsAnother) {
  Pop3Desk desk(
      isp(two, R"("faults": [{"on": "PASS", "nth": 1, "reply": "+OK Maildrop locked and ready", "carried_out": true},
    {"on": "DELE", "argument": "1", "reply": "-ERR later", "carried_out": true}, {"on": "RETR", "reply_bytes": "+OK 0\r\n.\r\n", "carried_out": true}], )"));
  EXPECT_EQ(desk.talk(std::string(login) + "RETR 2\r\nDELE 1\r\nDELE 1\r\nSTAT\r\nQUIT\r\n"),
            "+OK\r\n+OK Maildrop locked and ready\r\n+OK 0\r\n.\r\n-ERR later\r\n-ERR later\r\n+OK 1 11\r\n"
            "+OK Logging out, messages deleted.\r\n");
}

TEST(Pop3Fault, QuitThatIsCarriedOutDeletesAndEnds) {
  Pop3Desk desk(
      isp(two, R"("faults": [{"on": "QUIT", "reply": "-ERR some messages were not deleted", "carried_out": true}], )"));
  EXPECT_EQ(after_login(desk, "DELE 1\r\nQUIT\r\nNOOP\r\n"),
            "+OK Marked to be deleted.\r\n-ERR some messages were not deleted\r\n");
  EXPECT_EQ(after_login(desk, "STAT\r\n"), "+OK 1 11\r\n");
}

TEST(Pop3Fault, AConnectionStaysOpenAfterWhatEndsIt) {
  Pop3Desk desk(isp(two, R"("faults": [{"on": "QUIT", "nth": 1, "reply": "-ERR not yet", "ending": "open"}], )"));
  EXPECT_EQ(after_login(desk, "QUIT\r\nSTAT\r\nQUIT\r\nNOOP\r\n"), "-ERR not yet\r\n+OK 2 22\r\n+OK Logging out.\r\n");
}

TEST(Pop3Fault, UnknownWordsAndEmptyLines) {
  Pop3Desk desk(
      isp(two, R"("faults": [{"on": "", "reply": "+OK nothing said"}, {"on": "XTND", "reply": "+OK extended"}], )"));
  EXPECT_EQ(after_login(desk, "\r\nxtnd XMIT\r\n"), "+OK nothing said\r\n+OK extended\r\n");
}

TEST(Pop3Fault, AStepGivesOthersToSessionsThatBeginAfterIt) {
  Pop3Desk desk(isp(two, R"("faults": [{"on": "STAT", "reply": "-ERR one"}], )"));
  EXPECT_EQ(after_login(desk, "STAT\r\nQUIT\r\n"), "-ERR one\r\n+OK Logging out.\r\n");
  EXPECT_EQ(desk.changed("set", R"({"faults": [{"on": "STAT", "reply": "-ERR two"}]})"), "");
  EXPECT_EQ(after_login(desk, "STAT\r\nQUIT\r\n"), "-ERR two\r\n+OK Logging out.\r\n");
  EXPECT_EQ(desk.changed("set", R"({"faults": []})"), "");
  EXPECT_EQ(after_login(desk, "STAT\r\nQUIT\r\n"), "+OK 2 22\r\n+OK Logging out.\r\n");
  EXPECT_THAT(desk.changed("set", R"({"faults": [{"on": "STAT"}]})"), StartsWith("faults[0]: this fault does nothing"));
}

TEST(Pop3Settings, DeletedMessagesMayStillBeListed) {
  Pop3Desk desk(isp(two, R"("list_deleted": true, )"));
  EXPECT_EQ(
      after_login(desk, "DELE 1\r\nSTAT\r\nLIST\r\nRETR 1\r\nQUIT\r\n"),
      "+OK Marked to be deleted.\r\n+OK 2 22\r\n+OK 2 messages:\r\n1 11\r\n2 11\r\n.\r\n-ERR Message is deleted.\r\n"
      "+OK Logging out, messages deleted.\r\n");
  EXPECT_EQ(after_login(desk, "STAT\r\n"), "+OK 1 11\r\n");
}

TEST(Pop3Settings, StrayBlanksAreRefusedOrPassedOver) {
  Pop3Desk strict(isp(two, R"("blanks": "strict", )"));
  EXPECT_EQ(
      after_login(strict, "STAT\r\nSTAT \r\n STAT\r\nLIST  1\r\nLIST 1\r\n"),
      "+OK 2 22\r\n-ERR Unknown command: STAT\r\n-ERR Unknown command.\r\n-ERR Unknown command: LIST\r\n+OK 1 11\r\n");
  Pop3Desk lenient(isp(two, R"("blanks": "lenient", )"));
  EXPECT_EQ(after_login(lenient, "STAT \r\n  STAT\r\nLIST   1 \r\nTOP  1   0\r\n"),
            "+OK 2 22\r\n+OK 2 22\r\n+OK 1 11\r\n+OK\r\nS: 1\r\n\r\n.\r\n");
  Pop3Desk spaced(R"({"personality": "dovecot", "blanks": "lenient", "mailboxes": {"ann": {"password": " p  w "}}})");
  EXPECT_EQ(spaced.talk("USER  ann\r\nPASS  p  w \r\n"), "+OK\r\n+OK Logged in.\r\n");
}

}  // namespace
}  // namespace mailrig::fakeservers
