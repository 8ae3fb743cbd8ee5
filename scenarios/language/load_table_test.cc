// One file, many scenarios: tables; and many files, one scenario: extends.

#include <gtest/gtest.h>

#include "scenarios/testing/told.h"

namespace mailrig::scenarios {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

// --- tables

/// A story with a table, its rows from line 2 on, the servers in the line behind it.
std::string with_table(std::string_view rows, std::string_view server, std::string_view rest = "") {
  return fmt::format(
      "{{ \"id\": \"a/b\", \"title\": \"how ${{row}} goes\", \"table\": [\n{}\n], \"servers\": {{ \"isp\": {{ {} }} "
      "}}{} }}",
      rows, server, rest);
}

TEST(LoadTable, each_row_is_a_scenario_of_its_own) {
  LoadResult result = load(with_table(
      "{ \"row\": \"one\", \"port\": 1110, \"name\": \"x\", \"on\": \"RETR\" },\n{ \"row\": \"two-2\", \"port\": 1111, "
      "\"name\": \"y\", \"on\": \"DELE\" }",
      R"("port": "${port}", "host": "pop.${name}.test", "mailboxes": { "ann-${name}": {} }, "faults": [ { "on": "${on}", "delay": "${port}ms" } ])"));
  ASSERT_EQ(told(result), "");
  ASSERT_EQ(result.scenarios.size(), 2U);
  EXPECT_EQ(result.scenarios[0].id, "a/b[one]");
  EXPECT_EQ(result.scenarios[0].row, "one");
  EXPECT_EQ(result.scenarios[0].title, "how one goes");
  EXPECT_EQ(result.scenarios[1].id, "a/b[two-2]");
  EXPECT_EQ(result.scenarios[1].servers[0].port, 1111);
  EXPECT_EQ(result.scenarios[1].servers[0].host, "pop.y.test");
  EXPECT_EQ(to_json(*result.scenarios[1].servers[0].settings.find("mailboxes")), R"({"ann-y": {}})");
  EXPECT_EQ(to_json(*result.scenarios[1].servers[0].settings.find("faults")), R"([{"on": "DELE", "delay": "1111ms"}])");
  SourcePlace place = result.scenarios[1].servers[0].place;
  EXPECT_EQ(place.row, "row [two-2] of the table");
  EXPECT_EQ(place.line, 4U);
}

TEST(LoadTable, a_text_that_is_nothing_but_a_column_takes_its_type) {
  LoadResult result = load(with_table(
      R"({ "row": "r", "refuse": ["127.0.0.2"], "silent": true, "link": { "latency": "9ms" }, "texts": null })",
      R"("refuse": "${refuse}", "silent": "${silent}", "link": "${link}", "texts": { "greeting": "${texts}" })"));
  ASSERT_EQ(told(result), "");
  const ServerSpec& server = result.scenarios[0].servers[0];
  EXPECT_EQ(server.refuse.sources.size(), 1U);
  EXPECT_TRUE(server.silent);
  EXPECT_EQ(server.link.latency, 9ms);
}

TEST(LoadTable, two_dollars_are_one) {
  LoadResult result = load(with_table(R"({ "row": "r" })", R"("texts": { "greeting": "+OK $${row} ${row} $5 ${" })"));
  EXPECT_EQ(result.scenarios.size(), 0U);  // the server has its own idea of braces
  result =
      load(R"({ "id": "a", "title": "$${row} ${row} $5 ${", "table": [ { "row": "r" } ], "servers": { "isp": {} } })");
  ASSERT_EQ(told(result), "");
  EXPECT_EQ(result.scenarios[0].title, "${row} r $5 ${");
}

TEST(LoadTable, without_a_table_a_text_stays_as_it_is) {
  LoadResult result = load(R"({ "id": "a", "title": "${x}", "servers": { "isp": {} } })");
  EXPECT_EQ(told(result), "");
  EXPECT_EQ(result.scenarios[0].title, "${x}");
}

TEST(LoadTable, a_mistake_is_told_at_its_place_with_the_row) {
  EXPECT_EQ(told(load(with_table("{ \"row\": \"good\", \"tls\": \"none\" },\n{ \"row\": \"bad\", \"tls\": \"nnoe\" }",
                                 R"("tls": "${tls}")"))),
            "s/t.json:4:33: error: \"tls\" does not take \"nnoe\" (row [bad] of the table)\n"
            "], \"servers\": { \"isp\": { \"tls\": \"${tls}\" } } }\n"
            "                                ^\n"
            "  expected: one of implicit, starttls, starttls-required or none\n"
            "  did you mean \"none\"?\n");
}

TEST(LoadTable, a_mistake_of_all_rows_is_told_once) {
  EXPECT_EQ(told_briefly(load(with_table(R"({ "row": "one" }, { "row": "two" })", R"("tls": "x")"))),
            "3:33: error: \"tls\" does not take \"x\" | one of implicit, starttls, starttls-required or none | \n");
}

TEST(LoadTable, mistakes_in_the_table) {
  EXPECT_EQ(told_briefly(load(with_table(R"({ "row": "a", "port": 1, "prot": 2 })", R"("port": "${prt}")"))),
            "2:15: warning: nothing uses the column \"port\" | ${port} somewhere in the scenario | \n"
            "2:26: warning: nothing uses the column \"prot\" | ${prot} somewhere in the scenario | \n"
            "3:34: error: the table has no column \"prt\" | one of row, port or prot | \"port\"\n");
}

TEST(LoadTable, rows_need_names_of_their_own) {
  EXPECT_EQ(
      told_briefly(load(with_table(
          "{ \"port\": 1 },\n17,\n{ \"row\": \"a b\" },\n{ \"row\": \"x\" },\n{ \"row\": \"x\" },\n{ \"row\": 5 }",
          ""))),
      "2:1: error: a row of the table needs \"row\", its name | \"row\": a text that goes into the id | \n"
      "3:1: error: a row of the table is an object, not 17 | { \"row\": NAME, ... } | \n"
      "4:10: error: \"a b\" names no row | a text of letters, digits and -_.+/@, at most 80 | \n"
      "6:10: error: the table has two rows \"x\" | a name of its own for each row | \n"
      "7:10: error: 5 names no row | a text of letters, digits and -_.+/@, at most 80 | \n");
  EXPECT_EQ(told_briefly(load(with_table("", ""))),
            "1:53: error: the table has no rows, so this file has no scenario | at least one row | \n");
  EXPECT_EQ(told_briefly(load(R"({ "id": "a", "title": "t", "servers": {}, "table": { "row": "x" } })")),
            "1:52: error: \"table\" does not take {\"row\": \"x\"} | a list | [{\"row\": \"x\"}]\n");
}

TEST(LoadTable, columns_must_be_there) {
  EXPECT_EQ(told_briefly(load(with_table("{ \"row\": \"one\", \"host\": \"h.test\" },\n{ \"row\": \"two\" }",
                                         R"("host": "${host}", "port": "${prot}", "silent": "${row}x${list}")"))),
            "3:1: error: this row has no \"host\", which the scenario asks for | \"host\": a value | \n"
            "4:53: error: the table has no column \"prot\" | one of row or host | \n"
            "4:74: error: the table has no column \"list\" | one of row or host | \n");
  EXPECT_EQ(told_briefly(load(with_table(R"({ "row": "one", "list": [1] })", R"("host": "x${list}")"))),
            "3:34: error: ${list} is a list, which cannot stand within a text | a text that is nothing but ${...}, or "
            "a text or number in the row | \n");
}

TEST(LoadTable, keys_that_become_equal) {
  EXPECT_EQ(told_briefly(load(with_table(R"({ "row": "ann" })", R"("mailboxes": { "ann": {}, "${row}": {} })"))),
            "3:52: error: in this row the key \"ann\" stands here twice | each key once | \n");
}

// --- extends

constexpr std::string_view base = R"({ "id": "base", "title": "of the base", "tags": ["one", "two"], "hint": "look",
  "servers": { "isp": { "tls": "implicit", "mailboxes": { "ann": { "password": "pw" }, "bert": {} } } } })";

TEST(LoadExtends, keys_are_laid_onto_those_of_the_other_file) {
  LoadResult result = load(
      R"({ "extends": "base.json", "id": "x", "tags": ["three"], "hint": null, "servers": { "isp": { "port": 1995, "mailboxes": { "bert": null } } } })",
      {{"s/base.json", std::string(base)}});
  ASSERT_EQ(told(result), "");
  const Scenario& scenario = result.scenarios[0];
  EXPECT_EQ(scenario.id, "x");
  EXPECT_EQ(scenario.title, "of the base");
  EXPECT_EQ(scenario.tags, (std::vector<std::string>{"three"}));
  EXPECT_EQ(scenario.hint, "");
  EXPECT_EQ(scenario.servers[0].tls, TlsMode::implicit);
  EXPECT_EQ(scenario.servers[0].port, 1995);
  EXPECT_EQ(to_json(*scenario.servers[0].settings.find("mailboxes")), R"({"ann": {"password": "pw"}})");
}

TEST(LoadExtends, chains_and_relative_paths) {
  LoadResult result = load(R"({ "extends": "../lib/./middle.json", "id": "x" })",
                           {{"lib/middle.json", R"({ "extends": "deep/base.json", "title": "of the middle" })"},
                            {"lib/deep/base.json", std::string(base)}});
  ASSERT_EQ(told(result), "");
  EXPECT_EQ(result.scenarios[0].title, "of the middle");
  EXPECT_EQ(result.scenarios[0].hint, "look");
}

TEST(LoadExtends, a_mistake_in_the_other_file_is_told_there) {
  EXPECT_EQ(told(load("{ \"extends\": \"base.json\", \"id\": \"x\" }",
                      {{"s/base.json", "{ \"title\": \"t\",\n  \"servers\": { \"isp\": { \"prt\": 5 } } }"}})),
            "s/base.json:2:25: error: a pop3 server has no key \"prt\" (extended by s/t.json)\n"
            "  \"servers\": { \"isp\": { \"prt\": 5 } } }\n"
            "                        ^\n"
            "  expected: one of N; the nearest are port\n"
            "  did you mean \"port\"?\n");
}

TEST(LoadExtends, syntax_errors_of_the_other_file) {
  EXPECT_EQ(told(load(R"({ "extends": "base.json", "id": "x" })", {{"s/base.json", "{ \"title\": \"t\","}})),
            "s/base.json:1:16: error: the file ends where a key is missing (extended by s/t.json)\n"
            "{ \"title\": \"t\",\n"
            "               ^\n"
            "  expected: a key in double quotes, or }\n");
}

TEST(LoadExtends, files_that_are_not_there) {
  EXPECT_EQ(told_briefly(load(R"({ "extends": "bse.json", "id": "x" })")),
            "1:14: error: \"extends\": cannot read s/bse.json: no such file | a file, named relative to this one | \n");
  EXPECT_EQ(told_briefly(load(R"({ "extends": 5, "id": "x" })")),
            "1:14: error: \"extends\" does not take 5 | a text | \"5\"\n");
}

TEST(LoadExtends, circles_are_told) {
  EXPECT_EQ(
      told_briefly(load(R"({ "extends": "t.json" })")),
      "1:14: error: \"extends\" goes in a circle: s/t.json -> s/t.json | a file that does not lead back here | \n");
  EXPECT_EQ(told_briefly(load(R"({ "extends": "b.json" })", {{"s/b.json", R"({ "extends": "c.json" })"},
                                                             {"s/c.json", R"({ "extends": "b.json" })"}})),
            "1:14: error: \"extends\" goes in a circle: s/t.json -> s/b.json -> s/c.json -> s/b.json | a file that "
            "does not lead back here | \n");
}

TEST(LoadExtends, the_length_of_a_chain_is_bounded) {
  Files files;
  for (int i = 0; i < 20; ++i) files[fmt::format("s/{}.json", i)] = fmt::format(R"({{ "extends": "{}.json" }})", i + 1);
  std::string text = told_briefly(load(R"({ "extends": "0.json" })", files));
  EXPECT_TRUE(text.starts_with("1:14: error: \"extends\" goes too deep: s/t.json -> s/0.json -> ")) << text;
}

TEST(LoadExtends, a_table_is_inherited_and_its_places_name_both) {
  LoadResult result = load(R"({ "extends": "base.json", "id": "x" })",
                           {{"s/base.json",
                             "{ \"title\": \"t\", \"table\": [ { \"row\": \"r\", \"tls\": \"x\" } ],\n\"servers\": { "
                             "\"isp\": { \"tls\": \"${tls}\" } } }"}});
  ASSERT_EQ(result.diagnostics.size(), 1U);
  EXPECT_EQ(result.diagnostics[0].place.row, "row [r] of the table; extended by s/t.json");
}

}  // namespace
}  // namespace mailrig::scenarios
