#include "scenarios/language/schema_parts.h"

#include <fmt/format.h>

#include <algorithm>

namespace mailrig::scenarios::schema {
namespace {

Value typed(std::string_view type, std::string_view meaning) {
  return described(Value::map().set("type", type), meaning);
}

Value of_kind(const Setting& setting) {
  switch (setting.kind) {
    case SettingKind::boolean: return boolean(setting.meaning);
    case SettingKind::whole: return whole(setting.meaning, 0);
    case SettingKind::octets: return octets(setting.meaning);
    case SettingKind::duration: return duration(setting.meaning);
    case SettingKind::instant: return instant(setting.meaning);
    case SettingKind::text: return text(setting.meaning);
    case SettingKind::choice: return choice(setting.meaning, setting.choices);
    case SettingKind::text_list: return text_list(setting.meaning);
    case SettingKind::map: return or_variable(typed("object", setting.meaning));
    case SettingKind::any: return described(Value::map(), setting.meaning);
  }
  return {};
}

}  // namespace

Value described(Value schema, std::string_view meaning) {
  if (!meaning.empty()) schema.set("description", meaning);
  return schema;
}

Value reference(std::string_view name) { return Value::map().set("$ref", "#/$defs/" + std::string(name)); }
Value any_of(std::initializer_list<Value> schemas) { return Value::map().set("anyOf", Value(Value::List(schemas))); }

Value or_variable(Value schema) {
  Value meaning = schema.find("description") == nullptr ? Value{} : *schema.find("description");
  Value either = any_of({merged(schema, Value(Value::Map{{"description", Value{}}})), reference("variable")});
  return meaning.is_null() ? either : described(std::move(either), meaning.text());
}

Value text(std::string_view meaning) { return typed("string", meaning); }
Value matching(std::string_view pattern) { return Value::map().set("type", "string").set("pattern", pattern); }
Value boolean(std::string_view meaning) { return or_variable(typed("boolean", meaning)); }
Value whole(std::string_view meaning, std::int64_t minimum) {
  return or_variable(described(Value::map().set("type", "integer").set("minimum", minimum), meaning));
}

Value octets(std::string_view meaning) {
  return described(any_of({Value::map().set("type", "integer").set("minimum", 0),
                           matching("^[0-9]+(B|kB|MB|GB|KiB|MiB|GiB)?$"), reference("variable")}),
                   meaning);
}

Value duration(std::string_view meaning) {
  return or_variable(described(matching("^([0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h|d|w))+$"), meaning));
}

Value instant(std::string_view meaning) {
  return or_variable(described(matching("^([0-9]{4}-[0-9]{2}-[0-9]{2}[T ]|[+-][0-9])"), meaning));
}

Value choice(std::string_view meaning, std::span<const std::string_view> choices) {
  return or_variable(described(Value::map().set("enum", Value(Value::List(choices.begin(), choices.end()))), meaning));
}

Value text_list(std::string_view meaning) { return described(any_of({text(""), list("", text(""))}), meaning); }
Value list(std::string_view meaning, Value item) {
  return described(Value::map().set("type", "array").set("items", std::move(item)), meaning);
}

Value object(std::string_view meaning, Value::Map keys) {
  return described(
      Value::map().set("type", "object").set("additionalProperties", false).set("properties", Value(std::move(keys))),
      meaning);
}

void add_settings(Value::Map& keys, std::span<const Setting> table) {
  for (const Setting& setting : table) {
    auto there = std::ranges::find(keys, setting.name, &Value::Map::value_type::first);
    if (there == keys.end()) {
      keys.emplace_back(setting.name, of_kind(setting));
      continue;
    }
    // Two protocols share the name: what either takes is good.
    Value mine = of_kind(setting);
    if (setting.kind == SettingKind::any || there->second == mine || there->second.find("$ref") != nullptr) continue;
    there->second = any_of({there->second, std::move(mine)});
  }
}

void add_references(Value::Map& keys, std::span<const Setting> table, std::string_view definition) {
  for (const Setting& setting : table)
    if (std::ranges::find(keys, setting.name, &Value::Map::value_type::first) == keys.end())
      keys.emplace_back(setting.name, reference(fmt::format("{}/properties/{}", definition, setting.name)));
}

}  // namespace mailrig::scenarios::schema
