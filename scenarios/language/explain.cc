#include "scenarios/language/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "json/json_writer.h"
#include "scenarios/language/vocabulary.h"

namespace mailrig::scenarios {
namespace {

/// What the loader has added to a message spec for the servers, taken back into what an author writes.
Value as_written(const Value& spec) {
  if (!spec.is(Value::Kind::map)) return spec;
  Value::Map map;
  bool of_file = spec.find("file") != nullptr;
  for (const auto& [key, value] : spec.entries()) {
    if (key == "stream" || key == "size_max" || (key == "text" && of_file)) continue;
    if (key == "size_min")
      map.emplace_back("size", fmt::format("{}..{}", value.integer(), spec.find("size_max")->integer()));
    else
      map.emplace_back(key, value);
  }
  return Value(std::move(map));
}

Value messages_as_written(const Value& specs) {
  Value::List list;
  for (const Value& spec : specs.items()) list.push_back(as_written(spec));
  return Value(std::move(list));
}

Value certificate_value(const CertificateSpec& certificate) {
  Value value = Value::map().set("class", certificate.flaw ? to_string(*certificate.flaw) : std::string_view("good"));
  if (certificate.from) value.set("from", format_instant(*certificate.from));
  if (certificate.until) value.set("until", format_instant(*certificate.until));
  if (!certificate.hosts.empty())
    value.set("hosts", Value(Value::List(certificate.hosts.begin(), certificate.hosts.end())));
  return value;
}

Value refusal_value(const Refusal& refusal) {
  if (refusal.all || refusal.sources.empty()) return refusal.all;
  return Value(Value::List(refusal.sources.begin(), refusal.sources.end()));
}

Value server_value(const ServerSpec& server) {
  Value value = Value::map();
  value.set("protocol", server.protocol->name);
  value.set("personality", server.own_personality ? Value::map() : Value(server.personality));
  value.set("host", server.host);
  value.set("tls", to_string(server.tls));
  value.set("port", static_cast<std::int64_t>(server.port));
  if (server.tls != TlsMode::none) value.set("certificate", certificate_value(server.certificate));
  value.set("link", Value(Value::Map{{"latency", format_duration(server.link.latency)},
                                     {"bytes_per_second", static_cast<std::int64_t>(server.link.bytes_per_second)},
                                     {"split_at", static_cast<std::int64_t>(server.link.split_at)}}));
  value.set("refuse", refusal_value(server.refuse));
  value.set("silent", server.silent);
  Value::List addresses;
  for (AddressState state : server.addresses) addresses.emplace_back(to_string(state));
  if (!addresses.empty()) value.set("addresses", Value(std::move(addresses)));
  for (const auto& [key, setting] : server.settings.entries()) {
    if (key == "name" || value.find(key) != nullptr) continue;
    if (key != "mailboxes") {
      value.set(key, setting);
      continue;
    }
    Value mailboxes = Value::map();
    for (const auto& [user, mailbox] : setting.entries()) {
      Value one = mailbox;
      if (const Value* messages = mailbox.find("messages")) one.set("messages", messages_as_written(*messages));
      mailboxes.set(user, std::move(one));
    }
    value.set(key, std::move(mailboxes));
  }
  return value;
}

Value step_value(const Step& step) {
  Value arguments = step.arguments;
  switch (step.verb) {
    case Verb::advance: arguments = *step.arguments.find("span"); break;
    case Verb::poll: arguments = *step.arguments.find("accounts"); break;
    case Verb::restart: arguments = "client"; break;
    case Verb::deliver: arguments.set("messages", messages_as_written(*step.arguments.find("messages"))); break;
    case Verb::swap_certificate: arguments.set("certificate", certificate_value(*step.certificate)); break;
    case Verb::send:
      if (step.arguments.find("raw") != nullptr) arguments = merged(arguments, Value(Value::Map{{"raw", Value{}}}));
      break;
    case Verb::expect:
      arguments = Value::map();
      for (const Expectation& expectation : step.expectations)
        arguments.set(expectation.path.text(), expectation.wanted);
      for (const TemporalExpectation& expectation : step.temporal)
        for (const auto& [key, value] : expectation.wanted.entries()) arguments.set(key, value);
      break;
    default: break;
  }
  Value value = Value::map().set(std::string(to_string(step.verb)), std::move(arguments));
  if (step.verb == Verb::expect) value.set("level", to_string(step.level));
  if (!step.why.empty()) value.set("why", step.why);
  if (!step.note.empty()) value.set("note", step.note);
  if (step.after) {
    Value after = Value::map().set("server", step.after->server);
    if (!step.after->command.empty())
      after.set("command", step.after->command).set("nth", static_cast<std::int64_t>(step.after->nth));
    if (step.after->sessions > 0) after.set("sessions", static_cast<std::int64_t>(step.after->sessions));
    if (step.after->messages > 0) after.set("messages", static_cast<std::int64_t>(step.after->messages));
    value.set("after", std::move(after));
  }
  return value;
}

}  // namespace

Value explained(const Scenario& scenario) {
  Value value = Value::map();
  // The row has become part of the scenario: "gmail/locks[captcha]" is told as "gmail/locks", row "captcha".
  value.set("id", scenario.id.substr(0, scenario.id.find('[')));
  value.set("title", scenario.title);
  for (auto [key, text] :
       {std::pair{"why", &scenario.why}, std::pair{"hint", &scenario.hint}, std::pair{"sim_only", &scenario.sim_only},
        std::pair{"known_failure", &scenario.known_failure}})
    if (!text->empty()) value.set(key, *text);
  value.set("covers", Value(Value::List(scenario.covers.begin(), scenario.covers.end())));
  value.set("tags", Value(Value::List(scenario.tags.begin(), scenario.tags.end())));
  value.set("clock", format_instant(scenario.clock));
  value.set("limit", format_duration(scenario.limit));
  Value servers = Value::map();
  // A personality of the file's own is worked into its servers and stands there as an empty one.
  for (const ServerSpec& server : scenario.servers) servers.set(server.name, server_value(server));
  value.set("servers", std::move(servers));
  Value accounts = Value::map();
  for (const AccountSpec& account : scenario.accounts)
    accounts.set(account.name, merged(account_defaults(), account.settings));
  value.set("accounts", std::move(accounts));
  Value::List steps;
  for (const Step& step : scenario.steps) steps.push_back(step_value(step));
  value.set("steps", Value(std::move(steps)));
  return value;
}

std::string explain(const Scenario& scenario) { return write_json(explained(scenario)); }

}  // namespace mailrig::scenarios
