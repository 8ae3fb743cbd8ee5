#pragma once
/// The small fields of MIME: MIME-Version (RFC 2045 §4), Content-Location (RFC 2557 §4), Content-MD5 (RFC 1864).
/// Content-ID is a message identifier (message_id.h), Content-Language a list (text_list.h), Content-Description text
/// (encoded_word.h).
///
///   parse_mime_version("1.0 (produced by MetaSend Vx.x)") == MimeVersion{1, 0}

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "mime/message/coding/charset.h"
#include "mime/message/defect.h"

namespace mailrig::mime {

struct MimeVersion {
  int major_number = 1;
  int minor_number = 0;

  friend bool operator==(const MimeVersion&, const MimeVersion&) = default;
};

/// Nothing when it is no version. RFC 2045 §4 leaves open what another than 1.0 would mean: it has a defect.
std::optional<MimeVersion> parse_mime_version(std::string_view field_body, Defects* defects = nullptr);

/// The URI, without the blanks that folding put into it; encoded words decoded (RFC 2557 §4.4).
std::string parse_content_location(std::string_view field_body, Defects* defects = nullptr,
                                   Charsets* charsets = nullptr);

/// Nothing when it is not the base64 of 16 octets.
std::optional<std::array<unsigned char, 16>> parse_content_md5(std::string_view field_body);

}  // namespace mailrig::mime
