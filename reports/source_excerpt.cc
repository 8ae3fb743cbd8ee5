#include "reports/source_excerpt.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "reports/clean.h"

namespace mailrig::reports {
namespace {

constexpr std::string_view cut_mark = "...";

/// One text a column, as it is printed.
std::vector<std::string> columns_of(std::string_view text) {
  std::vector<std::string> columns;
  while (!text.empty()) {
    std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
    columns.emplace_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return columns;
}

}  // namespace

SourceExcerpt excerpt(const SourcePlace& place) {
  if (place.is_excerpt) return {.line = place.source_line, .column = place.caret_column};
  std::vector<std::string> printed;
  std::size_t caret = 0;
  std::vector<std::string> source = columns_of(place.source_line);
  if (source.empty()) return {};
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (i + 1 == place.column) caret = printed.size() + 1;
    std::vector<std::string> shown = columns_of(source[i] == "\t" ? " " : clean_line(source[i]));
    printed.insert(printed.end(), shown.begin(), shown.end());
  }
  if (place.column > source.size()) caret = printed.size() + 1;

  std::size_t first = 0;
  std::size_t last = printed.size();
  if (last > excerpt_columns_max) {
    // Two thirds of the width go to what stands before the caret: that is where the key is.
    constexpr std::size_t before = excerpt_columns_max * 2 / 3;
    first = std::min(caret > before ? caret - before : 0, last - excerpt_columns_max);
    last = first + excerpt_columns_max;
  }
  SourceExcerpt shown;
  if (first > 0) shown.line = cut_mark;
  for (std::size_t i = first; i < last; ++i) shown.line += printed[i];
  if (last < printed.size()) shown.line += cut_mark;
  if (caret > 0) shown.column = caret - first + (first > 0 ? cut_mark.size() : 0);
  return shown;
}

std::string caret_lines(const SourceExcerpt& shown) {
  if (shown.line.empty()) return {};
  std::string text = shown.line + "\n";
  if (shown.column > 0) text += std::string(shown.column - 1, ' ') + "^\n";
  return text;
}

}  // namespace mailrig::reports
