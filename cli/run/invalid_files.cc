#include "cli/run/invalid_files.h"

#include <fmt/ostream.h>

#include <algorithm>

#include "base/text.h"

namespace mailrig::cli {
namespace {

/// Is this finding one of the diagnostics? What is not: a file that cannot be read, an id that stands twice.
bool is_diagnostic(const Finding& finding, const Selection& selection) {
  return std::ranges::any_of(selection.diagnostics, [&](const scenarios::Diagnostic& diagnostic) {
    return to_string(diagnostic.place) == to_string(finding.place) && finding.message.starts_with(diagnostic.message);
  });
}

}  // namespace

ExitCode tell_invalid(const Selection& selection, std::ostream& out) {
  ExitCode code = ExitCode::done;
  for (const scenarios::Diagnostic& diagnostic : selection.diagnostics) {
    fmt::print(out, "{}\n", to_text(diagnostic));
    if (diagnostic.severity == scenarios::Diagnostic::Severity::error) code = worse(code, ExitCode::invalid_scenario);
  }
  for (const Finding& finding : selection.invalid_files) {
    if (is_diagnostic(finding, selection)) continue;
    fmt::print(out, "{}",
               escape_controls(
                   fmt::format("{}: error: {}\n{}\n", to_string(finding.place), finding.message, caret(finding.place)),
                   "\n\t"));
    code = worse(code, exit_code_of_invalid({finding}));
  }
  return code;
}

ExitCode exit_code_of_invalid(const std::vector<Finding>& invalid_files) {
  ExitCode code = ExitCode::done;
  // What is wrong in a file has a line; what could not be read has none.
  for (const Finding& finding : invalid_files)
    code = worse(code, finding.place.line == 0 ? ExitCode::environment : ExitCode::invalid_scenario);
  return code;
}

std::size_t count_errors(const Selection& selection) { return selection.invalid_files.size(); }

}  // namespace mailrig::cli
