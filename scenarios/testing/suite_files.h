#pragma once
/// The bundled scenario files, for tests of what is said of them.
///
///   for (const auto& [path, text] : suite_files()) load_scenarios(path, text, {.read = read_suite_file});

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace mailrig::scenarios::testing {

/// Relative to the project's root.
inline Result<std::string> read_suite_file(const std::string& path) {
  std::ifstream file(std::filesystem::path(MAILRIG_SOURCE_DIR) / path, std::ios::binary);
  if (!file) return Error{Errc::environment, path + " cannot be read"};
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

/// Path and text, in the order of the paths.
inline std::vector<std::pair<std::string, std::string>> suite_files() {
  std::vector<std::pair<std::string, std::string>> files;
  const std::filesystem::path root(MAILRIG_SOURCE_DIR);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "scenarios" / "suite")) {
    if (entry.path().extension() != ".json") continue;
    std::string path = std::filesystem::relative(entry.path(), root).string();
    files.emplace_back(path, *read_suite_file(path));
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace mailrig::scenarios::testing
