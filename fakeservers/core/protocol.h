#pragma once
/// All that the rest of mailrig knows of a protocol: a new one is a folder, and one of these in the list of
/// fakeservers/protocols.cc. The loader, `check`, `explain`, the schema, did-you-mean and the documentation's tables
/// work by it; no other file asks which protocol a server speaks.
///
///   for (const ProtocolDescriptor* protocol : built_in_protocols()) fmt::print("{}\n", protocol->name);
///   const ProtocolDescriptor* pop3 = find_protocol(built_in_protocols(), "pop3");
///   Result<std::unique_ptr<FakeServer>> server = pop3->make(context, settings);

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/path_word.h"
#include "base/settings.h"
#include "fakeservers/core/fault_rule.h"
#include "fakeservers/core/reply_template.h"
#include "fakeservers/core/server.h"

namespace mailrig::fakeservers {

/// A setting whose value is the name of another server of the scenario, which is told so by FakeServer::link().
struct ServerReference {
  std::string_view setting;   // "deliver_to"
  std::string_view protocol;  // that the other server speaks: "pop3"
};

struct ProtocolDescriptor {
  std::string_view name;  // "pop3": a server's `protocol`, and the key by which an account refers to such a server

  // What a scenario can say.
  std::span<const Setting> settings = {};          // of a server and of a personality
  std::span<const Setting> mailbox_settings = {};  // of one user
  std::span<const Setting> message_settings = {};  // of one item of `messages`, besides what makes its octets
  std::span<const std::string_view> records = {};  // the lists of `records`, where a server holds records
  bool has_mailboxes = false;
  std::span<const TextKey> texts = {};
  const FaultVocabulary* faults = nullptr;       // its verbs are those of `commands`, too
  std::span<const std::string_view> locks = {};  // what `how` of `lock` may be
  std::span<const std::string_view> steps = {};  // besides those of every server: "deliver", "lock" ...
  std::string_view greeting = {};                // the `on` of a connection's beginning, where it has one
  std::span<const ServerReference> references = {};
  std::span<const PathWord> paths = {};  // of servers.NAME: with_server_paths()

  // Where it is found.
  std::uint16_t port = 0;               // with `tls` none or starttls
  std::uint16_t tls_port = 0;           // with `tls` implicit
  bool tls_by_default = false;          // where the personality does not say
  std::string_view said_in_clear = {};  // on a port for TLS, by a server that knows nothing of it

  /// The built-in personalities of the protocol, sorted; the settings that one stands for
  /// (fakeservers/personalities/personality.h).
  const std::vector<std::string>& (*personality_names)(std::string_view protocol) = nullptr;
  Result<Value> (*resolve_personality)(std::string_view protocol, const Value& personality,
                                       const Value& of_scenario) = nullptr;
  /// What the server itself says of its settings; Error::reason is the key that is wrong.
  Status (*check)(const Value& settings) = nullptr;
  Result<std::unique_ptr<FakeServer>> (*make)(ServerContext context, const Value& settings) = nullptr;

  const std::vector<std::string>& personalities() const { return personality_names(name); }
  Result<Value> personality(const Value& named, const Value& of_scenario) const {
    return resolve_personality(name, named, of_scenario);
  }
};

using ProtocolList = std::span<const ProtocolDescriptor* const>;

/// In the order in which a personality's name is looked up.
ProtocolList built_in_protocols();
/// Null where there is none of this name.
const ProtocolDescriptor* find_protocol(ProtocolList protocols, std::string_view name);

}  // namespace mailrig::fakeservers
