#pragma once
/// The lines of the transcript that a finding shows: of the servers that it is about, and there of the session in which
/// a fault fired, or else of the last one.
///
///   finding.last_exchanges = last_exchanges(transcript, servers_of(expectation, scenario));

#include <string>
#include <vector>

#include "net/transcript.h"
#include "scenarios/language/scenario.h"

namespace mailrig::scenarios {

/// Names of servers; empty where the expectation may be about any. `accounts.A.sent` is about the SMTP server of A.
std::vector<std::string> servers_of(const Expectation& expectation, const Scenario& scenario);
std::vector<std::string> servers_of(const TemporalExpectation& expectation, const Scenario& scenario);

/// Twelve lines at most, as Transcript::last_lines() has them. Without servers, or where these have said nothing: the
/// last ones of all.
std::vector<std::string> last_exchanges(const Transcript& transcript, const std::vector<std::string>& servers);

}  // namespace mailrig::scenarios
