#pragma once
/// The addresses of an SMTP envelope (RFC 5321 §4.1.2) and what may follow them.
///
///   Result<Path> path = parse_path("<@relay.test:anna@zillum.test> SIZE=12", PathKind::reverse, {});
///   path->address == "anna@zillum.test";  path->rest == " SIZE=12";

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mailrig::fakeservers::smtp {

// RFC 5321 §4.5.3.1.
inline constexpr std::size_t local_part_octets_max = 64;
inline constexpr std::size_t domain_octets_max = 255;
inline constexpr std::size_t path_octets_max = 256;  // brackets and all

enum class PathKind : std::uint8_t { reverse, forward };  // of MAIL, which may be null; of RCPT

struct PathRules {
  bool strict = false;  // no blank after the colon, and a domain in every address but "postmaster"
  bool utf8 = false;    // SMTPUTF8 was asked for (RFC 6531)
};

struct Path {
  std::string address;    // as written, without brackets and source route; empty for <>
  std::string_view rest;  // what stands behind it, from its blank on
};

/// `text` is what follows "FROM:" or "TO:". Nothing where it is no path.
std::optional<Path> parse_path(std::string_view text, PathKind kind, PathRules rules);

/// ESMTP parameters: " SIZE=12 BODY=8BITMIME" is {"SIZE","12"}, {"BODY","8BITMIME"}; names in capitals. Nothing where
/// they are malformed.
using Parameters = std::vector<std::pair<std::string, std::string>>;
std::optional<Parameters> parse_parameters(std::string_view text);

/// What two spellings of an address have in common: lower case, the local part without quotes.
std::string canonical_address(std::string_view address);
/// "zillum.test" of "anna@zillum.test", in lower case; empty without one.
std::string domain_of(std::string_view address);

/// An EHLO argument: a domain or an address literal, as far as names in use go (underscores are).
bool is_hello_name(std::string_view text);

}  // namespace mailrig::fakeservers::smtp
