// Steps and expectations as the loader sees them.

#include <gtest/gtest.h>

#include "scenarios/testing/told.h"

namespace mailrig::scenarios {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

constexpr std::string_view servers =
    R"("gmail": { "personality": "gmail", "mailboxes": { "ann": {}, "bert": {} } }, "crm": { "personality": "zoho-crm" })";
constexpr std::string_view accounts =
    R"("work": { "pop3": "gmail", "crm": "crm", "user": "ann", "password": "pw" }, "home": { "pop3": "gmail", "user": "bert", "password": "pw" }, "notes": { "crm": "crm" })";

/// Steps begin in line 5; two accounts poll one Gmail with two mailboxes, and there is a CRM.
LoadResult load_rich(std::string_view steps) {
  return load(
      around(servers, accounts, fmt::format("{{ \"expect\": {{ \"accounts.work.stored\": 0 }} }},\n{}", steps)));
}
std::string told_rich(std::string_view steps) { return told_briefly(load_rich(steps)); }

/// With one server, one mailbox and one account; steps begin in line 5.
LoadResult load_plain(std::string_view steps) {
  return load(around(isp, home, fmt::format("{{ \"expect\": {{ \"accounts.home.stored\": 0 }} }},\n{}", steps)));
}
std::string told_plain(std::string_view steps) { return told_briefly(load_plain(steps)); }

/// The second step's arguments as JSON.
std::string arguments_of(const LoadResult& result) {
  EXPECT_EQ(told(result), "");
  if (result.scenarios.empty()) return "";
  return to_json(result.scenarios[0].steps.at(1).arguments, 4000);
}

TEST(LoadSteps, of_time_and_of_the_client) {
  LoadResult result = load_plain(
      R"({ "advance": "1d12h", "note": "a day and a half" }, { "poll": "home" }, { "poll": ["home"] }, { "restart": "client" },
    { "edit": { "password": "new", "every": "5m", "pop3": { "server": "isp", "tls": "implicit" } } })");
  ASSERT_EQ(told(result), "");
  const auto& steps = result.scenarios[0].steps;
  EXPECT_EQ(steps[1].verb, Verb::advance);
  EXPECT_EQ(steps[1].span, 36h);
  EXPECT_EQ(steps[1].note, "a day and a half");
  EXPECT_EQ(to_string(steps[1].place.resolve()), "s/t.json:5:3");
  EXPECT_EQ(steps[2].accounts, (std::vector<std::string>{"home"}));
  EXPECT_EQ(steps[3].accounts, (std::vector<std::string>{"home"}));
  EXPECT_EQ(steps[4].verb, Verb::restart);
  EXPECT_EQ(steps[5].accounts, (std::vector<std::string>{"home"}));
  EXPECT_EQ(
      to_json(steps[5].arguments),
      R"({"pop3": {"server": "isp", "host": "isp.test", "port": 110, "tls": "implicit"}, "every": "5m", "password": "new", "account": "home"})");
}

TEST(LoadSteps, what_counts_is_expected_as_a_number) {
  for (const char* wrong : {R"("8")", R"(true)", R"([8])", R"(8.5)", R"({"one_of": [8, "9"]})", R"({"ne": "eight"})"}) {
    const std::string told = told_plain(fmt::format(R"({{ "expect": {{ "accounts.home.stored": {} }} }})", wrong));
    EXPECT_NE(told.find("accounts.home.stored is a number, never "), std::string::npos) << wrong << told;
  }
  EXPECT_NE(told_plain(R"({ "expect": { "accounts.home.stored": { "ge": "8" } } })")
                .find("\"ge\" takes a number, or a text that is a span"),
            std::string::npos);
  EXPECT_EQ(told_plain(R"({ "expect": { "accounts.home.messages[0].octets": { "lt": "512B" } } },
    { "expect": { "accounts.home.stored": { "one_of": [8, 9] }, "servers.isp.commands.PASS": 0 } })"),
            "");
}

TEST(LoadSteps, an_unknown_personality_hides_no_other_error) {
  const std::string told =
      told_briefly(load(around(R"("isp": { "personality": "gmial", "mailboxes": { "ann": { "pasword": "pw" } } })",
                               home, R"({ "expect": { "accounts.home.stord": 1, "servers.isp.conections": 1 } })")));
  for (const char* wrong : {"gmial", "pasword", "stord", "conections"})
    EXPECT_NE(told.find(wrong), std::string::npos) << wrong << ": " << told;
}

TEST(LoadSteps, what_may_be_left_out_is_filled_in) {
  EXPECT_EQ(arguments_of(load_plain(R"({ "unlock": {} })")), R"({"server": "isp", "mailbox": "ann"})");
  EXPECT_EQ(arguments_of(load_plain(R"({ "expire_password": "ann" })")), R"({"server": "isp", "mailbox": "ann"})");
  EXPECT_EQ(arguments_of(load_plain(R"({ "set_password": { "password": "n" } })")),
            R"({"server": "isp", "mailbox": "ann", "password": "n"})");
  EXPECT_EQ(arguments_of(load_plain(R"({ "accept": {} })")), R"({"server": "isp"})");
  EXPECT_EQ(arguments_of(load_plain(R"({ "pop_elsewhere": { "messages": 10, "delete": true } })")),
            R"({"server": "isp", "mailbox": "ann", "messages": 10, "delete": true})");
  EXPECT_EQ(arguments_of(load_plain(R"({ "pop_elsewhere": { "messages": [1, 3] } })")),
            R"({"server": "isp", "mailbox": "ann", "messages": [1, 3]})");
  EXPECT_EQ(arguments_of(load_plain(R"({ "set": { "window": 5 } })")), R"({"server": "isp", "window": 5})");
  EXPECT_EQ(arguments_of(load_plain(R"({ "set": { "password_expired": true } })")),
            R"({"server": "isp", "mailbox": "ann", "password_expired": true})");
  EXPECT_EQ(arguments_of(load_rich(R"({ "lock": { "mailbox": "bert", "how": "captcha", "for": "1h" } })")),
            R"({"server": "gmail", "mailbox": "bert", "how": "captcha", "for": "1h"})");
  EXPECT_EQ(arguments_of(load_rich(R"({ "lock": "bert" })")), R"({"server": "gmail", "mailbox": "bert"})");
  EXPECT_EQ(arguments_of(load_rich(R"({ "set": { "server": "crm", "faults": [], "credits": 5 } })")),
            R"({"server": "crm", "faults": [], "credits": 5})");
}

TEST(LoadSteps, what_a_server_is_made_by_cannot_be_set) {
  EXPECT_EQ(told_briefly(load_steps(R"({ "set": { "tls": "none" } })")),
            "4:70: error: \"tls\" cannot change while the server runs | the value in the server itself | \n");
  EXPECT_NE(told_briefly(load_steps(R"({ "set": { "session_resumption": "none" } })")), "");
}

TEST(LoadSteps, deliveries_come_now) {
  EXPECT_EQ(
      arguments_of(load_plain(R"({ "deliver": { "messages": [ { "generate": 2 }, "raw" ] } })")),
      R"({"server": "isp", "mailbox": "ann", "messages": [{"generate": 2, "to": "ann@isp.test", "stream": "step 1/isp/ann/0"}, "raw"]})");
}

TEST(LoadSteps, refusals_and_certificates) {
  LoadResult result =
      load_rich(R"({ "refuse": { "server": "gmail" } }, { "refuse": { "server": "gmail", "sources": ["127.0.0.2"] } },
    { "swap_certificate": { "server": "gmail", "certificate": { "class": "expired", "until": "-1d" } } })");
  ASSERT_EQ(told(result), "");
  const auto& steps = result.scenarios[0].steps;
  EXPECT_TRUE(steps[1].refusal.all);
  EXPECT_FALSE(steps[2].refusal.all);
  EXPECT_EQ(steps[2].refusal.sources, (std::vector<std::string>{"127.0.0.2"}));
  EXPECT_EQ(steps[3].certificate->flaw, CertificateClass::expired);
  EXPECT_EQ(format_instant(*steps[3].certificate->until), "2014-06-01T09:00:00Z");
  EXPECT_EQ(steps[3].server, "gmail");
}

TEST(LoadSteps, faults_that_are_set_have_places) {
  LoadResult result =
      load_rich("{ \"set\": { \"server\": \"crm\", \"faults\": [\n{ \"on\": \"token\", \"hang\": true } ] } }");
  ASSERT_EQ(told(result), "");
  ASSERT_EQ(result.scenarios[0].steps[1].fault_places.size(), 1U);
  EXPECT_EQ(to_string(result.scenarios[0].steps[1].fault_places[0].resolve()), "s/t.json:6:1");
}

TEST(LoadSteps, after_is_for_servers) {
  LoadResult result = load_plain(
      R"({ "lock": { "how": "in-use" }, "after": { "command": "RETR", "nth": 3 } }, { "drop": {}, "after": { "sessions": 2 } }, { "drop": {}, "after": { "messages": 10, "server": "isp" } })");
  ASSERT_EQ(told(result), "");
  const auto& steps = result.scenarios[0].steps;
  EXPECT_EQ(steps[1].after->server, "isp");
  EXPECT_EQ(steps[1].after->command, "RETR");
  EXPECT_EQ(steps[1].after->nth, 3U);
  EXPECT_EQ(steps[2].after->sessions, 2U);
  EXPECT_EQ(steps[3].after->messages, 10U);
  EXPECT_EQ(told_plain("{ \"poll\": \"home\", \"after\":\n{ \"sessions\": 1 } }"),
            "6:1: error: \"after\" is for `serve`, which skips \"poll\" | no \"after\" | \n");
  EXPECT_EQ(told_plain("{ \"drop\": {}, \"after\":\n{} }"),
            "6:1: error: \"after\" says no condition | one of command (with nth), sessions or messages | \n");
  EXPECT_EQ(told_plain("{ \"drop\": {}, \"after\":\n{ \"sessions\": 1, \"messages\": 2 } }"),
            "6:1: error: \"after\" has one condition | one of command (with nth), sessions or messages | \n");
  EXPECT_EQ(told_plain("{ \"drop\": {}, \"after\": { \"sessions\": 1, \"nth\":\n2 } }"),
            "6:1: error: \"nth\" counts commands, and there is no \"command\" | \"command\": such as \"RETR\" | \n");
  EXPECT_EQ(
      told_rich("{ \"drop\": { \"server\": \"crm\" }, \"after\":\n{ \"sessions\": 1 } }"),
      "6:1: error: \"after\" needs \"server\": the story has more than one | \"server\": the name of a server | \n");
  EXPECT_TRUE(told_plain("{ \"drop\": {}, \"after\": { \"command\":\n\"RETRR\" } }")
                  .starts_with("6:1: error: pop3 has no command \"RETRR\" | one of "));
}

TEST(LoadSteps, what_is_no_step) {
  const std::string verbs =
      "advance, poll, send, insert, add_note, edit, restart, deliver, lock, unlock, expire_password, set_password, "
      "swap_certificate, "
      "refuse, accept, drop, pop_elsewhere, set or expect";
  EXPECT_EQ(told_plain("{ \"pol\": \"home\" }"),
            "5:3: error: there is no step \"pol\" | one of " + verbs + " | \"poll\"\n");
  EXPECT_EQ(told_plain("{ \"note\": \"x\" }"), "5:1: error: this step does nothing | one of " + verbs + " | \n");
  EXPECT_EQ(
      told_plain("{ \"poll\": \"home\",\n\"advance\": \"1h\" }"),
      "6:1: error: a step does one thing; this one has \"poll\" already | a step of its own: { ... }, { ... } | \n");
  EXPECT_EQ(told_plain("\"poll\""),
            "5:1: error: \"steps\" does not take \"poll\" | a step such as { \"poll\": \"home\" } | \n");
  EXPECT_EQ(told_plain("{ \"poll\": \"home\",\n\"level\": \"MUST\" }"),
            "6:1: error: a step has no key \"level\" | one of poll, note or after | \n");
}

TEST(LoadSteps, what_makes_no_sense) {
  EXPECT_EQ(told_plain("{ \"advance\":\n\"0s\" }"),
            "6:1: error: \"advance\": the calendar does not move by nothing | a span of time such as \"15m\" | \n");
  EXPECT_EQ(told_plain("{ \"advance\": \"801d\" }"),
            "5:3: warning: the steps advance 801d, past the limit of 800d: what follows is never reached | \"limit\": "
            "a longer span | \n");
  EXPECT_EQ(told_plain("{ \"advance\": \"800d\" }"), "");
  EXPECT_EQ(told_plain("{ \"poll\":\n\"hom\" }"), "6:1: error: there is no account \"hom\" | home | \"home\"\n");
  EXPECT_EQ(told_plain("{ \"poll\": [\n\"home\",\n\"home\" ] }"),
            "7:1: error: \"home\" is listed twice | each account once; a second poll is a step of its own | \n");
  EXPECT_EQ(told_plain("{ \"poll\":\n[] }"),
            "6:1: error: \"poll\": nobody polls | the name of an account, or a list of them | \n");
  EXPECT_EQ(told_rich("{ \"poll\":\n\"notes\" }"),
            "6:1: error: \"notes\" has no POP3 server to poll | an account with \"pop3\" | \n");
  EXPECT_EQ(told_plain("{ \"restart\":\n\"server\" }"),
            "6:1: error: \"restart\" does not take \"server\" | client | \n");
  EXPECT_TRUE(told_plain("{ \"edit\": {\n\"pasword\": \"x\" } }")
                  .starts_with("6:1: error: \"edit\" has no key \"pasword\" | one of account, pop3, smtp"));
  EXPECT_EQ(
      told_rich("{ \"edit\":\n{ \"password\": \"x\" } }"),
      "6:1: error: \"edit\" needs \"account\": the story has more than one | \"account\": the name of an account | \n");
  EXPECT_EQ(told_plain("{ \"set\": {} }"),
            "5:3: warning: this step changes nothing | a setting of the server, \"texts\" or \"faults\" | \n");
}

TEST(LoadSteps, sending) {
  constexpr std::string_view out = R"("out": { "protocol": "smtp" }, "in": {})";
  constexpr std::string_view senders =
      R"("work": { "smtp": "out" }, "home": { "pop3": "in", "user": "u", "password": "p" })";
  auto load_send = [&](std::string_view steps, const Files& files = {}) {
    return load(around(out, senders, fmt::format("{{ \"expect\": {{ \"accounts.work.outbox\": 0 }} }},\n{}", steps)),
                files);
  };
  EXPECT_EQ(
      arguments_of(load_send(
          R"({ "send": { "account": "work", "to": "b@x.test", "bcc": ["c@x.test"], "subject": "s", "text": "t" } })")),
      R"({"account": "work", "to": ["b@x.test"], "bcc": ["c@x.test"], "subject": "s", "text": "t"})");
  EXPECT_EQ(arguments_of(load_send(R"({ "send": { "account": "work", "to": "b@x.test", "file": "m.eml" } })",
                                   {{"s/m.eml", "A: b\r\n\r\n"}})),
            R"({"account": "work", "to": ["b@x.test"], "raw": "A: b\r\n\r\n", "file": "m.eml"})");
  EXPECT_EQ(told_briefly(load_send("{ \"send\":\n{ \"account\": \"work\", \"to\": [] } }")),
            "6:1: error: \"send\": the message goes to nobody | \"to\", \"cc\" or \"bcc\": an address or a list of "
            "them | \n");
  EXPECT_EQ(told_briefly(load_send("{ \"send\": { \"to\": \"b@x.test\", \"account\":\n\"home\" } }")),
            "6:1: error: \"home\" has no SMTP server to send through | an account with \"smtp\" | \n");
  EXPECT_EQ(
      told_briefly(load_send("{ \"send\":\n{ \"to\": \"b@x.test\" } }")),
      "6:1: error: \"send\" needs \"account\": the story has more than one | \"account\": the name of an account | \n");
  EXPECT_EQ(told_briefly(load_send(
                "{ \"send\": { \"account\": \"work\", \"to\": \"b@x.test\", \"text\": \"t\", \"file\":\n\"m.eml\" } }",
                {{"s/m.eml", ""}})),
            "6:1: error: \"file\" is a whole message: it brings its subject and text | \"file\" alone, or \"subject\" "
            "and \"text\" | \n");
}

TEST(LoadSteps, steps_of_servers_that_make_no_sense) {
  EXPECT_EQ(
      told_rich("{ \"drop\":\n{} }"),
      "6:1: error: \"drop\" needs \"server\": the story has more than one | \"server\": the name of a server | \n");
  EXPECT_EQ(told_rich("{ \"drop\": { \"server\":\n\"gmal\" } }"),
            "6:1: error: there is no server \"gmal\" | one of gmail or crm | \"gmail\"\n");
  EXPECT_EQ(told_rich("{ \"deliver\": { \"messages\": \"x\", \"mailbox\": \"ann\", \"server\":\n\"crm\" } }"),
            "6:1: error: \"deliver\" cannot happen to a crm server | a server with such mailboxes | \n");
  EXPECT_EQ(
      told_rich("{ \"unlock\":\n{} }"),
      "6:1: error: this step needs \"mailbox\": \"gmail\" has more than one | \"mailbox\": the name of a mailbox | \n");
  EXPECT_EQ(told_rich("{ \"unlock\": { \"mailbox\":\n\"anne\" } }"),
            "6:1: error: \"gmail\" has no mailbox \"anne\" | one of ann or bert | \"ann\"\n");
  EXPECT_EQ(told_rich("{ \"unlock\":\n\"anne\" }"),
            "6:1: error: no server has a mailbox \"anne\" | { \"server\": NAME, \"mailbox\": NAME } | \n");
  EXPECT_EQ(told_rich("{ \"deliver\":\n{ \"mailbox\": \"ann\" } }"),
            "6:1: error: \"deliver\" needs \"messages\" | \"messages\": what arrives | \n");
  EXPECT_EQ(told_plain("{ \"set_password\":\n{} }"),
            "6:1: error: \"set_password\" needs \"password\" | \"password\": the new password | \n");
  EXPECT_EQ(told_plain("{ \"swap_certificate\": { \"certificate\":\n\"good\" } }"),
            "6:1: warning: nobody will see this certificate: \"isp\" has \"tls\": \"none\" |  | \n");
  EXPECT_EQ(told_plain("{ \"pop_elsewhere\": { \"messages\":\n[0] } }"),
            "6:2: error: \"messages\" does not take 0 | a whole number, 1 or more | \n");
  EXPECT_TRUE(told_rich("{ \"lock\": { \"mailbox\": \"ann\", \"how\":\n\"capcha\" } }")
                  .starts_with("6:1: error: \"how\" does not take \"capcha\" | one of captcha, in-use, "));
  EXPECT_TRUE(told_plain("{ \"lock\": { \"how\":\n\"captcha\" } }")
                  .starts_with("6:1: error: the personality \"generic\" has no lock \"captcha\" | "));
  EXPECT_TRUE(told_plain("{ \"set\": {\n\"windw\": 5 } }").starts_with("6:1: error: \"set\" has no key \"windw\" | "));
  EXPECT_TRUE(told_plain("{ \"drop\": {\n\"mailbox\": 5 } }")
                  .starts_with("6:1: error: \"drop\" has no key \"mailbox\" | server | "));
}

// --- expectations

std::string told_expecting(std::string_view expectation) {
  return told_rich(fmt::format("{{ \"expect\": {{\n{} }} }}", expectation));
}

TEST(LoadExpectations, good_ones) {
  EXPECT_EQ(
      told_expecting(
          R"("accounts.work.messages[-1].subject": "x", "accounts.work.crm.pending": 0, "accounts.home.folders.Sent": 1,
    "servers.gmail.mailboxes['ann'].messages[0].retrieved": 1, "servers.gmail.sessions[0].commands": { "count": 2, "matches": "^RETR" }, "servers.gmail.sessions[0].commands[1]": "QUIT",
    "servers.crm.records.Contacts[0].Email": "x", "servers.crm.emails": { "count": 0 }, "servers.crm.commands['POST /x']": 0, "latency.store.p90": { "lt": "1s" },
    "accounts.work.state": { "one_of": ["ok", "disabled"] })"),
      "");
}

TEST(LoadExpectations, unknown_paths) {
  EXPECT_EQ(told_expecting(R"("account.work.state": "ok")"),
            "6:2: error: there is no root \"account\" | one of accounts, servers or latency | \"accounts\"\n");
  EXPECT_EQ(told_expecting(R"("accounts.wrk.state": "ok")"),
            "6:11: error: there is no account \"wrk\" | one of work, home or notes | \"work\"\n");
  EXPECT_EQ(told_expecting(R"("accounts": "ok")"),
            "6:1: error: the path ends where account is missing | one of work, home or notes | \n");
  EXPECT_EQ(told_expecting(R"("servers.gmal.logins": 1)"),
            "6:10: error: there is no server \"gmal\" | one of gmail or crm | \"gmail\"\n");
  EXPECT_EQ(told_expecting(R"("servers.gmail.login": 1)"),
            "6:16: error: servers.gmail has no \"login\" | one of connections, logins, failed_logins, commands, "
            "sessions, dialogues or mailboxes | \"logins\"\n");
  EXPECT_TRUE(told_expecting(R"("servers.crm.mailboxes.ann.kept": 1)")
                  .starts_with("6:14: error: servers.crm has no \"mailboxes\" | one "));
  EXPECT_EQ(told_expecting(R"("servers.gmail.mailboxes.anna.kept": 1)"),
            "6:26: error: \"gmail\" has no mailbox \"anna\" | one of ann or bert | \"ann\"\n");
  EXPECT_EQ(told_expecting(R"("accounts.work.messages.subject": 1)"),
            "6:25: error: accounts.work.messages is a list | the number of an item such as [0] or [-1] | \n");
  EXPECT_EQ(told_expecting(R"("accounts.work.crm[0]": 1)"),
            "6:19: error: accounts.work.crm is no list | one of state, associated, pending, refused, no_record, "
            "message, next_try, emails or entries | \n");
  EXPECT_EQ(told_expecting(R"("accounts.work.stored.count": 1)"),
            "6:23: error: accounts.work.stored has nothing inside | a path that ends there | \n");
  EXPECT_TRUE(told_expecting(R"("latency.retrive.p50": "1s")")
                  .starts_with("6:10: error: there is no step \"retrive\" | one of connect, tls, greeting, "));
  EXPECT_EQ(told_expecting(R"("latency.store.p95": "1s")"),
            "6:16: error: latency.store has no \"p95\" | one of count, p50, p90, p99 or max | \"p90\"\n");
  EXPECT_TRUE(told_expecting(R"("servers.gmail.commands.DELET": 0)")
                  .starts_with("6:25: warning: pop3 has no command \"DELET\" | one of "));
}

TEST(LoadExpectations, paths_that_cannot_be_read) {
  EXPECT_EQ(told_expecting(R"("accounts.work.messages[x]": 1)"),
            "6:25: error: this path cannot be read: [ ] takes the number of an item such as [0] or [-1], or a name in "
            "quotes such as ['anna@x.test'] | such as accounts.work.messages[0].subject | \n");
}

TEST(LoadExpectations, values_that_are_never_met) {
  EXPECT_EQ(told_expecting(R"("accounts.work.state": "queue-ful")"),
            "6:24: error: accounts.work.state is never \"queue-ful\" | one of ok, authentication-failing, "
            "connection-failing, unlock-needed, queue-full, certificate-error, action-needed or disabled | "
            "\"queue-full\"\n");
  EXPECT_TRUE(told_expecting(R"("accounts.work.sent[0].state": { "ne": "send" })")
                  .starts_with("6:32: error: accounts.work.sent[0].state is never \"send\" | "));
  EXPECT_TRUE(told_expecting(R"("servers.gmail.sessions[0].end": { "one_of": ["quit", "quitt"] })")
                  .starts_with("6:34: error: servers.gmail.sessions[0].end is never \"quitt\" | "));
}

TEST(LoadExpectations, matchers_that_are_wrong) {
  EXPECT_TRUE(told_expecting("\"accounts.work.stored\": { \"ge\": 1,\n\"lesss\": 5 }")
                  .starts_with("7:1: error: there is no matcher \"lesss\"; the m"));
  EXPECT_TRUE(told_expecting("\"accounts.work.message\": {\n\"matches\": \"(\" }")
                  .starts_with("7:1: error: the pattern \"(\" has a ( that is not closed, at character 1"));
  EXPECT_TRUE(
      told_expecting("\"accounts.work.message\":\n{}").starts_with("7:1: error: an empty object demands nothing; t"));
}

TEST(LoadExpectations, levels_and_emptiness) {
  EXPECT_EQ(told_rich("{ \"expect\":\n{} }"), "6:1: error: this step expects nothing | { PATH: VALUE, ... } | \n");
  EXPECT_EQ(told_rich("{ \"expect\": { \"accounts.work.stored\": 1 }, \"level\":\n\"Should\" }"),
            "6:1: error: \"level\" does not take \"Should\" | one of MUST, SHOULD or INFO | \n");
}

}  // namespace
}  // namespace mailrig::scenarios
