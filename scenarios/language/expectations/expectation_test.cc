#include "scenarios/language/expectations/expectation.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/located.h"
#include "scenarios/language/expectations/pattern.h"

namespace mailrig::scenarios {
namespace {

Value value_of(std::string_view json) {
  Parsed parsed = parse_json("t.json", json);
  EXPECT_TRUE(parsed.problems.empty()) << json;
  return parsed.document->root()->to_value();
}

/// "held", or "EXPECTED <> ACTUAL"; what nobody knows has a ? before it.
std::string judged(std::string_view path, std::string_view wanted, const Value& root) {
  auto parsed = Path::parse(path);
  if (!parsed) return "path: " + parsed.error().message;
  auto condition = Condition::parse(value_of(wanted));
  if (!condition) return condition.error().reason + ": " + condition.error().message;
  CheckResult judgement = judge(*parsed, *condition, root);
  if (judgement.held) return "held";
  return fmt::format("{}{} <> {}", judgement.unknown_path ? "? " : "", judgement.expected, judgement.actual);
}

/// A matcher put to one value.
std::string put(std::string_view wanted, std::string_view actual) {
  return judged("x", wanted, Value::map().set("x", value_of(actual)));
}

std::string path_error(std::string_view text) {
  auto path = Path::parse(text);
  return path ? "good" : fmt::format("{}: {}", path.error().offset, path.error().message);
}

TEST(Expectation, a_secret_is_compared_and_never_shown) {
  EXPECT_EQ(put(R"({ "secret": "s3cret " })", R"("s3cret ")"), "held");
  EXPECT_EQ(put(R"({ "secret": "s3cret" })", R"("s3cret ")"),
            "the secret of the scenario <> another value, which is not shown");
  EXPECT_EQ(put(R"({ "secret": "s3cret", "starts_with": "x" })", R"("s3cret")").find("s3cret"), std::string::npos);
  EXPECT_EQ(put(R"({ "secret": 5 })", R"("x")"), R"(secret: "secret" takes a text)");
  // Nor what is beside it, where more of a session is shown.
  EXPECT_EQ(put(R"({ "eq": 1 })", R"([ { "secrets": ["wr0ng"], "user": "ann" } ])"),
            R"(1 <> [{"secrets": "<not shown>", "user": "ann"}])");
}

TEST(Path, walks_names_quoted_names_and_items) {
  auto path = Path::parse("servers.gmail-2.mailboxes['anna@zillum.test'].messages[12][-1].x_y");
  ASSERT_TRUE(path);
  const auto& s = path->segments();
  ASSERT_EQ(s.size(), 8U);
  EXPECT_EQ(s[0].name, "servers");
  EXPECT_EQ(s[1].name, "gmail-2");
  EXPECT_EQ(s[3].name, "anna@zillum.test");
  EXPECT_FALSE(s[3].is_index);
  EXPECT_EQ(s[4].name, "messages");
  EXPECT_TRUE(s[5].is_index);
  EXPECT_EQ(s[5].index, 12);
  EXPECT_EQ(s[6].index, -1);
  EXPECT_EQ(s[7].name, "x_y");
  EXPECT_EQ(path->prefix(2), "servers.gmail-2");
  EXPECT_EQ(path->prefix(4), "servers.gmail-2.mailboxes['anna@zillum.test']");
  EXPECT_EQ(path->prefix(6), "servers.gmail-2.mailboxes['anna@zillum.test'].messages[12]");
  EXPECT_EQ(path->prefix(8), path->text());
  EXPECT_EQ(path->offset(0), 0U);
  EXPECT_EQ(path->offset(1), 8U);
  EXPECT_EQ(path->offset(3), 25U);
}

TEST(Path, escapes_in_a_quoted_name) {
  auto path = Path::parse(R"(a['it\'s \\ x]'])");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->segments()[1].name, "it's \\ x]");
}

TEST(Path, says_where_and_what_is_wrong) {
  EXPECT_EQ(path_error(""), "0: the path is empty; write for example accounts.work.state");
  EXPECT_EQ(path_error("a..b"), "2: a name is missing before .; a name with other characters is written ['like this']");
  EXPECT_EQ(path_error(".a"), "0: a name is missing before .; a name with other characters is written ['like this']");
  EXPECT_EQ(path_error("a."),
            "2: a name is missing before the end; a name with other characters is written ['like this']");
  EXPECT_EQ(path_error("a b"), "1:   stands where a name or item has ended; a dot or [ may follow");
  EXPECT_EQ(path_error("a[x]"),
            "2: [ ] takes the number of an item such as [0] or [-1], or a name in quotes such as ['anna@x.test']");
  EXPECT_EQ(path_error("a[0"), "1: the [ that opens here is not closed");
  EXPECT_EQ(path_error("a['x"), "2: the quote that opens here is not closed");
  EXPECT_EQ(path_error("a['x'"), "1: the [ that opens here is not closed");
  EXPECT_EQ(path_error("a[0]b"), "4: b stands where a name or item has ended; a dot or [ may follow");
}

TEST(Path, is_bounded) {
  std::string deep = "a";
  for (std::size_t i = 1; i < Path::segments_max; ++i) deep += "[0]";
  EXPECT_EQ(path_error(deep), "good");
  EXPECT_EQ(path_error(deep + ".b"), "94: a path of more than 32 steps");
  EXPECT_EQ(path_error(std::string(Path::octets_max, 'a')), "good");
  EXPECT_EQ(path_error(std::string(Path::octets_max + 1, 'a')), "0: a path of 1025 octets; at most 1024 are allowed");
}

TEST(Path, never_fails_on_any_bytes) {
  constexpr std::string_view sample = "a.b['c'][-1].d";
  for (std::size_t i = 0; i < sample.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text(sample);
      text[i] = static_cast<char>(byte);
      auto path = Path::parse(text);
      EXPECT_TRUE(path || path.error().offset <= text.size());
    }
  }
}

TEST(Judge, equality) {
  EXPECT_EQ(put("300", "300"), "held");
  EXPECT_EQ(put("300", "299"), "300 <> 299");
  EXPECT_EQ(put("1", "1.0"), "held");
  EXPECT_EQ(put("\"queue-full\"", "\"queue-full\""), "held");
  EXPECT_EQ(put("\"queue-full\"", "\"ok\""), "\"queue-full\" <> \"ok\"");
  EXPECT_EQ(put("\"1\"", "1"), "\"1\" <> 1");
  EXPECT_EQ(put("true", "true"), "held");
  EXPECT_EQ(put("true", "1"), "true <> 1");
  EXPECT_EQ(put("[1, \"a\"]", "[1, \"a\"]"), "held");
  EXPECT_EQ(put("[1]", "[1, 1]"), "[1] <> [1, 1]");
  EXPECT_EQ(put(R"({"eq": {"a": 1}})", "{\"a\": 1}"), "held");
  EXPECT_EQ(put(R"({"eq": {"a": 1}})", "{\"a\": 2}"), "{\"a\": 1} <> {\"a\": 2}");
  EXPECT_EQ(put(R"({"ne": 3})", "4"), "held");
  EXPECT_EQ(put(R"({"ne": 3})", "3"), "anything but 3 <> 3");
}

TEST(Judge, any_octets_by_base64) {
  EXPECT_EQ(put(R"({ "base64": "Z3LDvG4=" })", R"("gr\u00fcn")"), "held");
  EXPECT_EQ(put(R"({ "contains": { "base64": "AA==" } })", R"("a\u0000b")"), "held");
  EXPECT_EQ(put(R"({ "starts_with": { "base64": "YQ==" } })", R"("ab")"), "held");
  EXPECT_EQ(put(R"({ "one_of": ["x", { "base64": "YWI=" }] })", R"("ab")"), "held");
  EXPECT_EQ(judged("x", R"({ "base64": "/wA=" })", Value::map().set("x", std::string("\xff\0", 2))), "held");
  EXPECT_EQ(put(R"({ "ne": { "base64": "YWI=" } })", R"("ab")"), "anything but \"ab\" <> \"ab\"");
  EXPECT_EQ(put(R"({ "base64": "YWI" })", R"("ab")"),
            "base64: \"base64\" takes base64 with its padding (RFC 4648 section 4), not \"YWI\"");
  EXPECT_EQ(put(R"({ "contains": { "base64": 5 } })", R"("ab")"), "contains: \"base64\" takes a text, not 5");
}

TEST(Judge, two_long_texts_show_where_they_differ) {
  const std::string same(100, 'a');
  EXPECT_EQ(put('"' + same + "X\"", '"' + same + "Yz\""),
            fmt::format("\"{0}X\" <> \"{0}Yz\"; they differ from octet 101 on (101 and 102 octets): expected "
                        "...\"{1}X\", found ...\"{1}Yz\"",
                        same, std::string(20, 'a')));
  EXPECT_EQ(put('"' + same + '"', '"' + same + "b\""),
            fmt::format("\"{0}\" <> \"{0}b\"; they differ from octet 101 on (100 and 101 octets): expected its end, "
                        "found ...\"{1}b\"",
                        same, std::string(20, 'a')));
  EXPECT_EQ(put(R"("ab")", R"("ac")"), "\"ab\" <> \"ac\"");
}

TEST(Judge, two_long_lists_show_the_item_in_which_they_differ) {
  std::string left = R"(["0s: USER ann | PASS <password> | QUIT")", right = left;
  for (int i = 0; i < 9; ++i) {
    left += fmt::format(R"(, "{}m: USER ann | QUIT")", i);
    right += fmt::format(R"(, "{}m: USER ann | {}")", i, i < 7 ? "QUIT" : "RSET");
  }
  EXPECT_THAT(
      put(left + "]", right + "]"),
      ::testing::EndsWith(R"(; they differ from item [8] on (10 and 10 items): expected "7m: USER ann | QUIT", )"
                          R"(found "7m: USER ann | RSET")"));
  EXPECT_THAT(
      put(left + "]", left + R"(, "more"])"),
      ::testing::EndsWith(R"(they differ from item [10] on (10 and 11 items): expected its end, found "more")"));
  EXPECT_EQ(put("[1, 2]", "[1, 3]"), "[1, 2] <> [1, 3]") << "what is seen at a glance is not explained";
}

TEST(Judge, spans_octets_and_instants_are_equal_as_such) {
  EXPECT_EQ(put("\"1m30s\"", "\"90s\""), "held");
  EXPECT_EQ(put("\"1m30s\"", "\"91s\""), "\"1m30s\" <> \"91s\"");
  EXPECT_EQ(put("\"1KiB\"", "1024"), "held");
  EXPECT_EQ(put("\"1KiB\"", "1025"), "\"1KiB\" <> 1025");
  EXPECT_EQ(put("\"512\"", "512"), "\"512\" <> 512");
  EXPECT_EQ(put("\"2014-06-02T09:00:00Z\"", "\"2014-06-02T11:00:00+02:00\""), "held");
  EXPECT_EQ(put("\"2014-06-02T09:00:00Z\"", "\"2014-06-02T09:00:01Z\""),
            "\"2014-06-02T09:00:00Z\" <> \"2014-06-02T09:00:01Z\"");
  EXPECT_EQ(put("{\"ne\": \"90s\"}", "\"1m30s\""), "anything but \"90s\" <> \"1m30s\"");
}

TEST(Judge, order_at_its_boundaries) {
  EXPECT_EQ(put(R"({"lt": 5})", "4"), "held");
  EXPECT_EQ(put(R"({"lt": 5})", "5"), "less than 5 <> 5");
  EXPECT_EQ(put(R"({"le": 5})", "5"), "held");
  EXPECT_EQ(put(R"({"le": 5})", "6"), "at most 5 <> 6");
  EXPECT_EQ(put(R"({"gt": 5})", "6"), "held");
  EXPECT_EQ(put(R"({"gt": 5})", "5"), "more than 5 <> 5");
  EXPECT_EQ(put(R"({"ge": 5})", "5"), "held");
  EXPECT_EQ(put(R"({"ge": 5})", "4"), "at least 5 <> 4");
  EXPECT_EQ(put(R"({"ge": 300, "lt": 1200})", "1200"), "at least 300 and less than 1200 <> 1200");
  EXPECT_EQ(put(R"({"ge": 300, "lt": 1200})", "1199"), "held");
  EXPECT_EQ(put(R"({"lt": 1.5})", "1"), "held");
  EXPECT_EQ(put(R"({"lt": 1.5})", "2"), "less than 1.5 <> 2");
  EXPECT_EQ(put(R"({"gt": 9007199254740992})", "9007199254740993"), "held");
  EXPECT_EQ(put(R"({"le": "5m"})", "\"300s\""), "held");
  EXPECT_EQ(put(R"({"lt": "5m"})", "\"300s\""), "less than \"5m\" <> \"300s\"");
  EXPECT_EQ(put(R"({"ge": "64KiB"})", "65536"), "held");
  EXPECT_EQ(put(R"({"ge": "64KiB"})", "65535"), "at least \"64KiB\" <> 65535");
  EXPECT_EQ(put(R"({"lt": "2014-06-02T09:00:00Z"})", "\"2014-06-02T08:59:59Z\""), "held");
  EXPECT_EQ(put(R"({"lt": "5m"})", "4"), "less than \"5m\" <> 4, which cannot be compared with \"5m\"");
  EXPECT_EQ(put(R"({"lt": 5})", "\"four\""), "less than 5 <> \"four\", which cannot be compared with 5");
}

TEST(Judge, contains) {
  EXPECT_EQ(put(R"({"contains": "bc"})", "\"abcd\""), "held");
  EXPECT_EQ(put(R"({"contains": "cb"})", "\"abcd\""), "what contains \"cb\" <> \"abcd\"");
  EXPECT_EQ(put(R"({"contains": "QUIT"})", R"(["NOOP", "QUIT"])"), "held");
  EXPECT_EQ(put(R"({"contains": "QUI"})", R"(["NOOP", "QUIT"])"), "what contains \"QUI\" <> [\"NOOP\", \"QUIT\"]");
  EXPECT_EQ(put(R"({"contains": 1})", "5"), "what contains 1 <> 5, which is not a text or a list");
  EXPECT_EQ(put(R"({"not_contains": "cb"})", "\"abcd\""), "held");
  EXPECT_EQ(put(R"({"not_contains": "bc"})", "\"abcd\""), "what does not contain \"bc\" <> \"abcd\"");
  EXPECT_EQ(put(R"({"not_contains": "QUIT"})", R"(["NOOP"])"), "held");
  EXPECT_EQ(put(R"({"not_contains": "x"})", "5"), "what does not contain \"x\" <> 5, which is not a text or a list");
}

TEST(Judge, beginnings_and_ends) {
  EXPECT_EQ(put(R"({"starts_with": "ab"})", "\"abc\""), "held");
  EXPECT_EQ(put(R"({"starts_with": "bc"})", "\"abc\""), "a text that begins with \"bc\" <> \"abc\"");
  EXPECT_EQ(put(R"({"ends_with": "bc"})", "\"abc\""), "held");
  EXPECT_EQ(put(R"({"ends_with": "ab"})", "\"abc\""), "a text that ends with \"ab\" <> \"abc\"");
  EXPECT_EQ(put(R"({"ends_with": "ab"})", "7"), "a text that ends with \"ab\" <> 7, which is not a text");
}

TEST(Judge, patterns) {
  EXPECT_EQ(put(R"({"matches": "chang|expir"})", "\"it has expired\""), "held");
  EXPECT_EQ(put(R"({"matches": "^expir"})", "\"it has expired\""),
            "a text that matches /^expir/ <> \"it has expired\"");
  EXPECT_EQ(put(R"({"matches": "^RETR \\d$"})", R"(["NOOP", "RETR 3"])"), "held");
  EXPECT_EQ(put(R"({"matches": "^RETR \\d$"})", R"(["NOOP", "RETR 13"])"),
            "a text that matches /^RETR \\\\d$/ <> [\"NOOP\", \"RETR 13\"]");
  EXPECT_EQ(put(R"({"matches": "x"})", "7"), "a text that matches /x/ <> 7, which is not a text or a list of texts");
  EXPECT_EQ(put(R"({"none_match": "^DELE"})", R"(["RETR 1", "QUIT"])"), "held");
  EXPECT_EQ(put(R"({"none_match": "^DELE"})", R"(["RETR 1", "DELE 1"])"),
            "no item that matches /^DELE/ <> item [1] matches: \"DELE 1\"");
  EXPECT_EQ(put(R"({"none_match": ["^DELE", "^RSET"]})", R"(["RSET"])"),
            "no item that matches /^DELE/ or /^RSET/ <> item [0] matches: \"RSET\"");
  EXPECT_EQ(put(R"({"none_match": "x"})", "[]"), "held");
  EXPECT_EQ(put(R"({"all_match": "^[A-Z]+"})", R"(["RETR 1", "QUIT"])"), "held");
  EXPECT_EQ(put(R"({"all_match": "^[A-Z]+$"})", R"(["QUIT", "RETR 1"])"),
            "only items that match /^[A-Z]+$/ <> item [1] does not match: \"RETR 1\"");
  EXPECT_EQ(put(R"({"all_match": "x"})", "[1]"), "only items that match /x/ <> item [0] is 1, which is not a text");
}

TEST(Judge, one_of_several) {
  EXPECT_EQ(put(R"({"one_of": ["quit", "closed"]})", "\"closed\""), "held");
  EXPECT_EQ(put(R"({"one_of": ["quit", "closed"]})", "\"reset\""), "one of [\"quit\", \"closed\"] <> \"reset\"");
  EXPECT_EQ(put(R"({"one_of": ["60s"]})", "\"1m\""), "held");
}

TEST(Judge, counts) {
  EXPECT_EQ(put(R"({"count": 2})", "[1, 2]"), "held");
  EXPECT_EQ(put(R"({"count": 2})", "[1, 2, 3]"), "2 items <> 3");
  EXPECT_EQ(put(R"({"count": 1})", "{\"a\": 1}"), "held");
  EXPECT_EQ(put(R"({"count": {"ge": 2, "lt": 4}})", "[1, 2]"), "held");
  EXPECT_EQ(put(R"({"count": {"ge": 2, "lt": 4}})", "[1, 2, 3, 4]"), "at least 2 and less than 4 items <> 4");
  EXPECT_EQ(put(R"({"count": {"ne": 1}})", "[1]"), "anything but 1 items <> 1");
  EXPECT_EQ(put(R"({"count": 2, "matches": "^RETR"})", R"(["RETR 1", "NOOP", "RETR 2"])"), "held");
  EXPECT_EQ(put(R"({"matches": "^RETR", "count": 1})", R"(["RETR 1", "NOOP", "RETR 2"])"),
            "1 that match /^RETR/ <> 2 that match");
  EXPECT_EQ(put(R"({"count": 3, "matches": "a"})", "\"banana\""), "held");
  EXPECT_EQ(put(R"({"count": 3})", "\"abc\""), "3 items <> \"abc\", which is not a list");
}

TEST(Judge, order_of_items) {
  constexpr std::string_view lines = R"(["USER a", "PASS x", "UIDL", "RETR 1", "RETR 2", "DELE 1", "QUIT"])";
  EXPECT_EQ(put(R"({"in_order": ["USER", "RETR 2", "QUIT"]})", lines), "held");
  EXPECT_EQ(put(R"({"in_order": ["RETR", "RETR"]})", lines), "held");
  EXPECT_EQ(put(R"({"in_order": ["RETR", "RETR", "RETR"]})", R"(["RETR 1", "RETR 2"])"),
            "in this order, others between them or not: [\"RETR\", \"RETR\", \"RETR\"] <> nothing after item [1] "
            "begins with \"RETR\": [\"RETR 1\", \"RETR 2\"]");
  EXPECT_EQ(put(R"({"in_order": ["QUIT", "USER"]})", R"(["USER", "QUIT"])"),
            "in this order, others between them or not: [\"QUIT\", \"USER\"] <> nothing after item [1] begins with "
            "\"USER\": [\"USER\", \"QUIT\"]");
  EXPECT_EQ(put(R"({"in_order": ["STLS"]})", R"(["QUIT"])"),
            "in this order, others between them or not: [\"STLS\"] <> nothing at all begins with \"STLS\": [\"QUIT\"]");
}

TEST(Judge, absence) {
  Value root = value_of(R"({"list": ["a"], "none": null, "some": 1})");
  EXPECT_EQ(judged("list[1]", R"({"absent": true})", root), "held");
  EXPECT_EQ(judged("list[-2]", R"({"absent": true})", root), "held");
  EXPECT_EQ(judged("list[0]", R"({"absent": true})", root), "nothing <> \"a\"");
  EXPECT_EQ(judged("list[0]", R"({"absent": false})", root), "held");
  EXPECT_EQ(judged("list[1]", R"({"absent": false})", root), "something <> nothing: list has 1 item");
  EXPECT_EQ(judged("none", R"({"absent": true})", root), "held");
  EXPECT_EQ(judged("none", "null", root), "null <> nothing");
  EXPECT_EQ(judged("none.deeper", R"({"absent": true})", root), "held");
  EXPECT_EQ(judged("list[1]", "\"a\"", root), "\"a\" <> nothing: list has 1 item");
  EXPECT_EQ(judged("list[1]", R"({"ne": "a"})", root), "anything but \"a\" <> nothing: list has 1 item");
}

TEST(Judge, a_wrong_name_is_never_absence) {
  Value root = value_of(R"({"accounts": {"work": {"state": "ok", "stored": 3, "messages": []}}, "servers": {}})");
  EXPECT_EQ(judged("accounts.work.stord", R"({"absent": true})", root),
            "? one of state, stored or messages; did you mean \"stored\"? <> there is no \"stord\" in accounts.work");
  EXPECT_EQ(judged("account.work", "1", root),
            "? one of accounts or servers; did you mean \"accounts\"? <> there is no \"account\"");
  EXPECT_EQ(judged("servers.gmail", "1", root), "? nothing: it is empty <> there is no \"gmail\" in servers");
  EXPECT_EQ(judged("accounts.work.state.x", "1", root), "? a path that ends there <> accounts.work.state is a text");
  EXPECT_EQ(judged("accounts.work.messages.subject", "1", root),
            "? the number of an item such as [0] before \"subject\" <> accounts.work.messages is a list");
  EXPECT_EQ(judged("accounts[0]", "1", root), "? a name, not [0] <> accounts is an object");
}

TEST(Judge, many_names_are_counted_not_listed) {
  Value root = Value::map();
  for (int i = 0; i < 25; ++i) root.set(fmt::format("name{}", i), i);
  EXPECT_EQ(judged("nothing", "1", root), "? one of its 25 names <> there is no \"nothing\"");
}

TEST(Judge, what_has_not_happened_is_counted_as_zero) {
  Value root = value_of(
      R"({"servers": {"isp": {"commands": {"RETR": 2}, "records": {}, "accepted": [{"headers": {"From": "a"}}]}}, "latency": {"login": {"count": 1}}})");
  EXPECT_EQ(judged("servers.isp.commands.RETR", "2", root), "held");
  EXPECT_EQ(judged("servers.isp.commands.DELE", "0", root), "held");
  EXPECT_EQ(judged("servers.isp.commands.DELE", "1", root), "1 <> 0");
  EXPECT_EQ(judged("servers.isp.commands['POST /x']", "0", root), "held");
  EXPECT_EQ(judged("latency.store.count", "0", root), "held");
  EXPECT_EQ(judged("latency.store.p50", "0", root), "? one of login <> there is no \"store\" in latency");
  EXPECT_EQ(judged("servers.isp.records.Leads", R"({"absent": true})", root), "held");
  EXPECT_EQ(judged("servers.isp.records.Leads", R"({"count": 1})", root),
            "1 items <> nothing: servers.isp.records has no \"Leads\"");
  EXPECT_EQ(judged("servers.isp.accepted[0].headers.Sender", R"({"absent": true})", root), "held");
  EXPECT_EQ(judged("servers.isp.accepted[0].Sender", R"({"absent": true})", root),
            "? one of headers <> there is no \"Sender\" in servers.isp.accepted[0]");
}

TEST(Judge, looks_into_lazy_values) {
  int made = 0;
  Value root = Value::map().set("a", Value::lazy([&made] {
                                  ++made;
                                  return Value::map().set(
                                      "list", Value::lazy([] {
                                        return Value(Value::List{"x", Value::lazy([] { return Value("y"); })});
                                      }));
                                }));
  EXPECT_EQ(judged("a.list[1]", "\"y\"", root), "held");
  EXPECT_EQ(judged("a.list", R"({"count": 1, "matches": "y"})", root), "held");
  EXPECT_EQ(judged("a.list", R"({"all_match": "^[xy]$"})", root), "held");
  EXPECT_EQ(judged("a.list", R"({"in_order": ["x", "y"]})", root), "held");
  EXPECT_EQ(made, 4);
}

TEST(Condition, says_what_a_matcher_takes) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"gte": 1})", "gte: there is no matcher \"gte\"; did you mean \"ge\"?"},
      {R"({"lte": 1})", "lte: there is no matcher \"lte\"; did you mean \"le\"?"},
      {R"({"contain": "x"})", "contain: there is no matcher \"contain\"; did you mean \"contains\"?"},
      {R"({"subject": "x"})",
       "subject: there is no matcher \"subject\"; the matchers are eq, ne, lt, le, gt, ge, contains, not_contains, "
       "starts_with, ends_with, matches, one_of, "
       "count, in_order, none_match, all_match, absent and secret, and an object is compared by { \"eq\": { ... } }"},
      {"{}",
       ": an empty object demands nothing; the matchers are eq, ne, lt, le, gt, ge, contains, not_contains, "
       "starts_with, ends_with, matches, one_of, "
       "count, in_order, none_match, all_match, absent and secret"},
      {R"({"lt": "many"})",
       "lt: \"lt\" takes a number, or a text that is a span of time, a point in time or a number of octets, not "
       "\"many\""},
      {R"({"starts_with": 1})", "starts_with: \"starts_with\" takes a text, not 1"},
      {R"({"matches": ["a"]})", "matches: \"matches\" takes a pattern, not [\"a\"]"},
      {R"({"matches": "a("})", "matches: the pattern \"a(\" has a ( that is not closed, at character 2"},
      {R"({"none_match": ["a", "["]})", "none_match: the pattern \"[\" has a [ that is not closed, at character 1"},
      {R"({"none_match": []})", "none_match: \"none_match\" takes a pattern or a list of patterns, not []"},
      {R"({"one_of": []})", "one_of: \"one_of\" takes a list of values, not []"},
      {R"({"in_order": [1]})", "in_order: \"in_order\" takes a list of texts, not [1]"},
      {R"({"in_order": []})", "in_order: \"in_order\" takes a list of texts, not []"},
      {R"({"count": -1})", "count: \"count\" takes a whole number, or an object of eq, ne, lt, le, gt and ge, not -1"},
      {R"({"count": {"contains": 1}})",
       "count: \"count\" takes a whole number, or an object of eq, ne, lt, le, gt and ge, not {\"contains\": 1}"},
      {R"({"absent": 1})", "absent: \"absent\" takes true or false, not 1"},
  };
  for (const auto& [wanted, message] : cases) EXPECT_EQ(judged("x", wanted, Value::map().set("x", 1)), message);
}

TEST(Pattern, cannot_be_made_to_backtrack) {
  auto pattern = Pattern::compile("(a+)+b");
  ASSERT_TRUE(pattern);
  EXPECT_FALSE((*pattern)->found_in(std::string(2000, 'a')));
  EXPECT_TRUE((*pattern)->found_in(std::string(2000, 'a') + "b"));
}

TEST(Pattern, is_searched_in_so_much_and_no_more) {
  auto pattern = Pattern::compile("b");
  ASSERT_TRUE(pattern);
  std::string text(Pattern::text_octets_max, 'a');
  EXPECT_FALSE((*pattern)->found_in(text + "b"));
  text.back() = 'b';
  EXPECT_TRUE((*pattern)->found_in(text));
}

TEST(Pattern, refuses_what_it_cannot_do) {
  auto message = [](std::string_view text) {
    auto pattern = Pattern::compile(text);
    return pattern ? std::string("good") : pattern.error().message;
  };
  EXPECT_EQ(message(std::string(Pattern::octets_max, 'a')), "good");
  EXPECT_EQ(message(std::string(Pattern::octets_max + 1, 'a')), "a pattern of 1025 octets; at most 1024 are allowed");
  struct Case {
    std::string_view pattern, flaw;
    int at;
  };
  for (const Case& one : std::initializer_list<Case>{
           {"(a)\\1", "a back-reference; those are not supported", 4},
           {"*a", "a * + ? or { with nothing before it", 1},
           {"ab|+", "a * + ? or { with nothing before it", 4},
           {"x[z-a]", "a range whose end is before its beginning", 3},
           {"a(b(c)", "a ( that is not closed", 2},
           {"a)b", "a ) that was not opened", 1},
           {"ab[c", "a [ that is not closed", 3},
           {"[]", "a [ ] that holds nothing", 1},
           {"[[:vowel:]]", "a range whose end is before its beginning", 2},
           {"a{", "a { that is not closed", 2},
           {"a{x}", "a { } that holds no range", 2},
           {"a{2,1}", "a repetition that is too large (1000 at most) or ends before it begins", 2},
           {"ab(?=c)", "a (? group other than (?: ); looking ahead and behind is not supported", 3},
           {"(?<!a)b", "a (? group other than (?: ); looking ahead and behind is not supported", 1},
           {".\\q", "an unknown escape \\q", 2},
           {"..ab\\", "a \\ at the end", 5},
           {"\\x4", "a \\x without its 2 hexadecimal digits", 1},
           {"\\u20ac", "a \\u beyond \\u00ff: texts are matched octet by octet, so write the character itself", 1}}) {
    std::string escaped;
    for (char c : one.pattern) escaped += c == '\\' ? "\\\\" : std::string(1, c);
    EXPECT_EQ(message(one.pattern), "the pattern \"" + escaped + "\" has " + std::string(one.flaw) + ", at character " +
                                        std::to_string(one.at));
  }
  EXPECT_THAT(message("(x{100}){100}"), ::testing::HasSubstr("a repetition that is too large"));
}

TEST(Pattern, speaks_ECMAScript) {
  auto found = [](std::string_view pattern, std::string_view text) {
    auto compiled = Pattern::compile(pattern);
    EXPECT_TRUE(compiled) << pattern;
    return compiled && (*compiled)->found_in(text);
  };
  EXPECT_TRUE(found("^RETR \\d+$", "RETR 13"));
  EXPECT_FALSE(found("^RETR$", "RETR\nQUIT")) << "^ and $ are the ends of the text";
  EXPECT_FALSE(found("a.b", "a\rb") || found("a.b", "a\nb"));
  EXPECT_TRUE(found("a.b",
                    "a\xff"
                    "b") &&
              found("a[.]b", "a.b"));
  EXPECT_TRUE(found("a\\sb", "a\vb") && found("a[\\s]b", "a\tb") && !found("a\\Sb", "a b"));
  EXPECT_TRUE(found("\\x41\\u0042\\cJ\\0", std::string_view("AB\n\0", 4)));
  EXPECT_TRUE(found("[\\b]", "\b") && found("\\bword\\b", "a word."));
  EXPECT_TRUE(found("[[:digit:]]{2,3}", "x12") && found("[[a]", "["));
  EXPECT_TRUE(found("системы|занят", "ящик занят")) << "UTF-8, octet by octet";
  EXPECT_TRUE(found("(?:ab)+?c|\\/\\.\\-", "ababc"));
}

TEST(Pattern, counts_places_one_after_the_other) {
  auto count = [](std::string_view pattern, std::string_view text) {
    return (*Pattern::compile(pattern))->count_in(text);
  };
  EXPECT_EQ(count("ab", "ababxab"), 3U);
  EXPECT_EQ(count("a*", "baa"), 3U) << "empty ones too";
  EXPECT_EQ(count("x", ""), 0U);
}

TEST(Pattern, many_states_do_not_take_minutes) {
  auto pattern = Pattern::compile("(.*a){1,20}(.*b){1,20}(.*c){1,20}$");
  ASSERT_TRUE(pattern);
  std::string text;
  while (text.size() < Pattern::text_octets_max) text += "abcabcx ";
  EXPECT_FALSE((*pattern)->found_in(text + "\n"));
}

}  // namespace
}  // namespace mailrig::scenarios
