#pragma once
/// Reports are pinned by files that a human approves.
///
///   EXPECT_TRUE(matches_golden("reports/testdata/two_failures.xml", to_junit(two_failures)));
///
/// `reports_test --approve` writes the files anew; `git diff` is the review. A missing file is a failure, never a pass.

#include <gtest/gtest.h>

#include <string_view>

namespace mailrig::reports::testing {

/// `path` counts from the root of the repository.
::testing::AssertionResult matches_golden(std::string_view path, std::string_view text);

/// Where the two first differ: "line 3\n  golden: ...\n  now:    ...". Empty when they are equal.
std::string first_difference(std::string_view golden, std::string_view now);

/// Set by --approve before any test runs.
void approve_goldens();

}  // namespace mailrig::reports::testing
