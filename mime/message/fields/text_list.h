#pragma once
/// Values with commas between: Keywords (RFC 5322 §3.6.5), Content-Language (RFC 3282).
///
///   parse_text_list(" red, =?utf-8?Q?gr=C3=BCn?=,\r\n light blue")       // "red", "grün", "light blue"

#include <string>
#include <string_view>
#include <vector>

#include "mime/message/coding/charset.h"
#include "mime/message/defect.h"

namespace mailrig::mime {

// More are a mistake or an attack.
inline constexpr std::size_t text_list_max = 10'000;

/// UTF-8; empty ones are left out. A comma in quotes or in an encoded word separates nothing; quotes are undone.
std::vector<std::string> parse_text_list(std::string_view field_body, Defects* defects = nullptr,
                                         Charsets* charsets = nullptr);

}  // namespace mailrig::mime
