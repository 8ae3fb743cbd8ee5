#include "fakeservers/crm/records/check.h"

#include <fmt/format.h>

#include <algorithm>

#include "fakeservers/crm/records/view.h"
#include "fakeservers/crm/records/zone.h"

namespace mailrig::fakeservers::crm {
namespace {

constexpr std::size_t participants_max = 50;

bool is_empty(const Value* value) {
  return value == nullptr || value->is_null() || (value->is(Value::Kind::text) && value->text().empty());
}

std::string qualified(const Module& module, std::string_view field) { return fmt::format("{}.{}", module.name, field); }

std::uint64_t length_max(const Call& call, const Module& module, std::string_view field, const Field* known) {
  const auto& lengths = call.org.settings.lengths;
  if (auto own = lengths.find(qualified(module, field)); own != lengths.end()) return own->second;
  if (auto any = lengths.find(field); any != lengths.end()) return any->second;
  return known != nullptr ? known->length_max : UINT64_MAX;
}

std::string_view expected_type(FieldKind kind) {
  switch (kind) {
    case FieldKind::text: return "text";
    case FieldKind::email: return "email";
    case FieldKind::date: return "date";
    case FieldKind::date_time: return "datetime";
    case FieldKind::boolean: return "boolean";
    case FieldKind::lookup: return "jsonobject";
    case FieldKind::list: return "jsonarray";
  }
  return "text";
}

bool is_of_kind(FieldKind kind, const Value& value) {
  bool text = value.is(Value::Kind::text);
  switch (kind) {
    case FieldKind::text: return text;
    case FieldKind::email: return text && is_address(value.text());
    case FieldKind::date: return text && is_crm_date(value.text());
    case FieldKind::date_time: return text && parse_crm_date_time(value.text()).has_value();
    case FieldKind::boolean: return value.is(Value::Kind::boolean);
    case FieldKind::lookup: return text || value.is(Value::Kind::map);
    case FieldKind::list: return value.is(Value::Kind::list);
  }
  return true;
}

/// A Contact in Who_Id; anything in What_Id, with the module that it is of; elsewhere any record.
std::optional<Value> check_lookup(const Call& call, const Value& item, const ItemPlace& place, std::string_view field,
                                  const Value& value) {
  std::string id = id_in(&value);
  if (id.empty()) return std::nullopt;  // by name: Zoho makes or finds one
  const Record* target = call.org.records.find_anywhere(id);
  auto wrong_id = [&] { return call.org.answers.error_item("INVALID_DATA.id", field_details(call, place, field)); };
  if (field == "Who_Id" && (target == nullptr || target->module->name != "Contacts")) return wrong_id();
  if (field == "What_Id") {
    const Value* of = item.find("$se_module");
    if (is_empty(of))
      return call.org.answers.error_item(
          "DEPENDENT_FIELD_MISSING",
          field_details(call, place, field,
                        {{"dependee", object({{"api_name", "$se_module"}, {"json_path", place.path("$se_module")}})}}));
    if (target == nullptr || *of != Value(target->module->name)) return wrong_id();
  }
  if (target == nullptr) return wrong_id();
  return std::nullopt;
}

std::optional<Value> check_field(const Call& call, const Module& module, const Value& item, const ItemPlace& place,
                                 std::string_view name, const Value& value) {
  if (is_empty(&value)) return std::nullopt;
  const Field* field = find_field(module, name);
  if (field != nullptr && !is_of_kind(field->kind, value))
    return call.org.answers.error_item(
        "INVALID_DATA", field_details(call, place, name, {{"expected_data_type", expected_type(field->kind)}}));
  if (value.is(Value::Kind::text)) {
    std::uint64_t most = length_max(call, module, name, field);
    if (characters_of(value.text()) > most)
      return call.org.answers.error_item("INVALID_DATA", field_details(call, place, name, {{"maximum_length", most}}));
  }
  if (field == nullptr) return std::nullopt;
  if (field->kind == FieldKind::lookup) return check_lookup(call, item, place, name, value);
  if (name == "Participants" && value.items().size() > participants_max)
    return call.org.answers.error_item("LIMIT_EXCEEDED",
                                       field_details(call, place, name, {{"limit", participants_max}}));
  return std::nullopt;
}

std::vector<std::string> mandatory_fields(const Call& call, const Module& module) {
  std::vector<std::string> names(module.mandatory.begin(), module.mandatory.end());
  std::string prefix = qualified(module, "");
  for (const std::string& one : call.org.settings.mandatory)
    if (one.starts_with(prefix)) names.push_back(one.substr(prefix.size()));
  return names;
}

Value duplicate_item(const Call& call, const Module& module, const ItemPlace& place, std::string_view field,
                     const Record& other) {
  const Organisation& org = call.org;
  if (call.version < 21)
    return org.answers.error_item("DUPLICATE_DATA", object({{"api_name", field}, {"id", other.id}}));
  return org.answers.error_item(
      "DUPLICATE_DATA",
      object({{"api_name", field},
              {"duplicate_record",
               object({{"Owner",
                        object({{"name", org.settings.owner_name}, {"id", org.user_id}, {"zuid", org.user_zuid}})},
                       {"module", object({{"api_name", module.name}, {"id", org.module_id(module)}})},
                       {"id", other.id}})},
              {"json_path", place.path(field)},
              {"id", other.id},
              {"more_records", false}}));
}

}  // namespace

std::string ItemPlace::path(std::string_view field) const { return fmt::format("$.{}[{}].{}", root, index, field); }

Value field_details(const Call& call, const ItemPlace& place, std::string_view field, Value::Map first) {
  first.emplace_back("api_name", field);
  if (call.version > 20) first.emplace_back("json_path", place.path(field));
  return Value(std::move(first));
}

const Record* find_by_field(const Call& call, const Module& module, std::string_view field, const Value& value,
                            const Record* other) {
  if (!value.is(Value::Kind::text) || value.text().empty()) return nullptr;
  std::string wanted = lower_case(value.text());
  for (const Record* record : call.org.records.all(module))
    if (record != other && lower_case(record->text(field)) == wanted) return record;
  return nullptr;
}

std::optional<Value> check_item(const Call& call, const Module& module, const Value& item, const ItemPlace& place,
                                const Record* present) {
  for (const std::string& name : mandatory_fields(call, module)) {
    const Value* value = item.find(name);
    if (is_empty(value) && (present == nullptr || value != nullptr))
      return call.org.answers.error_item("MANDATORY_NOT_FOUND", field_details(call, place, name));
  }
  for (const auto& [name, value] : item.entries())
    if (std::optional<Value> wrong = check_field(call, module, item, place, name, value)) return wrong;
  if (module.name == "Notes")
    if (std::optional<Value> wrong = check_note(call, item, place, present)) return wrong;
  return check_unique(call, module, item, place, present);
}

std::optional<Value> check_unique(const Call& call, const Module& module, const Value& item, const ItemPlace& place,
                                  const Record* present) {
  Value::List duplicates;
  std::string prefix = qualified(module, "");
  for (const std::string& unique : call.org.settings.unique) {
    if (!unique.starts_with(prefix)) continue;
    std::string field = unique.substr(prefix.size());
    const Value* value = item.find(field);
    if (value == nullptr) continue;
    if (const Record* other = find_by_field(call, module, field, *value, present))
      duplicates.push_back(duplicate_item(call, module, place, field, *other));
  }
  if (duplicates.empty()) return std::nullopt;
  if (duplicates.size() == 1) return duplicates.front();
  return call.org.answers.error_item("MULTIPLE_OR_MULTI_ERRORS",
                                     Value::map().set("errors", Value(std::move(duplicates))));
}

bool take_items(const Call& call, std::string_view root, std::size_t most, Value::List& items, Reply& refusal) {
  std::string path = fmt::format("$.{}", root);
  auto refuse = [&](std::string_view key, Value details) {
    refusal = call.error(400, key, std::move(details));
    return false;
  };
  if (!call.body.is(Value::Kind::map))
    return refuse("INVALID_DATA.body", Value::map().set("expected_data_type", "jsonobject"));
  const Value* list = call.body.find(root);
  if (list == nullptr) return refuse("MANDATORY_NOT_FOUND", object({{"api_name", root}, {"json_path", path}}));
  if (!list->is(Value::Kind::list))
    return refuse("INVALID_DATA",
                  object({{"expected_data_type", "jsonarray"}, {"api_name", root}, {"json_path", path}}));
  if (list->items().empty())
    return refuse("INVALID_DATA", object({{"minimum_length", 1}, {"api_name", root}, {"json_path", path}}));
  if (list->items().size() > most)
    return refuse("INVALID_DATA", object({{"maximum_length", most}, {"api_name", root}, {"json_path", path}}));
  items = list->items();
  return true;
}

}  // namespace mailrig::fakeservers::crm
