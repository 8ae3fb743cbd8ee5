#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "scenarios/language/parse/reading.h"

namespace mailrig::scenarios {

std::string_view to_string(Diagnostic::Severity severity) {
  return severity == Diagnostic::Severity::error ? "error" : "warning";
}

std::string to_text(const Diagnostic& diagnostic) {
  // The row stands behind the message: editors look for file:line:column: at the front.
  SourcePlace place = diagnostic.place;
  std::string row = std::exchange(place.row, {});
  std::string text = fmt::format("{}: {}: {}", to_string(place), to_string(diagnostic.severity), diagnostic.message);
  if (!row.empty()) text += fmt::format(" ({})", row);
  text += '\n';
  text += caret(place);
  if (!diagnostic.expected.empty()) text += fmt::format("  expected: {}\n", diagnostic.expected);
  if (!diagnostic.meant.empty()) text += fmt::format("  did you mean {}?\n", diagnostic.meant);
  return escape_controls(text, "\n\t");
}

bool LoadResult::failed() const {
  return std::ranges::any_of(diagnostics,
                             [](const Diagnostic& one) { return one.severity == Diagnostic::Severity::error; });
}

void Diagnostics::add(Diagnostic diagnostic) {
  auto same = [&](const Diagnostic& other) {
    return other.place.line == diagnostic.place.line && other.place.column == diagnostic.place.column &&
           other.place.file == diagnostic.place.file && other.message == diagnostic.message;
  };
  if (diagnostic.severity == Diagnostic::Severity::error) ++errors_;
  if (std::ranges::any_of(list_, same) || list_.size() >= kept_max) return;
  list_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Diagnostics::take() {
  // Of several files (extends) each keeps together, in the order in which they were met.
  std::vector<std::string> files;
  for (const Diagnostic& one : list_)
    if (std::ranges::find(files, one.place.file) == files.end()) files.push_back(one.place.file);
  auto order = [&](const Diagnostic& one) {
    return std::tuple(std::ranges::find(files, one.place.file) - files.begin(), one.place.line, one.place.column);
  };
  std::ranges::stable_sort(list_, {}, order);
  return std::move(list_);
}

}  // namespace mailrig::scenarios
