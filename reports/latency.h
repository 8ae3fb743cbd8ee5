#pragma once
/// Latencies of a whole run, step by step. Virtual and wall clock are two different things and are never merged.
///
///   for (const LatencyRow& row : latency_rows(run)) ...   // connect (virtual), connect (wall), tls (virtual) ...

#include <string>
#include <vector>

#include "base/outcome.h"

namespace mailrig::reports {

/// With fewer values than this a percentile says nothing that the values themselves do not say better.
inline constexpr std::size_t percentiles_from = 10;

struct LatencyRow {
  std::string step;
  Latency::Clock clock = Latency::Clock::virtual_time;
  Histogram spans;
};

/// One row a step and clock, over all scenarios; in the order of a dialogue (base/step.h), unknown steps last, virtual
/// before wall.
std::vector<LatencyRow> latency_rows(const RunOutcome& run);
/// The same of one scenario.
std::vector<LatencyRow> latency_rows(const Outcome& outcome);

/// "40 values: p50 1.2 ms, p90 3 ms, p99 9 ms, max 12 ms"; with fewer than ten "3 values: 1 ms, 2 ms, 5 ms".
std::string describe(const Histogram& spans);

}  // namespace mailrig::reports
