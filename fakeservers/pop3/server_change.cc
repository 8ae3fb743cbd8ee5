// The steps of a scenario that change a POP3 server.

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "base/text.h"
#include "fakeservers/pop3/deliveries.h"
#include "fakeservers/pop3/maildrop.h"
#include "fakeservers/pop3/pop3_server.h"
#include "fakeservers/pop3/server.h"

namespace mailrig::fakeservers::pop3 {
namespace {

Error wrong_step(std::string_view key, std::string_view what) {
  return Error{Errc::bad_input, fmt::format("{}: {}", key, what), Step::none, std::string(key)};
}

/// `server` and `mailbox` are always known.
Status only(const Value& arguments, std::initializer_list<Setting> known) {
  for (const auto& [key, value] : arguments.entries()) {
    if (key == "server" || key == "mailbox") continue;
    const Setting* setting = std::ranges::find(known, key, &Setting::name);
    if (setting == known.end()) {
      std::vector<std::string_view> names{"mailbox"};
      for (const Setting& one : known) names.push_back(one.name);
      return wrong_step(key, fmt::format("this step has no such key; it has {}", join_words(names)));
    }
    Status fits = check_setting(*setting, value);
    if (!fits) return wrong_step(key, fits.error().message);
  }
  return {};
}

}  // namespace

Status Server::change(std::string_view verb, const Value& arguments) {
  struct Row {
    std::string_view verb;
    Status (Server::*change)(const Value&);
  };
  static constexpr Row rows[] = {
      {"deliver", &Server::deliver},
      {"lock", &Server::lock},
      {"unlock", &Server::unlock},
      {"expire_password", &Server::expire_password},
      {"set_password", &Server::set_password},
      {"pop_elsewhere", &Server::pop_elsewhere},
      {"set", &Server::set},
  };
  if (!arguments.is(Value::Kind::map)) return wrong_step(verb, "takes an object");
  for (const Row& row : rows)
    if (row.verb == verb) return (this->*row.change)(arguments);
  return wrong_step(verb, "a POP3 server has no such step");
}

Result<Mailbox*> Server::mailbox_of(const Value& arguments) {
  const Value* named = arguments.find("mailbox");
  if (named == nullptr) {
    if (mailboxes_.size() == 1) return mailboxes_.begin()->second.get();
    return wrong_step("mailbox", fmt::format("say which one: this server has {}", mailboxes_.size()));
  }
  if (!named->is(Value::Kind::text))
    return wrong_step("mailbox", fmt::format("takes a text, not {}", to_json(*named, 60)));
  auto at = mailboxes_.find(named->text());
  if (at != mailboxes_.end()) return at->second.get();
  std::vector<std::string_view> names;
  for (const auto& [name, mailbox] : mailboxes_) names.push_back(name);
  std::string_view meant = nearest(named->text(), names);
  return wrong_step("mailbox", fmt::format("there is no \"{}\"{}", printable(named->text()),
                                           meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant)));
}

Status Server::deliver(const Value& arguments) {
  Status known = only(arguments, {{"messages", SettingKind::any, ""}});
  if (!known) return known;
  Result<Mailbox*> mailbox = mailbox_of(arguments);
  if (!mailbox) return mailbox.error();
  const Value* messages = arguments.find("messages");
  if (messages == nullptr) return wrong_step("messages", "there is nothing to deliver");
  return add_messages(**mailbox, *messages, {.context = context_, .settings = settings_, .delivered = true});
}

bool Server::deliver(const IncomingMail& mail) {
  auto at = mailboxes_.find(mail.mailbox);
  if (at == mailboxes_.end()) at = mailboxes_.find(mail.mailbox.substr(0, mail.mailbox.rfind('@')));
  if (at == mailboxes_.end()) return false;
  const UidShape shape = settings_.uid_shape == UidShape::mixed ? UidShape::decimal : settings_.uid_shape;
  at->second->add(
      mail.message,
      {.arrived = context_.world.calendar.now(), .shape = shape, .popped = mail.own_copy, .outside = mail.own_copy},
      settings_);
  return true;
}

Status Server::lock(const Value& arguments) {
  Status known = only(arguments, {{"how", SettingKind::choice, "", lock_names()}, {"for", SettingKind::duration, ""}});
  if (!known) return known;
  Result<Mailbox*> mailbox = mailbox_of(arguments);
  if (!mailbox) return mailbox.error();
  SettingsReader read(arguments);
  LockKind kind = read.has("how") ? *parse_lock(read.text("how", "")) : settings_.usual_lock;
  if (!has_lock(kind)) {
    std::vector<std::string_view> names;
    for (std::string_view name : lock_names())
      if (has_lock(*parse_lock(name))) names.push_back(name);
    return wrong_step(
        "how", fmt::format("this personality has no lock \"{}\"; it has {}", to_string(kind), join_words(names)));
  }
  Instant now = context_.world.calendar.now();
  (*mailbox)->lock(kind, read.has("for") ? now + read.duration("for", {}) : Instant::max());
  return {};
}

Status Server::unlock(const Value& arguments) {
  Status known = only(arguments, {});
  if (!known) return known;
  Result<Mailbox*> mailbox = mailbox_of(arguments);
  if (!mailbox) return mailbox.error();
  Instant now = context_.world.calendar.now();
  // The user has been to the captcha page: it lets the next login in, and soon (docs/providers/gmail.md#limits).
  bool by_captcha = (*mailbox)->locked(now) == LockKind::captcha;
  (*mailbox)->unlock(now, by_captcha ? settings_.unlock_window : Duration::zero());
  return {};
}

Status Server::expire_password(const Value& arguments) {
  Status known = only(arguments, {});
  if (!known) return known;
  Result<Mailbox*> mailbox = mailbox_of(arguments);
  if (!mailbox) return mailbox.error();
  (*mailbox)->user().password_expired = true;
  return {};
}

Status Server::set_password(const Value& arguments) {
  Status known = only(arguments, {{"password", SettingKind::text, ""}});
  if (!known) return known;
  Result<Mailbox*> mailbox = mailbox_of(arguments);
  if (!mailbox) return mailbox.error();
  if (arguments.find("password") == nullptr) return wrong_step("password", "say the new one");
  (*mailbox)->user().password = arguments.find("password")->text();
  (*mailbox)->user().password_expired = false;
  return {};
}

/// Another client has a session of its own: it retrieves the oldest, or those of a list, and says QUIT.
Status Server::pop_elsewhere(const Value& arguments) {
  Status known = only(arguments, {{"messages", SettingKind::any, ""}, {"delete", SettingKind::boolean, ""}});
  if (!known) return known;
  Result<Mailbox*> mailbox = mailbox_of(arguments);
  if (!mailbox) return mailbox.error();
  Maildrop drop(**mailbox, settings_, context_.world.calendar, false);
  std::vector<std::size_t> rows;
  const Value* messages = arguments.find("messages");
  if (messages != nullptr && messages->is(Value::Kind::list)) {
    for (const Value& number : messages->items()) {
      if (!number.is(Value::Kind::integer) || number.integer() < 1 ||
          static_cast<std::uint64_t>(number.integer()) > drop.rows())
        return wrong_step("messages", fmt::format("{} is no message number: a session would list {}",
                                                  to_json(number, 20), drop.rows()));
      rows.push_back(static_cast<std::size_t>(number.integer() - 1));
    }
  } else if (messages == nullptr || (messages->is(Value::Kind::integer) && messages->integer() >= 0)) {
    std::size_t count = messages == nullptr ? drop.rows() : static_cast<std::size_t>(messages->integer());
    for (std::size_t row = 0; row < std::min(count, drop.rows()); ++row) rows.push_back(row);
  } else {
    return wrong_step("messages",
                      fmt::format("takes a number, or a list of message numbers, not {}", to_json(*messages, 60)));
  }
  const bool deletes = SettingsReader(arguments).boolean("delete", false);
  for (std::size_t row : rows) {
    drop.retrieve_elsewhere(row);
    if (deletes && !drop.deleted(row)) drop.remove(row);
  }
  drop.quit();
  return {};
}

Status Server::set(const Value& arguments) {
  Value::Map of_server;
  Value::Map of_user;
  for (const auto& [key, value] : arguments.entries()) {
    if (key == "server" || key == "mailbox") continue;
    bool user_key = std::ranges::find(mailbox_table(), key, &Setting::name) != mailbox_table().end();
    bool server_key = key == "texts" || key == "faults" ||
                      std::ranges::find(server_table(), key, &Setting::name) != server_table().end();
    // on_access is both: with a mailbox named, it is that user's.
    if (user_key && key != "messages" && (!server_key || arguments.find("mailbox") != nullptr)) {
      of_user.emplace_back(key, value);
    } else if (server_key && !is_fixed(key)) {
      of_server.emplace_back(key, value);
    } else {
      std::vector<std::string_view> names{"texts", "faults"};
      for (const Setting& setting : server_table()) names.push_back(setting.name);
      for (const Setting& setting : mailbox_table()) names.push_back(setting.name);
      std::string_view meant = nearest(key, names);
      return wrong_step(key, meant.empty() || meant == key
                                 ? "this cannot be set"
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
  Result<std::vector<FaultRule>> faults = parse_faults(changes.find("faults"), pop3_faults());
  if (!faults) return faults.error();
  if (Status known = check_logins(*faults, given.find("mailboxes")); !known) return known;
  given_ = std::move(given);
  settings_ = std::move(*settings);
  texts_ = std::move(*texts);
  if (changes.find("faults") != nullptr) books_.emplace_back(std::move(*faults));
  for (auto& [name, mailbox] : mailboxes_) mailbox->forget_fronts();
  return {};
}

Status Server::set_user(const Value& arguments, const Value& changes) {
  Result<Mailbox*> found = mailbox_of(arguments);
  if (!found) return found.error();
  Mailbox& mailbox = **found;
  Result<UserSettings> changed = read_user(changes, settings_.usual_lock);
  if (!changed) return changed.error();
  if (changed->lock && !has_lock(*changed->lock))
    return wrong_step("lock", fmt::format("this personality has no lock \"{}\"", to_string(*changed->lock)));
  Instant now = context_.world.calendar.now();
  UserSettings& user = mailbox.user();
  auto has = [&](std::string_view key) { return changes.find(key) != nullptr; };
  if (has("password")) user.password = changed->password;
  if (has("app_password")) user.app_password = changed->app_password;
  if (has("oauth_token")) user.oauth_token = changed->oauth_token;
  if (has("external")) user.external = changed->external;
  if (has("acts_as")) user.acts_as = std::move(changed->acts_as);
  if (has("password_expired")) user.password_expired = changed->password_expired;
  if (has("on_access")) user.on_access = changed->on_access;
  if (has("pop")) mailbox.enable(changed->pop, now);
  if (changed->lock)
    mailbox.lock(*changed->lock, Instant::max());
  else if (has("locked"))
    mailbox.unlock(now, Duration::zero());
  return {};
}

}  // namespace mailrig::fakeservers::pop3
