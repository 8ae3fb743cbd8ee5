#include "fakeservers/crm/server.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "fakeservers/crm/crm_server.h"
#include "fakeservers/crm/http/session.h"
#include "fakeservers/crm/misbehaviours.h"
#include "fakeservers/crm/records/view.h"
#include "fakeservers/crm/texts.h"
#include "json/json_value.h"

namespace mailrig::fakeservers {
namespace {

Error bad(std::string_view key, std::string message) {
  return {Errc::bad_input, std::move(message), Step::none, std::string(key)};
}

}  // namespace

std::span<const Setting> crm_settings() { return crm::settings_table(); }
std::span<const TextKey> crm_texts() { return crm::text_keys(); }
std::span<const std::string_view> crm_modules() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const crm::Module& module : crm::all_modules()) all.push_back(module.name);
    return all;
  }();
  return names;
}

const FaultVocabulary& crm_faults() {
  static const std::vector<std::string_view> verbs = [] {
    std::vector<std::string_view> all{"tls"};
    all.insert(all.end(), crm::call_words().begin(), crm::call_words().end());
    return all;
  }();
  static const FaultVocabulary vocabulary{
      .protocol = "crm", .verbs = verbs, .misbehaviours = crm::misbehaviours(), .http = true};
  return vocabulary;
}

Result<std::unique_ptr<FakeServer>> make_crm_server(ServerContext context, const Value& settings) {
  Result<crm::Settings> read = crm::read_settings(settings);
  if (!read) return read.error();
  if (Status texts = crm::check_texts(settings.find("texts")); !texts) return texts.error();
  Result<std::vector<FaultRule>> faults = parse_faults(settings.find("faults"), crm_faults());
  if (!faults) return faults.error();
  auto server = std::make_unique<crm::CrmServer>(std::move(context), settings, *std::move(read), *std::move(faults));
  if (Status added = server->add_records(settings.find("records")); !added) return added.error();
  return std::unique_ptr<FakeServer>(std::move(server));
}

namespace crm {

Status CrmServer::link(std::string_view setting, FakeServer& other) {
  if (setting != "tokens_of") return FakeServer::link(setting, other);
  auto* grantor = dynamic_cast<CrmServer*>(&other);
  if (grantor == nullptr || grantor == this)
    return bad("tokens_of", "\"tokens_of\" takes the name of another CRM server");
  org_.other_tokens = &grantor->org_.tokens;
  return {};
}
namespace {

Value texts_of(const Value& settings) {
  const Value* texts = settings.find("texts");
  return texts != nullptr && texts->is(Value::Kind::map) ? *texts : Value::map();
}

std::string address_of(const Value* person) {
  const Value* email = person == nullptr ? nullptr : person->find("email");
  return email != nullptr && email->is(Value::Kind::text) ? email->text() : std::string();
}

Value addresses_of(const Value* people) {
  Value::List addresses;
  if (people != nullptr && people->is(Value::Kind::list))
    for (const Value& person : people->items()) addresses.emplace_back(address_of(&person));
  return Value(std::move(addresses));
}

Value observe_mail(const Mail& mail) {
  auto field = [&](std::string_view name) {
    return mail.given.find(name) == nullptr ? Value{} : *mail.given.find(name);
  };
  return object({{"module", mail.module->name},
                 {"record", mail.record},
                 {"message_id", mail.id},
                 {"original_message_id", mail.original_message_id},
                 {"subject", field("subject")},
                 {"content", field("content")},
                 {"date_time", field("date_time")},
                 {"sent", field("sent")},
                 {"from", address_of(mail.given.find("from"))},
                 {"to", addresses_of(mail.given.find("to"))},
                 {"cc", addresses_of(mail.given.find("cc"))},
                 {"bcc", addresses_of(mail.given.find("bcc"))}});
}

Value observe_note(const Organisation& org, const Record& note) {
  std::string parent = id_in(note.fields.find("Parent_Id"));
  const Record* record = org.records.find_anywhere(parent);
  return object({{"module", record == nullptr ? Value{} : Value(record->module->name)},
                 {"record", parent},
                 {"title", note.text("Note_Title")},
                 {"content", note.text("Note_Content")}});
}

/// By name in lower case; of several fields with one name the last.
Value shown_fields(const HttpRequest& request) {
  Value fields = Value::map();
  for (const HttpField& field : request.fields) {
    const std::string name = lower_case(field.name);
    // The scheme is told, what follows it is the token.
    const bool secret = name == "authorization" || name == "cookie" || name == "proxy-authorization";
    const std::size_t blank = field.value.find(' ');
    fields.set(name,
               secret ? field.value.substr(0, blank == std::string::npos ? 0 : blank + 1) + "<token>" : field.value);
  }
  return fields;
}

Value shown_parameters(const Query& query) {
  Value shown = Value::map();
  for (const auto& [name, value] : query.pairs()) shown.set(name, is_secret_parameter(name) ? "<" + name + ">" : value);
  return shown;
}

Value list_of_texts(const std::deque<std::string>& texts) { return Value(Value::List(texts.begin(), texts.end())); }

/// Laid over `given` with these, or what is wrong with them.
Status known_keys(const Value& arguments) {
  std::vector<std::string_view> names{"server", "records", "texts", "faults", "clients"};
  for (const Setting& setting : settings_table()) names.push_back(setting.name);
  for (const auto& [key, value] : arguments.entries()) {
    if (std::ranges::find(names, key) != names.end()) continue;
    std::string_view meant = nearest(key, names);
    return bad(key, fmt::format("a CRM has no setting \"{}\"{}", printable(key),
                                meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant)));
  }
  return {};
}

}  // namespace

CrmServer::CrmServer(ServerContext context, Value given, Settings settings, std::vector<FaultRule> faults)
    : given_(std::move(given)), org_(std::move(context), std::move(settings), texts_of(given_)), log_(call_words()) {
  books_.emplace_back(std::move(faults));
  log_.report_to(org_.context.observer, org_.context.name);
}

std::unique_ptr<Session> CrmServer::open(ConnectionInfo arrival) {
  return std::make_unique<CrmSession>(*this, std::move(arrival));
}

Handshake CrmServer::handshake(const ConnectionInfo& arrival) {
  if (faults().empty()) return Handshake::proper;
  const FaultRule* rule =
      faults().match({.on = "tls", .connection = arrival.connection, .connection_number = arrival.number});
  // "any" is any call: a connection that ends after each answer has its handshake first.
  if (rule == nullptr || rule->on != "tls") return Handshake::proper;
  if (rule->hang) return Handshake::stalled;
  return rule->cut_after || rule->ending ? Handshake::cut : Handshake::proper;
}

// The session has said how it ended before this is called.
void CrmServer::on_closed(std::string_view /*connection*/, const Status& /*how*/) {}

Status CrmServer::change(std::string_view verb, const Value& arguments) {
  if (verb != "set") return bad("", fmt::format("a CRM cannot be told to \"{}\"; it knows \"set\"", printable(verb)));
  if (!arguments.is(Value::Kind::map)) return bad("", "\"set\" takes an object");
  if (Status known = known_keys(arguments); !known) return known;
  if (arguments.find("tokens_of") != nullptr) return bad("tokens_of", "\"tokens_of\" cannot change in the middle");
  Value laid_over = merged(given_, arguments);
  Result<Settings> settings = read_settings(laid_over);
  if (!settings) return settings.error();
  if (Status texts = check_texts(arguments.find("texts")); !texts) return texts;
  Result<std::vector<FaultRule>> faults = parse_faults(arguments.find("faults"), crm_faults());
  if (!faults) return faults.error();
  // What is added now is not yet found by searches, like any other write.
  if (Status added = add_records(arguments.find("records"), settings->index_lag); !added) return added;
  given_ = std::move(laid_over);
  org_.settings = *std::move(settings);
  org_.answers.lay_over(texts_of(arguments));
  org_.tokens.follow_settings();
  if (arguments.find("faults") != nullptr) books_.emplace_back(*std::move(faults));
  return {};
}

Status CrmServer::add_records(const Value* records, Duration index_lag) {
  if (records == nullptr) return {};
  if (!records->is(Value::Kind::map))
    return bad("records", "\"records\" takes an object such as { \"Contacts\": [ { \"Last_Name\": ... } ] }");
  for (const auto& [name, list] : records->entries()) {
    const Module* module = find_module(name);
    if (module == nullptr) {
      std::vector<std::string_view> names;
      for (const Module& one : all_modules()) names.push_back(one.name);
      return bad(fmt::format("records.{}", printable(name)),
                 fmt::format("the CRM has no module \"{}\"; it has {}", printable(name), join_words(names)));
    }
    if (!list.is(Value::Kind::list))
      return bad(fmt::format("records.{}", name),
                 fmt::format("\"records\" has lists of records, and \"{}\" has {}", name, to_json(list, 60)));
    for (const Value& fields : list.items()) {
      if (!fields.is(Value::Kind::map))
        return bad(fmt::format("records.{}", name), fmt::format("a record is an object, not {}", to_json(fields, 60)));
      const Value* id = fields.find("id");
      const Record* present = id == nullptr ? nullptr : org_.records.find_anywhere(id_in(id));
      if (id != nullptr &&
          (!id->is(Value::Kind::text) || !is_id(id->text()) || (present != nullptr && present->module != module)))
        return bad(fmt::format("records.{}", name),
                   fmt::format("the id of a record is a text of 1 to 19 digits that no other module has, not {}",
                               to_json(*id, 60)));
      Record& record = org_.records.add(*module, fields, org_.now(), org_.now() + index_lag);
      const Value* converted = fields.find("$converted");
      record.converted = converted != nullptr && *converted == Value(true);
    }
  }
  return {};
}

void CrmServer::note_request(const Incoming& incoming, unsigned status) {
  if (requests_.size() >= calls_max) return;
  const std::string& body = incoming.http.body;
  const bool form = incoming.kind == Incoming::Kind::token || incoming.kind == Incoming::Kind::revoke;
  Value shown;
  request_octets_ += body.size();
  if (request_octets_ > request_octets_max)
    shown = fmt::format("<{} octets>", body.size());
  else if (form)
    shown = shown_parameters(Query::parse(body));
  else if (Result<Value> json = parse_json_value(body); json)
    shown = *std::move(json);
  else
    shown = body;
  // Of a token call `target.query` has the parameters of the body too.
  const std::size_t mark = incoming.http.target.find('?');
  const Query query = Query::parse(mark == std::string::npos ? std::string_view()
                                                             : std::string_view(incoming.http.target).substr(mark + 1));
  requests_.push_back(object({{"call", incoming.word},
                              {"method", incoming.http.method},
                              {"path", incoming.target.path},
                              {"query", shown_parameters(query)},
                              {"headers", shown_fields(incoming.http)},
                              {"body", std::move(shown)},
                              {"status", status}}));
}

Value CrmServer::observe() const {
  Value server = Value::map();
  log_.observe(server);
  server.set("records", Value::lazy([this] {
               Value modules = Value::map();
               for (const Module& module : all_modules()) {
                 Value::List rows;
                 for (const Record* record : org_.records.all(module)) rows.push_back(view_of(org_, *record));
                 modules.set(std::string(module.name), Value(std::move(rows)));
               }
               return modules;
             }));
  server.set("emails", Value::lazy([this] {
               Value::List mails;
               for (const Mail& mail : org_.mails.all()) mails.push_back(observe_mail(mail));
               return Value(std::move(mails));
             }));
  server.set("notes", Value::lazy([this] {
               Value::List notes;
               for (const Record* note : org_.records.all(*find_module("Notes")))
                 notes.push_back(observe_note(org_, *note));
               return Value(std::move(notes));
             }));
  server.set("calls", Value::lazy([this] { return list_of_texts(calls_); }));
  server.set("unknown_calls", Value::lazy([this] { return list_of_texts(unknown_calls_); }));
  server.set("requests", Value::lazy([this] { return Value(Value::List(requests_.begin(), requests_.end())); }));
  server.set("tokens_issued", org_.tokens.issued());
  return server;
}

std::vector<RuleReport> CrmServer::rules() const { return reports_of(books_); }

}  // namespace crm
}  // namespace mailrig::fakeservers
