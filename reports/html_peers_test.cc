// The page in a real browser: what its script makes of the data. Where no Chromium is installed this is skipped, never
// passed.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>

#include "reports/html.h"
#include "reports/testing/files.h"
#include "reports/testing/samples.h"

namespace mailrig::reports {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

bool browser_is_missing() { return std::system("command -v chromium >/dev/null") != 0; }

/// The document as Chromium holds it after the page's script has run.
std::string opened(const std::string& name, const RunOutcome& run, const std::string& hash) {
  std::string file = fmt::format("{}/reports_browser_{}.html", MAILRIG_BINARY_DIR, name);
  std::string profile = file + ".profile";
  testing::write_file(file, to_html(run));
  std::string command = fmt::format(
      "timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run "
      "--user-data-dir='{}' --virtual-time-budget=2000 --dump-dom 'file://{}#{}' > '{}.dom' 2>/dev/null; rm -rf '{}'",
      profile, file, hash, file, profile);
  if (std::system(command.c_str()) != 0) return "chromium failed";
  return testing::read_file(file + ".dom");
}

TEST(HtmlInBrowser, APermalinkOpensTheStory) {
  if (browser_is_missing()) GTEST_SKIP() << "there is no chromium";
  std::string dom = opened("all_verdicts", testing::all_verdicts_run(), "gmail/queue-full-until-delete@sim");
  EXPECT_THAT(dom, HasSubstr("<span class=\"shown\" id=\"shown\" role=\"status\">8 scenarios</span>"));
  EXPECT_THAT(dom, HasSubstr("id=\"gmail/queue-full-until-delete@sim\" open=\"\""));
  // The caret stands under column 57.
  EXPECT_THAT(dom, HasSubstr("<b>\n" + std::string(56, ' ') + "^</b>"));
  EXPECT_THAT(dom, HasSubstr("<dd class=\"expected\">300</dd>"));
  EXPECT_THAT(dom, HasSubstr("<span class=\"who\">C</span><span class=\"text\">PASS &lt;password&gt;</span>"));
  EXPECT_THAT(dom, HasSubstr("1 d 00:00:00.000"));  // the expect step, a day after the start
  EXPECT_THAT(dom, HasSubstr("Latencies per step, virtual clock, linear scale"));
  EXPECT_THAT(dom, Not(HasSubstr("[object ")));
  // Failures stand first; the others have not been opened.
  EXPECT_LT(dom.find("id=\"crm/never-answers@sim\""), dom.find("id=\"pop3/quit@sim\""));
  EXPECT_THAT(dom, Not(HasSubstr("id=\"pop3/quit@sim\" open")));
}

TEST(HtmlInBrowser, ALongStoryShowsItsGapsAndItsFault) {
  if (browser_is_missing()) GTEST_SKIP() << "there is no chromium";
  std::string dom = opened("long_story", testing::long_story_run(), "import/five-days@sim");
  EXPECT_THAT(dom, HasSubstr("96,001 entries of 4 d 15 h left out"));
  EXPECT_THAT(dom, HasSubstr(">2 s later<"));
  EXPECT_THAT(dom, HasSubstr("class=\"mark fault\""));
  EXPECT_THAT(dom, HasSubstr("Latencies per step, virtual clock, logarithmic scale"));
  EXPECT_THAT(dom, HasSubstr("1.5 us, 1 ms, 2 ms"));
}

TEST(HtmlInBrowser, HostileTextsStayTexts) {
  if (browser_is_missing()) GTEST_SKIP() << "there is no chromium";
  std::string dom = opened("hostile", testing::hostile_run(), "");
  EXPECT_THAT(dom, HasSubstr("5 scenarios</span>"));  // the script ran to its end
  EXPECT_THAT(dom, Not(HasSubstr("<img")));
}

}  // namespace
}  // namespace mailrig::reports
