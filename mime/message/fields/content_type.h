#pragma once
/// Content-Type (RFC 2045 §5): what a part is.
///
///   ContentType type = parse_content_type(" text/plain; charset=\"utf-8\" (plain text)\r\n");
///   type.is("text", "plain");  *type.find("charset") == "utf-8"

#include <string>
#include <string_view>
#include <vector>

#include "mime/message/fields/parameters.h"

namespace mailrig::mime {

struct ContentType {
  std::string type;  // lower case; empty where there is none
  std::string subtype;
  std::vector<Parameter> parameters;

  const std::string* find(std::string_view lower_case_name) const {
    return find_parameter(parameters, lower_case_name);
  }
  bool is(std::string_view a_type, std::string_view a_subtype) const { return type == a_type && subtype == a_subtype; }
  /// Both are there; else RFC 2045 §5.2 has it read as text/plain in us-ascii.
  bool is_valid() const { return !type.empty() && !subtype.empty(); }
};

ContentType parse_content_type(std::string_view field_body, Defects* defects = nullptr, Charsets* charsets = nullptr);

}  // namespace mailrig::mime
