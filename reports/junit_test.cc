#include "reports/junit.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "reports/testing/files.h"
#include "reports/testing/golden.h"
#include "reports/testing/samples.h"

namespace mailrig::reports {
namespace {

using testing::matches_golden;

/// What Python's expat makes of the report, one line an element; "not well-formed ..." where it does not take it.
std::string parsed_by_python(const std::string& name, const std::string& xml) {
  std::string file = fmt::format("{}/reports_test_{}.xml", MAILRIG_BINARY_DIR, name);
  std::string out = file + ".txt";
  testing::write_file(file, xml);
  std::string command = fmt::format(
      "python3 -c \"\nimport sys, xml.etree.ElementTree as tree\n"
      "try:\n  root = tree.parse(sys.argv[1]).getroot()\n"
      "except tree.ParseError as e:\n  print('not well-formed', e); sys.exit()\n"
      "for case in root.iter('testcase'):\n"
      "  print(ascii(case.get('name')), [(c.tag, c.get('message'), len(c.text or '') > 0) for c in case if c.tag in "
      "('failure', 'error', 'skipped', 'system-out')])\n"
      "print(sorted(root.attrib.items()))\n\" {} > {}",
      file, out);
  if (std::system(command.c_str()) != 0) return "python3 failed";
  return testing::read_file(out);
}

bool python_is_missing() { return std::system("python3 -c 'import xml.etree.ElementTree'") != 0; }

TEST(Junit, Goldens) {
  EXPECT_TRUE(matches_golden("reports/testdata/empty.xml", to_junit(testing::empty_run())));
  EXPECT_TRUE(matches_golden("reports/testdata/all_verdicts.xml", to_junit(testing::all_verdicts_run())));
  EXPECT_TRUE(matches_golden("reports/testdata/hostile.xml", to_junit(testing::hostile_run())));
  EXPECT_TRUE(matches_golden("reports/testdata/long_story.xml", to_junit(testing::long_story_run())));
}

TEST(Junit, AStrictParserFindsEachVerdictInItsPlace) {
  if (python_is_missing()) GTEST_SKIP() << "there is no python3";
  EXPECT_EQ(parsed_by_python("all_verdicts", to_junit(testing::all_verdicts_run())),
            "'queue-full-until-delete' [('failure', 'accounts.work.stored: After the queue was full the client went on "
            "storing. (expected 300, actual 312)', True)]\n"
            "'quit' [('system-out', None, True)]\n"
            "'never-answers' [('failure', 'calendar: crm#2 waited for a reply to search since +12.000s.', True)]\n"
            "'capa' [('system-out', None, True)]\n"
            "'reads-on-top' [('skipped', 'known failure: TOP is not used yet', False), ('system-out', None, True)]\n"
            "'quit #2' []\n"
            "'port-taken' [('error', 'port 2525 is taken; free it or leave the port out', True)]\n"
            "'drip' [('skipped', 'sim-only: drips for an hour', False)]\n"
            "'retrieve.p90<50ms' []\n"
            "'wall.quit.max<=100us' [('failure', 'wall.quit.max<=100us broke: 250us over 1 value (wall)', False)]\n"
            "'scenarios/suite/pop3/typo.json:3:24' [('error', 'Unknown key \"pasword\".', True)]\n"
            "[('errors', '2'), ('failures', '3'), ('name', 'mailrig'), ('skipped', '2'), ('tests', '11'), "
            "('time', '1.440000')]\n");
}

TEST(Junit, NonStrictFailsUnderStrict) {
  if (python_is_missing()) GTEST_SKIP() << "there is no python3";
  EXPECT_EQ(parsed_by_python("long_story", to_junit(testing::long_story_run())),
            "'five-days' [('failure', 'latency.retrieve.p90: Slower than asked.', True)]\n"
            "'five-days' []\n"
            "[('errors', '0'), ('failures', '1'), ('name', 'mailrig'), ('skipped', '0'), ('tests', '2'), "
            "('time', '125.000000')]\n");
}

TEST(Junit, AStrictParserTakesHostileTexts) {
  if (python_is_missing()) GTEST_SKIP() << "there is no python3";
  EXPECT_EQ(parsed_by_python("hostile", to_junit(testing::hostile_run())).find("not well-formed"), std::string::npos);
}

// The parser of the tests above is one that refuses: otherwise they would show nothing.
TEST(Junit, TheStrictParserRefusesControls) {
  if (python_is_missing()) GTEST_SKIP() << "there is no python3";
  EXPECT_EQ(parsed_by_python("refused", "<a>\x1b</a>").substr(0, 15), "not well-formed");
  EXPECT_EQ(parsed_by_python("refused", "<a>\xff</a>").substr(0, 15), "not well-formed");
}

TEST(Junit, AScenarioWithoutFolderHasItsWorldAsClass) {
  RunOutcome run;
  run.scenarios.resize(3);
  run.scenarios[0].id = "quit";
  run.scenarios[1].id = "a/b/quit";
  run.scenarios[2].id = "a/refused[4/5]";
  std::string xml = to_junit(run);
  EXPECT_NE(xml.find("<testcase classname=\"sim\" name=\"quit\" "), std::string::npos);
  EXPECT_NE(xml.find("<testcase classname=\"sim.a.b\" name=\"quit\" "), std::string::npos);
  EXPECT_NE(xml.find("<testcase classname=\"sim.a\" name=\"refused[4/5]\" "), std::string::npos);
}

TEST(Junit, AFailureWithoutFindingSaysWhatItsVerdictMeans) {
  RunOutcome run;
  run.scenarios.resize(1);
  run.scenarios[0].verdict = Verdict::hang;
  EXPECT_NE(to_junit(run).find(
                "<failure message=\"the scenario did not end: somebody waited for what never came\" type=\"hang\">"),
            std::string::npos);
}

}  // namespace
}  // namespace mailrig::reports
