#pragma once
/// The mailrig program apart from main(): reads a command line, says what is wrong with it, runs the subcommand.
///
///   Program program{.out = std::cout, .err = std::cerr};
///   ExitCode code = run_program(argc, argv, program);
///
/// A subcommand is one file: add_NAME(app, program) declares its options and sets Program::run when it was chosen. Only
/// those files and program.cc see CLI11.

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "cli/exit_code.h"

namespace CLI {
class App;
}

namespace mailrig::cli {

struct Program {
  std::ostream& out;                   // results
  std::ostream& err;                   // what went wrong, and progress
  std::function<ExitCode()> run = {};  // set by the subcommand that was chosen
  /// A variable of the environment, which only main() reads; without it there are none.
  std::function<std::optional<std::string>(const char* name)> environment = {};

  std::string variable(const char* name, std::string_view otherwise = {}) const {
    std::optional<std::string> value = environment ? environment(name) : std::nullopt;
    return value ? *std::move(value) : std::string(otherwise);
  }
};

/// Wrong usage is told on `err` in two lines: what, and what was probably meant or where to read on.
ExitCode run_program(int argc, const char* const* argv, Program& program);

}  // namespace mailrig::cli
