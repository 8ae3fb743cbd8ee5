#include "fakeservers/crm/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/crm/limits.h"
#include "json/json_value.h"

namespace mailrig::fakeservers::crm {
namespace {

using ::testing::HasSubstr;

Settings read(std::string_view text) {
  Result<Settings> settings = read_settings(*parse_json_value(text));
  EXPECT_TRUE(settings) << text;
  return settings ? *settings : Settings{};
}
Error refused(std::string_view text) {
  Result<Settings> settings = read_settings(*parse_json_value(text));
  EXPECT_FALSE(settings) << text;
  return settings ? Error{} : settings.error();
}

TEST(CrmSettings, EditionsGiveCreditsAndConcurrency) {
  struct Row {
    std::string_view text;
    std::uint64_t credits, concurrency;
  };
  for (const Row& row :
       {Row{R"({})", 51'000, 20}, Row{R"({"edition":"free"})", 5'000, 5},
        Row{R"({"edition":"free","users":100})", 5'000, 5}, Row{R"({"edition":"standard","users":10})", 52'500, 10},
        Row{R"({"edition":"standard","users":200})", 100'000, 10},
        Row{R"({"edition":"standard","users":201})", 100'000, 10},
        Row{R"({"edition":"professional","users":2})", 51'000, 15},
        Row{R"({"edition":"professional","users":5900})", 3'000'000, 15},
        Row{R"({"edition":"professional","users":5901})", 3'000'000, 15},
        Row{R"({"edition":"enterprise","users":5000})", 5'000'000, 20},
        Row{R"({"edition":"ultimate","users":3})", 56'000, 25},
        Row{R"({"edition":"free","credits":7,"concurrency":3})", 7, 3}}) {
    Settings settings = read(row.text);
    EXPECT_EQ(settings.credits, row.credits) << row.text;
    EXPECT_EQ(settings.concurrency, row.concurrency) << row.text;
  }
}

TEST(CrmSettings, ClientsAreOneOrSeveral) {
  EXPECT_EQ(read(R"({"clients":{"client_id":"a","client_secret":"b","refresh_token":"c"}})").clients,
            (std::vector<Client>{{"a", "b", "c"}}));
  EXPECT_EQ(
      read(
          R"({"clients":[{"client_id":"a","client_secret":"b","refresh_token":"c"},{"client_id":"d","client_secret":"e","refresh_token":"f"}]})")
          .clients,
      (std::vector<Client>{{"a", "b", "c"}, {"d", "e", "f"}}));
  EXPECT_TRUE(read("{}").clients.empty());
  for (std::string_view text : {R"({"clients":7})", R"({"clients":{"client_id":"a"}})",
                                R"({"clients":[{"client_id":"a","client_secret":"b"}]})", R"({"clients":["x"]})"}) {
    EXPECT_EQ(refused(text).reason, "clients") << text;
    EXPECT_EQ(refused(text).code, Errc::bad_input);
  }
}

TEST(CrmSettings, StatusesTakeOneOfTwo) {
  for (std::string_view name : {"token_throttle_status", "associate_status", "invalid_module_status", "mixed_status",
                                "scope_mismatch_status", "invalid_method_status", "all_failed_status"}) {
    Error error = refused("{\"" + std::string(name) + "\":500}");
    EXPECT_EQ(error.reason, name);
    EXPECT_THAT(error.message, HasSubstr("not 500"));
  }
  EXPECT_EQ(refused(R"({"associate_status":500})").message, "\"associate_status\" takes 201 or 200, not 500");
  EXPECT_EQ(read(R"({"associate_status":200})").associate_status, 200U);
  EXPECT_FALSE(read("{}").all_failed_status.has_value());
  EXPECT_EQ(read(R"({"all_failed_status":202})").all_failed_status, 202U);
}

TEST(CrmSettings, EveryTableRowIsCheckedByItsKind) {
  for (const Setting& setting : settings_table()) {
    Value values = Value::map();
    values.set(std::string(setting.name), Value(Value::List{Value(Value::List{})}));
    Result<Settings> settings = read_settings(values);
    ASSERT_FALSE(settings) << setting.name;
    EXPECT_EQ(settings.error().reason, setting.name);
  }
}

TEST(CrmSettings, OthersAreReadAsTheyStand) {
  Settings settings = read(
      R"({"api_domain":"d","scope":"s","token_lifetime":"2h","token_window":"1m","tokens_per_window":3,"live_tokens":4,"token_throttle_extends":false,"token_form":"milliseconds","bearer":true,
    "heavy_concurrency":6,"service_time":"1s","credits_header":"never","ratelimit_headers":true,"retry_after":"9s","rate_limit_code":"RATE_LIMIT_EXCEEDED","maintenance":true,"idle":"8s",
    "index_lag":"7s","unique":["A.b"],"mandatory":"C.d","lengths":{"E":5},"forbidden":["F"],"zone":"-08:00","owner_name":"o","owner_email":"e",
    "associate_root":"data","linked_record_required":true,"invalid_module_form":"data","precondition_code":"RECORD_MODIFIED","criteria_max":10,"message_case":"lower","cookies":false})");
  EXPECT_EQ(settings.api_domain, "d");
  EXPECT_EQ(settings.scope, "s");
  EXPECT_EQ(settings.token_lifetime, 2h);
  EXPECT_EQ(settings.token_window, 1min);
  EXPECT_EQ(settings.tokens_per_window, 3U);
  EXPECT_EQ(settings.live_tokens, 4U);
  EXPECT_FALSE(settings.token_throttle_extends);
  EXPECT_TRUE(settings.token_in_milliseconds);
  EXPECT_TRUE(settings.bearer);
  EXPECT_EQ(settings.heavy_concurrency, 6U);
  EXPECT_EQ(settings.service_time, 1s);
  EXPECT_EQ(settings.credits_header, Settings::CreditsHeader::never);
  EXPECT_TRUE(settings.ratelimit_headers);
  EXPECT_EQ(settings.retry_after, 9s);
  EXPECT_EQ(settings.rate_limit_code, "RATE_LIMIT_EXCEEDED");
  EXPECT_TRUE(settings.maintenance);
  EXPECT_EQ(settings.idle, 8s);
  EXPECT_EQ(settings.index_lag, 7s);
  EXPECT_THAT(settings.unique, ::testing::ElementsAre("A.b"));
  EXPECT_THAT(settings.mandatory, ::testing::ElementsAre("C.d"));
  EXPECT_EQ(settings.lengths.at("E"), 5U);
  EXPECT_THAT(settings.forbidden, ::testing::ElementsAre("F"));
  EXPECT_EQ(settings.zone, -480min);
  EXPECT_EQ(settings.owner_name, "o");
  EXPECT_EQ(settings.owner_email, "e");
  EXPECT_EQ(settings.associate_root, "data");
  EXPECT_TRUE(settings.linked_record_required);
  EXPECT_TRUE(settings.invalid_module_in_data);
  EXPECT_EQ(settings.precondition_code, "RECORD_MODIFIED");
  EXPECT_EQ(settings.criteria_max, 10U);
  EXPECT_EQ(settings.message_case, Settings::MessageCase::lower);
  EXPECT_FALSE(settings.cookies);
}

TEST(CrmSettings, ZonesAndLengthsAreRead) {
  EXPECT_EQ(refused(R"({"zone":"Berlin"})").reason, "zone");
  EXPECT_EQ(refused(R"({"lengths":{"A":"x"}})").reason, "lengths");
  EXPECT_EQ(refused(R"({"lengths":{"A":-1}})").reason, "lengths");
}

TEST(CrmLimits, ChargesOfOneInstantAreOneEntryAndLeaveTogether) {
  Settings settings;
  settings.credits = 10;
  settings.concurrency = 100;
  Limits limits(settings);
  Instant start = *parse_instant("2014-06-02T09:00:00Z");
  EXPECT_TRUE(limits.begin({.cost = 4}, start));
  EXPECT_TRUE(limits.begin({.cost = 4}, start));
  EXPECT_FALSE(limits.begin({.cost = 3}, start));
  EXPECT_TRUE(limits.begin({.cost = 2}, start + 1h));
  EXPECT_EQ(limits.used(start + 24h - 1ns), 10U);
  EXPECT_EQ(limits.used(start + 24h), 2U);
  EXPECT_EQ(limits.remaining(start + 25h), 10U);
}

TEST(CrmLimits, ACallRunsAsLongAsItsHandleLives) {
  Settings settings;
  settings.concurrency = 1;
  Limits limits(settings);
  std::optional<Limits::Running> one = limits.begin({}, {});
  EXPECT_EQ(limits.running(), 1U);
  std::optional<Limits::Running> moved = std::move(one);
  EXPECT_EQ(limits.running(), 1U);
  one.reset();
  EXPECT_EQ(limits.running(), 1U) << "what was moved from counts for nothing";
  EXPECT_FALSE(limits.begin({}, {}));
  moved.reset();
  EXPECT_EQ(limits.running(), 0U);
  EXPECT_TRUE(limits.begin({}, {}));
}

}  // namespace
}  // namespace mailrig::fakeservers::crm
