#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>

#include "cli/program.h"

int main(int argc, char** argv) {
  // A closed pipe and a limit on the size of files are errors of a write, with a message and exit code 4; the system
  // would end the program without a word.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    std::ios::sync_with_stdio(false);
    mailrig::cli::Program program{
        .out = std::cout, .err = std::cerr, .environment = [](const char* name) -> std::optional<std::string> {
          const char* value = std::getenv(name);
          return value == nullptr ? std::nullopt : std::optional<std::string>(value);
        }};
    return static_cast<int>(mailrig::cli::run_program(argc, argv, program));
  } catch (const std::exception& error) {
    std::cerr << "mailrig: a fault of mailrig itself: " << error.what()
              << "\nPlease report it with the output of `mailrig version`.\n";
    return static_cast<int>(mailrig::cli::ExitCode::internal);
  }
}
