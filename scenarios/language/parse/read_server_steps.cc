#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "scenarios/language/parse/scenario_parser.h"

namespace mailrig::scenarios {
namespace {

/// Which servers a step is about, where it does not name one.
bool concerns(Verb verb, Protocol protocol) {
  switch (verb) {
    case Verb::swap_certificate:
    case Verb::refuse:
    case Verb::accept:
    case Verb::drop:
    case Verb::set: return true;
    default: return std::ranges::find(protocol->steps, to_string(verb)) != protocol->steps.end();
  }
}

bool has_mailbox(Verb verb) {
  return verb == Verb::deliver || verb == Verb::lock || verb == Verb::unlock || verb == Verb::pop_elsewhere ||
         verb == Verb::expire_password || verb == Verb::set_password;
}

}  // namespace

void ScenarioParser::read_server_step(Step& step, const Node& node) {
  std::string what = fmt::format("\"{}\"", to_string(step.verb));
  // "lock": "anna" is short for the mailbox alone.
  if (node.is(Node::Kind::text) && has_mailbox(step.verb) && step.verb != Verb::deliver &&
      step.verb != Verb::set_password) {
    std::vector<const ServerSpec*> holders;
    for (const ServerSpec& server : scenario_.servers)
      if (concerns(step.verb, server.protocol) && server.mailbox_places.contains(node.text()))
        holders.push_back(&server);
    if (holders.size() != 1) {
      reading_.error(reading_.at(node),
                     holders.empty() ? fmt::format("no server has a mailbox \"{}\"", printable(node.text()))
                                     : fmt::format("more than one server has a mailbox \"{}\"", printable(node.text())),
                     "{ \"server\": NAME, \"mailbox\": NAME }");
      return;
    }
    step.server = holders.front()->name;
    step.arguments = Value(Value::Map{{"server", step.server}, {"mailbox", node.text()}});
    return;
  }
  if (reading_.map(to_string(step.verb), node) == nullptr) return;
  Fields fields(reading_, node, what);
  const ServerSpec* server = server_of_step(fields, step.verb, node);
  if (server == nullptr) return;
  step.server = server->name;
  Value::Map arguments{{"server", server->name}};
  if (has_mailbox(step.verb)) {
    auto mailbox = mailbox_of_step(fields, *server, node, false);
    if (mailbox) arguments.emplace_back("mailbox", std::move(*mailbox));
  }
  read_server_arguments(step, fields, arguments);
  fields.finish();
  step.arguments = Value(std::move(arguments));
}

const ServerSpec* ScenarioParser::server_of_step(Fields& fields, Verb verb, const Node& node) {
  const Node* named = fields.take("server");
  if (named != nullptr) {
    auto name = reading_.text("server", *named);
    if (!name) return nullptr;
    std::vector<std::string_view> names(server_names_.begin(), server_names_.end());
    if (std::ranges::find(names, *name) == names.end())
      reading_.unknown(reading_.at(*named), fmt::format("there is no server \"{}\"", printable(*name)), names, *name);
    const ServerSpec* server = scenario_.find_server(*name);
    if (server == nullptr || concerns(verb, server->protocol)) return server;
    reading_.error(reading_.at(*named),
                   fmt::format("\"{}\" cannot happen to a {} server", to_string(verb), server->protocol->name),
                   "a server with such mailboxes");
    return nullptr;
  }
  std::vector<const ServerSpec*> candidates;
  for (const ServerSpec& server : scenario_.servers)
    if (concerns(verb, server.protocol)) candidates.push_back(&server);
  if (candidates.size() == 1) return candidates.front();
  // Of several, the one that can be meant because it alone has the mailbox.
  if (const Node* mailbox = node.find("mailbox"); mailbox != nullptr && mailbox->is(Node::Kind::text)) {
    std::vector<const ServerSpec*> holders = candidates;
    std::erase_if(holders, [&](const ServerSpec* server) { return !server->mailbox_places.contains(mailbox->text()); });
    if (holders.size() == 1) return holders.front();
  }
  // Of several, the one that mail is retrieved from: that is what such scenarios are about.
  if (has_mailbox(verb)) {
    std::erase_if(candidates, [](const ServerSpec* server) { return server->protocol->message_settings.empty(); });
    if (candidates.size() == 1) return candidates.front();
  }
  if (scenario_.servers.size() == server_names_.size() &&
      !server_names_.empty())  // else it may be one with errors of its own
    reading_.error(reading_.at(node),
                   fmt::format("\"{}\" needs \"server\": the story has more than one", to_string(verb)),
                   "\"server\": the name of a server");
  return nullptr;
}

bool ScenarioParser::check_mailbox(std::string_view key, const Node& node, const ServerSpec& server) {
  auto name = reading_.text(key, node);
  if (!name) return false;
  if (server.mailbox_places.contains(*name)) return true;
  std::vector<std::string_view> users;
  for (const auto& [user, place] : server.mailbox_places) users.push_back(user);
  reading_.unknown(reading_.at(node), fmt::format("\"{}\" has no mailbox \"{}\"", server.name, printable(*name)), users,
                   *name);
  return false;
}

std::optional<std::string> ScenarioParser::mailbox_of_step(Fields& fields, const ServerSpec& server, const Node& node,
                                                           bool optional) {
  if (const Node* named = fields.take("mailbox")) {
    if (!check_mailbox("mailbox", *named, server)) return std::nullopt;
    return std::string(named->text());
  }
  if (server.mailbox_places.size() == 1) return server.mailbox_places.begin()->first;
  if (!optional)
    reading_.error(reading_.at(node),
                   fmt::format("this step needs \"mailbox\": \"{}\" has {}", server.name,
                               server.mailbox_places.empty() ? "none" : "more than one"),
                   "\"mailbox\": the name of a mailbox");
  return std::nullopt;
}

void ScenarioParser::read_server_arguments(Step& step, Fields& fields, Value::Map& arguments) {
  const ServerSpec& server = *scenario_.find_server(step.server);
  switch (step.verb) {
    case Verb::deliver:
      if (const Node* messages = fields.need("messages", "what arrives")) {
        auto user = std::ranges::find(arguments, "mailbox", &Value::Map::value_type::first);
        std::string name = user == arguments.end() ? std::string("user") : user->second.text();
        std::string address = name.find('@') == std::string::npos ? name + "@" + server.host : name;
        arguments.emplace_back(
            "messages",
            read_messages(*messages, {.stream = fmt::format("step {}/{}/{}", scenario_.steps.size(), server.name, name),
                                      .address = address,
                                      .delivered = true,
                                      .protocol = server.protocol}));
      }
      break;
    case Verb::lock: read_lock(fields, server, arguments); break;
    case Verb::set_password:
      if (const Node* password = fields.need("password", "the new password"))
        if (auto text = reading_.text("password", *password)) arguments.emplace_back("password", std::move(*text));
      break;
    case Verb::swap_certificate:
      if (const Node* certificate =
              fields.need("certificate", "a certificate class, or { \"class\", \"from\", \"until\", \"hosts\" }")) {
        step.certificate = read_certificate(*certificate);
        arguments.emplace_back("certificate", certificate->to_value());
        if (server.tls == TlsMode::none)
          reading_.warn(reading_.at(*certificate),
                        fmt::format("nobody will see this certificate: \"{}\" has \"tls\": \"none\"", server.name));
      }
      break;
    case Verb::refuse: {
      const Node* sources = fields.take("sources");
      step.refusal = sources == nullptr ? Refusal{.all = true, .sources = {}} : read_refusal("sources", *sources);
      if (step.refusal.sources.empty()) step.refusal.all = true;
      arguments.emplace_back("sources", Value(Value::List(step.refusal.sources.begin(), step.refusal.sources.end())));
      break;
    }
    case Verb::pop_elsewhere: read_pop_elsewhere(fields, arguments); break;
    case Verb::set: read_set(step, fields, arguments); break;
    default: break;
  }
}

void ScenarioParser::read_lock(Fields& fields, const ServerSpec& server, Value::Map& arguments) {
  auto locks = server.protocol->locks;
  if (auto how = fields.choice("how", locks)) {
    arguments.emplace_back("how", locks[*how]);
    // A personality has the locks that it has words for.
    const Value* texts = server.settings.find("texts");
    auto has = [&](std::string_view name) {
      std::string key = fmt::format("lock_{}", name);
      std::ranges::replace(key, '-', '_');
      return texts != nullptr && texts->find(key) != nullptr;
    };
    if (!has(locks[*how])) {
      std::vector<std::string_view> there;
      for (std::string_view name : locks)
        if (has(name)) there.push_back(name);
      reading_.error(reading_.at(*fields.node().find("how")),
                     fmt::format("the personality \"{}\" has no lock \"{}\"", server.personality, locks[*how]),
                     there.empty() ? "a personality that locks" : one_of(there));
    }
  }
  const Node* span = fields.take("for");
  if (span != nullptr && reading_.duration("for", *span)) arguments.emplace_back("for", span->text());
}

void ScenarioParser::read_pop_elsewhere(Fields& fields, Value::Map& arguments) {
  if (const Node* messages = fields.take("messages")) {
    bool good = true;
    if (messages->is(Node::Kind::list)) {
      for (const Node* item : messages->items()) good = reading_.whole("messages", *item, 1).has_value() && good;
    } else {
      good = reading_.whole("messages", *messages).has_value();
    }
    if (good) arguments.emplace_back("messages", messages->to_value());
  }
  if (auto removes = fields.boolean("delete")) arguments.emplace_back("delete", *removes);
}

/// Settings of the server, or of one mailbox of it.
void ScenarioParser::read_set(Step& step, Fields& fields, Value::Map& arguments) {
  const ServerSpec& server = *scenario_.find_server(step.server);
  const fakeservers::ProtocolDescriptor& protocol = *server.protocol;
  const Node& node = fields.node();
  bool of_mailbox = fields.has("mailbox");
  for (const Node::Entry& entry : node.entries()) {
    if (fakeservers::is_fixed(entry.key))
      reading_.error(reading_.at(entry), fmt::format("\"{}\" cannot change while the server runs", entry.key),
                     "the value in the server itself");
    bool in_mailbox =
        std::ranges::find(protocol.mailbox_settings, entry.key, &Setting::name) != protocol.mailbox_settings.end();
    bool in_server = std::ranges::find(protocol.settings, entry.key, &Setting::name) != protocol.settings.end();
    of_mailbox = of_mailbox || (in_mailbox && !in_server);
  }
  if (of_mailbox) {
    if (auto mailbox = mailbox_of_step(fields, server, node, false))
      arguments.emplace_back("mailbox", std::move(*mailbox));
    if (auto password = fields.text("password")) arguments.emplace_back("password", std::move(*password));
    fields.settings(protocol.mailbox_settings, arguments);
  } else {
    if (const Node* faults = fields.take("faults"))
      arguments.emplace_back("faults", read_faults(*faults, server, step.fault_places));
    if (const Node* texts = fields.take("texts")) arguments.emplace_back("texts", read_texts(*texts, server.protocol));
    if (!protocol.records.empty())
      if (const Node* records = fields.take("records")) read_records(*records, server, arguments);
    fields.settings(protocol.settings, arguments);
  }
  auto is_address = [](const Node::Entry& entry) { return entry.key == "server" || entry.key == "mailbox"; };
  if (std::ranges::all_of(node.entries(), is_address))
    reading_.warn(step.place, "this step changes nothing",
                  of_mailbox ? "a setting of the mailbox" : "a setting of the server, \"texts\" or \"faults\"");
}

}  // namespace mailrig::scenarios
