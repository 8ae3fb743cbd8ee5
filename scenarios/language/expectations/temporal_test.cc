// Expectations about the order of events: how they are read, what they hold for, and what is told when they do not.

#include "scenarios/language/expectations/temporal.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/language/explain.h"
#include "scenarios/run/runner.h"
#include "scenarios/testing/told.h"

namespace mailrig::scenarios {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;
using Form = TemporalExpectation::Form;

// --- The rule itself, over events made by hand: 'e' fits the event, 'o' the other one, 'b' both; a digit after it is
// the message; each is a minute after the one before, '-' is a minute in which nothing happens.

std::vector<Event> events_of(std::string_view text) {
  std::vector<Event> events;
  Instant at{};
  for (std::size_t i = 0; i < text.size(); ++i) {
    at += 1min;
    if (text[i] == '-') continue;
    Event event{.at = at, .fits = text[i] == 'e' ? 1U : text[i] == 'o' ? 2U : 3U};
    if (i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9') event.message = text[++i];
    event.text = fmt::format("event {}", events.size());
    events.push_back(std::move(event));
  }
  return events;
}

TemporalResult result_of(Form form, std::string_view text, std::optional<Duration> within = {},
                         Duration until = 100min) {
  TemporalExpectation expectation{.form = form};
  expectation.event.text = "E";
  expectation.other = {.text = "O", .number = 1};
  expectation.within = within;
  return check(expectation, events_of(text), Instant{} + until, Instant{});
}
bool is_held(Form form, std::string_view text, std::optional<Duration> within = {}, Duration until = 100min) {
  return result_of(form, text, within, until).held;
}

TEST(Temporal, never_is_never) {
  EXPECT_TRUE(is_held(Form::never, ""));
  EXPECT_TRUE(is_held(Form::never, "ooo"));
  EXPECT_FALSE(is_held(Form::never, "oeo"));
  const TemporalResult twice = result_of(Form::never, "-ee");
  EXPECT_EQ(twice.expected, "no E");
  EXPECT_EQ(twice.actual, "event 0 at 1970-01-01T00:02:00Z (+2m) (the first of 2 times)");
}

TEST(Temporal, each_comes_after_the_other_of_the_same_message) {
  EXPECT_TRUE(is_held(Form::never_before, "o1e1"));
  EXPECT_FALSE(is_held(Form::never_before, "e1o1"));
  EXPECT_FALSE(is_held(Form::never_before, "o1e2o2")) << "another message was stored";
  EXPECT_TRUE(is_held(Form::never_before, "o1o2e2e1"));
  EXPECT_TRUE(is_held(Form::never_before, "oe1")) << "an event without a message is compared with all";
  EXPECT_TRUE(is_held(Form::never_before, "o1e")) << "and so is this one";
  EXPECT_FALSE(is_held(Form::never_before, "b")) << "it does not come before itself";
  EXPECT_TRUE(is_held(Form::never_before, "ooo"));
}

TEST(Temporal, both_events_are_told_with_their_times) {
  const TemporalResult late = result_of(Form::never_before, "o1-e2-o2e2");
  EXPECT_EQ(late.expected, "no E before O");
  EXPECT_EQ(late.actual, "event 1 at 1970-01-01T00:03:00Z (+3m); only then: event 2 at 1970-01-01T00:05:00Z (+5m)");
  EXPECT_EQ(result_of(Form::never_before, "e2").actual, "event 0 at 1970-01-01T00:01:00Z (+1m); O has not happened");
}

TEST(Temporal, none_comes_after) {
  EXPECT_TRUE(is_held(Form::never_after, "eoo"));
  EXPECT_FALSE(is_held(Form::never_after, "o--e"));
  EXPECT_TRUE(is_held(Form::never_after, "o1e2"));
  EXPECT_FALSE(is_held(Form::never_after, "o1o2e1"));
  EXPECT_TRUE(is_held(Form::never_after, "b"));
  EXPECT_FALSE(is_held(Form::never_after, "bb"));
  // Within a span: 3 minutes between o and e.
  EXPECT_TRUE(is_held(Form::never_after, "o--e", 3min));
  EXPECT_FALSE(is_held(Form::never_after, "o--e", 3min + 1ns));
  EXPECT_FALSE(is_held(Form::never_after, "o1--oe1", 2min)) << "the nearest one counts";
  EXPECT_EQ(result_of(Form::never_after, "o-e", 5min).expected, "no E after O within 5m");
  EXPECT_EQ(result_of(Form::never_after, "o-e", 5min).actual,
            "event 1 at 1970-01-01T00:03:00Z (+3m), after event 0 at 1970-01-01T00:01:00Z (+1m)");
}

TEST(Temporal, each_is_followed_in_time) {
  EXPECT_TRUE(is_held(Form::then, "ooo"));
  EXPECT_TRUE(is_held(Form::then, "e--o"));
  EXPECT_FALSE(is_held(Form::then, "oe"));
  EXPECT_FALSE(is_held(Form::then, "eoe"));
  EXPECT_FALSE(is_held(Form::then, "b")) << "it does not follow itself";
  EXPECT_FALSE(is_held(Form::then, "e1o2"));
  EXPECT_TRUE(is_held(Form::then, "e1o2o1"));
  EXPECT_TRUE(is_held(Form::then, "e--o", 3min));
  EXPECT_FALSE(is_held(Form::then, "e--o", 2min));
  EXPECT_TRUE(is_held(Form::then, "e1oo1", 1min)) << "the nearest one counts";
  // The span has not passed at the third minute.
  EXPECT_TRUE(is_held(Form::then, "e", 3min, 3min));
  EXPECT_FALSE(result_of(Form::then, "e--o", 3min).open);
  const TemporalResult open = result_of(Form::then, "-e2e3", 3min, 4min);
  EXPECT_TRUE(open.held && open.open);
  EXPECT_EQ(open.actual,
            "not judged: event 0 at 1970-01-01T00:02:00Z (+2m); its span ends at 1970-01-01T00:05:00Z (+5m), after "
            "this step at +4m");
  EXPECT_FALSE(result_of(Form::then, "e1o1-e2", 3min, 5min).open) << "the first one was judged";
  EXPECT_FALSE(result_of(Form::then, "ee--", 3min, 4min).open) << "the first one is broken";
  EXPECT_FALSE(is_held(Form::then, "e", 2min, 3min));
  EXPECT_EQ(result_of(Form::then, "e--o", 2min).actual,
            "event 0 at 1970-01-01T00:01:00Z (+1m); 3m later: event 1 at 1970-01-01T00:04:00Z (+4m)");
  EXPECT_EQ(result_of(Form::then, "-e", 2min, 9min).actual,
            "event 0 at 1970-01-01T00:02:00Z (+2m); no O followed up to 1970-01-01T00:09:00Z (+9m)");
}

// --- As a file says it

std::string told_of(std::string_view expect) {
  return told_briefly(load(around(isp, home, fmt::format("\n{{ \"expect\": {} }}", expect))));
}

TEST(Temporal, is_read_and_explained) {
  const LoadResult result = load(around(isp, home, R"(
    { "expect": { "never": { "command": "DELE", "before": "stored" }, "accounts.home.stored": 0 }, "level": "SHOULD" },
    { "expect": { "after": { "event": "login-refused", "server": "isp" }, "within": "30m", "then": "login" } },
    { "expect": { "never": { "reply": "-ERR", "command": { "one_of": ["USER", "PASS"] } } } },
    { "expect": { "never": { "event": "outbox", "state": "failed", "after": { "state": "ok" }, "within": "1h" } } })"));
  ASSERT_EQ(told(result), "");
  const std::vector<Step>& steps = result.scenarios.at(0).steps;
  EXPECT_EQ(name_of(steps[0].temporal.at(0)), R"(never {"command": "DELE"} before "stored")");
  EXPECT_EQ(steps[0].temporal[0].level, Level::should);
  EXPECT_EQ(steps[0].expectations.size(), 1U);
  EXPECT_EQ(name_of(steps[1].temporal.at(0)),
            R"(after {"event": "login-refused", "server": "isp"} within 30m: "login")");
  EXPECT_EQ(steps[1].temporal[0].within, 30min);
  EXPECT_FALSE(steps[1].temporal[0].asks_client());
  EXPECT_EQ(steps[2].temporal.at(0).form, Form::never);
  EXPECT_TRUE(steps[3].temporal.at(0).asks_client());
  const LoadResult again = load(explain(result.scenarios[0]));
  EXPECT_EQ(told(again), "");
  EXPECT_EQ(name_of(again.scenarios.at(0).steps.at(1).temporal.at(0)), name_of(steps[1].temporal[0]));
}

TEST(Temporal, mistakes_are_told_with_what_was_meant) {
  EXPECT_THAT(told_of(R"({ "never": "strored" })"), HasSubstr(R"(there is no event "strored" | )"));
  EXPECT_THAT(told_of(R"({ "never": "strored" })"), HasSubstr(R"(| "stored")"));
  EXPECT_THAT(told_of(R"({ "never": "DELE" })"), HasSubstr(R"(it is a command | )"));
  EXPECT_THAT(told_of(R"({ "never": "DELE" })"), HasSubstr(R"(| { "command": "DELE" })"));
  EXPECT_THAT(told_of(R"({ "never": {} })"), HasSubstr("\"never\" says no event"));
  EXPECT_THAT(told_of(R"({ "never": 3 })"), HasSubstr("\"never\" does not take 3"));
  EXPECT_THAT(told_of(R"({ "never": { "command": "DELE", "befor": "stored" } })"),
              HasSubstr("an event \"command\" has no \"befor\""));
  EXPECT_THAT(told_of(R"({ "never": { "command": "DELE", "acount": "home" } })"), HasSubstr("has no \"acount\""));
  EXPECT_THAT(told_of(R"({ "never": { "event": "stored", "account": "hom" } })"), HasSubstr(R"(| "home")"));
  EXPECT_THAT(told_of(R"({ "never": { "command": "DELE", "server": "ips" } })"), HasSubstr(R"(| "isp")"));
  EXPECT_THAT(told_of(R"({ "never": { "state": "lockd" } })"), HasSubstr("there is no state \"lockd\""));
  EXPECT_THAT(told_of(R"({ "never": { "end": "quitt" } })"), HasSubstr(R"(| "quit")"));
  EXPECT_THAT(told_of(R"({ "never": { "command": "DELLE" } })"), HasSubstr("warning: no server"));
  EXPECT_THAT(told_of(R"({ "never": { "command": { "mathces": "x" } } })"), HasSubstr("did you mean \"matches\""));
  EXPECT_THAT(told_of(R"({ "never": { "command": "DELE", "within": "5m" } })"),
              HasSubstr("\"within\" is for \"after\""));
  EXPECT_THAT(told_of(R"({ "never": { "command": "DELE", "before": "login", "after": "login" } })"),
              HasSubstr("not both"));
  EXPECT_THAT(told_of(R"({ "after": "login" })"), HasSubstr("\"after\" without \"then\""));
  EXPECT_THAT(told_of(R"({ "then": "login" })"), HasSubstr("\"then\" without \"after\""));
  EXPECT_THAT(told_of(R"({ "within": "5m" })"), HasSubstr("\"within\" needs the event"));
  EXPECT_THAT(told_of(R"({ "after": "login", "then": "ended", "within": "5" })"), HasSubstr("\"within\""));
  EXPECT_THAT(told_of(R"({ "after": "login", "then": { "before": "x" } })"), HasSubstr("\"then\" says no event"));
}

TEST(Temporal, has_a_bound) {
  std::string steps;
  for (int i = 0; i < 40; ++i) steps += R"({ "expect": { "after": "login", "then": "ended" } },)";
  steps.pop_back();
  EXPECT_THAT(told_briefly(load(around(isp, home, steps))), HasSubstr("more than 64 events"));
}

// --- In a run

std::string findings_of(std::string_view servers, std::string_view accounts, std::string_view steps,
                        WorldKind world = WorldKind::sim) {
  const LoadResult result = load(around(servers, accounts, steps));
  EXPECT_EQ(told(result), "");
  if (result.scenarios.empty()) return "not loaded";
  const Outcome outcome = run_scenario(result.scenarios.front(), {.world = world});
  std::string text;
  for (const Finding& finding : outcome.findings)
    text += fmt::format("{}: {} | {} | {}\n", to_string(finding.kind), finding.name, finding.expected, finding.actual);
  return text;
}

constexpr std::string_view mail_of_two =
    R"("isp": { "mailboxes": { "ann": { "password": "pw", "messages": { "generate": 2 } } } })";
constexpr std::string_view deleting =
    R"("home": { "pop3": "isp", "user": "ann", "password": "pw", "leave_on_server": false })";

TEST(Temporal, knows_what_happens_in_a_session) {
  for (const WorldKind world : {WorldKind::sim, WorldKind::net}) {
    for (const char* happens :
         {R"("connected")", R"({ "command": "DELE", "argument": "2" })", R"({ "command": "RETR", "mailbox": "ann" })",
          R"({ "reply": "+OK", "command": "QUIT" })", R"({ "reply": "+OK", "command": "greeting" })",
          R"({ "event": "login", "mailbox": "ann" })", R"("retrieved")", R"({ "end": "quit" })",
          R"({ "event": "stored", "account": "home" })", R"({ "event": "connected", "server": "isp" })"}) {
      const std::string found =
          findings_of(mail_of_two, deleting,
                      fmt::format(R"({{ "poll": "home" }}, {{ "expect": {{ "never": {} }} }})", happens), world);
      EXPECT_THAT(found, HasSubstr("expectation: never ")) << happens;
    }
    for (const char* not_here :
         {R"("login-refused")", R"("fault")", R"("accepted")", R"("associated")", R"({ "end": "reset" })",
          R"({ "reply": "-ERR" })", R"({ "command": "DELE", "argument": "3" })", R"("outbox")", R"({ "state": "ok" })"})
      EXPECT_EQ(findings_of(mail_of_two, deleting,
                            fmt::format(R"({{ "poll": "home" }}, {{ "expect": {{ "never": {} }} }})", not_here), world),
                "")
          << not_here;
  }
}

TEST(Temporal, orders_what_client_and_server_do_to_one_message) {
  EXPECT_EQ(findings_of(mail_of_two, deleting, R"({ "poll": "home" }, { "expect": {
      "never": { "command": "DELE", "before": "stored" },
      "after": { "command": "RETR" }, "then": "stored", "within": "1m" } })"),
            "");
  // The first message is stored after RETR of the second in one batch: only per message is the order right.
  const std::string found = findings_of(mail_of_two, deleting, R"({ "poll": "home" }, { "expect": {
      "never": { "event": "stored", "before": { "command": "DELE" } } } })");
  EXPECT_THAT(found, HasSubstr("stored of message \""));
  EXPECT_THAT(found, HasSubstr("only then: DELE 1 of message \""));
  EXPECT_THAT(found, HasSubstr("(isp#1) at 2014-06-02T09:00:0"));
  EXPECT_THAT(found, HasSubstr("the first of 2 times"));
}

TEST(Temporal, tells_what_could_not_be_judged) {
  const std::string found = findings_of(
      mail_of_two, deleting,
      R"({ "poll": "home" }, { "expect": { "after": { "end": "quit" }, "within": "5m", "then": "accepted" } })");
  EXPECT_THAT(found, HasSubstr("not judged: "));
  EXPECT_THAT(found, HasSubstr("its span ends at 2014-06-02T09:05:0"));
}

TEST(Temporal, knows_the_message_of_a_command_whose_reply_a_fault_replaces) {
  const std::string_view refused =
      R"("isp": { "faults": [ { "on": "RETR", "nth": 1, "reply": "-ERR [SYS/TEMP] later" } ],
      "mailboxes": { "ann": { "password": "pw", "messages": [ { "text": "Subject: a\r\n\r\n", "uid": "one" },
        { "text": "Subject: b\r\n\r\n", "uid": "two" } ] } } })";
  auto found = [&](std::string_view event) {
    return findings_of(refused, deleting,
                       fmt::format(R"({{ "poll": "home" }}, {{ "expect": {{ "never": {} }} }})", event));
  };
  EXPECT_THAT(found(R"({ "command": "RETR", "uid": "one" })"), HasSubstr("RETR 1 of message \"one\" (isp#1)"));
  EXPECT_THAT(found(R"({ "reply": "-ERR", "uid": "one" })"), HasSubstr("to RETR of message \"one\" (isp#1)"));
  EXPECT_EQ(found(R"({ "reply": "-ERR", "uid": "two" })"), "");
}

TEST(Temporal, knows_what_answers_a_message_and_a_response) {
  const std::string_view out =
      R"("out": { "personality": "generic", "protocol": "smtp", "tls": "none", "mailboxes": { "ann": { "password": "pw" } },
      "sasl": ["LOGIN"], "faults": [ { "on": "message", "nth": 1, "reply": "451 4.3.0 later" } ] })";
  const std::string_view account =
      R"("home": { "smtp": "out", "user": "ann", "password": "pw", "address": "a@x.test" })";
  auto found = [&](std::string_view event) {
    return findings_of(
        out, account,
        fmt::format(R"({{ "send": {{ "account": "home", "to": "b@x.test", "subject": "s", "text": "t" }} }},
      {{ "expect": {{ "never": {} }} }})",
                    event));
  };
  EXPECT_THAT(found(R"({ "reply": "451", "command": "message" })"), HasSubstr("reply \"451 4.3.0 later\" to message"));
  EXPECT_THAT(found(R"({ "reply": "235", "command": "response" })"), HasSubstr("to response"));
  EXPECT_EQ(found(R"({ "reply": "451", "command": "DATA" })"), "");
}

TEST(Temporal, holds_until_its_step) {
  EXPECT_EQ(findings_of(mail_of_two, deleting, R"({ "expect": { "never": "connected" } }, { "poll": "home" })"), "");
}

TEST(Temporal, measures_by_the_calendar) {
  const std::string_view wrong = R"("home": { "pop3": "isp", "user": "ann", "password": "wr0ng", "every": "10m" })";
  for (const WorldKind world : {WorldKind::sim, WorldKind::net}) {
    auto found = [&](std::string_view expect) {
      return findings_of(mail_of_two, wrong, fmt::format(R"({{ "advance": "25m" }}, {{ "expect": {} }})", expect),
                         world);
    };
    EXPECT_EQ(found(R"({ "after": "login-refused", "within": "11m", "then": { "command": "PASS" } })"), "");
    EXPECT_EQ(found(R"({ "never": { "command": "PASS", "after": "login-refused", "within": "9m" } })"), "");
    EXPECT_THAT(found(R"({ "after": "login-refused", "within": "9m", "then": { "command": "PASS" } })"),
                HasSubstr("later: PASS <password> (isp#2) at 2014-06-02T09:20"));
    EXPECT_THAT(found(R"({ "never": { "command": "PASS", "after": "login-refused", "within": "11m" } })"),
                HasSubstr(", after login of ann refused (isp#1) at 2014-06-02T09:10"));
    EXPECT_THAT(found(R"({ "never": { "state": "authentication-failing" } })"),
                HasSubstr("account home is authentication-failing"));
  }
}

TEST(Temporal, knows_what_is_sent) {
  const std::string_view out =
      R"("out": { "personality": "generic", "protocol": "smtp", "mailboxes": { "ann": { "password": "pw" } },
      "faults": [ { "on": "RCPT", "nth": 1, "reply": "451 4.3.0 later" } ] })";
  const std::string_view account =
      R"("home": { "smtp": "out", "user": "ann", "password": "pw", "address": "a@x.test" })";
  const std::string_view send = R"({ "send": { "to": "b@x.test", "subject": "s", "text": "t" } }, { "advance": "2d" })";
  EXPECT_EQ(findings_of(out, account,
                        fmt::format(R"({}, {{ "expect": {{
      "after": {{ "reply": "451", "command": "RCPT" }}, "within": "1d", "then": "accepted",
      "never": {{ "event": "outbox", "state": "failed" }} }} }},
      {{ "expect": {{ "after": "fault", "then": {{ "event": "outbox", "state": "sent" }} }} }})",
                                    send)),
            "");
  EXPECT_THAT(findings_of(out, account,
                          fmt::format(R"({}, {{ "expect": {{
      "never": {{ "event": "outbox", "state": "sent", "after": "fault" }} }} }})",
                                      send)),
              HasSubstr("is sent at 2014-06-0"));
}

}  // namespace
}  // namespace mailrig::scenarios
