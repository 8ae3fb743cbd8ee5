// Scenarios in processes of their own: a crash costs one of them, a request to stop none that had ended.
#include "cli/run/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/run/scenario_files.h"
#include "client/connect.h"

namespace mailrig::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// One small scenario, so often, each round with a seed of its own.
std::vector<Job> rounds(unsigned count) {
  static const Selection selection = select_scenarios({"scenarios/suite/retrieval/delete-after-store.json"}, {});
  std::vector<Job> jobs;
  for (unsigned repeat = 0; repeat < count; ++repeat)
    jobs.push_back({&selection.scenarios.front(), WorldKind::sim, repeat});
  return jobs;
}

std::vector<std::string> digests(const std::vector<Outcome>& outcomes) {
  std::vector<std::string> digests;
  digests.reserve(outcomes.size());
  for (const Outcome& outcome : outcomes) digests.push_back(outcome.digest.value_or("none"));
  return digests;
}

TEST(Batch, ACrashCostsTheScenarioThatCrashes) {
  const std::vector<Job> jobs = rounds(7);
  const std::vector<Outcome> good = run_batch(jobs, {});
  ASSERT_EQ(good.size(), jobs.size());
  for (unsigned processes : {1U, 3U}) {
    SCOPED_TRACE(processes);
    BatchOptions options{.processes = processes};
    options.before_play = [](const Job& job) {
      if (job.repeat == 0) std::raise(SIGKILL);
      if (job.repeat == 2) std::abort();
      if (job.repeat == 5) ::_exit(3);
    };
    std::size_t told = 0;
    options.on_outcome = [&](const Outcome&) { ++told; };
    const std::vector<Outcome> outcomes = run_batch(jobs, options);
    ASSERT_EQ(outcomes.size(), jobs.size());
    EXPECT_EQ(told, jobs.size());
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const Outcome& outcome = outcomes[i];
      EXPECT_EQ(outcome.repeat, i);
      if (i != 0 && i != 2 && i != 5) {
        EXPECT_EQ(outcome.verdict, Verdict::pass);
        EXPECT_EQ(outcome.digest, good[i].digest);
        continue;
      }
      EXPECT_EQ(outcome.verdict, Verdict::error);
      ASSERT_EQ(outcome.findings.size(), 1U);
      EXPECT_EQ(outcome.findings[0].kind, Finding::Kind::error);
      EXPECT_EQ(outcome.findings[0].name, "crash");
      EXPECT_THAT(outcome.findings[0].message,
                  AllOf(HasSubstr("mailrig itself crashed in this scenario"), HasSubstr("please report it"),
                        HasSubstr(i == 0   ? "SIGKILL (Killed)"
                                  : i == 2 ? "SIGABRT (Aborted)"
                                           : "exit code 3")));
      EXPECT_EQ(outcome.findings[0].place.file, jobs[i].scenario->file);
      EXPECT_EQ(outcome.replay, good[i].replay);
      EXPECT_EQ(outcome.seed, good[i].seed);
    }
  }
}

TEST(Batch, ACrashInTheMiddleOfAScenarioIsNoDifferent) {
  const std::vector<Job> jobs = rounds(2);
  BatchOptions options;
  options.run.around_client = [](client::ClientContext around) {
    around.open_store = []() -> Result<std::unique_ptr<client::MessageStore>> { std::abort(); };
    return around;
  };
  const std::vector<Outcome> outcomes = run_batch(jobs, options);
  ASSERT_EQ(outcomes.size(), 2U);
  for (const Outcome& outcome : outcomes) {
    EXPECT_EQ(outcome.verdict, Verdict::error);
    EXPECT_THAT(outcome.reason, HasSubstr("SIGABRT"));
  }
}

TEST(Batch, ACrashIsAFailureForFailFast) {
  BatchOptions options{.fail_fast = true};
  options.before_play = [](const Job& job) {
    if (job.repeat == 1) std::abort();
  };
  EXPECT_EQ(run_batch(rounds(5), options).size(), 2U);
}

TEST(Batch, AScenarioThatNeverLooksAtItsTimeIsKilled) {
  BatchOptions options{.timeout = 1s, .grace = 10ms};
  options.before_play = [](const Job& job) {
    volatile unsigned spins = 0;
    while (job.repeat == 1) spins = spins + 1;
  };
  const std::vector<Outcome> outcomes = run_batch(rounds(3), options);
  ASSERT_EQ(outcomes.size(), 3U);
  EXPECT_EQ(outcomes[0].verdict, Verdict::pass);
  EXPECT_EQ(outcomes[1].verdict, Verdict::hang);
  EXPECT_THAT(outcomes[1].reason, HasSubstr("--timeout"));
  EXPECT_EQ(outcomes[2].verdict, Verdict::pass);
}

TEST(Batch, AKilledScenarioSaysWhichSideWasSlowAndWhere) {
  BatchOptions options{.timeout = 1s, .grace = 10ms};
  options.keep_accepted = [](const Job& job, const scenarios::ServerSet&) {
    volatile unsigned spins = 0;
    while (job.repeat == 0) spins = spins + 1;
    return Status{};
  };
  const std::vector<Outcome> outcomes = run_batch(rounds(1), options);
  ASSERT_EQ(outcomes.size(), 1U);
  ASSERT_EQ(outcomes[0].findings.size(), 1U);
  const Finding& stuck = outcomes[0].findings[0];
  EXPECT_EQ(stuck.kind, Finding::Kind::hang);
  EXPECT_THAT(stuck.message, HasSubstr("in \"step: "));
  EXPECT_THAT(stuck.message, HasSubstr("the client was slow: it had \"+OK"));
  EXPECT_THAT(stuck.last_exchanges, ::testing::Contains(HasSubstr("C: QUIT")));
}

TEST(Batch, ARequestToStopKeepsWhatHadEnded) {
  const std::vector<Job> jobs = rounds(24);
  const std::vector<std::string> all = digests(run_batch(jobs, {}));
  for (std::size_t point = 0; point < 20; ++point) {
    SCOPED_TRACE(point);
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    std::size_t told = 0;
    auto stop_here = [&] {
      if (told == point) {
        EXPECT_EQ(::write(ends[1], "!", 1), 1);
      }
    };
    BatchOptions options{.stop = ends[0]};
    options.on_outcome = [&](const Outcome&) {
      ++told;
      stop_here();
    };
    stop_here();
    const std::vector<Outcome> outcomes = run_batch(jobs, options);
    // One more may have ended while the request was on its way.
    EXPECT_GE(outcomes.size(), point);
    EXPECT_LE(outcomes.size(), point + 1);
    EXPECT_EQ(outcomes.size(), told);
    EXPECT_EQ(digests(outcomes), std::vector<std::string>(all.begin(), all.begin() + static_cast<long>(told)));
    ::close(ends[0]);
    ::close(ends[1]);
  }
}

TEST(Batch, NoFolderIsLeftBehind) {
  const std::string parent = std::filesystem::temp_directory_path() / "mailrig-batch-test";
  std::filesystem::create_directories(parent);
  BatchOptions options{.processes = 2};
  options.run.scratch_folder = parent;
  options.before_play = [&](const Job& job) {
    // What a store on disk leaves when its process dies.
    for (const auto& folder : std::filesystem::directory_iterator(parent))
      std::ofstream(folder.path() / "mailrig-0x1.sqlite") << "rows";
    if (job.repeat == 1) std::abort();
  };
  EXPECT_EQ(run_batch(rounds(4), options).size(), 4U);
  std::vector<std::string> left;
  for (const auto& entry : std::filesystem::directory_iterator(parent)) left.push_back(entry.path());
  EXPECT_THAT(left, IsEmpty());
  std::filesystem::remove_all(parent);
}

}  // namespace
}  // namespace mailrig::cli
