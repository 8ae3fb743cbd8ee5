#include "scenarios/load.h"

#include <fmt/format.h>

#include "scenarios/expand.h"
#include "scenarios/reading.h"
#include "scenarios/story_reader.h"

namespace mailrig::scenarios {

LoadResult load_scenarios(std::string_view path, std::string_view contents, const LoadContext& context) {
  LoadResult result;
  Diagnostics diagnostics;
  for (const ExpandedRow& row : expand(path, contents, context, diagnostics)) {
    Reading reading(diagnostics, context, row.label);
    result.scenarios.push_back(StoryReader(reading, context).read(row, path));
  }
  if (diagnostics.errors() > 0) result.scenarios.clear();
  result.diagnostics = diagnostics.take();
  return result;
}

}  // namespace mailrig::scenarios
