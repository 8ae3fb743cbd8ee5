#pragma once
/// From a file to the trees of its scenarios: `extends` is followed, the rows of `table` are put in.
///
///   Expanded expanded = expand(path, contents, context, diagnostics);
///   for (const ExpandedRow& row : expanded.rows) ...      // row.root has neither `extends` nor `table`

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json/located.h"
#include "scenarios/language/parse/reading.h"

namespace mailrig::scenarios {

// A longer chain of `extends`, or a longer table, is nobody's intention.
inline constexpr std::size_t extends_chain_max = 16;
inline constexpr std::size_t table_rows_max = 10'000;

struct ExpandedRow {
  std::shared_ptr<Document> document;  // keeps the tree
  const Node* root = nullptr;          // a map
  std::string row = {};                // "captcha"; empty without a table
  std::string label = {};              // for places: "row [captcha] of the table"
};

/// No rows where the file has errors that leave nothing to read.
std::vector<ExpandedRow> expand(std::string_view path, std::string_view contents, const LoadContext& context,
                                Diagnostics& diagnostics);

}  // namespace mailrig::scenarios
