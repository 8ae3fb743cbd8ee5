#pragma once
/// Reads what to_json() wrote: a report becomes the outcome of a run again, to be merged, compared or shown otherwise.
///
///   Result<RunOutcome> run = read_report(text);
///   to_json(*run) == text;                        // but for reports of other versions
///
/// Of ten latencies and more a report tells percentiles alone: there each value stands at the next percentile that is
/// told, so that the report of what was read tells the same.

#include <string_view>

#include "base/outcome.h"

namespace mailrig::reports {

/// Error bad_input names the key that is missing or wrong: "scenarios[2].verdict".
Result<RunOutcome> read_report(std::string_view text);

}  // namespace mailrig::reports
