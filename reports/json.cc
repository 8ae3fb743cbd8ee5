#include "reports/json.h"

#include "reports/source_excerpt.h"
#include "reports/summary.h"

namespace mailrig::reports {
namespace {

using Layout = JsonWriter::Layout;

void write_texts(JsonWriter& json, const std::vector<std::string>& texts, Layout layout) {
  json.begin_array(layout);
  for (const std::string& text : texts) json.text(text);
  json.end_array();
}

void write_position(JsonWriter& json, std::size_t position) {
  if (position == 0)
    json.null();
  else
    json.number(position);
}

void write_finding(JsonWriter& json, const Finding& finding) {
  bool compares = !finding.expected.empty() || !finding.actual.empty();
  SourceExcerpt shown = excerpt(finding.place);
  json.begin_object();
  json.key("kind").text(to_string(finding.kind));
  json.key("level").text(to_string(finding.level));
  json.key("name").text(finding.name);
  json.key("message").text(finding.message);
  json.key("expected");
  compares ? json.text(finding.expected) : json.null();
  json.key("actual");
  compares ? json.text(finding.actual) : json.null();
  json.key("file").text_or_null(finding.place.file);
  json.key("line");
  write_position(json, finding.place.line);
  json.key("column");
  write_position(json, finding.place.column);
  json.key("row").text_or_null(finding.place.row);
  json.key("source_line").text_or_null(shown.line);
  json.key("caret_column");
  write_position(json, shown.column);
  json.key("last_exchanges");
  write_texts(json, finding.last_exchanges, Layout::block);
  json.key("nearest_rule").text_or_null(finding.nearest_rule);
  json.end_object();
}

void write_findings(JsonWriter& json, const std::vector<Finding>& findings) {
  json.begin_array();
  for (const Finding& finding : findings) write_finding(json, finding);
  json.end_array();
}

std::string_view word_for(TranscriptEntry::Who who) {
  switch (who) {
    case TranscriptEntry::Who::client: return "client";
    case TranscriptEntry::Who::server: return "server";
    case TranscriptEntry::Who::rig: return "rig";
  }
  return "rig";
}

void write_transcript(JsonWriter& json, const Outcome& outcome) {
  json.begin_object();
  json.key("entries").begin_array();
  for (const TranscriptEntry& entry : outcome.transcript) {
    json.begin_object(Layout::line);
    json.key("at_us").microseconds(entry.at);
    json.key("connection").text_or_null(entry.connection);
    json.key("who").text(word_for(entry.who));
    json.key("text").text(entry.text);
    json.end_object();
  }
  json.end_array();
  std::size_t elided = 0;
  for (const TranscriptGap& gap : outcome.transcript_gaps) elided += gap.elided;
  json.key("elided").number(elided);
  json.key("elided_after")
      .number(outcome.transcript_gaps.empty() ? outcome.transcript.size() : outcome.transcript_gaps.front().after);
  json.key("gaps").begin_array();
  for (const TranscriptGap& gap : outcome.transcript_gaps) {
    json.begin_object(Layout::line);
    json.key("after").number(gap.after);
    json.key("elided").number(gap.elided);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

void write_summary(JsonWriter& json, const RunOutcome& run) {
  VerdictCounts counts = count_verdicts(run);
  json.begin_object();
  json.key("total").number(counts.total());
  for (Verdict verdict : all_verdicts) json.key(to_string(verdict)).number(counts[verdict]);
  json.key("failed").boolean(has_failed(run));
  json.key("took_us").microseconds(run.took);
  json.end_object();
}

}  // namespace

void write_latency(JsonWriter& json, const LatencyRow& row) {
  const Histogram& spans = row.spans;
  json.key("clock").text(to_string(row.clock));
  json.key("unit").text("us");
  json.key("count").number(spans.count());
  json.key("p50").microseconds(spans.percentile(50));
  json.key("p90").microseconds(spans.percentile(90));
  json.key("p99").microseconds(spans.percentile(99));
  json.key("max").microseconds(spans.max());
  json.key("values");
  if (spans.count() < percentiles_from) {
    json.begin_array();
    for (Duration value : spans.values()) json.microseconds(value);
    json.end_array();
  } else {
    json.null();
  }
}

void write_scenario(JsonWriter& json, const Outcome& outcome) {
  json.begin_object();
  json.key("id").text(outcome.id);
  json.key("title").text(outcome.title);
  json.key("why").text_or_null(outcome.why);
  json.key("hint").text_or_null(outcome.hint);
  json.key("file").text_or_null(outcome.file);
  json.key("tags");
  write_texts(json, outcome.tags, Layout::line);
  json.key("covers");
  write_texts(json, outcome.covers, Layout::line);
  json.key("world").text(to_string(outcome.world));
  json.key("repeat").number(outcome.repeat);
  json.key("verdict").text(to_string(outcome.verdict));
  json.key("reason").text_or_null(outcome.reason);
  json.key("closing").text(to_string(outcome.closing));
  json.key("seed").text(std::to_string(outcome.seed));
  json.key("digest");
  outcome.digest ? json.text(*outcome.digest) : json.null();
  json.key("took_us").microseconds(outcome.took);
  json.key("replay").text_or_null(outcome.replay);
  json.key("story");
  write_texts(json, outcome.story, Layout::block);
  json.key("findings");
  write_findings(json, outcome.findings);
  json.key("accounts").begin_object();
  for (const auto& [name, account] : outcome.accounts) {
    json.key(name).begin_object(Layout::line);
    json.key("state").text(account.state);
    json.key("message").text_or_null(account.message);
    json.end_object();
  }
  json.end_object();
  json.key("latencies").begin_object();
  for (const LatencyRow& row : latency_rows(outcome)) {
    json.key(row.step).begin_object(Layout::line);
    write_latency(json, row);
    json.end_object();
  }
  json.end_object();
  json.key("notes").begin_object();
  for (const auto& [name, note] : outcome.notes) json.key(name).text(note);
  json.end_object();
  json.key("transcript");
  write_transcript(json, outcome);
  json.end_object();
}

std::string to_json(const RunOutcome& run) {
  JsonWriter json;
  json.begin_object();
  json.key("schema").text(report_schema_name);
  json.key("version").text(run.version);
  json.key("seed").text(std::to_string(run.seed));
  json.key("strict").boolean(run.strict);
  json.key("incomplete").text_or_null(run.incomplete);
  json.key("summary");
  write_summary(json, run);
  json.key("thresholds").begin_array();
  for (const Threshold& threshold : run.thresholds) {
    json.begin_object(Layout::line);
    json.key("text").text(threshold.text);
    json.key("held").boolean(threshold.held);
    json.key("measured").text(threshold.measured);
    json.end_object();
  }
  json.end_array();
  json.key("invalid_files");
  write_findings(json, run.invalid_files);
  json.key("warnings");
  write_texts(json, run.warnings, Layout::block);
  json.key("scenarios").begin_array();
  for (const Outcome& outcome : run.scenarios) write_scenario(json, outcome);
  json.end_array();
  json.end_object();
  return json.take();
}

}  // namespace mailrig::reports
