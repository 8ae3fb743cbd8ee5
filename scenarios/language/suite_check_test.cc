// Every bundled scenario loads without a word of complaint.

#include <gtest/gtest.h>

#include "scenarios/language/load.h"
#include "scenarios/testing/suite_files.h"

namespace mailrig::scenarios {
namespace {

TEST(Suite, loads_without_diagnostics) {
  const auto files = testing::suite_files();
  EXPECT_GE(files.size(), 40U);
  for (const auto& [path, text] : files) {
    LoadResult loaded = load_scenarios(path, text, {.read = testing::read_suite_file});
    for (const Diagnostic& diagnostic : loaded.diagnostics) ADD_FAILURE() << to_text(diagnostic);
    EXPECT_FALSE(loaded.scenarios.empty()) << path;
  }
}

}  // namespace
}  // namespace mailrig::scenarios
