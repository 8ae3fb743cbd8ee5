#include "reports/junit.h"

#include <fmt/format.h>

#include "reports/clean.h"
#include "reports/summary.h"
#include "reports/terminal.h"
#include "reports/xml.h"

namespace mailrig::reports {
namespace {

/// Seconds with six digits, as JUnit has them.
std::string seconds(Duration span) { return fmt::format("{:.6f}", static_cast<double>(span.count()) / 1e9); }

/// What one test case says beyond its name. At most one of failure, error and skipped.
struct Case {
  enum class Result : std::uint8_t { passed, failure, error, skipped };

  std::string class_name;
  std::string name;
  Duration took{};
  Result result = Result::passed;
  std::string message;     // of the result, one line
  std::string_view type;   // of failure and error
  std::string body;        // of failure and error, as the terminal prints it
  std::string system_out;  // where it is from and how to run it again; for some what was found
};

struct Suite {
  std::string name;
  std::vector<Case> cases;
};

Case::Result result_of(const Outcome& outcome, bool strict) {
  switch (outcome.verdict) {
    case Verdict::fail:
    case Verdict::hang: return Case::Result::failure;
    case Verdict::error: return Case::Result::error;
    case Verdict::skipped:
    case Verdict::known: return Case::Result::skipped;
    case Verdict::non_strict: return strict ? Case::Result::failure : Case::Result::passed;
    case Verdict::pass: break;
  }
  return Case::Result::passed;
}

/// Where the folder of an id ends: at the last slash that is not part of a table row, "smtp/refused[4/5]".
std::size_t folder_size(std::string_view id) {
  std::size_t slash = id.substr(0, id.find('[')).rfind('/');
  return slash == std::string_view::npos ? 0 : slash;
}

/// "sim.gmail" of "gmail/queue-full"; "sim" alone without a folder.
std::string class_of(const Outcome& outcome) {
  std::string name(to_string(outcome.world));
  std::string_view folder = std::string_view(outcome.id).substr(0, folder_size(outcome.id));
  if (!folder.empty()) name += '.';
  for (char c : folder) name += c == '/' ? '.' : c;
  return name;
}

std::string name_of(const Outcome& outcome) {
  std::string_view id = outcome.id;
  if (std::size_t folder = folder_size(id); folder > 0) id.remove_prefix(folder + 1);
  return outcome.repeat == 0 ? std::string(id) : fmt::format("{} #{}", id, outcome.repeat + 1);
}

/// What the schema of Jenkins has no attribute or property for, one "name: value" a line. Compilers and editors know
/// the form of the first.
std::string facts_of(const Outcome& outcome) {
  std::string facts;
  auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) facts += fmt::format("{}: {}\n", name, clean_line(value));
  };
  std::size_t line = 0;
  for (const Finding& finding : outcome.findings)
    if (line == 0 && finding.place.file == outcome.file) line = finding.place.line;
  add("file", line == 0 ? outcome.file : fmt::format("{}:{}", outcome.file, line));
  add("id", outcome.id);
  add("title", outcome.title);
  add("world", to_string(outcome.world));
  add("verdict", to_string(outcome.verdict));
  add("closing", to_string(outcome.closing));
  add("seed", std::to_string(outcome.seed));
  add("digest", outcome.digest.value_or(""));
  add("again", outcome.replay);
  return facts;
}

Case case_of(const Outcome& outcome, bool strict) {
  Case one;
  one.class_name = class_of(outcome);
  one.name = name_of(outcome);
  one.took = outcome.took;
  one.system_out = facts_of(outcome);
  one.result = result_of(outcome, strict);
  std::string findings = findings_text(outcome);
  if (one.result != Case::Result::passed) one.message = headline(outcome);
  if (one.result == Case::Result::failure || one.result == Case::Result::error) {
    one.type = to_string(outcome.verdict);
    one.body = findings;
  } else if (outcome.verdict == Verdict::non_strict) {
    one.system_out += fmt::format("\nnon-strict: {}\n{}", meaning(outcome.verdict), findings);
  } else if (!findings.empty()) {
    one.system_out += "\n" + findings;
  }
  return one;
}

Case case_of(const Threshold& threshold) {
  Case one;
  one.class_name = "thresholds";
  one.name = threshold.text;
  one.system_out = fmt::format("measured: {}\n", clean_line(threshold.measured));
  if (threshold.held) return one;
  one.result = Case::Result::failure;
  one.type = "threshold";
  one.message = fmt::format("{} broke: {}", threshold.text, threshold.measured);
  return one;
}

Case case_of_invalid(const Finding& finding) {
  Case one;
  one.class_name = "scenario files";
  one.name = to_string(finding.place);
  one.system_out = fmt::format("file: {}\n", clean_line(to_string(finding.place)));
  one.result = Case::Result::error;
  one.type = "invalid";
  one.message = finding.message;
  one.body = invalid_file_text(finding);
  return one;
}

/// A run that was ended early must not look complete to a CI server that counts errors.
Case case_of_incomplete(const std::string& why) {
  Case one;
  one.class_name = "mailrig";
  one.name = "the run is complete";
  one.result = Case::Result::error;
  one.type = "incomplete";
  one.message = why;
  return one;
}

std::vector<Suite> suites_of(const RunOutcome& run) {
  std::vector<Suite> suites;
  for (WorldKind world : {WorldKind::sim, WorldKind::net}) {
    Suite suite{std::string(to_string(world)), {}};
    for (const Outcome& outcome : run.scenarios)
      if (outcome.world == world) suite.cases.push_back(case_of(outcome, run.strict));
    if (!suite.cases.empty()) suites.push_back(std::move(suite));
  }
  Suite thresholds{"thresholds", {}};
  for (const Threshold& threshold : run.thresholds) thresholds.cases.push_back(case_of(threshold));
  if (!thresholds.cases.empty()) suites.push_back(std::move(thresholds));
  Suite files{"scenario files", {}};
  for (const Finding& finding : run.invalid_files) files.cases.push_back(case_of_invalid(finding));
  if (!files.cases.empty()) suites.push_back(std::move(files));
  if (!run.incomplete.empty()) suites.push_back({"mailrig", {case_of_incomplete(run.incomplete)}});
  return suites;
}

struct Totals {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  Duration took{};

  void add(const Case& one) {
    ++tests;
    failures += one.result == Case::Result::failure ? 1 : 0;
    errors += one.result == Case::Result::error ? 1 : 0;
    skipped += one.result == Case::Result::skipped ? 1 : 0;
    took += one.took;
  }
  /// The schema of Jenkins allows `skipped` at a suite alone.
  void write(XmlWriter& xml, bool with_skipped) const {
    xml.attribute("tests", std::to_string(tests)).attribute("failures", std::to_string(failures));
    xml.attribute("errors", std::to_string(errors));
    if (with_skipped) xml.attribute("skipped", std::to_string(skipped));
    xml.attribute("time", seconds(took));
  }
};

void write_result(XmlWriter& xml, const Case& one) {
  if (one.result == Case::Result::passed) return;
  bool skipped = one.result == Case::Result::skipped;
  xml.open(skipped ? "skipped" : one.result == Case::Result::error ? "error" : "failure");
  xml.attribute("message", one.message);
  if (!skipped) xml.attribute("type", one.type);
  if (!one.body.empty()) xml.text(one.body);
  xml.close();
}

void write_case(XmlWriter& xml, const Case& one) {
  xml.open("testcase").attribute("classname", one.class_name).attribute("name", one.name);
  xml.attribute("time", seconds(one.took));
  write_result(xml, one);
  if (!one.system_out.empty()) xml.open("system-out").text(one.system_out).close();
  xml.close();
}

void write_run_properties(XmlWriter& xml, const RunOutcome& run) {
  xml.open("properties");
  xml.open("property").attribute("name", "mailrig").attribute("value", run.version).close();
  xml.open("property").attribute("name", "seed").attribute("value", std::to_string(run.seed)).close();
  xml.open("property").attribute("name", "strict").attribute("value", run.strict ? "true" : "false").close();
  if (!run.incomplete.empty())
    xml.open("property").attribute("name", "incomplete").attribute("value", run.incomplete).close();
  xml.close();
}

}  // namespace

std::string to_junit(const RunOutcome& run) {
  std::vector<Suite> suites = suites_of(run);
  Totals all;
  for (const Suite& suite : suites)
    for (const Case& one : suite.cases) all.add(one);
  all.took = run.took;  // scenarios run side by side: their sum is not how long it took

  XmlWriter xml;
  xml.open("testsuites").attribute("name", "mailrig");
  all.write(xml, false);
  for (const Suite& suite : suites) {
    Totals totals;
    for (const Case& one : suite.cases) totals.add(one);
    xml.open("testsuite").attribute("name", suite.name);
    totals.write(xml, true);
    write_run_properties(xml, run);
    for (const Case& one : suite.cases) write_case(xml, one);
    xml.close();
  }
  xml.close();
  return xml.take();
}

}  // namespace mailrig::reports
