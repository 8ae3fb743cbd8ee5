#include "scenarios/language/load.h"

#include <fmt/format.h>

#include "scenarios/language/parse/expand.h"
#include "scenarios/language/parse/expand_providers.h"
#include "scenarios/language/parse/reading.h"
#include "scenarios/language/parse/scenario_parser.h"

namespace mailrig::scenarios {

fakeservers::ProtocolList LoadContext::known_protocols() const {
  return protocols.empty() ? fakeservers::built_in_protocols() : protocols;
}

LoadResult load_scenarios(std::string_view path, std::string_view contents, const LoadContext& context) {
  LoadResult result;
  Diagnostics diagnostics;
  for (ExpandedRow& row : expand(path, contents, context, diagnostics)) {
    Reading reading(diagnostics, context, row.label);
    row.root = expand_providers(*row.document, *row.root, context.known_protocols(), reading);
    result.scenarios.push_back(ScenarioParser(reading, context).read(row, path));
  }
  if (diagnostics.errors() > 0) result.scenarios.clear();
  result.diagnostics = diagnostics.take();
  return result;
}

}  // namespace mailrig::scenarios
