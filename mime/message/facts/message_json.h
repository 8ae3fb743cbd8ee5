#pragma once
/// A message as plain data, for programs: its main fields, its parts with sizes and digests, and its defects.
///
///   Value reading = to_value(with_crlf(text));
///   reading.find("headers")->find("subject");  reading.find("parts")->items()[0].find("sha256_text");
///
/// docs/mail-reading.md says what each key means.

#include <string>
#include <string_view>

#include "base/value.h"
#include "mime/message/message.h"

namespace mailrig::mime {

/// `with_text`: every text part has its text in UTF-8 too.
Value to_value(std::string_view source, const Limits& limits = {}, bool with_text = false);

/// Every bare LF becomes CRLF, as if the message had come over the wire.
std::string with_crlf(std::string_view text);

/// Code, severity, clause, place and what was done.
Value defects_as_value(const Defects& defects);

}  // namespace mailrig::mime
