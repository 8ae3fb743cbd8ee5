#include "reports/testing/json_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

namespace mailrig::reports::testing {
namespace {

using nlohmann::json;

class Validator {
 public:
  explicit Validator(const json& root) : root_(root) {}

  void check(const json& schema, const json& value, const std::string& path) {
    for (const auto& [keyword, argument] : schema.items()) check_keyword(keyword, argument, schema, value, path);
  }

  std::vector<std::string> violations;

 private:
  void fail(const std::string& path, const std::string& what) { violations.push_back(path + ": " + what); }

  void check_keyword(const std::string& keyword, const json& argument, const json& schema, const json& value,
                     const std::string& path) {
    if (keyword == "$schema" || keyword == "$id" || keyword == "title" || keyword == "description" ||
        keyword == "$defs")
      return;
    if (keyword == "$ref") return check_reference(argument, value, path);
    if (keyword == "type") return check_type(argument, value, path);
    if (keyword == "const") {
      if (value != argument) fail(path, fmt::format("{} is not {}", value.dump(), argument.dump()));
    } else if (keyword == "enum") {
      if (std::find(argument.begin(), argument.end(), value) == argument.end())
        fail(path, fmt::format("{} is not one of {}", value.dump(), argument.dump()));
    } else if (keyword == "minimum") {
      if (value.is_number() && value < argument)
        fail(path, fmt::format("{} is under {}", value.dump(), argument.dump()));
    } else if (keyword == "pattern") {
      if (value.is_string() && !std::regex_search(value.get<std::string>(), std::regex(argument.get<std::string>())))
        fail(path, fmt::format("{} does not match {}", value.dump(), argument.dump()));
    } else if (keyword == "maxItems") {
      if (value.is_array() && value.size() > argument.get<std::size_t>()) fail(path, "has too many items");
    } else if (keyword == "items") {
      for (std::size_t i = 0; value.is_array() && i < value.size(); ++i)
        check(argument, value[i], fmt::format("{}/{}", path, i));
    } else if (keyword == "required") {
      for (const json& name : argument)
        if (value.is_object() && !value.contains(name.get<std::string>()))
          fail(path, fmt::format("lacks {}", name.dump()));
    } else if (keyword == "properties") {
      for (const auto& [name, subschema] : argument.items())
        if (value.is_object() && value.contains(name)) check(subschema, value[name], path + "/" + name);
    } else if (keyword == "additionalProperties") {
      check_additional(argument, schema, value, path);
    } else {
      fail(path, "the schema uses the keyword " + keyword + ", which this validator does not know");
    }
  }

  void check_reference(const std::string& reference, const json& value, const std::string& path) {
    json::json_pointer target(reference.substr(1));  // "#/$defs/x"
    if (!root_.contains(target)) return fail(path, "dangling reference " + reference);
    check(root_[target], value, path);
  }

  void check_type(const json& types, const json& value, const std::string& path) {
    auto is = [&](const std::string& type) {
      if (type == "object") return value.is_object();
      if (type == "array") return value.is_array();
      if (type == "string") return value.is_string();
      if (type == "number") return value.is_number();
      if (type == "integer") return value.is_number_integer();
      if (type == "boolean") return value.is_boolean();
      return type == "null" && value.is_null();
    };
    json list = types.is_array() ? types : json::array({types});
    if (std::none_of(list.begin(), list.end(), is)) fail(path, fmt::format("is not of type {}", types.dump()));
  }

  void check_additional(const json& argument, const json& schema, const json& value, const std::string& path) {
    if (!value.is_object()) return;
    for (const auto& [name, member] : value.items()) {
      if (schema.contains("properties") && schema["properties"].contains(name)) continue;
      if (argument.is_boolean()) {
        if (!argument.get<bool>()) fail(path, "has the unknown key " + name);
      } else {
        check(argument, member, path + "/" + name);
      }
    }
  }

  const json& root_;
};

}  // namespace

std::vector<std::string> schema_violations(const json& schema, const json& document) {
  Validator validator(schema);
  validator.check(schema, document, "");
  return std::move(validator.violations);
}

}  // namespace mailrig::reports::testing
