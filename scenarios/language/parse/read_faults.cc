#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "scenarios/language/parse/scenario_parser.h"

namespace mailrig::scenarios {
namespace {

using fakeservers::FaultRule;

/// Does every exchange that fits `later` fit `earlier` too?
bool covers(const FaultRule& earlier, const FaultRule& later) {
  if (earlier.on != "any" && earlier.on != later.on) return false;
  // Occurrences are counted among what fits: those of rules that fit other exchanges say nothing of each other.
  const bool counts_the_same = earlier.on == later.on && earlier.mailbox == later.mailbox &&
                               earlier.argument == later.argument && earlier.state == later.state &&
                               earlier.connection.from == later.connection.from &&
                               earlier.connection.until == later.connection.until;
  for (auto counted : {&FaultRule::occurrence, &FaultRule::in_session}) {
    const FaultRule::Range& first = earlier.*counted;
    const FaultRule::Range& second = later.*counted;
    if (!first.holds_always() && (!counts_the_same || first.from > second.from || first.until < second.until))
      return false;
  }
  if (earlier.connection.from > later.connection.from || earlier.connection.until < later.connection.until)
    return false;
  if (earlier.mailbox && earlier.mailbox != later.mailbox) return false;
  if (earlier.argument && earlier.argument != later.argument) return false;
  return earlier.state == FaultRule::State::either || earlier.state == later.state;
}

/// "faults[0].drip.every" without its beginning: each fault is read as the only one of a list.
std::string path_within(std::string_view path) {
  return std::string(path.substr(std::min(path.size(), path.find('.'))));
}

/// "faults[0].on: what is wrong" without its beginning, which the place says.
std::string without_path(const Error& error) {
  std::string message = error.message;
  if (message.starts_with(error.reason + ": ")) message.erase(0, error.reason.size() + 2);
  return message;
}

}  // namespace

Value ScenarioParser::read_faults(const Node& node, const ServerSpec& server, std::vector<Place>& places) {
  if (reading_.list("faults", node) == nullptr) return Value::list();
  Value::List faults;
  struct Earlier {
    FaultRule rule;
    std::size_t index;
  };
  std::vector<Earlier> rules;
  for (const Node* item : node.items()) {
    Value value = item->to_value();
    places.push_back(reading_.at(*item));
    faults.push_back(value);
    if (!check_fault(*item, value, server)) continue;
    Value one = Value(Value::List{std::move(value)});
    auto parsed = fakeservers::parse_faults(&one, *server.protocol->faults);
    if (!parsed) {
      const Node* culprit =
          node_at(node, "[" + std::to_string(places.size() - 1) + "]" + path_within(parsed.error().reason));
      reading_.error(reading_.at(*culprit), without_path(parsed.error()));
      continue;
    }
    const FaultRule& rule = parsed->front();
    check_reach(*item, rule, server);
    auto shadow = std::ranges::find_if(rules, [&](const Earlier& earlier) { return covers(earlier.rule, rule); });
    if (shadow != rules.end())
      reading_.warn(
          reading_.at(*item),
          fmt::format("this fault can never fire: faults[{}] fits whenever it does, and comes first", shadow->index),
          "the narrower fault before the wider one");
    rules.push_back({rule, places.size() - 1});
  }
  return faults;
}

/// Keys and types, all of them; what is beyond that, parse_faults() says.
bool ScenarioParser::check_fault(const Node& node, const Value& value, const ServerSpec& server) {
  if (reading_.map("faults", node) == nullptr) return false;
  bool good = true;
  std::vector<std::string_view> known;
  for (const Setting& setting : fakeservers::fault_settings()) known.push_back(setting.name);
  for (const Node::Entry& entry : node.entries()) {
    auto setting = std::ranges::find(fakeservers::fault_settings(), entry.key, &Setting::name);
    if (setting == fakeservers::fault_settings().end()) {
      reading_.unknown(reading_.at(entry), fmt::format("a fault has no key \"{}\"", printable(entry.key)), known,
                       entry.key);
      good = false;
    } else if (reading_.setting(*setting, *entry.value).is_null()) {
      good = false;
    }
  }
  const Value* on = value.find("on");
  const auto& words = *server.protocol->faults;
  const auto may_be_asked = [&words](const std::string& name) {
    return words.http ? name.find(" /") != std::string::npos : fakeservers::may_be_command(name);
  };
  if (on != nullptr && on->is(Value::Kind::text)) {
    std::vector<std::string_view> verbs(words.verbs.begin(), words.verbs.end());
    verbs.emplace_back("any");
    const bool known_verb = std::ranges::find(verbs, on->text()) != verbs.end();
    std::string_view meant = known_verb || on->text().empty() ? "" : nearest(on->text(), verbs);
    if (!known_verb && may_be_asked(on->text())) {
      // A client may say it, but more often it is a slip.
      if (!words.http && !meant.empty())
        reading_.warn(reading_.at(*node.find("on")),
                      fmt::format("{} has no command \"{}\": this fault waits for a client that says it",
                                  words.protocol, printable(on->text())),
                      {}, in_quotes(meant));
    } else if (!known_verb) {
      reading_.unknown(reading_.at(*node.find("on")),
                       fmt::format("{} has no command \"{}\"", words.protocol, printable(on->text())), verbs,
                       on->text());
      good = false;
    }
  }
  return good;
}

/// A fault that is well made but can never come true in this story.
void ScenarioParser::check_reach(const Node& node, const FaultRule& rule, const ServerSpec& server) {
  auto never = [&](std::string_view key, std::string why, std::string expected = {}, std::string meant = {}) {
    reading_.warn(reading_.at(*node.find(key)), "this fault can never fire: " + why, std::move(expected),
                  std::move(meant));
  };
  bool greeting = rule.on == server.protocol->greeting;
  if (rule.mailbox) {
    if (greeting) {
      never("mailbox", "at the greeting nobody has said who they are");
    } else if (!server.mailbox_places.contains(*rule.mailbox)) {
      std::vector<std::string_view> users;
      for (const auto& [user, place] : server.mailbox_places) users.push_back(user);
      std::string_view meant = nearest(*rule.mailbox, users);
      never("mailbox", fmt::format("\"{}\" has no mailbox \"{}\"", server.name, printable(*rule.mailbox)),
            users.empty() ? "" : one_of(users), meant.empty() ? "" : in_quotes(meant));
    }
  }
  if (rule.logs_in && !server.mailbox_places.contains(*rule.logs_in)) {
    std::vector<std::string_view> users;
    for (const auto& [user, place] : server.mailbox_places) users.push_back(user);
    reading_.unknown(reading_.at(*node.find("logs_in")),
                     fmt::format("\"{}\" has no mailbox \"{}\" to log in", server.name, printable(*rule.logs_in)),
                     users, *rule.logs_in);
  }
  // A connection has one greeting.
  if (greeting && rule.occurrence.from - 1 > rule.connection.until - rule.connection.from)
    never("connection", "a connection has one greeting, and these connections have fewer than \"nth\"",
          "\"nth\" or \"connection\" alone");
  if (greeting && rule.in_session.from > 1) never("nth_in_session", "a session has one greeting");
  if (rule.state == FaultRule::State::tls && server.tls == TlsMode::none)
    never("state", fmt::format("\"{}\" has no TLS", server.name));
  if (rule.state == FaultRule::State::clear && server.tls == TlsMode::implicit)
    never("state", fmt::format("\"{}\" speaks TLS from the first octet", server.name));
}

}  // namespace mailrig::scenarios
