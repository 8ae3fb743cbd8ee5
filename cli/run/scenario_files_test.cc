#include "cli/run/scenario_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace mailrig::cli {
namespace {

namespace fs = std::filesystem;

TEST(Glob, StarsAndQuestionMarks) {
  EXPECT_TRUE(matches_glob("gmail/window", "gmail/window"));
  EXPECT_TRUE(matches_glob("gmail/*", "gmail/window"));
  EXPECT_TRUE(matches_glob("*", ""));
  EXPECT_TRUE(matches_glob("*window*", "gmail/window"));
  EXPECT_TRUE(matches_glob("g*l/w?ndow", "gmail/window"));
  EXPECT_TRUE(matches_glob("a*b*c", "a-b-b-c"));
  EXPECT_TRUE(matches_glob("a**", "a"));
  EXPECT_FALSE(matches_glob("gmail", "gmail/window"));
  EXPECT_FALSE(matches_glob("gmail/window?", "gmail/window"));
  EXPECT_FALSE(matches_glob("?", ""));
  EXPECT_FALSE(matches_glob("a*b*c", "a-c-b"));
  EXPECT_FALSE(matches_glob("", "x"));
}

TEST(Glob, BracketsOfATableRowStandForThemselves) {
  EXPECT_TRUE(matches_glob("gmail/locks[captcha]", "gmail/locks[captcha]"));
  EXPECT_TRUE(matches_glob("*[captcha]", "gmail/locks[captcha]"));
  EXPECT_FALSE(matches_glob("gmail/locks[captcha]", "gmail/locksc"));
}

class ScenarioFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    folder = fs::path(testing::TempDir()) / "scenario-files";
    fs::remove_all(folder);
    fs::create_directories(folder / "b");
  }
  void TearDown() override { fs::remove_all(folder); }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder / name) << text; }

  fs::path folder;
};

TEST_F(ScenarioFilesTest, AFolderIsItsFilesByNameWithoutSchemas) {
  for (const char* name : {"b/z.json", "b/a.json", "c.json", "x.schema.json", "notes.txt"}) write(name, "{}");
  Result<std::vector<std::string>> files = find_scenario_files(folder.string());
  ASSERT_TRUE(files);
  EXPECT_EQ(*files, (std::vector<std::string>{folder / "b/a.json", folder / "b/z.json", folder / "c.json"}));
  EXPECT_EQ(find_scenario_files((folder / "notes.txt").string())->size(), 1U) << "a file that is named is taken";
}

TEST_F(ScenarioFilesTest, WhatIsNotThereIsNamed) {
  Result<std::vector<std::string>> files = find_scenario_files((folder / "missing").string());
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code, Errc::environment);
  EXPECT_NE(files.error().message.find("missing"), std::string::npos);
  const Selection selection = select_scenarios({(folder / "missing").string()}, {});
  EXPECT_EQ(selection.invalid_files.size(), 1U);
}

TEST_F(ScenarioFilesTest, AFolderWithoutScenariosSaysSo) {
  const Selection selection = select_scenarios({folder.string()}, {});
  EXPECT_TRUE(selection.scenarios.empty());
  EXPECT_NE(selection.why_empty.find("there is no scenario file"), std::string::npos) << selection.why_empty;
}

std::string story(const std::string& id, const std::string& more = "") {
  return R"({ "id": ")" + id +
         R"(", "title": "A story", "servers": { "isp": { "personality": "generic" } }, "steps": [])" + more + "}";
}

TEST_F(ScenarioFilesTest, FiltersAndTags) {
  write("a.json", story("a/one", R"(, "tags": ["slow", "tls"])"));
  write("b.json", story("b/two", R"(, "tags": ["tls"])"));
  auto ids = [&](const SelectOptions& options) {
    std::vector<std::string> found;
    for (const scenarios::Scenario& scenario : select_scenarios({folder.string()}, options).scenarios)
      found.push_back(scenario.id);
    return found;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids({}), (Ids{"a/one", "b/two"}));
  EXPECT_EQ(ids({.filters = {"b/*"}}), Ids{"b/two"});
  EXPECT_EQ(ids({.filters = {"b/*", "a/one"}}), (Ids{"a/one", "b/two"}));
  EXPECT_EQ(ids({.tags = {"tls"}}), (Ids{"a/one", "b/two"}));
  EXPECT_EQ(ids({.tags = {"tls", "slow"}}), Ids{"a/one"});
  EXPECT_EQ(ids({.filters = {"b/*"}, .tags = {"slow"}}), Ids{});
  const Selection none = select_scenarios({folder.string()}, {.filters = {"a/onne"}});
  EXPECT_EQ(none.why_empty, "none of 2 scenarios was selected; did you mean --filter 'a/one'?");
}

TEST_F(ScenarioFilesTest, AnIdNamesOneScenario) {
  write("a.json", story("same/id"));
  write("b.json", story("same/id"));
  const Selection selection = select_scenarios({folder.string()}, {});
  EXPECT_EQ(selection.scenarios.size(), 1U);
  ASSERT_EQ(selection.invalid_files.size(), 1U);
  EXPECT_NE(selection.invalid_files[0].message.find("is taken by"), std::string::npos);
  EXPECT_EQ(selection.invalid_files[0].place.file, (folder / "b.json").string());
}

}  // namespace
}  // namespace mailrig::cli
