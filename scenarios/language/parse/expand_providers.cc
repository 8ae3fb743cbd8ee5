#include "scenarios/language/parse/expand_providers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"

namespace mailrig::scenarios {
namespace {

using fakeservers::ProtocolDescriptor;
using fakeservers::ProtocolList;
using Entries = std::vector<Node::Entry>;

bool has(std::span<const Setting> table, std::string_view key) {
  return std::ranges::find(table, key, &Setting::name) != table.end();
}

/// Whether a key of a server, or of a mailbox, is there for this protocol: those that no protocol of the provider knows
/// are for each, so that they are told as unknown or concern every server.
bool concerns(std::string_view key, const ProtocolDescriptor& protocol, ProtocolList of_provider,
              std::span<const Setting> ProtocolDescriptor::*table) {
  if (has(protocol.*table, key)) return true;
  return std::ranges::none_of(of_provider, [&](const auto* other) { return has(other->*table, key); });
}

class ProviderExpander {
 public:
  ProviderExpander(Document& document, ProtocolList protocols, Reading& reading)
      : document_(document), protocols_(protocols), reading_(reading) {}

  const Node* expand(const Node& root, const Node& providers);

 private:
  void expand_provider(const Node::Entry& provider, Entries& servers);
  std::vector<const ProtocolDescriptor*> protocols_of(const Node& list);
  const Node* server_of(const Node::Entry& provider, const ProtocolDescriptor& protocol, ProtocolList of_provider,
                        const Node* own);
  const Node* mailboxes_for(const Node& mailboxes, const ProtocolDescriptor& protocol, ProtocolList of_provider);
  const Node* accounts_with_servers(const Node& accounts);
  const Node* account_with_servers(const Node& account);
  std::string_view server_name(std::string_view provider, std::string_view protocol) {
    return document_.hold(fmt::format("{}-{}", provider, protocol));
  }
  /// An entry whose key is at the place of another's.
  static Node::Entry entry_at(const Node::Entry& place, std::string_view key, const Node* value) {
    return {key, place.key_origin, place.key_offset, value};
  }

  Document& document_;
  ProtocolList protocols_;
  Reading& reading_;
  std::map<std::string, std::set<std::string>, std::less<>> known_;  // protocols by provider
};

std::vector<const ProtocolDescriptor*> ProviderExpander::protocols_of(const Node& list) {
  std::vector<std::string_view> names;
  for (const auto* protocol : protocols_) names.push_back(protocol->name);
  std::vector<const ProtocolDescriptor*> found;
  auto add = [&](std::string_view name, const Place& place) {
    const ProtocolDescriptor* protocol = fakeservers::find_protocol(protocols_, name);
    if (protocol == nullptr)
      reading_.unknown(place, fmt::format("there is no protocol \"{}\"", printable(name)), names, name);
    else if (std::ranges::find(found, protocol) != found.end())
      reading_.error(place, fmt::format("\"{}\" is listed twice", name), "each protocol once");
    else
      found.push_back(protocol);
  };
  if (list.is(Node::Kind::map)) {
    for (const Node::Entry& entry : list.entries()) add(entry.key, reading_.at(entry));
  } else if (list.is(Node::Kind::list)) {
    for (const Node* item : list.items()) {
      if (item->is(Node::Kind::text))
        add(item->text(), reading_.at(*item));
      else
        reading_.wrong_type("servers", *item, "the name of a protocol, such as \"pop3\"");
    }
  } else {
    reading_.wrong_type("servers", list, "a list of protocols, or an object { PROTOCOL: { what differs } }");
  }
  return found;
}

const Node* ProviderExpander::mailboxes_for(const Node& mailboxes, const ProtocolDescriptor& protocol,
                                            ProtocolList of_provider) {
  if (!mailboxes.is(Node::Kind::map)) return &mailboxes;
  const bool others_have_messages =
      std::ranges::any_of(of_provider, [](const auto* other) { return !other->message_settings.empty(); });
  Entries users;
  for (const Node::Entry& user : mailboxes.entries()) {
    if (!user.value->is(Node::Kind::map)) {
      users.push_back(user);
      continue;
    }
    Entries keys;
    for (const Node::Entry& key : user.value->entries()) {
      const bool fits = key.key == "messages" && others_have_messages
                            ? !protocol.message_settings.empty()
                            : concerns(key.key, protocol, of_provider, &ProtocolDescriptor::mailbox_settings);
      if (fits) keys.push_back(key);
    }
    users.push_back(entry_at(user, user.key, document_.make_map_at(*user.value, keys)));
  }
  return document_.make_map_at(mailboxes, users);
}

const Node* ProviderExpander::server_of(const Node::Entry& provider, const ProtocolDescriptor& protocol,
                                        ProtocolList of_provider, const Node* own) {
  Entries keys{entry_at(provider, "protocol", document_.make_text_at(*provider.value, protocol.name))};
  const auto is_there = [&keys](std::string_view key) {
    return std::ranges::find(keys, key, &Node::Entry::key) != keys.end();
  };
  if (own != nullptr && own->is(Node::Kind::map)) keys.insert(keys.end(), own->entries().begin(), own->entries().end());
  for (const Node::Entry& key : provider.value->entries()) {
    if (key.key == "servers" || is_there(key.key)) continue;
    if (key.key == "mailboxes") {
      if (protocol.has_mailboxes)
        keys.push_back(entry_at(key, key.key, mailboxes_for(*key.value, protocol, of_provider)));
    } else if (concerns(key.key, protocol, of_provider, &ProtocolDescriptor::settings)) {
      keys.push_back(key);
    }
  }
  // Its servers are one system: what one accepts is in the mailboxes of the other.
  for (const fakeservers::ServerReference& reference : protocol.references) {
    const bool is_beside = std::ranges::any_of(
        of_provider, [&](const auto* other) { return other != &protocol && other->name == reference.protocol; });
    if (is_beside && !is_there(reference.setting))
      keys.push_back(entry_at(provider, reference.setting,
                              document_.make_text_at(*provider.value, server_name(provider.key, reference.protocol))));
  }
  return document_.make_map_at(*provider.value, keys);
}

void ProviderExpander::expand_provider(const Node::Entry& provider, Entries& servers) {
  if (reading_.map(provider.key, *provider.value) == nullptr) return;
  const Node* list = provider.value->find("servers");
  if (list == nullptr) {
    reading_.error(reading_.at(provider), "a provider needs \"servers\"", "a list of protocols: [\"pop3\", \"smtp\"]");
    return;
  }
  const std::vector<const ProtocolDescriptor*> protocols = protocols_of(*list);
  for (const ProtocolDescriptor* protocol : protocols) {
    const Node* own = list->is(Node::Kind::map) ? list->find(protocol->name) : nullptr;
    if (own != nullptr && reading_.map(protocol->name, *own) == nullptr) continue;
    const std::string_view name = server_name(provider.key, protocol->name);
    if (std::ranges::find(servers, name, &Node::Entry::key) != servers.end()) {
      reading_.error(reading_.at(provider), fmt::format("there is a server \"{}\" already", printable(name)),
                     "another name for the provider or the server");
      continue;
    }
    servers.push_back(entry_at(provider, name, server_of(provider, *protocol, protocols, own)));
    known_[std::string(provider.key)].emplace(protocol->name);
  }
}

/// { "pop3": "exchange" } as { "pop3": "exchange-pop3" }, and the same for `server` of the long form.
const Node* ProviderExpander::account_with_servers(const Node& account) {
  if (!account.is(Node::Kind::map)) return &account;
  const auto named = [this](const Node& name, std::string_view protocol) -> const Node* {
    if (!name.is(Node::Kind::text)) return &name;
    const auto provider = known_.find(name.text());
    if (provider == known_.end() || !provider->second.contains(std::string(protocol))) return &name;
    return document_.make_text_at(name, server_name(name.text(), protocol));
  };
  Entries keys;
  for (const Node::Entry& key : account.entries()) {
    const bool is_target = fakeservers::find_protocol(protocols_, key.key) != nullptr;
    const Node* value = key.value;
    if (is_target && value->is(Node::Kind::map)) {
      Entries parts;
      for (const Node::Entry& part : value->entries())
        parts.push_back(entry_at(part, part.key, part.key == "server" ? named(*part.value, key.key) : part.value));
      value = document_.make_map_at(*value, parts);
    } else if (is_target) {
      value = named(*value, key.key);
    }
    keys.push_back(entry_at(key, key.key, value));
  }
  return document_.make_map_at(account, keys);
}

const Node* ProviderExpander::accounts_with_servers(const Node& accounts) {
  if (!accounts.is(Node::Kind::map)) return &accounts;
  Entries list;
  for (const Node::Entry& account : accounts.entries())
    list.push_back(entry_at(account, account.key, account_with_servers(*account.value)));
  return document_.make_map_at(accounts, list);
}

const Node* ProviderExpander::expand(const Node& root, const Node& providers) {
  const Node* written = root.find("servers");
  Entries servers;
  if (written != nullptr && written->is(Node::Kind::map))
    servers.assign(written->entries().begin(), written->entries().end());
  if (reading_.map("providers", providers) != nullptr)
    for (const Node::Entry& provider : providers.entries()) expand_provider(provider, servers);
  Entries keys;
  for (const Node::Entry& key : root.entries()) {
    if (key.key == "servers") continue;
    if (key.key == "providers")
      keys.push_back(entry_at(key, "servers", document_.make_map_at(providers, servers)));
    else if (key.key == "accounts")
      keys.push_back(entry_at(key, key.key, accounts_with_servers(*key.value)));
    else
      keys.push_back(key);
  }
  return document_.make_map_at(root, keys);
}

}  // namespace

const Node* expand_providers(Document& document, const Node& root, ProtocolList protocols, Reading& reading) {
  const Node* providers = root.find("providers");
  return providers == nullptr ? &root : ProviderExpander(document, protocols, reading).expand(root, *providers);
}

}  // namespace mailrig::scenarios
