// Inserts, upserts, updates and deletions: up to 100 records a call, each with an answer of its own.
#include <algorithm>

#include "fakeservers/crm/handlers.h"
#include "fakeservers/crm/records/check.h"
#include "fakeservers/crm/records/view.h"
#include "fakeservers/crm/records/zone.h"

namespace mailrig::fakeservers::crm {
namespace {

constexpr std::size_t written_max = 100;

Value without_system_fields(const Value& item) {
  Value::Map fields;
  for (const auto& [name, value] : item.entries())
    if (name != "id" && name != "Created_Time" && name != "Modified_Time" && name != "Created_By" &&
        name != "Modified_By")
      fields.emplace_back(name, value);
  return Value(std::move(fields));
}

std::optional<Value> not_an_object(const Call& call, const Value& item, const ItemPlace& place) {
  if (item.is(Value::Kind::map)) return std::nullopt;
  return call.org.answers.error_item(
      "INVALID_DATA",
      object({{"expected_data_type", "jsonobject"}, {"json_path", "$.data[" + std::to_string(place.index) + ']'}}));
}

Instant index_time(const Call& call) { return call.org.now() + call.org.settings.index_lag; }

Value insert_one(Call& call, const Module& module, const Value& item, const ItemPlace& place) {
  if (std::optional<Value> wrong = not_an_object(call, item, place)) return *wrong;
  if (std::optional<Value> wrong = check_item(call, module, item, place, nullptr)) return *wrong;
  const Record& record = call.org.records.add(module, without_system_fields(item), call.org.now(), index_time(call));
  return call.org.answers.success_item("SUCCESS.insert", write_details(call.org, record));
}

Value update_one(Call& call, Record& record, const Value& item, const ItemPlace& place) {
  if (std::optional<Value> wrong = check_item(call, *record.module, item, place, &record)) return *wrong;
  call.org.records.update(record, without_system_fields(item), call.org.now(), index_time(call));
  return call.org.answers.success_item("SUCCESS.update", write_details(call.org, record));
}

/// The 412 of a record that was changed after If-Unmodified-Since.
std::optional<Value> changed_meanwhile(const Call& call, const Record& record) {
  std::optional<Instant> since = parse_crm_date_time(call.http.field("If-Unmodified-Since"));
  if (!since || record.modified <= *since) return std::nullopt;
  const std::string& code = call.org.settings.precondition_code;
  return object({{"code", code},
                 {"message", call.org.answers.text(code)},
                 {"status", "error"},
                 {"details", object({{"Modified_Time", call.org.time(record.modified)},
                                     {"Created_Time", call.org.time(record.created)},
                                     {"id", record.id},
                                     {"Modified_By", call.org.user()},
                                     {"Created_By", call.org.user()}})}});
}

Reply precondition_failed(Value item) { return {412, Value::map().set("data", Value(Value::List{std::move(item)}))}; }

/// The fields that make two records the same: those of the request, or the module's and the unique ones.
std::vector<std::string> check_fields(const Call& call) {
  std::vector<std::string> names;
  if (const Value* given = call.body.find("duplicate_check_fields"); given != nullptr && given->is(Value::Kind::list)) {
    for (const Value& name : given->items())
      if (name.is(Value::Kind::text)) names.push_back(name.text());
    return names;
  }
  names.assign(call.module->check_fields.begin(), call.module->check_fields.end());
  return names;
}

/// Answers with which field and what was done, between the code and the rest.
Value upsert_item(Value item, const std::string& field, std::string_view action) {
  if (is_error_item(item)) return item;
  Value::Map entries{
      {"code", *item.find("code")}, {"duplicate_field", field.empty() ? Value{} : Value(field)}, {"action", action}};
  for (std::string_view name : {"details", "message", "status"})
    entries.emplace_back(std::string(name), *item.find(name));
  return Value(std::move(entries));
}

}  // namespace

Reply on_insert(Call& call) {
  Value::List given;
  if (Reply refusal; !take_items(call, "data", written_max, given, refusal)) return refusal;
  Value::List items;
  for (std::size_t i = 0; i < given.size(); ++i)
    items.push_back(insert_one(call, *call.module, given[i], {.index = i}));
  return call.org.answers.items("data", std::move(items), 201, call.version);
}

Reply on_upsert(Call& call) {
  Value::List given;
  if (Reply refusal; !take_items(call, "data", written_max, given, refusal)) return refusal;
  Value::List items;
  std::vector<std::string> fields = check_fields(call);
  for (std::size_t i = 0; i < given.size(); ++i) {
    ItemPlace place{.index = i};
    const Record* present = nullptr;
    std::string by;
    for (const std::string& field : fields) {
      const Value* value = given[i].find(field);
      if (present == nullptr && value != nullptr) present = find_by_field(call, *call.module, field, *value);
      if (present != nullptr && by.empty()) by = field;
    }
    if (present == nullptr) {
      items.push_back(upsert_item(insert_one(call, *call.module, given[i], place), by, "insert"));
      continue;
    }
    if (std::optional<Value> changed = changed_meanwhile(call, *present))
      return precondition_failed(*std::move(changed));
    Record& record = *call.org.records.find(*call.module, present->id);
    items.push_back(upsert_item(update_one(call, record, given[i], place), by, "update"));
  }
  return call.org.answers.items("data", std::move(items), 200, call.version);
}

Reply on_update(Call& call) {
  Value::List given;
  if (Reply refusal; !take_items(call, "data", call.id.empty() ? written_max : 1, given, refusal)) return refusal;
  Value::List items;
  for (std::size_t i = 0; i < given.size(); ++i) {
    ItemPlace place{.index = i};
    if (std::optional<Value> wrong = not_an_object(call, given[i], place)) {
      items.push_back(*std::move(wrong));
      continue;
    }
    std::string id = call.id.empty() ? id_in(&given[i]) : call.id;
    Record* record = call.org.records.find(*call.module, id);
    if (id.empty()) {
      items.push_back(call.org.answers.error_item("MANDATORY_NOT_FOUND", field_details(call, place, "id")));
    } else if (record == nullptr) {
      items.push_back(call.org.answers.error_item("INVALID_DATA.id", field_details(call, place, "id")));
    } else if (std::optional<Value> changed = changed_meanwhile(call, *record)) {
      return precondition_failed(*std::move(changed));
    } else {
      items.push_back(update_one(call, *record, given[i], place));
    }
  }
  return call.org.answers.items("data", std::move(items), 200, call.version);
}

Reply on_delete(Call& call) {
  std::vector<std::string> ids;
  if (!call.id.empty()) {
    ids.push_back(call.id);
  } else {
    const std::string* list = call.query.find("ids");
    if (list == nullptr) return call.error(400, "REQUIRED_PARAM_MISSING", Value::map().set("param_name", "ids"));
    for (std::size_t start = 0; start <= list->size();) {
      std::size_t end = std::min(list->find(',', start), list->size());
      ids.push_back(list->substr(start, end - start));
      start = end + 1;
    }
  }
  if (ids.size() > written_max)
    return call.error(400, "INVALID_DATA", object({{"maximum_length", written_max}, {"param_name", "ids"}}));
  Value::List items;
  for (const std::string& id : ids) {
    Value details = Value::map().set("id", id);
    bool gone = call.org.records.remove(*call.module, id, call.org.now());
    items.push_back(gone ? call.org.answers.success_item("SUCCESS.delete", details)
                         : call.org.answers.error_item("INVALID_DATA.delete", details));
  }
  return call.org.answers.items("data", std::move(items), 200, call.version);
}

Reply on_add_note(Call& call) {
  const Record* parent = call.org.records.find(*call.module, call.id);
  if (parent == nullptr) return call.path_error("INVALID_DATA.related", 1);
  Value::List given;
  if (Reply refusal; !take_items(call, "data", written_max, given, refusal)) return refusal;
  Value parent_id =
      object({{"module", object({{"api_name", call.module->name}, {"id", call.org.module_id(*call.module)}})},
              {"id", call.id}});
  Value::List items;
  for (std::size_t i = 0; i < given.size(); ++i) {
    Value note = given[i];
    if (note.is(Value::Kind::map)) note.set("Parent_Id", parent_id);
    items.push_back(insert_one(call, *find_module("Notes"), note, {.index = i}));
  }
  return call.org.answers.items("data", std::move(items), 201, call.version);
}

}  // namespace mailrig::fakeservers::crm
