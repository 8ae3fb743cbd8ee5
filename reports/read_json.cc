#include "reports/read_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/text.h"
#include "reports/json.h"
#include "reports/latency.h"

namespace mailrig::reports {
namespace {

using Json = nlohmann::json;

/// What is wrong, and where; never leaves this file.
class Wrong : public std::runtime_error {
 public:
  Wrong(const std::string& path, std::string_view what) : std::runtime_error(fmt::format("{}: {}", path, what)) {}
};

/// A value and the path to it, for errors.
class Part {
 public:
  Part(const Json& json, std::string path) : json_(json), path_(std::move(path)) {}

  Part operator[](const char* key) const {
    if (!json_.is_object()) throw Wrong(path_.empty() ? "the report" : path_, "is not an object");
    const auto found = json_.find(key);
    if (found == json_.end()) throw Wrong(within(key), "is missing");
    return {*found, within(key)};
  }
  bool is_null() const { return json_.is_null(); }

  std::string text() const {
    if (!json_.is_string()) throw Wrong(path_, "is not a text");
    return json_.get<std::string>();
  }
  std::string text_or_nothing() const { return is_null() ? std::string() : text(); }
  bool boolean() const {
    if (!json_.is_boolean()) throw Wrong(path_, "is neither true nor false");
    return json_.get<bool>();
  }
  std::size_t whole() const {
    if (!json_.is_number_unsigned()) throw Wrong(path_, "is not a whole number");
    return json_.get<std::size_t>();
  }
  [[noreturn]] void refuse(std::string_view what) const { throw Wrong(path_, what); }
  std::size_t whole_or_nothing() const { return is_null() ? 0 : whole(); }
  Duration microseconds() const {
    if (!json_.is_number()) throw Wrong(path_, "is not a number of microseconds");
    const double value = json_.get<double>();
    if (std::abs(value) > 9e15) throw Wrong(path_, "is longer than a run can be");
    return Duration(std::llround(value * 1000));
  }
  std::uint64_t seed() const {
    const std::string digits = text();
    std::uint64_t seed = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), seed);
    if (failed != std::errc() || end != digits.data() + digits.size())
      throw Wrong(path_, fmt::format("\"{}\" is not a seed", printable(digits)));
    return seed;
  }
  /// One of the names of an enum, counted from its first value.
  template <class Enum>
  Enum choice(std::size_t count) const {
    const std::string name = text();
    for (std::size_t i = 0; i < count; ++i)
      if (to_string(static_cast<Enum>(i)) == name) return static_cast<Enum>(i);
    throw Wrong(path_, fmt::format("\"{}\" is not one of its names", printable(name)));
  }

  template <class Visit>
  void each(Visit visit) const {
    if (!json_.is_array()) throw Wrong(path_, "is not a list");
    for (std::size_t i = 0; i < json_.size(); ++i) visit(Part(json_[i], fmt::format("{}[{}]", path_, i)));
  }
  template <class Visit>
  void each_entry(Visit visit) const {
    if (!json_.is_object()) throw Wrong(path_, "is not an object");
    for (const auto& [key, value] : json_.items()) visit(key, Part(value, within(key)));
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> list;
    each([&list](const Part& item) { list.push_back(item.text()); });
    return list;
  }

 private:
  std::string within(std::string_view key) const {
    return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
  }

  const Json& json_;
  std::string path_;
};

Finding read_finding(const Part& json) {
  Finding finding;
  finding.kind = json["kind"].choice<Finding::Kind>(static_cast<std::size_t>(Finding::Kind::threshold) + 1);
  finding.level = json["level"].choice<Level>(static_cast<std::size_t>(Level::info) + 1);
  finding.name = json["name"].text();
  finding.message = json["message"].text();
  finding.expected = json["expected"].text_or_nothing();
  finding.actual = json["actual"].text_or_nothing();
  finding.place.file = json["file"].text_or_nothing();
  finding.place.line = json["line"].whole_or_nothing();
  finding.place.column = json["column"].whole_or_nothing();
  finding.place.row = json["row"].text_or_nothing();
  finding.place.source_line = json["source_line"].text_or_nothing();
  finding.place.caret_column = json["caret_column"].whole_or_nothing();
  finding.place.is_excerpt = !finding.place.source_line.empty();
  finding.last_exchanges = json["last_exchanges"].texts();
  finding.nearest_rule = json["nearest_rule"].text_or_nothing();
  return finding;
}

std::vector<Finding> read_findings(const Part& json) {
  std::vector<Finding> findings;
  json.each([&findings](const Part& item) { findings.push_back(read_finding(item)); });
  return findings;
}

TranscriptEntry::Who read_who(const Part& json) {
  const std::string word = json.text();
  if (word == "client") return TranscriptEntry::Who::client;
  return word == "server" ? TranscriptEntry::Who::server : TranscriptEntry::Who::rig;
}

void read_transcript(const Part& json, Outcome& outcome) {
  json["entries"].each([&outcome](const Part& item) {
    outcome.transcript.push_back({.at = item["at_us"].microseconds(),
                                  .connection = item["connection"].text_or_nothing(),
                                  .who = read_who(item["who"]),
                                  .text = item["text"].text()});
  });
  json["gaps"].each([&outcome](const Part& item) {
    outcome.transcript_gaps.push_back({.after = item["after"].whole(), .elided = item["elided"].whole()});
  });
}

// A count that no run of this program reaches; what a report claims beyond it would only take memory.
constexpr std::size_t latencies_max = 100'000'000;

/// `count` values that have these percentiles by nearest rank.
Histogram with_percentiles(const Part& json, std::size_t count) {
  struct Rank {
    double percent;
    const char* key;
  };
  constexpr std::array<Rank, 4> ranks{{{50, "p50"}, {90, "p90"}, {99, "p99"}, {100, "max"}}};
  Histogram spans;
  for (const auto& [percent, key] : ranks) {
    const Duration value = json[key].microseconds();
    const auto last = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(count)));
    while (spans.count() < last) spans.add(value);
  }
  return spans;
}

Latency read_latency(const Part& json) {
  Latency latency;
  latency.clock = json["clock"].choice<Latency::Clock>(static_cast<std::size_t>(Latency::Clock::wall) + 1);
  const std::size_t count = json["count"].whole();
  if (count > latencies_max) json["count"].refuse("is more than a run can have");
  if (!json["values"].is_null())
    json["values"].each([&latency](const Part& item) { latency.spans.add(item.microseconds()); });
  else
    latency.spans = with_percentiles(json, count);
  return latency;
}

Outcome read_scenario(const Part& json) {
  Outcome outcome;
  outcome.id = json["id"].text();
  outcome.title = json["title"].text();
  outcome.why = json["why"].text_or_nothing();
  outcome.hint = json["hint"].text_or_nothing();
  outcome.file = json["file"].text_or_nothing();
  outcome.tags = json["tags"].texts();
  outcome.covers = json["covers"].texts();
  outcome.world = json["world"].choice<WorldKind>(static_cast<std::size_t>(WorldKind::net) + 1);
  outcome.repeat = static_cast<unsigned>(json["repeat"].whole());
  outcome.verdict = json["verdict"].choice<Verdict>(verdict_count);
  outcome.reason = json["reason"].text_or_nothing();
  outcome.closing = json["closing"].choice<Closing>(static_cast<std::size_t>(Closing::timed_out) + 1);
  outcome.seed = json["seed"].seed();
  if (!json["digest"].is_null()) outcome.digest = json["digest"].text();
  outcome.took = json["took_us"].microseconds();
  outcome.replay = json["replay"].text_or_nothing();
  outcome.story = json["story"].texts();
  outcome.findings = read_findings(json["findings"]);
  json["accounts"].each_entry([&outcome](const std::string& name, const Part& account) {
    outcome.accounts[name] = {account["state"].text(), account["message"].text_or_nothing()};
  });
  json["latencies"].each_entry(
      [&outcome](const std::string& step, const Part& latency) { outcome.latencies[step] = read_latency(latency); });
  json["notes"].each_entry(
      [&outcome](const std::string& name, const Part& note) { outcome.notes[name] = note.text(); });
  read_transcript(json["transcript"], outcome);
  return outcome;
}

RunOutcome read_run(const Part& json) {
  if (const std::string schema = json["schema"].text(); schema != report_schema_name)
    throw Wrong("schema", fmt::format("\"{}\" is not {}", printable(schema), report_schema_name));
  RunOutcome run;
  run.version = json["version"].text();
  run.seed = json["seed"].seed();
  run.strict = json["strict"].boolean();
  run.incomplete = json["incomplete"].text_or_nothing();
  run.took = json["summary"]["took_us"].microseconds();
  json["thresholds"].each([&run](const Part& item) {
    run.thresholds.push_back(
        {.text = item["text"].text(), .held = item["held"].boolean(), .measured = item["measured"].text()});
  });
  run.invalid_files = read_findings(json["invalid_files"]);
  run.warnings = json["warnings"].texts();
  json["scenarios"].each([&run](const Part& item) { run.scenarios.push_back(read_scenario(item)); });
  return run;
}

}  // namespace

Result<RunOutcome> read_report(std::string_view text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (json.is_discarded()) return Error{Errc::bad_input, "this is not JSON, or not the whole of it"};
  try {
    return read_run(Part(json, {}));
  } catch (const Wrong& wrong) {
    return Error{Errc::bad_input, fmt::format("this is not a report of mailrig: {}", wrong.what())};
  }
}

}  // namespace mailrig::reports
