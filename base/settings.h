#pragma once
/// Tables of settings: a server, a personality or an account declares what it can be told, once; the scenario loader
/// checks files against the table, `mailrig check` explains it and the JSON Schema is held against it by a test.
///
///   constexpr Setting pop3_settings[] = {
///       {"queue_cap", SettingKind::whole, "popped messages that a normal session may hold before Gmail lists no new
///       ones"},
///       {"at_cap", SettingKind::choice, "what a session at the cap lists", at_cap_choices}};
///   SettingsReader read(values);
///   settings.queue_cap = read.whole("queue_cap", settings.queue_cap);

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/value.h"

namespace mailrig {

enum class SettingKind : std::uint8_t {
  boolean,
  whole,     // a whole number, zero or more
  octets,    // a whole number or a text with KiB, MiB, GiB, kB, MB, GB
  duration,  // a text with unit
  instant,   // RFC 3339
  text,
  choice,  // a text, one of `choices`
  text_list,
  map,  // an object; what is in it is checked by whoever reads it
  any,
};

struct Setting {
  std::string_view name;
  SettingKind kind;
  std::string_view meaning;  // one line, for documentation and messages
  std::span<const std::string_view> choices = {};
};

/// What this kind is called in a message: "a span of time such as 15m".
std::string_view describe(SettingKind kind);

/// "64KiB" = 65536, "10kB" = 10000, "512" = 512. Error bad_input.
Result<std::uint64_t> parse_octets(std::string_view text);

/// Nothing when `value` fits the setting, otherwise what was expected.
Status check_setting(const Setting& setting, const Value& value);

/// Reads settings that were checked before. A missing or unfit value gives `otherwise`.
class SettingsReader {
 public:
  explicit SettingsReader(const Value& values) : values_(values) {}

  bool boolean(std::string_view name, bool otherwise) const;
  std::uint64_t whole(std::string_view name, std::uint64_t otherwise) const;
  std::uint64_t octets(std::string_view name, std::uint64_t otherwise) const;
  Duration duration(std::string_view name, Duration otherwise) const;
  std::string text(std::string_view name, std::string_view otherwise) const;
  std::vector<std::string> text_list(std::string_view name) const;  // a single text is a list of one
  bool has(std::string_view name) const { return values_.find(name) != nullptr; }

 private:
  const Value& values_;
};

}  // namespace mailrig
