#include "scenarios/verdict.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace mailrig::scenarios {
namespace {

/// Patience of the client's or a server's: what was said last shows whose turn it was.
std::string whose_turn(const std::vector<TranscriptEntry>& entries) {
  using Who = TranscriptEntry::Who;
  auto said = std::find_if(entries.rbegin(), entries.rend(), [](const auto& entry) { return entry.who != Who::rig; });
  auto step =
      std::find_if(entries.rbegin(), entries.rend(), [](const auto& entry) { return entry.connection.empty(); });
  const std::string where =
      step == entries.rend() ? std::string("before the first step") : fmt::format("in \"{}\"", step->text);
  if (said == entries.rend()) return fmt::format("{}; nothing has been said yet, so the client was slow", where);
  const std::string line = printable(said->text, 80);
  const std::string server = said->connection.substr(0, said->connection.rfind('#'));
  return said->who == Who::client
             ? fmt::format("{}; the server {} was slow: \"{}\" of +{} on {} has no answer", where, server, line,
                           format_duration(said->at), said->connection)
             : fmt::format("{}; the client was slow: it had \"{}\" of {} since +{} and said nothing more", where, line,
                           said->connection, format_duration(said->at));
}

}  // namespace

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

std::string file_word(std::string_view file) {
  return shell_word(file.starts_with('-') ? fmt::format("./{}", file) : std::string(file));
}

Finding hang_finding(const LoopEnd& end, Duration limit, const std::vector<TranscriptEntry>& transcript) {
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
      finding.message = fmt::format("the real time of --timeout is used up {}", whose_turn(transcript));
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

std::string replay_command(const RunOptions& options, const Outcome& outcome) {
  std::string command = fmt::format("{} {} --filter {} --world {} --seed {}", options.program, file_word(outcome.file),
                                    shell_word(outcome.id), to_string(outcome.world), options.seed);
  // The repeat number is part of the scenario's seed: to come to the third, three are run.
  if (outcome.repeat > 0) command += fmt::format(" --repeat {}", outcome.repeat + 1);
  return command + options.more_options;
}

}  // namespace mailrig::scenarios
