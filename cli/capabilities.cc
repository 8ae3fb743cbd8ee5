#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command_tree.h"
#include "cli/commands.h"
#include "cli/version.h"
#include "fakeservers/core/protocol.h"
#include "scenarios/language/vocabulary.h"

namespace mailrig::cli {
namespace {

using Json = nlohmann::ordered_json;

template <class Names>
Json list_of(const Names& names) {
  Json list = Json::array();
  for (const auto& name : names) list.push_back(std::string(name));
  return list;
}

Json protocol_as_json(const fakeservers::ProtocolDescriptor& protocol) {
  Json settings = Json::array();
  for (const Setting& setting : protocol.settings) settings.push_back(std::string(setting.name));
  Json misbehaviours = Json::array();
  for (const auto& one : protocol.faults->misbehaviours) misbehaviours.push_back(std::string(one.name));
  Json json;
  json["name"] = std::string(protocol.name);
  json["personalities"] = list_of(protocol.personalities());
  json["commands"] = list_of(protocol.faults->verbs);
  json["steps"] = list_of(protocol.steps);
  json["locks"] = list_of(protocol.locks);
  json["settings"] = std::move(settings);
  json["misbehaviours"] = std::move(misbehaviours);
  return json;
}

Json capabilities(const CLI::App& app) {
  Json json;
  json["version"] = std::string(version());
  json["commands"] = Json::array();
  for (const CLI::App* command : subcommands(app)) json["commands"].push_back(command->get_name());
  json["worlds"] = Json::array({"sim", "net"});
  json["steps"] = list_of(scenarios::verb_names());
  json["matchers"] = list_of(scenarios::matcher_names());
  json["reports"] = Json::array({"json", "junit", "html"});
  json["protocols"] = Json::array();
  for (const auto* protocol : fakeservers::built_in_protocols())
    json["protocols"].push_back(protocol_as_json(*protocol));
  return json;
}

ExitCode print_capabilities(const CLI::App& app, bool as_json, Program& program) {
  const Json json = capabilities(app);
  if (as_json) {
    fmt::print(program.out, "{}\n", json.dump(2));
    return ExitCode::done;
  }
  fmt::print(program.out, "mailrig {}\n", json["version"].get<std::string>());
  for (const Json& protocol : json["protocols"]) {
    std::string names;
    for (const Json& name : protocol["personalities"]) names += ' ' + name.get<std::string>();
    fmt::print(program.out, "{}:{}; {} settings, {} misbehaviours\n", protocol["name"].get<std::string>(), names,
               protocol["settings"].size(), protocol["misbehaviours"].size());
  }
  fmt::print(program.out, "--json has all names, for programs\n");
  return ExitCode::done;
}

}  // namespace

void add_capabilities(CLI::App& app, Program& program) {
  auto as_json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("capabilities", "What this version can do: protocols, personalities, steps");
  command->add_flag("--json", *as_json, "for programs: every name of every table");
  command->callback([as_json, &app, &program] {
    program.run = [as_json, &app, &program] { return print_capabilities(app, *as_json, program); };
  });
}

}  // namespace mailrig::cli
