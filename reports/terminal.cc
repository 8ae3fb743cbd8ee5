#include "reports/terminal.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "reports/clean.h"
#include "reports/latency.h"
#include "reports/source_excerpt.h"
#include "reports/threshold.h"

namespace mailrig::reports {
namespace {

constexpr std::string_view green = "32", red = "31", yellow = "33", magenta = "35", cyan = "36", bold = "1", dim = "2";

std::string painted(std::string_view text, std::string_view colour, const Style& style) {
  return style.colour ? fmt::format("\x1b[{}m{}\x1b[0m", colour, text) : std::string(text);
}

std::string_view colour_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return green;
    case Verdict::fail:
    case Verdict::hang: return red;
    case Verdict::error: return magenta;
    case Verdict::skipped:
    case Verdict::known: return cyan;
    case Verdict::non_strict: return yellow;
  }
  return magenta;
}

std::string_view word_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return "PASS";
    case Verdict::fail: return "FAIL";
    case Verdict::error: return "ERROR";
    case Verdict::hang: return "HANG";
    case Verdict::skipped: return "SKIP";
    case Verdict::non_strict: return "NON-STRICT";
    case Verdict::known: return "KNOWN";
  }
  return "ERROR";
}

/// Each line of `text` behind `margin`; the last one ends in a line feed too.
std::string indented(std::string_view text, std::string_view margin) {
  std::string out;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    out += fmt::format("{}{}\n", margin, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

/// A value after its label of ten columns, further lines of a long one under the first.
std::string value_text(std::string_view value) {
  constexpr std::string_view margin = "              ";
  std::string text = indented(value.empty() ? "(nothing)" : clean(value), margin);
  return text.substr(margin.size());
}

std::string heading(const Finding& finding, const Style& style) {
  std::string level = finding.level == Level::must ? "" : fmt::format(" [{}]", to_string(finding.level));
  return painted(fmt::format("{} {}{}", to_string(finding.kind), clean_line(finding.name), level), bold, style);
}

/// A finding in full, but for its first line.
std::string body_of(const Finding& finding, const Style& style) {
  std::string out = indented(clean(finding.message), "    ");
  out += indented(caret_lines(excerpt(finding.place)), "    ");
  if (!finding.expected.empty() || !finding.actual.empty()) {
    out += "    expected  " + value_text(finding.expected);
    // What is wrong with a file has been said, and nothing was measured.
    if (finding.kind != Finding::Kind::error || !finding.actual.empty())
      out += "    actual    " + value_text(finding.actual);
  }
  if (!finding.last_exchanges.empty()) {
    out += "    last exchanges:\n";
    for (const std::string& line : finding.last_exchanges)
      out += fmt::format("      {}\n", painted(clean_line(line), dim, style));
  }
  if (!finding.nearest_rule.empty())
    out += fmt::format("    a rule that did not fire: {}\n", clean_line(finding.nearest_rule));
  return out;
}

std::string place_prefix(const SourcePlace& place) {
  return place.file.empty() ? "" : fmt::format("{}: ", clean_line(to_string(place)));
}

/// One line, for findings that do not decide.
std::string short_text(const Finding& finding) {
  std::string text =
      fmt::format("  {} {}{}", to_string(finding.level), place_prefix(finding.place), clean_line(finding.name));
  if (!finding.message.empty()) text += ": " + clean_line(finding.message);
  if (!finding.expected.empty() || !finding.actual.empty())
    text += fmt::format(": expected {}, actual {}", clean_line(finding.expected),
                        finding.actual.empty() ? "(nothing)" : clean_line(finding.actual));
  return text + "\n";
}

bool is_told_in_full(Verdict verdict) {
  return verdict == Verdict::fail || verdict == Verdict::error || verdict == Verdict::hang ||
         verdict == Verdict::non_strict;
}

std::string latency_text(const RunOutcome& run, const Style& style) {
  std::vector<LatencyRow> rows = latency_rows(run);
  auto is_asked_for = [&](const LatencyRow& row) {
    return style.verbose || std::ranges::any_of(run.thresholds, [&](const Threshold& threshold) {
             const Result<ThresholdRule> rule = parse_threshold(threshold.text);
             return rule && rule->step == row.step && (!rule->clock || *rule->clock == row.clock);
           });
  };
  std::erase_if(rows, [&](const LatencyRow& row) { return !is_asked_for(row); });
  if (rows.empty()) return {};
  std::size_t width = 0;
  for (const LatencyRow& row : rows) width = std::max(width, row.step.size());
  std::string out = painted("latencies", bold, style) + "\n";
  for (const LatencyRow& row : rows)
    out += fmt::format("  {:<{}}  {:<7}  {}\n", clean_line(row.step), width, to_string(row.clock), describe(row.spans));
  return out;
}

std::string thresholds_text(const RunOutcome& run, const Style& style) {
  if (run.thresholds.empty()) return {};
  std::string out = painted("thresholds", bold, style) + "\n";
  for (const Threshold& threshold : run.thresholds)
    out +=
        fmt::format("  {} {}: {}\n", threshold.held ? painted("held  ", green, style) : painted("BROKEN", red, style),
                    clean_line(threshold.text), clean_line(threshold.measured));
  return out;
}

/// The scenarios that make the run fail, once more and close to the end, where people look.
std::string failures_text(const RunOutcome& run, const Style& style) {
  std::string out;
  for (const Outcome& outcome : run.scenarios)
    if (is_failure(outcome.verdict, run.strict)) out += "  " + progress_line(outcome, style);
  return out.empty() ? out : painted("failed", bold, style) + "\n" + out;
}

std::string totals_line(const RunOutcome& run, const Style& style) {
  VerdictCounts counts = count_verdicts(run);
  bool failed = has_failed(run);
  if (counts.total() == 0 && !failed)
    return fmt::format("{}: no scenario was selected; seed {}\n", painted("NOTHING RAN", yellow, style), run.seed);
  std::string line = fmt::format("{}: ", painted(failed ? "FAILED" : "OK", failed ? red : green, style));
  line += fmt::format("{} scenario{} in {}: {}", counts.total(), counts.total() == 1 ? "" : "s", for_people(run.took),
                      in_words(counts));
  auto broken = static_cast<std::size_t>(std::count_if(run.thresholds.begin(), run.thresholds.end(),
                                                       [](const Threshold& threshold) { return !threshold.held; }));
  if (broken > 0) line += fmt::format("; {} threshold{} broke", broken, broken == 1 ? "" : "s");
  if (!run.invalid_files.empty())
    line += fmt::format("; {} invalid file{}", run.invalid_files.size(), run.invalid_files.size() == 1 ? "" : "s");
  line += fmt::format("; seed {}{}\n", run.seed, run.strict ? ", strict" : "");
  if (!run.incomplete.empty())
    line += fmt::format("{}: {}\n", painted("INCOMPLETE", yellow, style), clean_line(run.incomplete));
  return line;
}

}  // namespace

std::string progress_line(const Outcome& outcome, const Style& style) {
  std::string line = fmt::format("{} {} {}", painted(word_of(outcome.verdict), colour_of(outcome.verdict), style),
                                 label(outcome), for_people(outcome.took));
  if (!outcome.reason.empty()) line += ": " + clean_line(outcome.reason);
  return line + "\n";
}

std::string findings_text(const Outcome& outcome, const Style& style) {
  std::string out;
  if (!is_told_in_full(outcome.verdict)) {
    for (const Finding& finding : outcome.findings) out += short_text(finding);
    return out;
  }
  out += fmt::format("  {}\n", clean_line(outcome.title));
  for (const Finding& finding : outcome.findings) {
    out += fmt::format("  {}: {}{}\n", clean_line(outcome.id), place_prefix(finding.place), heading(finding, style));
    out += body_of(finding, style);
  }
  if (outcome.closing != Closing::clean)
    out += fmt::format("  closing: {} ({})\n", to_string(outcome.closing), meaning(outcome.closing));
  if (!outcome.hint.empty()) out += fmt::format("  hint: {}\n", clean_line(outcome.hint));
  if (!outcome.replay.empty()) out += fmt::format("  again: {}\n", painted(clean_line(outcome.replay), bold, style));
  return out;
}

std::string invalid_file_text(const Finding& finding, const Style& style) {
  std::string mark = painted("INVALID", magenta, style);
  return fmt::format("{} {}{}\n{}", mark, place_prefix(finding.place), heading(finding, style),
                     body_of(finding, style));
}

std::string summary_text(const RunOutcome& run, const Style& style) {
  std::string out;
  for (const std::string& warning : run.warnings)
    out += fmt::format("{} {}\n", painted("WARNING", yellow, style), clean_line(warning));
  out += latency_text(run, style);
  out += thresholds_text(run, style);
  out += failures_text(run, style);
  return out + totals_line(run, style);
}

std::string live_line(const Progress& progress, std::size_t columns, const Style& style) {
  std::size_t done = progress.counts.total();
  std::string line = fmt::format("[{}/{}] ", done, progress.total);
  if (done > 0) line += in_words(progress.counts) + "  ";
  line += clean_line(progress.running);
  // The last column stays free: a terminal that wraps there could not be taken back by \r.
  std::size_t room = columns > 0 ? columns - 1 : 0;
  std::size_t end = 0;
  for (std::size_t column = 0; column < room && end < line.size(); ++column)
    end += utf8_length(std::string_view(line).substr(end));
  std::string shown = line.substr(0, end);
  bool good =
      done == progress.counts[Verdict::pass] + progress.counts[Verdict::skipped] + progress.counts[Verdict::known];
  return fmt::format("{}{}", live_line_end, painted(shown, good ? green : red, style));
}

}  // namespace mailrig::reports
