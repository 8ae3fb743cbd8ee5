#include "client/crm/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mailrig::client {
namespace {

std::string nested(std::size_t depth) { return R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}"; }

TEST(CrmJson, IsBoundedBeforeItIsParsed) {
  EXPECT_TRUE(parse_answer_body(nested(json_depth_max - 1)));
  EXPECT_FALSE(parse_answer_body(nested(json_depth_max)));
  EXPECT_FALSE(is_within_json_limits(std::string(4 * 1024 * 1024, '[')));
  std::string wide = R"({"a":[0)";
  for (std::size_t i = 0; i < json_values_max - 4; ++i) wide += ",0";
  EXPECT_TRUE(is_within_json_limits(wide + "]}"));
  EXPECT_FALSE(is_within_json_limits(wide + ",0,0]}"));
}

TEST(CrmJson, BracketsInStringsDoNotCount) {
  const std::string brackets(1000, '[');
  EXPECT_TRUE(parse_answer_body(R"({"a":")" + brackets + R"(\"[[[\\"})"));
  EXPECT_FALSE(is_within_json_limits(R"({"a":"\\")" + brackets));
}

TEST(CrmJson, OnlyAnObjectIsAnAnswer) {
  for (const char* text : {"", "[]", "1", "\"x\"", "{", "{}x", "<html>"}) EXPECT_FALSE(parse_answer_body(text)) << text;
  EXPECT_TRUE(parse_answer_body(" {\"a\": 1} "));
}

}  // namespace
}  // namespace mailrig::client
