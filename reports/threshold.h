#pragma once
/// Limits on latencies that decide whether a run is good.
///
///   Result<ThresholdRule> rule = parse_threshold("retrieve.p90<50ms");
///   Threshold judged = judge(*rule, run);
///   judged.held;  judged.measured == "12 ms over 40 values (virtual)"
///
/// Form: [virtual.|wall.]STEP.METRIC OPERATOR VALUE, for example "connect.max<=1s", "wall.retrieve.p99 < 200ms",
/// "store.count>=40". STEP is a step of base/step.h; METRIC p50, p90, p99, max or count; OPERATOR < <= > or >=; VALUE a
/// duration with unit, for count a whole number. A clock may be named; without one the limit holds in each clock that
/// has values, judged apart.

#include <optional>
#include <string>
#include <string_view>

#include "base/outcome.h"
#include "base/result.h"

namespace mailrig::reports {

struct ThresholdRule {
  enum class Metric : std::uint8_t { p50, p90, p99, max, count };
  enum class Operator : std::uint8_t { less, at_most, more, at_least };

  std::string text;  // as the user wrote it
  std::string step;
  std::optional<Latency::Clock> clock;
  Metric metric = Metric::p50;
  Operator comparison = Operator::less;
  Duration span{};          // what to compare with,
  std::uint64_t count = 0;  // or this where the metric is count
};

/// Error bad_input says what is wrong and what was probably meant.
Result<ThresholdRule> parse_threshold(std::string_view text);

/// Without a single value the rule is broken, whatever it says: a limit on what was never measured protects nothing.
Threshold judge(const ThresholdRule& rule, const RunOutcome& run);

}  // namespace mailrig::reports
