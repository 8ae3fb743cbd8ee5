#pragma once
/// What a run found, as plain data. The runner fills it, reports/ turns it into text; nothing here has behaviour.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/histogram.h"
#include "base/result.h"
#include "base/time.h"

namespace mailrig {

enum class Verdict : std::uint8_t {
  pass,
  fail,        // an expectation or invariant broke
  error,       // could not run
  hang,        // did not end
  skipped,     // with its reason
  non_strict,  // only a SHOULD broke; fails under --strict
  known,       // a fail that the file declares by "known_failure"
};
inline constexpr std::size_t verdict_count = static_cast<std::size_t>(Verdict::known) + 1;

/// How the connections of the scenario ended: the worst of them.
enum class Closing : std::uint8_t { clean, unclean, aborted, timed_out };

enum class Level : std::uint8_t { must, should, info };

enum class WorldKind : std::uint8_t { sim, net };

std::string_view to_string(Verdict verdict);  // "pass" ... "non-strict", "known"
std::string_view to_string(Closing closing);  // "clean", "unclean", "aborted", "timed-out"
std::string_view to_string(Level level);      // "MUST", "SHOULD", "INFO"
std::string_view to_string(WorldKind world);  // "sim", "net"

/// A place in a scenario file. Lines and columns count from 1, columns in code points; 0 means unknown.
struct SourcePlace {
  std::string file = {};
  std::size_t line = 0;
  std::size_t column = 0;
  std::string source_line = {};  // the text of that line, for the caret
  /// The line as a report shows it, escaped and cut, with the column of the caret in it; read back from one.
  bool is_excerpt = false;
  std::size_t caret_column = 0;
  std::string row = {};  // "row 3 of table" or the file that an `extends` led through; may be empty
};

/// "file:12:7", without line and column where they are unknown.
std::string to_string(const SourcePlace& place);
/// The source line and, under it, a caret at the column; two lines, each ending in \n; empty without a source line or
/// column.
std::string caret(const SourcePlace& place);

/// One thing that was not as it should be.
struct Finding {
  enum class Kind : std::uint8_t { expectation, invariant, rule, hang, error, threshold };
  Kind kind = Kind::expectation;
  Level level = Level::must;
  std::string name = {};      // the path of the expectation, the name of the invariant or of the rule
  std::string message = {};   // what happened, what it means, what to do next
  std::string expected = {};  // empty where there is nothing to compare
  std::string actual = {};
  SourcePlace place = {};
  std::vector<std::string> last_exchanges = {};  // transcript lines with times, escaped and masked
  std::string nearest_rule = {};                 // the rule that did not fire and why; may be empty
};
std::string_view to_string(Finding::Kind kind);  // "expectation", "invariant" ...

/// One line or action of the dialogue.
struct TranscriptEntry {
  enum class Who : std::uint8_t { client, server, rig };  // who spoke; rig: steps, faults, state changes
  Duration at{};                                          // since the start of the scenario, on the deadline clock
  std::string connection = {};  // "gmail#3": the third connection to server gmail; empty for actions
  Who who = Who::rig;
  std::string text = {};  // escaped and masked
};
std::string_view to_string(TranscriptEntry::Who who);  // "C", "S", "*"

/// Entries of a transcript that were not kept.
struct TranscriptGap {
  std::size_t after = 0;   // how many kept entries come before it
  std::size_t elided = 0;  // how many entries it stands for
};

/// What an account of the client told its user when the scenario was over.
struct AccountEnd {
  std::string state = {};    // "ok", "wrong-password" ...: accounts.NAME.state
  std::string message = {};  // may be empty
};

struct Latency {
  enum class Clock : std::uint8_t { virtual_time, wall };
  Clock clock = Clock::virtual_time;
  Histogram spans;
};
std::string_view to_string(Latency::Clock clock);  // "virtual", "wall"

/// One scenario in one world.
struct Outcome {
  std::string id;
  std::string title;
  std::string why;
  std::string file;
  std::vector<std::string> tags;
  std::vector<std::string> covers;
  std::vector<std::string> story;  // one line a step, for people
  WorldKind world = WorldKind::sim;
  unsigned repeat = 0;  // 0-based
  Verdict verdict = Verdict::pass;
  std::string reason;  // of skipped, error, known
  Closing closing = Closing::clean;
  std::vector<Finding> findings;
  std::uint64_t seed = 0;
  std::optional<std::string> digest;  // null in net
  std::vector<TranscriptEntry> transcript;
  std::vector<TranscriptGap> transcript_gaps;  // in order
  std::map<std::string, AccountEnd> accounts;  // by name; empty where the client was not ours, or nothing was played
  std::map<std::string, Latency> latencies;    // by step
  std::map<std::string, std::string> notes;    // what a server could not do and answered as its provider would ...
  Duration took{};                             // real time
  std::string replay;                          // the one command that runs this again
  std::string hint;                            // where the author of the scenario would look first when it fails
};

struct Threshold {
  std::string text = {};  // as the user wrote it: "retrieve.p90<50ms"
  bool held = true;
  std::string measured = {};  // "12ms over 40 retrieve steps"; or why it could not be judged
};

/// A whole run.
struct RunOutcome {
  std::string version;
  std::uint64_t seed = 0;
  bool strict = false;
  std::vector<Outcome> scenarios;
  std::vector<Threshold> thresholds;
  std::vector<Finding> invalid_files;  // scenario files that could not be read
  std::vector<std::string> warnings;   // rules that never fired, and the like
  Duration took{};
  std::string incomplete;  // why not everything that was selected was run; empty: it was
};

/// True for the verdicts that make a run fail.
bool is_failure(Verdict verdict, bool strict);

}  // namespace mailrig
