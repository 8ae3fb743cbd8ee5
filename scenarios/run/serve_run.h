#pragma once
/// The servers of a story for a client from outside: set up, changed and judged as the story says.
///
///   ServeRun serving(scenario, world, seed);
///   Status ready = serving.set_up([&](const ServerSpec& spec) { return network.listen({"127.0.0.1", 0}); });
///   for (const ServedServer& server : serving.served()) ...      // what a ready-file says
///   world.loop.spawn(serving.follow_story());
///   serving.on_line("lock anna");                                // a person triggers a step
///   Outcome outcome = serving.finish();
///
/// Server steps before the first client step are set-up. A later one runs when its `after` is met, at the wall-clock
/// offset of the `advance` steps before it, or when its line is typed. Client steps and expectations about accounts are
/// skipped by name.
///
/// An expectation is judged at its place: when its own `after` is met; at the start, where client steps come after it
/// only; right after the server step that it follows; at the offset of the `advance` that it follows. One that follows
/// what the client does (which is not seen to end) is judged as late as its place allows: before the next step that
/// runs, at the end of the next `advance`, or when serving ends.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.h"
#include "scenarios/judge/event_recorder.h"
#include "scenarios/language/scenario.h"
#include "scenarios/run/server_set.h"

namespace mailrig::scenarios {

struct ServedUser {
  std::string user;
  std::string password;
};
struct ServedServer {
  std::string name;
  std::string protocol;  // "pop3"
  Endpoint at;
  std::string tls;  // "implicit", "starttls" or "none"
  std::vector<ServedUser> users;
};

class ServeRun {
 public:
  /// All of these outlive it. `hosts`: names and addresses that every certificate is for.
  ServeRun(const Scenario& scenario, World& world, std::uint64_t seed, std::vector<std::string> hosts);
  ~ServeRun();

  Status set_up(const ServerSet::Listen& listen);
  std::vector<ServedServer> served() const;
  std::string root_pem() const { return servers_.certificates().root_pem(); }
  /// Client steps and expectations that nobody here can carry out, as sentences.
  const std::vector<std::string>& skipped() const { return skipped_; }

  /// Ends when no step is left; stop() ends it early.
  Task<void> follow_story();
  /// "lock anna", "unlock", "drop isp": the next step of the story with these words, or else such a step made up. What
  /// is to be told the person.
  std::string on_line(std::string_view line);
  /// Closes ports and connections and ends every task; no step is run any more.
  void stop();

  /// What they accepted, for `--accepted`.
  const ServerSet& servers() const { return servers_; }

  /// Options that the command which serves this again has at its end: " --strict --timeout 30s".
  void set_replay_options(std::string options) { more_options_ = std::move(options); }

  /// Judges what the servers can tell.
  Outcome finish();

 private:
  class Blind;  // no store to look into

  struct Entry {
    const Step* step = nullptr;
    Duration offset{};  // of wall time since the start
    bool after_client = false;
    /// Of an expectation: what is directly before it.
    enum class Follows : std::uint8_t { set_up, client, step, span } follows = Follows::client;
    std::optional<Duration> until = {};  // of an expectation: the end of the next `advance`
    bool done = false;
  };

  void place_steps();
  bool is_due(const Entry& entry, Moment now) const;
  bool is_due_expectation(const Entry& entry, Duration passed) const;
  bool is_met(const After& after) const;
  void run_due();
  void run(const Step& step);
  void judge_before(std::size_t index);
  void judge_what_follows(std::size_t index);
  void judge(Entry& entry);
  void judge(const Step& step);
  /// Expectations whose `after` was never met are not held.
  void miss_what_waits();
  std::optional<Step> made_up(const std::vector<std::string_view>& words) const;
  static bool names(const Step& step, std::string_view word);

  const Scenario& scenario_;
  World& world_;
  std::uint64_t seed_;
  std::string more_options_;
  std::unique_ptr<Blind> blind_;
  Invariants invariants_;
  EventRecorder events_;
  ServerSet servers_;
  std::map<std::string, Endpoint, std::less<>> endpoints_;
  std::vector<Entry> story_;
  std::vector<std::string> skipped_;
  std::vector<Finding> findings_;
  Moment start_{};
  Instant began_{};       // the same by the calendar
  bool looking_ = false;  // a look at the conditions is under way
  bool stopped_ = false;
  TaskEnd task_end_;  // the last member: sessions and follow_story() use all the others
};

}  // namespace mailrig::scenarios
