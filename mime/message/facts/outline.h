#pragma once
/// A message as a person wants to see it: who, when, what about, and the tree of its parts.
///
///   From     Anna <anna@x.test>
///   Subject  Holiday pictures
///
///   multipart/mixed
///     1  text/plain, utf-8, quoted-printable, 512 octets
///     2  image/jpeg, base64, 48213 octets, attachment "beach.jpg"
///
/// Safe on any terminal.

#include <string>
#include <string_view>

#include "mime/message/message.h"

namespace mailrig::mime {

std::string outline_of(std::string_view source);

}  // namespace mailrig::mime
