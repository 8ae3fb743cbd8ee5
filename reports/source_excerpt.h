#pragma once
/// The line of a scenario file that a finding points at, fit to be printed: clean, without tabs, not too wide, and with
/// the caret where it belongs in the text as printed.
///
///   SourceExcerpt shown = excerpt(finding.place);
///   caret_lines(shown) == "  \"pasword\": 1\n  ^\n";

#include <string>

#include "base/outcome.h"

namespace mailrig::reports {

/// A wider line is cut on the side that is farther from the caret: scenario files may hold a message in one line.
inline constexpr std::size_t excerpt_columns_max = 120;

struct SourceExcerpt {
  std::string line;        // empty where the place has none
  std::size_t column = 0;  // of the caret, from 1, in code points of `line`; 0: no caret
};

SourceExcerpt excerpt(const SourcePlace& place);

/// The line and the caret under it, each ending in a line feed; empty without a line.
std::string caret_lines(const SourceExcerpt& shown);

}  // namespace mailrig::reports
