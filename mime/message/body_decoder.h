#pragma once
/// A body out of its transfer encoding, whatever that is, in pieces that may be split anywhere.
///
///   BodyDecoder decoder(part.encoding);
///   std::string octets;
///   for (std::string_view piece : body) decoder.feed(piece, octets);
///   decoder.finish(octets);
///   decoder.report(defects, part.body_offset, part.body_length);
///
/// 7bit, 8bit, binary and what is not known stay as they are.

#include <variant>

#include "mime/message/coding/transfer_encoding.h"
#include "mime/message/coding/uuencode.h"

namespace mailrig::mime {

class BodyDecoder {
 public:
  explicit BodyDecoder(TransferEncoding encoding);

  /// Appends to out.
  void feed(std::string_view text, std::string& out);
  void finish(std::string& out);
  /// After finish(): what was wrong with the encoding of a body that lies at `offset` and is `length` long.
  void report(Defects& defects, std::uint64_t offset, std::uint64_t length) const;

 private:
  std::variant<std::monostate, Base64Decoder, QuotedPrintableDecoder, UuDecoder> decoder_;
};

/// False for encodings that leave the octets as they are.
bool is_encoded(TransferEncoding encoding);

std::string decode_body(std::string_view body, TransferEncoding encoding);

/// Where in `body` the decoded octet number `decoded` begins: "=C3" at its equals sign. Decodes octet by octet: for
/// telling the place of a fault.
std::size_t encoded_position(std::string_view body, TransferEncoding encoding, std::uint64_t decoded);

}  // namespace mailrig::mime
