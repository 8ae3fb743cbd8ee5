#pragma once
/// An addr-spec (RFC 5322 §3.4.1), with or without angle brackets: comments and blanks out, the route apart.
///
///   AddressSpec spec = parse_address_spec("@relay:anna (at) @ x . test", comment, defects);
///   spec.address == "anna@x.test";  spec.route == "@relay"

#include <string>
#include <string_view>

#include "mime/message/defect.h"
#include "mime/message/tokens.h"

namespace mailrig::mime {

struct AddressSpec {
  std::string address;  // as written otherwise; octets over 127 as they are
  std::string route;
};

/// At an opening bracket: how long "[IPv6:2001:db8::1]" is; 0 where it is no domain literal.
std::size_t domain_literal_size(std::string_view text);

/// Its comments are appended to `comment`.
AddressSpec parse_address_spec(std::string_view text, std::string& comment, Defects* defects = nullptr);

/// At an angle bracket, up to the closing one. Where there is none, up to a comma, the next bracket or the end.
AddressSpec take_address_spec(Tokens& tokens, std::string& comment, Defects* defects = nullptr);

}  // namespace mailrig::mime
