#pragma once
/// The report for programs: JSON as reports/report.schema.json describes it.
///
///   std::string text = to_json(run);   // {"schema": "mailrig.report/1", "version": ..., "summary": {...},
///   "scenarios": [...]}
///
/// A field that may be missing is null, never absent. Seeds are decimal texts, since JSON readers that know only
/// doubles would round them. Every duration is a number of microseconds with up to three decimals, and its key ends in
/// _us; the values of a latency state their unit beside them.

#include <string>

#include "base/outcome.h"
#include "reports/json_writer.h"
#include "reports/latency.h"

namespace mailrig::reports {

inline constexpr std::string_view report_schema_name = "mailrig.report/1";

std::string to_json(const RunOutcome& run);

/// One element of "scenarios", for reports that embed it.
void write_scenario(JsonWriter& json, const Outcome& outcome);
/// The keys of a latency, into an object that is open.
void write_latency(JsonWriter& json, const LatencyRow& row);

}  // namespace mailrig::reports
