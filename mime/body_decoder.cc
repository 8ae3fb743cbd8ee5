#include "mime/body_decoder.h"

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

}  // namespace mailrig::mime
