// Notes: a title or a text, and the record that they are on.
#include "fakeservers/crm/records/check.h"
#include "fakeservers/crm/records/view.h"

namespace mailrig::fakeservers::crm {
namespace {

bool says_something(const Value& item, const Record* present, std::string_view field) {
  const Value* value = item.find(field);
  if (value == nullptr && present != nullptr) value = present->fields.find(field);
  return value != nullptr && value->is(Value::Kind::text) && !value->text().empty();
}

}  // namespace

std::optional<Value> check_note(const Call& call, const Value& item, const ItemPlace& place, const Record* present) {
  if (!says_something(item, present, "Note_Content") && !says_something(item, present, "Note_Title"))
    return call.org.answers.error_item(
        "EXPECTED_FIELD_MISSING",
        Value::map().set(
            "expected_fields",
            Value(Value::List{object({{"api_name", "Note_Content"}, {"json_path", place.path("Note_Content")}}),
                              object({{"api_name", "Note_Title"}, {"json_path", place.path("Note_Title")}})})));
  const Value* parent = item.find("Parent_Id");
  if (parent == nullptr && present != nullptr) return std::nullopt;
  std::string id = id_in(parent);
  if (id.empty()) return call.org.answers.error_item("MANDATORY_NOT_FOUND", field_details(call, place, "Parent_Id"));
  if (call.org.records.find_anywhere(id) == nullptr)
    return call.org.answers.error_item("INVALID_DATA.related", field_details(call, place, "Parent_Id"));
  return std::nullopt;
}

}  // namespace mailrig::fakeservers::crm
