#include "net/tls/tls_failure.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>

#include "base/text.h"
#include "net/tls/openssl.h"

namespace mailrig {
namespace {

constexpr std::size_t quoted_octets_max = 60;  // of what is not TLS: a greeting's first line says who it is

Error failure(Errc code, CertificateClass value, std::string what) {
  return {code, fmt::format("{}. {}", what, advice(value)), Step::tls, std::string(to_string(value))};
}

bool is_of_certificate(CertificateClass value) { return value < CertificateClass::protocol_version; }

/// The first error is the cause; what follows it only passes it on.
std::string first_text(const std::vector<unsigned long>& codes) {
  return codes.empty() ? "OpenSSL gives no reason" : fmt::format("OpenSSL says {}", openssl_text(codes.front()));
}

CertificateClass class_of_reason(int reason) {
  switch (reason) {
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_UNSUPPORTED_SSL_VERSION:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_VERSION_TOO_HIGH:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_WRONG_VERSION_NUMBER:  // of a record of TLS; what is no record at all was told apart before
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_INAPPROPRIATE_FALLBACK:
    case SSL_R_TLSV1_ALERT_INAPPROPRIATE_FALLBACK: return CertificateClass::protocol_version;
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY:
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_CIPHERS_AVAILABLE:
    case SSL_R_NO_CIPHER_MATCH:
    case SSL_R_WRONG_CIPHER_RETURNED:
    case SSL_R_UNKNOWN_CIPHER_RETURNED:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SUITABLE_GROUPS:
    case SSL_R_NO_SUITABLE_KEY_SHARE: return CertificateClass::no_cipher;
    case SSL_R_EE_KEY_TOO_SMALL:
    case SSL_R_CA_KEY_TOO_SMALL:
    case SSL_R_DH_KEY_TOO_SMALL: return CertificateClass::weak_key;
    case SSL_R_CA_MD_TOO_WEAK:
    case SSL_R_WRONG_SIGNATURE_TYPE: return CertificateClass::weak_signature;
    case SSL_R_BAD_SIGNATURE:
      return CertificateClass::bad_signature;  // of the handshake: the server does not have the certificate's key
    case SSL_R_CERT_LENGTH_MISMATCH:
    case SSL_R_UNABLE_TO_FIND_PUBLIC_KEY_PARAMETERS:
    case SSL_R_UNKNOWN_CERTIFICATE_TYPE:
    case SSL_R_WRONG_CERTIFICATE_TYPE: return CertificateClass::malformed_certificate;
    case SSL_R_TLSV1_UNRECOGNIZED_NAME: return CertificateClass::wrong_host;
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST: return CertificateClass::not_tls;
    case SSL_R_UNEXPECTED_EOF_WHILE_READING: return CertificateClass::truncated;
    default: return CertificateClass::other;
  }
}

}  // namespace

CertificateClass class_of_tls_failure(const std::vector<unsigned long>& codes) {
  for (unsigned long code : codes) {
    int library = ERR_GET_LIB(code);
    // Within a handshake only the peer's certificates are ASN.1.
    if (library == ERR_LIB_ASN1 || library == ERR_LIB_X509 || library == ERR_LIB_X509V3)
      return CertificateClass::malformed_certificate;
    if (library != ERR_LIB_SSL) continue;
    CertificateClass value = class_of_reason(ERR_GET_REASON(code));
    if (value != CertificateClass::other) return value;
  }
  return CertificateClass::other;
}

Error tls_failure(std::string_view server, const std::vector<unsigned long>& codes) {
  CertificateClass value = class_of_tls_failure(codes);
  return failure(is_of_certificate(value) ? Errc::certificate_refused : Errc::tls_failed, value,
                 fmt::format("TLS with {} failed: {}", printable(server), first_text(codes)));
}

Error client_tls_failure(std::string_view client, const std::vector<unsigned long>& codes) {
  CertificateClass value = class_of_tls_failure(codes);
  return {Errc::tls_failed, fmt::format("TLS with {} failed: {}", printable(client), first_text(codes)), Step::tls,
          value == CertificateClass::other ? "" : std::string(to_string(value))};
}

Error not_tls(std::string_view peer, std::string_view octets) {
  return failure(Errc::tls_failed, CertificateClass::not_tls,
                 fmt::format("{} answered in clear where TLS was to begin: \"{}\"", printable(peer),
                             printable(octets, quoted_octets_max)));
}

Error handshake_stalled(std::string_view peer) {
  return failure(Errc::timed_out, CertificateClass::handshake_stalled,
                 fmt::format("{} did not finish the TLS handshake in time", printable(peer)));
}

Error truncated_stream() {
  return failure(Errc::truncated, CertificateClass::truncated,
                 "the connection was cut without TLS's close_notify (OpenSSL 0A000126 unexpected eof while reading)");
}

}  // namespace mailrig
