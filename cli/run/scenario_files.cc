#include "cli/run/scenario_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/text.h"
#include "cli/files.h"
#include "embedded/bundled_suite.h"

namespace mailrig::cli {
namespace {

namespace fs = std::filesystem;

// A scenario is a page; a megabyte of mail may stand in it. More is the wrong file.
constexpr std::size_t scenario_octets_max = 16 << 20;
// A message file that a scenario names.
constexpr std::size_t message_octets_max = 256 << 20;

Finding invalid(SourcePlace place, std::string message) {
  Finding finding;
  finding.kind = Finding::Kind::error;
  finding.name = "scenario";
  finding.message = std::move(message);
  finding.place = std::move(place);
  return finding;
}

Finding invalid(const scenarios::Diagnostic& diagnostic) {
  Finding finding = invalid(diagnostic.place, diagnostic.message);
  finding.expected = diagnostic.expected;
  if (!diagnostic.meant.empty()) finding.message += fmt::format("; did you mean {}?", diagnostic.meant);
  return finding;
}

bool is_wanted(const scenarios::Scenario& scenario, const SelectOptions& options) {
  const bool by_id = options.filters.empty() || std::ranges::any_of(options.filters, [&](const std::string& filter) {
                       return matches_glob(filter, scenario.id);
                     });
  return by_id && std::ranges::all_of(options.tags, [&](const std::string& tag) {
           return std::ranges::find(scenario.tags, tag) != scenario.tags.end();
         });
}

class Selector {
 public:
  explicit Selector(const SelectOptions& options) : options_(options) {
    context_.read = [](const std::string& path) { return read_scenario_file(path, message_octets_max); };
  }

  void add_path(const std::string& path) {
    Result<std::vector<std::string>> files = find_scenario_files(path);
    if (!files) {
      selection_.invalid_files.push_back(invalid({.file = path}, files.error().message));
      return;
    }
    if (files->empty()) empty_folders_.push_back(path);
    for (const std::string& file : *files) {
      Result<std::string> text = read_scenario_file(file, scenario_octets_max);
      if (text)
        add_text(file, *text);
      else
        selection_.invalid_files.push_back(invalid({.file = file}, text.error().message));
    }
  }

  void add_text(std::string_view name, std::string_view text) {
    scenarios::LoadResult loaded = scenarios::load_scenarios(name, text, context_);
    for (scenarios::Diagnostic& diagnostic : loaded.diagnostics) {
      if (diagnostic.severity == scenarios::Diagnostic::Severity::error)
        selection_.invalid_files.push_back(invalid(diagnostic));
      else
        selection_.warnings.push_back(fmt::format("{}: {}", to_string(diagnostic.place), diagnostic.message));
      selection_.diagnostics.push_back(std::move(diagnostic));
    }
    for (scenarios::Scenario& scenario : loaded.scenarios) add(std::move(scenario));
  }

  Selection take() {
    if (selection_.scenarios.empty()) selection_.why_empty = why_empty();
    return std::move(selection_);
  }

 private:
  void add(scenarios::Scenario scenario) {
    auto [first, fresh] = files_by_id_.try_emplace(scenario.id, scenario.file);
    if (!fresh) {
      selection_.invalid_files.push_back(invalid(
          scenario.place,
          fmt::format("the id \"{}\" is taken by {}: an id names one scenario of a run", scenario.id, first->second)));
      return;
    }
    if (is_wanted(scenario, options_)) selection_.scenarios.push_back(std::move(scenario));
  }

  std::string why_empty() const {
    if (!empty_folders_.empty() && files_by_id_.empty())
      return fmt::format("there is no scenario file (*.json) below {}", printable(empty_folders_.front()));
    if (files_by_id_.empty()) return "no scenario could be read";
    std::string text = fmt::format("none of {} scenarios was selected", files_by_id_.size());
    if (options_.filters.empty()) return text + "; `mailrig list` shows their tags";
    std::vector<std::string> ids;
    for (const auto& [id, file] : files_by_id_) ids.push_back(id);
    const std::string_view meant = nearest(options_.filters.front(), std::span<const std::string>(ids));
    if (!meant.empty()) return fmt::format("{}; did you mean --filter '{}'?", text, meant);
    return text + "; `mailrig list` shows their ids";
  }

  const SelectOptions& options_;
  scenarios::LoadContext context_;
  std::map<std::string, std::string> files_by_id_;
  std::vector<std::string> empty_folders_;
  Selection selection_;
};

/// A file of the suite within the program, or all scenarios of a folder of it.
Result<std::vector<std::string>> find_bundled(std::string_view name) {
  while (name.ends_with('/')) name.remove_suffix(1);
  std::vector<std::string> files;
  std::vector<std::string_view> folders;
  for (const auto& file : embedded::bundled_suite::files) {
    if (!file.name.ends_with(".json")) continue;
    if (const std::string_view folder = file.name.substr(0, file.name.find('/'));
        folders.empty() || folders.back() != folder)
      folders.push_back(folder);
    const bool is_below =
        name.empty() || (file.name.starts_with(name) && file.name.substr(name.size()).starts_with('/'));
    if (file.name == name || is_below) files.push_back(fmt::format("{}{}", bundled_prefix, file.name));
  }
  if (!files.empty()) return files;
  return Error{Errc::environment, fmt::format("the bundled suite has no file or folder {}; its folders are {}",
                                              printable(name), join_words(folders))};
}

}  // namespace

std::string bundled_suite() {
  const std::string below = "scenarios/suite";
  std::error_code missing;
  if (fs::is_directory(below, missing)) return below;
  // build/PRESET/mailrig in a checkout
  const fs::path program = fs::read_symlink("/proc/self/exe", missing);
  const fs::path beside = program.parent_path() / "../../scenarios/suite";
  if (!program.empty() && fs::is_directory(beside, missing)) return beside.lexically_normal().string();
  return std::string(bundled_prefix);
}

Result<std::string> read_scenario_file(const std::string& path, std::size_t octets_max) {
  if (!path.starts_with(bundled_prefix)) return read_file(path, octets_max);
  const std::string_view name = std::string_view(path).substr(bundled_prefix.size());
  for (const auto& file : embedded::bundled_suite::files)
    if (file.name == name) return std::string(file.text);
  return Error{Errc::environment, fmt::format("the bundled suite has no file {}", printable(name))};
}

Result<std::vector<std::string>> find_scenario_files(const std::string& path) {
  if (path.starts_with(bundled_prefix)) return find_bundled(std::string_view(path).substr(bundled_prefix.size()));
  std::error_code missing;
  const fs::file_status status = fs::status(path, missing);
  if (!fs::exists(status))
    return Error{Errc::environment, fmt::format("there is no file or folder {}", printable(path))};
  if (!fs::is_directory(status)) return std::vector{path};
  std::vector<std::string> files;
  for (fs::recursive_directory_iterator entry(path, fs::directory_options::skip_permission_denied, missing), end;
       !missing && entry != end; entry.increment(missing)) {
    const std::string name = entry->path().filename().string();
    if (name.ends_with(".json") && !name.ends_with(".schema.json") && entry->is_regular_file(missing))
      files.push_back(entry->path().string());
  }
  std::ranges::sort(files);  // a folder has no order of its own
  return files;
}

bool matches_glob(std::string_view pattern, std::string_view text) {
  if (pattern == text) return true;
  // The last * and where in the text it was taken to end: to come back to when what follows does not fit.
  std::size_t star = std::string_view::npos, resume = 0, p = 0, t = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

Selection select_scenarios(const std::vector<std::string>& paths, const SelectOptions& options) {
  Selector selector(options);
  for (const std::string& path : paths) selector.add_path(path);
  if (paths.empty()) selector.add_path(bundled_suite());
  return selector.take();
}

Selection select_from_text(std::string_view name, std::string_view text) {
  const SelectOptions all;
  Selector selector(all);
  selector.add_text(name, text);
  return selector.take();
}

}  // namespace mailrig::cli
