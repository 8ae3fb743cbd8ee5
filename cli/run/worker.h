#pragma once
/// A process that plays jobs, one at a time, so that a crash takes nothing else along.
///
///   Result<std::unique_ptr<Worker>> worker = Worker::start(play, others);   // forks: before any thread is made
///   worker->begin(7);                                                       // play(7), over there
///   poll(worker->descriptor()) ... worker->read();                          // what play(7) returned
///
/// The worker ignores SIGINT and SIGTERM (its parent decides) and is killed when its parent dies, however it dies.

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/outcome.h"
#include "base/result.h"
#include "cli/run/shared_tail.h"

namespace mailrig::cli {

class Worker {
 public:
  /// `tail` is for the transcript of the job: the parent reads it when the worker has died.
  using Play = std::function<Outcome(std::size_t job, SharedTail& tail)>;

  /// `others` are those that run already: their descriptors are closed in the new process. Error environment: the
  /// system has no process or no descriptor left.
  static Result<std::unique_ptr<Worker>> start(const Play& play, std::span<const std::unique_ptr<Worker>> others);
  /// Kills it if it still runs, and waits for it.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void begin(std::size_t job);
  std::optional<std::size_t> job() const { return job_; }  // under way
  int descriptor() const { return socket_; }               // readable: read() has something to do
  Duration processor_time() const;                         // used so far

  struct News {
    std::optional<Outcome> outcome = {};  // of the job, which is not under way any more
    std::string death = {};               // how the process ended, when it did: "SIGSEGV (Segmentation fault)"
  };
  /// Takes what has arrived, without waiting for more.
  News read();
  void kill() const;
  /// What the job had said last, where the worker has died.
  std::vector<TranscriptEntry> last_entries() const { return tail_->entries(); }

 private:
  Worker(pid_t process, int socket, std::unique_ptr<SharedTail> tail)
      : process_(process), socket_(socket), tail_(std::move(tail)) {}
  std::string wait_for_end();

  pid_t process_;
  int socket_;
  std::unique_ptr<SharedTail> tail_;
  std::optional<std::size_t> job_;
  std::string received_;
};

}  // namespace mailrig::cli
