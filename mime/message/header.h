#pragma once
/// Header fields of a message (RFC 5322 §2.2), as views of it, and what their text says.
///
///   std::optional<std::string_view> subject = find_field(message, "subject");
///   std::string words = decode_words(unfold(*subject));          // RFC 2047, as UTF-8

#include <optional>
#include <string>
#include <string_view>

#include "mime/message/fields/encoded_word.h"

namespace mailrig::mime {

struct HeaderField {
  std::string_view name;
  std::string_view body;   // behind the colon, with the line ends of folding
  std::string_view whole;  // name, body and the last line end
};

/// The field at the front of `rest`, taken off with its continuation lines; nothing where none is: at the blank line,
/// at the end, and at a line that is no field. Lines end in CRLF or LF.
std::optional<HeaderField> take_field(std::string_view& rest);

/// Is this the name of the field, in whatever letter case?
bool is_field(std::string_view name, std::string_view lower_case);

/// The body of the first field of this name; lines that are no field are passed over.
std::optional<std::string_view> find_field(std::string_view message, std::string_view lower_case_name);

/// What follows the blank line; a message without one has no body.
std::string_view body_of(std::string_view message);

/// One line, blanks at both ends taken off.
std::string unfold(std::string_view body);

/// Text in a charset, which may be empty or unknown; see charset.h.
std::string to_utf8(std::string_view octets, std::string_view charset);

}  // namespace mailrig::mime
