#include "reports/threshold.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <span>

#include "base/step.h"
#include "base/text.h"
#include "reports/clean.h"
#include "reports/latency.h"

namespace mailrig::reports {
namespace {

using Metric = ThresholdRule::Metric;
using Operator = ThresholdRule::Operator;

constexpr std::array<std::string_view, 5> metric_names{"p50", "p90", "p99", "max", "count"};
constexpr std::array<std::string_view, 2> clock_names{"virtual", "wall"};

Error wrong(std::string_view text, std::string_view what) {
  return Error{Errc::bad_input,
               fmt::format("threshold \"{}\": {} (a threshold looks like 'retrieve.p90<50ms')", printable(text), what)};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Every step that can have been measured.
std::array<std::string_view, step_count - 1> step_names() {
  std::array<std::string_view, step_count - 1> names;
  for (std::size_t i = 1; i < step_count; ++i) names[i - 1] = to_string(static_cast<Step>(i));
  return names;
}

template <std::size_t N>
std::optional<std::size_t> index_of(std::string_view word, const std::array<std::string_view, N>& names) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == word) return i;
  return std::nullopt;
}

std::string unknown(std::string_view what, std::string_view word, std::span<const std::string_view> names) {
  std::string_view meant = nearest(word, names);
  std::string advice = meant.empty() ? fmt::format("it is one of {}", join_words(names, " or "))
                                     : fmt::format("did you mean \"{}\"?", meant);
  if (word.empty()) return fmt::format("the {} is missing; {}", what, advice);
  return fmt::format("unknown {} \"{}\"; {}", what, printable(word), advice);
}

/// Takes "virtual." or "wall." off the front.
std::optional<Latency::Clock> take_clock(std::string_view& subject) {
  std::size_t dot = subject.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  std::optional<std::size_t> index = index_of(trimmed(subject.substr(0, dot)), clock_names);
  if (!index) return std::nullopt;
  subject.remove_prefix(dot + 1);
  return *index == 0 ? Latency::Clock::virtual_time : Latency::Clock::wall;
}

Status read_value(std::string_view value, std::string_view text, ThresholdRule& rule) {
  if (rule.metric == Metric::count) {
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), rule.count);
    if (error != std::errc{} || end != value.data() + value.size())
      return wrong(text, fmt::format("a count is compared with a whole number, not with \"{}\"", printable(value)));
    return {};
  }
  Result<Duration> span = parse_duration(value);
  if (!span) return wrong(text, span.error().message);
  rule.span = *span;
  return {};
}

template <class Number>
bool compare(Number measured, Operator comparison, Number limit) {
  switch (comparison) {
    case Operator::less: return measured < limit;
    case Operator::at_most: return measured <= limit;
    case Operator::more: return measured > limit;
    case Operator::at_least: return measured >= limit;
  }
  return false;
}

Duration metric_of(const Histogram& spans, Metric metric) {
  switch (metric) {
    case Metric::p50: return spans.percentile(50);
    case Metric::p90: return spans.percentile(90);
    case Metric::p99: return spans.percentile(99);
    case Metric::max: return spans.max();
    case Metric::count: break;
  }
  return {};
}

bool holds(const ThresholdRule& rule, const Histogram& spans) {
  if (rule.metric == Metric::count) return compare<std::uint64_t>(spans.count(), rule.comparison, rule.count);
  return compare(metric_of(spans, rule.metric), rule.comparison, rule.span);
}

std::string measured(const ThresholdRule& rule, const LatencyRow& row) {
  std::string values = fmt::format("{} value{}", row.spans.count(), row.spans.count() == 1 ? "" : "s");
  if (rule.metric == Metric::count) return fmt::format("{} ({})", values, to_string(row.clock));
  return fmt::format("{} over {} ({})", format_duration(metric_of(row.spans, rule.metric)), values,
                     to_string(row.clock));
}

std::string nothing_measured(const ThresholdRule& rule, std::span<const LatencyRow> rows) {
  std::string step = fmt::format("no \"{}\" step was measured", rule.step);
  if (rule.clock) step += fmt::format(" on the {} clock", to_string(*rule.clock));
  std::vector<std::string_view> seen;
  for (const LatencyRow& row : rows)
    if (seen.empty() || seen.back() != row.step) seen.push_back(row.step);
  if (seen.empty()) return step + ": no scenario that ran has latencies";
  return fmt::format("{}; measured were {}", step, clean_line(join_words(seen)));
}

}  // namespace

Result<ThresholdRule> parse_threshold(std::string_view text) {
  std::size_t at = text.find_first_of("<>");
  if (at == std::string_view::npos) return wrong(text, "there is no <, <=, > or >=");
  bool or_equal = at + 1 < text.size() && text[at + 1] == '=';
  std::string_view subject = trimmed(text.substr(0, at));
  std::string_view value = trimmed(text.substr(at + (or_equal ? 2 : 1)));

  ThresholdRule rule;
  rule.text = text;
  if (text[at] == '<')
    rule.comparison = or_equal ? Operator::at_most : Operator::less;
  else
    rule.comparison = or_equal ? Operator::at_least : Operator::more;

  rule.clock = take_clock(subject);
  std::size_t dot = subject.rfind('.');
  if (dot == std::string_view::npos) return wrong(text, "there is no dot between step and metric");
  std::string_view step = trimmed(subject.substr(0, dot));
  std::string_view metric = trimmed(subject.substr(dot + 1));

  auto steps = step_names();
  if (!index_of(step, steps)) return wrong(text, unknown("step", step, steps));
  rule.step = step;
  std::optional<std::size_t> metric_index = index_of(metric, metric_names);
  if (!metric_index) return wrong(text, unknown("metric", metric, metric_names));
  rule.metric = static_cast<Metric>(*metric_index);
  if (value.empty()) return wrong(text, "there is nothing to compare with");
  if (Status read = read_value(value, text, rule); !read) return read.error();
  return rule;
}

Threshold judge(const ThresholdRule& rule, const RunOutcome& run) {
  Threshold judged{.text = rule.text, .held = true, .measured = {}};
  std::vector<LatencyRow> rows = latency_rows(run);
  for (const LatencyRow& row : rows) {
    if (row.step != rule.step || (rule.clock && *rule.clock != row.clock)) continue;
    if (!judged.measured.empty()) judged.measured += "; ";
    judged.measured += measured(rule, row);
    if (!holds(rule, row.spans)) judged.held = false;
  }
  if (judged.measured.empty()) {
    judged.held = false;
    judged.measured = nothing_measured(rule, rows);
  }
  return judged;
}

}  // namespace mailrig::reports
