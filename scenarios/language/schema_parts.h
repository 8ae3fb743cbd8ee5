#pragma once
/// The words that scenario_schema() is written in: small JSON Schemas.
/// Example: duration("how long") == { "type": "string", "pattern": ..., "description": "how long" }, or a ${variable}.

#include <initializer_list>
#include <span>
#include <string_view>

#include "base/settings.h"
#include "base/value.h"

namespace mailrig::scenarios::schema {

Value described(Value schema, std::string_view meaning);
Value reference(std::string_view name);
Value any_of(std::initializer_list<Value> schemas);
/// What is no text may be written as ${column}.
Value or_variable(Value schema);

Value text(std::string_view meaning);
Value matching(std::string_view pattern);
Value boolean(std::string_view meaning);
Value whole(std::string_view meaning, std::int64_t minimum);
Value octets(std::string_view meaning);
Value duration(std::string_view meaning);
Value instant(std::string_view meaning);
Value choice(std::string_view meaning, std::span<const std::string_view> choices);
Value text_list(std::string_view meaning);
Value list(std::string_view meaning, Value item);
/// No other keys than these.
Value object(std::string_view meaning, Value::Map keys);

/// The keys of a table; one that is there already may be of this kind too.
void add_settings(Value::Map& keys, std::span<const Setting> table);

/// The same as references to where a definition has them.
void add_references(Value::Map& keys, std::span<const Setting> table, std::string_view definition);

}  // namespace mailrig::scenarios::schema
