#pragma once
/// From the paths of a command line to scenarios: finds the files, reads them, keeps those that were asked for.
///
///   Selection selection = select_scenarios({"scenarios/suite"}, {.filters = {"gmail/*"}});
///   for (const scenarios::Scenario& scenario : selection.scenarios) ...
///   if (selection.scenarios.empty()) std::cerr << selection.why_empty;

#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.h"
#include "scenarios/language/load.h"
#include "scenarios/language/scenario.h"

namespace mailrig::cli {

/// The bundled suite, where a path is expected and none is given: scenarios/suite below the present folder, or beside
/// the program in a checkout; else the one within the program, "suite:".
std::string bundled_suite();

/// "suite:gmail/window.json" is the file of that name within the program, "suite:gmail" the folder, "suite:" all of it.
inline constexpr std::string_view bundled_prefix = "suite:";

/// A file is itself; a folder is every *.json file below it, in the order of their names, but for *.schema.json. Error
/// environment: there is nothing of this name.
Result<std::vector<std::string>> find_scenario_files(const std::string& path);

/// The octets of a scenario file, or of a file that one names, on disk or within the program. Error environment.
Result<std::string> read_scenario_file(const std::string& path, std::size_t octets_max);

/// True where `pattern` is `text`, or matches it with * (any number of characters) and ? (one). Brackets stand for
/// themselves: they are part of the id of a table's row.
bool matches_glob(std::string_view pattern, std::string_view text);

struct SelectOptions {
  std::vector<std::string> filters = {};  // ids, any of them
  std::vector<std::string> tags = {};     // all of them
};

struct Selection {
  std::vector<scenarios::Scenario> scenarios;  // by file, then in the order of the file
  std::vector<scenarios::Diagnostic> diagnostics;
  std::vector<Finding> invalid_files;  // errors of the diagnostics, and files that cannot be read
  std::vector<std::string> warnings;   // "file:12:7: ..."
  std::string why_empty;               // a sentence, where nothing is left to run
};

/// Everything of `paths` (the bundled suite where there is none). An id that stands twice is an error of the second
/// file.
Selection select_scenarios(const std::vector<std::string>& paths, const SelectOptions& options);
/// The same of one text, for stories that the program carries with it.
Selection select_from_text(std::string_view name, std::string_view text);

}  // namespace mailrig::cli
