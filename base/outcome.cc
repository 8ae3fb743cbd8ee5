#include "base/outcome.h"

#include <fmt/format.h>

namespace mailrig {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return "pass";
    case Verdict::fail: return "fail";
    case Verdict::error: return "error";
    case Verdict::hang: return "hang";
    case Verdict::skipped: return "skipped";
    case Verdict::non_strict: return "non-strict";
    case Verdict::known: return "known";
  }
  return "error";
}

std::string_view to_string(Closing closing) {
  switch (closing) {
    case Closing::clean: return "clean";
    case Closing::unclean: return "unclean";
    case Closing::aborted: return "aborted";
    case Closing::timed_out: return "timed-out";
  }
  return "aborted";
}

std::string_view to_string(Level level) {
  switch (level) {
    case Level::must: return "MUST";
    case Level::should: return "SHOULD";
    case Level::info: return "INFO";
  }
  return "MUST";
}

std::string_view to_string(WorldKind world) { return world == WorldKind::sim ? "sim" : "net"; }

std::string to_string(const SourcePlace& place) {
  std::string text = place.file;
  if (place.line > 0) text += fmt::format(":{}:{}", place.line, place.column);
  if (!place.row.empty()) text += fmt::format(" ({})", place.row);
  return text;
}

std::string caret(const SourcePlace& place) {
  if (place.source_line.empty() || place.column == 0) return {};
  std::string under;
  std::size_t column = 1;
  for (std::size_t i = 0; i < place.source_line.size() && column < place.column; ++i) {
    auto byte = static_cast<unsigned char>(place.source_line[i]);
    if ((byte & 0xC0U) == 0x80U) continue;  // the rest of a code point
    under += byte == '\t' ? '\t' : ' ';
    ++column;
  }
  return fmt::format("{}\n{}^\n", place.source_line, under);
}

std::string_view to_string(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::expectation: return "expectation";
    case Finding::Kind::invariant: return "invariant";
    case Finding::Kind::rule: return "rule";
    case Finding::Kind::hang: return "hang";
    case Finding::Kind::error: return "error";
    case Finding::Kind::threshold: return "threshold";
  }
  return "error";
}

std::string_view to_string(TranscriptEntry::Who who) {
  switch (who) {
    case TranscriptEntry::Who::client: return "C";
    case TranscriptEntry::Who::server: return "S";
    case TranscriptEntry::Who::rig: return "*";
  }
  return "*";
}

std::string_view to_string(Latency::Clock clock) { return clock == Latency::Clock::virtual_time ? "virtual" : "wall"; }

bool is_failure(Verdict verdict, bool strict) {
  switch (verdict) {
    case Verdict::fail:
    case Verdict::error:
    case Verdict::hang: return true;
    case Verdict::non_strict: return strict;
    default: return false;
  }
}

}  // namespace mailrig
