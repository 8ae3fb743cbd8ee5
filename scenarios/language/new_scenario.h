#pragma once
/// The text of a first scenario: short, commented, and it passes.
///
///   Result<std::string> text = new_scenario("gmail", {});                 // a POP3 server that acts as Gmail
///   Result<std::string> text = new_scenario("gmail", find_protocol(built_in_protocols(), "smtp"));

#include <string>
#include <string_view>

#include "base/result.h"
#include "scenarios/language/scenario.h"

namespace mailrig::scenarios {

/// Without a protocol: the first of pop3, smtp, crm that has the personality. Error bad_input: none has it, with what
/// was probably meant.
Result<std::string> new_scenario(std::string_view personality, Protocol protocol = nullptr);

}  // namespace mailrig::scenarios
