#pragma once
/// The states that an account can be in; every one but `ok` comes with a message that says what to do.
/// Example: to_string(AccountState::queue_full) == "queue-full".

#include <cstdint>
#include <optional>
#include <string_view>

namespace mailrig::client {

enum class AccountState : std::uint8_t {
  ok,
  authentication_failing,
  connection_failing,
  unlock_needed,  // the provider wants to see the user in a browser
  queue_full,     // Gmail's POP queue: docs/decisions/0004-queue-full.md
  certificate_error,
  action_needed,  // something else that only the user can mend
  disabled,
};

std::string_view to_string(AccountState state);
std::optional<AccountState> parse_account_state(std::string_view name);

}  // namespace mailrig::client
