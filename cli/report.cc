#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/reports.h"
#include "cli/run/invalid_files.h"
#include "reports/read_json.h"
#include "reports/terminal.h"

namespace mailrig::cli {
namespace {

// A report of a hundred thousand scenarios; more is the wrong file.
constexpr std::size_t report_octets_max = std::size_t{1} << 30;

struct ReportArguments {
  std::vector<std::string> files = {};
  ReportPaths reports = {};
  bool verbose = false;
};

/// What both runs found, as one: the later is laid behind the earlier.
void add_outcome(RunOutcome& all, RunOutcome run) {
  std::ranges::move(run.scenarios, std::back_inserter(all.scenarios));
  std::ranges::move(run.thresholds, std::back_inserter(all.thresholds));
  std::ranges::move(run.invalid_files, std::back_inserter(all.invalid_files));
  std::ranges::move(run.warnings, std::back_inserter(all.warnings));
  all.strict = all.strict || run.strict;
  all.took += run.took;
  if (all.incomplete.empty()) all.incomplete = run.incomplete;
}

ExitCode code_of(const RunOutcome& run) {
  ExitCode code = exit_code_of_invalid(run.invalid_files);
  for (const Outcome& outcome : run.scenarios) {
    if (outcome.verdict == Verdict::error)
      code = worse(code, ExitCode::environment);
    else if (is_failure(outcome.verdict, run.strict))
      code = worse(code, ExitCode::failed);
  }
  for (const Threshold& threshold : run.thresholds)
    if (!threshold.held) code = worse(code, ExitCode::threshold);
  return code;
}

ExitCode show(const ReportArguments& arguments, Program& program) {
  std::optional<RunOutcome> all;
  for (const std::string& file : arguments.files) {
    const Result<std::string> text = read_file(file, report_octets_max);
    if (!text) {
      fmt::print(program.err, "mailrig report: {}\n", text.error().message);
      return ExitCode::environment;
    }
    Result<RunOutcome> run = reports::read_report(*text);
    if (!run) {
      fmt::print(program.err, "mailrig report: {}: {}\n", printable(file), run.error().message);
      return ExitCode::usage;
    }
    if (all)
      add_outcome(*all, *std::move(run));
    else
      all = *std::move(run);
  }
  const reports::Style style{.verbose = arguments.verbose};
  for (const Outcome& outcome : all->scenarios)
    if (is_failure(outcome.verdict, all->strict))
      fmt::print(program.out, "{}{}", reports::progress_line(outcome, style), reports::findings_text(outcome, style));
  for (const Finding& invalid : all->invalid_files)
    fmt::print(program.err, "{}", reports::invalid_file_text(invalid, style));
  fmt::print(program.out, "{}", reports::summary_text(*all, style));
  const ExitCode code = code_of(*all);
  return write_reports(program, "report", arguments.reports, *all) ? code : worse(code, ExitCode::environment);
}

}  // namespace

void add_report(CLI::App& app, Program& program) {
  auto arguments = std::make_shared<ReportArguments>();
  CLI::App* command = app.add_subcommand("report", "Show JSON reports again: one, or several as one");
  command->add_option("FILE", arguments->files, "what `run --json` or `serve --json` wrote")->required();
  command->add_option("--json", arguments->reports.json, "Write the report for programs to this file");
  command->add_option("--junit", arguments->reports.junit, "Write the report for CI servers to this file");
  command->add_option("--html", arguments->reports.html, "Write the report for people to this file");
  command->add_flag("--verbose", arguments->verbose, "All latencies");
  command->callback(
      [arguments, &program] { program.run = [arguments, &program] { return show(*arguments, program); }; });
}

}  // namespace mailrig::cli
