#pragma once
/// A scenario told again: as a file with nothing left out, and as a story in a few lines.
///
///   fmt::print("{}", explain(scenario));      // JSON that loads to the same scenario
///   story(scenario)[1] == "work polls gmail";
///
/// Passwords and tokens of a scenario file are made up and stand in explain(); in a story they do not.

#include <string>
#include <vector>

#include "base/value.h"
#include "scenarios/language/scenario.h"

namespace mailrig::scenarios {

/// The resolved scenario: defaults filled in, personality and table row worked in, references resolved.
Value explained(const Scenario& scenario);
std::string explain(const Scenario& scenario);

/// One line a step, for people.
std::vector<std::string> story(const Scenario& scenario);

}  // namespace mailrig::scenarios
