#pragma once
/// The report for CI servers: JUnit XML that strict parsers take.
///
///   std::string xml = to_junit(run);
///
/// A test suite a world; a test case a scenario, its class the world and the folder of its id. What failed or hung is a
/// <failure>, what could not run an <error>, what was skipped or is known to fail a <skipped>; non-strict is a
/// <failure> under --strict and passes with a word in <system-out> otherwise. Thresholds and invalid files are suites
/// of their own, so that no CI server shows a failed run as green. Text is clean (reports/clean.h), so no octet that
/// XML 1.0 forbids is left.
///
/// The report is valid under the schema with which the xUnit plugin of Jenkins refuses reports (its junit-10.xsd;
/// reports/junit.xsd states the same rules). That schema has no file, line or properties at a test case: they are the
/// first lines of its <system-out>, "file: FILE:LINE", "id: ID", ..., "again: COMMAND", before an empty line and what
/// was found.

#include <string>

#include "base/outcome.h"

namespace mailrig::reports {

std::string to_junit(const RunOutcome& run);

}  // namespace mailrig::reports
