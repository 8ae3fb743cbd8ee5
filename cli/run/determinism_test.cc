// Same seed, same bytes, whoever runs beside it: the digest of a scenario is the same with one job and with two, in
// any order of the suite, and alone. Another seed changes what is left to chance, and no verdict.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "cli/program.h"
#include "cli/run/batch.h"
#include "cli/run/scenario_files.h"
#include "cli/testing/sanitized.h"

namespace mailrig::cli {
namespace {

// A sanitizer looks for something else, and is slow: with one, one pass plays all but the long scenarios, and the
// others every sixteenth of them.
using testing::is_sanitized;

/// The bundled suite, as `mailrig run` finds it.
const std::vector<scenarios::Scenario>& suite() {
  static const Selection selection = select_scenarios({"scenarios/suite"}, {});
  return selection.scenarios;
}

/// What takes a tenth of a second and more in a build without optimisation, which together is ten times as long as all
/// the rest: whole runs have it, the passes that repeat each scenario do not. Of the kinds of bad certificates, which
/// are rows of one story with a hundred handshakes, those passes have three.
bool is_long(const scenarios::Scenario& scenario) {
  static const std::set<std::string_view> long_ones{"gmail/queue-full-until-delete", "import/five-days",
                                                    "gmail/idle-mailbox-is-not-full", "gmail/bandwidth-limit"};
  static const std::set<std::string_view> certificates{"self-signed", "expired", "no-cipher"};
  return long_ones.contains(scenario.id) ||
         (scenario.id.starts_with("certificates/refused-") && !certificates.contains(scenario.row));
}

/// Whether the passes that repeat what the first one did play this scenario.
bool is_repeated(const scenarios::Scenario& scenario) {
  return !is_long(scenario) && (!is_sanitized || (&scenario - suite().data()) % 16 == 0);
}

template <class Predicate>
std::vector<Job> jobs_of(Predicate is_wanted) {
  std::vector<Job> jobs;
  for (const scenarios::Scenario& scenario : suite())
    if (is_wanted(scenario)) jobs.push_back({&scenario});
  return jobs;
}

struct Run {
  std::uint64_t seed = 1;
  unsigned processes = 1;
};

std::map<std::string, Outcome> play(const std::vector<Job>& jobs, Run run) {
  BatchOptions options{.processes = run.processes, .timeout = 5min};
  options.run.seed = run.seed;
  options.run.scratch_folder = MAILRIG_BINARY_DIR;
  std::map<std::string, Outcome> by_id;
  for (Outcome& outcome : run_batch(jobs, options)) by_id.emplace(outcome.id, std::move(outcome));
  return by_id;
}

class Determinism : public ::testing::Test {
 protected:
  /// Played when it is first asked for, in this thread: run_batch forks, and a child of a process with a second thread
  /// may inherit a lock that nothing ever gives back.
  static void SetUpTestSuite() {
    one_job_ = std::async(std::launch::deferred, [] {
      return play(jobs_of([](const auto& scenario) { return !is_sanitized || !is_long(scenario); }), {});
    });
  }
  static void TearDownTestSuite() { one_job_ = {}; }

  /// The whole suite by one job, with seed 1.
  static const std::map<std::string, Outcome>& one_job() { return one_job_.get(); }

 private:
  static std::shared_future<std::map<std::string, Outcome>> one_job_;
};
std::shared_future<std::map<std::string, Outcome>> Determinism::one_job_;

TEST_F(Determinism, TwoJobsAndAnotherOrderAreTheSame) {
  std::vector<Job> backwards = jobs_of([](const auto& scenario) { return !is_sanitized || is_repeated(scenario); });
  std::ranges::reverse(backwards);
  const std::map<std::string, Outcome> two_jobs = play(backwards, {.processes = 2});
  ASSERT_EQ(two_jobs.size(), backwards.size());
  ASSERT_GE(two_jobs.size(), is_sanitized ? 25U : 400U);
  for (const auto& [id, outcome] : two_jobs) {
    EXPECT_EQ(outcome.verdict, one_job().at(id).verdict) << id;
    ASSERT_TRUE(outcome.digest) << id;
    EXPECT_EQ(outcome.digest->size(), 64U) << id;
    EXPECT_EQ(outcome.digest, one_job().at(id).digest) << id;
  }
}

/// `mailrig run FILE --filter ID`; "VERDICT DIGEST" of its report.
std::string run_alone(const scenarios::Scenario& scenario) {
  const std::string report_path = MAILRIG_BINARY_DIR "/determinism_test_alone.json";
  std::vector<const char*> words{"mailrig", "run",    scenario.file.c_str(), "--filter", scenario.id.c_str(), "--jobs",
                                 "1",       "--json", report_path.c_str()};
  std::ostringstream out;
  std::ostringstream err;
  Program program{.out = out, .err = err};
  run_program(static_cast<int>(words.size()), words.data(), program);
  std::ifstream file(report_path);
  const nlohmann::json report = nlohmann::json::parse(file, nullptr, false);
  if (!report.is_object() || report["scenarios"].size() != 1) return "no report: " + err.str();
  const nlohmann::json& only = report["scenarios"][0];
  return only["verdict"].get<std::string>() + " " + only["digest"].get<std::string>();
}

TEST_F(Determinism, EachScenarioAloneIsTheSame) {
  std::map<std::string, std::string> alone;
  for (const scenarios::Scenario& scenario : suite())
    if (is_repeated(scenario)) alone.emplace(scenario.id, run_alone(scenario));
  for (const auto& [id, told] : alone) {
    const Outcome& among_others = one_job().at(id);
    EXPECT_EQ(told, fmt::format("{} {}", to_string(among_others.verdict), among_others.digest.value_or("none"))) << id;
  }
  EXPECT_GE(alone.size(), is_sanitized ? 25U : 400U);
}

bool has_generated_mail(const Value& value) {
  if (value.is(Value::Kind::list)) return std::ranges::any_of(value.items(), has_generated_mail);
  if (!value.is(Value::Kind::map)) return false;
  if (value.find("generate") != nullptr && value.find("seed") == nullptr) return true;
  return std::ranges::any_of(value.entries(), [](const auto& entry) { return has_generated_mail(entry.second); });
}

/// Mail that was made by chance was retrieved: its octets stand in the transcript.
bool shows_chance(const scenarios::Scenario& scenario, const Outcome& outcome) {
  return std::ranges::any_of(scenario.servers,
                             [](const auto& server) { return has_generated_mail(server.settings); }) &&
         std::ranges::any_of(outcome.transcript, [](const TranscriptEntry& entry) {
           return entry.text.starts_with('<') && entry.text.find(" octets, sha256 ") != std::string::npos;
         });
}

TEST_F(Determinism, AnotherSeedChangesWhatIsLeftToChanceAndNoVerdict) {
  const std::map<std::string, Outcome> other = play(jobs_of(is_repeated), {.seed = 2});
  std::size_t changed = 0;
  for (const scenarios::Scenario& scenario : suite()) {
    if (!is_repeated(scenario)) continue;
    const Outcome& first = one_job().at(scenario.id);
    const Outcome& second = other.at(scenario.id);
    EXPECT_EQ(second.verdict, first.verdict) << scenario.id;
    EXPECT_NE(second.seed, first.seed) << scenario.id;
    if (!shows_chance(scenario, first)) continue;
    ++changed;
    EXPECT_NE(second.digest, first.digest) << scenario.id;
  }
  EXPECT_GE(changed, is_sanitized ? 3U : 60U);
}

TEST_F(Determinism, EachRoundHasChanceOfItsOwn) {
  const auto scenario = std::ranges::find(suite(), "retrieval/delete-after-store", &scenarios::Scenario::id);
  ASSERT_NE(scenario, suite().end());
  std::vector<Job> rounds;
  for (unsigned repeat : {2U, 0U, 1U, 2U}) rounds.push_back({&*scenario, WorldKind::sim, repeat});
  BatchOptions options;
  const std::vector<Outcome> outcomes = run_batch(rounds, options);
  ASSERT_EQ(outcomes.size(), 4U);
  EXPECT_EQ(outcomes[0].digest, outcomes[3].digest);
  EXPECT_EQ(outcomes[1].digest, one_job().at(scenario->id).digest) << "the first round is what runs without --repeat";
  EXPECT_NE(outcomes[0].digest, outcomes[1].digest);
  EXPECT_NE(outcomes[1].digest, outcomes[2].digest);
  EXPECT_NE(outcomes[2].digest, outcomes[3].digest);
}

}  // namespace
}  // namespace mailrig::cli
