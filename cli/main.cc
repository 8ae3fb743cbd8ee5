#include <exception>
#include <iostream>

#include "cli/program.h"

int main(int argc, char** argv) {
  try {
    std::ios::sync_with_stdio(false);
    mailrig::cli::Program program{.out = std::cout, .err = std::cerr};
    return static_cast<int>(mailrig::cli::run_program(argc, argv, program));
  } catch (const std::exception& error) {
    std::cerr << "mailrig: a fault of mailrig itself: " << error.what()
              << "\nPlease report it with the output of `mailrig version`.\n";
    return static_cast<int>(mailrig::cli::ExitCode::internal);
  }
}
