// Scenarios that once failed, from a folder beside the project: each is played as the first line of its file says.
// Skipped where the folder is absent.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "scenarios/language/load.h"
#include "scenarios/run/runner.h"

namespace mailrig::scenarios {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return std::move(bytes).str();
}

std::vector<fs::path> case_files() {
  std::vector<fs::path> files;
  for (const char* folder : {"protocol", "crm"}) {
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(fs::path(MAILRIG_CASES) / folder, absent))
      if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::string told(const Outcome& outcome) {
  std::string text = fmt::format("{} is {}\n", outcome.id, to_string(outcome.verdict));
  for (const Finding& finding : outcome.findings)
    text += fmt::format("{} {}: {} (expected {}, found {})\n", to_string(finding.kind), finding.name, finding.message,
                        finding.expected, finding.actual);
  return text;
}

TEST(Cases, HoldAsTheirFirstLineSays) {
  const std::vector<fs::path> files = case_files();
  if (files.empty()) GTEST_SKIP() << "no folder " << MAILRIG_CASES;
  for (const fs::path& path : files) {
    const std::string text = contents(path);
    const std::string said = text.substr(0, text.find('\n'));
    // A client from outside plays these: serve_run_test.cc has their like.
    if (said.starts_with("// Expected: for serve:")) continue;
    const LoadContext context{.read = [&](const std::string& name) -> Result<std::string> { return contents(name); }};
    const LoadResult loaded = load_scenarios(path.string(), text, context);
    EXPECT_FALSE(loaded.scenarios.empty())
        << path << (loaded.diagnostics.empty() ? "" : to_text(loaded.diagnostics[0]));
    const bool hangs = said.starts_with("// Expected: HANG");
    for (const Scenario& scenario : loaded.scenarios) {
      const Outcome outcome = run_scenario(scenario, {});
      EXPECT_EQ(outcome.verdict, hangs ? Verdict::hang : Verdict::pass) << path << '\n' << told(outcome);
    }
  }
}

}  // namespace
}  // namespace mailrig::scenarios
