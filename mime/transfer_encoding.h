#pragma once
/// Content transfer encodings undone, whatever is in the way (RFC 2045 §6.7 and §6.8).
/// Example: from_base64("Zm9v\r\nYg==") == "foob".

#include <string>
#include <string_view>

namespace mailrig::mime {

/// Characters that are none of base64 are passed over; what follows the padding is not read.
std::string from_base64(std::string_view text);

/// Soft line breaks vanish, blanks at the end of a line too; a '=' that begins nothing stays.
std::string from_quoted_printable(std::string_view text);

}  // namespace mailrig::mime
