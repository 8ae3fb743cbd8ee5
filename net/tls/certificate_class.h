#pragma once
/// Why a TLS connection was not made, in the words of reports and scenario files. One enum for both sides: the factory
/// makes a certificate of a class, the client names the class it met. Example: to_string(CertificateClass::wrong_host)
/// == "wrong-host".

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace mailrig {

enum class CertificateClass : std::uint8_t {
  self_signed,
  unknown_issuer,
  incomplete_chain,
  expired,
  not_yet_valid,
  wrong_host,
  wrong_purpose,
  invalid_ca,
  path_length,
  name_constraint,
  critical_extension,
  bad_signature,
  malformed_certificate,
  revoked,
  weak_key,
  weak_signature,
  protocol_version,
  no_cipher,
  not_tls,
  handshake_stalled,
  truncated,
  other,
};

std::string_view to_string(CertificateClass value);
std::optional<CertificateClass> parse_certificate_class(std::string_view name);
/// All names, for messages and the schema.
std::span<const std::string_view> certificate_class_names();
/// One sentence for a support engineer: what is wrong with this server's certificate or TLS, and who has to do what.
std::string_view advice(CertificateClass value);

}  // namespace mailrig
