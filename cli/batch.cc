#include "cli/batch.h"

#include <time.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>

namespace mailrig::cli {
namespace {

Duration read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

/// Real time since it was made: the watch that no scenario can see.
class Watch {
 public:
  explicit Watch(WorldKind world)
      : limit_clock_(world == WorldKind::sim ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC),
        limit_start_(read_clock(limit_clock_)),
        start_(read_clock(CLOCK_MONOTONIC)) {}
  bool is_past(Duration timeout) const { return read_clock(limit_clock_) - limit_start_ > timeout; }
  Duration elapsed() const { return read_clock(CLOCK_MONOTONIC) - start_; }

 private:
  clockid_t limit_clock_;
  Duration limit_start_;
  Duration start_;
};

class Batch {
 public:
  Batch(const std::vector<Job>& jobs, const BatchOptions& options)
      : jobs_(jobs), options_(options), outcomes_(jobs.size()) {}

  std::vector<Outcome> run() {
    std::vector<std::thread> helpers;
    for (unsigned i = 1; i < std::min<std::size_t>(options_.threads, jobs_.size()); ++i)
      helpers.emplace_back([this] { work(); });
    work();
    for (std::thread& helper : helpers) helper.join();
    std::vector<Outcome> finished;
    for (std::optional<Outcome>& outcome : outcomes_)
      if (outcome) finished.push_back(std::move(*outcome));
    return finished;
  }

 private:
  void work() {
    while (const std::optional<std::size_t> mine = take()) {
      const Job& job = jobs_[*mine];
      scenarios::RunOptions run = options_.run;
      run.world = job.world;
      run.repeat = job.repeat;
      const Watch watch(job.world);
      run.out_of_time = [&] { return watch.is_past(options_.timeout); };
      std::optional<Outcome> outcome = scenarios::skipped_in(*job.scenario, run);
      if (!outcome) outcome = scenarios::run_scenario(*job.scenario, run);
      outcome->took = watch.elapsed();
      give(*mine, std::move(*outcome));
    }
  }

  std::optional<std::size_t> take() {
    const std::lock_guard lock(mutex_);
    if (next_ == jobs_.size() || (failed_ && options_.fail_fast)) return std::nullopt;
    if (options_.on_begin) options_.on_begin(jobs_[next_]);
    return next_++;
  }

  void give(std::size_t index, Outcome outcome) {
    const std::lock_guard lock(mutex_);
    failed_ = failed_ || is_failure(outcome.verdict, options_.strict);
    if (options_.on_outcome) options_.on_outcome(outcome);
    outcomes_[index] = std::move(outcome);
  }

  const std::vector<Job>& jobs_;
  const BatchOptions& options_;
  std::mutex mutex_;
  std::size_t next_ = 0;
  bool failed_ = false;
  std::vector<std::optional<Outcome>> outcomes_;
};

}  // namespace

std::vector<Outcome> run_batch(const std::vector<Job>& jobs, const BatchOptions& options) {
  return Batch(jobs, options).run();
}

}  // namespace mailrig::cli
