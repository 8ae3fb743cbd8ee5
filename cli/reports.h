#pragma once
/// Writes the report files that a command was asked for.
///
///   ReportPaths paths{.json = "out/report.json"};
///   if (!write_reports(program, "run", paths, outcome)) code = worse(code, ExitCode::environment);

#include <string>
#include <string_view>

#include "base/outcome.h"
#include "cli/program.h"

namespace mailrig::cli {

struct ReportPaths {
  std::string json = {};
  std::string junit = {};
  std::string html = {};
};

/// Folders that are missing are made. False, with a word on `err`, when one could not be written; the others are.
bool write_reports(Program& program, std::string_view command, const ReportPaths& paths, const RunOutcome& outcome);

}  // namespace mailrig::cli
