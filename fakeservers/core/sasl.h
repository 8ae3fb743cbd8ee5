#pragma once
/// Responses of SASL mechanisms, read for the POP3 and the SMTP server alike, after base64 is off.
///
///   std::optional<PlainResponse> plain = parse_plain(std::string_view("\0anna\0pw", 8));
///   plain->user == "anna";
///   cram_md5("<1896.697170952@postoffice.reston.mci.net>", "tanstaaftanstaaf");  // RFC 2195: "b913a602c7eda7a4..."

#include <optional>
#include <string>
#include <string_view>

namespace mailrig::fakeservers {

/// RFC 4616: authorization identity, NUL, authentication identity, NUL, password.
struct PlainResponse {
  std::string_view acts_as;
  std::string_view user;
  std::string_view password;
  /// Does the user act as itself? These servers let no user act as another.
  bool is_own() const { return acts_as.empty() || acts_as == user; }
};
std::optional<PlainResponse> parse_plain(std::string_view response);

struct BearerResponse {
  std::string user;  // empty: OAUTHBEARER named none
  std::string_view token;
};
/// "user=U ^A auth=Bearer T ^A ^A", as Google and Microsoft document it.
std::optional<BearerResponse> parse_xoauth2(std::string_view response);
/// RFC 7628 section 3.1: "n,a=U, ^A [key=value ^A ...] auth=Bearer T ^A ^A".
std::optional<BearerResponse> parse_oauthbearer(std::string_view response);

/// RFC 2195: user, space, digest.
struct CramResponse {
  std::string_view user;
  std::string_view digest;
};
std::optional<CramResponse> parse_cram_md5(std::string_view response);
/// The digest that APOP wants (RFC 1939 section 7): MD5 of stamp and password, in lower-case hexadecimal digits.
/// Empty where OpenSSL has no MD5 (FIPS).
std::string apop_digest(std::string_view stamp, std::string_view password);
/// The digest that RFC 2195 wants: HMAC-MD5 in lower-case hexadecimal digits.
std::string cram_md5(std::string_view challenge, std::string_view password);

}  // namespace mailrig::fakeservers
