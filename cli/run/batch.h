#pragma once
/// Many scenarios in a few processes. What is told about each depends on nothing but the scenario, and outcomes come
/// back in the order of the jobs, whichever ended first.
///
///   std::vector<Outcome> outcomes = run_batch(jobs, {.processes = 2, .on_outcome = print});
///
/// A process that crashes costs the scenario that it was playing: its verdict is error, a finding names the signal, and
/// the others go on in a new process.

#include <functional>
#include <string>
#include <vector>

#include "base/outcome.h"
#include "scenarios/run/runner.h"

namespace mailrig::cli {

struct Job {
  const scenarios::Scenario* scenario = nullptr;
  WorldKind world = WorldKind::sim;
  unsigned repeat = 0;
};

struct BatchOptions {
  unsigned processes = 1;
  bool fail_fast = false;  // begins nothing new after the first failure
  bool strict = false;     // what counts as a failure
  Duration timeout = 60s;  // real time of one scenario: processor time in sim, time on the wall in net
  /// A scenario that does not look at the time itself is killed at twice the timeout and this.
  Duration grace = 10s;
  scenarios::RunOptions run = {};
  /// A descriptor; once it is readable the batch ends, with the outcomes of what had ended by then. -1: none.
  int stop = -1;
  /// Told one at a time, in the process that called run_batch.
  std::function<void(const Job&)> on_begin = {};
  std::function<void(const Outcome&)> on_outcome = {};
  /// Asked after on_outcome: true ends the batch as `stop` does.
  std::function<bool()> is_over = {};
  /// Called in the worker process when a job has been played, for what SMTP servers accepted in it. An error makes its
  /// verdict an error.
  std::function<Status(const Job&, const scenarios::ServerSet&)> keep_accepted = {};
  /// Called in the worker process before it plays a job. For tests, which crash there; nothing else sets it.
  std::function<void(const Job&)> before_play = {};
};

/// Forks: no other thread of the calling process may hold a lock that a scenario needs.
std::vector<Outcome> run_batch(const std::vector<Job>& jobs, const BatchOptions& options);

}  // namespace mailrig::cli
