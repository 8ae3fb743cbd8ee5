#include "mime/message/facts/calendar.h"

#include <algorithm>
#include <optional>

#include "mime/message/ascii.h"
#include "mime/message/coding/scan.h"

namespace mailrig::mime {
namespace {

/// RFC 5545 §3.1: a line end and one blank after it are nothing.
std::string unfolded(std::string_view text) {
  std::string lines;
  lines.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = next_line(text, at);
    std::string_view line = text.substr(at, next - at);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    lines += line;
    at = next;
    if (at < text.size() && is_blank(text[at]))
      ++at;
    else
      lines += '\n';
  }
  return lines;
}

/// RFC 5545 §3.3.11.
std::string unescaped(std::string_view text) {
  std::string value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      value += text[i];
      continue;
    }
    ++i;
    value += lower(text[i]) == 'n' ? '\n' : text[i];
  }
  return value;
}

/// Up to one of the characters, outside of quotes.
std::size_t end_of(std::string_view text, std::string_view ends) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (!quoted && ends.find(text[i]) != std::string_view::npos) return i;
  }
  return text.size();
}

/// name *(";" parameter "=" value) ":" value
std::optional<CalendarProperty> property_of(std::string_view line) {
  const std::size_t name = line.find_first_of(";:");
  if (name == std::string_view::npos || name == 0) return std::nullopt;
  CalendarProperty property{.name = lower_case(line.substr(0, name)), .value = {}, .parameters = {}};
  line.remove_prefix(name);
  while (line.starts_with(';')) {
    line.remove_prefix(1);
    const std::string_view parameter = line.substr(0, end_of(line, ";:"));
    line.remove_prefix(parameter.size());
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    std::string value(parameter.substr(equals + 1));
    std::erase(value, '"');
    property.parameters.emplace_back(lower_case(parameter.substr(0, equals)), std::move(value));
  }
  if (!line.starts_with(':')) return std::nullopt;
  property.value = unescaped(line.substr(1));
  return property;
}

bool is_entry(std::string_view component) {
  return component == "vevent" || component == "vtodo" || component == "vjournal" || component == "vfreebusy";
}

}  // namespace

const CalendarProperty* CalendarComponent::find(std::string_view lower_case_name) const {
  const auto found = std::ranges::find(properties, lower_case_name, &CalendarProperty::name);
  return found == properties.end() ? nullptr : &*found;
}

CalendarFacts read_calendar(std::string_view text) {
  CalendarFacts facts;
  const std::string lines = unfolded(text);
  std::size_t properties = 0;
  std::size_t inner = 0;  // components within an entry, alarms for one, whose properties are not its own
  bool in_entry = false;
  for (std::size_t at = 0; at < lines.size(); at = next_line(lines, at)) {
    const std::string_view line = std::string_view(lines).substr(at, lines.find('\n', at) - at);
    std::optional<CalendarProperty> property = property_of(line);
    if (!property) continue;
    if (property->name == "begin") {
      const std::string kind = lower_case(trimmed(property->value));
      if (in_entry) {
        ++inner;
      } else if (is_entry(kind)) {
        if (facts.components.size() == calendar_components_max) break;
        facts.components.push_back({.kind = kind, .properties = {}});
        in_entry = true;
      }
    } else if (property->name == "end") {
      if (inner > 0)
        --inner;
      else
        in_entry = false;
    } else if (in_entry && inner == 0) {
      if (properties++ == calendar_properties_max) break;
      facts.components.back().properties.push_back(std::move(*property));
    } else if (!in_entry && property->name == "method" && facts.method.empty()) {
      for (char c : trimmed(property->value))
        facts.method += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return facts;
}

}  // namespace mailrig::mime
