#include "fakeservers/crm/records/view.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace mailrig::fakeservers::crm {
namespace {

// What the system itself keeps of a record: shown once, from what it knows.
constexpr std::array<std::string_view, 7> system_fields{"id",         "Owner",       "Created_Time", "Modified_Time",
                                                        "Created_By", "Modified_By", "Full_Name"};

}  // namespace

FieldFilter::FieldFilter(std::string_view list) {
  while (!list.empty()) {
    std::string_view name = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), name.size() + 1));
    if (!name.empty()) names_.emplace_back(name);
  }
}

bool FieldFilter::lets(std::string_view name) const {
  return names_.empty() || name == "id" || std::ranges::find(names_, name) != names_.end();
}

Value view_of(const Organisation& org, const Record& record, const FieldFilter& filter) {
  Value::Map shown;
  auto show = [&](std::string_view name, Value value) {
    if (filter.lets(name)) shown.emplace_back(std::string(name), std::move(value));
  };
  const Value* owner = record.fields.find("Owner");
  show("Owner", owner != nullptr ? *owner : org.owner());
  for (const Field& field : record.module->fields)
    if (field.kind == FieldKind::email && record.fields.find(field.name) == nullptr) show(field.name, Value{});
  for (const auto& [name, value] : record.fields.entries())
    if (std::ranges::find(system_fields, std::string_view(name)) == system_fields.end()) show(name, value);
  if (record.module->is_person) {
    show("Full_Name", name_of(*record.module, record.fields));
    if (record.fields.find("Email_Opt_Out") == nullptr) show("Email_Opt_Out", false);
  }
  show("Created_Time", org.time(record.created));
  show("Modified_Time", org.time(record.modified));
  show("Created_By", org.user());
  show("Modified_By", org.user());
  show("id", record.id);
  if (record.module->name == "Leads") show("$converted", record.converted);
  show("$editable", true);
  return Value(std::move(shown));
}

Value write_details(const Organisation& org, const Record& record) {
  return object({{"Modified_Time", org.time(record.modified)},
                 {"Modified_By", org.user()},
                 {"Created_Time", org.time(record.created)},
                 {"id", record.id},
                 {"Created_By", org.user()},
                 {"$approval_state", "approved"}});
}

std::uint64_t number_of(std::string_view text, std::uint64_t otherwise) {
  std::uint64_t number = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc{} && end == text.data() + text.size() ? number : otherwise;
}

std::string id_in(const Value* lookup) {
  if (lookup != nullptr && lookup->is(Value::Kind::map)) lookup = lookup->find("id");
  if (lookup == nullptr) return {};
  if (lookup->is(Value::Kind::integer)) return std::to_string(lookup->integer());
  return lookup->is(Value::Kind::text) ? lookup->text() : std::string();
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 19 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_address(std::string_view text) {
  std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || text.find('@', at + 1) != std::string_view::npos) return false;
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == '\x7F'; }))
    return false;
  std::string_view domain = text.substr(at + 1);
  std::size_t point = domain.rfind('.');
  return point != std::string_view::npos && point > 0 && point + 1 < domain.size();
}

std::size_t characters_of(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace mailrig::fakeservers::crm
