#include "reports/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "reports/clean.h"

namespace mailrig::reports {
namespace {

std::string_view past_tense(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return "passed";
    case Verdict::fail: return "failed";
    case Verdict::error: return "could not run";
    case Verdict::hang: return "hung";
    case Verdict::skipped: return "skipped";
    case Verdict::non_strict: return "non-strict";
    case Verdict::known: return "known to fail";
  }
  return "could not run";
}

}  // namespace

std::size_t VerdictCounts::total() const {
  return std::accumulate(by_verdict.begin(), by_verdict.end(), std::size_t{0});
}

VerdictCounts count_verdicts(const RunOutcome& run) {
  VerdictCounts counts;
  for (const Outcome& outcome : run.scenarios) ++counts[outcome.verdict];
  return counts;
}

std::string in_words(const VerdictCounts& counts) {
  std::string words;
  for (Verdict verdict : all_verdicts)
    if (counts[verdict] > 0)
      words += fmt::format("{}{} {}", words.empty() ? "" : ", ", counts[verdict], past_tense(verdict));
  return words.empty() ? "nothing ran" : words;
}

bool has_failed(const RunOutcome& run) {
  return !run.invalid_files.empty() || !run.incomplete.empty() ||
         std::any_of(run.scenarios.begin(), run.scenarios.end(),
                     [&](const Outcome& outcome) { return is_failure(outcome.verdict, run.strict); }) ||
         std::any_of(run.thresholds.begin(), run.thresholds.end(), [](const Threshold& each) { return !each.held; });
}

std::string label(const Outcome& outcome) {
  std::string repeat = outcome.repeat > 0 ? fmt::format(", repeat {}", outcome.repeat + 1) : "";
  return fmt::format("{} ({}{})", clean_line(outcome.id), to_string(outcome.world), repeat);
}

std::string headline(const Outcome& outcome) {
  if (outcome.verdict == Verdict::pass) return {};
  if (!outcome.reason.empty())
    return outcome.verdict == Verdict::known ? "known failure: " + outcome.reason : outcome.reason;
  if (outcome.findings.empty()) return std::string(meaning(outcome.verdict));
  const Finding& first = outcome.findings.front();
  std::string text = fmt::format("{}: {}", first.name, first.message);
  if (!first.expected.empty() || !first.actual.empty())
    text += fmt::format(" (expected {}, actual {})", first.expected.empty() ? "nothing" : first.expected,
                        first.actual.empty() ? "nothing" : first.actual);
  return text;
}

std::string_view meaning(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return "every expectation and every invariant held";
    case Verdict::fail: return "an expectation or an invariant broke";
    case Verdict::error: return "the scenario could not run: the environment or the rig is at fault, not the client";
    case Verdict::hang: return "the scenario did not end: somebody waited for what never came";
    case Verdict::skipped: return "not run in this world; the reason is given";
    case Verdict::non_strict: return "only a SHOULD broke; it makes the run fail under --strict alone";
    case Verdict::known: return "failed, as the scenario file declares with known_failure";
  }
  return {};
}

std::string_view meaning(Closing closing) {
  switch (closing) {
    case Closing::clean: return "every connection ended in good order";
    case Closing::unclean: return "a connection ended without QUIT or without close_notify";
    case Closing::aborted: return "a connection was cut";
    case Closing::timed_out: return "a connection ended because patience ran out";
  }
  return {};
}

}  // namespace mailrig::reports
