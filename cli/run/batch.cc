#include "cli/run/batch.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>

#include "cli/run/worker.h"
#include "cli/temporary.h"
#include "net/transcript.h"
#include "scenarios/judge/verdict.h"

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

// How often scenarios are looked for that do not look at their time themselves.
constexpr int look_every_ms = 1000;

class Batch {
 public:
  Batch(const std::vector<Job>& jobs, const BatchOptions& options)
      : jobs_(jobs), options_(options), outcomes_(jobs.size()) {
    if (!options.run.scratch_folder.empty()) scratch_.emplace(options.run.scratch_folder);
  }

  std::vector<Outcome> run() {
    seats_.resize(std::min<std::size_t>(std::max(1U, options_.processes), jobs_.size()));
    workers_.resize(seats_.size());
    while (!is_stopped()) {
      for (std::size_t seat = 0; seat < seats_.size(); ++seat) occupy(seat);
      if (std::ranges::none_of(workers_, [](const auto& worker) { return worker && worker->job(); })) break;
      wait();
      for (std::size_t seat = 0; seat < seats_.size(); ++seat) listen(seat);
    }
    workers_.clear();  // kills what is still under way
    std::vector<Outcome> finished;
    for (std::optional<Outcome>& outcome : outcomes_)
      if (outcome) finished.push_back(std::move(*outcome));
    return finished;
  }

 private:
  /// What a worker is at.
  struct Seat {
    Duration processor_time{};  // of its process when the job began
    Duration began{};
    bool killed = false;
  };

  scenarios::RunOptions run_options(const Job& job) const {
    scenarios::RunOptions run = options_.run;
    run.world = job.world;
    run.repeat = job.repeat;
    return run;
  }

  /// In the worker.
  Outcome play(std::size_t index, SharedTail& tail) const {
    const Job& job = jobs_[index];
    if (options_.before_play) options_.before_play(job);
    scenarios::RunOptions run = run_options(job);
    if (options_.keep_accepted)
      run.keep_accepted = [this, &job](const scenarios::ServerSet& servers) {
        return options_.keep_accepted(job, servers);
      };
    const Watch watch(job.world);
    run.out_of_time = [&] { return watch.is_past(options_.timeout); };
    run.on_entry = [&](const TranscriptEntry& entry) { tail.note(entry); };
    if (scratch_) {  // a folder for each process, since stores in two of them may have the same name
      run.scratch_folder = fmt::format("{}/{}", scratch_->path(), ::getpid());
      ::mkdir(run.scratch_folder.c_str(), 0700);
    }
    std::optional<Outcome> outcome = scenarios::skipped_in(*job.scenario, run);
    if (!outcome) outcome = scenarios::run_scenario(*job.scenario, run);
    outcome->took = watch.elapsed();
    return std::move(*outcome);
  }

  std::optional<std::size_t> take() {
    if (is_stopped() || next_ == jobs_.size() || (failed_ && options_.fail_fast)) return std::nullopt;
    if (options_.on_begin) options_.on_begin(jobs_[next_]);
    return next_++;
  }

  /// Gives a worker that has nothing to do the next job.
  void occupy(std::size_t seat) {
    std::unique_ptr<Worker>& worker = workers_[seat];
    if (worker && worker->job()) return;
    while (const std::optional<std::size_t> mine = take()) {
      if (!worker) {
        Result<std::unique_ptr<Worker>> started =
            Worker::start([this](std::size_t index, SharedTail& tail) { return play(index, tail); }, workers_);
        if (!started) {
          const std::string what = fmt::format("{}; run fewer --jobs, or end other programs", started.error().message);
          give(*mine, scenarios::not_played(*jobs_[*mine].scenario, run_options(jobs_[*mine]), Verdict::error,
                                            "environment", what));
          continue;
        }
        worker = *std::move(started);
      }
      seats_[seat] = {worker->processor_time(), read_clock(CLOCK_MONOTONIC), false};
      worker->begin(*mine);
      return;
    }
  }

  void wait() {
    std::vector<pollfd> watched{{options_.stop, POLLIN, 0}};  // poll overlooks a negative descriptor
    for (const std::unique_ptr<Worker>& worker : workers_)
      watched.push_back({worker ? worker->descriptor() : -1, POLLIN, 0});
    ::poll(watched.data(), watched.size(), look_every_ms);
    stopped_ = stopped_ || (watched.front().revents & POLLIN) != 0;
  }
  bool is_stopped() const { return stopped_; }

  void listen(std::size_t seat) {
    std::unique_ptr<Worker>& worker = workers_[seat];
    if (!worker) return;
    const std::optional<std::size_t> job = worker->job();
    Worker::News news = worker->read();
    if (news.outcome && job) give(*job, std::move(*news.outcome));
    if (!news.death.empty()) {
      const bool unfinished = worker->job().has_value();
      const std::vector<TranscriptEntry> last = worker->last_entries();
      worker.reset();
      if (unfinished && !is_stopped()) give(*job, died(*job, news.death, seats_[seat].killed, last));
    } else if (job && worker->job() && is_stuck(seat, jobs_[*job].world)) {
      seats_[seat].killed = true;
      worker->kill();
    }
  }

  bool is_stuck(std::size_t seat, WorldKind world) const {
    const Duration used = world == WorldKind::sim ? workers_[seat]->processor_time() - seats_[seat].processor_time
                                                  : read_clock(CLOCK_MONOTONIC) - seats_[seat].began;
    return !seats_[seat].killed && used > deadline_span();
  }
  Duration deadline_span() const {
    return options_.timeout > Duration::max() / 4 ? Duration::max() : 2 * options_.timeout + options_.grace;
  }

  Outcome died(std::size_t index, const std::string& death, bool killed,
               const std::vector<TranscriptEntry>& last) const {
    const Job& job = jobs_[index];
    Outcome outcome =
        killed ? scenarios::not_played(
                     *job.scenario, run_options(job), Verdict::hang, "stuck",
                     fmt::format("the scenario used more than twice its --timeout without looking at it {}, and its "
                                 "process was killed: a fault of mailrig itself; please report it with this file",
                                 scenarios::whose_turn(last)))
               : scenarios::not_played(
                     *job.scenario, run_options(job), Verdict::error, "crash",
                     fmt::format("mailrig itself crashed in this scenario: {}. The other scenarios are not affected; "
                                 "please report it with this file and the output of `mailrig version`",
                                 death));
    for (const TranscriptEntry& entry : last) outcome.findings.front().last_exchanges.push_back(to_line(entry));
    return outcome;
  }

  void give(std::size_t index, Outcome outcome) {
    failed_ = failed_ || is_failure(outcome.verdict, options_.strict);
    if (options_.on_outcome) options_.on_outcome(outcome);
    outcomes_[index] = std::move(outcome);
    if (options_.is_over && options_.is_over()) stopped_ = true;
  }

  const std::vector<Job>& jobs_;
  const BatchOptions& options_;
  std::size_t next_ = 0;
  bool failed_ = false;
  bool stopped_ = false;
  std::optional<TemporaryFolder> scratch_;        // goes after the workers that use it
  std::vector<std::unique_ptr<Worker>> workers_;  // by seat; none before the first job and after a crash
  std::vector<Seat> seats_;
  std::vector<std::optional<Outcome>> outcomes_;
};

}  // namespace

std::vector<Outcome> run_batch(const std::vector<Job>& jobs, const BatchOptions& options) {
  return Batch(jobs, options).run();
}

}  // namespace mailrig::cli
