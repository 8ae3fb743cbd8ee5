#pragma once
/// What `mailrig run` prints. All of it is text made from plain values; whether there is a terminal, how wide it is and
/// whether NO_COLOR is set is for the caller to know.
///
///   std::cout << progress_line(outcome, style);   // "PASS gmail/queue-full (sim) 3 ms\n": one line a scenario
///   std::cout << findings_text(outcome, style);   // what was not as it should be, with the one command that replays
///   it std::cout << summary_text(run, style);        // latencies, thresholds, totals
///
/// On a terminal one line is written again and again, and only what needs attention stays:
///
///   std::cout << live_line(progress, columns, style);
///   std::cout << live_line_end;   // before anything else is printed

#include <string>
#include <string_view>

#include "base/outcome.h"
#include "reports/summary.h"

namespace mailrig::reports {

struct Style {
  bool colour = false;
  bool verbose = false;  // all latencies in the summary, not only those of steps that a threshold is about
};

/// "FAIL gmail/queue-full (sim) 3.1 ms"; skipped, errors and known failures with their reason.
std::string progress_line(const Outcome& outcome, const Style& style = {});

/// Empty where nothing is to be said. A failure is told in full; of a scenario that passed, was skipped or is known to
/// fail only a line for each finding.
std::string findings_text(const Outcome& outcome, const Style& style = {});

/// A finding without scenario: a file that could not be read.
std::string invalid_file_text(const Finding& finding, const Style& style = {});

/// Everything that can only be said at the end, but for what is wrong with files: that goes to standard error.
std::string summary_text(const RunOutcome& run, const Style& style = {});

struct Progress {
  std::size_t total = 0;
  VerdictCounts counts;      // of those that are done
  std::string_view running;  // the id that was begun last
};

/// "[12/80] 11 passed, 1 failed  gmail/queue-full", cut to fit `columns`, over whatever the line held before.
std::string live_line(const Progress& progress, std::size_t columns, const Style& style = {});
/// Wipes the live line.
inline constexpr std::string_view live_line_end = "\r\x1b[2K";

}  // namespace mailrig::reports
