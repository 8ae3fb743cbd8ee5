#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "base/text.h"
#include "reports/testing/golden.h"

namespace mailrig::reports::testing {
namespace {

bool approving = false;

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

}  // namespace

void approve_goldens() { approving = true; }

std::string first_difference(std::string_view golden, std::string_view now) {
  if (golden == now) return {};
  std::size_t line = 1;
  while (!golden.empty() && !now.empty() && first_line(golden) == first_line(now)) {
    bool golden_ends = golden.find('\n') == std::string_view::npos;
    bool now_ends = now.find('\n') == std::string_view::npos;
    if (golden_ends || now_ends) break;  // the same text, but one of them lacks the line feed
    golden.remove_prefix(first_line(golden).size() + 1);
    now.remove_prefix(first_line(now).size() + 1);
    ++line;
  }
  auto shown = [](std::string_view rest) {
    std::size_t end = rest.find('\n');
    if (rest.empty()) return std::string("(the end)");
    return printable(end == std::string_view::npos ? rest : rest.substr(0, end + 1), 200);
  };
  return fmt::format("line {}\n  golden: {}\n  now:    {}", line, shown(golden), shown(now));
}

::testing::AssertionResult matches_golden(std::string_view path, std::string_view text) {
  std::string file = fmt::format("{}/{}", MAILRIG_SOURCE_DIR, path);
  if (approving) {
    std::ofstream(file, std::ios::binary) << text;
    return ::testing::AssertionSuccess();
  }
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return ::testing::AssertionFailure() << path << " is missing; write it with --approve and review it with git diff";
  std::ostringstream golden;
  golden << in.rdbuf();
  std::string difference = first_difference(golden.str(), text);
  if (difference.empty()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << path << " differs at " << difference
                                       << "\nif this is meant, approve it with --approve and review it with git diff";
}

namespace {

TEST(Golden, FirstDifferenceNamesLineAndBothTexts) {
  EXPECT_EQ(first_difference("a\nb\n", "a\nb\n"), "");
  EXPECT_EQ(first_difference("a\nb\n", "a\nc\n"), "line 2\n  golden: b\\n\n  now:    c\\n");
  EXPECT_EQ(first_difference("a\n", "a\nb\n"), "line 2\n  golden: (the end)\n  now:    b\\n");
  EXPECT_EQ(first_difference("a\nb", "a\nb\n"), "line 2\n  golden: b\n  now:    b\\n");
  EXPECT_EQ(first_difference("", "a"), "line 1\n  golden: (the end)\n  now:    a");
}

TEST(Golden, AMissingFileIsAFailure) {
  if (approving) GTEST_SKIP() << "approving writes what is missing";
  EXPECT_FALSE(matches_golden("reports/testdata/no-such-file.txt", ""));
}

}  // namespace
}  // namespace mailrig::reports::testing

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);  // takes out the flags that it knows
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) != "--approve") {
      fmt::print(stderr, "unknown argument {}; --approve rewrites reports/testdata\n", argv[i]);
      return 2;
    }
    mailrig::reports::testing::approve_goldens();
  }
  return RUN_ALL_TESTS();
}
