#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "scenarios/language/explain.h"
#include "scenarios/language/secrets_of.h"

namespace mailrig::scenarios {
namespace {

// A story is read at a glance: more than this of an expectation or a list is cut.
constexpr std::size_t shown_octets_max = 120;

std::string text_of(const Value& arguments, std::string_view key) {
  const Value* value = arguments.find(key);
  return value != nullptr && value->is(Value::Kind::text) ? value->text() : "";
}

std::string join(const std::vector<std::string>& words) {
  std::vector<std::string_view> views(words.begin(), words.end());
  return join_words(views);
}

std::string texts_of(const Value& arguments, std::initializer_list<std::string_view> keys) {
  std::vector<std::string> words;
  for (std::string_view key : keys)
    if (const Value* list = arguments.find(key))
      for (const Value& item : list->items()) words.push_back(item.text());
  return join(words);
}

/// "3 messages arrive", of specs.
std::string arrivals(const Value& specs) {
  std::int64_t count = 0;
  for (const Value& spec : specs.items()) {
    const Value* generate = spec.find("generate");
    count += generate == nullptr ? 1 : generate->integer();
  }
  return count == 1 ? "1 message arrives" : fmt::format("{} messages arrive", count);
}

/// "leave_on_server: false, another password"
std::string changes(const Value& arguments) {
  std::vector<std::string> words;
  for (const auto& [key, value] : arguments.entries()) {
    if (key == "account" || key == "server" || key == "mailbox") continue;
    if (is_secret_key(key))
      words.push_back(fmt::format("another {}", key));
    else if ((key == "pop3" || key == "smtp" || key == "crm") && value.is(Value::Kind::map))
      words.push_back(fmt::format("{}: {}:{} ({})", key, text_of(value, "host"), value.find("port")->integer(),
                                  text_of(value, "tls")));
    else
      words.push_back(fmt::format("{}: {}", key, to_json(value, shown_octets_max)));
  }
  return words.empty() ? "no change" : join(words);
}

std::string poll(const Scenario& scenario, const Step& step) {
  std::vector<std::string> who;
  for (const std::string& name : step.accounts) {
    const AccountSpec* account = scenario.find_account(name);
    std::string_view server =
        account != nullptr && account->pop3 ? std::string_view(account->pop3->server) : std::string_view{};
    who.push_back(server.empty() ? fmt::format("{} polls", name) : fmt::format("{} polls {}", name, server));
  }
  return join(who) + (who.size() > 1 ? ", at the same time" : "");
}

std::string expectations(const Step& step) {
  std::string text =
      step.level == Level::must ? std::string("expected: ") : fmt::format("expected ({}): ", to_string(step.level));
  std::string_view separator;
  for (const Expectation& expectation : step.expectations) {
    text += fmt::format("{}{} is {}", separator, expectation.path.text(), describe(expectation.condition));
    separator = "; ";
  }
  for (const TemporalExpectation& expectation : step.temporal) {
    text += fmt::format("{}{}", separator, name_of(expectation));
    separator = "; ";
  }
  return text;
}

std::string refusal(const Step& step) {
  if (step.refusal.all) return fmt::format("{} refuses connections", step.server);
  return fmt::format("{} refuses connections from {}", step.server, join(step.refusal.sources));
}

std::string elsewhere(const Step& step) {
  const Value* messages = step.arguments.find("messages");
  std::string what = "all messages";
  if (messages != nullptr && messages->is(Value::Kind::integer))
    what = messages->integer() == 1 ? "1 message" : fmt::format("{} messages", messages->integer());
  if (messages != nullptr && messages->is(Value::Kind::list)) what = "messages " + to_json(*messages, shown_octets_max);
  const Value* removes = step.arguments.find("delete");
  return fmt::format("another client retrieves {} of {} from {}{}", what, text_of(step.arguments, "mailbox"),
                     step.server, removes != nullptr && removes->boolean() ? " and deletes them" : "");
}

std::string line(const Scenario& scenario, const Step& step) {
  std::string mailbox = printable(text_of(step.arguments, "mailbox"));
  const std::string& server = step.server;
  switch (step.verb) {
    case Verb::advance: return fmt::format("{} passes", format_duration(step.span));
    case Verb::poll: return poll(scenario, step);
    case Verb::send: {
      std::string subject = printable(text_of(step.arguments, "subject"));
      std::string what = subject.empty() ? "a message" : fmt::format("\"{}\"", subject);
      return fmt::format("{} sends {} to {}", join(step.accounts), what,
                         printable(texts_of(step.arguments, {"to", "cc", "bcc"})));
    }
    case Verb::insert:
      return fmt::format("{} adds {} to the CRM", join(step.accounts), printable(text_of(step.arguments, "email")));
    case Verb::add_note:
      return fmt::format("{} adds a note to the record of {} in the CRM", join(step.accounts),
                         printable(text_of(step.arguments, "email")));
    case Verb::edit: return fmt::format("{} is edited: {}", join(step.accounts), changes(step.arguments));
    case Verb::restart: return "the client starts anew, with its store";
    case Verb::deliver:
      return fmt::format("{} for {} at {}", arrivals(*step.arguments.find("messages")), mailbox, server);
    case Verb::lock: {
      std::string how = text_of(step.arguments, "how");
      return fmt::format("{} locks {}{}", server, mailbox, how.empty() ? "" : fmt::format(" ({})", how));
    }
    case Verb::unlock: return fmt::format("{} is unlocked at {}", mailbox, server);
    case Verb::expire_password: return fmt::format("the password of {} expires at {}", mailbox, server);
    case Verb::set_password: return fmt::format("{} gets another password at {}", mailbox, server);
    case Verb::swap_certificate:
      return fmt::format("{} shows another certificate: {}", server,
                         step.certificate->flaw ? to_string(*step.certificate->flaw) : std::string_view("good"));
    case Verb::refuse: return refusal(step);
    case Verb::accept: return fmt::format("{} takes connections again", server);
    case Verb::drop: return fmt::format("{} resets all connections", server);
    case Verb::pop_elsewhere: return elsewhere(step);
    case Verb::set:
      return fmt::format("{}{}: {}", server, mailbox.empty() ? "" : fmt::format(", {}", mailbox),
                         changes(step.arguments));
    case Verb::expect: return expectations(step);
  }
  return {};
}

}  // namespace

std::vector<std::string> story(const Scenario& scenario) {
  std::vector<std::string> lines;
  lines.reserve(scenario.steps.size());
  for (const Step& step : scenario.steps) {
    std::string text = line(scenario, step);
    if (!step.note.empty()) text += fmt::format(" ({})", printable(step.note));
    lines.push_back(std::move(text));
  }
  return lines;
}

}  // namespace mailrig::scenarios
