#pragma once
/// Content-Disposition (RFC 2183): how a part is to be shown, and what its file is called.
///
///   Disposition disposition = parse_disposition("attachment; filename=\"a.pdf\"");
///   disposition.kind == "attachment";  *disposition.find("filename") == "a.pdf"

#include <string>
#include <string_view>
#include <vector>

#include "mime/message/fields/parameters.h"

namespace mailrig::mime {

struct Disposition {
  std::string kind;  // lower case; empty where there is none. One that is not known counts as attachment (§2.8).
  std::vector<Parameter> parameters;

  const std::string* find(std::string_view lower_case_name) const {
    return find_parameter(parameters, lower_case_name);
  }
};

Disposition parse_disposition(std::string_view field_body, Defects* defects = nullptr, Charsets* charsets = nullptr);

}  // namespace mailrig::mime
