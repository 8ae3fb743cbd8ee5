// Searches: by address, by telephone, by words, by criteria. What was written less than index_lag ago is not seen as it
// is now.
#include <algorithm>

#include "fakeservers/crm/handlers.h"
#include "fakeservers/crm/records/criteria.h"
#include "fakeservers/crm/records/view.h"

namespace mailrig::fakeservers::crm {
namespace {

// crm docs, "Search Records".
constexpr std::uint64_t rows_max = 2'000;
constexpr std::size_t word_characters_min = 2;

using Hits = std::vector<const Record*>;

std::string text_of(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::text: return value.text();
    case Value::Kind::integer: return std::to_string(value.integer());
    case Value::Kind::boolean: return value.boolean() ? "true" : "false";
    case Value::Kind::map: return id_in(&value);
    default: return {};
  }
}

std::string field_text(const Record& record, const Value& fields, std::string_view name) {
  if (name == "id") return record.id;
  if (name == "Full_Name") return name_of(*record.module, fields);
  const Value* value = fields.find(name);
  return value == nullptr ? std::string() : text_of(*value);
}

std::string digits_of(std::string_view text) {
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c >= '0' && c <= '9'; });
  return digits;
}

template <class Fits>
Hits each_fitting(Call& call, Fits fits) {
  Hits hits;
  Instant now = call.org.now();
  for (const Record* record : call.org.records.all(*call.module)) {
    const Value& fields = record->searched(now);
    if (fields.is(Value::Kind::map) && fits(*record, fields)) hits.push_back(record);
  }
  return hits;
}

bool has_email_fields(const Module& module) {
  return std::ranges::find(module.fields, FieldKind::email, &Field::kind) != module.fields.end();
}

Value reason(const Call& call, std::string_view key, std::string_view field) {
  return object({{"reason", call.org.answers.text(key)}, {"api_name", field}});
}

bool by_criteria(Call& call, const std::string& text, Hits& hits, Reply& refusal) {
  Criteria criteria = parse_criteria(text);
  using enum Criteria::Failure;
  if (criteria.fields.size() > call.org.settings.criteria_max) {
    Value item = call.org.answers.error_item("CRITERIA_LIMIT_EXCEEDED");
    std::string message = item.find("message")->text();
    if (std::size_t at = message.find("{limit}"); at != std::string::npos)
      message.replace(at, 7, std::to_string(call.org.settings.criteria_max));
    refusal = {400, item.set("message", message)};
    return false;
  }
  if (criteria.failure == operator_) {
    refusal = call.error(400, "INVALID_QUERY.operator",
                         object({{"operator", criteria.failed_operator}, {"api_name", criteria.failed_field}}));
    return false;
  }
  if (criteria.failure == characters) {
    refusal =
        call.error(400, "INVALID_QUERY.characters", reason(call, "INVALID_QUERY.characters", criteria.failed_field));
    return false;
  }
  if (criteria.failure == form) {
    refusal = call.error(400, "INVALID_QUERY", Value::map().set("param_name", "criteria"));
    return false;
  }
  for (const std::string& field : criteria.fields) {
    bool known =
        field == "id" || field == "Full_Name" || find_field(*call.module, field) != nullptr ||
        !each_fitting(call, [&](const Record&, const Value& fields) { return fields.find(field) != nullptr; }).empty();
    if (known) continue;
    refusal = call.error(400, "INVALID_QUERY.field", reason(call, "INVALID_QUERY.field", field));
    return false;
  }
  hits = each_fitting(call, [&](const Record& record, const Value& fields) {
    return criteria.root.holds([&](std::string_view name) { return field_text(record, fields, name); });
  });
  return true;
}

bool by_email(Call& call, const std::string& address, Hits& hits, Reply& refusal) {
  if (!has_email_fields(*call.module)) {
    refusal = call.error(400, "FIELD_TYPE_UNAVAILABLE");
    return false;
  }
  if (!is_address(address)) {
    refusal = call.error(400, "INVALID_QUERY", Value::map().set("param_name", "email"));
    return false;
  }
  hits = call.org.records.by_email(*call.module, address, call.org.now());
  return true;
}

bool by_word(Call& call, const std::string& word, Hits& hits, Reply& refusal) {
  if (characters_of(word) < word_characters_min) {
    refusal = call.error(400, "INVALID_DATA.word", Value::map().set("param_name", "word"));
    return false;
  }
  std::string wanted = lower_case(word);
  hits = each_fitting(call, [&](const Record&, const Value& fields) {
    return std::ranges::any_of(fields.entries(), [&](const auto& field) {
      return field.second.is(Value::Kind::text) && lower_case(field.second.text()).find(wanted) != std::string::npos;
    });
  });
  return true;
}

bool find_hits(Call& call, Hits& hits, Reply& refusal) {
  if (const std::string* criteria = call.query.find("criteria")) return by_criteria(call, *criteria, hits, refusal);
  if (const std::string* email = call.query.find("email")) return by_email(call, *email, hits, refusal);
  if (const std::string* phone = call.query.find("phone")) {
    std::string digits = digits_of(*phone);
    hits = each_fitting(call, [&](const Record& record, const Value& fields) {
      return !digits.empty() && (digits_of(field_text(record, fields, "Phone")) == digits ||
                                 digits_of(field_text(record, fields, "Mobile")) == digits);
    });
    return true;
  }
  if (const std::string* word = call.query.find("word")) return by_word(call, *word, hits, refusal);
  refusal = call.error(400, "EXPECTED_PARAM_MISSING",
                       Value::map().set("param_names", Value(Value::List{"criteria", "email", "phone", "word"})));
  return false;
}

}  // namespace

Reply on_search(Call& call) {
  Hits hits;
  if (Reply refusal; !find_hits(call, hits, refusal)) return refusal;
  std::string converted = call.query.text("converted");
  if (converted != "both")
    std::erase_if(hits, [&](const Record* record) { return record->converted != (converted == "true"); });

  std::uint64_t size =
      std::clamp<std::uint64_t>(number_of(call.query.text("per_page"), rows_per_page_max), 1, rows_per_page_max);
  std::uint64_t page = std::max<std::uint64_t>(number_of(call.query.text("page"), 1), 1);
  if (page > rows_max / size)
    return call.error(400, "LIMIT_REACHED", Value::map().set("limit", std::to_string(rows_max)));
  std::uint64_t first = (page - 1) * size;
  if (first >= hits.size()) return {204};
  std::uint64_t last = std::min<std::uint64_t>(first + size, hits.size());
  Value::List rows;
  FieldFilter filter(call.query.text("fields"));
  for (std::uint64_t i = first; i < last; ++i) rows.push_back(view_of(call.org, *hits[i], filter));
  std::size_t count = rows.size();
  return {
      200,
      object({{"data", Value(std::move(rows))},
              {"info",
               object({{"per_page", size}, {"count", count}, {"page", page}, {"more_records", last < hits.size()}})}})};
}

}  // namespace mailrig::fakeservers::crm
