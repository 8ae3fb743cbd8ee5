#include "scenarios/judge/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace mailrig::scenarios {
namespace {

using Who = TranscriptEntry::Who;
using Entries = std::span<const TranscriptEntry>;

/// Is this a rule that holds a reply back, or part of it? Rules are told by fakeservers::describe().
bool holds_back(const TranscriptEntry& entry) {
  if (entry.who != Who::rig || !entry.text.starts_with("fault: ")) return false;
  const auto& text = entry.text;
  auto says = [&](std::string_view word) {
    return text.find(fmt::format(": {}", word)) != std::string::npos ||
           text.find(fmt::format(", {}", word)) != std::string::npos;
  };
  return says("hangs") || says("waits ") || says("drips ");
}

/// "in "step: poll home"": the last step that had begun.
std::string where(Entries entries) {
  auto is_step = [](const TranscriptEntry& entry) {
    return entry.connection.empty() && entry.who == Who::rig && entry.text.starts_with("step: ");
  };
  const auto step = std::find_if(entries.rbegin(), entries.rend(), is_step);
  return step == entries.rend() ? std::string("before the first step") : fmt::format("in \"{}\"", step->text);
}

/// What one session shows: its last line of each side, and the rule that held the server's reply back.
struct LastSaid {
  const TranscriptEntry* client = nullptr;
  const TranscriptEntry* server = nullptr;
  const TranscriptEntry* rule = nullptr;  // after the client's last line
};

LastSaid last_said(Entries entries, std::string_view connection) {
  LastSaid said;
  for (const TranscriptEntry& entry : entries) {
    if (entry.connection != connection) continue;
    if (entry.who == Who::client) said = {.client = &entry};
    if (entry.who == Who::server) said.server = &entry;
    if (holds_back(entry)) said.rule = &entry;
  }
  return said;
}

std::string whose_turn_in(const LastSaid& said, std::string_view connection) {
  const std::string_view server = connection.substr(0, connection.rfind('#'));
  const std::string by = said.rule == nullptr ? std::string() : fmt::format(" ({})", printable(said.rule->text, 120));
  if (said.client == nullptr && (said.server == nullptr || said.rule != nullptr))
    return fmt::format("the server {} was slow: its greeting on {} is not complete{}", server, connection, by);
  if (said.client != nullptr && (said.server == nullptr || said.rule != nullptr))
    return fmt::format("the server {} was slow: \"{}\" of +{} on {} has no {}answer{}", server,
                       printable(said.client->text, 80), format_duration(said.client->at), connection,
                       said.server == nullptr ? "" : "complete ", by);
  return fmt::format("the client was slow: it had \"{}\" of {} since +{} and said nothing more",
                     printable(said.server->text, 80), connection, format_duration(said.server->at));
}

}  // namespace

std::string whose_turn(std::span<const TranscriptEntry> entries) {
  auto is_of_session = [](const TranscriptEntry& entry) {
    return !entry.connection.empty() && (entry.who != Who::rig || holds_back(entry));
  };
  const auto last = std::find_if(entries.rbegin(), entries.rend(), is_of_session);
  const auto note = std::find_if(entries.rbegin(), entries.rend(), [](const TranscriptEntry& entry) {
    return entry.connection.empty() && entry.who == Who::client;
  });
  // What the client did after the last line of any session: a connection of which no server has said anything.
  if (note != entries.rend() && note < last && note->text.find("connects to ") != std::string::npos)
    return fmt::format("{}; a server was slow: \"{}\" of +{} has brought no greeting", where(entries),
                       printable(note->text, 80), format_duration(note->at));
  if (last == entries.rend())
    return fmt::format("{}; nothing has been said yet, so the client was slow", where(entries));
  return fmt::format("{}; {}", where(entries), whose_turn_in(last_said(entries, last->connection), last->connection));
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

}  // namespace mailrig::scenarios
