// Every bundled scenario loads without a word of complaint.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "scenarios/load.h"

namespace mailrig::scenarios {
namespace {

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{Errc::environment, path + " cannot be read"};
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

TEST(Suite, loads_without_diagnostics) {
  std::filesystem::path folder = std::filesystem::path(MAILRIG_SOURCE_DIR) / "scenarios" / "suite";
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json" || entry.path().filename().string().starts_with('_')) continue;
    ++files;
    std::string path = std::filesystem::relative(entry.path(), MAILRIG_SOURCE_DIR).string();
    LoadResult loaded = load_scenarios(path, *read_file(entry.path().string()), {.read = read_file});
    for (const Diagnostic& diagnostic : loaded.diagnostics) ADD_FAILURE() << to_text(diagnostic);
    EXPECT_FALSE(loaded.scenarios.empty()) << path;
  }
  EXPECT_GE(files, 40U);
}

}  // namespace
}  // namespace mailrig::scenarios
