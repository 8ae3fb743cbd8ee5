#pragma once
/// The keys and names of the language that are not a protocol's own (fakeservers/core/protocol.h has those).

#include <cstdint>
#include <span>
#include <string_view>

#include "base/settings.h"
#include "fakeservers/core/protocol.h"
#include "scenarios/language/scenario.h"

namespace mailrig::scenarios {

/// The keys of an account: the client's own table. Defined by scenarios/run, which knows the client.
std::span<const Setting> account_words();
/// What an account has where the scenario says nothing. Defined there too.
Value account_defaults();

std::span<const std::string_view> server_tls_names();   // in the order of TlsMode
std::span<const std::string_view> account_tls_names();  // the same without starttls-required
std::span<const std::string_view> verb_names();         // in the order of Verb

/// 995, 110, 465, 587, 443 or 80.
std::uint16_t default_port(const fakeservers::ProtocolDescriptor& protocol, TlsMode tls);

}  // namespace mailrig::scenarios
