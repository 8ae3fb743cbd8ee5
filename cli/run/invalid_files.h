#pragma once
/// Telling what is wrong with scenario files, the same way in every subcommand.
///
///   ExitCode code = tell_invalid(selection, program.err);      // done, invalid_scenario or environment

#include <iosfwd>

#include "cli/exit_code.h"
#include "cli/run/scenario_files.h"

namespace mailrig::cli {

/// Errors and warnings with line and caret, an empty line behind each.
ExitCode tell_invalid(const Selection& selection, std::ostream& out);
/// environment where files cannot be read and the others are valid, invalid_scenario otherwise; done without findings.
ExitCode exit_code_of_invalid(const std::vector<Finding>& invalid_files);
std::size_t count_errors(const Selection& selection);

}  // namespace mailrig::cli
