// The steps of a scenario that change an SMTP server.

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "base/text.h"
#include "fakeservers/smtp/server.h"

namespace mailrig::fakeservers::smtp {
namespace {

/// `server` and `mailbox` are always known.
Status only(const Value& arguments, std::initializer_list<Setting> known) {
  for (const auto& [key, value] : arguments.entries()) {
    if (key == "server" || key == "mailbox") continue;
    const Setting* setting = std::ranges::find(known, key, &Setting::name);
    if (setting == known.end()) {
      std::vector<std::string_view> names{"mailbox"};
      for (const Setting& one : known) names.push_back(one.name);
      return wrong(key, fmt::format("this step has no such key; it has {}", join_words(names)));
    }
    if (Status fits = check_setting(*setting, value); !fits) return wrong(key, fits.error().message);
  }
  return {};
}

bool is_in(std::span<const Setting> table, std::string_view key) {
  return std::ranges::find(table, key, &Setting::name) != table.end();
}

}  // namespace

Status Server::change(std::string_view verb, const Value& arguments) {
  struct Row {
    std::string_view verb;
    Status (Server::*change)(const Value&);
  };
  static constexpr Row rows[] = {
      {"lock", &Server::lock},
      {"unlock", &Server::unlock},
      {"expire_password", &Server::expire_password},
      {"set_password", &Server::set_password},
      {"set", &Server::set},
  };
  if (!arguments.is(Value::Kind::map)) return wrong(verb, "takes an object");
  for (const Row& row : rows)
    if (row.verb == verb) return (this->*row.change)(arguments);
  return wrong(verb, "an SMTP server has no such step");
}

Result<User*> Server::user_of(const Value& arguments) {
  const Value* named = arguments.find("mailbox");
  if (named == nullptr) {
    if (users_.size() == 1) return users_.begin()->second.get();
    return wrong("mailbox", fmt::format("say which one: this server has {}", users_.size()));
  }
  if (!named->is(Value::Kind::text)) return wrong("mailbox", fmt::format("takes a text, not {}", to_json(*named, 60)));
  auto at = users_.find(named->text());
  if (at != users_.end()) return at->second.get();
  std::vector<std::string_view> names;
  for (const auto& [name, user] : users_) names.push_back(name);
  std::string_view meant = nearest(named->text(), names);
  return wrong("mailbox", fmt::format("there is no \"{}\"{}", printable(named->text()),
                                      meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant)));
}

Status Server::lock(const Value& arguments) {
  Status known = only(arguments, {{"how", SettingKind::choice, "", lock_names()}, {"for", SettingKind::duration, ""}});
  if (!known) return known;
  Result<User*> user = user_of(arguments);
  if (!user) return user.error();
  SettingsReader read(arguments);
  LockKind kind = read.has("how") ? *parse_lock(read.text("how", "")) : settings_.usual_lock;
  (*user)->lock(kind, read.has("for") ? now() + read.duration("for", {}) : Instant::max());
  return {};
}

Status Server::unlock(const Value& arguments) {
  Status known = only(arguments, {});
  if (!known) return known;
  Result<User*> user = user_of(arguments);
  if (!user) return user.error();
  // The user has been to the captcha page: it lets the next login in, and soon (docs/providers/gmail.md#limits).
  bool by_captcha = (*user)->locked(now()) == LockKind::captcha;
  (*user)->unlock(now(), by_captcha ? settings_.unlock_window : Duration::zero());
  return {};
}

Status Server::expire_password(const Value& arguments) {
  Status known = only(arguments, {});
  if (!known) return known;
  Result<User*> user = user_of(arguments);
  if (!user) return user.error();
  (*user)->settings().password_expired = true;
  return {};
}

Status Server::set_password(const Value& arguments) {
  Status known = only(arguments, {{"password", SettingKind::text, ""}});
  if (!known) return known;
  Result<User*> user = user_of(arguments);
  if (!user) return user.error();
  if (arguments.find("password") == nullptr) return wrong("password", "say the new one");
  (*user)->settings().password = arguments.find("password")->text();
  (*user)->settings().password_expired = false;
  return {};
}

Status Server::set(const Value& arguments) {
  Value::Map of_server;
  Value::Map of_user;
  for (const auto& [key, value] : arguments.entries()) {
    if (key == "server" || key == "mailbox") continue;
    if (is_in(mailbox_table(), key)) {
      of_user.emplace_back(key, value);
    } else if (key == "texts" || key == "faults" || (is_in(server_table(), key) && !is_fixed(key))) {
      of_server.emplace_back(key, value);
    } else {
      std::vector<std::string_view> names{"texts", "faults"};
      for (const Setting& setting : server_table()) names.push_back(setting.name);
      for (const Setting& setting : mailbox_table()) names.push_back(setting.name);
      std::string_view meant = nearest(key, names);
      return wrong(key, meant.empty() || meant == key ? "this cannot be set"
                                                      : fmt::format("this cannot be set; did you mean \"{}\"?", meant));
    }
  }
  Status changed = of_server.empty() ? Status{} : set_server(Value(std::move(of_server)));
  if (!changed || of_user.empty()) return changed;
  return set_user(arguments, Value(std::move(of_user)));
}

Status Server::set_server(const Value& changes) {
  Value given = merged(given_, changes);
  Result<Settings> settings = read_settings(given);
  if (!settings) return settings.error();
  Result<Texts> texts = Texts::read(given.find("texts"));
  if (!texts) return texts.error();
  Result<std::vector<FaultRule>> faults = parse_faults(changes.find("faults"), smtp_faults());
  if (!faults) return faults.error();
  if (Status known = check_logins(*faults, given.find("mailboxes")); !known) return known;
  given_ = std::move(given);
  settings_ = *std::move(settings);
  texts_ = *std::move(texts);
  if (changes.find("faults") != nullptr) books_.emplace_back(*std::move(faults));
  return {};
}

Status Server::set_user(const Value& arguments, const Value& changes) {
  Result<User*> found = user_of(arguments);
  if (!found) return found.error();
  Result<UserSettings> changed = read_user(changes, settings_.usual_lock);
  if (!changed) return changed.error();
  UserSettings& user = (*found)->settings();
  auto has = [&](std::string_view key) { return changes.find(key) != nullptr; };
  if (has("password")) user.password = changed->password;
  if (has("acts_as")) user.acts_as = changed->acts_as;
  if (has("app_password")) user.app_password = changed->app_password;
  if (has("oauth_token")) user.oauth_token = changed->oauth_token;
  if (has("external")) user.external = changed->external;
  if (has("password_expired")) user.password_expired = changed->password_expired;
  if (has("aliases")) user.aliases = changed->aliases;
  if (changed->lock)
    (*found)->lock(*changed->lock, Instant::max());
  else if (has("locked"))
    (*found)->unlock(now(), Duration::zero());
  return {};
}

}  // namespace mailrig::fakeservers::smtp
