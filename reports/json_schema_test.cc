#include "reports/testing/json_schema.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace mailrig::reports::testing {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

json schema(const char* text) { return json::parse(text); }

TEST(SchemaValidator, EachKeywordTakesAndRefuses) {
  EXPECT_THAT(schema_violations(schema(R"({"type": ["integer", "null"], "minimum": 1})"), json(nullptr)), IsEmpty());
  EXPECT_THAT(schema_violations(schema(R"({"type": ["integer", "null"], "minimum": 1})"), json(1)), IsEmpty());
  EXPECT_THAT(schema_violations(schema(R"({"type": ["integer", "null"]})"), json(1.5)),
              ElementsAre(": is not of type [\"integer\",\"null\"]"));
  EXPECT_THAT(schema_violations(schema(R"({"minimum": 1})"), json(0)), ElementsAre(": 0 is under 1"));
  EXPECT_THAT(schema_violations(schema(R"({"const": "a"})"), json("b")), ElementsAre(": \"b\" is not \"a\""));
  EXPECT_THAT(schema_violations(schema(R"({"enum": ["a"]})"), json("b")), ElementsAre(": \"b\" is not one of [\"a\"]"));
  EXPECT_THAT(schema_violations(schema(R"({"pattern": "^a$"})"), json("ba")),
              ElementsAre(": \"ba\" does not match \"^a$\""));
  EXPECT_THAT(schema_violations(schema(R"({"maxItems": 1})"), json({1, 2})), ElementsAre(": has too many items"));
  EXPECT_THAT(schema_violations(schema(R"({"items": {"const": 1}})"), json({1, 2})), ElementsAre("/1: 2 is not 1"));
  EXPECT_THAT(schema_violations(schema(R"({"required": ["a"]})"), json::object()), ElementsAre(": lacks \"a\""));
}

TEST(SchemaValidator, ObjectsAndReferences) {
  json closed = schema(
      R"({"properties": {"a": {"$ref": "#/$defs/one"}}, "additionalProperties": false, "$defs": {"one": {"const": 1}}})");
  EXPECT_THAT(schema_violations(closed, {{"a", 1}}), IsEmpty());
  EXPECT_THAT(schema_violations(closed, {{"a", 2}}), ElementsAre("/a: 2 is not 1"));
  EXPECT_THAT(schema_violations(closed, {{"b", 1}}), ElementsAre(": has the unknown key b"));
  EXPECT_THAT(schema_violations(schema(R"({"additionalProperties": {"type": "string"}})"), {{"b", 1}}),
              ElementsAre("/b: is not of type \"string\""));
  EXPECT_THAT(schema_violations(schema(R"({"$ref": "#/$defs/none"})"), json(1)),
              ElementsAre(": dangling reference #/$defs/none"));
}

TEST(SchemaValidator, WhatItDoesNotKnowItSays) {
  EXPECT_THAT(schema_violations(schema(R"({"oneOf": []})"), json(1)),
              ElementsAre(": the schema uses the keyword oneOf, which this validator does not know"));
}

}  // namespace
}  // namespace mailrig::reports::testing
