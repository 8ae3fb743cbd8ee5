#include "fakeservers/core/sasl.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "base/ascii.h"

namespace mailrig::fakeservers {
namespace {

constexpr char separator = '\x01';

/// The token of the pairs that follow the identity: each ends in ^A, and one more ^A ends them all.
std::optional<std::string_view> token_of(std::string_view pairs) {
  constexpr std::string_view key = "auth=";
  constexpr std::string_view scheme = "Bearer ";  // in any case (RFC 7235 section 2.1)
  std::string_view token;
  while (!pairs.empty() && pairs.front() != separator) {
    const std::size_t end = pairs.find(separator);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view pair = pairs.substr(0, end);
    if (pair.starts_with(key) && starts_ignoring_case(pair.substr(key.size()), scheme))
      token = pair.substr(key.size() + scheme.size());
    pairs.remove_prefix(end + 1);
  }
  if (pairs.size() != 1 || token.empty()) return std::nullopt;
  return token;
}

std::string lower_hex(const std::array<unsigned char, EVP_MAX_MD_SIZE>& digest, unsigned int octets) {
  std::string hex;
  for (unsigned int i = 0; i < octets; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

/// RFC 5801 section 4: a saslname has =2C for a comma and =3D for an equals sign.
std::string unescaped(std::string_view saslname) {
  std::string name;
  while (!saslname.empty()) {
    const bool comma = saslname.starts_with("=2C");
    const bool equals = saslname.starts_with("=3D");
    name += comma ? ',' : equals ? '=' : saslname.front();
    saslname.remove_prefix(comma || equals ? 3 : 1);
  }
  return name;
}

}  // namespace

std::optional<PlainResponse> parse_plain(std::string_view response) {
  const std::size_t first = response.find('\0');
  const std::size_t second = first == std::string_view::npos ? first : response.find('\0', first + 1);
  if (second == std::string_view::npos || response.find('\0', second + 1) != std::string_view::npos)
    return std::nullopt;
  return PlainResponse{response.substr(0, first), response.substr(first + 1, second - first - 1),
                       response.substr(second + 1)};
}

std::optional<BearerResponse> parse_xoauth2(std::string_view response) {
  constexpr std::string_view user = "user=";
  const std::size_t end = response.find(separator);
  if (!response.starts_with(user) || end == std::string_view::npos || end == user.size()) return std::nullopt;
  const std::optional<std::string_view> token = token_of(response.substr(end + 1));
  if (!token) return std::nullopt;
  return BearerResponse{std::string(response.substr(user.size(), end - user.size())), *token};
}

std::optional<BearerResponse> parse_oauthbearer(std::string_view response) {
  const std::size_t end = response.find(separator);
  if (end == std::string_view::npos) return std::nullopt;
  // gs2-header: the channel binding flag, a comma, perhaps the authorization identity, a comma.
  std::string_view header = response.substr(0, end);
  if (!header.starts_with("n,") && !header.starts_with("y,")) return std::nullopt;
  header.remove_prefix(2);
  if (!header.ends_with(',')) return std::nullopt;
  header.remove_suffix(1);
  if (!header.empty() && !header.starts_with("a=")) return std::nullopt;
  const std::optional<std::string_view> token = token_of(response.substr(end + 1));
  if (!token) return std::nullopt;
  return BearerResponse{header.empty() ? std::string{} : unescaped(header.substr(2)), *token};
}

std::optional<CramResponse> parse_cram_md5(std::string_view response) {
  const std::size_t space = response.rfind(' ');
  if (space == std::string_view::npos || space == 0) return std::nullopt;
  return CramResponse{response.substr(0, space), response.substr(space + 1)};
}

std::string apop_digest(std::string_view stamp, std::string_view password) {
  const std::string hashed = fmt::format("{}{}", stamp, password);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int octets = 0;
  if (EVP_Digest(hashed.data(), hashed.size(), digest.data(), &octets, EVP_md5(), nullptr) != 1) return {};
  return lower_hex(digest, octets);
}

std::string cram_md5(std::string_view challenge, std::string_view password) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int octets = 0;
  if (HMAC(EVP_md5(), password.data(), static_cast<int>(password.size()),
           reinterpret_cast<const unsigned char*>(challenge.data()), challenge.size(), digest.data(),
           &octets) == nullptr)
    return {};  // no MD5 in this OpenSSL (FIPS): no response equals it
  return lower_hex(digest, octets);
}

}  // namespace mailrig::fakeservers
