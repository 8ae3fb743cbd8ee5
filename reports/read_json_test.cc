#include "reports/read_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/html.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/testing/samples.h"

namespace mailrig::reports {
namespace {

using ::testing::HasSubstr;

std::vector<RunOutcome> all_runs() {
  return {testing::empty_run(), testing::all_verdicts_run(), testing::hostile_run(), testing::long_story_run()};
}

TEST(ReadJson, AReportThatWasReadIsWrittenTheSame) {
  for (const RunOutcome& run : all_runs()) {
    const std::string text = to_json(run);
    const Result<RunOutcome> read = read_report(text);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(to_json(*read), text);
  }
}

TEST(ReadJson, TheOtherReportsOfItAreThoseOfTheRun) {
  const RunOutcome run = testing::all_verdicts_run();
  const Result<RunOutcome> read = read_report(to_json(run));
  ASSERT_TRUE(read);
  EXPECT_EQ(to_junit(*read), to_junit(run));
  EXPECT_EQ(to_html(*read), to_html(run));
}

TEST(ReadJson, WhatIsWrongIsNamed) {
  const std::string good = to_json(testing::all_verdicts_run());
  auto told = [](const std::string& text) {
    const Result<RunOutcome> read = read_report(text);
    return read ? std::string("taken") : read.error().message;
  };
  auto with = [&good](std::string_view what, std::string_view by) {
    std::string text = good;
    text.replace(text.find(what), what.size(), by);
    return text;
  };
  EXPECT_EQ(told(""), "this is not JSON, or not the whole of it");
  EXPECT_EQ(told(good.substr(0, good.size() / 2)), "this is not JSON, or not the whole of it");
  EXPECT_EQ(told("[]"), "this is not a report of mailrig: the report: is not an object");
  EXPECT_EQ(told("{}"), "this is not a report of mailrig: schema: is missing");
  EXPECT_THAT(told(with("mailrig.report/1", "mailrig.report/9")), HasSubstr("schema: \"mailrig.report/9\" is not"));
  EXPECT_THAT(told(with("\"strict\": ", "\"strict\": 1, \"x\": ")), HasSubstr("strict: is neither true nor false"));
  EXPECT_THAT(told(with("\"verdict\": \"", "\"verdict\": \"un")), HasSubstr("scenarios[0].verdict: \"un"));
  EXPECT_THAT(told(with("\"took_us\": ", "\"took_us\": \"x\", \"y\": ")), HasSubstr("took_us: is not a number"));
  EXPECT_THAT(told(with("\"repeat\": ", "\"repeat\": -1, \"y\": ")), HasSubstr("repeat: is not a whole number"));
}

}  // namespace
}  // namespace mailrig::reports
