#pragma once
/// Base64 (RFC 4648 §4), for the servers alone: the client has its own, so that a mistake in one is seen by the other.
/// Example: from_base64("AGFubgBwdw==") == "\0ann\0pw".

#include <optional>
#include <string>
#include <string_view>

namespace mailrig::fakeservers {

std::string to_base64(std::string_view bytes);
/// Strict: padded, no other character, no bits left over. Nothing otherwise.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace mailrig::fakeservers
