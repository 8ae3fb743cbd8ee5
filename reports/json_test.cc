#include "reports/json.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "reports/testing/files.h"
#include "reports/testing/golden.h"
#include "reports/testing/json_schema.h"
#include "reports/testing/samples.h"

namespace mailrig::reports {
namespace {

using nlohmann::json;
using ::testing::IsEmpty;
using testing::matches_golden;
using ::testing::Not;
using testing::schema_violations;

const std::string schema_file = std::string(MAILRIG_SOURCE_DIR) + "/reports/report.schema.json";

json schema() { return json::parse(testing::read_file(schema_file)); }

std::vector<std::pair<std::string, RunOutcome>> all_runs() {
  return {{"empty", testing::empty_run()},
          {"all_verdicts", testing::all_verdicts_run()},
          {"hostile", testing::hostile_run()},
          {"long_story", testing::long_story_run()}};
}

TEST(Json, Goldens) {
  for (const auto& [name, run] : all_runs())
    EXPECT_TRUE(matches_golden(fmt::format("reports/testdata/{}.json", name), to_json(run)));
}

TEST(Json, EveryReportKeepsTheSchema) {
  for (const auto& [name, run] : all_runs())
    EXPECT_THAT(schema_violations(schema(), json::parse(to_json(run))), IsEmpty()) << name;
}

TEST(Json, TheSchemaRefusesWhatIsNoReport) {
  json report = json::parse(to_json(testing::all_verdicts_run()));
  auto broken = [&](const char* pointer, const json& value) {
    json copy = report;
    copy[json::json_pointer(pointer)] = value;
    return schema_violations(schema(), copy);
  };
  EXPECT_THAT(broken("/schema", "mailrig.report/2"), Not(IsEmpty()));
  EXPECT_THAT(broken("/seed", 42), Not(IsEmpty()));
  EXPECT_THAT(broken("/summary/pass", -1), Not(IsEmpty()));
  EXPECT_THAT(broken("/scenarios/0/verdict", "passed"), Not(IsEmpty()));
  EXPECT_THAT(broken("/scenarios/0/surprise", 1), Not(IsEmpty()));
  EXPECT_THAT(broken("/scenarios/0/latencies/connect/clock", "both"), Not(IsEmpty()));
  EXPECT_THAT(broken("/scenarios/0/transcript/entries/0/at_us", "1"), Not(IsEmpty()));
  report["scenarios"][0].erase("digest");
  EXPECT_THAT(schema_violations(schema(), report), Not(IsEmpty()));
}

// A second opinion on schema and validator, where Python has it.
TEST(Json, PythonAgrees) {
  if (std::system("python3 -c 'import jsonschema' 2>/dev/null") != 0) GTEST_SKIP() << "python3 has no jsonschema";
  for (const auto& [name, run] : all_runs()) {
    std::string file = fmt::format("{}/reports_test_{}.json", MAILRIG_BINARY_DIR, name);
    testing::write_file(file, to_json(run));
    std::string command = fmt::format(
        "python3 -c 'import json, jsonschema, sys; schema = json.load(open(sys.argv[1])); "
        "jsonschema.Draft202012Validator.check_schema(schema); "
        "jsonschema.Draft202012Validator(schema).validate(json.load(open(sys.argv[2])))' {} {}",
        schema_file, file);
    EXPECT_EQ(std::system(command.c_str()), 0) << name;
  }
}

TEST(Json, SeedsAreTextsAndSurviveDoubles) {
  json report = json::parse(to_json(testing::long_story_run()));
  EXPECT_EQ(report["seed"], "9007199254740993");
  EXPECT_EQ(json::parse(to_json(testing::all_verdicts_run()))["scenarios"][0]["seed"], "18446744073709551615");
}

TEST(Json, SummaryCountsEachVerdictUnderItsName) {
  json summary = json::parse(to_json(testing::all_verdicts_run()))["summary"];
  EXPECT_EQ(summary,
            json::parse(R"({"total": 8, "pass": 2, "fail": 1, "error": 1, "hang": 1, "skipped": 1, "non-strict": 1,
                                     "known": 1, "failed": true, "took_us": 1440000})"));
}

TEST(Json, ValuesOnlyUnderTen) {
  json scenario = json::parse(to_json(testing::long_story_run()))["scenarios"][0];
  EXPECT_EQ(scenario["latencies"]["tls"]["values"],
            json::parse("[1.5, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000]"));
  EXPECT_EQ(scenario["latencies"]["tls"]["p50"], 4000);
  json many = scenario["latencies"]["retrieve"];
  EXPECT_EQ(many,
            json::parse(R"({"clock": "virtual", "unit": "us", "count": 200, "p50": 10000, "p90": 18000, "p99": 19800,
                                  "max": 20000, "values": null})"));
}

TEST(Json, TenValuesAreNotShown) {
  json scenario = json::parse(to_json(testing::all_verdicts_run()))["scenarios"][0];
  EXPECT_EQ(scenario["latencies"]["retrieve"]["count"], 10);
  EXPECT_TRUE(scenario["latencies"]["retrieve"]["values"].is_null());
}

TEST(Json, MissingIsNull) {
  RunOutcome run;
  run.scenarios.resize(1);
  run.scenarios[0].findings.resize(1);
  json scenario = json::parse(to_json(run))["scenarios"][0];
  for (const char* key : {"why", "hint", "file", "reason", "digest", "replay"})
    EXPECT_TRUE(scenario[key].is_null()) << key;
  json finding = scenario["findings"][0];
  for (const char* key :
       {"expected", "actual", "file", "line", "column", "row", "source_line", "caret_column", "nearest_rule"})
    EXPECT_TRUE(finding[key].is_null()) << key;
  run.scenarios[0].findings[0].expected = "1";
  EXPECT_EQ(json::parse(to_json(run))["scenarios"][0]["findings"][0]["actual"], "");
  run.scenarios[0].findings[0].expected = "";
  run.scenarios[0].findings[0].actual = "1";
  EXPECT_EQ(json::parse(to_json(run))["scenarios"][0]["findings"][0]["expected"], "");
}

TEST(Json, IsUtf8WhateverCameIn) {
  std::string text = to_json(testing::hostile_run());
  EXPECT_TRUE(is_well_formed_utf8(text));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace mailrig::reports
