#include "base/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace mailrig {

std::string_view describe(SettingKind kind) {
  switch (kind) {
    case SettingKind::boolean: return "true or false";
    case SettingKind::whole: return "a whole number, zero or more";
    case SettingKind::octets: return "a number of octets such as 512 or \"64KiB\"";
    case SettingKind::duration: return "a span of time such as \"15m\"";
    case SettingKind::instant: return "a point in time such as \"2014-06-02T09:00:00Z\"";
    case SettingKind::text: return "a text";
    case SettingKind::choice: return "one of its words";
    case SettingKind::text_list: return "a text or a list of texts";
    case SettingKind::map: return "an object";
    case SettingKind::any: return "anything";
  }
  return "anything";
}

Result<std::uint64_t> parse_octets(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::uint64_t octets;
  };
  static constexpr Unit units[] = {
      {"", 1},          {"B", 1},         {"kB", 1'000},   {"MB", 1'000'000}, {"GB", 1'000'000'000},
      {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
  std::uint64_t number = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view name(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (failure == std::errc{}) {
    for (const Unit& unit : units) {
      if (unit.name != name) continue;
      if (number > INT64_MAX / unit.octets) break;
      return number * unit.octets;
    }
  }
  return Error{
      Errc::bad_input,
      fmt::format("\"{}\" is not a number of octets; write for example 512, 10kB, 64KiB or 2MiB", printable(text))};
}

Status check_setting(const Setting& setting, const Value& value) {
  auto unfit = [&](std::string_view found) {
    return Error{Errc::bad_input, fmt::format("\"{}\" takes {}, not {}", setting.name, describe(setting.kind), found)};
  };
  switch (setting.kind) {
    case SettingKind::boolean:
      if (!value.is(Value::Kind::boolean)) return unfit(to_json(value, 60));
      break;
    case SettingKind::whole:
      if (!value.is(Value::Kind::integer) || value.integer() < 0) return unfit(to_json(value, 60));
      break;
    case SettingKind::octets:
      if (value.is(Value::Kind::integer) && value.integer() >= 0) break;
      if (!value.is(Value::Kind::text)) return unfit(to_json(value, 60));
      if (auto octets = parse_octets(value.text()); !octets) return octets.error();
      break;
    case SettingKind::duration:
      if (!value.is(Value::Kind::text)) return unfit(to_json(value, 60));
      if (auto span = parse_duration(value.text()); !span) return span.error();
      break;
    case SettingKind::instant:
      if (!value.is(Value::Kind::text)) return unfit(to_json(value, 60));
      if (auto instant = parse_instant(value.text()); !instant) return instant.error();
      break;
    case SettingKind::text:
      if (!value.is(Value::Kind::text)) return unfit(to_json(value, 60));
      break;
    case SettingKind::choice: {
      if (value.is(Value::Kind::text) && std::ranges::find(setting.choices, value.text()) != setting.choices.end())
        break;
      std::string message =
          fmt::format("\"{}\" takes {}, not {}", setting.name, join_words(setting.choices, " or "), to_json(value, 60));
      if (value.is(Value::Kind::text)) {
        std::string_view meant = nearest(value.text(), setting.choices);
        if (!meant.empty()) message += fmt::format("; did you mean \"{}\"?", meant);
      }
      return Error{Errc::bad_input, std::move(message)};
    }
    case SettingKind::text_list:
      if (value.is(Value::Kind::text)) break;
      if (!value.is(Value::Kind::list) ||
          !std::ranges::all_of(value.items(), [](const Value& item) { return item.is(Value::Kind::text); }))
        return unfit(to_json(value, 60));
      break;
    case SettingKind::map:
      if (!value.is(Value::Kind::map)) return unfit(to_json(value, 60));
      break;
    case SettingKind::any: break;
  }
  return {};
}

bool SettingsReader::boolean(std::string_view name, bool otherwise) const {
  const Value* value = values_.find(name);
  return value != nullptr && value->is(Value::Kind::boolean) ? value->boolean() : otherwise;
}

std::uint64_t SettingsReader::whole(std::string_view name, std::uint64_t otherwise) const {
  const Value* value = values_.find(name);
  return value != nullptr && value->is(Value::Kind::integer) ? static_cast<std::uint64_t>(value->integer()) : otherwise;
}

std::uint64_t SettingsReader::octets(std::string_view name, std::uint64_t otherwise) const {
  const Value* value = values_.find(name);
  if (value == nullptr || !value->is(Value::Kind::text)) return whole(name, otherwise);
  Result<std::uint64_t> octets = parse_octets(value->text());
  return octets ? *octets : otherwise;
}

Duration SettingsReader::duration(std::string_view name, Duration otherwise) const {
  const Value* value = values_.find(name);
  if (value == nullptr || !value->is(Value::Kind::text)) return otherwise;
  Result<Duration> span = parse_duration(value->text());
  return span ? *span : otherwise;
}

std::string SettingsReader::text(std::string_view name, std::string_view otherwise) const {
  const Value* value = values_.find(name);
  return value != nullptr && value->is(Value::Kind::text) ? value->text() : std::string(otherwise);
}

std::vector<std::string> SettingsReader::text_list(std::string_view name) const {
  const Value* value = values_.find(name);
  std::vector<std::string> list;
  if (value == nullptr) return list;
  if (value->is(Value::Kind::text)) list.push_back(value->text());
  if (value->is(Value::Kind::list))
    for (const Value& item : value->items())
      if (item.is(Value::Kind::text)) list.push_back(item.text());
  return list;
}

}  // namespace mailrig
