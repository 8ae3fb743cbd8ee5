#include <algorithm>

#include "fakeservers/core/protocol.h"
#include "fakeservers/crm/crm_server.h"
#include "fakeservers/pop3/pop3_server.h"
#include "fakeservers/smtp/smtp_server.h"

namespace mailrig::fakeservers {

ProtocolList built_in_protocols() {
  static const ProtocolDescriptor* const all[] = {&pop3_protocol(), &smtp_protocol(), &crm_protocol()};
  return all;
}

const ProtocolDescriptor* find_protocol(ProtocolList protocols, std::string_view name) {
  const auto found = std::ranges::find_if(protocols, [name](const auto* one) { return one->name == name; });
  return found == protocols.end() ? nullptr : *found;
}

}  // namespace mailrig::fakeservers
