#pragma once
/// As much of JSON Schema 2020-12 as reports/report.schema.json uses. A keyword it does not know is an error, so that a
/// schema cannot grow beyond what is checked.
///
///   EXPECT_EQ(schema_violations(schema, report), std::vector<std::string>{});

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace mailrig::reports::testing {

/// "/scenarios/0/verdict: \"passed\" is not one of [\"pass\",...]", in document order.
std::vector<std::string> schema_violations(const nlohmann::json& schema, const nlohmann::json& document);

}  // namespace mailrig::reports::testing
