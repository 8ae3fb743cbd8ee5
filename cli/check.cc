#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/run/invalid_files.h"

namespace mailrig::cli {
namespace {

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

ExitCode check(const std::vector<std::string>& paths, Program& program) {
  Selection selection = select_scenarios(paths, {});
  ExitCode code = tell_invalid(selection, program.out);
  fmt::print(program.out, "{}: {}, {}\n", counted(selection.scenarios.size(), "good scenario"),
             counted(count_errors(selection), "error"), counted(selection.warnings.size(), "warning"));
  if (code == ExitCode::done && selection.scenarios.empty()) {
    fmt::print(program.err, "mailrig check: {}\n", escape_controls(selection.why_empty));
    return ExitCode::usage;
  }
  return code;
}

}  // namespace

void add_check(CLI::App& app, Program& program) {
  auto paths = std::make_shared<std::vector<std::string>>();
  CLI::App* command = app.add_subcommand("check", "Say what is wrong with scenario files, with file, line and column");
  command->add_option("PATH", *paths, "scenario files, or folders of them; default: the bundled suite");
  command->callback([paths, &program] { program.run = [paths, &program] { return check(*paths, program); }; });
}

}  // namespace mailrig::cli
