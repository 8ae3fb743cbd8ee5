#include "reports/html.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sha256.h"
#include "embedded/report_page.h"
#include "reports/clean.h"
#include "reports/json.h"
#include "reports/latency.h"
#include "reports/summary.h"
#include "reports/terminal.h"

namespace mailrig::reports {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : clean(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

/// RFC 4648 §4.
std::string base64(const Sha256::Digest& digest) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < digest.size(); i += 3) {
    auto octet = [&](std::size_t at) { return at < digest.size() ? static_cast<unsigned>(digest[at]) : 0U; };
    unsigned group = octet(i) << 16U | octet(i + 1) << 8U | octet(i + 2);
    for (unsigned shift : {18U, 12U, 6U, 0U}) out += alphabet[group >> shift & 0x3FU];
  }
  // 32 octets are ten groups and two octets: one padding character.
  out.back() = '=';
  return out;
}

/// What a Content-Security-Policy calls an inline text.
std::string csp_hash(std::string_view text) {
  Sha256 sum;
  sum.update(text);
  return "'sha256-" + base64(sum.finish()) + "'";
}

/// All scripts as one, in a scope of their own.
std::string script_text() {
  using namespace embedded::report_page;
  std::string text = "(() => {\n";
  for (std::string_view part : {base_js, latency_js, transcript_js, detail_js, list_js}) text += part;
  return text + "})();\n";
}

std::string head(const RunOutcome& run) {
  std::string_view style = embedded::report_page::page_css;
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}; script-src {}; "
      "base-uri "
      "'none'; form-action 'none'\">\n"
      "<title>{} – mailrig report</title>\n<style>{}</style>\n</head>\n<body>\n",
      csp_hash(style), csp_hash(script_text()), in_words(count_verdicts(run)), style);
}

std::string title_and_totals(const RunOutcome& run) {
  VerdictCounts counts = count_verdicts(run);
  bool failed = has_failed(run);
  bool empty = counts.total() == 0 && !failed;
  std::string out = fmt::format(
      "<header>\n<h1>mailrig report <span class=\"result {}\">{}</span></h1>\n"
      "<p class=\"subtitle\">{} scenario{} in {} · seed <code>{}</code> · mailrig {}{}</p>\n",
      failed  ? "failed"
      : empty ? "empty"
              : "ok",
      failed  ? "FAILED"
      : empty ? "NOTHING RAN"
              : "OK",
      counts.total(), counts.total() == 1 ? "" : "s", for_people(run.took), run.seed, escaped(run.version),
      run.strict ? " · strict" : "");

  out += fmt::format(
      "<svg class=\"bar\" role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} 1\" preserveAspectRatio=\"none\">",
      in_words(counts), std::max<std::size_t>(counts.total(), 1));
  std::size_t x = 0;
  for (Verdict verdict : all_verdicts) {
    if (counts[verdict] == 0) continue;
    out += fmt::format("<rect class=\"{}\" x=\"{}\" y=\"0\" width=\"{}\" height=\"1\"/>", to_string(verdict), x,
                       counts[verdict]);
    x += counts[verdict];
  }
  out += "</svg>\n<div class=\"totals\" role=\"group\" aria-label=\"Show only these verdicts\">\n";
  for (Verdict verdict : all_verdicts)
    out += fmt::format(
        "<button type=\"button\" class=\"total {0}\" data-verdict=\"{0}\" aria-pressed=\"false\" title=\"{1}\"{2}>"
        "<b>{3}</b> {0}</button>\n",
        to_string(verdict), escaped(meaning(verdict)), counts[verdict] == 0 ? " disabled" : "", counts[verdict]);
  return out + "</div>\n";
}

std::string thresholds(const RunOutcome& run) {
  if (run.thresholds.empty()) return {};
  std::string out = "<section class=\"panel\">\n<h2>Thresholds</h2>\n<table>\n";
  for (const Threshold& threshold : run.thresholds)
    out += fmt::format("<tr><td class=\"{0}\">{0}</td><td><code>{1}</code></td><td>{2}</td></tr>\n",
                       threshold.held ? "held" : "broken", escaped(threshold.text), escaped(threshold.measured));
  return out + "</table>\n</section>\n";
}

std::string incomplete(const RunOutcome& run) {
  if (run.incomplete.empty()) return {};
  return fmt::format("<section class=\"panel\">\n<h2>Incomplete</h2>\n<p>{}</p>\n</section>\n",
                     escaped(run.incomplete));
}

std::string invalid_files(const RunOutcome& run) {
  if (run.invalid_files.empty()) return {};
  std::string out = "<section class=\"panel\">\n<h2>Scenario files that could not be read</h2>\n";
  for (const Finding& finding : run.invalid_files)
    out += fmt::format("<pre>{}</pre>\n", escaped(invalid_file_text(finding)));
  return out + "</section>\n";
}

std::string warnings(const RunOutcome& run) {
  if (run.warnings.empty()) return {};
  std::string out = fmt::format("<details class=\"panel\">\n<summary>{} warning{}</summary>\n<ul>\n",
                                run.warnings.size(), run.warnings.size() == 1 ? "" : "s");
  for (const std::string& warning : run.warnings) out += fmt::format("<li>{}</li>\n", escaped(warning));
  return out + "</ul>\n</details>\n";
}

std::string legend() {
  std::string out = "<details class=\"panel\">\n<summary>What the words mean</summary>\n<dl class=\"legend\">\n";
  for (Verdict verdict : all_verdicts)
    out += fmt::format("<dt><span class=\"badge {0}\">{0}</span></dt><dd>{1}</dd>\n", to_string(verdict),
                       escaped(meaning(verdict)));
  for (Closing closing : {Closing::clean, Closing::unclean, Closing::aborted, Closing::timed_out})
    out += fmt::format("<dt><span class=\"badge closing\">{}</span></dt><dd>closing: {}</dd>\n", to_string(closing),
                       escaped(meaning(closing)));
  return out +
         "<dt>sim</dt><dd>virtual time and simulated links: the same seed gives the same transcript</dd>\n"
         "<dt>net</dt><dd>real sockets and real time</dd>\n</dl>\n</details>\n";
}

/// For browsers without script: every scenario in one line.
std::string plain_table(const RunOutcome& run) {
  std::string out =
      "<noscript>\n<table class=\"panel\">\n<thead><tr><th>verdict</th><th>scenario</th><th>title</th><th>what was "
      "found</th><th>took</th></tr></thead>\n<tbody>\n";
  for (const Outcome& outcome : run.scenarios)
    out += fmt::format(
        "<tr><td><span class=\"badge "
        "{0}\">{0}</span></td><td><code>{1}</code></td><td>{2}</td><td>{3}</td><td>{4}</td></tr>\n",
        to_string(outcome.verdict), escaped(label(outcome)), escaped(outcome.title), escaped(headline(outcome)),
        for_people(outcome.took));
  return out + "</tbody>\n</table>\n</noscript>\n";
}

constexpr std::string_view list_frame = R"html(<main>
<div class="tools" id="tools" hidden>
<input type="search" id="search" placeholder="Search id, title, tag, finding ... (press /)" aria-label="Search">
<select id="world" aria-label="World"><option value="">both worlds</option><option value="sim">sim</option><option value="net">net</option></select>
<select id="tag" aria-label="Tag"><option value="">all tags</option></select>
<button type="button" id="open-all">Open failures</button>
<button type="button" id="close-all">Close all</button>
<button type="button" id="reset" hidden>Show all</button>
<span class="shown" id="shown" role="status"></span>
</div>
<div id="list"></div>
<p class="none" id="none" hidden>No scenario fits the search and the filters.</p>
)html";

void write_index_entry(JsonWriter& json, const Outcome& outcome) {
  json.begin_object();
  json.key("anchor").text(anchor(outcome));
  json.key("id").text(outcome.id);
  json.key("title").text(outcome.title);
  json.key("headline").text(headline(outcome));
  json.key("verdict").text(to_string(outcome.verdict));
  json.key("closing").text(to_string(outcome.closing));
  json.key("world").text(to_string(outcome.world));
  json.key("repeat").number(outcome.repeat);
  json.key("file").text(outcome.file);
  json.key("took_us").microseconds(outcome.took);
  json.key("tags").begin_array();
  for (const std::string& tag : outcome.tags) json.text(tag);
  json.end_array();
  json.key("covers").begin_array();
  for (const std::string& covered : outcome.covers) json.text(covered);
  json.end_array();
  json.end_object();
}

std::string data(const RunOutcome& run) {
  JsonWriter index(JsonWriter::Target::html);
  index.begin_object();
  index.key("index").begin_array();
  for (const Outcome& outcome : run.scenarios) write_index_entry(index, outcome);
  index.end_array();
  index.key("latencies").begin_array();
  for (const LatencyRow& row : latency_rows(run)) {
    index.begin_object().key("step").text(row.step);
    write_latency(index, row);
    index.end_object();
  }
  index.end_array().end_object();
  std::string out = fmt::format("<script type=\"application/json\" id=\"run\">{}</script>\n", index.take());
  for (std::size_t i = 0; i < run.scenarios.size(); ++i) {
    JsonWriter json(JsonWriter::Target::html);
    write_scenario(json, run.scenarios[i]);
    out += fmt::format("<script type=\"application/json\" id=\"s{}\">{}</script>\n", i, json.take());
  }
  return out;
}

}  // namespace

std::string anchor(const Outcome& outcome) {
  std::string repeat = outcome.repeat > 0 ? fmt::format(".{}", outcome.repeat + 1) : "";
  return fmt::format("{}@{}{}", outcome.id, to_string(outcome.world), repeat);
}

std::string to_html(const RunOutcome& run) {
  std::string page = head(run);
  page += title_and_totals(run);
  page += thresholds(run);
  page += incomplete(run);
  page += invalid_files(run);
  page += warnings(run);
  page +=
      "<details class=\"panel\" id=\"overall-latencies\" hidden><summary>Latencies of the whole "
      "run</summary></details>\n";
  page += legend();
  page += "</header>\n";
  page += list_frame;
  page += plain_table(run);
  page += "</main>\n";
  page += data(run);
  page += fmt::format("<script>{}</script>\n</body>\n</html>\n", script_text());
  return page;
}

}  // namespace mailrig::reports
