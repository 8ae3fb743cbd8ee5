#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/run/invalid_files.h"
#include "json/json_writer.h"
#include "scenarios/language/requirements.h"

namespace mailrig::cli {
namespace {

struct ListOptions {
  std::vector<std::string> paths;
  bool json = false;
  bool requirements = false;
};

Value texts(const std::vector<std::string>& list) { return Value(Value::List(list.begin(), list.end())); }

Value worlds_of(const scenarios::Scenario& scenario) {
  Value::List worlds{to_string(WorldKind::sim)};
  if (scenario.sim_only.empty()) worlds.emplace_back(to_string(WorldKind::net));
  return Value(std::move(worlds));
}

Value scenarios_as_json(const std::vector<scenarios::Scenario>& list) {
  Value::List rows;
  for (const scenarios::Scenario& scenario : list)
    rows.emplace_back(Value::Map{{"id", scenario.id},
                                 {"title", scenario.title},
                                 {"file", scenario.file},
                                 {"tags", texts(scenario.tags)},
                                 {"worlds", worlds_of(scenario)}});
  return Value(std::move(rows));
}

Value requirements_as_json(const std::vector<scenarios::Scenario>& list) {
  Value::List rows;
  for (const scenarios::Coverage& row : scenarios::coverage(scenarios::bundled_requirements(), list))
    rows.emplace_back(Value::Map{{"id", row.requirement->id},
                                 {"title", row.requirement->title},
                                 {"level", to_string(row.requirement->level)},
                                 {"source", row.requirement->source},
                                 {"scenarios", texts(row.scenarios)}});
  return Value(std::move(rows));
}

ExitCode list(const ListOptions& options, Program& program) {
  Selection loaded = select_scenarios(options.paths, {});
  ExitCode code = tell_invalid(loaded, program.err);
  if (options.json) {
    fmt::print(program.out, "{}",
               scenarios::write_json(options.requirements ? requirements_as_json(loaded.scenarios)
                                                          : scenarios_as_json(loaded.scenarios)));
  } else if (options.requirements) {
    fmt::print(program.out, "{}",
               escape_controls(scenarios::coverage_table(scenarios::bundled_requirements(), loaded.scenarios), "\n"));
  } else {
    for (const scenarios::Scenario& scenario : loaded.scenarios)
      fmt::print(program.out, "{}{}\n    {}\n", printable(scenario.id), scenario.sim_only.empty() ? "" : "  (sim only)",
                 printable(scenario.title));
  }
  return code;
}

}  // namespace

void add_list(CLI::App& app, Program& program) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* command = app.add_subcommand("list", "List scenarios, or which of them covers what");
  command->add_option("PATH", options->paths, "scenario files, or folders of them; default: the bundled suite");
  command->add_flag("--json", options->json, "as JSON: an array");
  command->add_flag("--requirements", options->requirements,
                    "paragraphs of docs/guide.md and RFC clauses, what covers them and what nothing covers");
  command->callback([options, &program] { program.run = [options, &program] { return list(*options, program); }; });
}

}  // namespace mailrig::cli
