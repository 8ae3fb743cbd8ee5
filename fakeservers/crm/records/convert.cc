// A Lead becomes a Contact, with an Account and a Deal where there is reason for them.
#include <algorithm>
#include <array>

#include "fakeservers/crm/handlers.h"
#include "fakeservers/crm/records/check.h"
#include "fakeservers/crm/records/view.h"

namespace mailrig::fakeservers::crm {
namespace {

// The stages of the standard pipeline of a new organisation.
constexpr std::array<std::string_view, 9> stages{
    "Qualification",      "Needs Analysis", "Value Proposition", "Identify Decision Makers",  "Proposal/Price Quote",
    "Negotiation/Review", "Closed Won",     "Closed Lost",       "Closed Lost to Competition"};
constexpr std::array<std::string_view, 8> carried_over{"Last_Name", "First_Name", "Email",       "Secondary_Email",
                                                       "Phone",     "Mobile",     "Lead_Source", "Description"};

/// The record that a part of the request names, or nothing where it names none.
struct Named {
  const Record* record = nullptr;
  std::optional<Value> wrong;
};

Named named(const Call& call, const Value& data, std::string_view module) {
  const Value* part = data.find(module);
  std::string id = id_in(part);
  if (id.empty()) return {};
  const Record* record = call.org.records.find(*find_module(module), id);
  if (record != nullptr) return {record, std::nullopt};
  return {nullptr, call.org.answers.error_item("INVALID_DATA.id",
                                               field_details(call, {.index = 0}, std::string(module) + ".id"))};
}

std::optional<Value> check_deal(const Call& call, const Value* deal) {
  if (deal == nullptr || deal->is_null()) return std::nullopt;
  ItemPlace place{.index = 0};
  if (!deal->is(Value::Kind::map))
    return call.org.answers.error_item("INVALID_DATA",
                                       field_details(call, place, "Deals", {{"expected_data_type", "jsonobject"}}));
  for (std::string_view field : {"Deal_Name", "Stage"})
    if (const Value* value = deal->find(field);
        value == nullptr || !value->is(Value::Kind::text) || value->text().empty())
      return call.org.answers.error_item("MANDATORY_NOT_FOUND",
                                         field_details(call, place, "Deals." + std::string(field)));
  if (deal->find("Pipeline") != nullptr &&
      std::ranges::find(stages, std::string_view(deal->find("Stage")->text())) == stages.end())
    return call.org.answers.error_item("MAPPING_MISMATCH", field_details(call, place, "Deals.Stage"));
  return std::nullopt;
}

const Record& add(Call& call, std::string_view module, Value fields) {
  Instant now = call.org.now();
  return call.org.records.add(*find_module(module), std::move(fields), now, now + call.org.settings.index_lag);
}

Value reference(const Record* record) {
  if (record == nullptr) return {};
  return object({{"name", name_of(*record->module, record->fields)}, {"id", record->id}});
}

Value plain_id(const Record* record) { return record == nullptr ? Value{} : Value(record->id); }

}  // namespace

Reply on_convert(Call& call) {
  if (call.module->name != "Leads") return call.path_error("INVALID_MODULE", 0);
  Record* lead = call.org.records.find(*call.module, call.id);
  if (lead == nullptr) return call.path_error("INVALID_DATA.id", 1);
  if (lead->converted) return call.path_error("ID_ALREADY_CONVERTED", 1);
  Value::List given;
  if (Reply refusal; !take_items(call, "data", 1, given, refusal)) return refusal;
  const Value& data = given.front();
  auto refuse = [&](Value item) { return Reply{400, Value::map().set("data", Value(Value::List{std::move(item)}))}; };
  Named contact = named(call, data, "Contacts");
  if (contact.wrong) return refuse(*std::move(contact.wrong));
  Named account = named(call, data, "Accounts");
  if (account.wrong) return refuse(*std::move(account.wrong));
  const Value* deal_fields = data.find("Deals");
  if (std::optional<Value> wrong = check_deal(call, deal_fields)) return refuse(*std::move(wrong));

  if (account.record == nullptr && !lead->text("Company").empty())
    account.record = &add(call, "Accounts", Value::map().set("Account_Name", lead->text("Company")));
  if (contact.record == nullptr) {
    Value fields = Value::map();
    for (std::string_view name : carried_over)
      if (const Value* value = lead->fields.find(name)) fields.set(std::string(name), *value);
    if (account.record != nullptr) fields.set("Account_Name", reference(account.record));
    contact.record = &add(call, "Contacts", std::move(fields));
  }
  const Record* deal = nullptr;
  if (deal_fields != nullptr && deal_fields->is(Value::Kind::map)) {
    Value fields = *deal_fields;
    fields.set("Contact_Name", reference(contact.record));
    if (account.record != nullptr) fields.set("Account_Name", reference(account.record));
    deal = &add(call, "Deals", std::move(fields));
  }
  lead->converted = true;
  lead->modified = call.org.now();
  call.org.mails.move(lead->id, *find_module("Contacts"), contact.record->id);

  if (call.version < 21)
    return {200, Value::map().set("data", Value(Value::List{object({{"Contacts", plain_id(contact.record)},
                                                                    {"Accounts", plain_id(account.record)},
                                                                    {"Deals", plain_id(deal)}})}))};
  Value details = object(
      {{"Contacts", reference(contact.record)}, {"Deals", reference(deal)}, {"Accounts", reference(account.record)}});
  return {200, Value::map().set(
                   "data", Value(Value::List{call.org.answers.success_item("SUCCESS.convert", std::move(details))}))};
}

}  // namespace mailrig::fakeservers::crm
