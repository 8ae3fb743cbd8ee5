#include "scenarios/language/scenario.h"

#include <algorithm>
#include <array>

#include "scenarios/language/vocabulary.h"

namespace mailrig::scenarios {
namespace {

constexpr std::array<std::string_view, 4> tls_modes{"implicit", "starttls", "starttls-required", "none"};
constexpr std::array<std::string_view, 3> account_tls_modes{"implicit", "starttls", "none"};
constexpr std::array<std::string_view, 19> verbs{"advance",
                                                 "poll",
                                                 "send",
                                                 "insert",
                                                 "add_note",
                                                 "edit",
                                                 "restart",
                                                 "deliver",
                                                 "lock",
                                                 "unlock",
                                                 "expire_password",
                                                 "set_password",
                                                 "swap_certificate",
                                                 "refuse",
                                                 "accept",
                                                 "drop",
                                                 "pop_elsewhere",
                                                 "set",
                                                 "expect"};

}  // namespace

std::string_view to_string(TlsMode mode) { return tls_modes[static_cast<std::size_t>(mode)]; }
std::string_view to_string(Verb verb) { return verbs[static_cast<std::size_t>(verb)]; }

std::string_view to_string(AddressState state) {
  switch (state) {
    case AddressState::good: return "good";
    case AddressState::refused: return "refused";
    case AddressState::silent: return "silent";
  }
  return "good";
}

std::span<const std::string_view> server_tls_names() { return tls_modes; }
std::span<const std::string_view> account_tls_names() { return account_tls_modes; }
std::span<const std::string_view> verb_names() { return verbs; }

std::uint16_t default_port(const fakeservers::ProtocolDescriptor& protocol, TlsMode tls) {
  return tls == TlsMode::implicit ? protocol.tls_port : protocol.port;
}

bool is_client_step(Verb verb) {
  return verb == Verb::poll || verb == Verb::send || verb == Verb::advance || verb == Verb::edit ||
         verb == Verb::restart || verb == Verb::insert || verb == Verb::add_note;
}

const Target* AccountSpec::target(std::string_view protocol) const {
  const std::optional<Target>* found = protocol == "pop3"   ? &pop3
                                       : protocol == "smtp" ? &smtp
                                       : protocol == "crm"  ? &crm
                                                            : nullptr;
  return found != nullptr && *found ? &**found : nullptr;
}

const ServerSpec* Scenario::find_server(std::string_view name) const {
  auto found = std::ranges::find(servers, name, &ServerSpec::name);
  return found == servers.end() ? nullptr : &*found;
}

const AccountSpec* Scenario::find_account(std::string_view name) const {
  auto found = std::ranges::find(accounts, name, &AccountSpec::name);
  return found == accounts.end() ? nullptr : &*found;
}

}  // namespace mailrig::scenarios
