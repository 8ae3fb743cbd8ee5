#pragma once
/// What a part says: its octets, and for text its characters.
///
///   std::string octets = decoded_body(message, part);
///   decode_body(message, part, [&](std::string_view piece) { file.write(piece); });   // holds one piece, never all
///   Text text = text_of(message, part);                 // UTF-8, and what was lost
///   std::string paragraphs = paragraphs_of(part, text.content);                       // RFC 3676

#include <functional>
#include <string>
#include <string_view>

#include "mime/message/coding/charset.h"
#include "mime/message/message.h"

namespace mailrig::mime {

// Large enough that calls cost nothing, small enough for the cache.
inline constexpr std::size_t decoded_piece_octets = 65'536;

std::string decoded_body(const Message& message, const Part& part);
/// In pieces; what was wrong with the encoding is said in `defects`, which may be null.
void decode_body(const Message& message, const Part& part, const std::function<void(std::string_view)>& take,
                 Defects* defects = nullptr);

struct Text {
  std::string content;  // UTF-8, lines as they stand
  std::string charset;  // as it was written; empty where none is
  TextLoss loss;
};

/// Text of no charset is in US-ASCII (RFC 2045 §5.2); what is not is read as charset.h says.
Text text_of(const Message& message, const Part& part, Charsets* charsets = nullptr);

/// Lines that were broken for transport are joined where the part says format=flowed; else the text is as it was.
std::string paragraphs_of(const Part& part, std::string text);

}  // namespace mailrig::mime
