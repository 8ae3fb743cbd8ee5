#include "fakeservers/personalities/personality.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "base/text.h"
#include "embedded/personalities.h"
#include "json/json_value.h"

namespace mailrig::fakeservers {
namespace {

/// The built-in files, each read when it is first asked for: a run pays for the personalities that it has.
class Library {
 public:
  /// Null where there is no such file of this protocol.
  const Value* find(std::string_view protocol, std::string_view name) {
    const Value* file = read(fmt::format("{}-{}.json", protocol, name));
    if (file == nullptr) file = read(fmt::format("{}.json", name));
    return file != nullptr && protocol_of(*file) == protocol ? file : nullptr;
  }

  std::vector<std::string> names(std::string_view protocol) {
    std::vector<std::string> names;
    for (const auto& file : embedded::personalities::files) {
      if (protocol_of(*read(file.name)) != protocol) continue;
      std::string_view name = file.name.substr(0, file.name.size() - std::string_view(".json").size());
      std::string prefix = fmt::format("{}-", protocol);
      if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
      names.emplace_back(name);
    }
    std::ranges::sort(names);
    return names;
  }

 private:
  static std::string_view protocol_of(const Value& personality) {
    const Value* protocol = personality.find("protocol");
    return protocol != nullptr && protocol->is(Value::Kind::text) ? std::string_view(protocol->text())
                                                                  : std::string_view{};
  }

  const Value* read(std::string_view file_name) {
    std::lock_guard lock(mutex_);  // scenarios run on several threads
    auto at = read_.find(file_name);
    if (at != read_.end()) return &at->second;
    for (const auto& file : embedded::personalities::files) {
      if (file.name != file_name) continue;
      Result<Value> value = parse_json_value(file.text);
      return &read_.emplace(file_name, value ? std::move(*value) : Value::map()).first->second;
    }
    return nullptr;
  }

  std::mutex mutex_;
  std::map<std::string, Value, std::less<>> read_;
};

Library& library() {
  static Library one;
  return one;
}

Error unknown(std::string_view protocol, std::string_view name, const Value& of_scenario) {
  std::vector<std::string> names = personality_names(protocol);
  if (of_scenario.is(Value::Kind::map))
    for (const auto& [key, value] : of_scenario.entries()) names.push_back(key);
  std::vector<std::string_view> views(names.begin(), names.end());
  std::string_view meant = nearest(name, names);
  return Error{Errc::bad_input,
               fmt::format("there is no {} personality \"{}\"; {}", protocol, printable(name),
                           meant.empty() ? fmt::format("there are {}", join_words(views))
                                         : fmt::format("did you mean \"{}\"?", meant)),
               Step::none, "personality"};
}

struct Resolver {
  std::string_view protocol;
  const Value& of_scenario;

  /// `within` is the scenario's personality whose `extends` this is: a "gmail" of the scenario that extends "gmail"
  /// means the built-in one.
  Result<Value> resolve(const Value& personality, std::string_view within, int depth) const {
    if (depth > extends_max)
      return Error{Errc::bad_input, fmt::format("the personality {} extends itself", to_json(personality, 60)),
                   Step::none, "personality"};
    if (personality.is(Value::Kind::text)) return by_name(personality.text(), within, depth);
    if (!personality.is(Value::Kind::map))
      return Error{Errc::bad_input,
                   fmt::format("a personality is a name or an object, not {}", to_json(personality, 60)), Step::none,
                   "personality"};
    const Value* under_name = personality.find("extends");
    if (under_name == nullptr) return checked(personality);
    Result<Value> under = resolve(*under_name, within, depth + 1);
    if (!under) return under.error();
    return merged(*under, merged(personality, Value(Value::Map{{"extends", Value{}}})));
  }

 private:
  Result<Value> by_name(const std::string& name, std::string_view within, int depth) const {
    const Value* own = of_scenario.find(name);
    if (own != nullptr && name != within) return resolve(*own, name, depth + 1);
    const Value* built_in = library().find(protocol, name);
    if (built_in == nullptr) return unknown(protocol, name, of_scenario);
    return Resolver{protocol, nothing}.resolve(*built_in, {}, depth + 1);
  }

  Result<Value> checked(const Value& personality) const {
    const Value* own_protocol = personality.find("protocol");
    if (own_protocol == nullptr || *own_protocol == Value(protocol)) return personality;
    return Error{Errc::bad_input,
                 fmt::format("this is a personality of {}, not of {}", to_json(*own_protocol, 20), protocol),
                 Step::none, "personality"};
  }

  static inline const Value nothing{};
};

}  // namespace

namespace {

Result<Value> resolve(std::string_view protocol, const Value& personality, const Value& of_scenario) {
  Result<Value> resolved = Resolver{protocol, of_scenario}.resolve(personality, {}, 0);
  if (resolved) resolved->set("name", personality.is(Value::Kind::text) ? personality : Value(""));
  return resolved;
}

}  // namespace

Result<Value> resolve_personality(std::string_view protocol, const Value& personality, const Value& of_scenario) {
  if (!personality.is(Value::Kind::text) || of_scenario.find(personality.text()) != nullptr)
    return resolve(protocol, personality, of_scenario);
  static std::mutex mutex;  // scenarios are loaded on several threads
  static std::map<std::pair<std::string, std::string>, Value> known;
  std::lock_guard lock(mutex);
  const std::pair key(std::string(protocol), personality.text());
  if (const auto at = known.find(key); at != known.end()) return at->second;
  Result<Value> resolved = resolve(protocol, personality, of_scenario);
  if (resolved) known.emplace(key, *resolved);
  return resolved;
}

Result<Value> server_settings(std::string_view protocol, const Value& server, const Value& of_scenario) {
  const Value* named = server.find("personality");
  Result<Value> personality = resolve_personality(protocol, named == nullptr ? Value("generic") : *named, of_scenario);
  if (!personality) return personality.error();
  Value settings = merged(*personality, server);
  settings.set("personality", *personality->find("name"));
  return settings;
}

const std::vector<std::string>& personality_names(std::string_view protocol) {
  static std::mutex mutex;
  static std::map<std::string, std::vector<std::string>, std::less<>> names;
  std::lock_guard lock(mutex);
  auto at = names.find(protocol);
  if (at == names.end()) at = names.emplace(protocol, library().names(protocol)).first;
  return at->second;
}

}  // namespace mailrig::fakeservers
