#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/commands.h"
#include "fakeservers/core/protocol.h"
#include "scenarios/language/new_scenario.h"

namespace mailrig::cli {
namespace {

struct NewOptions {
  std::string personality;
  std::string protocol;
};

ExitCode make_new(const NewOptions& options, Program& program) {
  const auto* protocol = fakeservers::find_protocol(fakeservers::built_in_protocols(), options.protocol);
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
  std::vector<std::string> names;
  for (const auto* protocol : fakeservers::built_in_protocols()) names.emplace_back(protocol->name);
  command->add_option("--protocol", options->protocol, "pop3, smtp or crm, where a personality has more than one")
      ->check(CLI::IsMember(names));
  command->callback([options, &program] { program.run = [options, &program] { return make_new(*options, program); }; });
}

}  // namespace mailrig::cli
