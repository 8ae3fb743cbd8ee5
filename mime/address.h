#pragma once
/// Address lists (RFC 5322 §3.4 with the obsolete syntax): who is in From, To, Cc.
///
///   parse_addresses("Bert <bert@customer.test>, team: a@x.test, b@x.test;")    // three addresses

#include <string>
#include <string_view>
#include <vector>

namespace mailrig::mime {

struct Address {
  std::string name;     // UTF-8, encoded words decoded; of the group where it has none of its own is not told
  std::string address;  // as written, comments and blanks out

  friend bool operator==(const Address&, const Address&) = default;
};

// A field with more is a mistake or an attack.
inline constexpr std::size_t addresses_max = 10'000;

/// What is no address is passed over. Comments count as a name where there is no other ("anna@x.test (Anna)").
std::vector<Address> parse_addresses(std::string_view field_body);

}  // namespace mailrig::mime
