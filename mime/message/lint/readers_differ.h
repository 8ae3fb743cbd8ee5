#pragma once
/// Where mail programs and libraries read a message otherwise than mailrig does: measured, not derived from standards.
///
///   for (const ReaderFinding& finding : reader_findings(message, examine(message)))
///     print(finding.offset, finding.note->construct, readers_with_versions(finding.note->others[0].readers));
///
/// 18 readers were given the same messages (docs/mime-decisions.md has their versions and the date). A row is what they
/// made of one construct.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mime/message/message.h"

namespace mailrig::mime {

struct OtherReading {
  std::string_view readers;  // "GMime, Ruby mail"
  std::string_view reading;  // "take the last"
};

struct ReaderNote {
  std::string_view name;               // of the construct: "two-content-types". Never changes
  std::string_view construct;          // "Content-Type stands twice"
  std::string_view ours;               // "the first counts"
  std::array<OtherReading, 4> others;  // those with no readers are not there
};

struct ReaderFinding {
  std::uint64_t offset;  // in the source
  const ReaderNote* note;
};

// The day on which the readers were asked.
inline constexpr std::string_view readers_measured_on = "2026-11-30";

/// In the order of their offsets, each construct once. `defects`: of examine().
std::vector<ReaderFinding> reader_findings(const Message& message, const Defects& defects);

/// "GMime 3.2.13, Ruby mail 2.7.1"
std::string readers_with_versions(std::string_view readers);

/// "Content-Type stands twice: the first counts; GMime 3.2.13, Ruby mail 2.7.1: the last; ... (measured 2026-11-30)"
std::string to_string(const ReaderNote& note);

}  // namespace mailrig::mime
