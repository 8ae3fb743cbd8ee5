#include "reports/latency.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/step.h"
#include "reports/clean.h"

namespace mailrig::reports {
namespace {

/// The place of a step in a dialogue; unknown ones after all others.
std::size_t place_of(std::string_view step) {
  for (std::size_t i = 0; i < step_count; ++i)
    if (to_string(static_cast<Step>(i)) == step) return i;
  return step_count;
}

using Key = std::tuple<std::size_t, std::string_view, Latency::Clock>;

void collect(const Outcome& outcome, std::map<Key, Histogram>& spans) {
  for (const auto& [step, latency] : outcome.latencies)
    if (latency.spans.count() > 0) spans[{place_of(step), step, latency.clock}].merge(latency.spans);
}

std::vector<LatencyRow> rows_of(const std::map<Key, Histogram>& spans) {
  std::vector<LatencyRow> rows;
  for (const auto& [key, histogram] : spans)
    rows.push_back({std::string(std::get<1>(key)), std::get<2>(key), histogram});
  return rows;
}

}  // namespace

std::vector<LatencyRow> latency_rows(const RunOutcome& run) {
  std::map<Key, Histogram> spans;
  for (const Outcome& outcome : run.scenarios) collect(outcome, spans);
  return rows_of(spans);
}

std::vector<LatencyRow> latency_rows(const Outcome& outcome) {
  std::map<Key, Histogram> spans;
  collect(outcome, spans);
  return rows_of(spans);
}

std::string describe(const Histogram& spans) {
  std::size_t count = spans.count();
  std::string text = fmt::format("{} value{}", count, count == 1 ? "" : "s");
  if (count >= percentiles_from)
    return text + fmt::format(": p50 {}, p90 {}, p99 {}, max {}", for_people(spans.percentile(50)),
                              for_people(spans.percentile(90)), for_people(spans.percentile(99)),
                              for_people(spans.max()));
  std::string_view separator = ": ";
  for (Duration value : spans.values()) {
    text += separator;
    text += for_people(value);
    separator = ", ";
  }
  return text;
}

}  // namespace mailrig::reports
