// A protocol is a descriptor and nothing else: this one is known to this file only, and can be loaded, explained,
// checked and played.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/core/protocol.h"
#include "fakeservers/core/server_log.h"
#include "fakeservers/core/server_paths.h"
#include "fakeservers/pop3/pop3_server.h"
#include "scenarios/language/explain.h"
#include "scenarios/run/runner.h"
#include "scenarios/testing/told.h"

namespace mailrig::scenarios {
namespace {

using fakeservers::ProtocolDescriptor;
using ::testing::HasSubstr;

/// Says its motto to each client, and that is all.
class MottoSession final : public Session {
 public:
  explicit MottoSession(std::string motto) : motto_(std::move(motto) + "\r\n") {}
  Action next() override {
    switch (said_++) {
      case 0: return Send{mailrig::Step::greeting, motto_};
      case 1: return Close{};
      default: return Done{};
    }
  }
  void on_bytes(std::string_view /*bytes*/) override {}
  void on_committed(Status /*status*/) override {}
  void on_tls() override {}
  void on_error(Error /*error*/) override { said_ = 2; }

 private:
  std::string motto_;
  int said_ = 0;
};

class MottoServer final : public fakeservers::FakeServer {
 public:
  explicit MottoServer(const Value& settings)
      : motto_(SettingsReader(settings).text("motto", "")), log_(std::span<const std::string_view>()) {}
  std::unique_ptr<Session> open(fakeservers::ConnectionInfo /*connection*/) override {
    ++said_;
    return std::make_unique<MottoSession>(motto_);
  }
  void on_closed(std::string_view /*connection*/, const Status& /*how*/) override {}
  Status change(std::string_view /*verb*/, const Value& arguments) override {
    motto_ = SettingsReader(arguments).text("motto", motto_);
    return {};
  }
  Value observe() const override {
    Value seen = Value::map();
    log_.observe(seen);
    return seen.set("said", static_cast<std::int64_t>(said_));
  }
  std::vector<fakeservers::RuleReport> rules() const override { return {}; }

 private:
  std::string motto_;
  fakeservers::ServerLog log_;
  std::uint64_t said_ = 0;
};

constexpr Setting motto_settings[] = {{"motto", SettingKind::text, "what it says to each client"}};
constexpr PathWord motto_words[] = {number_word("said")};
constexpr auto motto_paths = fakeservers::with_server_paths(motto_words);
const fakeservers::FaultVocabulary no_faults{.protocol = "motto", .verbs = {}};

const std::vector<std::string>& motto_personalities(std::string_view /*protocol*/) {
  static const std::vector<std::string> names{"generic"};
  return names;
}
Result<Value> motto_personality(std::string_view /*protocol*/, const Value& named, const Value& /*of_scenario*/) {
  if (named.is(Value::Kind::text) && named.text() == "generic") return Value::map().set("motto", "be prepared");
  return Error{Errc::bad_input, "there is one personality, generic"};
}
Status check_motto(const Value& settings) {
  if (!SettingsReader(settings).text("motto", "").empty()) return {};
  return Error{Errc::bad_input, "motto: say something", mailrig::Step::none, "motto"};
}
Result<std::unique_ptr<fakeservers::FakeServer>> make_motto(fakeservers::ServerContext /*context*/,
                                                            const Value& settings) {
  return std::unique_ptr<fakeservers::FakeServer>(std::make_unique<MottoServer>(settings));
}

const ProtocolDescriptor motto{.name = "motto",
                               .settings = motto_settings,
                               .faults = &no_faults,
                               .paths = motto_paths,
                               .port = 17,
                               .tls_port = 1017,
                               .personality_names = motto_personalities,
                               .resolve_personality = motto_personality,
                               .check = check_motto,
                               .make = make_motto};

LoadResult load(std::string_view text) {
  static const ProtocolDescriptor* const known[] = {&motto, &fakeservers::pop3_protocol()};
  LoadContext context{.protocols = known};
  return load_scenarios("toy.json", text, context);
}

/// A POP3 client that is configured for a port where something else answers.
constexpr std::string_view story = R"({ "id": "toy/motto", "title": "A server of another protocol is no mail server",
  "servers": { "wall": { "protocol": "motto" } },
  "accounts": { "work": { "pop3": { "server": "wall", "port": 17 }, "user": "anna", "password": "s3cret", "every": "15m" } },
  "steps": [
    { "poll": "work" },
    { "expect": { "accounts.work.connection_failures": 1, "accounts.work.message": { "contains": "be prepared" },
                  "servers.wall.said": 1 } },
    { "set": { "motto": "carpe diem" } },
    { "poll": "work" },
    { "expect": { "accounts.work.message": { "contains": "carpe diem" }, "servers.wall.said": { "ge": 2 } } } ] })";

TEST(ToyProtocol, IsPlayedInBothWorlds) {
  const LoadResult loaded = load(story);
  EXPECT_EQ(testing::told(loaded), "");
  ASSERT_EQ(loaded.scenarios.size(), 1U);
  const Scenario& scenario = loaded.scenarios.front();
  EXPECT_EQ(scenario.servers.front().port, 17);
  const Outcome outcome = run_scenario(scenario, {});
  EXPECT_EQ(outcome.verdict, Verdict::pass) << (outcome.findings.empty() ? "" : outcome.findings.front().message);
  const Outcome in_net = run_scenario(scenario, {.world = WorldKind::net});
  EXPECT_EQ(in_net.verdict, Verdict::pass) << (in_net.findings.empty() ? "" : in_net.findings.front().message);
}

TEST(ToyProtocol, IsExplainedAndTheExplanationLoads) {
  const Scenario scenario = load(story).scenarios.at(0);
  const std::string explained = explain(scenario);
  EXPECT_THAT(explained, HasSubstr("\"motto\""));
  const LoadResult again = load(explained);
  EXPECT_EQ(testing::told(again), "");
  EXPECT_EQ(explain(again.scenarios.at(0)), explained);
}

TEST(ToyProtocol, HasDidYouMeanOfItsOwn) {
  EXPECT_THAT(testing::told(load(testing::around(R"("w": { "protocol": "moto" })"))),
              HasSubstr("did you mean \"motto\""));
  EXPECT_THAT(testing::told(load(testing::around(R"("w": { "protocol": "motto", "moto": "x" })"))),
              HasSubstr("did you mean \"motto\""));
  EXPECT_THAT(testing::told(load(testing::around(R"("w": { "protocol": "motto", "motto": "" })"))),
              HasSubstr("say something"));
  EXPECT_THAT(testing::told(load(
                  testing::around(R"("w": { "protocol": "motto" })", "", R"({ "expect": { "servers.w.sad": 1 } })"))),
              HasSubstr("did you mean \"said\""));
  EXPECT_THAT(
      testing::told(load(testing::around(R"("w": { "protocol": "motto" })", "", R"({ "lock": { "server": "w" } })"))),
      HasSubstr("\"lock\" cannot happen to a motto server"));
}

}  // namespace
}  // namespace mailrig::scenarios
