#pragma once
/// From findings to a verdict.
///
///   settle_verdict(outcome, scenario.known_failure);

#include <span>
#include <string>
#include <string_view>

#include "base/outcome.h"
#include "net/loop.h"
#include "net/transcript.h"

namespace mailrig::scenarios {

/// How far a loop came, as a finding; nothing when it finished.
/// `limit` is the scenario's own, for the sentence. Where the real time is used up, the transcript shows whose turn it
/// was.
Finding hang_finding(const LoopEnd& end, Duration limit, const std::vector<TranscriptEntry>& transcript);

/// Where a run was when its time was up, and which side was slow, as its last entries show: "in "step: poll home"; the
/// server isp was slow: "RETR 1" of +2ms on isp#1 has no answer (fault: RETR: waits 1h)".
std::string whose_turn(std::span<const TranscriptEntry> entries);

/// Sets the verdict of an outcome whose findings are complete: an error or hang found stays what it is, a MUST that
/// broke is a fail, only SHOULDs a non-strict. A declared known failure turns a fail (or hang) into `known`; one that
/// passes is a fail, with a finding that says so.
void settle_verdict(Outcome& outcome, std::string_view known_failure);

}  // namespace mailrig::scenarios
