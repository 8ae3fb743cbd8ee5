#pragma once
/// What the rooms export of what they can be told, by protocol: the one place where the loader meets their tables.
///
///   words_of(Protocol::pop3).server            // Setting tables of the fake POP3 server
///   account_words()                            // those of the client's accounts

#include <span>
#include <string>
#include <string_view>

#include "base/settings.h"
#include "fakeservers/core/fault_rule.h"
#include "fakeservers/core/reply_template.h"
#include "scenarios/language/scenario.h"

namespace mailrig::scenarios {

struct ProtocolWords {
  std::span<const Setting> server;   // of a server and of a personality
  std::span<const Setting> mailbox;  // of one user
  std::span<const Setting> message;  // of one item of `messages`, beside what makes its bytes
  std::span<const fakeservers::TextKey> texts;
  const fakeservers::FaultVocabulary* faults = nullptr;
  std::span<const std::string_view> locks;  // what `how` of `lock` may be
  std::string_view mail_greeting;           // the `on` of a connection's beginning
  /// What the server itself says of its settings; Error::reason is the key that is wrong.
  Status (*check)(const Value& settings) = nullptr;
  std::span<const std::string_view> modules = {};  // of a CRM: what `records` is by
};

const ProtocolWords& words_of(Protocol protocol);

/// The keys of an account.
std::span<const Setting> account_words();

std::span<const std::string_view> protocol_names();
std::span<const std::string_view> server_tls_names();   // in the order of TlsMode
std::span<const std::string_view> account_tls_names();  // the same without starttls-required
std::span<const std::string_view> verb_names();         // in the order of Verb

/// 995, 110, 465, 587, 443 or 80.
std::uint16_t default_port(Protocol protocol, TlsMode tls);

/// A built-in personality of the protocol, or the scenario's own (`of_scenario` is the map `personalities` or null).
/// Built-in ones are put together once per process.
Result<Value> personality(Protocol protocol, const Value& named, const Value& of_scenario);

}  // namespace mailrig::scenarios
