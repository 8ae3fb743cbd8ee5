#pragma once
/// The commands and options of a CLI11 program, by name: for did-you-mean, the manual and the completions. Only files
/// that see CLI11 include it.
///
///   for (const CLI::App* command : subcommands(app)) fmt::print("{}\n", command->get_name());

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace mailrig::cli {

/// In the order of adding.
inline std::vector<const CLI::App*> subcommands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

/// "-h", "--help"; empty for an argument without a name.
inline std::vector<std::string> option_names(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

}  // namespace mailrig::cli
