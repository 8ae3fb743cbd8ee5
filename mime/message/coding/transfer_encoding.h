#pragma once
/// Content transfer encodings (RFC 2045 §6): their names here, each one itself in a file of its own.
///
///   parse_transfer_encoding(" Quoted-Printable (says Outlook)\r\n") == TransferEncoding::quoted_printable

#include <cstdint>
#include <string_view>

#include "mime/message/coding/base64.h"
#include "mime/message/coding/quoted_printable.h"
#include "mime/message/defect.h"

namespace mailrig::mime {

/// unknown: the octets are what they are, and nobody can say what they mean (RFC 2045 §6.4).
enum class TransferEncoding : std::uint8_t {
  seven_bit,
  eight_bit,
  binary,
  quoted_printable,
  base64,
  uuencode,
  unknown
};

/// Of the field's body; an empty one says 7bit, as a missing field does (RFC 2045 §6.1).
TransferEncoding parse_transfer_encoding(std::string_view field_body, Defects* defects = nullptr);

std::string_view to_string(TransferEncoding encoding);  // "quoted-printable"; unknown is "unknown"

}  // namespace mailrig::mime
