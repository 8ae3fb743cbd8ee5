// Accounts and messages as the loader sees them.

#include <gtest/gtest.h>

#include "scenarios/run/messages.h"
#include "scenarios/testing/told.h"

namespace mailrig::scenarios {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

constexpr std::string_view servers =
    R"("isp": { "tls": "starttls-required", "mailboxes": { "ann": {}, "anna@zillum.test": {} } }, "crm": { "personality": "zoho-crm" })";
constexpr std::string_view expects = R"({ "expect": { "latency.login.count": 1 } })";

/// Accounts begin in line 4.
LoadResult load_accounts(std::string_view accounts) {
  return load(around(servers, fmt::format("\n{}", accounts), expects));
}
std::string told_of(std::string_view accounts) { return told_briefly(load_accounts(accounts)); }

TEST(LoadAccounts, references_are_resolved) {
  LoadResult result = load_accounts(
      R"("home": { "pop3": "isp", "user": "ann", "password": "pw", "every": "3m", "batch": 20, "leave_on_server": false,
    "patience": { "reply": "200ms" }, "filters": [ { "sender_contains": "ann", "move_to": "Sent" } ], "storage": "1MiB" },
    "wrong": { "pop3": { "server": "isp", "tls": "implicit", "port": 1995 }, "user": "ann", "password": "pw", "every": "never" },
    "away": { "pop3": { "host": "pop.else.test", "tls": "none" }, "user": "u", "password": "p" })");
  ASSERT_EQ(told(result), "");
  const auto& accounts = result.scenarios[0].accounts;
  ASSERT_EQ(accounts.size(), 3U);
  EXPECT_EQ(accounts[0].pop3->server, "isp");
  EXPECT_EQ(accounts[0].pop3->host, "isp.test");
  EXPECT_EQ(accounts[0].pop3->port, 110);
  EXPECT_EQ(accounts[0].pop3->tls, TlsMode::starttls);
  EXPECT_FALSE(accounts[0].smtp);
  EXPECT_EQ(
      to_json(accounts[0].settings),
      R"({"pop3": {"server": "isp", "host": "isp.test", "port": 110, "tls": "starttls"}, "every": "3m", "patience": {"reply": "200ms"}, )"
      R"("filters": [{"sender_contains": "ann", "move_to": "Sent"}], "batch": 20, "user": "ann", "password": "pw", "leave_on_server": false, "storage": "1MiB"})");
  EXPECT_EQ(accounts[1].pop3->tls, TlsMode::implicit);
  EXPECT_EQ(accounts[1].pop3->port, 1995);
  EXPECT_EQ(accounts[1].settings.find("every")->text(), "never");
  EXPECT_EQ(accounts[2].pop3->server, "");
  EXPECT_EQ(accounts[2].pop3->host, "pop.else.test");
  EXPECT_EQ(accounts[2].pop3->port, 110);
  EXPECT_EQ(to_string(accounts[1].place.resolve()), "s/t.json:6:5");
}

TEST(LoadAccounts, a_crm_takes_the_clients_that_accounts_have) {
  LoadResult result = load_accounts(
      R"("a": { "crm": "crm" }, "b": { "crm": "crm", "client_id": "me", "client_secret": "s", "refresh_token": "r" }, "c": { "crm": "crm" })");
  ASSERT_EQ(told(result), "");
  const Scenario& scenario = result.scenarios[0];
  EXPECT_EQ(
      to_json(*scenario.servers[1].settings.find("clients")),
      R"([{"client_id": "1000.MAILRIGCLIENT", "client_secret": "mailrig-client-secret", "refresh_token": "1000.mailrig-refresh-token"}, )"
      R"({"client_id": "me", "client_secret": "s", "refresh_token": "r"}])");
  EXPECT_EQ(scenario.accounts[0].settings.find("client_id")->text(), "1000.MAILRIGCLIENT");
}

TEST(LoadAccounts, references_to_nothing) {
  EXPECT_EQ(told_of("\"home\": { \"user\": \"ann\", \"password\": \"pw\", \"pop3\":\n\"ips\" }"),
            "5:1: error: there is no server \"ips\" | one of isp or crm | \"isp\"\n");
  EXPECT_EQ(told_of("\"home\": { \"user\": \"ann\", \"password\": \"pw\", \"pop3\": { \"server\":\n\"ips\" } }"),
            "5:1: error: there is no server \"ips\" | one of isp or crm | \"isp\"\n");
  EXPECT_EQ(told_of("\"home\": { \"crm\": \"crm\", \"user\": \"ann\", \"password\": \"pw\", \"pop3\":\n\"crm\" }"),
            "5:1: error: \"crm\" is a crm server | a pop3 server | \n");
  EXPECT_EQ(told_of("\"home\": { \"user\": \"ann\", \"password\": \"pw\", \"pop3\":\n{ \"port\": 5 } }"),
            "5:1: error: this names neither a server nor a host | \"server\": NAME, or \"host\" and \"port\" | \n");
  EXPECT_EQ(told_of("\"home\": { \"user\": \"ann\", \"password\": \"pw\", \"pop3\":\n17 }"),
            "5:1: error: \"pop3\" does not take 17 | the name of a server, or { \"server\", \"host\", \"port\", "
            "\"tls\" } | \n");
}

TEST(LoadAccounts, what_an_account_needs) {
  EXPECT_EQ(
      told_of("\"home\": {}"),
      "4:1: error: the account \"home\" has no server | \"pop3\", \"smtp\" or \"crm\": the name of a server | \n");
  EXPECT_EQ(told_of("\"home\": { \"pop3\": \"isp\" }"),
            "4:1: error: the account \"home\" needs \"user\" | the name it logs in with | \n");
  EXPECT_EQ(told_of("\"home\": { \"pop3\": \"isp\", \"user\": \"ann\" }"),
            "4:1: error: the account \"home\" needs \"password\" | the password it logs in with, a wrong one if that "
            "is the story | \n");
  EXPECT_EQ(told_of("\"home\": { \"crm\": \"crm\" }"), "");
}

TEST(LoadAccounts, mistakes_in_its_keys) {
  EXPECT_EQ(told_of("\"home\": { \"pop3\": \"isp\", \"user\": \"ann\", \"password\":\n17, \"every\":\n15, "
                    "\"batch\":\n0, \"leave_on_sever\": true }"),
            "5:1: error: \"password\" does not take 17 | a text | \"17\"\n"
            "6:1: error: \"every\" does not take 15 | a span of time such as \"15m\" | \"15s\", \"15m\" or \"15h\"\n"
            "7:1: error: \"batch\" does not take 0 | a whole number from 1 to 10000 | \n"
            "7:4: error: an account has no key \"leave_on_sever\" | one of pop3, smtp, crm, every, patience, filters, "
            "batch, user, password, smtp_user, smtp_password, address, leave_on_server, source, "
            "trust, storage, client_id, client_secret or refresh_token | \"leave_on_server\"\n");
  EXPECT_EQ(
      told_of("\"home\": { \"pop3\": \"isp\", \"user\": \"ann\", \"password\": \"\", \"every\":\n\"0s\" }"),
      "5:1: error: \"every\": an interval of nothing would never end | a span of time, or \"never\" | \"never\"\n");
  EXPECT_EQ(
      told_of("\"home\": { \"pop3\": \"isp\", \"user\": \"ann\", \"password\": \"\", \"patience\": { "
              "\"reply\":\n\"0s\", \"greting\":\n5 } }"),
      "5:1: error: \"reply\": no patience at all would end everything at once | a span of time | \n"
      "5:7: error: patience has no key \"greting\" | one of connect, greeting, reply or session | \"greeting\"\n");
  EXPECT_EQ(told_of("\"home\": { \"pop3\": \"isp\", \"user\": \"ann\", \"password\": \"\", \"filters\": [\n{ "
                    "\"sender\": \"x\", \"move_to\": 5 },\n7 ] }"),
            "5:1: error: a filter needs \"sender_contains\" | \"sender_contains\": a text | \n"
            "5:3: error: a filter has no key \"sender\" | one of sender_contains or move_to | \n"
            "5:29: error: \"move_to\" does not take 5 | a text | \"5\"\n"
            "6:1: error: \"filters\" does not take 7 | an object | \n");
}

TEST(LoadAccounts, a_user_that_is_nearly_a_mailbox_is_a_slip) {
  EXPECT_EQ(told_of("\"home\": { \"pop3\": \"isp\", \"password\": \"pw\", \"user\":\n\"recent: anna@zilum.test\" }"),
            "5:1: warning: \"isp\" has no mailbox \"anna@zilum.test\", so every login fails | one of ann or "
            "anna@zillum.test | \"anna@zillum.test\"\n");
  EXPECT_EQ(told_of(R"("home": { "pop3": "isp", "password": "pw", "user": "recent: anna@zillum.test" })"), "");
  EXPECT_EQ(told_of(R"("home": { "pop3": "isp", "password": "pw", "user": "recent:ann" })"), "");
  EXPECT_EQ(told_of(R"("home": { "pop3": "isp", "password": "pw", "user": "somebody-else" })"), "");
}

// --- messages

/// What a POP3 mailbox `ann` is given to read; messages begin in line 3.
LoadResult load_messages(std::string_view messages, const Files& files = {}) {
  return load(fmt::format("{{ \"id\": \"a\", \"title\": \"t\", \"servers\": {{ \"isp\": {{\n\"mailboxes\": {{ \"ann\": "
                          "{{ \"messages\":\n{} }} }} }} }} }}",
                          messages),
              files);
}
std::string messages_of(const LoadResult& result) {
  EXPECT_EQ(told(result), "");
  if (result.scenarios.empty()) return "";
  return to_json(*result.scenarios[0].servers[0].settings.find("mailboxes")->find("ann")->find("messages"), 4000);
}

TEST(LoadMessages, are_a_list_of_specs) {
  EXPECT_EQ(messages_of(load_messages(R"("Subject: hi\r\n\r\nx\r\n")")), R"(["Subject: hi\r\n\r\nx\r\n"])");
  EXPECT_EQ(
      messages_of(load_messages(
          R"([ "a", { "text": "b", "uid": "u1", "at": "-3d", "read": true }, { "base64": "aGk=", "popped": true } ])")),
      R"(["a", {"text": "b", "at": "2014-05-30T09:00:00Z", "uid": "u1", "read": true}, {"base64": "aGk=", "popped": true}])");
  EXPECT_EQ(messages_of(load_messages(R"({ "file": "mail/x.eml" })", {{"s/mail/x.eml", "From: a\r\n\r\n\xFF"}})),
            "[{\"file\": \"mail/x.eml\", \"text\": \"From: a\\r\\n\\r\\n\\xFF\"}]");
}

TEST(LoadMessages, generated_ones_are_spread_over_the_day_before_the_clock) {
  EXPECT_EQ(
      messages_of(load_messages(R"({ "generate": 24 })")),
      R"([{"generate": 24, "to": "ann@isp.test", "stream": "isp/ann/0", "at": "2014-06-01T09:00:00Z", "every": "1h"}])");
  EXPECT_EQ(
      messages_of(load_messages(R"([ "x", { "generate": 3, "at": "-6h" } ])")),
      R"(["x", {"generate": 3, "to": "ann@isp.test", "stream": "isp/ann/1", "at": "2014-06-02T03:00:00Z", "every": "2h"}])");
  EXPECT_EQ(
      messages_of(load_messages(
          R"({ "generate": 2, "at": "-6h", "every": "1m", "size": "2KiB..64KiB", "from": "A <a@x.test>", "to": "b@x.test", "subject": "s", "seed": 7, "profile": "plain" })")),
      R"([{"generate": 2, "profile": "plain", "from": "A <a@x.test>", "to": "b@x.test", "subject": "s", "size_min": 2048, "size_max": 65536, "seed": 7, )"
      R"("stream": "isp/ann/0", "at": "2014-06-02T03:00:00Z", "every": "1m"}])");
  EXPECT_EQ(
      messages_of(load_messages(R"({ "generate": 1, "size": 3000 })")),
      R"([{"generate": 1, "to": "ann@isp.test", "size_min": 3000, "size_max": 3000, "stream": "isp/ann/0", "at": "2014-06-01T09:00:00Z", "every": "1d"}])");
}

TEST(LoadMessages, what_is_wrong_with_them) {
  auto told_of_messages = [](std::string_view messages) { return told_briefly(load_messages(messages)); };
  EXPECT_EQ(told_of_messages("17"),
            "3:1: error: \"messages\" does not take 17 | a message: a text, or an object with text, base64, file or "
            "generate | \n");
  EXPECT_EQ(told_of_messages("{ \"uid\": \"x\" }"),
            "3:1: error: nothing says what this message is | one of text, base64, file or generate | \n");
  EXPECT_EQ(told_of_messages("{ \"text\": \"x\", \"generate\": 5 }"),
            "3:1: error: a message has one source | one of text, base64, file or generate | \n");
  EXPECT_EQ(told_of_messages("{ \"base64\":\n\"a-b\" }"),
            "4:1: error: \"base64\": this is not base64 | letters, digits, + and /, filled up with = (RFC 4648 section "
            "4) | \n");
  EXPECT_EQ(told_of_messages("{ \"file\":\n\"no.eml\" }"),
            "4:1: error: \"file\": cannot read s/no.eml: no such file | a file, named relative to this one | \n");
  EXPECT_EQ(told_of_messages("{ \"generate\":\n0 }"),
            "4:1: error: \"generate\" does not take 0 | a whole number from 1 to 1000000 | \n");
  EXPECT_EQ(told_of_messages("{ \"generate\": 1, \"profile\":\n\"plan\" }"),
            "4:1: error: \"profile\" does not take \"plan\" | one of plain, personal, newsletter, invoice, thread, "
            "calendar, bounce, signed-smime, signed-pgp, cjk, cyrillic, arabic, emoji, tnef or mixed | \"plain\"\n");
  EXPECT_EQ(told_of_messages("{ \"generate\": 1, \"like\":\n\"gmial\" }"),
            "4:1: error: \"like\" does not take \"gmial\" | one of exchange, gmail, outlook, iphone, thunderbird or "
            "mixed | \"gmail\"\n");
  EXPECT_EQ(told_of_messages("{ \"text\": \"x\", \"damage\": [ \"bare-lf\",\n\"bare-crr\" ] }"),
            "4:1: error: \"damage\": nothing is known that does \"bare-crr\" | one of 81; the nearest are bare-cr, "
            "bare-lf and base64-junk | "
            "\"bare-cr\"\n");
  EXPECT_EQ(told_of_messages("{ \"text\": \"x\", \"damage\":\n17 }"),
            "4:1: error: \"damage\" does not take 17 | a text | \"17\"\n");
  EXPECT_EQ(told_of_messages("{ \"generate\": 1, \"size\":\n\"64KiB..2KiB\" }"),
            "4:1: error: \"size\": the range ends before it begins | the smaller size first | \"2KiB..64KiB\"\n");
  EXPECT_EQ(told_of_messages("{ \"generate\": 1, \"size\":\n\"2KiB-64KiB\" }"),
            "4:1: error: \"size\" does not take \"2KiB-64KiB\" | a number of octets such as 512 or \"64KiB\" | \n");
  EXPECT_EQ(told_of_messages("{ \"generate\": 1, \"size\":\n\"2KiB..many\" }"),
            "4:1: error: \"size\" does not take \"2KiB..many\" | octets such as \"10kB\", or a range such as "
            "\"2KiB..64KiB\" | \n");
  EXPECT_TRUE(told_of_messages("{ \"generate\": 1, \"size\":\n100 }")
                  .starts_with("4:1: error: \"size\": a generated message cannot have 100 octets | from "));
  EXPECT_TRUE(told_of_messages("{ \"generate\": 1, \"size\":\n\"1KiB..2GiB\" }")
                  .starts_with("4:1: error: \"size\": a generated message cannot have 2147483648 octets | from "));
  EXPECT_EQ(told_of_messages("{ \"generate\": 1, \"subject\":\n\"a\\nb\" }"),
            "4:1: error: \"subject\": a line end cannot stand in a generated header field | one line; write such a "
            "message as a text of its own | \n");
  EXPECT_EQ(told_of_messages("{ \"text\": \"x\", \"at\":\n\"3d\" }"),
            "4:1: error: \"at\": \"3d\" is not a point in time: it does not begin with a date such as 2014-06-02; "
            "write for example 2014-06-02T09:00:00Z | a point in time such as "
            "\"2014-06-02T09:00:00Z\", or one relative to the clock such as \"-3d\" | \"-3d\"\n");
  EXPECT_TRUE(told_of_messages("{ \"text\": \"x\",\n\"reed\": true }")
                  .starts_with("4:1: error: a message has no key \"reed\" | one of "));
}

TEST(LoadMessages, damage_goes_along_with_where_it_is_drawn_from) {
  EXPECT_EQ(messages_of(load_messages(R"({ "text": "x", "damage": "bare-lf" })")),
            R"([{"text": "x", "damage": ["bare-lf"], "stream": "isp/ann/0"}])");
  EXPECT_EQ(messages_of(load_messages(R"({ "text": "x", "damage": ["bare-lf", "no-final-boundary"], "seed": 7 })")),
            R"([{"text": "x", "damage": ["bare-lf", "no-final-boundary"], "seed": 7, "stream": "isp/ann/0"}])");
  EXPECT_EQ(
      messages_of(load_messages(R"({ "generate": 1, "profile": "thread", "like": "gmail", "damage": "bare-lf" })")),
      R"([{"damage": ["bare-lf"], "generate": 1, "profile": "thread", "like": "gmail", "to": "ann@isp.test", "stream": "isp/ann/0", "at": "2014-06-01T09:00:00Z", "every": "1d"}])");
}

// --- bytes

TEST(Messages, specs_are_damaged) {
  MessageMaker make = message_maker(1, [] { return Instant{}; });
  const Value::List names{"mbox-from-line", "space-before-colon"};
  const Value fixed = Value::map().set("text", "a: b\r\n\r\nc\r\n").set("damage", Value(names)).set("stream", "s");
  EXPECT_EQ(*make(fixed)->content(0).load(),
            "From anna@x.test Mon Jun  2 09:00:00 2014\r\na: b\r\nX-Spaced : x\r\n\r\nc\r\n");
  const Value generated =
      Value::map().set("generate", 3).set("profile", "invoice").set("damage", "bare-cr").set("stream", "s");
  const auto batch = make(generated);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->count, 3U);
  for (std::size_t index = 0; index < 3; ++index) {
    const fakeservers::Content content = batch->content(index);
    EXPECT_EQ(content.octets, content.load()->size());
    EXPECT_NE(content.load()->find("x\rx"), std::string::npos);
    EXPECT_EQ(*content.load(), *content.load());
  }
  EXPECT_EQ(make(Value::map().set("text", "x").set("damage", "dent")).error().message,
            "nothing is known that does \"dent\" to a message");
}

TEST(Messages, specs_become_bytes) {
  MessageMaker make = message_maker(1, [] { return Instant{}; });
  auto bytes = [&](const Value& spec) {
    auto batch = make(spec);
    if (!batch) return batch.error().message;
    EXPECT_EQ(batch->count, 1U);
    fakeservers::Content content = batch->content(0);
    EXPECT_EQ(content.octets, content.load()->size());
    return *content.load();
  };
  EXPECT_EQ(bytes("raw\r\n"), "raw\r\n");
  EXPECT_EQ(bytes(Value::map().set("text", "t")), "t");
  EXPECT_EQ(bytes(Value::map().set("base64", "AP8=")), std::string("\0\xFF", 2));
  EXPECT_EQ(bytes(Value::map().set("file", "x.eml").set("text", "of the file")), "of the file");
  EXPECT_EQ(bytes(Value::map().set("uid", "x")),
            "{\"uid\": \"x\"} is no message: it takes a text, or an object with text, base64, file or generate");
  EXPECT_EQ(bytes(17), "17 is no message: it takes a text, or an object with text, base64, file or generate");
}

TEST(Messages, generated_ones_depend_on_seed_and_stream) {
  Value spec = Value::map().set("generate", 3).set("size_min", 700).set("size_max", 700).set("stream", "a");
  Value other = Value(spec).set("stream", "b");
  auto first = [](std::uint64_t seed, const Value& of, Instant now = {}) {
    auto batch = message_maker(seed, [now] { return now; })(of);
    EXPECT_EQ(batch->count, 3U);
    return *batch->content(1).load();
  };
  EXPECT_EQ(first(1, spec).size(), 700U);
  EXPECT_EQ(first(1, spec), first(1, spec));
  EXPECT_NE(first(1, spec), first(2, spec));
  EXPECT_NE(first(1, spec), first(1, other));
  spec.set("seed", 5);
  other.set("seed", 5);
  EXPECT_EQ(first(1, spec), first(2, other));
  EXPECT_TRUE(first(1, spec, Instant{24h}).starts_with("Date: Fri, 02 Jan 1970 00:00:00 +0000\r\n"));
  spec.set("at", "2014-06-02T09:00:00Z").set("every", "1h");
  EXPECT_TRUE(first(1, spec).starts_with("Date: Mon, 02 Jun 2014 10:00:00 +0000\r\n"));
}

TEST(Messages, their_octets_are_summed_up) {
  LoadResult result = load(around(
      R"("isp": { "mailboxes": { "a": { "messages": ["12345", { "generate": 10, "size": "1000..2000" }] }, "b": { "messages": { "base64": "aGlo" } } } })",
      R"("h": { "pop3": "isp", "user": "a", "password": "p" })",
      R"({ "deliver": { "mailbox": "b", "messages": { "generate": 2, "size": 5000 } } }, { "expect": { "accounts.h.stored": 1 } })"));
  ASSERT_EQ(told(result), "");
  EXPECT_EQ(mail_octets(result.scenarios[0]), 5U + 20'000 + 3 + 10'000);
}

}  // namespace
}  // namespace mailrig::scenarios
