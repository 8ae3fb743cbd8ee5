#include "mime/message/body_decoder.h"

#include <algorithm>

#include "mime/message/ascii.h"

namespace mailrig::mime {

BodyDecoder::BodyDecoder(TransferEncoding encoding) {
  switch (encoding) {
    case TransferEncoding::base64: decoder_.emplace<Base64Decoder>(); break;
    case TransferEncoding::quoted_printable: decoder_.emplace<QuotedPrintableDecoder>(); break;
    case TransferEncoding::uuencode: decoder_.emplace<UuDecoder>(); break;
    default: break;
  }
}

void BodyDecoder::feed(std::string_view text, std::string& out) {
  std::visit(
      [&]<typename Decoder>(Decoder& decoder) {
        if constexpr (std::is_same_v<Decoder, std::monostate>)
          out += text;
        else
          decoder.feed(text, out);
      },
      decoder_);
}

void BodyDecoder::finish(std::string& out) {
  std::visit(
      [&]<typename Decoder>(Decoder& decoder) {
        if constexpr (!std::is_same_v<Decoder, std::monostate>) decoder.finish(out);
      },
      decoder_);
}

void BodyDecoder::report(Defects& defects, std::uint64_t offset, std::uint64_t length) const {
  std::visit(
      [&]<typename Decoder>(const Decoder& decoder) {
        if constexpr (!std::is_same_v<Decoder, std::monostate>) decoder.report(defects, offset, length);
      },
      decoder_);
}

bool is_encoded(TransferEncoding encoding) {
  return encoding == TransferEncoding::base64 || encoding == TransferEncoding::quoted_printable ||
         encoding == TransferEncoding::uuencode;
}

std::string decode_body(std::string_view body, TransferEncoding encoding) {
  if (!is_encoded(encoding)) return std::string(body);
  std::string octets;
  BodyDecoder decoder(encoding);
  decoder.feed(body, octets);
  decoder.finish(octets);
  return octets;
}

std::size_t encoded_position(std::string_view body, TransferEncoding encoding, std::uint64_t decoded) {
  if (!is_encoded(encoding)) return static_cast<std::size_t>(std::min<std::uint64_t>(decoded, body.size()));
  BodyDecoder decoder(encoding);
  std::string octets;
  std::uint64_t before = 0;
  std::size_t at = 0;
  for (; at < body.size(); ++at) {
    octets.clear();
    decoder.feed(body.substr(at, 1), octets);
    if (before + octets.size() > decoded) break;
    before += octets.size();
  }
  if (encoding == TransferEncoding::quoted_printable && octets.size() == 1 && at >= 2 && at < body.size() &&
      body[at - 2] == '=' && octets.front() != body[at])
    return at - 2;
  if (encoding != TransferEncoding::base64) return at;
  // Of the four characters that were complete here, the one that the octet begins in.
  std::uint64_t later = 3 - (decoded - before);
  while (at > 0 && at < body.size() && later > 0)
    if (!is_space(body[--at])) --later;
  return at;
}

}  // namespace mailrig::mime
