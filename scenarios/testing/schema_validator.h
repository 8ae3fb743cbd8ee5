#pragma once
/// Enough of JSON Schema (2020-12) to hold scenario files against scenario.schema.json: type, properties, required,
/// additionalProperties, propertyNames, minProperties, items, enum, const, minimum, pattern, anyOf, $ref to $defs.
///
///   EXPECT_EQ(SchemaValidator(schema).what_is_wrong(value), "");

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <stdexcept>
#include <string>

#include "base/value.h"

namespace mailrig::scenarios::testing {

class SchemaValidator {
 public:
  explicit SchemaValidator(const Value& schema) : schema_(schema) {}

  /// "" where the value is valid; otherwise the path and what is wrong there.
  std::string what_is_wrong(const Value& value) const { return check(schema_, value, "$"); }

 private:
  static bool has_type(const Value& value, std::string_view type) {
    switch (value.kind()) {
      case Value::Kind::null: return type == "null";
      case Value::Kind::boolean: return type == "boolean";
      case Value::Kind::integer: return type == "integer" || type == "number";
      case Value::Kind::real: return type == "number";
      case Value::Kind::text: return type == "string";
      case Value::Kind::list: return type == "array";
      case Value::Kind::map: return type == "object";
    }
    return false;
  }

  /// "#/$defs/server/properties/tls"
  const Value& referred(std::string_view pointer) const {
    const Value* found = &schema_;
    pointer.remove_prefix(2);
    while (!pointer.empty()) {
      std::string_view name = pointer.substr(0, pointer.find('/'));
      found = found->find(name);
      if (found == nullptr) throw std::runtime_error("a reference to nothing: " + std::string(name));
      pointer.remove_prefix(std::min(pointer.size(), name.size() + 1));
    }
    return *found;
  }

  std::string check(const Value& schema, const Value& value, const std::string& at) const {
    for (const auto& [keyword, argument] : schema.entries()) {
      std::string wrong = check_keyword(keyword, argument, schema, value, at);
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  std::string check_keyword(const std::string& keyword, const Value& argument, const Value& schema, const Value& value,
                            const std::string& at) const {
    auto unless = [&](bool good, std::string what) { return good ? std::string() : at + ": " + what; };
    if (keyword == "type") return unless(has_type(value, argument.text()), "is no " + argument.text());
    if (keyword == "const") return unless(value == argument, "is not " + to_json(argument));
    if (keyword == "enum")
      return unless(std::ranges::find(argument.items(), value) != argument.items().end(),
                    "is none of " + to_json(argument));
    if (keyword == "minimum") return unless(!value.is_number() || value.real() >= argument.real(), "is too small");
    if (keyword == "minProperties")
      return unless(
          !value.is(Value::Kind::map) || value.entries().size() >= static_cast<std::size_t>(argument.integer()),
          "is empty");
    if (keyword == "pattern")
      return unless(!value.is(Value::Kind::text) || std::regex_search(value.text(), std::regex(argument.text())),
                    "does not match " + argument.text());
    if (keyword == "$ref") return check(referred(argument.text()), value, at);
    if (keyword == "required") {
      for (const Value& name : argument.items())
        if (value.is(Value::Kind::map) && value.find(name.text()) == nullptr) return at + ": has no " + name.text();
    } else if (keyword == "anyOf") {
      std::string first;
      for (const Value& one : argument.items()) {
        std::string wrong = check(one, value, at);
        if (wrong.empty()) return "";
        if (first.empty()) first = wrong;
      }
      return first;
    } else if (keyword == "items" && value.is(Value::Kind::list)) {
      for (std::size_t i = 0; i < value.items().size(); ++i) {
        std::string wrong = check(argument, value.items()[i], fmt::format("{}[{}]", at, i));
        if (!wrong.empty()) return wrong;
      }
    } else if (keyword == "propertyNames" && value.is(Value::Kind::map)) {
      for (const auto& [name, entry] : value.entries()) {
        std::string wrong = check(argument, name, at + "." + name);
        if (!wrong.empty()) return wrong;
      }
    } else if (keyword == "properties" && value.is(Value::Kind::map)) {
      for (const auto& [name, property] : argument.entries()) {
        const Value* entry = value.find(name);
        std::string wrong = entry == nullptr ? "" : check(property, *entry, at + "." + name);
        if (!wrong.empty()) return wrong;
      }
    } else if (keyword == "additionalProperties" && value.is(Value::Kind::map)) {
      const Value* known = schema.find("properties");
      for (const auto& [name, entry] : value.entries()) {
        if (known != nullptr && known->find(name) != nullptr) continue;
        if (argument.is(Value::Kind::boolean)) {
          if (!argument.boolean()) return fmt::format("{}: has the unknown key {}", at, name);
          continue;
        }
        std::string wrong = check(argument, entry, at + "." + name);
        if (!wrong.empty()) return wrong;
      }
    }
    return "";
  }

  const Value& schema_;
};

}  // namespace mailrig::scenarios::testing
