#include "scenarios/language/parse/reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/edit_distance.h"
#include "base/text.h"

namespace mailrig::scenarios {
namespace {

// How many of the nearest names a message lists where there are too many to list all.
constexpr std::size_t nearest_listed = 3;
// So many names a message lists; nobody reads the fifty settings of a server.
constexpr std::size_t listed_max = 24;

std::string show(const Node& node) { return to_json(node.to_value(), 60); }

}  // namespace

std::string one_of(std::span<const std::string_view> names) {
  return (names.size() == 1 ? "" : "one of ") + join_words(names, " or ");
}
std::string in_quotes(std::string_view text) { return fmt::format("\"{}\"", printable(text)); }

const Node* node_at(const Node& map, std::string_view path) {
  const Node* found = nullptr;
  const Node* at = &map;
  while (!path.empty()) {
    if (path.front() == '.') path.remove_prefix(1);
    std::string_view name = path.substr(0, path.find_first_of(".[", 1));
    path.remove_prefix(name.size());
    if (name.starts_with('[')) {
      std::size_t index = 0;
      std::from_chars(name.data() + 1, name.data() + name.size(), index);
      at = at->is(Node::Kind::list) && index < at->items().size() ? at->items()[index] : nullptr;
    } else {
      at = at->find(name);
    }
    if (at == nullptr) break;
    found = at;
  }
  return found;
}

Place Reading::in_row(Place place) const {
  if (row_.empty() || !place.known()) return place;
  const Origin* origin = place.origin().get();
  auto found = std::ranges::find(origins_, origin, &std::pair<const Origin*, std::shared_ptr<const Origin>>::first);
  if (found == origins_.end()) {
    std::string row = origin->row.empty() ? row_ : row_ + "; " + origin->row;
    origins_.emplace_back(origin, std::make_shared<const Origin>(Origin{origin->file, origin->text, std::move(row)}));
    found = origins_.end() - 1;
  }
  return {found->second, place.offset()};
}

void Reading::error(const Place& place, std::string message, std::string expected, std::string meant) {
  diagnostics_.add({Diagnostic::Severity::error, place, std::move(message), std::move(expected), std::move(meant)});
}

void Reading::warn(const Place& place, std::string message, std::string expected, std::string meant) {
  diagnostics_.add({Diagnostic::Severity::warning, place, std::move(message), std::move(expected), std::move(meant)});
}

void Reading::wrong_type(std::string_view key, const Node& found, std::string_view takes, std::string meant) {
  error(at(found), fmt::format("\"{}\" does not take {}", key, show(found)), std::string(takes), std::move(meant));
}

void Reading::unknown(const Place& place, std::string message, std::span<const std::string_view> known,
                      std::string_view name) {
  std::string_view meant = nearest(name, known);
  std::string expected;
  if (known.size() > listed_max)
    expected = fmt::format("one of {}; the nearest are {}", known.size(),
                           join_words(nearest_names(name, known, nearest_listed)));
  else if (!known.empty())
    expected = one_of(known);
  error(place, std::move(message), std::move(expected), meant.empty() ? "" : in_quotes(meant));
}

std::optional<std::string> Reading::text(std::string_view key, const Node& node) {
  if (node.is(Node::Kind::text)) return std::string(node.text());
  bool scalar = node.is(Node::Kind::integer) || node.is(Node::Kind::real) || node.is(Node::Kind::boolean);
  wrong_type(key, node, describe(SettingKind::text), scalar ? in_quotes(show(node)) : "");
  return std::nullopt;
}

std::optional<bool> Reading::boolean(std::string_view key, const Node& node) {
  if (node.is(Node::Kind::boolean)) return node.boolean();
  std::string meant;
  if (node.is(Node::Kind::text) && (node.text() == "true" || node.text() == "false")) meant = node.text();
  if (node.is(Node::Kind::integer) && (node.integer() == 0 || node.integer() == 1))
    meant = node.integer() == 1 ? "true" : "false";
  wrong_type(key, node, describe(SettingKind::boolean), std::move(meant));
  return std::nullopt;
}

std::optional<std::uint64_t> Reading::whole(std::string_view key, const Node& node, std::uint64_t low,
                                            std::uint64_t high) {
  if (node.is(Node::Kind::integer) && node.integer() >= 0) {
    auto number = static_cast<std::uint64_t>(node.integer());
    if (number >= low && number <= high) return number;
  }
  std::string takes(describe(SettingKind::whole));
  if (high != INT64_MAX)
    takes = fmt::format("a whole number from {} to {}", low, high);
  else if (low > 0)
    takes = fmt::format("a whole number, {} or more", low);
  bool digits = node.is(Node::Kind::text) && !node.text().empty() &&
                std::ranges::all_of(node.text(), [](char c) { return c >= '0' && c <= '9'; });
  wrong_type(key, node, takes, digits ? std::string(node.text()) : "");
  return std::nullopt;
}

std::optional<std::uint64_t> Reading::octets(std::string_view key, const Node& node) {
  if (node.is(Node::Kind::integer) && node.integer() >= 0) return static_cast<std::uint64_t>(node.integer());
  if (node.is(Node::Kind::text))
    if (auto octets = parse_octets(node.text())) return *octets;
  std::string meant;
  if (node.is(Node::Kind::text)) {
    // "10 KB", "10k": the number is good, the unit is not.
    std::string number(node.text().substr(0, node.text().find_first_not_of("0123456789")));
    std::string_view unit = node.text().substr(number.size());
    while (unit.starts_with(' ')) unit.remove_prefix(1);
    static constexpr std::pair<std::string_view, std::string_view> units[] = {
        {"k", "kB"},    {"K", "KiB"}, {"KB", "kB"},   {"kb", "kB"}, {"kib", "KiB"}, {"M", "MiB"},
        {"m", "MB"},    {"mb", "MB"}, {"mib", "MiB"}, {"G", "GiB"}, {"gb", "GB"},   {"kB", "kB"},
        {"KiB", "KiB"}, {"MB", "MB"}, {"MiB", "MiB"}, {"GB", "GB"}, {"GiB", "GiB"}};
    for (const auto& [written, right] : units)
      if (!number.empty() && unit == written) meant = in_quotes(number + std::string(right));
  }
  wrong_type(key, node, describe(SettingKind::octets), std::move(meant));
  return std::nullopt;
}

std::optional<Duration> Reading::duration(std::string_view key, const Node& node) {
  if (node.is(Node::Kind::text)) {
    auto span = parse_duration(node.text());
    if (span) return *span;
    error(at(node), fmt::format("\"{}\": {}", key, span.error().message), std::string(describe(SettingKind::duration)));
    return std::nullopt;
  }
  std::string meant;
  if (node.is(Node::Kind::integer) && node.integer() > 0)
    meant = fmt::format("\"{0}s\", \"{0}m\" or \"{0}h\"", node.integer());
  wrong_type(key, node, describe(SettingKind::duration), std::move(meant));
  return std::nullopt;
}

std::optional<Instant> Reading::instant(std::string_view key, const Node& node) {
  constexpr std::string_view takes =
      "a point in time such as \"2014-06-02T09:00:00Z\", or one relative to the clock such as \"-3d\"";
  if (!node.is(Node::Kind::text)) {
    wrong_type(key, node, takes);
    return std::nullopt;
  }
  std::string_view text = node.text();
  if (text.starts_with('-') || text.starts_with('+')) {
    auto span = parse_duration(text.substr(1));
    if (span) return text.starts_with('-') ? clock - *span : clock + *span;
    error(at(node), fmt::format("\"{}\": {}", key, span.error().message), std::string(takes));
    return std::nullopt;
  }
  auto instant = parse_instant(text);
  if (instant) return *instant;
  error(at(node), fmt::format("\"{}\": {}", key, instant.error().message), std::string(takes),
        parse_duration(text) ? in_quotes("-" + std::string(text)) : "");
  return std::nullopt;
}

std::optional<std::size_t> Reading::choice(std::string_view key, const Node& node,
                                           std::span<const std::string_view> choices) {
  if (node.is(Node::Kind::text)) {
    auto found = std::ranges::find(choices, node.text());
    if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
    std::string_view meant = nearest(node.text(), choices);
    wrong_type(key, node, one_of(choices), meant.empty() ? "" : in_quotes(meant));
  } else {
    wrong_type(key, node, one_of(choices));
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> Reading::text_list(std::string_view key, const Node& node) {
  if (node.is(Node::Kind::text)) return std::vector<std::string>{std::string(node.text())};
  if (!node.is(Node::Kind::list)) {
    wrong_type(key, node, describe(SettingKind::text_list));
    return std::nullopt;
  }
  std::vector<std::string> texts;
  bool good = true;
  for (const Node* item : node.items()) {
    if (item->is(Node::Kind::text))
      texts.emplace_back(item->text());
    else
      good = text(key, *item).has_value();
  }
  if (!good) return std::nullopt;
  return texts;
}

const Node* Reading::map(std::string_view key, const Node& node) {
  if (node.is(Node::Kind::map)) return &node;
  wrong_type(key, node, describe(SettingKind::map));
  return nullptr;
}

const Node* Reading::list(std::string_view key, const Node& node) {
  if (node.is(Node::Kind::list)) return &node;
  wrong_type(key, node, "a list", fmt::format("[{}]", show(node)));
  return nullptr;
}

Value Reading::setting(const Setting& setting, const Node& node) {
  auto value_if = [&](bool good) { return good ? node.to_value() : Value{}; };
  switch (setting.kind) {
    case SettingKind::boolean: return value_if(boolean(setting.name, node).has_value());
    case SettingKind::whole: return value_if(whole(setting.name, node).has_value());
    case SettingKind::octets: return value_if(octets(setting.name, node).has_value());
    case SettingKind::duration: return value_if(duration(setting.name, node).has_value());
    case SettingKind::text: return value_if(text(setting.name, node).has_value());
    case SettingKind::choice: return value_if(choice(setting.name, node, setting.choices).has_value());
    case SettingKind::text_list: return value_if(text_list(setting.name, node).has_value());
    case SettingKind::map: return value_if(map(setting.name, node) != nullptr);
    case SettingKind::any: return node.to_value();
    case SettingKind::instant: {
      auto when = instant(setting.name, node);
      return when ? Value(format_instant(*when)) : Value{};
    }
  }
  return {};
}

std::string Reading::path_beside(const std::string& file, std::string_view relative) {
  if (relative.starts_with('/')) return std::string(relative);
  std::size_t slash = file.rfind('/');
  std::string path =
      slash == std::string::npos ? std::string(relative) : file.substr(0, slash + 1) + std::string(relative);
  // a/b/../c is a/c and a/./b is a/b, so that one file has one name in messages.
  std::vector<std::string_view> parts;
  std::string_view rest = path;
  while (!rest.empty()) {
    std::string_view part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    if (part == ".." && !parts.empty() && parts.back() != "..")
      parts.pop_back();
    else if (part != "." && !part.empty())
      parts.push_back(part);
  }
  std::string clean = path.starts_with('/') ? "/" : "";
  for (std::string_view part : parts) clean.append(clean.empty() || clean == "/" ? "" : "/").append(part);
  return clean;
}

std::optional<std::string> Reading::read_file(std::string_view key, const Node& node) {
  auto name = text(key, node);
  if (!name) return std::nullopt;
  std::string path = path_beside(node.place().origin()->file, *name);
  if (!context_.read) {
    error(at(node), fmt::format("\"{}\": no other file can be read here", key));
    return std::nullopt;
  }
  auto bytes = context_.read(path);
  if (bytes) return std::move(*bytes);
  error(at(node), fmt::format("\"{}\": {}", key, bytes.error().message), "a file, named relative to this one");
  return std::nullopt;
}

}  // namespace mailrig::scenarios
