#include "fakeservers/crm/records/records.h"

#include <fmt/format.h>

#include <algorithm>

namespace mailrig::fakeservers::crm {
namespace {

std::string text_of(const Value& fields, std::string_view name) {
  const Value* value = fields.find(name);
  return value != nullptr && value->is(Value::Kind::text) ? value->text() : std::string();
}

std::string address_key(const Module& module, std::string_view address) {
  return std::string(module.name) + ' ' + lower_case(address);
}

/// Calls take(address) for each e-mail field.
template <class Take>
void each_address(const Module& module, const Value& fields, Take take) {
  for (const Field& field : module.fields) {
    if (field.kind != FieldKind::email) continue;
    if (std::string address = text_of(fields, field.name); !address.empty()) take(address);
  }
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::string name_of(const Module& module, const Value& fields) {
  if (module.is_person) {
    std::string first = text_of(fields, "First_Name");
    return first.empty() ? text_of(fields, "Last_Name") : first + ' ' + text_of(fields, "Last_Name");
  }
  for (std::string_view name : {"Account_Name", "Deal_Name", "Event_Title", "Subject", "Note_Title"})
    if (find_field(module, name) != nullptr && find_field(module, name)->kind == FieldKind::text)
      return text_of(fields, name);
  return {};
}

std::string Record::text(std::string_view field) const { return text_of(fields, field); }

std::string IdMaker::next() { return fmt::format("{:07}{:012}", organisation_, ++number_); }

void RecordStore::index(const Record& record) {
  each_address(*record.module, record.fields, [&](const std::string& address) {
    std::vector<std::string>& ids = by_address_[address_key(*record.module, address)];
    if (std::ranges::find(ids, record.id) == ids.end()) ids.push_back(record.id);
  });
}

Record& RecordStore::add(const Module& module, Value fields, Instant now, Instant index_at) {
  std::string id = text_of(fields, "id");
  if (Record* present = id.empty() ? nullptr : find(module, id)) {
    present->fields = std::move(fields);
    present->modified = now;
    present->index_at = index_at;
    index(*present);
    return *present;
  }
  auto record = std::make_unique<Record>();
  record->module = &module;
  record->id = id.empty() ? ids_.next() : std::move(id);
  fields.set("id", record->id);
  record->fields = std::move(fields);
  record->created = record->modified = now;
  record->index_at = index_at;
  Record& added = *record;
  by_id_[added.id] = &added;
  by_module_[module.name].push_back(std::move(record));
  index(added);
  return added;
}

void RecordStore::update(Record& record, const Value& changes, Instant now, Instant index_at) {
  record.indexed = record.searched(now);
  for (const auto& [name, value] : changes.entries())
    if (name != "id") record.fields.set(name, value);
  record.modified = now;
  record.index_at = index_at;
  index(record);
}

bool RecordStore::remove(const Module& module, std::string_view id, Instant now) {
  Record* record = find(module, id);
  if (record == nullptr) return false;
  deleted_.push_back({&module, record->id, name_of(module, record->fields), record->created, now});
  by_id_.erase(by_id_.find(id));
  std::erase_if(by_module_[module.name], [&](const auto& one) { return one.get() == record; });
  return true;
}

Record* RecordStore::find(const Module& module, std::string_view id) {
  auto found = by_id_.find(id);
  return found == by_id_.end() || found->second->module != &module ? nullptr : found->second;
}

const Record* RecordStore::find_anywhere(std::string_view id) const {
  auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

std::vector<const Record*> RecordStore::by_email(const Module& module, std::string_view address, Instant now) const {
  std::vector<const Record*> hits;
  auto ids = by_address_.find(address_key(module, address));
  if (ids == by_address_.end()) return hits;
  std::string wanted = lower_case(address);
  for (const std::string& id : ids->second) {
    const Record* record = find_anywhere(id);
    if (record == nullptr || record->module != &module) continue;
    bool has_it = false;
    each_address(module, record->searched(now),
                 [&](const std::string& one) { has_it = has_it || lower_case(one) == wanted; });
    if (has_it) hits.push_back(record);
  }
  return hits;
}

std::vector<const Record*> RecordStore::all(const Module& module) const {
  std::vector<const Record*> records;
  auto found = by_module_.find(module.name);
  if (found == by_module_.end()) return records;
  for (const auto& record : found->second) records.push_back(record.get());
  return records;
}

}  // namespace mailrig::fakeservers::crm
