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

#include "cli/exit_code.h"

namespace CLI {
class App;
}

namespace mailrig::cli {

struct Program {
  std::ostream& out;                   // results
  std::ostream& err;                   // what went wrong, and progress
  std::function<ExitCode()> run = {};  // set by the subcommand that was chosen
};

/// Wrong usage is told on `err` in two lines: what, and what was probably meant or where to read on.
ExitCode run_program(int argc, const char* const* argv, Program& program);

}  // namespace mailrig::cli
