#include "client/account/account_state.h"

#include <algorithm>
#include <array>

namespace mailrig::client {
namespace {

// In the order of the enum.
constexpr std::array<std::string_view, 8> names{
    "ok",         "authentication-failing", "connection-failing", "unlock-needed",
    "queue-full", "certificate-error",      "action-needed",      "disabled",
};

}  // namespace

std::string_view to_string(AccountState state) { return names[static_cast<std::size_t>(state)]; }

std::optional<AccountState> parse_account_state(std::string_view name) {
  const auto* found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<AccountState>(found - names.begin());
}

}  // namespace mailrig::client
