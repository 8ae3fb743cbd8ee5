#pragma once
/// Message identifiers (RFC 5322 §3.6.4): Message-ID, In-Reply-To, References, Content-ID.
///
///   parse_message_ids(" <a@x.test>\r\n <b@x.test> (the first)\r\n")       // "a@x.test", "b@x.test"
///
/// Read as the wild writes: with commas, phrases and quotes between ("Your message of Monday <a@x.test>"), without
/// brackets, without a right side. What stands in brackets stays as it is, but for folding: identifiers are compared.

#include <string>
#include <string_view>
#include <vector>

#include "mime/message/defect.h"

namespace mailrig::mime {

// A thread of so many messages is a mistake or an attack.
inline constexpr std::size_t message_ids_max = 10'000;

/// In the order of the field, without brackets, as UTF-8.
std::vector<std::string> parse_message_ids(std::string_view field_body, Defects* defects = nullptr);

/// The first one; empty where there is none.
std::string parse_message_id(std::string_view field_body, Defects* defects = nullptr);

}  // namespace mailrig::mime
