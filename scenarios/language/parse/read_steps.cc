#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scenarios/language/parse/scenario_parser.h"

namespace mailrig::scenarios {
namespace {

constexpr std::string_view level_names[] = {"MUST", "SHOULD", "INFO"};

bool is_beside_the_verb(std::string_view key) {
  return key == "note" || key == "after" || key == "level" || key == "why";
}

}  // namespace

void ScenarioParser::read_steps(const Node& steps) {
  scenario_.steps.reserve(steps.items().size());
  for (const Node* step : steps.items()) read_step(*step);
  check_what_serve_expects();
  if (advanced_ > scenario_.limit)
    reading_.warn(scenario_.steps.back().place,
                  fmt::format("the steps advance {}, past the limit of {}: what follows is never reached",
                              format_duration(advanced_), format_duration(scenario_.limit)),
                  "\"limit\": a longer span");
}

void ScenarioParser::read_step(const Node& node) {
  if (!node.is(Node::Kind::map)) {
    reading_.wrong_type("steps", node, "a step such as { \"poll\": \"home\" }");
    return;
  }
  const Node::Entry* verb_entry = nullptr;
  for (const Node::Entry& entry : node.entries()) {
    if (is_beside_the_verb(entry.key)) continue;
    auto known = std::ranges::find(verb_names(), entry.key) != verb_names().end();
    if (!known) {
      reading_.unknown(reading_.at(entry), fmt::format("there is no step \"{}\"", printable(entry.key)), verb_names(),
                       entry.key);
      return;
    }
    if (verb_entry != nullptr) {
      reading_.error(reading_.at(entry),
                     fmt::format("a step does one thing; this one has \"{}\" already", verb_entry->key),
                     "a step of its own: { ... }, { ... }");
      return;
    }
    verb_entry = &entry;
  }
  if (verb_entry == nullptr) {
    reading_.error(reading_.at(node), "this step does nothing", one_of(verb_names()));
    return;
  }
  Step step;
  step.place = reading_.at(*verb_entry);
  step.verb = static_cast<Verb>(std::ranges::find(verb_names(), verb_entry->key) - verb_names().begin());
  Fields fields(reading_, node, "a step");
  fields.take(verb_entry->key);
  step.note = fields.text("note").value_or("");
  if (step.verb == Verb::expect) {
    step.why = fields.text("why").value_or("");
    if (auto level = fields.choice("level", level_names)) step.level = static_cast<Level>(*level);
  }
  if (const Node* after = fields.take("after")) {
    if (is_client_step(step.verb))
      reading_.error(reading_.at(*after),
                     fmt::format("\"after\" is for `serve`, which skips \"{}\"", to_string(step.verb)), "no \"after\"");
    read_after(step, *after);
  }
  fields.finish();
  read_verb(step, *verb_entry);
  scenario_.steps.push_back(std::move(step));
}

void ScenarioParser::read_verb(Step& step, const Node::Entry& entry) {
  const Node& node = *entry.value;
  switch (step.verb) {
    case Verb::advance: return read_advance(step, node);
    case Verb::poll: return read_poll(step, node);
    case Verb::send: return read_send(step, node);
    case Verb::edit: return read_edit(step, node);
    case Verb::insert:
    case Verb::add_note: return read_crm_entry(step, node);
    case Verb::restart: return read_restart(step, node);
    case Verb::expect: return read_expectations(step, node);
    default: return read_server_step(step, node);
  }
}

void ScenarioParser::read_advance(Step& step, const Node& node) {
  auto span = reading_.duration("advance", node);
  if (!span) return;
  if (*span <= Duration::zero())
    reading_.error(reading_.at(node), "\"advance\": the calendar does not move by nothing",
                   "a span of time such as \"15m\"");
  step.span = *span;
  step.arguments.set("span", node.text());
  advanced_ += *span;
}

const AccountSpec* ScenarioParser::account_named(std::string_view key, const Node& node) {
  auto name = reading_.text(key, node);
  if (!name) return nullptr;
  std::vector<std::string_view> names(account_names_.begin(), account_names_.end());
  if (std::ranges::find(names, *name) == names.end())
    reading_.unknown(
        reading_.at(node),
        names.empty() ? "this story has no accounts" : fmt::format("there is no account \"{}\"", printable(*name)),
        names, *name);
  return scenario_.find_account(*name);
}

void ScenarioParser::read_poll(Step& step, const Node& node) {
  std::vector<const Node*> names(1, &node);
  if (node.is(Node::Kind::list)) names.assign(node.items().begin(), node.items().end());
  if (names.empty())
    reading_.error(reading_.at(node), "\"poll\": nobody polls", "the name of an account, or a list of them");
  Value::List list;
  for (const Node* name : names) {
    const AccountSpec* account = account_named("poll", *name);
    if (account == nullptr) continue;
    if (std::ranges::find(step.accounts, account->name) != step.accounts.end())
      reading_.error(reading_.at(*name), fmt::format("\"{}\" is listed twice", account->name),
                     "each account once; a second poll is a step of its own");
    if (!account->pop3 && !broken_.contains({account->name, "pop3"}))
      reading_.error(reading_.at(*name), fmt::format("\"{}\" has no POP3 server to poll", account->name),
                     "an account with \"pop3\"");
    step.accounts.push_back(account->name);
    list.emplace_back(account->name);
  }
  step.arguments.set("accounts", Value(std::move(list)));
}

void ScenarioParser::read_send(Step& step, const Node& node) {
  if (reading_.map("send", node) == nullptr) return;
  Fields fields(reading_, node, "\"send\"");
  const Node* named = fields.take("account");
  const AccountSpec* account = named != nullptr                 ? account_named("account", *named)
                               : scenario_.accounts.size() == 1 ? &scenario_.accounts.front()
                                                                : nullptr;
  if (named == nullptr && account == nullptr)
    reading_.error(reading_.at(node), "\"send\" needs \"account\": the story has more than one",
                   "\"account\": the name of an account");
  if (account != nullptr) {
    step.accounts.push_back(account->name);
    step.arguments.set("account", account->name);
    if (!account->smtp && !broken_.contains({account->name, "smtp"}))
      reading_.error(named != nullptr ? reading_.at(*named) : reading_.at(node),
                     fmt::format("\"{}\" has no SMTP server to send through", account->name),
                     "an account with \"smtp\"");
  }
  bool anyone = false;
  for (std::string_view key : {"to", "cc", "bcc"}) {
    const Node* node_of = fields.take(key);
    auto list = node_of == nullptr ? std::nullopt : reading_.text_list(key, *node_of);
    if (!list) continue;
    anyone = anyone || !list->empty();
    step.arguments.set(std::string(key), Value(Value::List(list->begin(), list->end())));
  }
  if (!anyone)
    reading_.error(reading_.at(node), "\"send\": the message goes to nobody",
                   "\"to\", \"cc\" or \"bcc\": an address or a list of them");
  for (std::string_view key : {"from", "subject", "text"})
    if (auto text = fields.text(key)) step.arguments.set(std::string(key), std::move(*text));
  if (const Node* file = fields.take("file")) {
    if (fields.has("text") || fields.has("subject"))
      reading_.error(reading_.at(*file), "\"file\" is a whole message: it brings its subject and text",
                     "\"file\" alone, or \"subject\" and \"text\"");
    if (auto bytes = reading_.read_file("file", *file))
      step.arguments.set("raw", std::move(*bytes)).set("file", file->text());
  }
  fields.finish();
}

void ScenarioParser::read_edit(Step& step, const Node& node) {
  if (reading_.map("edit", node) == nullptr) return;
  Fields fields(reading_, node, "\"edit\"");
  const Node* named = fields.take("account");
  const AccountSpec* account = named != nullptr                 ? account_named("account", *named)
                               : scenario_.accounts.size() == 1 ? &scenario_.accounts.front()
                                                                : nullptr;
  if (named == nullptr && account == nullptr)
    reading_.error(reading_.at(node), "\"edit\" needs \"account\": the story has more than one",
                   "\"account\": the name of an account");
  AccountSpec changed;
  read_account_keys(fields, changed);
  fields.finish();
  step.arguments = changed.settings.is_null() ? Value::map() : std::move(changed.settings);
  if (account == nullptr) return;
  step.accounts.push_back(account->name);
  step.arguments.set("account", account->name);
}

void ScenarioParser::read_crm_entry(Step& step, const Node& node) {
  static constexpr std::array<std::string_view, 2> modules{"Leads", "Contacts"};
  const std::string_view verb = to_string(step.verb);
  if (reading_.map(verb, node) == nullptr) return;
  const std::string what = fmt::format("\"{}\"", verb);
  Fields fields(reading_, node, what);
  const Node* named = fields.take("account");
  const AccountSpec* account = named != nullptr                 ? account_named("account", *named)
                               : scenario_.accounts.size() == 1 ? &scenario_.accounts.front()
                                                                : nullptr;
  if (named == nullptr && account == nullptr)
    reading_.error(reading_.at(node), fmt::format("\"{}\" needs \"account\": the story has more than one", verb),
                   "\"account\": the name of an account");
  if (account != nullptr) {
    step.accounts.push_back(account->name);
    step.arguments.set("account", account->name);
    if (!account->crm && !broken_.contains({account->name, "crm"}))
      reading_.error(named != nullptr ? reading_.at(*named) : reading_.at(node),
                     fmt::format("\"{}\" has no CRM", account->name), "an account with \"crm\"");
  }
  if (const Node* email = fields.need("email", "an address"))
    if (auto text = reading_.text("email", *email)) step.arguments.set("email", std::move(*text));
  if (step.verb == Verb::insert) {
    if (auto module = fields.choice("module", modules)) step.arguments.set("module", modules[*module]);
    for (std::string_view key : {"name", "company"})
      if (auto text = fields.text(key)) step.arguments.set(std::string(key), std::move(*text));
  } else {
    for (std::string_view key : {"title", "content"})
      if (auto text = fields.text(key)) step.arguments.set(std::string(key), std::move(*text));
  }
  fields.finish();
}

void ScenarioParser::read_restart(Step& step, const Node& node) {
  static constexpr std::string_view whom[] = {"client"};
  reading_.choice("restart", node, whom);
  step.arguments.set("whom", "client");
}

void ScenarioParser::read_after(Step& step, const Node& node) {
  if (reading_.map("after", node) == nullptr) return;
  Fields fields(reading_, node, "\"after\"");
  After after;
  if (const Node* server = fields.take("server")) {
    auto name = reading_.text("server", *server);
    std::vector<std::string_view> names(server_names_.begin(), server_names_.end());
    if (name && std::ranges::find(names, *name) == names.end())
      reading_.unknown(reading_.at(*server), fmt::format("there is no server \"{}\"", printable(*name)), names, *name);
    after.server = name.value_or("");
  } else if (scenario_.servers.size() == 1) {
    after.server = scenario_.servers.front().name;
  } else {
    reading_.error(reading_.at(node), "\"after\" needs \"server\": the story has more than one",
                   "\"server\": the name of a server");
  }
  int conditions = 0;
  if (const Node* command = fields.take("command")) {
    ++conditions;
    after.command = reading_.text("command", *command).value_or("");
    after.nth = 1;
    const ServerSpec* server = scenario_.find_server(after.server);
    if (server != nullptr && !after.command.empty()) {
      auto verbs = server->protocol->faults->verbs;
      bool path = server->protocol->faults->http && after.command.find(" /") != std::string::npos;
      if (!path && std::ranges::find(verbs, after.command) == verbs.end())
        reading_.unknown(reading_.at(*command),
                         fmt::format("{} has no command \"{}\"", server->protocol->name, printable(after.command)),
                         verbs, after.command);
    }
  }
  if (const Node* nth = fields.take("nth")) {
    after.nth = reading_.whole("nth", *nth, 1).value_or(1);
    if (after.command.empty())
      reading_.error(reading_.at(*nth), "\"nth\" counts commands, and there is no \"command\"",
                     "\"command\": such as \"RETR\"");
  }
  for (auto [key, field] : {std::pair{"sessions", &After::sessions}, std::pair{"messages", &After::messages}}) {
    if (auto count = fields.whole(key, 1)) {
      after.*field = *count;
      ++conditions;
    }
  }
  fields.finish();
  if (conditions != 1)
    reading_.error(reading_.at(node), conditions == 0 ? "\"after\" says no condition" : "\"after\" has one condition",
                   "one of command (with nth), sessions or messages");
  step.after = std::move(after);
}

}  // namespace mailrig::scenarios
