#pragma once
/// The JSON Schema (2020-12) of scenario files, made from the tables that the loader checks by, so that editors and
/// `mailrig check` cannot disagree. Published as scenarios/scenario.schema.json; a test holds the file against this.
/// Example: write_json(scenario_schema()) == the file.

#include "base/value.h"

namespace mailrig::scenarios {

Value scenario_schema();

}  // namespace mailrig::scenarios
