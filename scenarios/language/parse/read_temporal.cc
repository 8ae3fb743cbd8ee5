#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "fakeservers/core/server_paths.h"
#include "scenarios/language/parse/scenario_parser.h"
#include "scenarios/language/paths.h"

namespace mailrig::scenarios {
namespace {

using Form = TemporalExpectation::Form;

constexpr std::string_view takes_event = "the name of an event, or an object such as { \"command\": \"DELE\" }";

const PathWord* find_word(std::span<const PathWord> words, std::string_view name) {
  const auto found = std::ranges::find(words, name, &PathWord::name);
  return found == words.end() ? nullptr : &*found;
}

/// The values that a field of an event can have at all; empty: any.
std::span<const std::string_view> choices_of(EventKind kind, std::string_view field) {
  const PathWord* word = nullptr;
  if (field == "state" && kind == EventKind::state) word = find_word(account_paths(), "state");
  if (field == "state" && kind == EventKind::outbox)
    word = find_word(find_word(account_paths(), "sent")->inside.front().inside, "state");
  if (field == "end") word = find_word(fakeservers::server_paths::session, "end");
  return word == nullptr ? std::span<const std::string_view>() : word->choices;
}

/// The kind that a key says all by itself: { "command": "DELE" } is an event "command".
std::optional<EventKind> kind_of_keys(const Node& node) {
  constexpr std::array telling{EventKind::reply, EventKind::command, EventKind::state, EventKind::ended};
  for (EventKind kind : telling)
    if (node.find(word_of(kind).fields.front()) != nullptr) return kind;
  return std::nullopt;
}

}  // namespace

bool ScenarioParser::is_temporal(std::string_view key) {
  return key == "never" || key == "after" || key == "within" || key == "then";
}

void ScenarioParser::read_temporal(Step& step, const Node& node) {
  if (const Node::Entry* never = node.find_entry("never")) read_never(step, *never);
  const Node::Entry* after = node.find_entry("after");
  const Node::Entry* then = node.find_entry("then");
  const Node::Entry* within = node.find_entry("within");
  if (after == nullptr && then == nullptr) {
    if (within != nullptr)
      reading_.error(reading_.at(*within), "\"within\" needs the event that the span begins at",
                     "{ \"after\": EVENT, \"within\": \"30m\", \"then\": EVENT }");
    return;
  }
  if (after == nullptr || then == nullptr) {
    reading_.error(
        reading_.at(after == nullptr ? *then : *after),
        fmt::format("\"{}\" without \"{}\"", after == nullptr ? "then" : "after", after == nullptr ? "after" : "then"),
        "{ \"after\": EVENT, \"within\": \"30m\", \"then\": EVENT }");
    return;
  }
  TemporalExpectation expectation{.form = Form::then, .level = step.level, .place = reading_.at(*after)};
  expectation.wanted = Value::map().set("after", after->value->to_value());
  if (within != nullptr) {
    expectation.within = reading_.duration("within", *within->value);
    if (!expectation.within) return;
    expectation.wanted.set("within", within->value->to_value());
  }
  expectation.wanted.set("then", then->value->to_value());
  std::optional<EventPattern> event = read_event("after", *after->value, {});
  std::optional<EventPattern> other = read_event("then", *then->value, {});
  if (!event || !other) return;
  expectation.event = std::move(*event);
  expectation.other = std::move(*other);
  step.temporal.push_back(std::move(expectation));
}

void ScenarioParser::read_never(Step& step, const Node::Entry& entry) {
  static constexpr std::array<std::string_view, 3> beside{"before", "after", "within"};
  const Node& node = *entry.value;
  TemporalExpectation expectation{.form = Form::never, .level = step.level, .place = reading_.at(entry)};
  expectation.wanted = Value::map().set("never", node.to_value());
  std::optional<EventPattern> event = read_event("never", node, beside);
  if (!event) return;
  expectation.event = std::move(*event);
  const Node::Entry* before = node.is(Node::Kind::map) ? node.find_entry("before") : nullptr;
  const Node::Entry* after = node.is(Node::Kind::map) ? node.find_entry("after") : nullptr;
  const Node::Entry* within = node.is(Node::Kind::map) ? node.find_entry("within") : nullptr;
  if (before != nullptr && after != nullptr) {
    reading_.error(reading_.at(*after), "\"never\" has \"before\" or \"after\", not both", "two expect steps");
    return;
  }
  if (within != nullptr && after == nullptr) {
    reading_.error(reading_.at(*within), "\"within\" is for \"after\": it is the span in which there is no such event",
                   "\"after\": EVENT beside it, or no \"within\"");
    return;
  }
  if (before != nullptr || after != nullptr) {
    expectation.form = before != nullptr ? Form::never_before : Form::never_after;
    std::optional<EventPattern> other =
        before != nullptr ? read_event("before", *before->value, {}) : read_event("after", *after->value, {});
    if (!other) return;
    expectation.other = std::move(*other);
  }
  if (within != nullptr) {
    expectation.within = reading_.duration("within", *within->value);
    if (!expectation.within) return;
  }
  step.temporal.push_back(std::move(expectation));
}

std::optional<EventPattern> ScenarioParser::read_event(std::string_view key, const Node& node,
                                                       std::span<const std::string_view> beside) {
  EventPattern pattern;
  std::optional<EventKind> kind;
  const Node* named = &node;
  if (node.is(Node::Kind::map)) {
    named = node.find("event");
    kind = named == nullptr ? kind_of_keys(node) : std::nullopt;
  }
  if (!kind && named == nullptr) {
    reading_.error(reading_.at(node), fmt::format("\"{}\" says no event", key),
                   "\"event\": its name; or \"command\", \"reply\", \"state\" or \"end\", which say it");
    return std::nullopt;
  }
  if (!kind) {
    if (!named->is(Node::Kind::text)) {
      reading_.wrong_type(key, *named, takes_event);
      return std::nullopt;
    }
    kind = find_kind(named->text());
    if (!kind) {
      unknown_event(*named);
      return std::nullopt;
    }
  }
  pattern.kind = *kind;
  pattern.number = event_patterns_++;
  if (pattern.number >= patterns_max) {
    reading_.error(reading_.at(node),
                   fmt::format("more than {} events in the expectations of one scenario", patterns_max));
    return std::nullopt;
  }
  Value written = node.to_value();
  if (node.is(Node::Kind::map)) {
    written = Value::map();
    for (const Node::Entry& entry : node.entries()) {
      if (std::ranges::find(beside, entry.key) != beside.end()) continue;
      written.set(std::string(entry.key), entry.value->to_value());
      if (entry.key != "event" && !read_event_field(pattern, entry)) return std::nullopt;
    }
  }
  pattern.text = to_json(written, 120);
  return pattern;
}

void ScenarioParser::unknown_event(const Node& node) {
  for (const ServerSpec& server : scenario_.servers) {
    const auto verbs = server.protocol->faults->verbs;
    if (std::ranges::find(verbs, node.text()) == verbs.end()) continue;
    reading_.error(reading_.at(node), fmt::format("there is no event \"{}\": it is a command", node.text()),
                   std::string(takes_event), fmt::format("{{ \"command\": \"{}\" }}", node.text()));
    return;
  }
  reading_.unknown(reading_.at(node), fmt::format("there is no event \"{}\"", printable(node.text())), event_names(),
                   node.text());
}

bool ScenarioParser::read_event_field(EventPattern& pattern, const Node::Entry& entry) {
  const EventWord& word = word_of(pattern.kind);
  if (std::ranges::find(word.fields, entry.key) == word.fields.end()) {
    reading_.unknown(reading_.at(entry), fmt::format("an event \"{}\" has no \"{}\"", word.name, printable(entry.key)),
                     word.fields, entry.key);
    return false;
  }
  Value wanted = entry.value->to_value();
  // A reply is known by how it begins: what follows is for people.
  if (entry.key == "reply" && wanted.is(Value::Kind::text)) wanted = Value::map().set("starts_with", wanted);
  if (wanted.is(Value::Kind::text) && !check_event_value(pattern.kind, entry)) return false;
  if (!wanted.is(Value::Kind::text) && !wanted.is(Value::Kind::map)) {
    reading_.wrong_type(entry.key, *entry.value, "a text, or an object of matchers");
    return false;
  }
  auto condition = Condition::parse(wanted);
  if (!condition) {
    reading_.error(reading_.at(*entry.value), condition.error().message);
    return false;
  }
  pattern.filters.emplace_back(entry.key, std::move(*condition));
  return true;
}

/// What no event can have is a slip of the pen.
bool ScenarioParser::check_event_value(EventKind kind, const Node::Entry& entry) {
  const std::string_view value = entry.value->text();
  const Place place = reading_.at(*entry.value);
  auto is_among = [&](std::span<const std::string_view> known, std::string_view what) {
    if (std::ranges::find(known, value) != known.end()) return true;
    reading_.unknown(place, fmt::format("there is no {} \"{}\"", what, printable(value)), known, value);
    return false;
  };
  auto views = [](const auto& names) { return std::vector<std::string_view>(names.begin(), names.end()); };
  if (entry.key == "server") return is_among(views(server_names_), "server");
  if (entry.key == "account") return is_among(views(account_names_), "account");
  if (const auto choices = choices_of(kind, entry.key); !choices.empty()) return is_among(choices, entry.key);
  if (entry.key == "mailbox") {
    std::vector<std::string_view> users;
    for (const ServerSpec& server : scenario_.servers)
      for (const auto& [user, at] : server.mailbox_places) users.push_back(user);
    return is_among(users, "mailbox");
  }
  if (entry.key != "command") return true;
  std::vector<std::string_view> verbs{"greeting"};
  for (const ServerSpec& server : scenario_.servers)
    for (std::string_view verb : server.protocol->faults->verbs) verbs.push_back(verb);
  if (std::ranges::find(verbs, value) != verbs.end()) return true;
  const std::string_view meant = nearest(value, verbs);
  reading_.warn(place, fmt::format("no server of this scenario has a command \"{}\"", printable(value)), {},
                meant.empty() ? "" : in_quotes(meant));
  return true;
}

}  // namespace mailrig::scenarios
