#pragma once
/// Many scenarios on a few threads. What is told about each depends on nothing but the scenario, and outcomes come back
/// in the order of the jobs, whoever was first.
///
///   std::vector<Outcome> outcomes = run_batch(jobs, {.threads = 2, .on_outcome = print});

#include <functional>
#include <string>
#include <vector>

#include "base/outcome.h"
#include "scenarios/runner.h"

namespace mailrig::cli {

struct Job {
  const scenarios::Scenario* scenario = nullptr;
  WorldKind world = WorldKind::sim;
  unsigned repeat = 0;
};

struct BatchOptions {
  unsigned threads = 1;
  bool fail_fast = false;  // begins nothing new after the first failure
  bool strict = false;     // what counts as a failure
  Duration timeout = 60s;  // real time of one scenario: processor time in sim, time on the wall in net
  scenarios::RunOptions run = {};
  /// Told one at a time, from any thread.
  std::function<void(const Job&)> on_begin = {};
  std::function<void(const Outcome&)> on_outcome = {};
};

std::vector<Outcome> run_batch(const std::vector<Job>& jobs, const BatchOptions& options);

}  // namespace mailrig::cli
