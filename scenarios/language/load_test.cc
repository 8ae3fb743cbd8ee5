#include "scenarios/language/load.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fakeservers/core/protocol.h"
#include "scenarios/testing/told.h"

namespace mailrig::scenarios {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

std::string told_of_servers(std::string_view servers) { return told(load(around(servers))); }
// --- top level

TEST(Load, a_good_file_is_loaded_in_silence) {
  LoadResult result =
      load(R"({ "$schema": "x", "id": "gmail/queue-full", "title": "Gmail stops", "why": "Guide", "hint": "the cap",
    "covers": ["guide/recent-mode"], "tags": ["slow", "gmail"], "clock": "2015-01-02T03:04:05Z", "limit": "2d", "known_failure": "later",
    "servers": { "isp": { "personality": "gmail", "mailboxes": { "ann": { "password": "pw" } } } },
    "accounts": { "home": { "pop3": "isp", "user": "ann", "password": "pw" } },
    "steps": [ { "poll": "home" }, { "expect": { "accounts.home.stored": 0 }, "level": "SHOULD", "why": "so" } ] })");
  EXPECT_EQ(told(result), "");
  ASSERT_EQ(result.scenarios.size(), 1U);
  const Scenario& scenario = result.scenarios[0];
  EXPECT_EQ(scenario.id, "gmail/queue-full");
  EXPECT_EQ(scenario.title, "Gmail stops");
  EXPECT_EQ(scenario.why, "Guide");
  EXPECT_EQ(scenario.hint, "the cap");
  EXPECT_EQ(scenario.covers, (std::vector<std::string>{"guide/recent-mode"}));
  EXPECT_EQ(scenario.tags, (std::vector<std::string>{"slow", "gmail"}));
  EXPECT_EQ(format_instant(scenario.clock), "2015-01-02T03:04:05Z");
  EXPECT_EQ(scenario.limit, 48h);
  EXPECT_EQ(scenario.known_failure, "later");
  EXPECT_EQ(scenario.sim_only, "");
  EXPECT_EQ(scenario.file, "s/t.json");
  EXPECT_EQ(scenario.row, "");
  ASSERT_EQ(scenario.steps.size(), 2U);
  EXPECT_EQ(scenario.steps[1].level, Level::should);
  EXPECT_EQ(scenario.steps[1].why, "so");
  ASSERT_EQ(scenario.steps[1].expectations.size(), 1U);
  EXPECT_EQ(scenario.steps[1].expectations[0].level, Level::should);
  EXPECT_EQ(to_string(scenario.steps[1].expectations[0].place.resolve()), "s/t.json:5:50");
  EXPECT_EQ(to_string(scenario.steps[1].expectations[0].value_place.resolve()), "s/t.json:5:74");
}

TEST(Load, defaults_of_the_top_level) {
  LoadResult result = load(around(isp, home, R"({ "expect": { "accounts.home.state": "ok" } })"));
  ASSERT_EQ(told(result), "");
  EXPECT_EQ(format_instant(result.scenarios[0].clock), "2014-06-02T09:00:00Z");
  EXPECT_EQ(result.scenarios[0].limit, 800 * 24h);
}

TEST(Load, an_unknown_key_with_caret_and_suggestion) {
  EXPECT_EQ(told(load("{ \"id\": \"a/b\", \"title\": \"t\",\n  \"sevrers\": {} }\n")),
            "s/t.json:1:1: error: a scenario needs \"servers\"\n"
            "{ \"id\": \"a/b\", \"title\": \"t\",\n"
            "^\n"
            "  expected: \"servers\": { NAME: { \"personality\": ... } }\n"
            "s/t.json:2:3: error: a scenario has no key \"sevrers\"\n"
            "  \"sevrers\": {} }\n"
            "  ^\n"
            "  expected: one of $schema, id, title, covers, why, hint, tags, clock, limit, sim_only, known_failure, "
            "extends, table, personalities, servers, accounts or steps\n"
            "  did you mean \"servers\"?\n");
}

TEST(Load, everything_that_is_wrong_is_told_at_once) {
  EXPECT_EQ(told(load(R"({ "id": "Gmail/Full", "title": 5, "clock": "yesterday", "limit": 3, "sim_only": true,
"servers": { "isp": { "mailboxes": {} } } })")),
            "s/t.json:1:9: error: \"Gmail/Full\" is no id\n"
            "{ \"id\": \"Gmail/Full\", \"title\": 5, \"clock\": \"yesterday\", \"limit\": 3, \"sim_only\": true,\n"
            "        ^\n"
            "  expected: words of a-z, 0-9 and - with / between\n"
            "  did you mean \"gmail/full\"?\n"
            "s/t.json:1:32: error: \"title\" does not take 5\n"
            "{ \"id\": \"Gmail/Full\", \"title\": 5, \"clock\": \"yesterday\", \"limit\": 3, \"sim_only\": true,\n"
            "                               ^\n"
            "  expected: a text\n"
            "  did you mean \"5\"?\n"
            "s/t.json:1:44: error: \"clock\": \"yesterday\" is not a point in time: it does not begin with a date such "
            "as 2014-06-02; write for example 2014-06-02T09:00:00Z\n"
            "{ \"id\": \"Gmail/Full\", \"title\": 5, \"clock\": \"yesterday\", \"limit\": 3, \"sim_only\": true,\n"
            "                                           ^\n"
            "  expected: a point in time such as \"2014-06-02T09:00:00Z\"\n"
            "s/t.json:1:66: error: \"limit\" does not take 3\n"
            "{ \"id\": \"Gmail/Full\", \"title\": 5, \"clock\": \"yesterday\", \"limit\": 3, \"sim_only\": true,\n"
            "                                                                 ^\n"
            "  expected: a span of time such as \"15m\"\n"
            "  did you mean \"3s\", \"3m\" or \"3h\"?\n"
            "s/t.json:1:81: error: \"sim_only\" does not take true\n"
            "{ \"id\": \"Gmail/Full\", \"title\": 5, \"clock\": \"yesterday\", \"limit\": 3, \"sim_only\": true,\n"
            "                                                                                ^\n"
            "  expected: the reason, a text\n");
}

TEST(Load, syntax_errors_are_told_beside_the_others) {
  EXPECT_EQ(
      told(load("{ \"id\": \"a\", 'title': \"t\",\n\"servers\": { \"isp\": { \"tls\": \"none\", } },\n\"color\": 1 }")),
      "s/t.json:1:14: error: a key in single quotes\n"
      "{ \"id\": \"a\", 'title': \"t\",\n"
      "             ^\n"
      "  expected: double quotes\n"
      "  did you mean \"title\"?\n"
      "s/t.json:2:36: error: a comma before the closing }\n"
      "\"servers\": { \"isp\": { \"tls\": \"none\", } },\n"
      "                                   ^\n"
      "  expected: } without a comma before it\n"
      "s/t.json:3:1: error: a scenario has no key \"color\"\n"
      "\"color\": 1 }\n"
      "^\n"
      "  expected: one of $schema, id, title, covers, why, hint, tags, clock, limit, sim_only, known_failure, extends, "
      "table, personalities, servers, accounts or steps\n");
}

TEST(Load, a_file_that_cannot_be_understood_gives_nothing) {
  LoadResult result = load("{ \"id\": \"a\"");
  EXPECT_TRUE(result.failed());
  EXPECT_TRUE(result.scenarios.empty());
  EXPECT_EQ(told(load("[]")),
            "s/t.json:1:1: error: the file holds a list\n[]\n^\n  expected: an object with id, title, servers ...\n");
}

TEST(Load, what_covers_names_is_there) {
  EXPECT_EQ(
      told(load(
          R"({ "id": "a", "title": "t", "servers": { "isp": {} }, "covers": ["rfc1939/5-DEL", "rfc1939/5-DELE", "rfc1939/5-DELE"] })")),
      "s/t.json:1:65: error: scenarios/requirements.json has no \"rfc1939/5-DEL\"\n"
      "{ \"id\": \"a\", \"title\": \"t\", \"servers\": { \"isp\": {} }, \"covers\": [\"rfc1939/5-DEL\", "
      "\"rfc1939/5-DELE\", \"rfc1939/5-DELE\"] }\n"
      "                                                                ^\n"
      "  expected: a requirement that `mailrig list --requirements` shows\n"
      "  did you mean \"rfc1939/5-DELE\"?\n"
      "s/t.json:1:100: warning: \"rfc1939/5-DELE\" is listed twice\n"
      "{ \"id\": \"a\", \"title\": \"t\", \"servers\": { \"isp\": {} }, \"covers\": [\"rfc1939/5-DEL\", "
      "\"rfc1939/5-DELE\", \"rfc1939/5-DELE\"] }\n"
      "                                                                                                   ^\n");
}

TEST(Load, a_story_that_expects_nothing_is_warned_of) {
  EXPECT_EQ(told(load(around(isp, home, R"({ "poll": "home" })"))),
            "s/t.json:1:1: warning: this scenario expects nothing: only the invariants can fail\n"
            "{ \"id\": \"a/b\", \"title\": \"t\",\n"
            "^\n"
            "  expected: a step such as { \"expect\": { \"accounts.NAME.stored\": 3 } }\n");
  EXPECT_EQ(told(load(around(isp))), "");  // a story for `serve`
}

// --- servers

TEST(Load, a_server_has_what_its_personality_has_and_what_differs) {
  LoadResult result = load(around(
      R"("g": { "personality": "gmail", "queue_cap": 300, "texts": { "quit": "+OK bye" }, "mailboxes": { "ann": { "password": "pw", "pop": "from-now-on" } } })"));
  ASSERT_EQ(told(result), "");
  const ServerSpec& server = result.scenarios[0].servers[0];
  EXPECT_EQ(server.name, "g");
  EXPECT_EQ(server.protocol->name, "pop3");
  EXPECT_EQ(server.personality, "gmail");
  EXPECT_FALSE(server.own_personality);
  EXPECT_EQ(server.host, "g.test");
  EXPECT_EQ(server.tls, TlsMode::implicit);
  EXPECT_EQ(server.port, 995);
  EXPECT_FALSE(server.certificate.flaw);
  EXPECT_EQ(server.link.latency, 1ms);
  EXPECT_FALSE(server.refuse.all);
  EXPECT_EQ(server.settings.find("queue_cap")->integer(), 300);
  EXPECT_EQ(server.settings.find("window")->integer(), 250);
  EXPECT_EQ(server.settings.find("texts")->find("quit")->text(), "+OK bye");
  EXPECT_EQ(server.settings.find("texts")->find("user")->text(), "+OK send PASS");
  EXPECT_EQ(server.settings.find("tls")->text(), "implicit");
  EXPECT_EQ(server.settings.find("host")->text(), "g.test");
  EXPECT_EQ(to_json(*server.settings.find("mailboxes")), R"({"ann": {"password": "pw", "pop": "from-now-on"}})");
  EXPECT_EQ(to_string(server.place.resolve()), "s/t.json:2:14");
}

TEST(Load, the_world_around_a_server) {
  LoadResult result =
      load(around(R"("isp": { "host": "pop.isp.test", "tls": "starttls-required", "port": 1110, "silent": true,
    "certificate": { "class": "expired", "from": "-30d", "until": "2014-06-03T00:00:00Z", "hosts": "other.test" },
    "link": { "latency": "40ms", "bytes_per_second": "64kB", "split_at": 1 }, "refuse": ["127.0.0.2", "::1"], "addresses": ["refused", "silent", "good"] })"));
  ASSERT_EQ(told(result), "");
  const ServerSpec& server = result.scenarios[0].servers[0];
  EXPECT_EQ(server.host, "pop.isp.test");
  EXPECT_EQ(server.tls, TlsMode::starttls_required);
  EXPECT_EQ(server.port, 1110);
  EXPECT_TRUE(server.silent);
  EXPECT_EQ(server.certificate.flaw, CertificateClass::expired);
  EXPECT_EQ(format_instant(*server.certificate.from), "2014-05-03T09:00:00Z");
  EXPECT_EQ(format_instant(*server.certificate.until), "2014-06-03T00:00:00Z");
  EXPECT_EQ(server.certificate.hosts, (std::vector<std::string>{"other.test"}));
  EXPECT_EQ(server.link.latency, 40ms);
  EXPECT_EQ(server.link.bytes_per_second, 64'000U);
  EXPECT_EQ(server.link.split_at, 1U);
  EXPECT_FALSE(server.refuse.all);
  EXPECT_EQ(server.refuse.sources, (std::vector<std::string>{"127.0.0.2", "::1"}));
  EXPECT_EQ(server.addresses,
            (std::vector<AddressState>{AddressState::refused, AddressState::silent, AddressState::good}));
}

TEST(Load, ports_follow_protocol_and_tls) {
  auto port = [](std::string_view keys) {
    LoadResult result = load(around(fmt::format("\"s\": {{ {} }}", keys)));
    EXPECT_EQ(told(result), "") << keys;
    return result.scenarios.empty() ? 0 : result.scenarios[0].servers[0].port;
  };
  EXPECT_EQ(port(""), 110);
  EXPECT_EQ(port(R"("tls": "starttls")"), 110);
  EXPECT_EQ(port(R"("tls": "implicit")"), 995);
  EXPECT_EQ(port(R"("protocol": "smtp")"), 587);
  EXPECT_EQ(port(R"("protocol": "smtp", "tls": "implicit")"), 465);
  EXPECT_EQ(port(R"("personality": "zoho-crm")"), 443);
  EXPECT_EQ(port(R"("personality": "zoho-crm", "tls": "none")"), 80);
}

TEST(Load, mistakes_in_a_server) {
  EXPECT_EQ(told_of_servers(R"("isp": { "personality": "gmial" })"),
            "s/t.json:2:38: error: there is no pop3 personality \"gmial\"; did you mean \"gmail\"?\n"
            "\"servers\": { \"isp\": { \"personality\": \"gmial\" } },\n"
            "                                     ^\n");
  EXPECT_EQ(told_of_servers(R"("isp": { "tls": "stls" })"),
            "s/t.json:2:30: error: \"tls\" does not take \"stls\"\n"
            "\"servers\": { \"isp\": { \"tls\": \"stls\" } },\n"
            "                             ^\n"
            "  expected: one of implicit, starttls, starttls-required or none\n");
  EXPECT_EQ(told_of_servers(R"("isp": { "port": 65536 })"),
            "s/t.json:2:31: error: \"port\" does not take 65536\n"
            "\"servers\": { \"isp\": { \"port\": 65536 } },\n"
            "                              ^\n"
            "  expected: a whole number from 1 to 65535\n");
  EXPECT_EQ(told_of_servers(R"("isp": { "personality": "gmail", "queue_cup": 3 })"),
            "s/t.json:2:47: error: a pop3 server has no key \"queue_cup\"\n"
            "\"servers\": { \"isp\": { \"personality\": \"gmail\", \"queue_cup\": 3 } },\n"
            "                                              ^\n"
            "  expected: one of N; the nearest are queue_cap\n"
            "  did you mean \"queue_cap\"?\n");
  EXPECT_EQ(told_of_servers(R"("isp": { "link": { "bytes_per_second": "10 KB" } })"),
            "s/t.json:2:53: error: \"bytes_per_second\" does not take \"10 KB\"\n"
            "\"servers\": { \"isp\": { \"link\": { \"bytes_per_second\": \"10 KB\" } } },\n"
            "                                                    ^\n"
            "  expected: a number of octets such as 512 or \"64KiB\"\n"
            "  did you mean \"10kB\"?\n");
  EXPECT_EQ(told_of_servers(R"("isp": { "texts": { "greating": "+OK" } })"),
            "s/t.json:2:34: error: pop3 has no text \"greating\"\n"
            "\"servers\": { \"isp\": { \"texts\": { \"greating\": \"+OK\" } } },\n"
            "                                 ^\n"
            "  expected: one of N; the nearest are greeting\n"
            "  did you mean \"greeting\"?\n");
  EXPECT_EQ(told_of_servers(R"("a b": {})"),
            "s/t.json:2:14: error: \"a b\" names no server\n"
            "\"servers\": { \"a b\": {} },\n"
            "             ^\n"
            "  expected: letters, digits, - and _, at most 63\n");
  EXPECT_EQ(told_of_servers(R"("isp": { "link": { "latency": 40 }, "refuse": "here", "addresses": [] })"),
            "s/t.json:2:44: error: \"latency\" does not take 40\n"
            "\"servers\": { \"isp\": { \"link\": { \"latency\": 40 }, \"refuse\": \"here\", \"addresses\": [] } },\n"
            "                                           ^\n"
            "  expected: a span of time such as \"15m\"\n"
            "  did you mean \"40s\", \"40m\" or \"40h\"?\n"
            "s/t.json:2:60: error: \"here\" is no address\n"
            "\"servers\": { \"isp\": { \"link\": { \"latency\": 40 }, \"refuse\": \"here\", \"addresses\": [] } },\n"
            "                                                           ^\n"
            "  expected: an address such as \"127.0.0.2\"\n"
            "s/t.json:2:81: error: a name without addresses cannot be connected to\n"
            "\"servers\": { \"isp\": { \"link\": { \"latency\": 40 }, \"refuse\": \"here\", \"addresses\": [] } },\n"
            "                                                                                ^\n"
            "  expected: a list such as [\"refused\", \"good\"]\n");
  EXPECT_EQ(told_of_servers(R"("a": { "host": "x.test" }, "b": { "host": "x.test" })"),
            "s/t.json:2:41: error: \"a\" and \"b\" are both x.test:110\n"
            "\"servers\": { \"a\": { \"host\": \"x.test\" }, \"b\": { \"host\": \"x.test\" } },\n"
            "                                        ^\n"
            "  expected: a \"host\" or \"port\" of its own for each server\n");
  EXPECT_EQ(told(load(R"({ "id": "a", "title": "t", "servers": {} })")),
            "s/t.json:1:39: error: a story needs at least one server\n"
            "{ \"id\": \"a\", \"title\": \"t\", \"servers\": {} }\n"
            "                                      ^\n"
            "  expected: { NAME: { \"personality\": ... } }\n");
}

TEST(Load, certificates) {
  EXPECT_EQ(told_of_servers(R"("isp": { "tls": "implicit", "certificate": "expird" })").substr(0, 59),
            "s/t.json:2:57: error: \"certificate\" does not take \"expird\"\n");
  EXPECT_EQ(told_of_servers(R"("isp": { "tls": "implicit", "certificate": "other" })").substr(0, 58),
            "s/t.json:2:57: error: \"certificate\" does not take \"other\"\n");
  EXPECT_EQ(told_of_servers(R"("isp": { "certificate": "expired" })"),
            "s/t.json:2:38: warning: nobody will see this certificate: the server has \"tls\": \"none\"\n"
            "\"servers\": { \"isp\": { \"certificate\": \"expired\" } },\n"
            "                                     ^\n");
  EXPECT_EQ(told_of_servers(R"("isp": { "tls": "implicit", "certificate": { "from": "-1d", "until": "-2d" } })"),
            "s/t.json:2:83: error: the certificate ends before it begins\n"
            "\"servers\": { \"isp\": { \"tls\": \"implicit\", \"certificate\": { \"from\": \"-1d\", \"until\": \"-2d\" "
            "} } },\n"
            "                                                                                  ^\n"
            "  expected: \"until\" after \"from\"\n");
}

TEST(Load, a_server_speaks_what_an_account_refers_to_it_as) {
  LoadResult result = load(around(R"("out": { "personality": "gmail" }, "in": { "personality": "gmail" })",
                                  R"("a": { "smtp": { "server": "out" }, "pop3": "in", "user": "u", "password": "p" })",
                                  R"({ "expect": { "accounts.a.outbox": 0 } })"));
  ASSERT_EQ(told(result), "");
  EXPECT_EQ(result.scenarios[0].servers[0].protocol->name, "smtp");
  EXPECT_EQ(result.scenarios[0].servers[1].protocol->name, "pop3");
}

TEST(Load, personalities_of_the_file) {
  LoadResult result = load(
      R"({ "id": "a", "title": "t", "personalities": { "mine": { "extends": "base", "window": 7 }, "base": { "extends": "dovecot", "texts": { "pass_bad": "-ERR no" } } },
    "servers": { "isp": { "personality": "mine", "uid_first": 5 }, "other": { "personality": { "extends": "exchange2013", "exact_sizes": true } } } })");
  ASSERT_EQ(told(result), "");
  const ServerSpec& mine = result.scenarios[0].servers[0];
  EXPECT_EQ(mine.personality, "mine");
  EXPECT_TRUE(mine.own_personality);
  EXPECT_EQ(mine.settings.find("window")->integer(), 7);
  EXPECT_EQ(mine.settings.find("uid_first")->integer(), 5);
  EXPECT_EQ(mine.settings.find("texts")->find("pass_bad")->text(), "-ERR no");
  EXPECT_EQ(mine.settings.find("texts")->find("greeting")->text(), "+OK Dovecot ready.");
  EXPECT_EQ(result.scenarios[0].servers[1].personality, "exchange2013");
  EXPECT_TRUE(result.scenarios[0].servers[1].own_personality);
}

TEST(Load, mistakes_in_personalities) {
  EXPECT_EQ(
      told(load("{ \"id\": \"a\", \"title\": \"t\", \"servers\": { \"isp\": { \"personality\": \"mine\" } "
                "},\n\"personalities\": { \"mine\": { \"extends\": \"dovecot\", \"windw\": 7, \"window\": \"x\" }, "
                "\"idle\": {} } }")),
      "s/t.json:2:52: error: a pop3 personality has no key \"windw\"\n"
      "\"personalities\": { \"mine\": { \"extends\": \"dovecot\", \"windw\": 7, \"window\": \"x\" }, \"idle\": {} } }\n"
      "                                                   ^\n"
      "  expected: one of N; the nearest are window\n"
      "  did you mean \"window\"?\n"
      "s/t.json:2:74: error: \"window\" does not take \"x\"\n"
      "\"personalities\": { \"mine\": { \"extends\": \"dovecot\", \"windw\": 7, \"window\": \"x\" }, \"idle\": {} } }\n"
      "                                                                         ^\n"
      "  expected: a whole number, zero or more\n"
      "s/t.json:2:81: warning: no server has the personality \"idle\"\n"
      "\"personalities\": { \"mine\": { \"extends\": \"dovecot\", \"windw\": 7, \"window\": \"x\" }, \"idle\": {} } }\n"
      "                                                                                ^\n");
  std::string circle = told(load(
      R"({ "id": "a", "title": "t", "servers": { "isp": { "personality": "x" } }, "personalities": { "x": { "extends": "y" }, "y": { "extends": "x" } } })"));
  EXPECT_NE(circle.find("extends itself"), std::string::npos) << circle;
}

}  // namespace
}  // namespace mailrig::scenarios
