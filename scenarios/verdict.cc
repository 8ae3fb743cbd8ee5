#include "scenarios/verdict.h"

#include <fmt/format.h>

#include <algorithm>

namespace mailrig::scenarios {
namespace {

/// One word of a POSIX shell, whatever it holds.
std::string shell_word(std::string_view text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,@%+";
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos) return std::string(text);
  std::string word = "'";
  for (char c : text) {
    if (c == '\'')
      word += "'\\''";
    else
      word += c;
  }
  return word + "'";
}

}  // namespace

Finding hang_finding(const LoopEnd& end, Duration limit) {
  Finding finding;
  finding.kind = Finding::Kind::hang;
  switch (end.why) {
    case LoopEnd::Why::finished: return finding;
    case LoopEnd::Why::stalled:
      finding.name = "stalled";
      finding.message =
          "nothing is left that could happen, and a session is unfinished: somebody waits without patience";
      break;
    case LoopEnd::Why::span_passed:
      finding.name = "limit-passed";
      finding.message =
          fmt::format("the story went on beyond its limit of {} (the key \"limit\")", format_duration(limit));
      break;
    case LoopEnd::Why::event_storm:
      finding.name = "event-storm";
      finding.message = "too many events at one instant: client and server go round without time passing";
      break;
    case LoopEnd::Why::cpu_time:
      finding.name = "timeout";
      finding.message = "the real time of --timeout is used up";
      break;
    case LoopEnd::Why::interrupted:
      finding.name = "interrupted";
      finding.message = "the run was interrupted";
      break;
  }
  finding.expected = "the story ends";
  for (const std::string& waiting : end.waiting) {
    if (!finding.actual.empty()) finding.actual += "; ";
    finding.actual += waiting;
  }
  if (finding.actual.empty()) finding.actual = "nobody waits: the processor is busy";
  return finding;
}

void settle_verdict(Outcome& outcome, std::string_view known_failure) {
  auto any = [&](auto&& is) { return std::ranges::any_of(outcome.findings, is); };
  auto broke = [](Level level) {
    return [=](const Finding& finding) { return finding.kind != Finding::Kind::rule && finding.level == level; };
  };
  if (any([](const Finding& finding) { return finding.kind == Finding::Kind::error; }))
    outcome.verdict = Verdict::error;
  else if (any([](const Finding& finding) { return finding.kind == Finding::Kind::hang; }))
    outcome.verdict = Verdict::hang;
  else if (any(broke(Level::must)))
    outcome.verdict = Verdict::fail;
  else if (any(broke(Level::should)))
    outcome.verdict = Verdict::non_strict;
  else
    outcome.verdict = Verdict::pass;
  if (known_failure.empty()) return;
  if (outcome.verdict == Verdict::fail || outcome.verdict == Verdict::hang) {
    outcome.verdict = Verdict::known;
    outcome.reason = known_failure;
  } else if (outcome.verdict == Verdict::pass) {
    outcome.verdict = Verdict::fail;
    Finding finding;
    finding.kind = Finding::Kind::rule;
    finding.name = "known_failure";
    finding.message = fmt::format(
        "the scenario passes although it is declared to fail ({}): if that is mended, take \"known_failure\" out",
        known_failure);
    finding.expected = "a failure";
    finding.actual = "a pass";
    outcome.findings.push_back(std::move(finding));
  }
}

std::string replay_command(std::string_view program, const Outcome& outcome, std::uint64_t seed) {
  std::string command = fmt::format("{} {} --filter {} --world {} --seed {}", program, shell_word(outcome.file),
                                    shell_word(outcome.id), to_string(outcome.world), seed);
  // The repeat number is part of the scenario's seed: to come to the third, three are run.
  if (outcome.repeat > 0) command += fmt::format(" --repeat {}", outcome.repeat + 1);
  return command;
}

}  // namespace mailrig::scenarios
