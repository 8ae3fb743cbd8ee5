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

/// What Python's expat makes of the report, one line an element: of an output whether anything follows its facts; "not
/// well-formed ..." where it does not take it.
std::string parsed_by_python(const std::string& name, const std::string& xml) {
  std::string file = fmt::format("{}/reports_test_{}.xml", MAILRIG_BINARY_DIR, name);
  std::string out = file + ".txt";
  testing::write_file(file, xml);
  std::string command = fmt::format(
      "python3 -c \"\nimport sys, xml.etree.ElementTree as tree\n"
      "try:\n  root = tree.parse(sys.argv[1]).getroot()\n"
      "except tree.ParseError as e:\n  print('not well-formed', e); sys.exit()\n"
      "for case in root.iter('testcase'):\n"
      "  print(ascii(case.get('name')), [(c.tag, c.get('message'), (chr(10) * 2 if c.tag == 'system-out' else '') in "
      "(c.text or '') and bool(c.text)) for c in case if c.tag in "
      "('failure', 'error', 'skipped', 'system-out')])\n"
      "print(sorted(root.attrib.items()))\n\" {} > {}",
      file, out);
  if (std::system(command.c_str()) != 0) return "python3 failed";
  return testing::read_file(out);
}

/// Empty where xmllint takes the report under reports/junit.xsd, else what it says.
std::string refused_by_schema(const std::string& name, const std::string& xml) {
  std::string file = fmt::format("{}/reports_test_schema_{}.xml", MAILRIG_BINARY_DIR, name);
  std::string out = file + ".txt";
  testing::write_file(file, xml);
  std::string command =
      fmt::format("xmllint --nonet --noout --schema {}/reports/junit.xsd {} > {} 2>&1", MAILRIG_SOURCE_DIR, file, out);
  return std::system(command.c_str()) == 0 ? "" : "refused: " + testing::read_file(out);
}

bool xmllint_is_missing() { return std::system("xmllint --version 2> /dev/null") != 0; }

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
            "storing. (expected 300, actual 312)', True), ('system-out', None, False)]\n"
            "'quit' [('system-out', None, True)]\n"
            "'never-answers' [('failure', 'calendar: crm#2 waited for a reply to search since +12.000s.', True), "
            "('system-out', None, False)]\n"
            "'capa' [('system-out', None, True)]\n"
            "'reads-on-top' [('skipped', 'known failure: TOP is not used yet', False), ('system-out', None, True)]\n"
            "'quit #2' [('system-out', None, False)]\n"
            "'port-taken' [('error', 'port 2525 is taken; free it or leave the port out', True), "
            "('system-out', None, False)]\n"
            "'drip' [('skipped', 'sim-only: drips for an hour', False), ('system-out', None, False)]\n"
            "'retrieve.p90<50ms' [('system-out', None, False)]\n"
            "'wall.quit.max<=100us' [('failure', 'wall.quit.max<=100us broke: 250us over 1 value (wall)', False), "
            "('system-out', None, False)]\n"
            "'scenarios/suite/pop3/typo.json:3:24' [('error', 'Unknown key \"pasword\".', True), "
            "('system-out', None, False)]\n"
            "[('errors', '2'), ('failures', '3'), ('name', 'mailrig'), ('tests', '11'), "
            "('time', '1.440000')]\n");
}

TEST(Junit, NonStrictFailsUnderStrict) {
  if (python_is_missing()) GTEST_SKIP() << "there is no python3";
  EXPECT_EQ(parsed_by_python("long_story", to_junit(testing::long_story_run())),
            "'five-days' [('failure', 'latency.retrieve.p90: Slower than asked.', True), ('system-out', None, False)]\n"
            "'five-days' [('system-out', None, False)]\n"
            "[('errors', '0'), ('failures', '1'), ('name', 'mailrig'), ('tests', '2'), "
            "('time', '125.000000')]\n");
}

TEST(Junit, AStrictParserTakesHostileTexts) {
  if (python_is_missing()) GTEST_SKIP() << "there is no python3";
  EXPECT_EQ(parsed_by_python("hostile", to_junit(testing::hostile_run())).find("not well-formed"), std::string::npos);
}

TEST(Junit, TheSchemaOfJenkinsTakesEachReport) {
  if (xmllint_is_missing()) GTEST_SKIP() << "there is no xmllint (libxml2-utils)";
  EXPECT_EQ(refused_by_schema("empty", to_junit(testing::empty_run())), "");
  EXPECT_EQ(refused_by_schema("all_verdicts", to_junit(testing::all_verdicts_run())), "");
  EXPECT_EQ(refused_by_schema("hostile", to_junit(testing::hostile_run())), "");
  EXPECT_EQ(refused_by_schema("long_story", to_junit(testing::long_story_run())), "");
}

// What that schema has no place for was written before, and Jenkins refused the report as a whole.
TEST(Junit, TheSchemaRefusesWhatJenkinsRefuses) {
  if (xmllint_is_missing()) GTEST_SKIP() << "there is no xmllint (libxml2-utils)";
  const std::string good = to_junit(testing::all_verdicts_run());
  for (const auto& [before, after] :
       {std::pair<std::string_view, std::string_view>{"<testcase ", "<testcase file=\"a\" "},
        {"<testcase ", "<testcase line=\"1\" "},
        {"<testsuites ", "<testsuites skipped=\"0\" "},
        {"<system-out>", "<properties/><system-out>"}}) {
    std::string bad = good;
    ASSERT_NE(bad.find(before), std::string_view::npos);
    bad.replace(bad.find(before), before.size(), after);
    EXPECT_NE(refused_by_schema("bad", bad), "") << after;
  }
}

TEST(Junit, FileAndLineAreTheFirstWordsOfTheOutput) {
  RunOutcome run;
  Outcome& outcome = run.scenarios.emplace_back();
  outcome.id = "a/b";
  outcome.file = "suite/a.json";
  outcome.replay = "mailrig run suite/a.json";
  outcome.verdict = Verdict::fail;
  outcome.findings.resize(2);
  outcome.findings[0].name = "a rule without place";
  outcome.findings[1].place = {.file = "suite/a.json", .line = 12};
  const std::string xml = to_junit(run);
  EXPECT_NE(xml.find("<system-out>file: suite/a.json:12\nid: a/b\nworld: sim\nverdict: fail\nclosing: clean\n"
                     "seed: 0\nagain: mailrig run suite/a.json\n</system-out>"),
            std::string::npos)
      << xml;
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
