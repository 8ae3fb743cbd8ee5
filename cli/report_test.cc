#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/program.h"
#include "cli/testing/peers.h"

namespace mailrig::cli {
namespace {

using testing::contents;
using ::testing::HasSubstr;
using testing::put;

struct ReportCommand : ::testing::Test {
  int run(std::vector<std::string> words) {
    words.insert(words.begin(), "mailrig");
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    out.str({});
    err.str({});
    Program program{.out = out, .err = err};
    return static_cast<int>(run_program(static_cast<int>(argv.size()), argv.data(), program));
  }
  /// A report of a scenario that fails, or passes.
  std::string report_of(const std::string& name, int expected) {
    put(lab / name + ".json",
        R"({ "id": "a/)" + name +
            R"(", "title": "t", "servers": { "isp": { "mailboxes": { "anna": { "password": "pw" } } } },
             "accounts": { "work": { "pop3": "isp", "user": "anna", "password": "pw" } },
             "steps": [ { "poll": "work" }, { "expect": { "accounts.work.stored": )" +
            std::to_string(expected) + " } } ] }");
    run({"run", lab / name + ".json", "--json", lab / name + ".report"});
    return lab / name + ".report";
  }

  testing::PeerLab lab;
  std::ostringstream out, err;
};

TEST_F(ReportCommand, ShowsWhatFailedAndEndsAsTheRunDid) {
  EXPECT_EQ(run({"report", report_of("good", 0)}), 0);
  EXPECT_THAT(out.str(), HasSubstr("1 passed"));
  EXPECT_EQ(run({"report", report_of("bad", 3)}), 1);
  EXPECT_THAT(out.str(), HasSubstr("FAIL a/bad"));
  EXPECT_THAT(out.str(), HasSubstr("accounts.work.stored"));
}

TEST_F(ReportCommand, OfOneFileIsTheSameFile) {
  const std::string report = report_of("bad", 3);
  EXPECT_EQ(run({"report", report, "--json", lab / "again", "--junit", lab / "x.xml", "--html", lab / "x.html"}), 1);
  EXPECT_EQ(contents(lab / "again"), contents(report));
  EXPECT_THAT(contents(lab / "x.xml"), HasSubstr("a/bad"));
  EXPECT_THAT(contents(lab / "x.html"), HasSubstr("a/bad"));
}

TEST_F(ReportCommand, OfSeveralFilesIsOneRun) {
  const std::string good = report_of("good", 0), bad = report_of("bad", 3);
  EXPECT_EQ(run({"report", good, bad, "--json", lab / "both"}), 1);
  const auto both = nlohmann::json::parse(contents(lab / "both"));
  EXPECT_EQ(both["scenarios"].size(), 2U);
  EXPECT_EQ(both["summary"]["total"], 2);
  EXPECT_EQ(both["summary"]["fail"], 1);
}

TEST_F(ReportCommand, RefusesWhatIsNoReport) {
  EXPECT_EQ(run({"report", lab / "none"}), 4);
  put(lab / "x", "{}");
  EXPECT_EQ(run({"report", lab / "x"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("this is not a report of mailrig: schema: is missing"));
}

}  // namespace
}  // namespace mailrig::cli
