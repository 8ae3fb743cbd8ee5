#include "scenarios/language/explain.h"

#include <gtest/gtest.h>

#include "json/json_writer.h"
#include "scenarios/testing/suite_files.h"
#include "scenarios/testing/told.h"

namespace mailrig::scenarios {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

TEST(JsonWriter, lays_out_for_people) {
  EXPECT_EQ(write_json({}), "null\n");
  EXPECT_EQ(write_json(Value::map()), "{}\n");
  EXPECT_EQ(write_json(Value::list()), "[]\n");
  EXPECT_EQ(write_json(Value::map().set("a", 1).set("b", Value(Value::List{true, 1.5, 2.0, "x"}))),
            "{ \"a\": 1, \"b\": [true, 1.5, 2.0, \"x\"] }\n");
  // 46 + 46 characters and what stands around them are 100 columns; one more and the line is broken.
  std::string text(46, 'x');
  EXPECT_EQ(write_json(Value(Value::List{text, text})), "[\"" + text + "\", \"" + text + "\"]\n");
  EXPECT_EQ(write_json(Value(Value::List{text, text + "y"})), "[\n  \"" + text + "\",\n  \"" + text + "y\"\n]\n");
  EXPECT_EQ(write_json(Value::map().set("key", Value::map().set("inner", text).set("other", text))),
            "{\n  \"key\": {\n    \"inner\": \"" + text + "\",\n    \"other\": \"" + text + "\"\n  }\n}\n");
}

TEST(JsonWriter, escapes_what_json_cannot_hold) {
  EXPECT_EQ(write_json(std::string("\"\\\r\n\t\x01\x7F ä€")), "\"\\\"\\\\\\r\\n\\t\\u0001\\u007f ä€\"\n");
  EXPECT_EQ(write_json(std::string("\0", 1)), "\"\\u0000\"\n");
  EXPECT_EQ(write_json("a\xFFz"), "\"a\\ufffdz\"\n");
  EXPECT_EQ(write_json(Value::map().set("lazy", Value::lazy([] { return Value(1); }))), "{ \"lazy\": 1 }\n");
}

constexpr std::string_view told_in_full =
    R"({ "id": "a/b", "title": "how ${row} goes", "tags": ["x"], "table": [ { "row": "one", "size": 2000 } ],
  "personalities": { "mine": { "extends": "generic", "texts": { "quit": "+OK bye ${row}" } } },
  "servers": { "isp": { "personality": "mine", "mailboxes": { "ann": { "password": "pw", "messages": { "generate": 2, "size": "${size}..3000" } } } } },
  "accounts": { "home": { "pop3": "isp", "user": "ann", "password": "pw", "every": "3m" } },
  "steps": [ { "advance": "90m" }, { "deliver": { "messages": "x" } }, { "expect": { "accounts.home.stored": 2 } } ] })";

TEST(Explain, leaves_nothing_out) {
  LoadResult loaded = load(told_in_full);
  ASSERT_EQ(told(loaded), "");
  Value value = explained(loaded.scenarios[0]);
  EXPECT_EQ(value.find("id")->text(), "a/b");
  EXPECT_EQ(value.find("title")->text(), "how one goes");
  EXPECT_EQ(value.find("clock")->text(), "2014-06-02T09:00:00Z");
  EXPECT_EQ(value.find("limit")->text(), "800d");
  EXPECT_EQ(to_json(*value.find("tags")), R"(["x"])");
  const Value& server = *value.find("servers")->find("isp");
  EXPECT_EQ(server.find("protocol")->text(), "pop3");
  EXPECT_EQ(to_json(*server.find("personality")), "{}");
  EXPECT_EQ(server.find("host")->text(), "isp.test");
  EXPECT_EQ(server.find("tls")->text(), "none");
  EXPECT_EQ(server.find("port")->integer(), 110);
  EXPECT_EQ(server.find("certificate"), nullptr);  // there is no TLS
  EXPECT_EQ(to_json(*server.find("link")), R"({"latency": "1ms", "bytes_per_second": 0, "split_at": 0})");
  EXPECT_EQ(server.find("refuse")->boolean(), false);
  EXPECT_EQ(server.find("texts")->find("quit")->text(), "+OK bye one");
  EXPECT_NE(server.find("texts")->find("greeting"), nullptr);
  EXPECT_EQ(server.find("name"), nullptr);
  EXPECT_EQ(
      to_json(*server.find("mailboxes")),
      R"({"ann": {"password": "pw", "messages": [{"generate": 2, "to": "ann@isp.test", "size": "2000..3000", "at": "2014-06-01T09:00:00Z", "every": "12h"}]}})");
  EXPECT_EQ(
      to_json(*value.find("accounts")->find("home")),
      R"({"leave_on_server": true, "every": "3m", "batch": 200, "trust": "rig", "patience": {"connect": "30s", "greeting": "1m", "reply": "5m", "session": "1h"}, )"
      R"("storage": 5368709120, "pop3": {"server": "isp", "host": "isp.test", "port": 110, "tls": "none"}, "user": "ann", "password": "pw"})");
  EXPECT_EQ(
      to_json(*value.find("steps")),
      R"([{"advance": "90m"}, {"deliver": {"server": "isp", "mailbox": "ann", "messages": ["x"]}}, {"expect": {"accounts.home.stored": 2}, "level": "MUST"}])");
}

TEST(Explain, what_it_prints_loads_to_the_same_scenario) {
  LoadResult first = load(told_in_full);
  LoadResult second = load(explain(first.scenarios.at(0)));
  ASSERT_EQ(told(second), "");
  EXPECT_EQ(explained(second.scenarios.at(0)), explained(first.scenarios.at(0)));
}

TEST(Explain, the_whole_suite_can_be_told_again) {
  for (const auto& [path, text] : suite_files()) {
    for (const Scenario& scenario : load_scenarios(path, text, {.read = read_suite_file}).scenarios) {
      Value value = explained(scenario);
      LoadResult again = load_scenarios(path, write_json(value), {.read = read_suite_file});
      EXPECT_FALSE(again.failed()) << told(again);
      ASSERT_EQ(again.scenarios.size(), 1U) << path;
      EXPECT_EQ(explained(again.scenarios[0]), value) << explain(again.scenarios[0]);
    }
  }
}

std::string told_story(const LoadResult& loaded) {
  EXPECT_FALSE(loaded.failed()) << told(loaded);
  std::string text;
  for (const std::string& line : story(loaded.scenarios.at(0))) text += line + "\n";
  return text;
}

TEST(Story, one_line_a_step) {
  EXPECT_EQ(told_story(load(R"({ "id": "a", "title": "t",
    "servers": { "gmail": { "personality": "gmail", "mailboxes": { "ann": {}, "bert": {} } }, "out": { "protocol": "smtp" }, "crm": { "personality": "zoho-crm" } },
    "accounts": { "work": { "pop3": "gmail", "smtp": "out", "user": "ann", "password": "s3cret" }, "home": { "pop3": "gmail", "user": "bert", "password": "s3cret" } },
    "steps": [
      { "advance": "1d12h", "note": "a weekend" },
      { "poll": "work" },
      { "poll": ["work", "home"] },
      { "send": { "account": "work", "to": ["b@x.test", "c@x.test"], "bcc": "d@x.test", "subject": "offer", "text": "t" } },
      { "send": { "account": "work", "to": "b@x.test", "text": "t" } },
      { "edit": { "account": "work", "password": "n3w", "leave_on_server": false, "pop3": { "server": "gmail", "tls": "none" } } },
      { "edit": { "account": "home" } },
      { "restart": "client" },
      { "deliver": { "mailbox": "ann", "messages": [ { "generate": 3 }, "x" ] } },
      { "deliver": { "mailbox": "ann", "messages": "x" } },
      { "lock": { "mailbox": "ann", "how": "captcha" } },
      { "lock": "ann" },
      { "unlock": "ann" },
      { "expire_password": "ann" },
      { "set_password": { "mailbox": "ann", "password": "n3w" } },
      { "swap_certificate": { "server": "gmail", "certificate": "expired" } },
      { "swap_certificate": { "server": "gmail", "certificate": "good" } },
      { "refuse": { "server": "gmail" } },
      { "refuse": { "server": "gmail", "sources": ["127.0.0.2", "127.0.0.3"] } },
      { "accept": { "server": "gmail" } },
      { "drop": { "server": "gmail" } },
      { "pop_elsewhere": { "mailbox": "ann", "messages": 10, "delete": true } },
      { "pop_elsewhere": { "mailbox": "ann", "messages": [1, 3] } },
      { "pop_elsewhere": { "mailbox": "ann", "messages": 1 } },
      { "pop_elsewhere": { "mailbox": "ann" } },
      { "set": { "server": "gmail", "queue_cap": 10 } },
      { "set": { "server": "gmail", "mailbox": "ann", "password": "x", "pop": "all" } },
      { "expect": { "accounts.work.stored": { "ge": 3, "lt": 5 }, "accounts.work.state": "ok" } },
      { "expect": { "accounts.work.polls": 1 }, "level": "SHOULD" } ] })")),
            "1d12h passes (a weekend)\n"
            "work polls gmail\n"
            "work polls gmail and home polls gmail, at the same time\n"
            "work sends \"offer\" to b@x.test, c@x.test and d@x.test\n"
            "work sends a message to b@x.test\n"
            "work is edited: pop3: gmail.test:995 (none), another password and leave_on_server: false\n"
            "home is edited: no change\n"
            "the client starts anew, with its store\n"
            "4 messages arrive for ann at gmail\n"
            "1 message arrives for ann at gmail\n"
            "gmail locks ann (captcha)\n"
            "gmail locks ann\n"
            "ann is unlocked at gmail\n"
            "the password of ann expires at gmail\n"
            "ann gets another password at gmail\n"
            "gmail shows another certificate: expired\n"
            "gmail shows another certificate: good\n"
            "gmail refuses connections\n"
            "gmail refuses connections from 127.0.0.2 and 127.0.0.3\n"
            "gmail takes connections again\n"
            "gmail resets all connections\n"
            "another client retrieves 10 messages of ann from gmail and deletes them\n"
            "another client retrieves messages [1, 3] of ann from gmail\n"
            "another client retrieves 1 message of ann from gmail\n"
            "another client retrieves all messages of ann from gmail\n"
            "gmail: queue_cap: 10\n"
            "gmail, ann: another password and pop: \"all\"\n"
            "expected: accounts.work.stored is at least 3 and less than 5; accounts.work.state is \"ok\"\n"
            "expected (SHOULD): accounts.work.polls is 1\n");
}

TEST(Story, control_bytes_are_escaped) {
  EXPECT_EQ(
      told_story(load(around(
          isp, home,
          R"({ "advance": "1h", "note": "a\u001b[31m" }, { "expect": { "accounts.home.message": "x\u0007" } })"))),
      "1h passes (a\\x1B[31m)\nexpected: accounts.home.message is \"x\\x07\"\n");
}

}  // namespace
}  // namespace mailrig::scenarios
