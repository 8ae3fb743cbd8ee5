#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "scenarios/language/parse/scenario_parser.h"

namespace mailrig::scenarios {
namespace {

// A day of polls is 86,400 then; products poll every few minutes.
constexpr Duration every_min = 1s;

// A CRM's clients where the account says nothing; the fake is told to take them (lend_clients).
constexpr std::pair<std::string_view, std::string_view> crm_defaults[] = {
    {"client_id", "1000.MAILRIGCLIENT"},
    {"client_secret", "mailrig-client-secret"},
    {"refresh_token", "1000.mailrig-refresh-token"}};

Value to_value(const Target& target) {
  return Value(Value::Map{{"server", target.server},
                          {"host", target.host},
                          {"port", static_cast<std::int64_t>(target.port)},
                          {"tls", to_string(target.tls)}});
}

/// What a client has to want of a server in order to be served.
TlsMode wanted(TlsMode offered) { return offered == TlsMode::starttls_required ? TlsMode::starttls : offered; }

}  // namespace

void ScenarioParser::read_accounts(const Node& accounts) {
  for (const Node::Entry& entry : accounts.entries()) read_account(entry);
}

void ScenarioParser::read_account(const Node::Entry& entry) {
  if (reading_.map(entry.key, *entry.value) == nullptr) return;
  AccountSpec account;
  account.name = entry.key;
  account.place = reading_.at(entry);
  Fields fields(reading_, *entry.value, "an account");
  read_account_keys(fields, account);
  fields.finish();
  if (account.crm)
    for (auto [key, value] : crm_defaults)
      if (account.settings.find(key) == nullptr) account.settings.set(std::string(key), value);
  check_account(*entry.value, account);
  scenario_.accounts.push_back(std::move(account));
}

void ScenarioParser::read_account_keys(Fields& fields, AccountSpec& account) {
  Value::Map settings;
  for (auto [key, target] :
       {std::pair{"pop3", &account.pop3}, std::pair{"smtp", &account.smtp}, std::pair{"crm", &account.crm}}) {
    const Node* node = fields.take(key);
    if (node == nullptr) continue;
    Value value;
    *target = read_target(key, *node, value);
    if (*target)
      settings.emplace_back(key, std::move(value));
    else
      broken_.emplace(account.name, key);
  }
  if (const Node* every = fields.take("every")) {
    bool is_never = every->is(Node::Kind::text) && every->text() == "never";
    auto span = is_never ? std::nullopt : reading_.duration("every", *every);
    if (span && *span <= Duration::zero())
      reading_.error(reading_.at(*every), "\"every\": an interval of nothing would never end",
                     "a span of time, or \"never\"", "\"never\"");
    else if (span && *span < every_min)
      reading_.error(reading_.at(*every), "\"every\": so short an interval makes millions of polls of an hour",
                     "at least 1s, or \"never\"", "\"1s\"");
    if (is_never || span) settings.emplace_back("every", every->text());
  }
  if (const Node* patience = fields.take("patience")) read_patience(*patience, settings);
  if (const Node* filters = fields.take("filters")) read_filters(*filters, settings);
  if (auto batch = fields.whole("batch", 1, 10'000)) settings.emplace_back("batch", static_cast<std::int64_t>(*batch));
  fields.settings(account_words(), settings);
  account.settings = Value(std::move(settings));
}

std::optional<Target> ScenarioParser::read_target(std::string_view key, const Node& node, Value& value) {
  Target target;
  const Node* named = &node;
  std::optional<Fields> fields;
  if (node.is(Node::Kind::map)) {
    fields.emplace(reading_, node, "where an account finds its server");
    named = fields->take("server");
  } else if (!node.is(Node::Kind::text)) {
    reading_.wrong_type(key, node, "the name of a server, or { \"server\", \"host\", \"port\", \"tls\" }");
    return std::nullopt;
  }
  if (named != nullptr) {
    auto name = reading_.text("server", *named);
    if (!name) return std::nullopt;
    std::vector<std::string_view> names(server_names_.begin(), server_names_.end());
    if (std::ranges::find(names, *name) == names.end()) {
      reading_.unknown(reading_.at(*named), fmt::format("there is no server \"{}\"", printable(*name)), names, *name);
      return std::nullopt;
    }
    const ServerSpec* server = scenario_.find_server(*name);
    if (server == nullptr) return std::nullopt;  // it has errors of its own
    if (server->protocol->name != key && !node.is(Node::Kind::map)) {
      reading_.error(reading_.at(*named), fmt::format("\"{}\" is a {} server", *name, server->protocol->name),
                     fmt::format("a {} server", key));
      return std::nullopt;
    }
    target = {server->name, server->host, server->port, wanted(server->tls)};
  }
  if (fields) {
    if (auto host = fields->text("host")) target.host = std::move(*host);
    if (auto tls = fields->choice("tls", account_tls_names())) {
      static constexpr TlsMode modes[] = {TlsMode::implicit, TlsMode::starttls, TlsMode::none};
      target.tls = modes[*tls];
    }
    if (const Protocol protocol = fakeservers::find_protocol(protocols_, key); named == nullptr && protocol != nullptr)
      target.port = default_port(*protocol, target.tls);
    target.port = static_cast<std::uint16_t>(fields->whole("port", 1, 65535).value_or(target.port));
    fields->finish();
    if (target.host.empty()) {
      reading_.error(reading_.at(node), "this names neither a server nor a host",
                     "\"server\": NAME, or \"host\" and \"port\"");
      return std::nullopt;
    }
  }
  value = to_value(target);
  return target;
}

void ScenarioParser::read_patience(const Node& node, Value::Map& settings) {
  if (reading_.map("patience", node) == nullptr) return;
  Fields fields(reading_, node, "patience");
  Value::Map patience;
  for (std::string_view key : {"connect", "greeting", "reply", "session"}) {
    auto span = fields.duration(key);
    if (span && *span <= Duration::zero())
      reading_.error(reading_.at(*node.find(key)),
                     fmt::format("\"{}\": no patience at all would end everything at once", key), "a span of time");
    if (span) patience.emplace_back(key, node.find(key)->text());
  }
  fields.finish();
  settings.emplace_back("patience", Value(std::move(patience)));
}

void ScenarioParser::read_filters(const Node& node, Value::Map& settings) {
  if (reading_.list("filters", node) == nullptr) return;
  for (const Node* filter : node.items()) {
    if (reading_.map("filters", *filter) == nullptr) continue;
    Fields fields(reading_, *filter, "a filter");
    for (std::string_view key : {"sender_contains", "move_to"})
      if (const Node* text = fields.need(key, "a text")) reading_.text(key, *text);
    fields.finish();
  }
  settings.emplace_back("filters", node.to_value());
}

void ScenarioParser::check_account(const Node& node, const AccountSpec& account) {
  if (node.find("pop3") == nullptr && node.find("smtp") == nullptr && node.find("crm") == nullptr)
    reading_.error(account.place, fmt::format("the account \"{}\" has no server", printable(account.name)),
                   "\"pop3\", \"smtp\" or \"crm\": the name of a server");
  bool logs_in = account.pop3 || (account.smtp && node.find("smtp_user") == nullptr);
  if (account.pop3 && node.find("user") == nullptr)
    reading_.error(account.place, fmt::format("the account \"{}\" needs \"user\"", printable(account.name)),
                   "the name it logs in with");
  if (logs_in && node.find("user") != nullptr && node.find("password") == nullptr)
    reading_.error(account.place, fmt::format("the account \"{}\" needs \"password\"", printable(account.name)),
                   "the password it logs in with, a wrong one if that is the story");
  // A name that is nearly one of the server's mailboxes is a slip; another one is a story about an unknown user.
  const Node* user = node.find("user");
  const ServerSpec* server = account.pop3 ? scenario_.find_server(account.pop3->server) : nullptr;
  if (user == nullptr || server == nullptr || !user->is(Node::Kind::text)) return;
  std::string_view name = user->text();
  if (name.starts_with("recent:")) {
    name.remove_prefix(std::string_view("recent:").size());
    if (name.starts_with(' ')) name.remove_prefix(1);
  }
  if (server->mailbox_places.contains(name)) return;
  std::vector<std::string_view> users;
  for (const auto& [mailbox, place] : server->mailbox_places) users.push_back(mailbox);
  std::string_view meant = nearest(name, users);
  if (!meant.empty())
    reading_.warn(reading_.at(*user),
                  fmt::format("\"{}\" has no mailbox \"{}\", so every login fails", server->name, printable(name)),
                  one_of(users), in_quotes(meant));
}

}  // namespace mailrig::scenarios
