#pragma once
/// What a write must satisfy before it happens, item by item.
///
///   if (std::optional<Value> wrong = check_item(call, item, {.root = "data", .index = 2})) items.push_back(*wrong);

#include <optional>
#include <string>
#include <string_view>

#include "fakeservers/crm/http/call.h"

namespace mailrig::fakeservers::crm {

/// Where in the request an item stands.
struct ItemPlace {
  std::string_view root = "data";
  std::size_t index = 0;

  std::string path(std::string_view field) const;  // "$.data[2].Last_Name"
};

/// { <first>, "api_name": field, "json_path": "$.data[2].field" }; v2 says no json_path.
Value field_details(const Call& call, const ItemPlace& place, std::string_view field, Value::Map first = {});

/// Nothing where the fields of `item` are fit for `module`. `present` is the record that they are to change, or null
/// for a new one.
std::optional<Value> check_item(const Call& call, const Module& module, const Value& item, const ItemPlace& place,
                                const Record* present);
/// The records that hold a unique field of `item` already.
std::optional<Value> check_unique(const Call& call, const Module& module, const Value& item, const ItemPlace& place,
                                  const Record* present);
/// Notes have rules of their own.
std::optional<Value> check_note(const Call& call, const Value& item, const ItemPlace& place, const Record* present);

/// The list under `root` of the body, 1 to `most` items. False: `refusal` says what is wrong.
bool take_items(const Call& call, std::string_view root, std::size_t most, Value::List& items, Reply& refusal);

/// The first record whose field has this text, in any letter case; `other` is not looked at.
const Record* find_by_field(const Call& call, const Module& module, std::string_view field, const Value& value,
                            const Record* other = nullptr);

}  // namespace mailrig::fakeservers::crm
