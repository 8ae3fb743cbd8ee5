#pragma once
/// From findings to a verdict.
///
///   settle_verdict(outcome, scenario.known_failure);

#include <string>
#include <string_view>

#include "base/outcome.h"
#include "net/loop.h"

namespace mailrig::scenarios {

/// How far a loop came, as a finding; nothing when it finished.
/// `limit` is the scenario's own, for the sentence.
Finding hang_finding(const LoopEnd& end, Duration limit);

/// Sets the verdict of an outcome whose findings are complete: an error or hang found stays what it is, a MUST that
/// broke is a fail, only SHOULDs a non-strict. A declared known failure turns a fail (or hang) into `known`; one that
/// passes is a fail, with a finding that says so.
void settle_verdict(Outcome& outcome, std::string_view known_failure);

/// The one command that plays this again: "mailrig run 'suite/x.json' --filter 'gmail/locks[captcha]' --world sim
/// --seed 7".
std::string replay_command(std::string_view program, const Outcome& outcome, std::uint64_t seed);

}  // namespace mailrig::scenarios
