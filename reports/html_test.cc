#include "reports/html.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "embedded/report_page.h"
#include "reports/json.h"
#include "reports/testing/files.h"
#include "reports/testing/golden.h"
#include "reports/testing/samples.h"

namespace mailrig::reports {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using testing::matches_golden;
using ::testing::Not;

/// What stands between the first `from` at or after `start` and the next `to`.
std::string between(const std::string& text, const std::string& from, const std::string& to, std::size_t start = 0) {
  std::size_t begin = text.find(from, start);
  if (begin == std::string::npos) return "(there is no " + from + ")";
  begin += from.size();
  return text.substr(begin, text.find(to, begin) - begin);
}

/// The page without its style and script, which have files of their own, and without their hashes.
std::string without_assets(std::string page) {
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"<style>", "</style>"},
                                 {"<script>", "</script>"},
                                 {"style-src 'sha256-", "'"},
                                 {"script-src 'sha256-", "'"}}) {
    std::size_t begin = page.find(from) + from.size();
    page.replace(begin, page.find(to, begin) - begin, "...");
  }
  return page;
}

std::size_t count_of(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

json data_of(const std::string& page, const std::string& id) {
  return json::parse(between(page, "<script type=\"application/json\" id=\"" + id + "\">", "</script>"));
}

TEST(Html, Goldens) {
  EXPECT_TRUE(matches_golden("reports/testdata/empty.html", without_assets(to_html(testing::empty_run()))));
  EXPECT_TRUE(
      matches_golden("reports/testdata/all_verdicts.html", without_assets(to_html(testing::all_verdicts_run()))));
  EXPECT_TRUE(matches_golden("reports/testdata/hostile.html", without_assets(to_html(testing::hostile_run()))));
  EXPECT_TRUE(matches_golden("reports/testdata/long_story.html", without_assets(to_html(testing::long_story_run()))));
}

TEST(Html, EachScenarioIsEmbeddedAsInTheJsonReport) {
  RunOutcome run = testing::all_verdicts_run();
  std::string page = to_html(run);
  json report = json::parse(to_json(run));
  for (std::size_t i = 0; i < run.scenarios.size(); ++i)
    EXPECT_EQ(data_of(page, fmt::format("s{}", i)), report["scenarios"][i]) << i;
  json index = data_of(page, "run");
  ASSERT_EQ(index["index"].size(), run.scenarios.size());
  EXPECT_EQ(index["index"][0]["anchor"], "gmail/queue-full-until-delete@sim");
  EXPECT_EQ(index["index"][2]["anchor"], "pop3/quit@net.2");
  EXPECT_EQ(index["index"][3]["headline"], "port 2525 is taken; free it or leave the port out");
  EXPECT_EQ(index["latencies"][1], json::parse(R"({"step": "retrieve", "clock": "virtual", "unit": "us", "count": 10,
      "p50": 5000, "p90": 9000, "p99": 40000, "max": 40000, "values": null})"));
}

TEST(Html, NothingHostileBreaksOut) {
  std::string page = to_html(testing::hostile_run());
  EXPECT_TRUE(is_well_formed_utf8(page));
  // Scripts: the index, five scenarios and the program. Nothing else opens or closes one, and no comment is begun.
  EXPECT_EQ(count_of(page, "<script"), 7U);
  EXPECT_EQ(count_of(page, "</script"), 7U);
  EXPECT_EQ(count_of(page, "<!--"), 0U);
  EXPECT_EQ(count_of(page, "<img"), 0U);
  EXPECT_EQ(data_of(page, "s0")["title"], json::parse(to_json(testing::hostile_run()))["scenarios"][0]["title"]);
}

TEST(Html, AsksTheNetworkForNothing) {
  std::string page = without_assets(to_html(testing::all_verdicts_run()));
  EXPECT_THAT(page, HasSubstr("content=\"default-src 'none'; "));
  for (const char* word : {"http:", "https:", "src=\"", "@import", "url("})
    EXPECT_THAT(page, Not(HasSubstr(word))) << word;
  EXPECT_THAT(std::string(embedded::report_page::page_css), Not(HasSubstr("url(")));
  EXPECT_THAT(std::string(embedded::report_page::page_css), Not(HasSubstr("@import")));
}

TEST(Html, AssetsCannotEndTheirElement) {
  for (const auto& file : embedded::report_page::files) {
    EXPECT_FALSE(file.text.empty()) << file.name;
    EXPECT_THAT(std::string(file.text), Not(HasSubstr("</"))) << file.name;
    EXPECT_THAT(std::string(file.text), Not(HasSubstr("<!--"))) << file.name;
  }
}

TEST(Html, AssetsAreEmbeddedByteForByte) {
  EXPECT_EQ(embedded::report_page::files.size(), 6U);
  for (const auto& file : embedded::report_page::files)
    EXPECT_EQ(file.text, testing::read_file(fmt::format("{}/reports/html/{}", MAILRIG_SOURCE_DIR, file.name)));
  EXPECT_EQ(embedded::report_page::list_js, embedded::report_page::files.back().text);
}

/// SHA-256 and base64 by Python, of a text that Python finds in the page by itself.
TEST(Html, ThePolicyNamesTheHashesOfStyleAndScript) {
  if (std::system("python3 -c 'import hashlib'") != 0) GTEST_SKIP() << "there is no python3";
  std::string file = std::string(MAILRIG_BINARY_DIR) + "/reports_test_policy.html";
  testing::write_file(file, to_html(testing::all_verdicts_run()));
  std::string command = fmt::format(
      "python3 -c \"\nimport base64, hashlib, re, sys\npage = open(sys.argv[1], encoding='utf-8', newline='').read()\n"
      "for tag in ('style', 'script'):\n"
      "  text = re.search('<' + tag + '>(.*?)</' + tag + '>', page, re.S).group(1)\n"
      "  want = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()\n"
      "  assert tag + '-src \\'sha256-' + want + '\\'' in page, tag\n\" {}",
      file);
  EXPECT_EQ(std::system(command.c_str()), 0);
}

TEST(Html, OneScenarioIsNotSeveral) {
  RunOutcome run = testing::empty_run();
  run.scenarios.resize(1);
  EXPECT_THAT(to_html(run), HasSubstr(">1 scenario in 1 ms"));
}

TEST(Html, AnchorsTellWorldsAndRoundsApart) {
  Outcome outcome;
  outcome.id = "a/b[c]";
  EXPECT_EQ(anchor(outcome), "a/b[c]@sim");
  outcome.world = WorldKind::net;
  outcome.repeat = 1;
  EXPECT_EQ(anchor(outcome), "a/b[c]@net.2");
}

}  // namespace
}  // namespace mailrig::reports
