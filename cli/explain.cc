#include "scenarios/language/explain.h"

#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/run/invalid_files.h"
#include "json/json_writer.h"

namespace mailrig::cli {
namespace {

struct ExplainOptions {
  std::string file;
  std::string row;
  bool story = false;
};

void print_story(const scenarios::Scenario& scenario, Program& program) {
  fmt::print(program.out, "{}: {}\n", printable(scenario.id), printable(scenario.title));
  std::size_t number = 0;
  for (const std::string& line : scenarios::story(scenario))
    fmt::print(program.out, "{:>4}. {}\n", ++number, escape_controls(line));
}

ExitCode explain(const ExplainOptions& options, Program& program) {
  Selection loaded = select_scenarios({options.file}, {});
  if (ExitCode code = tell_invalid(loaded, program.err); code != ExitCode::done) return code;
  std::vector<std::string_view> rows;
  Value::List chosen;
  for (const scenarios::Scenario& scenario : loaded.scenarios) {
    rows.push_back(scenario.row);
    if (!options.row.empty() && scenario.row != options.row) continue;
    if (options.story) print_story(scenario, program);
    chosen.push_back(scenarios::explained(scenario));
  }
  if (chosen.empty()) {
    if (loaded.scenarios.front().row.empty()) {
      fmt::print(program.err, "mailrig explain: {} has no table, so it has no rows\n", printable(options.file));
      return ExitCode::usage;
    }
    std::string_view meant = nearest(options.row, rows);
    fmt::print(program.err, "mailrig explain: the table has no row \"{}\"; {}\n", printable(options.row),
               meant.empty() ? "it has " + printable(join_words(rows))
                             : fmt::format("did you mean \"{}\"?", printable(meant)));
    return ExitCode::usage;
  }
  if (!options.story)
    fmt::print(program.out, "{}",
               scenarios::write_json(chosen.size() == 1 ? chosen.front() : Value(std::move(chosen))));
  return ExitCode::done;
}

}  // namespace

void add_explain(CLI::App& app, Program& program) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command = app.add_subcommand("explain", "Print a scenario with nothing left out, as JSON");
  command->add_option("FILE", options->file, "a scenario file")->required();
  command->add_option("--row", options->row, "only this row of its table");
  command->add_flag("--story", options->story, "the story in a line a step, for people");
  command->callback([options, &program] { program.run = [options, &program] { return explain(*options, program); }; });
}

}  // namespace mailrig::cli
