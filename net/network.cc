#include "net/network.h"

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"

namespace mailrig {

std::string to_string(const Endpoint& endpoint) {
  if (endpoint.host.find(':') != std::string::npos) return fmt::format("[{}]:{}", endpoint.host, endpoint.port);
  return fmt::format("{}:{}", endpoint.host, endpoint.port);
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  auto bad = [&](std::string_view why) {
    return Error{Errc::bad_input,
                 fmt::format("\"{}\" is not HOST:PORT: {}; write for example pop.example.com:995 or [::1]:110",
                             printable(text), why)};
  };
  std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad("the port is missing");
  std::string_view host = text.substr(0, colon);
  std::string_view digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return bad("an IPv6 address stands in brackets");
  if (host.empty()) return bad("the host is missing");
  std::uint16_t port = 0;
  auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (failure != std::errc{} || end != digits.data() + digits.size() || port == 0)
    return bad("the port is not 1 to 65535");
  return Endpoint{std::string(host), port};
}

}  // namespace mailrig
