#pragma once
/// Domains in all letters of the world (IDNA 2008 with UTS #46, by libidn2): for people in Unicode, for the DNS in
/// ASCII.
///
///   domain_to_ascii("bücher.example") == "xn--bcher-kva.example";  domain_to_unicode("xn--bcher-kva.example")
///
/// What has no such form (a literal, a label that IDNA forbids) is given back as it is.

#include <string>
#include <string_view>

namespace mailrig::mime {

// RFC 1035 §2.3.4, with four octets for each as UTF-8 at most.
inline constexpr std::size_t domain_octets_max = 255 * 4;

std::string domain_to_ascii(std::string_view utf8);
std::string domain_to_unicode(std::string_view ascii);

/// The address with its domain in ASCII, as any server takes it; the local part stays, since only the domain has a form
/// in ASCII (RFC 6531 needs SMTPUTF8 for the other).
std::string address_to_ascii(std::string_view address);

}  // namespace mailrig::mime
