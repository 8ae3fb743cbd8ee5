#pragma once
/// The report for people: one HTML file that opens from disk and asks the network for nothing.
///
///   std::string page = to_html(run);
///
/// Totals, thresholds, invalid files and a legend are markup; without JavaScript a table of all scenarios stands below
/// them. What is shown of a scenario is its part of the JSON report, embedded as text and parsed when it is opened, so
/// that a report of hundreds of scenarios opens at once. Style and script live in reports/html/ and are embedded at
/// build time; the page's Content-Security-Policy names their hashes, so nothing else can run in it, whatever a peer
/// sent.

#include <string>

#include "base/outcome.h"

namespace mailrig::reports {

std::string to_html(const RunOutcome& run);

/// The name of a scenario's place in the page: "gmail/queue-full@sim", "gmail/queue-full@sim.2" for the second round.
std::string anchor(const Outcome& outcome);

}  // namespace mailrig::reports
