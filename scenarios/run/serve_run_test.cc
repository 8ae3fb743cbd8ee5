// When `serve` judges what a story expects of its servers: a client from outside says lines, in virtual time.

#include "scenarios/run/serve_run.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/task.h"
#include "scenarios/run/rig_world.h"
#include "scenarios/testing/told.h"

namespace mailrig::scenarios {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A session of a client: when it begins, counted from the start, and its lines; each waits for the reply before it.
struct Visit {
  Duration at{};
  std::vector<std::string> lines;
  bool early = false;  // the first line goes out before the greeting is here
};

Task<void> visit(World& world, Endpoint server, const std::vector<Visit>& visits, Duration until) {
  const Moment start = world.clock.now();
  for (const Visit& one : visits) {
    co_await world.clock.sleep_until(start + one.at);
    const Moment deadline = world.clock.now() + 1min;
    Result<std::unique_ptr<Stream>> stream = co_await world.network.connect(server, "", deadline);
    if (!stream) co_return;
    if (!one.early) static_cast<void>(co_await (*stream)->read_some(deadline));
    for (const std::string& line : one.lines) {
      static_cast<void>(co_await (*stream)->write(line + "\r\n", deadline));
      static_cast<void>(co_await (*stream)->read_some(deadline));
    }
    static_cast<void>(co_await (*stream)->close(Ending::orderly, deadline));
    co_await world.clock.sleep_until(world.clock.now() + 100ms);
  }
  co_await world.clock.sleep_until(start + until);
}

/// "LINE: NAME: EXPECTED <> ACTUAL" of what did not hold.
std::vector<std::string> served_by(std::string_view servers, std::string_view accounts, std::string_view steps,
                                   const std::vector<Visit>& visits, Duration until = 10min,
                                   const std::vector<std::string>& typed = {}) {
  const LoadResult loaded = load(around(servers, accounts, steps));
  EXPECT_EQ(told(loaded), "");
  if (loaded.scenarios.empty()) return {"not loaded"};
  const Scenario& scenario = loaded.scenarios.front();
  const std::unique_ptr<RigWorld> rig = make_rig_world(WorldKind::sim, scenario, 1);
  ServeRun serving(scenario, rig->world(), 1, {});
  const Status ready = serving.set_up([&](const ServerSpec& spec) { return rig->listen(spec); });
  EXPECT_TRUE(ready);
  const ServerSpec& server = scenario.servers.front();
  rig->world().loop.spawn(serving.follow_story());
  static_cast<void>(rig->world().loop.run(visit(rig->world(), Endpoint(server.host, server.port), visits, until), {}));
  for (const std::string& line : typed) serving.on_line(line);
  const Outcome outcome = serving.finish();
  serving.stop();
  std::vector<std::string> findings;
  for (const Finding& finding : outcome.findings)
    if (finding.kind != Finding::Kind::rule)
      findings.push_back(
          fmt::format("{}: {}: {} <> {}", finding.place.line, finding.name, finding.expected, finding.actual));
  return findings;
}

/// The same with `isp` and `home`.
std::vector<std::string> served(std::string_view steps, const std::vector<Visit>& visits, Duration until = 10min,
                                const std::vector<std::string>& typed = {}) {
  return served_by(isp, home, steps, visits, until, typed);
}

const std::vector<std::string> login = {"USER ann", "PASS pw", "QUIT"};
const std::vector<std::string> wrong = {"USER ann", "PASS wrong", "QUIT"};

TEST(ServeRun, judges_what_follows_the_client_when_the_next_step_runs) {
  const std::string_view story = R"(
    { "poll": "home" },
    { "expect": { "servers.isp.logins": 1 } },
    { "expire_password": {}, "after": { "sessions": 1 } },
    { "poll": "home" },
    { "expect": { "servers.isp.logins": 1, "servers.isp.failed_logins": 1 } })";
  EXPECT_THAT(served(story, {{1s, login}, {2s, login}}), IsEmpty());
  EXPECT_THAT(served(story, {{1s, wrong}, {2s, login}}),
              ::testing::ElementsAre("6: servers.isp.logins: 1 <> 0", "9: servers.isp.logins: 1 <> 0",
                                     "9: servers.isp.failed_logins: 1 <> 2"));
}

TEST(ServeRun, judges_at_the_event_that_an_expectation_names) {
  const std::string_view story = R"(
    { "poll": "home" },
    { "expect": { "servers.isp.logins": 1 }, "after": { "sessions": 1 } },
    { "poll": "home" },
    { "expect": { "servers.isp.logins": 2 } })";
  EXPECT_THAT(served(story, {{1s, login}, {2s, login}}), IsEmpty());
  EXPECT_THAT(served(story, {{1s, login}}), ::testing::ElementsAre("8: servers.isp.logins: 2 <> 1"));
  EXPECT_THAT(served(story, {}),
              ::testing::ElementsAre("8: servers.isp.logins: 2 <> 0",
                                     "6: servers.isp.logins: 1 <> not judged: what \"after\" names did not happen"));
}

TEST(ServeRun, judges_directly_after_the_step_that_an_expectation_follows) {
  const std::string_view story = R"(
    { "poll": "home" },
    { "expire_password": {}, "after": { "command": "QUIT" } },
    { "expect": { "servers.isp.logins": 1, "servers.isp.failed_logins": 0 } })";
  EXPECT_THAT(served(story, {{1s, login}, {2s, login}, {3s, login}}), IsEmpty());
  EXPECT_THAT(served(story, {{1s, wrong}}), ::testing::SizeIs(2));
}

TEST(ServeRun, judges_at_the_offset_of_an_advance) {
  const std::string_view story = R"(
    { "advance": "30s" },
    { "expect": { "servers.isp.connections": 1 } },
    { "advance": "30s" },
    { "expect": { "servers.isp.connections": 2 } })";
  EXPECT_THAT(served(story, {{10s, login}, {40s, login}, {80s, login}}), IsEmpty());
  EXPECT_THAT(served(story, {{40s, login}, {41s, login}}),
              ::testing::ElementsAre("6: servers.isp.connections: 1 <> 0"));
  // What follows a poll has the time up to the end of the next advance.
  const std::string_view polled = R"(
    { "poll": "home" }, { "expect": { "servers.isp.connections": 1 } },
    { "advance": "30s" }, { "poll": "home" }, { "expect": { "servers.isp.connections": 2 } })";
  EXPECT_THAT(served(polled, {{10s, login}, {40s, login}}), IsEmpty());
}

TEST(ServeRun, judges_set_up_at_the_start) {
  EXPECT_THAT(served(R"({ "expect": { "servers.isp.connections": 0 } }, { "poll": "home" },
                        { "expect": { "servers.isp.connections": 1 } })",
                     {{1s, login}}),
              IsEmpty());
  // Where no client step comes, it is about the client from outside.
  EXPECT_THAT(served(R"({ "expire_password": {} }, { "expect": { "servers.isp.failed_logins": 1 } })", {{1s, login}}),
              IsEmpty());
}

TEST(ServeRun, judges_before_a_step_that_is_typed) {
  EXPECT_THAT(served(R"({ "poll": "home" }, { "expect": { "servers.isp.logins": 1 } }, { "expire_password": {} },
                        { "poll": "home" }, { "expect": { "servers.isp.logins": 1 } })",
                     {{1s, login}}, 10min, {"expire_password ann"}),
              IsEmpty());
}

TEST(ServeRun, knows_the_dialogues) {
  const std::string_view story = R"json({ "poll": "home" },
    { "expect": { "servers.isp.dialogues": ["1s..2s every 1s: USER ann | PASS <password> | QUIT (quit)"] } })json";
  EXPECT_THAT(served(story, {{1s, login}, {2s, login}}), IsEmpty());
}

TEST(ServeRun, judges_order_and_time) {
  const std::string_view story = R"({ "poll": "home" },
    { "expect": { "never": { "command": "PASS", "after": "login-refused", "within": "1m" } } },
    { "expect": { "never": { "command": "DELE", "before": "stored" } } })";
  EXPECT_THAT(served(story, {{1s, wrong}, {70s, login}}), IsEmpty());
  EXPECT_THAT(served(story, {{1s, wrong}, {5s, login}}),
              ::testing::ElementsAre(HasSubstr("PASS <password> (isp#2) at ")));
}

TEST(ServeRun, compares_secrets_and_shows_none) {
  const std::string_view story =
      R"({ "poll": "home" }, { "expect": { "servers.isp.sessions[0].secrets[0]": { "secret": "pw" } } })";
  EXPECT_THAT(served(story, {{1s, login}}), IsEmpty());
  EXPECT_THAT(
      served(story, {{1s, wrong}}),
      ::testing::ElementsAre("4: servers.isp.sessions[0].secrets[0]: the secret of the scenario <> another value, "
                             "which is not shown"));
  EXPECT_THAT(told_briefly(load_steps(R"({ "expect": { "servers.isp.sessions[0].secrets[0]": "pw" } })")),
              HasSubstr("holds secrets, which are only compared | { \"secret\": TEXT }"));
}

TEST(ServeRun, a_client_that_talks_before_the_greeting_is_seen) {
  const std::string_view out =
      R"("out": { "personality": "generic", "protocol": "smtp", "tls": "none", "greet_delay": "1s" })";
  const std::string_view waits =
      R"({ "expect": { "servers.out.sessions[0].pipelined": false, "servers.out.sessions[0].early": false } })";
  const std::vector<std::string> lines{"EHLO a", "QUIT"};
  EXPECT_THAT(served_by(out, "", waits, {{.at = 1s, .lines = lines}}), IsEmpty());
  EXPECT_THAT(served_by(out, "", waits, {{.at = 1s, .lines = lines, .early = true}}),
              ::testing::ElementsAre("4: servers.out.sessions[0].pipelined: false <> true",
                                     "4: servers.out.sessions[0].early: false <> true",
                                     "0: greeting-awaited: nothing before the greeting <> a line before the greeting"));
  const std::string_view late = R"("out": { "protocol": "pop3", "faults": [ { "on": "greeting", "delay": "1s" } ] })";
  const std::string_view never = R"({ "expect": { "never": { "event": "early", "server": "out" } } })";
  EXPECT_THAT(served_by(late, "", never, {{.at = 1s, .lines = {"QUIT"}}}), IsEmpty());
  EXPECT_THAT(
      served_by(late, "", never, {{.at = 1s, .lines = {"QUIT"}, .early = true}}),
      ::testing::ElementsAre(HasSubstr("client talks before the greeting (out#1)"), HasSubstr("greeting-awaited")));
}

TEST(ServeRun, a_token_of_1500_octets_logs_in) {
  const std::string token(1500, 'x');
  // base64 of "user=anna^Aauth=Bearer " is 32 digits, of three x "eHh4", of x^A^A "eAEB".
  std::string response = "dXNlcj1hbm5hAWF1dGg9QmVhcmVyIHh4";
  for (std::size_t octets = 2; octets + 1 < token.size(); octets += 3) response += "eHh4";
  for (const char* personality : {"office365", "gmail", "generic"}) {
    const std::string server = fmt::format(
        R"("s": {{ "protocol": "pop3", "personality": "{}", "tls": "none", "sasl": ["PLAIN", "XOAUTH2"], "mailboxes": {{ "anna": {{ "oauth_token": "{}" }} }} }})",
        personality, token);
    const std::string_view logs_in = R"({ "expect": { "servers.s.logins": 1 } })";
    EXPECT_THAT(served_by(server, "", logs_in, {{.at = 1s, .lines = {"AUTH XOAUTH2", response + "eAEB", "QUIT"}}}),
                IsEmpty())
        << personality;
  }
}

TEST(ServeRun, refuses_what_only_a_simulated_network_has) {
  for (const auto& [key, word] :
       {std::pair{R"("silent": true)", "\"silent\""}, std::pair{R"("link": { "latency": "300ms" })", "\"link\""},
        std::pair{R"("link": { "split_at": 7 })", "\"link\""},
        std::pair{R"("addresses": ["refused", "good"])", "\"addresses\""}}) {
    const LoadResult loaded =
        load(around(fmt::format(R"("isp": {{ {}, "mailboxes": {{ "ann": {{ "password": "pw" }} }} }})", key), home,
                    R"({ "expect": { "servers.isp.logins": 0 } })"));
    ASSERT_EQ(told(loaded), "");
    const std::unique_ptr<RigWorld> rig = make_rig_world(WorldKind::sim, loaded.scenarios.front(), 1);
    ServeRun serving(loaded.scenarios.front(), rig->world(), 1, {});
    const Status ready = serving.set_up([&](const ServerSpec& spec) { return rig->listen(spec); });
    ASSERT_FALSE(ready) << key;
    EXPECT_EQ(ready.error().code, Errc::bad_input);
    EXPECT_THAT(ready.error().message,
                ::testing::AllOf(HasSubstr("server isp"), HasSubstr(word), HasSubstr("`mailrig run`")));
  }
}

TEST(ServeRun, check_refuses_what_cannot_hold_together) {
  auto told_of = [](std::string_view steps) { return told_briefly(load(around(isp, home, steps))); };
  const std::string told = told_of(R"({ "poll": "home" }, { "expect": { "servers.isp.connections": 1 } },
    { "poll": "home" }, { "expect": { "servers.isp.connections": { "ge": 2 } } })");
  EXPECT_THAT(told, HasSubstr("5:39: error: under `serve` servers.isp.connections is judged together with that of line "
                              "4, which expects 1: both cannot hold"));
  EXPECT_THAT(told, HasSubstr("\"after\": { \"sessions\": N }"));
  EXPECT_THAT(told_of(R"({ "poll": "home" }, { "expect": { "servers.isp.connections": { "lt": 2 } } },
    { "poll": "home" }, { "expect": { "servers.isp.connections": { "ge": 2 } } })"),
              HasSubstr("both cannot hold"));
  for (const char* fine :
       {R"({ "poll": "home" }, { "expect": { "servers.isp.connections": 1 }, "after": { "sessions": 1 } },
    { "poll": "home" }, { "expect": { "servers.isp.connections": 2 } })",
        R"({ "poll": "home" }, { "expect": { "servers.isp.connections": 1 } }, { "advance": "1h" },
    { "expect": { "servers.isp.connections": 5 } })",
        R"({ "expect": { "servers.isp.connections": 0 } }, { "poll": "home" },
    { "expect": { "servers.isp.connections": 1 } })",
        R"({ "poll": "home" }, { "expect": { "servers.isp.connections": 1 } }, { "expire_password": {} },
    { "poll": "home" }, { "expect": { "servers.isp.connections": 2 } })",
        R"({ "poll": "home" }, { "expect": { "servers.isp.connections": { "ge": 1 } } },
    { "poll": "home" }, { "expect": { "servers.isp.connections": 2 } })",
        R"({ "poll": "home" }, { "expect": { "accounts.home.polls": 1 } },
    { "poll": "home" }, { "expect": { "accounts.home.polls": 2 } })"})
    EXPECT_EQ(told_of(fine), "") << fine;
}

}  // namespace
}  // namespace mailrig::scenarios
