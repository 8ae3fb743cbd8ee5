#include "client/account/account.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailrig::client {
namespace {

constexpr std::string_view trust_choices[] = {"rig", "none"};
constexpr std::string_view recent_prefix = "recent:";

constexpr std::array settings_table{
    Setting{"pop3", SettingKind::any, "the server to retrieve from: its name, or { server, host, port, tls }"},
    Setting{"smtp", SettingKind::any, "the server to send by: its name, or { server, host, port, tls }"},
    Setting{"crm", SettingKind::any, "the CRM to put e-mails on records of: its name, or { server, host, port, tls }"},
    Setting{"user", SettingKind::text, "the user name; recent: before it asks for Gmail's recent mode"},
    Setting{"password", SettingKind::text, "the password"},
    Setting{"smtp_user", SettingKind::text, "the user name for sending, where it is another one"},
    Setting{"smtp_password", SettingKind::text, "the password for sending, where it is another one"},
    Setting{"address", SettingKind::text, "the e-mail address, where the user name is none"},
    Setting{"leave_on_server", SettingKind::boolean, "false: messages are deleted once they are durably stored"},
    Setting{"every", SettingKind::any, "the polling interval such as \"15m\", or \"never\""},
    Setting{"batch", SettingKind::whole, "messages of one cycle"},
    Setting{"source", SettingKind::text, "the address that connections come from"},
    Setting{"trust", SettingKind::choice, "which roots are trusted", trust_choices},
    Setting{"patience", SettingKind::map, "how long the client waits: connect, greeting, reply, session"},
    Setting{"filters", SettingKind::any, "[ { \"sender_contains\": ..., \"move_to\": ... } ]"},
    Setting{"storage", SettingKind::octets, "how many octets the account may store"},
    Setting{"client_id", SettingKind::text, "of the CRM's OAuth client"},
    Setting{"client_secret", SettingKind::text, "of the CRM's OAuth client"},
    Setting{"refresh_token", SettingKind::text, "of the CRM's OAuth client"},
};

constexpr std::array patience_table{
    Setting{"connect", SettingKind::duration, "for the connection"},
    Setting{"greeting", SettingKind::duration, "for the greeting"},
    Setting{"reply", SettingKind::duration, "for a reply"},
    Setting{"session", SettingKind::duration, "for the whole session"},
};

Error unfit(std::string message) { return {Errc::bad_input, std::move(message)}; }

bool starts_with_recent(std::string_view user) {
  return user.size() >= recent_prefix.size() &&
         std::equal(recent_prefix.begin(), recent_prefix.end(), user.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b); });
}

std::string without_recent(std::string_view user) {
  if (!starts_with_recent(user)) return std::string(user);
  user.remove_prefix(recent_prefix.size());
  user.remove_prefix(std::min(user.find_first_not_of(' '), user.size()));
  return std::string(user);
}

Result<std::optional<Duration>> read_every(const Value& value) {
  if (value.is(Value::Kind::text)) {
    if (value.text() == "never") return std::optional<Duration>{};
    Result<Duration> span = parse_duration(value.text());
    if (!span) return span.error();
    if (*span > Duration{}) return std::optional<Duration>{*span};
  }
  return unfit(fmt::format("\"every\" takes a span of time such as \"15m\", or \"never\", not {}", to_json(value, 60)));
}

Result<Timeouts> read_patience(const Value& value, Timeouts patience) {
  for (const auto& [key, span] : value.entries()) {
    const auto* known = std::ranges::find(patience_table, key, &Setting::name);
    if (known == patience_table.end())
      return unfit(fmt::format("\"patience\" has connect, greeting, reply and session, not \"{}\"", key));
    if (Status fits = check_setting(*known, span); !fits) return fits.error();
  }
  SettingsReader read(value);
  patience.connect = read.duration("connect", patience.connect);
  patience.greeting = read.duration("greeting", patience.greeting);
  patience.reply = read.duration("reply", patience.reply);
  patience.session = read.duration("session", patience.session);
  return patience;
}

Result<std::vector<Filter>> read_filters(const Value& value) {
  auto wrong = [&] {
    return unfit(fmt::format("\"filters\" takes a list of {{ \"sender_contains\": ..., \"move_to\": ... }}, not {}",
                             to_json(value, 120)));
  };
  if (!value.is(Value::Kind::list)) return wrong();
  std::vector<Filter> filters;
  for (const Value& item : value.items()) {
    const Value* contains = item.find("sender_contains");
    const Value* folder = item.find("move_to");
    bool whole = item.is(Value::Kind::map) && item.entries().size() == 2 && contains != nullptr && folder != nullptr &&
                 contains->is(Value::Kind::text) && folder->is(Value::Kind::text) && !contains->text().empty() &&
                 !folder->text().empty();
    if (!whole) return wrong();
    filters.push_back({contains->text(), folder->text()});
  }
  return filters;
}

}  // namespace

bool AccountSettings::is_recent_mode() const { return starts_with_recent(user); }

std::string AccountSettings::pop3_user() const {
  return is_recent_mode() ? std::string(recent_prefix) + without_recent(user) : user;
}

std::string AccountSettings::own_address() const { return address.empty() ? without_recent(user) : address; }

std::string AccountSettings::login_of_smtp() const { return without_recent(smtp_user.empty() ? user : smtp_user); }

std::string AccountSettings::password_of_smtp() const { return smtp_password.empty() ? password : smtp_password; }

std::span<const Setting> account_settings() { return settings_table; }

Status apply_account_settings(const Value& values, AccountSettings& settings) {
  if (!values.is(Value::Kind::map)) return unfit("the settings of an account are an object");
  for (const auto& [key, value] : values.entries()) {
    const auto* known = std::ranges::find(settings_table, key, &Setting::name);
    if (known == settings_table.end()) return unfit(fmt::format("an account has no setting \"{}\"", key));
    if (Status fits = check_setting(*known, value); !fits) return fits.error();
  }
  AccountSettings changed = settings;
  if (const Value* every = values.find("every")) {
    Result<std::optional<Duration>> span = read_every(*every);
    if (!span) return span.error();
    changed.every = *span;
  }
  if (const Value* patience = values.find("patience")) {
    Result<Timeouts> spans = read_patience(*patience, changed.patience);
    if (!spans) return spans.error();
    changed.patience = *spans;
  }
  if (const Value* filters = values.find("filters")) {
    Result<std::vector<Filter>> list = read_filters(*filters);
    if (!list) return list.error();
    changed.filters = *std::move(list);
  }
  SettingsReader read(values);
  if (std::uint64_t batch = read.whole("batch", changed.batch); batch >= 1 && batch <= batch_max)
    changed.batch = static_cast<unsigned>(batch);
  else
    return unfit(fmt::format("\"batch\" takes 1 to {} messages, not {}", batch_max, batch));
  changed.user = read.text("user", changed.user);
  changed.password = read.text("password", changed.password);
  changed.smtp_user = read.text("smtp_user", changed.smtp_user);
  changed.smtp_password = read.text("smtp_password", changed.smtp_password);
  changed.address = read.text("address", changed.address);
  changed.leave_on_server = read.boolean("leave_on_server", changed.leave_on_server);
  changed.source = read.text("source", changed.source);
  if (read.has("trust")) changed.trust = read.text("trust", "rig") == "none" ? TrustedRoots::none : TrustedRoots::rig;
  changed.storage = read.octets("storage", changed.storage);
  changed.client_id = read.text("client_id", changed.client_id);
  changed.client_secret = read.text("client_secret", changed.client_secret);
  changed.refresh_token = read.text("refresh_token", changed.refresh_token);
  settings = std::move(changed);
  return {};
}

}  // namespace mailrig::client
