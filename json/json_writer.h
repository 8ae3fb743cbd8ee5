#pragma once
/// Values as JSON that any parser takes, laid out for people: what fits into a line stands in one.
/// Example: write_json(Value::map().set("id", "a/b")) == "{ \"id\": \"a/b\" }\n".

#include <string>

#include "base/value.h"

namespace mailrig::scenarios {

/// Lines are broken where they would be longer.
inline constexpr std::size_t json_line_columns = 100;

/// Text that is not UTF-8 cannot stand in JSON: its bytes appear as U+FFFD.
std::string write_json(const Value& value);
/// All of it in one line, for files of one value a line.
std::string write_json_line(const Value& value);

}  // namespace mailrig::scenarios
