#include "scenarios/judge/last_exchanges.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/run/runner.h"
#include "scenarios/testing/told.h"

namespace mailrig::scenarios {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using Who = TranscriptEntry::Who;

void say(Transcript& transcript, const std::string& connection, Who who, std::string text) {
  transcript.add(Moment{}, connection, who, std::move(text));
}

TEST(LastExchanges, AreOfTheLastSessionOfTheServer) {
  Transcript transcript;
  say(transcript, "isp#1", Who::client, "one");
  say(transcript, "isp#2", Who::client, "two");
  say(transcript, "out#1", Who::client, "three");
  say(transcript, "", Who::rig, "step: poll home");
  EXPECT_THAT(last_exchanges(transcript, {"isp"}), ElementsAre("+0.000s isp#2 C: two"));
  EXPECT_THAT(last_exchanges(transcript, {"out"}), ElementsAre("+0.000s out#1 C: three"));
  EXPECT_THAT(last_exchanges(transcript, {"isp", "out"}), ElementsAre("+0.000s out#1 C: three"));
  EXPECT_THAT(last_exchanges(transcript, {"is"}), SizeIs(4)) << "no server has that name: the last of all";
  EXPECT_THAT(last_exchanges(transcript, {}), SizeIs(4));
}

TEST(LastExchanges, AreOfTheSessionInWhichAFaultFired) {
  Transcript transcript;
  for (int i = 0; i < 5; ++i) say(transcript, "isp#1", Who::client, fmt::format("before {}", i));
  say(transcript, "isp#1", Who::rig, "fault: RETR: hangs");
  say(transcript, "isp#1", Who::client, "after");
  for (int i = 0; i < 20; ++i) say(transcript, "isp#2", Who::client, fmt::format("later {}", i));
  EXPECT_THAT(last_exchanges(transcript, {"isp"}), AllOf(SizeIs(7), Each(HasSubstr(" isp#1 "))));
  // The fault is shown, however long the session goes on.
  for (int i = 0; i < 20; ++i) say(transcript, "isp#1", Who::client, fmt::format("on {}", i));
  const std::vector<std::string> lines = last_exchanges(transcript, {"isp"});
  EXPECT_THAT(lines, SizeIs(12));
  EXPECT_EQ(lines[0], "+0.000s isp#1 C: before 2");
  EXPECT_EQ(lines[3], "+0.000s isp#1 * fault: RETR: hangs");
  EXPECT_EQ(lines[11], "+0.000s isp#1 C: on 6");
}

TEST(LastExchanges, ShowWhereAClientTalkedTooEarly) {
  Transcript transcript;
  say(transcript, "out#1", Who::rig, "the client talks before the greeting");
  for (int i = 0; i < 20; ++i) say(transcript, "out#1", Who::client, fmt::format("later {}", i));
  say(transcript, "out#2", Who::client, "another");
  const std::vector<std::string> lines = last_exchanges(transcript, {"out"});
  EXPECT_THAT(lines, SizeIs(12));
  EXPECT_EQ(lines[0], "+0.000s out#1 * the client talks before the greeting");
}

/// Mail is retrieved from `isp` and sent by `out`; both have a fault that fires, `isp` first.
constexpr std::string_view two_servers =
    R"("isp": { "mailboxes": { "ann": { "password": "pw", "messages": { "generate": 1 } } },
         "faults": [ { "on": "STAT", "nth": 1, "delay": "1s" } ] },
       "out": { "protocol": "smtp", "personality": "generic", "mailboxes": { "ann": { "password": "pw" } },
         "faults": [ { "on": "RCPT", "nth": 1, "delay": "1s" } ] })";
constexpr std::string_view both =
    R"("home": { "pop3": "isp", "smtp": "out", "user": "ann", "password": "pw", "address": "ann@x.test" })";

std::vector<Finding> findings_of(std::string_view expect) {
  const LoadResult loaded = load(around(two_servers, both,
                                        fmt::format(R"({{ "poll": "home" }},
      {{ "send": {{ "account": "home", "to": "b@x.test", "subject": "s", "text": "t" }} }},
      {{ "poll": "home" }}, {{ "expect": {} }})",
                                                    expect)));
  EXPECT_EQ(told(loaded), "");
  if (loaded.scenarios.empty()) return {};
  return run_scenario(loaded.scenarios.front(), {}).findings;
}

TEST(LastExchanges, AreOfTheProtocolThatTheExpectationIsAbout) {
  struct Row {
    std::string_view expect, connection, line;
  };
  for (const Row& row : {Row{R"({ "servers.isp.logins": 9 })", " isp#1 ", "STAT"},
                         {R"({ "accounts.home.stored": 9 })", " isp#1 ", "STAT"},
                         {R"({ "accounts.home.messages[0].body": "x" })", " isp#1 ", "STAT"},
                         {R"({ "accounts.home.sent[0].state": "failed" })", " out#1 ", "RCPT"},
                         {R"({ "accounts.home.outbox": 7 })", " out#1 ", "RCPT"},
                         {R"({ "servers.out.accepted": { "count": 7 } })", " out#1 ", "RCPT"},
                         {R"({ "never": { "command": "STAT" } })", " isp#1 ", "STAT"},
                         {R"({ "never": "accepted" })", " out#1 ", "RCPT"},
                         {R"({ "never": { "event": "login", "server": "out" } })", " out#1 ", "RCPT"},
                         {R"({ "never": { "event": "stored", "account": "home" } })", " isp#1 ", "STAT"},
                         {R"({ "after": { "command": "RCPT" }, "then": "retrieved" })", " out#1 ", "RCPT"}}) {
    const std::vector<Finding> findings = findings_of(row.expect);
    ASSERT_THAT(findings, SizeIs(1)) << row.expect;
    const std::vector<std::string>& lines = findings[0].last_exchanges;
    EXPECT_THAT(lines, Each(HasSubstr(std::string(row.connection)))) << row.expect;
    EXPECT_THAT(lines, Contains(HasSubstr(fmt::format("fault: {}", row.line)))) << row.expect;
  }
}

}  // namespace
}  // namespace mailrig::scenarios
