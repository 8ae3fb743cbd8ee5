#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "scenarios/language/parse/reading.h"

namespace mailrig::scenarios {

Fields::Fields(Reading& reading, const Node& map, std::string_view what)
    : reading_(reading), map_(map), what_(what), taken_(map.entries().size()) {}

const Node* Fields::take(std::string_view key) {
  known_.push_back(key);
  const Node::Entry* entry = map_.find_entry(key);
  if (entry == nullptr) return nullptr;
  taken_[static_cast<std::size_t>(entry - map_.entries().data())] = true;
  return entry->value;
}

const Node* Fields::need(std::string_view key, std::string_view takes) {
  const Node* node = take(key);
  if (node == nullptr)
    reading_.error(reading_.at(map_), fmt::format("{} needs \"{}\"", what_, key),
                   fmt::format("\"{}\": {}", key, takes));
  return node;
}

std::optional<std::string> Fields::text(std::string_view key) {
  const Node* node = take(key);
  return node == nullptr ? std::nullopt : reading_.text(key, *node);
}
std::optional<bool> Fields::boolean(std::string_view key) {
  const Node* node = take(key);
  return node == nullptr ? std::nullopt : reading_.boolean(key, *node);
}
std::optional<std::uint64_t> Fields::whole(std::string_view key, std::uint64_t low, std::uint64_t high) {
  const Node* node = take(key);
  return node == nullptr ? std::nullopt : reading_.whole(key, *node, low, high);
}
std::optional<std::uint64_t> Fields::octets(std::string_view key) {
  const Node* node = take(key);
  return node == nullptr ? std::nullopt : reading_.octets(key, *node);
}
std::optional<Duration> Fields::duration(std::string_view key) {
  const Node* node = take(key);
  return node == nullptr ? std::nullopt : reading_.duration(key, *node);
}
std::optional<Instant> Fields::instant(std::string_view key) {
  const Node* node = take(key);
  return node == nullptr ? std::nullopt : reading_.instant(key, *node);
}
std::optional<std::size_t> Fields::choice(std::string_view key, std::span<const std::string_view> choices) {
  const Node* node = take(key);
  return node == nullptr ? std::nullopt : reading_.choice(key, *node, choices);
}

void Fields::settings(std::span<const Setting> table, Value::Map& values) {
  for (const Setting& setting : table)
    if (std::ranges::find(known_, setting.name) == known_.end()) known_.push_back(setting.name);
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    const Node::Entry& entry = map_.entries()[i];
    if (taken_[i]) continue;
    auto found = std::ranges::find(table, entry.key, &Setting::name);
    if (found == table.end()) continue;
    taken_[i] = true;
    Value value = reading_.setting(*found, *entry.value);
    if (!value.is_null() || entry.value->is(Node::Kind::null)) values.emplace_back(entry.key, std::move(value));
  }
}

void Fields::finish() {
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    if (taken_[i]) continue;
    const Node::Entry& entry = map_.entries()[i];
    reading_.unknown(reading_.at(entry), fmt::format("{} has no key \"{}\"", what_, printable(entry.key)), known_,
                     entry.key);
  }
}

}  // namespace mailrig::scenarios
