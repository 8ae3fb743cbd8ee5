#pragma once
/// RFC 4648 §4, with padding and without line breaks. Example: to_base64("fo") == "Zm8=".

#include <string>
#include <string_view>

namespace mailrig::client {

std::string to_base64(std::string_view bytes);

}  // namespace mailrig::client
