#pragma once
/// JSON text to value trees and back, without places in the text (json/located.h keeps those).
///
///   Result<Value> body = parse_json_value(R"({"data":[{"Last_Name":"Daly"}]})");
///   to_compact_json(*body) == R"({"data":[{"Last_Name":"Daly"}]})"

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"

namespace mailrig {

// The deepest documented body (Emails[].linked_record.module) is five levels; the rest is room for custom fields.
inline constexpr std::size_t json_depth_max = 32;

/// Strict RFC 8259. A key that comes twice has its last value, as in most readers. Error bad_input.
Result<Value> parse_json_value(std::string_view text);

/// Without any space, keys in their order: the form in which the provider sends it. `value` holds nothing lazy.
std::string to_compact_json(const Value& value);

}  // namespace mailrig
