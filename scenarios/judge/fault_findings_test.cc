// What a run says of faults that did not fire, whether they were there from the start or came by `set`.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/run/runner.h"
#include "scenarios/testing/told.h"

namespace mailrig::scenarios {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Outcome outcome_of(std::string_view servers, std::string_view accounts, std::string_view steps) {
  const LoadResult result = load(around(servers, accounts, steps));
  EXPECT_EQ(told(result), "");
  if (result.scenarios.empty()) return {};
  return run_scenario(result.scenarios.front(), {});
}

/// "LINE:COLUMN NAME: NEAREST" of each fault that did not fire.
std::vector<std::string> unfired(const Outcome& outcome) {
  std::vector<std::string> all;
  for (const Finding& finding : outcome.findings)
    if (finding.kind == Finding::Kind::rule)
      all.push_back(
          fmt::format("{}:{} {}: {}", finding.place.line, finding.place.column, finding.name, finding.nearest_rule));
  return all;
}

constexpr std::string_view mail =
    R"("isp": { "mailboxes": { "ann": { "password": "pw", "messages": { "generate": 2 } } },
  "faults": [ { "on": "RETR", "nth": 9, "delay": "1s" } ] })";
constexpr std::string_view deliveries = R"({ "poll": "home" }, { "deliver": { "messages": { "generate": 1 } } },)";

TEST(FaultFindings, of_a_pop3_server_that_set_gave_others) {
  const Outcome outcome = outcome_of(mail, home,
                                     fmt::format(R"({}
  {{ "set": {{ "faults": [ {{ "on": "RETR", "delay": "1s" }}, {{ "on": "TOP", "delay": "1s" }} ] }} }}, {{ "poll": "home" }},
  {{ "set": {{ "faults": [ {{ "on": "RSET", "delay": "1s" }} ] }} }}, {{ "expect": {{ "accounts.home.stored": 3 }} }})",
                                                 deliveries));
  EXPECT_EQ(outcome.verdict, Verdict::pass);
  EXPECT_THAT(unfired(outcome),
              ElementsAre("3:15 servers.isp.faults[0]: RETR on isp#1: it was number 2, the rule wants 9",
                          "6:59 set of isp.faults[1]: TOP never came", "7:26 set of isp.faults[0]: RSET never came"));
}

TEST(FaultFindings, of_smtp_and_crm_servers) {
  const Outcome outcome = outcome_of(
      R"("out": { "personality": "generic", "protocol": "smtp", "tls": "none", "auth_required": false, "relay": "any" },
         "crm": { "personality": "zoho-crm" })",
      R"("home": { "smtp": "out", "crm": "crm", "address": "a@x.test" })",
      R"({ "set": { "server": "out", "faults": [ { "on": "VRFY", "delay": "1s" }, { "on": "RCPT", "delay": "1s" } ] } },
         { "set": { "server": "crm", "faults": [ { "on": "search", "nth": 9, "delay": "1s" } ] } },
         { "send": { "to": "b@x.test", "subject": "s", "text": "t" } }, { "expect": { "accounts.home.outbox": 0 } })");
  EXPECT_EQ(outcome.verdict, Verdict::pass);
  const std::vector<std::string> found = unfired(outcome);
  ASSERT_EQ(found.size(), 2U) << ::testing::PrintToString(found);
  EXPECT_THAT(found[0], ::testing::EndsWith("set of out.faults[0]: VRFY never came"));
  EXPECT_THAT(found[1], ::testing::HasSubstr("set of crm.faults[0]: search "));
}

std::string nearest_in(std::string_view faults) {
  const Outcome outcome = outcome_of(
      fmt::format(R"("isp": {{ "mailboxes": {{ "ann": {{ "password": "pw", "messages": {{ "generate": 2 }} }} }},
  "faults": [ {} ] }})",
                  faults),
      home, R"({ "poll": "home" }, { "expect": { "accounts.home.stored": 9 } })");
  for (const Finding& finding : outcome.findings)
    if (finding.kind == Finding::Kind::expectation) return finding.nearest_rule;
  return "no finding";
}

TEST(FaultFindings, a_failure_names_the_fault_that_came_nearest) {
  EXPECT_EQ(nearest_in(R"({ "on": "TOP", "delay": "1s" }, { "on": "RETR", "nth": 9, "delay": "1s" },
      { "on": "RETR", "nth": 3, "delay": "1s" }, { "on": "RETR", "connection": 7, "argument": "5", "delay": "1s" })"),
            "fault 3 of isp (RETR, the 3rd: waits 1s) did not fire: RETR on isp#1: it was number 2, the rule wants 3");
  EXPECT_EQ(nearest_in(R"({ "on": "TOP", "delay": "1s" })"),
            "fault 1 of isp (TOP: waits 1s) did not fire: TOP never came");
  EXPECT_EQ(nearest_in(R"({ "on": "RETR", "delay": "1s" })"), "");
}

}  // namespace
}  // namespace mailrig::scenarios
