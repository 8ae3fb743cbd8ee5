#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "scenarios/language/parse/scenario_parser.h"

namespace mailrig::scenarios {
namespace {

bool is_name(std::string_view name) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return !name.empty() && name.size() <= 63 &&
         name.find_first_not_of(letters) == std::string_view::npos;  // a host name's label
}

bool is_host(std::string_view host) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:";
  return !host.empty() && host.size() <= 253 && host.find_first_not_of(letters) == std::string_view::npos;
}

bool is_address(std::string_view text) {
  return text.find_first_not_of("0123456789abcdefABCDEF.:") == std::string_view::npos &&
         text.find_first_of(".:") != std::string_view::npos;
}

}  // namespace

void ScenarioParser::read_servers(const Node& servers, const Node* accounts) {
  // An account that refers to a server says by it which protocol the server speaks.
  if (accounts != nullptr && accounts->is(Node::Kind::map)) {
    for (const Node::Entry& account : accounts->entries()) {
      for (Protocol protocol : protocols_) {
        const Node* target = account.value->find(protocol->name);
        if (target != nullptr && target->is(Node::Kind::map)) target = target->find("server");
        if (target != nullptr && target->is(Node::Kind::text)) referred_.emplace(target->text(), protocol);
      }
    }
  }
  for (const Node::Entry& entry : servers.entries()) server_names_.emplace_back(entry.key);
  if (accounts != nullptr && accounts->is(Node::Kind::map))
    for (const Node::Entry& entry : accounts->entries()) account_names_.emplace_back(entry.key);
  if (servers.entries().empty())
    reading_.error(reading_.at(servers), "a story needs at least one server", "{ NAME: { \"personality\": ... } }");
  for (const Node::Entry& entry : servers.entries()) read_server(entry);
  check_hosts();
  check_references(servers);
}

std::vector<std::string_view> ScenarioParser::protocol_names() const {
  std::vector<std::string_view> names;
  for (Protocol protocol : protocols_) names.push_back(protocol->name);
  return names;
}

std::optional<Protocol> ScenarioParser::protocol_of(const Node::Entry& server) {
  const Node* stated = server.value->find("protocol");
  if (stated != nullptr) {
    auto index = reading_.choice("protocol", *stated, protocol_names());
    if (index) return protocols_[*index];
    return std::nullopt;
  }
  const Node* named = server.value->find("personality");
  const Value of = named == nullptr ? Value("generic") : named->to_value();
  std::vector<Protocol> order(protocols_.begin(), protocols_.end());
  // What an account takes the server for comes first. Where no such personality is, it is the account that is wrong.
  auto referred = referred_.find(server.key);
  if (referred != referred_.end()) order.insert(order.begin(), referred->second);
  for (Protocol protocol : order)
    if (protocol->personality(of, personalities_)) return protocol;
  return order.front();  // read_personality() says what is wrong with it
}

void ScenarioParser::read_server(const Node::Entry& entry) {
  if (!is_name(entry.key))
    reading_.error(reading_.at(entry), fmt::format("\"{}\" names no server", printable(entry.key)),
                   "letters, digits, - and _, at most 63");
  if (reading_.map(entry.key, *entry.value) == nullptr) return;
  auto protocol = protocol_of(entry);
  if (!protocol) return;
  const std::size_t before_errors = reading_.errors();
  ServerSpec server;
  server.name = entry.key;
  server.protocol = *protocol;
  server.place = reading_.at(entry);
  std::string what = fmt::format("a {} server", (*protocol)->name);
  Fields fields(reading_, *entry.value, what);
  fields.take("protocol");
  const Node* named = fields.take("personality");
  auto resolved = read_personality(named, *protocol, server);
  if (!resolved) {
    // The other keys are those of the protocol, where that is known and not only supposed.
    if (entry.value->find("protocol") == nullptr && !referred_.contains(entry.key)) return;
    resolved = Value::map();
  }
  // What a personality does not say.
  server.tls = (*protocol)->tls_by_default ? TlsMode::implicit : TlsMode::none;
  if (const Value* tls = resolved->find("tls"); tls != nullptr && tls->is(Value::Kind::text)) {
    auto name = std::ranges::find(server_tls_names(), tls->text());
    if (name != server_tls_names().end()) server.tls = static_cast<TlsMode>(name - server_tls_names().begin());
  }
  read_world(fields, server);

  Value::Map settings;
  settings.emplace_back("name", server.name);
  settings.emplace_back("host", server.host);
  settings.emplace_back("port", static_cast<std::int64_t>(server.port));
  settings.emplace_back("tls", to_string(server.tls));
  if ((*protocol)->has_mailboxes)
    if (const Node* mailboxes = fields.take("mailboxes")) read_mailboxes(*mailboxes, server, settings);
  if (!(*protocol)->records.empty()) {
    if (const Node* records = fields.take("records")) read_records(*records, server, settings);
    if (const Node* clients = fields.take("clients")) read_clients(*clients, settings);
  }
  if (const Node* texts = fields.take("texts")) settings.emplace_back("texts", read_texts(*texts, *protocol));
  std::size_t before = settings.size();
  fields.settings((*protocol)->settings, settings);
  bool deviates = settings.size() > before || fields.has("texts");
  if (const Node* faults = fields.take("faults"))
    settings.emplace_back("faults", read_faults(*faults, server, server.fault_places));
  fields.finish();
  server.settings = merged(*resolved, Value(std::move(settings)));
  server.settings.set("personality", server.personality);
  if (deviates && reading_.errors() == before_errors) {
    if (auto fits = (*protocol)->check(server.settings); !fits) {
      const Node* culprit = node_at(*entry.value, fits.error().reason);
      reading_.error(culprit == nullptr ? server.place : reading_.at(*culprit), fits.error().message);
    }
  }
  scenario_.servers.push_back(std::move(server));
}

std::optional<Value> ScenarioParser::read_personality(const Node* node, Protocol protocol, ServerSpec& server) {
  Value named = node == nullptr ? Value("generic") : node->to_value();
  if (named.is(Value::Kind::text)) server.personality = named.text();
  auto resolved = protocol->personality(named, personalities_);
  if (!resolved) {
    const Place place = node == nullptr ? server.place : reading_.at(*node);
    reading_.error(place, resolved.error().message);
    return std::nullopt;
  }
  // Whoever is extended on the way is used too; the first that is written in this file is checked here.
  const Node* own = node != nullptr && node->is(Node::Kind::map) ? node : nullptr;
  if (own != nullptr) check_own_personality(*own, protocol);
  Value at = own == nullptr ? named : own->find("extends") != nullptr ? own->find("extends")->to_value() : Value{};
  server.own_personality = own != nullptr || (at.is(Value::Kind::text) && personalities_.find(at.text()) != nullptr);
  if (own != nullptr) server.personality = at.is(Value::Kind::text) ? at.text() : "";
  while (at.is(Value::Kind::text) && own_personalities_ != nullptr) {
    const Node* written = own_personalities_->find(at.text());
    if (written == nullptr || !used_personalities_.insert(at.text()).second) break;
    check_own_personality(*written, protocol);
    const Node* next = written->find("extends");
    at = next == nullptr ? Value{} : next->to_value();
  }
  return std::move(*resolved);
}

/// A personality that the scenario brings along: its keys are those of a server of this protocol.
void ScenarioParser::check_own_personality(const Node& node, Protocol protocol) {
  if (!node.is(Node::Kind::map)) return;
  std::string what = fmt::format("a {} personality", protocol->name);
  Fields fields(reading_, node, what);
  fields.text("extends");
  fields.take("protocol");
  fields.choice("tls", server_tls_names());
  if (const Node* texts = fields.take("texts")) read_texts(*texts, protocol);
  Value::Map settings;
  fields.settings(protocol->settings, settings);
  fields.finish();
}

void ScenarioParser::read_world(Fields& fields, ServerSpec& server) {
  server.host = server.name + ".test";
  if (const Node* host = fields.take("host")) {
    auto text = reading_.text("host", *host);
    if (text && !is_host(*text)) reading_.wrong_type("host", *host, "a host name or an address");
    if (text) server.host = *text;
  }
  if (auto tls = fields.choice("tls", server_tls_names())) server.tls = static_cast<TlsMode>(*tls);
  server.port =
      static_cast<std::uint16_t>(fields.whole("port", 1, 65535).value_or(default_port(*server.protocol, server.tls)));
  if (const Node* certificate = fields.take("certificate")) {
    server.certificate = read_certificate(*certificate);
    if (server.tls == TlsMode::none)
      reading_.warn(reading_.at(*certificate), "nobody will see this certificate: the server has \"tls\": \"none\"");
  }
  if (const Node* link = fields.take("link"); link != nullptr && reading_.map("link", *link) != nullptr) {
    Fields keys(reading_, *link, "a link");
    server.link.latency = keys.duration("latency").value_or(server.link.latency);
    server.link.bytes_per_second = keys.octets("bytes_per_second").value_or(0);
    server.link.split_at = keys.whole("split_at").value_or(0);
    keys.finish();
  }
  if (const Node* refuse = fields.take("refuse")) server.refuse = read_refusal("refuse", *refuse);
  server.silent = fields.boolean("silent").value_or(false);
  if (const Node* addresses = fields.take("addresses")) read_addresses(*addresses, server);
}

void ScenarioParser::read_addresses(const Node& node, ServerSpec& server) {
  static constexpr std::string_view states[] = {"good", "refused", "silent"};
  if (reading_.list("addresses", node) == nullptr) return;
  for (const Node* item : node.items())
    if (auto index = reading_.choice("addresses", *item, states))
      server.addresses.push_back(static_cast<AddressState>(*index));
  if (node.items().empty())
    reading_.error(reading_.at(node), "a name without addresses cannot be connected to",
                   "a list such as [\"refused\", \"good\"]");
}

Refusal ScenarioParser::read_refusal(std::string_view key, const Node& node) {
  if (node.is(Node::Kind::boolean)) return {.all = node.boolean(), .sources = {}};
  if (!node.is(Node::Kind::list) && !node.is(Node::Kind::text)) {
    reading_.wrong_type(key, node, "true, or a list of addresses such as [\"127.0.0.2\"]");
    return {};
  }
  Refusal refusal{.all = false, .sources = reading_.text_list(key, node).value_or(std::vector<std::string>{})};
  for (const std::string& source : refusal.sources)
    if (!is_address(source))
      reading_.error(reading_.at(node), fmt::format("\"{}\" is no address", printable(source)),
                     "an address such as \"127.0.0.2\"");
  return refusal;
}

CertificateSpec ScenarioParser::read_certificate(const Node& node) {
  CertificateSpec certificate;
  auto read_class = [&](const Node& name) {
    std::vector<std::string_view> names{"good"};
    for (std::string_view one : certificate_class_names())
      if (one != "other") names.push_back(one);
    auto index = reading_.choice("certificate", name, names);
    if (index && *index > 0) certificate.flaw = parse_certificate_class(names[*index]);
  };
  if (!node.is(Node::Kind::map)) {
    read_class(node);
    return certificate;
  }
  Fields fields(reading_, node, "a certificate");
  if (const Node* name = fields.take("class")) read_class(*name);
  certificate.from = fields.instant("from");
  certificate.until = fields.instant("until");
  if (certificate.from && certificate.until && *certificate.until <= *certificate.from)
    reading_.error(reading_.at(*node.find("until")), "the certificate ends before it begins",
                   "\"until\" after \"from\"");
  if (const Node* hosts = fields.take("hosts"))
    certificate.hosts = reading_.text_list("hosts", *hosts).value_or(std::vector<std::string>{});
  fields.finish();
  return certificate;
}

void ScenarioParser::read_mailboxes(const Node& node, ServerSpec& server, Value::Map& settings) {
  if (reading_.map("mailboxes", node) == nullptr) return;
  Value::Map mailboxes;
  mailboxes.reserve(node.entries().size());
  for (const Node::Entry& entry : node.entries()) {
    if (reading_.map(entry.key, *entry.value) == nullptr) continue;
    server.mailbox_places.emplace(entry.key, reading_.at(entry));
    std::string what = fmt::format("a {} mailbox", server.protocol->name);
    Fields fields(reading_, *entry.value, what);
    Value::Map mailbox;
    if (auto password = fields.text("password")) mailbox.emplace_back("password", *password);
    if (!server.protocol->message_settings.empty()) {
      if (const Node* messages = fields.take("messages")) {
        std::string user(entry.key);
        std::string address = user.find('@') == std::string::npos ? user + "@" + server.host : user;
        mailbox.emplace_back("messages", read_messages(*messages, {.stream = fmt::format("{}/{}", server.name, user),
                                                                   .address = address,
                                                                   .protocol = server.protocol}));
      }
    }
    fields.settings(server.protocol->mailbox_settings, mailbox);
    fields.finish();
    mailboxes.emplace_back(entry.key, Value(std::move(mailbox)));
  }
  settings.emplace_back("mailboxes", Value(std::move(mailboxes)));
}

Value ScenarioParser::read_texts(const Node& node, Protocol protocol) {
  if (reading_.map("texts", node) == nullptr) return Value::map();
  std::vector<std::string_view> known;
  for (const fakeservers::TextKey& key : protocol->texts) known.push_back(key.name);
  for (const Node::Entry& entry : node.entries()) {
    if (std::ranges::find(known, entry.key) == known.end())
      reading_.unknown(reading_.at(entry), fmt::format("{} has no text \"{}\"", protocol->name, printable(entry.key)),
                       known, entry.key);
    bool texts =
        entry.value->is(Node::Kind::text) || entry.value->is(Node::Kind::list) || entry.value->is(Node::Kind::null);
    if (!texts) reading_.wrong_type(entry.key, *entry.value, "a text, a list of lines, or null for none");
    if (entry.value->is(Node::Kind::list)) reading_.text_list(entry.key, *entry.value);
  }
  return node.to_value();
}

void ScenarioParser::read_records(const Node& node, const ServerSpec& server, Value::Map& settings) {
  if (reading_.map("records", node) == nullptr) return;
  const std::span<const std::string_view> known = server.protocol->records;
  for (const Node::Entry& module : node.entries()) {
    if (std::ranges::find(known, module.key) == known.end())
      reading_.unknown(reading_.at(module), fmt::format("the CRM has no module \"{}\"", printable(module.key)), known,
                       module.key);
    if (reading_.list(module.key, *module.value) == nullptr) continue;
    for (const Node* record : module.value->items()) reading_.map(module.key, *record);
  }
  settings.emplace_back("records", node.to_value());
}

void ScenarioParser::read_clients(const Node& node, Value::Map& settings) {
  std::vector<const Node*> clients(1, &node);
  if (node.is(Node::Kind::list)) clients.assign(node.items().begin(), node.items().end());
  for (const Node* client : clients) {
    if (reading_.map("clients", *client) == nullptr) continue;
    Fields fields(reading_, *client, "a client of the CRM");
    for (std::string_view key : {"client_id", "client_secret", "refresh_token"})
      if (const Node* text = fields.need(key, "a text")) reading_.text(key, *text);
    fields.finish();
  }
  settings.emplace_back("clients", node.to_value());
}

/// A CRM that says nothing of its clients takes those that the accounts have.
void ScenarioParser::lend_clients(ServerSpec& server) {
  if (server.protocol->records.empty() || server.settings.find("clients") != nullptr) return;
  Value::List clients;
  for (const AccountSpec& account : scenario_.accounts) {
    if (!account.crm || account.crm->server != server.name) continue;
    Value client = Value::map();
    for (std::string_view key : {"client_id", "client_secret", "refresh_token"})
      client.set(std::string(key), *account.settings.find(key));
    if (std::ranges::find(clients, client) == clients.end()) clients.push_back(std::move(client));
  }
  if (!clients.empty()) server.settings.set("clients", Value(std::move(clients)));
}

void ScenarioParser::check_hosts() {
  for (std::size_t i = 0; i < scenario_.servers.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const ServerSpec& a = scenario_.servers[j];
      const ServerSpec& b = scenario_.servers[i];
      if (a.host == b.host && a.port == b.port)
        reading_.error(b.place, fmt::format("\"{}\" and \"{}\" are both {}:{}", a.name, b.name, a.host, a.port),
                       "a \"host\" or \"port\" of its own for each server");
    }
  }
}

/// A setting that names another server names one that is there and can be meant.
void ScenarioParser::check_references(const Node& servers) {
  for (const Node::Entry& entry : servers.entries()) {
    const ServerSpec* server = scenario_.find_server(entry.key);
    if (server == nullptr) continue;  // it has errors of its own
    for (const fakeservers::ServerReference& reference : server->protocol->references) {
      const Node* named = entry.value->find(reference.setting);
      if (named == nullptr || !named->is(Node::Kind::text)) continue;
      std::vector<std::string_view> others;
      for (const ServerSpec& other : scenario_.servers)
        if (other.protocol->name == reference.protocol && &other != server) others.push_back(other.name);
      if (std::ranges::find(others, named->text()) == others.end())
        reading_.unknown(
            reading_.at(*named),
            fmt::format("there is no{} {} server \"{}\"", server->protocol->name == reference.protocol ? " other" : "",
                        reference.protocol, printable(named->text())),
            others, named->text());
    }
  }
}

}  // namespace mailrig::scenarios
