#pragma once
/// The parameters of MIME fields (RFC 2045 §5.1, RFC 2231): `; name=value`, quoted, continued, in any charset.
///
///   Tokens tokens("; filename*0*=utf-8'de'gr%C3%BC; filename*1=n.txt", defects);
///   std::vector<Parameter> parameters = parse_parameters(tokens, defects);
///   find_parameter(parameters, "filename")->value == "grün.txt"
///
/// Read as the wild writes: without semicolons, with blanks or specials and no quotes, encoded words within values,
/// sections in any order. What has no name or no value is passed over; of two with one name the first counts, and
/// `name*` before `name`.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mime/message/coding/charset.h"
#include "mime/message/defect.h"
#include "mime/message/tokens.h"

namespace mailrig::mime {

struct Parameter {
  std::string name;      // lower case
  std::string value;     // UTF-8; of a boundary the octets as they are written
  std::string language;  // RFC 2231 §4.2, as written

  friend bool operator==(const Parameter&, const Parameter&) = default;
};

// Sections count one by one: so many lines hold a name of 18 kB, where 255 octets are as long as file names get.
inline constexpr std::size_t parameters_max = 256;

/// From behind what the parameters belong to up to the end of the field.
std::vector<Parameter> parse_parameters(Tokens& tokens, Defects* defects = nullptr, Charsets* charsets = nullptr);

/// Where the value of a parameter begins in the field's body, after its quote; npos where there is none.
std::size_t parameter_place(std::string_view field_body, std::string_view lower_case_name);

/// The value, or null.
const std::string* find_parameter(std::span<const Parameter> parameters, std::string_view lower_case_name);

}  // namespace mailrig::mime
