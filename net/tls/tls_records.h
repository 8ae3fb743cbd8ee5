#pragma once
/// What can be said of TLS from outside: does it look like TLS, and a server's certificates exchanged in clear. For
/// net/.
///
///   could_be_tls("+OK ready") == false;
///   replace_certificates(flight, {der});   // the server's first flight of TLS 1.2 (RFC 5246 §7.4.2)

#include <string>
#include <string_view>
#include <vector>

namespace mailrig {

/// By the first octets that a peer sends: the type of a record and the major version (RFC 8446 §5.1). Fewer than two
/// octets are judged by what is there; none could be anything.
bool could_be_tls(std::string_view first_octets);

/// A flight of whole records, with the list of the Certificate message replaced; all other messages stay as they are.
std::string replace_certificates(std::string_view flight, const std::vector<std::string>& certificates);

}  // namespace mailrig
