// E-mails on records: put there, listed, read back, asked for by Message-ID.
#include <algorithm>
#include <array>

#include "fakeservers/crm/handlers.h"
#include "fakeservers/crm/records/check.h"
#include "fakeservers/crm/records/view.h"
#include "fakeservers/crm/records/zone.h"

namespace mailrig::fakeservers::crm {
namespace {

// crm docs, "Associate Email" and "Get Emails of a Record".
constexpr std::size_t mails_per_call = 1;
constexpr std::size_t subject_characters_max = 250;
constexpr std::size_t mails_per_page = 10;
constexpr std::array<std::string_view, 7> mandatory{
    "from", "to", "subject", "content", "date_time", "sent", "original_message_id"};

using Wrong = std::optional<Value>;

struct Association {
  Call& call;
  ItemPlace place;

  Value item(std::string_view key, std::string_view field, Value::Map first = {}) const {
    return call.org.answers.error_item(key, field_details(call, place, field, std::move(first)));
  }
  Value wrong_type(std::string_view field, std::string_view expected) const {
    return item("INVALID_DATA", field, {{"expected_data_type", expected}});
  }
};

bool is_person(const Value& value) {
  const Value* email = value.find("email");
  return email != nullptr && email->is(Value::Kind::text) && is_address(email->text());
}

Wrong check_people(const Association& to, const Value& mail) {
  if (const Value* from = mail.find("from"); !from->is(Value::Kind::map)) return to.wrong_type("from", "jsonobject");
  if (!is_person(*mail.find("from"))) return to.wrong_type("from.email", "email");
  for (std::string_view field : {"to", "cc", "bcc"}) {
    const Value* people = mail.find(field);
    if (people == nullptr || people->is_null()) continue;
    if (!people->is(Value::Kind::list)) return to.wrong_type(field, "jsonarray");
    if (field == "to" && people->items().empty()) return to.item("INVALID_DATA", field, {{"minimum_length", 1}});
    for (std::size_t i = 0; i < people->items().size(); ++i)
      if (!is_person(people->items()[i]))
        return to.wrong_type(std::string(field) + '[' + std::to_string(i) + "].email", "email");
  }
  return std::nullopt;
}

Wrong check_texts(const Association& to, const Value& mail) {
  for (std::string_view field : {"subject", "content", "original_message_id"})
    if (!mail.find(field)->is(Value::Kind::text)) return to.wrong_type(field, "text");
  std::size_t characters = characters_of(mail.find("subject")->text());
  if (characters < 1) return to.item("INVALID_DATA", "subject", {{"minimum_length", 1}});
  if (characters > subject_characters_max)
    return to.item("INVALID_DATA", "subject", {{"maximum_length", subject_characters_max}});
  if (const Value* format = mail.find("mail_format");
      format != nullptr && *format != Value("html") && *format != Value("text"))
    return to.item("INVALID_DATA", "mail_format", {{"supported_values", Value(Value::List{"html", "text"})}});
  const Value* time = mail.find("date_time");
  if (!time->is(Value::Kind::text) || !parse_crm_date_time(time->text())) return to.wrong_type("date_time", "datetime");
  if (!mail.find("sent")->is(Value::Kind::boolean)) return to.wrong_type("sent", "boolean");
  return std::nullopt;
}

Wrong check_references(const Association& to, const Value& mail) {
  const Organisation& org = to.call.org;
  if (const Value* owner = mail.find("owner"); owner != nullptr && !owner->is_null() && id_in(owner) != org.user_id)
    return to.item("INVALID_DATA.owner", "owner");
  // Files are uploaded by another call, which is not acted out; no id can be right.
  if (const Value* files = mail.find("attachments");
      files != nullptr && !files->is_null() && !(files->is(Value::Kind::list) && files->items().empty()))
    return to.item("INVALID_DATA.file", "attachments");
  const Value* linked = mail.find("linked_record");
  if (linked == nullptr || linked->is_null()) {
    if (!org.settings.linked_record_required) return std::nullopt;
    return to.item("MANDATORY_NOT_FOUND", "linked_record");
  }
  const Value* module = linked->find("module");
  const Value* name = module == nullptr ? nullptr : module->find("api_name");
  if (name != nullptr && (!name->is(Value::Kind::text) || find_module(name->text()) == nullptr))
    return to.item("INVALID_DATA.api_name", "linked_record");
  if (org.records.find_anywhere(id_in(linked)) == nullptr) return to.item("INVALID_DATA.linked", "linked_record");
  return std::nullopt;
}

Wrong check_mail(const Association& to, const Value& mail) {
  if (!mail.is(Value::Kind::map))
    return to.call.org.answers.error_item(
        "INVALID_DATA",
        object({{"expected_data_type", "jsonobject"}, {"json_path", "$." + std::string(to.place.root) + "[0]"}}));
  for (std::string_view field : mandatory) {
    const Value* value = mail.find(field);
    if (value == nullptr || value->is_null()) return to.item("MANDATORY_NOT_FOUND", field);
  }
  if (Wrong wrong = check_people(to, mail)) return wrong;
  if (Wrong wrong = check_texts(to, mail)) return wrong;
  if (Wrong wrong = check_references(to, mail)) return wrong;
  if (to.call.org.mails.has(to.call.id, mail.find("original_message_id")->text()))
    return to.item("DUPLICATE_DATA", "original_message_id");
  return std::nullopt;
}

std::string_view list_root(const Call& call) { return call.version < 40 ? "email_related_list" : "Emails"; }

const Value& field_or_null(const Value& mail, std::string_view name) {
  static const Value null;
  const Value* value = mail.find(name);
  return value == nullptr ? null : *value;
}

Value::Map entries_of(const Call& call, const Mail& mail) {
  bool sent = mail.given.find("sent")->boolean();
  return {{"cc", field_or_null(mail.given, "cc")},
          {"has_thread_attachment", false},
          {"summary", Value{}},
          {"owner", call.org.user()},
          {"read", true},
          {"subject", *mail.given.find("subject")},
          {"message_id", mail.id},
          {"has_attachment", false},
          {"source", "individual"},
          {"sent", sent},
          {"intent", Value{}},
          {"sentiment_info", Value{}},
          {"linked_record", field_or_null(mail.given, "linked_record")},
          {"emotion", Value{}},
          {"from", *mail.given.find("from")},
          {"to", *mail.given.find("to")},
          {"time", call.org.time(mail.time)},
          {"status", Value(Value::List{object({{"type", sent ? "sent" : "received"}})})}};
}

/// What stands for "from here on" in the answers: the front of the id of the first e-mail of the next page.
std::string index_of(const Mail& mail) { return mail.id.substr(0, 32); }

}  // namespace

Reply on_associate(Call& call) {
  Organisation& org = call.org;
  const std::string& root = org.settings.associate_root;
  Association to{call, {.root = root}};
  auto refuse = [&](Value item) { return Reply{400, Value::map().set(root, Value(Value::List{std::move(item)}))}; };
  if (!call.module->holds_mail) return refuse(org.answers.error_item("INVALID_MODULE.associate"));
  const Record* record = org.records.find(*call.module, call.id);
  if (record == nullptr) return call.path_error("INVALID_DATA.related", 1);
  if (record->converted) return call.path_error("ID_ALREADY_CONVERTED", 1);
  Value::List given;
  if (Reply refusal; !take_items(call, root, mails_per_call, given, refusal)) return refusal;
  if (Wrong wrong = check_mail(to, given.front())) return refuse(*std::move(wrong));
  const Value& mail = given.front();
  std::string message_id = mail.find("original_message_id")->text();
  if (org.context.observer != nullptr) org.context.observer->on_associate(org.context.name, call.id, message_id);
  const Mail& kept = org.mails.add(
      {call.module, call.id, org.prng.hex(96), message_id, mail, *parse_crm_date_time(mail.find("date_time")->text())});
  return {org.settings.associate_status,
          Value::map().set(root, Value(Value::List{org.answers.success_item(
                                     "SUCCESS.associate", Value::map().set("message_id", kept.id))}))};
}

Reply on_emails(Call& call) {
  if (!call.module->holds_mail) return call.path_error("INVALID_DATA.relation", 2);
  const std::string* type = call.query.find("type");
  if (type != nullptr && *type != "user_emails")
    return {204};  // nothing is sent, planned or drafted from within this CRM
  std::vector<const Mail*> mails = call.org.mails.on(call.id);
  std::size_t first = 0;
  if (std::string index = call.query.text("index"); !index.empty() && index != "0") {
    auto found = std::ranges::find(mails, index, [](const Mail* mail) { return index_of(*mail); });
    if (found == mails.end()) return call.error(400, "INVALID_DATA", Value::map().set("param_name", "index"));
    first = static_cast<std::size_t>(found - mails.begin());
  }
  if (mails.empty()) return {204};
  std::size_t last = std::min(first + mails_per_page, mails.size());
  Value::List rows;
  for (std::size_t i = first; i < last; ++i) rows.push_back(Value(entries_of(call, *mails[i])));
  bool more = last < mails.size();
  std::string previous = first < mails_per_page ? "0" : index_of(*mails[first - mails_per_page]);
  std::size_t count = rows.size();
  return {200, object({{std::string(list_root(call)), Value(std::move(rows))},
                       {"info", object({{"per_page", mails_per_page},
                                        {"next_index", more ? Value(index_of(*mails[last])) : Value{}},
                                        {"count", count},
                                        {"prev_index", previous},
                                        {"more_records", more}})}})};
}

Reply on_email(Call& call) {
  for (const Mail* mail : call.org.mails.on(call.id)) {
    if (mail->id != call.leaf) continue;
    Value::Map entries = entries_of(call, *mail);
    entries.emplace_back("content", field_or_null(mail->given, "content"));
    entries.emplace_back("mail_format",
                         mail->given.find("mail_format") == nullptr ? Value("html") : *mail->given.find("mail_format"));
    entries.emplace_back("attachments", Value::list());
    return {200, Value::map().set(std::string(list_root(call)), Value(Value::List{Value(std::move(entries))}))};
  }
  return {204};
}

Reply on_email_available(Call& call) {
  // The parameter is misspelt in the product.
  const std::string* message_id = call.query.find("orginal_message_id");
  if (message_id == nullptr)
    return call.error(400, "REQUIRED_PARAM_MISSING", Value::map().set("param_name", "orginal_message_id"));
  const Mail* mail = call.org.mails.with_message_id(*message_id);
  if (mail == nullptr) return {200, object({{"available", false}, {"record", Value{}}})};
  return {200, object({{"available", true},
                       {"record", object({{"module", object({{"api_name", mail->module->name},
                                                             {"id", call.org.module_id(*mail->module)}})},
                                          {"id", mail->record},
                                          {"linked_record", field_or_null(mail->given, "linked_record")}})}})};
}

}  // namespace mailrig::fakeservers::crm
