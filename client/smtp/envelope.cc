#include "client/smtp/envelope.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace mailrig::client {

Status check_path(std::string_view address) {
  auto refuse = [&](std::string_view why) {
    return Error{Errc::bad_input, fmt::format("\"{}\" is no e-mail address: {}", printable(address), why)};
  };
  if (address.empty()) return refuse("it is empty");
  if (address.size() > smtp_path_octets_max)
    return refuse(fmt::format("it is longer than {} octets (RFC 5321 4.5.3.1.3)", smtp_path_octets_max));
  bool quoted = false;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const auto c = static_cast<unsigned char>(address[i]);
    if (c < 0x20 || c == 0x7f) return refuse("it holds a control character");
    if (quoted && c == '\\') {
      // The octet behind it is taken as it is (RFC 5321 §4.1.2 quoted-pairSMTP) and was not looked at as a quote.
      if (++i == address.size() || static_cast<unsigned char>(address[i]) < 0x20 || address[i] == 0x7f)
        return refuse("a backslash stands before nothing");
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ' ' || c == '<' || c == '>')) {
      return refuse("it holds a blank or an angle bracket");
    }
  }
  if (quoted) return refuse("a quotation mark is never closed");
  return {};
}

bool is_international(std::string_view address) {
  return std::any_of(address.begin(), address.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

}  // namespace mailrig::client
