#pragma once
/// Plays one scenario in one world and says what came of it.
///
///   RunOptions options{.world = WorldKind::sim, .seed = 1};
///   Outcome outcome = run_scenario(scenario, options);
///   outcome.verdict == Verdict::pass;
///
/// Everything that differs between two runs is in the options: a scenario's own seed comes from (seed, id, repeat)
/// only, so neighbours, order and jobs change no byte.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/outcome.h"
#include "base/result.h"
#include "net/transcript.h"
#include "scenarios/language/scenario.h"

namespace mailrig::client {
struct ClientContext;  // client/connect.h
}

namespace mailrig::scenarios {

class ServerSet;

struct RunOptions {
  WorldKind world = WorldKind::sim;
  std::uint64_t seed = 1;
  unsigned repeat = 0;
  /// Asked now and then: has this scenario used up its real time?
  std::function<bool()> out_of_time = {};
  /// Where a store goes that is too large for memory. Runs in several processes must not share it, unless their stores
  /// are named apart: a store is named after an address in memory.
  std::string scratch_folder = {};
  /// Given the servers once the scenario has been played, for what SMTP servers accepted. An error makes its verdict an
  /// error.
  std::function<Status(const ServerSet& servers)> keep_accepted = {};
  /// Told each entry of the transcript at once.
  std::function<void(const TranscriptEntry&)> on_entry = {};
  /// How many entries of the transcript the outcome keeps.
  std::size_t transcript_max = Transcript::kept_default;
  /// The beginning of the replay command: "mailrig run".
  std::string program = "mailrig run";
  /// Its end: the options that decide what comes out, " --strict --timeout 30s". Safe in a shell as it is.
  std::string more_options = {};
  /// Gives a client that starts other surroundings than the stage has for it. This is how a test breaks the client on
  /// purpose, from outside, and sees that it is noticed (scenarios/judge/broken_client_test.cc); nobody else sets it.
  std::function<client::ClientContext(client::ClientContext)> around_client = {};
};

Outcome run_scenario(const Scenario& scenario, const RunOptions& options);

/// The outcome of a scenario that could not be played to its end: with this verdict, and one finding that says why.
Outcome not_played(const Scenario& scenario, const RunOptions& options, Verdict verdict, std::string name,
                   std::string message);

/// The same scenario skipped, where it cannot be told in this world: nothing when it can.
std::optional<Outcome> skipped_in(const Scenario& scenario, const RunOptions& options);

}  // namespace mailrig::scenarios
