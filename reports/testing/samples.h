#pragma once
/// Runs made by hand, for the tests of all reports: what is printed of them is known without asking the code.

#include <initializer_list>

#include "base/outcome.h"

namespace mailrig::reports::testing {

Histogram spans(std::initializer_list<Duration> values);

/// Nothing ran.
RunOutcome empty_run();

/// One scenario of each verdict, in both worlds, with findings, thresholds, an invalid file and a warning.
RunOutcome all_verdicts_run();

/// Texts that break out of terminals, XML, JSON and HTML wherever a text can stand.
RunOutcome hostile_run();

/// A transcript whose middle was elided, connections that overlap, over ten values of one step and few of others.
RunOutcome long_story_run();

}  // namespace mailrig::reports::testing
