#pragma once
/// How a connection is to be encrypted. There is no "if offered": who asks for encryption gets it or no connection.
/// Example: parse_tls_mode("starttls") == TlsMode::starttls.

#include <cstdint>
#include <optional>
#include <string_view>

namespace mailrig::client {

enum class TlsMode : std::uint8_t {
  implicit,  // from the first octet: ports 995, 465, 443
  starttls,  // STLS or STARTTLS before anything else
  none,      // in clear, because the user says so
};

constexpr std::string_view to_string(TlsMode mode) {
  return mode == TlsMode::implicit ? "implicit" : mode == TlsMode::starttls ? "starttls" : "none";
}
/// "stls" is POP3's word for starttls.
constexpr std::optional<TlsMode> parse_tls_mode(std::string_view name) {
  if (name == "implicit") return TlsMode::implicit;
  if (name == "starttls" || name == "stls") return TlsMode::starttls;
  if (name == "none") return TlsMode::none;
  return std::nullopt;
}

}  // namespace mailrig::client
