#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/commands.h"
#include "scenarios/language/new_scenario.h"
#include "scenarios/language/vocabulary.h"

namespace mailrig::cli {
namespace {

struct NewOptions {
  std::string personality;
  std::string protocol;
};

ExitCode make_new(const NewOptions& options, Program& program) {
  std::optional<scenarios::Protocol> protocol;
  auto names = scenarios::protocol_names();
  if (!options.protocol.empty())
    protocol = static_cast<scenarios::Protocol>(std::ranges::find(names, options.protocol) - names.begin());
  Result<std::string> text = scenarios::new_scenario(options.personality, protocol);
  if (!text) {
    fmt::print(program.err, "mailrig new: {}\n", text.error().message);
    return ExitCode::usage;
  }
  fmt::print(program.out, "{}", *text);
  return ExitCode::done;
}

}  // namespace

void add_new(CLI::App& app, Program& program) {
  auto options = std::make_shared<NewOptions>();
  CLI::App* command = app.add_subcommand("new", "Print a short scenario that passes, to begin with");
  command->add_option("--from", options->personality, "whom its server acts as, such as gmail or exchange2013")
      ->required();
  auto names = scenarios::protocol_names();
  command->add_option("--protocol", options->protocol, "pop3, smtp or crm, where a personality has more than one")
      ->check(CLI::IsMember(std::vector<std::string>(names.begin(), names.end())));
  command->callback([options, &program] { program.run = [options, &program] { return make_new(*options, program); }; });
}

}  // namespace mailrig::cli
