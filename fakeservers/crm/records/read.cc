// Records as they are read: one, a list by pages, what was deleted, what is related to one.
#include <fmt/format.h>

#include <algorithm>

#include "fakeservers/crm/handlers.h"
#include "fakeservers/crm/records/view.h"
#include "fakeservers/crm/records/zone.h"

namespace mailrig::fakeservers::crm {
namespace {

// crm docs, "Get Records": without page_token only so many can be walked.
constexpr std::uint64_t rows_without_token_max = 2'000;

/// What a list is bound to, so that a page_token of another list is told from this one's.
std::string parameters_of(const Call& call) {
  std::string bound(call.module->name);
  for (const auto& [name, value] : call.query.pairs())
    if (name != "page" && name != "page_token") bound += '&' + name + '=' + value;
  return bound;
}

std::string remember_page(Call& call, std::uint64_t page) {
  Organisation& org = call.org;
  std::string token = org.prng.hex(64);
  org.page_tokens[token] = {parameters_of(call), page, org.now() + page_token_lifetime};
  org.page_token_order.push_back(token);
  if (org.page_token_order.size() > page_tokens_max) {
    org.page_tokens.erase(org.page_token_order.front());
    org.page_token_order.erase(org.page_token_order.begin());
  }
  return token;
}

/// The page that is asked for, by number or by token.
struct Page {
  std::uint64_t number = 1;
  std::uint64_t size = rows_per_page_max;
  bool by_token = false;
};

bool resolve_page(Call& call, Page& page, Reply& refusal) {
  page.number = std::max<std::uint64_t>(number_of(call.query.text("page"), 1), 1);
  page.size =
      std::clamp<std::uint64_t>(number_of(call.query.text("per_page"), rows_per_page_max), 1, rows_per_page_max);
  const std::string* token = call.query.find("page_token");
  if (token != nullptr && call.query.has("page")) {
    Value::List both{Value::map().set("param_name", "page"), Value::map().set("param_name", "page_token")};
    refusal =
        call.error(400, "AMBIGUITY_DURING_PROCESSING", Value::map().set("ambiguity_due_to", Value(std::move(both))));
    return false;
  }
  if (token != nullptr) {
    Value details = Value::map().set("param_name", "page_token");
    auto found = call.org.page_tokens.find(*token);
    if (found == call.org.page_tokens.end() || found->second.until <= call.org.now()) {
      refusal = call.error(400, "EXPIRED_VALUE", details);
      return false;
    }
    if (found->second.bound_to != parameters_of(call)) {
      refusal = call.error(400, "TOKEN_BOUND_DATA_MISMATCH", details);
      return false;
    }
    page.number = found->second.page;
    page.by_token = true;
  } else if (page.number > rows_without_token_max / page.size) {
    refusal = call.error(400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED", Value::map().set("limit", rows_without_token_max));
    return false;
  }
  return true;
}

Value list_info(Call& call, const Page& page, std::size_t count, bool more, std::string_view sort_by,
                std::string_view order) {
  if (call.version < 30)
    return object({{"per_page", page.size}, {"count", count}, {"page", page.number}, {"more_records", more}});
  Value next;
  Value expiry;
  if (more) {
    next = remember_page(call, page.number + 1);
    expiry = call.org.time(call.org.now() + page_token_lifetime);
  }
  return object({{"call", false},
                 {"per_page", page.size},
                 {"next_page_token", next},
                 {"count", count},
                 {"sort_by", sort_by},
                 {"page", page.number},
                 {"previous_page_token", Value{}},
                 {"page_token_expiry", expiry},
                 {"sort_order", order},
                 {"email", false},
                 {"more_records", more}});
}

void sort_records(std::vector<const Record*>& records, std::string_view by, bool ascending) {
  // Creation order is order of ids; a stable sort keeps it among equals.
  if (by == "Modified_Time") std::ranges::stable_sort(records, {}, &Record::modified);
  if (by == "Created_Time") std::ranges::stable_sort(records, {}, &Record::created);
  if (!ascending) std::ranges::reverse(records);
}

/// v3 and later must be told the fields.
bool names_fields(const Call& call, Reply& refusal) {
  if (call.version < 30 || call.query.has("fields")) return true;
  refusal = call.error(400, "REQUIRED_PARAM_MISSING", Value::map().set("param_name", "fields"));
  return false;
}

/// 304 where nothing is newer than If-Modified-Since.
bool is_unmodified(const Call& call, const std::vector<const Record*>& records) {
  std::optional<Instant> since = parse_crm_date_time(call.http.field("If-Modified-Since"));
  return since && std::ranges::all_of(records, [&](const Record* record) { return record->modified <= *since; });
}

Reply page_of(Call& call, std::vector<const Record*> records) {
  if (Reply refusal; !names_fields(call, refusal)) return refusal;
  Page page;
  if (Reply refusal; !resolve_page(call, page, refusal)) return refusal;
  std::string sort_by = call.query.text("sort_by");
  if (sort_by != "Created_Time" && sort_by != "Modified_Time") sort_by = "id";
  std::string order = call.query.text("sort_order") == "asc" ? "asc" : "desc";
  if (is_unmodified(call, records)) return {304};
  if (std::optional<Instant> since = parse_crm_date_time(call.http.field("If-Modified-Since")))
    std::erase_if(records, [&](const Record* record) { return record->modified <= *since; });
  sort_records(records, sort_by, order == "asc");
  std::uint64_t first = (page.number - 1) * page.size;
  if (first >= records.size()) return {204};
  std::uint64_t last = std::min<std::uint64_t>(first + page.size, records.size());
  Value::List rows;
  FieldFilter filter(call.query.text("fields"));
  for (std::uint64_t i = first; i < last; ++i) rows.push_back(view_of(call.org, *records[i], filter));
  std::size_t count = rows.size();
  return {200, object({{"data", Value(std::move(rows))},
                       {"info", list_info(call, page, count, last < records.size(), sort_by, order)}})};
}

/// The ids of the records that a field of this record points to.
bool points_at(const Record& record, std::string_view id) {
  for (std::string_view field : {"Parent_Id", "Who_Id", "What_Id", "Contact_Name", "Account_Name"})
    if (id_in(record.fields.find(field)) == id) return true;
  return false;
}

}  // namespace

Reply on_get(Call& call) {
  Record* record = call.org.records.find(*call.module, call.id);
  if (record == nullptr) return {204};
  if (is_unmodified(call, {record})) return {304};
  return {200, Value::map().set(
                   "data", Value(Value::List{view_of(call.org, *record, FieldFilter(call.query.text("fields")))}))};
}

Reply on_list(Call& call) {
  std::vector<const Record*> records = call.org.records.all(*call.module);
  std::string converted = call.query.text("converted");
  if (converted != "both")
    std::erase_if(records, [&](const Record* record) { return record->converted != (converted == "true"); });
  return page_of(call, std::move(records));
}

Reply on_deleted(Call& call) {
  std::string type = call.query.text("type");
  std::uint64_t size =
      std::clamp<std::uint64_t>(number_of(call.query.text("per_page"), rows_per_page_max), 1, rows_per_page_max);
  std::uint64_t page = std::max<std::uint64_t>(number_of(call.query.text("page"), 1), 1);
  std::vector<const Deleted*> gone;
  for (const Deleted& one : call.org.records.deleted())
    if (one.module == call.module && type != "permanent") gone.push_back(&one);
  if (std::optional<Instant> since = parse_crm_date_time(call.http.field("If-Modified-Since"))) {
    std::erase_if(gone, [&](const Deleted* one) { return one->deleted <= *since; });
    if (gone.empty()) return {304};
  }
  if (page > gone.size() / size + 1 || (page - 1) * size >= gone.size()) return {204};
  Value::List rows;
  for (std::uint64_t i = (page - 1) * size; i < std::min<std::uint64_t>(page * size, gone.size()); ++i)
    rows.push_back(object({{"deleted_by", call.org.user()},
                           {"id", gone[i]->id},
                           {"display_name", gone[i]->name},
                           {"type", "recycle"},
                           {"created_by", call.org.user()},
                           {"deleted_time", call.org.time(gone[i]->deleted)}}));
  std::size_t count = rows.size();
  return {200, object({{"data", Value(std::move(rows))},
                       {"info", object({{"per_page", size},
                                        {"count", count},
                                        {"page", page},
                                        {"more_records", page * size < gone.size()}})}})};
}

Reply on_related(Call& call) {
  static constexpr std::string_view lists[] = {"Notes", "Tasks", "Events", "Calls", "Deals", "Contacts", "Attachments"};
  if (std::ranges::find(lists, std::string_view(call.leaf)) == std::end(lists))
    return call.path_error("INVALID_DATA.relation", 2);
  const Module* related = find_module(call.leaf);
  if (call.org.records.find(*call.module, call.id) == nullptr || related == nullptr) return {204};
  std::vector<const Record*> records = call.org.records.all(*related);
  std::erase_if(records, [&](const Record* record) { return !points_at(*record, call.id); });
  return page_of(call, std::move(records));
}

}  // namespace mailrig::fakeservers::crm
