#include "json/json_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig {
namespace {

using ::testing::HasSubstr;

TEST(CrmJson, ComesBackAsItWas) {
  for (
      std::string_view text :
      {R"({"data":[{"Last_Name":"Daly","n":-3,"big":9223372036854775807,"r":1.5,"t":true,"f":false,"z":null}],"e":{},"l":[]})",
       "[]", "{}", "null", "\"a\\\"\\\\\\n\\r\\t\\u0001\xC3\xA4\"", "[[],[1,[2]]]"}) {
    Result<Value> value = parse_json_value(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(to_compact_json(*value), text);
  }
}

TEST(CrmJson, KeysKeepTheirOrderAndTheLastOfTwoCounts) {
  EXPECT_EQ(to_compact_json(*parse_json_value(R"({ "b" : 1, "a" : 2, "b" : 3 })")), R"({"b":3,"a":2})");
}

TEST(CrmJson, AnIdOfNineteenDigitsIsExactAndMoreIsARealNumber) {
  EXPECT_EQ(parse_json_value("4150868000001944196")->integer(), 4150868000001944196);
  EXPECT_TRUE(parse_json_value("9223372036854775808")->is(Value::Kind::real));
}

TEST(CrmJson, RefusesWhatIsNone) {
  for (std::string_view text :
       {"", " ", "{", "{\"a\":1,}", "{'a':1}", "[1 2]", "nul", "\"\xFF\"", "{} x", "\"a\nb\"", "NaN"})
    EXPECT_FALSE(parse_json_value(text)) << text;
  Result<Value> broken = parse_json_value("{\"data\": oops}");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, Errc::bad_input);
  EXPECT_THAT(broken.error().message, HasSubstr("oops"));
}

TEST(CrmJson, DepthIsBounded) {
  auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  EXPECT_TRUE(parse_json_value(nested(32)));
  ASSERT_FALSE(parse_json_value(nested(33)));
  EXPECT_THAT(parse_json_value(nested(33)).error().message, HasSubstr("deeper than 32"));
  EXPECT_FALSE(parse_json_value(std::string(1'000'000, '[')));
}

}  // namespace
}  // namespace mailrig
