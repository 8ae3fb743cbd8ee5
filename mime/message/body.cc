#include "mime/message/body.h"

#include "base/text.h"
#include "mime/message/ascii.h"
#include "mime/message/body_decoder.h"
#include "mime/message/coding/flowed.h"
#include "mime/message/coding/scan.h"

namespace mailrig::mime {
std::string decoded_body(const Message& message, const Part& part) {
  return decode_body(message.body(part), part.encoding);
}

void decode_body(const Message& message, const Part& part, const std::function<void(std::string_view)>& take,
                 Defects* defects) {
  std::string_view body = message.body(part);
  if (!is_encoded(part.encoding)) return take(body);
  BodyDecoder decoder(part.encoding);
  std::string piece;
  while (!body.empty()) {
    piece.clear();
    decoder.feed(body.substr(0, decoded_piece_octets), piece);
    body.remove_prefix(std::min(body.size(), decoded_piece_octets));
    take(piece);
  }
  piece.clear();
  decoder.finish(piece);
  take(piece);
  if (defects != nullptr) decoder.report(*defects, part.body_offset, part.body_length);
}

Text text_of(const Message& message, const Part& part, Charsets* charsets) {
  Text text;
  std::string octets = decoded_body(message, part);
  const std::string* charset = part.content_type.find("charset");
  const bool none = charset == nullptr || charset->empty();
  if (!none) text.charset = *charset;
  // RFC 2045 §5.2: the default is US-ASCII.
  const bool is_ascii = none || equals_ignoring_case(*charset, "us-ascii");
  if (is_ascii && ascii_length(octets) == octets.size()) {
    text.content = std::move(octets);
    return text;
  }
  Charsets own;
  text.content = (charsets != nullptr ? *charsets : own).to_utf8(octets, none ? "us-ascii" : *charset, &text.loss);
  return text;
}

std::string paragraphs_of(const Part& part, std::string text) {
  const std::string* format = part.content_type.find("format");
  if (format == nullptr || !equals_ignoring_case(*format, "flowed") || !part.content_type.is("text", "plain"))
    return text;
  const std::string* del_sp = part.content_type.find("delsp");
  return reflow(text, {.del_sp = del_sp != nullptr && equals_ignoring_case(*del_sp, "yes")});
}

}  // namespace mailrig::mime
