#include <fmt/ostream.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/version.h"

namespace mailrig::cli {

void add_version(CLI::App& app, Program& program) {
  app.add_subcommand("version", "Say which mailrig this is, and with which libraries")->callback([&program] {
    program.run = [&program] {
      fmt::print(program.out, "{}", version_report());
      return ExitCode::done;
    };
  });
}

}  // namespace mailrig::cli
