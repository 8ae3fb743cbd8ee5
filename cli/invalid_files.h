#pragma once
/// Telling what is wrong with scenario files, the same way in every subcommand.
///
///   ExitCode code = tell_invalid(selection, program.err);      // done, invalid_scenario or environment

#include <iosfwd>

#include "cli/exit_code.h"
#include "cli/scenario_files.h"

namespace mailrig::cli {

/// Errors and warnings with line and caret, an empty line behind each.
ExitCode tell_invalid(const Selection& selection, std::ostream& out);
std::size_t count_errors(const Selection& selection);

}  // namespace mailrig::cli
