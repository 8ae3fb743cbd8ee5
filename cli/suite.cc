#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <memory>

#include "base/text.h"
#include "cli/commands.h"
#include "embedded/bundled_suite.h"

namespace mailrig::cli {
namespace {

namespace fs = std::filesystem;

ExitCode write_out(const std::string& folder, Program& program) {
  std::error_code failed;
  if (fs::exists(folder, failed) && !fs::is_empty(folder, failed)) {
    fmt::print(program.err, "mailrig suite: {} is there already and not empty; name a new folder\n", printable(folder));
    return ExitCode::usage;
  }
  for (const auto& file : embedded::bundled_suite::files) {
    const fs::path path = fs::path(folder) / file.name;
    fs::create_directories(path.parent_path(), failed);
    std::ofstream out(path, std::ios::binary);
    out.write(file.text.data(), static_cast<std::streamsize>(file.text.size()));
    out.close();
    if (out) continue;
    fmt::print(program.err, "mailrig suite: {} cannot be written: the folder is not yours, or the disk is full\n",
               printable(path.string()));
    return ExitCode::environment;
  }
  fmt::print(program.out, "{} files in {}; `mailrig run {}` plays them\n", embedded::bundled_suite::files.size(),
             printable(folder), printable(folder));
  return ExitCode::done;
}

ExitCode print_suite(const std::string& folder, Program& program) {
  if (!folder.empty()) return write_out(folder, program);
  for (const auto& file : embedded::bundled_suite::files) fmt::print(program.out, "suite:{}\n", file.name);
  return ExitCode::done;
}

}  // namespace

void add_suite(CLI::App& app, Program& program) {
  auto folder = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("suite", "List the scenarios within the program, or write them to a folder");
  command->add_option("--to", *folder, "write them to this folder, which must be new or empty");
  command->callback([folder, &program] { program.run = [folder, &program] { return print_suite(*folder, program); }; });
}

}  // namespace mailrig::cli
