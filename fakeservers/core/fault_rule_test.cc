#include "fakeservers/core/fault_rule.h"

#include <gtest/gtest.h>

#include "json/json_value.h"

namespace mailrig::fakeservers {
namespace {

constexpr std::string_view verbs[] = {"greeting", "PASS", "RETR", "UIDL"};
constexpr Misbehaviour misbehaviours[] = {
    {"no-terminator", "RETR UIDL", "", 7, nullptr},
    {"slow", "any", "", 0, [](FaultRule& rule) { rule.delay = 5s; }},
};
const FaultVocabulary lines{.protocol = "pop3", .verbs = verbs, .misbehaviours = misbehaviours};
const FaultVocabulary http{.protocol = "crm", .verbs = verbs, .misbehaviours = {}, .http = true};

Result<std::vector<FaultRule>> parse(std::string_view json, const FaultVocabulary& vocabulary = lines) {
  Value list = *parse_json_value(json);
  return parse_faults(&list, vocabulary);
}
FaultRule one(std::string_view json, const FaultVocabulary& vocabulary = lines) {
  auto rules = parse("[" + std::string(json) + "]", vocabulary);
  EXPECT_TRUE(rules) << (rules ? "" : rules.error().message);
  return rules ? rules->at(0) : FaultRule{};
}
std::string refused(std::string_view json, const FaultVocabulary& vocabulary = lines) {
  auto rules = parse("[" + std::string(json) + "]", vocabulary);
  if (rules) return "it is taken";
  EXPECT_EQ(rules.error().code, Errc::bad_input);
  EXPECT_EQ(rules.error().message.substr(0, rules.error().reason.size() + 2), rules.error().reason + ": ");
  return rules.error().message;
}

TEST(FaultRule, NoFaults) {
  EXPECT_TRUE(parse_faults(nullptr, lines)->empty());
  EXPECT_TRUE(parse("[]")->empty());
  Value none;
  EXPECT_TRUE(parse_faults(&none, lines)->empty());
  EXPECT_EQ(parse("{}").error().message, "faults: takes a list, not {}");
}

TEST(FaultRule, WhereItHolds) {
  FaultRule rule = one(
      R"({"on": "RETR", "nth": 3, "connection": 2, "mailbox": "ann", "argument": "5", "state": "tls", "hang": true})");
  EXPECT_EQ(rule.on, "RETR");
  EXPECT_FALSE(rule.occurrence.holds(2));
  EXPECT_TRUE(rule.occurrence.holds(3));
  EXPECT_FALSE(rule.occurrence.holds(4));
  EXPECT_FALSE(rule.connection.holds(1));
  EXPECT_TRUE(rule.connection.holds(2));
  EXPECT_FALSE(rule.connection.holds(3));
  EXPECT_EQ(rule.mailbox, "ann");
  EXPECT_EQ(rule.argument, "5");
  EXPECT_EQ(rule.state, FaultRule::State::tls);
  EXPECT_EQ(one(R"({"on": "any", "state": "clear", "hang": true})").state, FaultRule::State::clear);
}

TEST(FaultRule, RangesAreInclusiveAndOpen) {
  FaultRule rule = one(R"({"on": "RETR", "from": 2, "connection": {"until": 4}, "hang": true})");
  EXPECT_FALSE(rule.occurrence.holds(1));
  EXPECT_TRUE(rule.occurrence.holds(2));
  EXPECT_TRUE(rule.occurrence.holds(1'000'000));
  EXPECT_TRUE(rule.connection.holds(1));
  EXPECT_TRUE(rule.connection.holds(4));
  EXPECT_FALSE(rule.connection.holds(5));
  EXPECT_TRUE(one(R"({"on": "RETR", "hang": true})").occurrence.holds_always());
  EXPECT_FALSE(rule.occurrence.holds_always());
  EXPECT_FALSE(rule.connection.holds_always());
}

TEST(FaultRule, Replies) {
  EXPECT_EQ(one(R"({"on": "PASS", "reply": "-ERR no"})").reply, "-ERR no\r\n");
  EXPECT_EQ(one(R"({"on": "PASS", "reply": ["-ERR no", "closed"]})").reply, "-ERR no\r\nclosed\r\n");
  EXPECT_EQ(one(R"({"on": "PASS", "reply": []})").reply, "");
  EXPECT_EQ(one(R"({"on": "PASS", "reply_bytes": "-ERR"})").reply, "-ERR");
  EXPECT_EQ(one(R"({"on": "PASS", "reply_bytes": {"base64": "LUVSUgA="}})").reply, std::string("-ERR\0", 5));
  EXPECT_EQ(one(R"({"on": "POST /x", "reply": {"status": 429}})", http).http_reply, Value(Value::Map{{"status", 429}}));
}

TEST(FaultRule, WhatIsCarriedOutAndWhatStaysOpen) {
  EXPECT_TRUE(one(R"({"on": "PASS", "reply": "-ERR no", "carried_out": true})").carried_out);
  EXPECT_FALSE(one(R"({"on": "PASS", "reply": "-ERR no"})").carried_out);
  EXPECT_TRUE(one(R"({"on": "PASS", "ending": "open"})").stays_open);
  EXPECT_FALSE(one(R"({"on": "PASS", "ending": "open"})").ending.has_value());
  EXPECT_EQ(one(R"({"on": "POST /x", "reply": {"status": 500}, "carried_out": true})", http).http_reply,
            Value(Value::Map{{"status", 500}, {"carried_out", true}}));
  EXPECT_EQ(refused(R"({"on": "RETR", "hang": true, "carried_out": true})"),
            "faults[0].carried_out: goes with `reply` or `reply_bytes`");
  EXPECT_EQ(refused(R"({"on": "RETR", "cut_after": 1, "ending": "open"})"),
            "faults[0].ending: `cut_after` ends the connection: it is not open");
  EXPECT_EQ(refused(R"({"on": "RETR", "nth": 1, "nth_in_session": 2, "hang": true})"),
            "faults[0].nth_in_session: either `nth` or `nth_in_session`");
  EXPECT_EQ(refused(R"({"on": "RETR", "nth_in_session": 0, "hang": true})"),
            "faults[0].nth_in_session: counting begins with 1");
  EXPECT_EQ(describe(one(R"({"on": "", "nth_in_session": 2, "reply": "x", "carried_out": true, "ending": "open"})")),
            "an empty line, the 2nd of a session: replies \"x\\r\\n\", and is carried out, keeps the connection open");
}

TEST(FaultRule, WhoIsLoggedIn) {
  static constexpr std::string_view logins[] = {"PASS"};
  FaultVocabulary with_logins = lines;
  with_logins.logins = logins;
  const FaultRule rule = one(R"({"on": "PASS", "reply": "+OK", "logs_in": "anna"})", with_logins);
  EXPECT_EQ(rule.logs_in, "anna");
  EXPECT_EQ(describe(rule), "PASS: replies \"+OK\\r\\n\", and logs in anna");
  EXPECT_EQ(refused(R"({"on": "RETR", "reply": "+OK", "logs_in": "anna"})", with_logins),
            "faults[0].logs_in: goes with `on`: PASS");
  EXPECT_EQ(refused(R"({"on": "PASS", "reply": "+OK", "logs_in": "anna"})"),
            "faults[0].logs_in: " + std::string(lines.protocol) + " has no login to reply to");
  EXPECT_EQ(refused(R"({"on": "PASS", "hang": true, "logs_in": "anna"})", with_logins),
            "faults[0].logs_in: goes with `reply` or `reply_bytes`");
  EXPECT_EQ(refused(R"({"on": "PASS", "reply": "+OK", "carried_out": true, "logs_in": "anna"})", with_logins),
            "faults[0].logs_in: either `carried_out` or `logs_in`");
}

TEST(FaultRule, WhatItDoesToTheWire) {
  FaultRule rule = one(
      R"({"on": "RETR", "delay": "2s", "drip": {"octets": 3, "every": "1m"}, "split_every": 10, "cut_after": "1kB", "ending": "no-close-notify",
      "garble": {"at": 7, "xor": 32}})");
  EXPECT_EQ(rule.delay, 2s);
  EXPECT_EQ(rule.drip->octets, 3U);
  EXPECT_EQ(rule.drip->every, 1min);
  EXPECT_EQ(rule.split_every, 10U);
  EXPECT_EQ(rule.cut_after, 1000U);
  EXPECT_EQ(rule.ending, Ending::no_close_notify);
  EXPECT_EQ(rule.garble->at, 7U);
  EXPECT_EQ(rule.garble->flip, 32);
  FaultRule defaults = one(R"({"on": "RETR", "drip": {}, "garble": {}, "cut_after": 0, "ending": "reset"})");
  EXPECT_EQ(defaults.drip->octets, 1U);
  EXPECT_EQ(defaults.drip->every, 1s);
  EXPECT_EQ(defaults.garble->at, 0U);
  EXPECT_EQ(defaults.garble->flip, 255);
  EXPECT_EQ(defaults.cut_after, 0U);
  EXPECT_EQ(defaults.ending, Ending::reset);
  EXPECT_EQ(one(R"({"on": "RETR", "ending": "orderly"})").ending, Ending::orderly);
}

TEST(FaultRule, AMisbehaviourMayBeMadeOfOtherKeysWhichMayBeSaidOtherwise) {
  EXPECT_EQ(one(R"({"on": "PASS", "misbehave": "slow"})").delay, 5s);
  EXPECT_EQ(one(R"({"on": "PASS", "misbehave": "slow", "delay": "1s"})").delay, 1s);
  EXPECT_EQ(one(R"({"on": "PASS", "misbehave": "slow"})").misbehaviour, nullptr);
  EXPECT_EQ(one(R"({"misbehave": "slow"})").on, "any");
  FaultRule rule = one(R"({"misbehave": "no-terminator"})");
  EXPECT_EQ(rule.on, "RETR");
  EXPECT_TRUE(rule.misbehaves(7));
  EXPECT_FALSE(rule.misbehaves(0));
  EXPECT_EQ(one(R"({"on": "UIDL", "misbehave": "no-terminator"})").on, "UIDL");
}

TEST(FaultRule, WhetherAPeerReceivesAllOfTheReply) {
  for (std::string_view key : {R"("delay": "1s")", R"("drip": {})", R"("split_every": 1)", R"("ending": "reset")"})
    EXPECT_TRUE(one(R"({"on": "RETR", )" + std::string(key) + "}").keeps_reply_whole()) << key;
  for (std::string_view key : {R"("cut_after": 9)", R"("garble": {})", R"("hang": true)", R"("reply": "x")",
                               R"("misbehave": "no-terminator")"})
    EXPECT_FALSE(one(R"({"on": "RETR", )" + std::string(key) + "}").keeps_reply_whole()) << key;
}

TEST(FaultRule, ErrorsNameTheKeyAndWhatWasMeant) {
  EXPECT_EQ(refused("3"), "faults[0]: a fault is an object, not 3");
  EXPECT_EQ(refused(R"({"hang": true})"), "faults[0].on: a fault says on which command it holds; \"any\" is every one");
  EXPECT_EQ(refused(R"({"on": "RETR"})"),
            "faults[0]: this fault does nothing: it has no reply, reply_bytes, misbehave, delay, drip, split_every, "
            "cut_after, ending, hang or garble");
  EXPECT_EQ(one(R"({"on": "XYZZY", "hang": true})").on, "XYZZY");
  EXPECT_EQ(refused(R"({"on": "retr", "hang": true})"),
            "faults[0].on: \"retr\" is not a command: it is in capitals, without blanks and control characters");
  EXPECT_EQ(refused(R"({"on": "POST /x", "hang": true})"),
            "faults[0].on: \"POST /x\" is not a command: it is in capitals, without blanks and control characters");
  EXPECT_EQ(refused(R"({"on": "RETR", "hangs": true})"),
            "faults[0].hangs: no fault has this key; did you mean \"hang\"?");
  EXPECT_EQ(refused(R"({"on": "RETR", "qqqqqq": true})"), "faults[0].qqqqqq: no fault has this key");
  EXPECT_EQ(refused(R"({"on": "RETR", "delay": 5})"),
            "faults[0].delay: \"delay\" takes a span of time such as \"15m\", not 5");
  EXPECT_EQ(refused(R"({"misbehave": "no-termintor"})"),
            "faults[0].misbehave: pop3 knows no misbehaviour \"no-termintor\"; did you mean \"no-terminator\"?");
  EXPECT_EQ(refused(R"({"misbehave": "qqqqqqqqq"})"),
            "faults[0].misbehave: pop3 knows no misbehaviour \"qqqqqqqqq\"; docs/personalities.md has them all");
  EXPECT_EQ(refused(R"({"on": "PASS", "misbehave": "no-terminator"})"),
            "faults[0].on: \"no-terminator\" does nothing to PASS; it bends RETR UIDL");
}

TEST(FaultRule, ContradictionsAreRefused) {
  EXPECT_EQ(refused(R"({"on": "RETR", "nth": 1, "from": 2, "hang": true})"),
            "faults[0].nth: either `nth` or `from` and `until`");
  EXPECT_EQ(refused(R"({"on": "RETR", "nth": 1, "until": 2, "hang": true})"),
            "faults[0].nth: either `nth` or `from` and `until`");
  EXPECT_EQ(refused(R"({"on": "RETR", "nth": 0, "hang": true})"), "faults[0].nth: counting begins with 1");
  EXPECT_EQ(refused(R"({"on": "RETR", "from": 0, "hang": true})"), "faults[0].until: counting begins with 1");
  EXPECT_EQ(refused(R"({"on": "RETR", "from": 3, "until": 2, "hang": true})"),
            "faults[0].until: from 3 until 2 is never");
  EXPECT_EQ(refused(R"({"on": "RETR", "connection": 0, "hang": true})"),
            "faults[0].connection: counting begins with 1");
  EXPECT_EQ(refused(R"({"on": "RETR", "connection": "2", "hang": true})"),
            "faults[0].connection: takes a number or { \"from\":, \"until\": }, not \"2\"");
  EXPECT_EQ(refused(R"({"on": "RETR", "connection": {"form": 2}, "hang": true})"),
            "faults[0].connection.form: no such key; there are from and until");
  EXPECT_EQ(refused(R"({"on": "RETR", "connection": {"from": -2}, "hang": true})"),
            "faults[0].connection.from: takes a whole number, zero or more, not -2");
  EXPECT_EQ(refused(R"({"on": "RETR", "reply": "a", "reply_bytes": "b"})"),
            "faults[0].reply_bytes: either `reply` or `reply_bytes`");
  EXPECT_EQ(refused(R"({"on": "RETR", "hang": true, "ending": "reset"})"),
            "faults[0].hang: a connection that hangs has no `ending`");
  EXPECT_EQ(refused(R"({"on": "RETR", "split_every": 0})"), "faults[0].split_every: a segment has one octet at least");
  EXPECT_EQ(refused(R"({"on": "RETR", "drip": {"octets": 0}})"),
            "faults[0].drip.octets: a drop has one octet at least");
  EXPECT_EQ(refused(R"({"on": "RETR", "drip": {"octet": 1}})"),
            "faults[0].drip.octet: no such key; there are octets and every");
  EXPECT_EQ(refused(R"({"on": "RETR", "drip": {"every": 1}})"),
            "faults[0].drip.every: \"every\" takes a span of time such as \"15m\", not 1");
  EXPECT_EQ(refused(R"({"on": "RETR", "garble": {"xor": 0}})"),
            "faults[0].garble.xor: takes 1 to 255: an octet is damaged, or it is not");
  EXPECT_EQ(refused(R"({"on": "RETR", "garble": {"xor": 256}})"),
            "faults[0].garble.xor: takes 1 to 255: an octet is damaged, or it is not");
  EXPECT_EQ(refused(R"({"on": "RETR", "garble": {"and": 1}})"),
            "faults[0].garble.and: no such key; there are at and xor");
  EXPECT_EQ(refused(R"({"on": "RETR", "reply": 5})"), "faults[0].reply: takes a text or a list of lines, not 5");
  EXPECT_EQ(refused(R"({"on": "RETR", "reply": ["a", 5]})"), "faults[0].reply: a line is a text, not 5");
  EXPECT_EQ(refused(R"({"on": "RETR", "reply_bytes": 5})"),
            "faults[0].reply_bytes: takes a text or { \"base64\": TEXT }, not 5");
  EXPECT_EQ(refused(R"({"on": "RETR", "reply_bytes": {"base64": "?"}})"),
            "faults[0].reply_bytes.base64: this is not base64 (RFC 4648 §4)");
  EXPECT_EQ(refused(R"({"on": "RETR", "reply_bytes": {"base64": "", "x": 1}})"),
            "faults[0].reply_bytes: takes a text or { \"base64\": TEXT }, not {\"base64\": \"\", \"x\": 1}");
  EXPECT_EQ(refused(R"({"on": "RETR", "reply": "x"})", http),
            "faults[0].reply: takes { \"status\":, \"headers\":, \"body\": }, not \"x\"");
}

TEST(FaultRule, TheSecondFaultIsNumberOne) {
  EXPECT_EQ(parse(R"([{"on": "RETR", "hang": true}, {"on": "RETR"}])").error().reason, "faults[1]");
}

TEST(FaultRule, IsSaidAsAPersonWouldSayIt) {
  EXPECT_EQ(describe(one(R"({"on": "RETR", "nth": 3, "connection": 2, "cut_after": 100})")),
            "RETR, the 3rd, on the 2nd connection: cut after 100 octets");
  EXPECT_EQ(
      describe(one(
          R"({"on": "RETR", "argument": "5", "from": 21, "mailbox": "ann", "state": "tls", "delay": "1m", "drip": {}, "split_every": 2, "garble": {"at": 4}, "ending": "orderly"})")),
      "RETR 5, the 21st and later, for ann, under TLS: waits 1m, drips 1 octets every 1s, splits every 2 octets, "
      "garbles octet 4, ends the connection (orderly)");
  EXPECT_EQ(
      describe(one(
          R"({"on": "any", "from": 11, "until": 12, "connection": {"from": 13}, "state": "clear", "reply": "-ERR", "ending": "no-close-notify"})")),
      "any, the 11th to 12th, on the 13th and later connection, in clear: replies \"-ERR\\r\\n\", ends the connection "
      "(no-close-notify)");
  EXPECT_EQ(describe(one(R"({"on": "UIDL", "nth": 1, "misbehave": "no-terminator", "hang": true})")),
            "UIDL, the 1st: no-terminator, hangs");
  EXPECT_EQ(describe(one(R"({"on": "UIDL", "nth": 112, "reply": {"status": 500}})", http)),
            "UIDL, the 112th: replies {\"status\": 500}");
  EXPECT_EQ(describe(one(R"({"on": "PASS", "argument": "s3cret", "hang": true})")), "PASS <password>: hangs");
  FaultRule silence;
  silence.on = "RETR";
  silence.cut_after = FaultRule::all_octets;
  silence.hang = true;
  EXPECT_EQ(describe(silence), "RETR: hangs");
}

}  // namespace
}  // namespace mailrig::fakeservers
