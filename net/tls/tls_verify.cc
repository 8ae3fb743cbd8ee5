#include "net/tls/tls_verify.h"

#include <fmt/format.h>
#include <openssl/x509v3.h>

#include <vector>

#include "base/text.h"
#include "net/tls/openssl.h"

namespace mailrig {
namespace {

constexpr std::size_t names_told_max = 5;  // of a certificate, in one message

int finding_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

// --- Why no issuer was found ---

bool is_unreadable(X509* certificate) { return (X509_get_extension_flags(certificate) & EXFLAG_INVALID) != 0; }

/// Certificates that bear the name of this one's issuer, sent or trusted.
std::vector<X509Ptr> named_as_issuer(X509_STORE_CTX* verification, X509* certificate) {
  std::vector<X509Ptr> found;
  X509_NAME* issuer = X509_get_issuer_name(certificate);
  auto collect = [&](STACK_OF(X509) * from) {
    for (int i = 0; i < sk_X509_num(from); ++i) {
      X509* candidate = sk_X509_value(from, i);
      if (X509_NAME_cmp(X509_get_subject_name(candidate), issuer) != 0 || X509_cmp(candidate, certificate) == 0)
        continue;
      X509_up_ref(candidate);
      found.emplace_back(candidate);
    }
  };
  collect(X509_STORE_CTX_get0_untrusted(verification));
  STACK_OF(X509)* trusted = X509_STORE_CTX_get1_certs(verification, issuer);
  collect(trusted);
  sk_X509_pop_free(trusted, X509_free);
  return found;
}

/// OpenSSL says only that the chain ends without a root. Why it ends:
///  - a certificate that cannot be read (a broken extension) is never anybody's issuer or subject;
///  - the issuer was sent, but leads back to those that were there before: no root can be reached;
///  - nobody bears the issuer's name, and only the leaf stands: the server forgot its intermediate;
///  - nobody bears the issuer's name, but a chain of one or more authorities stands: its root is not ours.
/// A leaf that comes straight from an unknown root looks like the third; the advice of incomplete-chain names both.
CertificateClass why_no_issuer(X509_STORE_CTX* verification, X509* certificate, int depth) {
  if (is_unreadable(certificate)) return CertificateClass::malformed_certificate;
  bool runs_in_a_circle = false;
  bool bears_the_name = false;
  for (const X509Ptr& candidate : named_as_issuer(verification, certificate)) {
    if (is_unreadable(candidate.get())) return CertificateClass::malformed_certificate;
    if (X509_check_issued(candidate.get(), certificate) == X509_V_OK) runs_in_a_circle = true;
    bears_the_name = true;
  }
  if (runs_in_a_circle) return CertificateClass::incomplete_chain;
  return depth == 0 && !bears_the_name ? CertificateClass::incomplete_chain : CertificateClass::unknown_issuer;
}

// --- What to say of it ---

std::string date_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable date";
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string san_address(const ASN1_OCTET_STRING* address) {
  const unsigned char* octets = ASN1_STRING_get0_data(address);
  int length = ASN1_STRING_length(address);
  if (length == 4) return fmt::format("{}.{}.{}.{}", octets[0], octets[1], octets[2], octets[3]);
  if (length != 16) return "a malformed address";
  std::string text;
  for (int i = 0; i < 16; i += 2) text += fmt::format("{}{:x}", i == 0 ? "" : ":", octets[i] * 256 + octets[i + 1]);
  return text;
}

/// A DNS name; an address that stands as one is told, since it is the mistake (RFC 9525 §6.4: addresses are compared
/// apart).
std::string dns_text(const ASN1_IA5STRING* name) {
  std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name)),
                   static_cast<std::size_t>(ASN1_STRING_length(name)));
  OpensslPtr<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> address(a2i_IPADDRESS(text.c_str()));
  return printable(text) + (address ? " (as a DNS name, not as an address)" : "");
}

/// "it is for a.test, 127.0.0.1 and 3 more", "it names no host".
std::string names_of(X509* certificate) {
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  std::string text;
  std::size_t count = 0;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    std::string one;
    if (name->type == GEN_DNS)
      one = dns_text(name->d.dNSName);
    else if (name->type == GEN_IPADD)
      one = san_address(name->d.iPAddress);
    else
      continue;
    if (++count <= names_told_max) text += (text.empty() ? "" : ", ") + one;
  }
  GENERAL_NAMES_free(names);
  if (count == 0) return "it names no host in its subjectAltName";
  if (count > names_told_max) text += fmt::format(" and {} more", count - names_told_max);
  return "it is for " + text;
}

std::string detail_of(const VerifyFinding& finding, X509* certificate) {
  if (certificate == nullptr) return {};
  switch (finding.value) {
    case CertificateClass::expired: return ", on " + date_of(X509_get0_notAfter(certificate));
    case CertificateClass::not_yet_valid: return ", before " + date_of(X509_get0_notBefore(certificate));
    case CertificateClass::wrong_host: return "; " + names_of(certificate);
    default: return {};
  }
}

// --- The verification itself ---

/// Revocation is checked as far as the given CRLs reach: an issuer without one, or one that is out of date, leaves its
/// certificates unknown, not revoked (soft fail; what an outdated CRL does revoke stays revoked).
bool is_unknown_revocation(int code) {
  return code == X509_V_ERR_UNABLE_TO_GET_CRL || code == X509_V_ERR_CRL_NOT_YET_VALID ||
         code == X509_V_ERR_CRL_HAS_EXPIRED;
}

int on_verified(int ok, X509_STORE_CTX* verification) {
  if (ok == 1) return 1;
  int code = X509_STORE_CTX_get_error(verification);
  if (is_unknown_revocation(code)) {
    X509_STORE_CTX_set_error(verification, X509_V_OK);
    return 1;
  }
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& finding = *static_cast<VerifyFinding*>(SSL_get_ex_data(ssl, finding_index()));
  X509* certificate = X509_STORE_CTX_get_current_cert(verification);
  finding.code = code;
  finding.depth = X509_STORE_CTX_get_error_depth(verification);
  finding.value = class_of_verify_error(code);
  if (finding.value == CertificateClass::incomplete_chain && certificate != nullptr)
    finding.value = why_no_issuer(verification, certificate, finding.depth);
  finding.detail = detail_of(finding, certificate);
  return 0;
}

}  // namespace

CertificateClass class_of_verify_error(int code) {
  switch (code) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return CertificateClass::self_signed;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_REJECTED: return CertificateClass::unknown_issuer;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return CertificateClass::incomplete_chain;  // why_no_issuer looks closer
    case X509_V_ERR_CERT_HAS_EXPIRED: return CertificateClass::expired;
    case X509_V_ERR_CERT_NOT_YET_VALID: return CertificateClass::not_yet_valid;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return CertificateClass::wrong_host;
    case X509_V_ERR_INVALID_PURPOSE: return CertificateClass::wrong_purpose;
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_NO_ISSUER_PUBLIC_KEY:
    case X509_V_ERR_INVALID_NON_CA:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN: return CertificateClass::invalid_ca;
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_CERT_CHAIN_TOO_LONG: return CertificateClass::path_length;
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX: return CertificateClass::name_constraint;
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION: return CertificateClass::critical_extension;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
    case X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH:
    case X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY: return CertificateClass::bad_signature;
    case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
    case X509_V_ERR_INVALID_EXTENSION:
    case X509_V_ERR_INVALID_POLICY_EXTENSION: return CertificateClass::malformed_certificate;
    case X509_V_ERR_CERT_REVOKED:
    case X509_V_ERR_UNABLE_TO_GET_CRL:  // met only where somebody asks for revocation without our soft fail
    case X509_V_ERR_OCSP_VERIFY_NEEDED:
    case X509_V_ERR_OCSP_VERIFY_FAILED:
    case X509_V_ERR_OCSP_CERT_UNKNOWN: return CertificateClass::revoked;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_EC_KEY_EXPLICIT_PARAMS: return CertificateClass::weak_key;
    case X509_V_ERR_CA_MD_TOO_WEAK:
    case X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM: return CertificateClass::weak_signature;
    default: return CertificateClass::other;
  }
}

Status set_verification(SSL* ssl, VerifyFinding& finding, Instant at) {
  X509_VERIFY_PARAM* param = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_time(param, std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
  // A scope (fe80::1%eth0) says which link to use; certificates know addresses without it.
  std::string host = finding.host.substr(0, finding.host.find('%'));
  if (!host.empty() && host.back() == '.') host.pop_back();  // the root's dot is of DNS, not of the name (RFC 6066 §3)
  if (host.empty())
    return Error{Errc::bad_input, "TLS needs the name or the address of the server to check it", Step::tls};
  if (X509_VERIFY_PARAM_set1_ip_asc(param, host.c_str()) != 1) {
    // RFC 9525 §6.3: only the subjectAltName counts, and a wildcard is a whole label.
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (X509_VERIFY_PARAM_set1_host(param, host.data(), host.size()) != 1 ||
        SSL_set_tlsext_host_name(ssl, host.c_str()) != 1) {
      take_openssl_errors();
      return Error{Errc::bad_input, fmt::format("\"{}\" cannot be the name of a server", printable(finding.host)),
                   Step::tls};
    }
  }
  take_openssl_errors();  // of the try to read a name as an address
  SSL_set_ex_data(ssl, finding_index(), &finding);
  SSL_set_verify(ssl, SSL_VERIFY_PEER, &on_verified);
  return {};
}

Error refusal(const VerifyFinding& finding) {
  std::string_view whose = finding.depth == 0 ? "certificate" : "chain of certificates";
  std::string place = finding.depth == 0 ? "" : fmt::format(" at depth {}", finding.depth);
  return {Errc::certificate_refused,
          fmt::format("The {} of {} is refused: {} (OpenSSL {}{}){}. {}", whose, printable(finding.host),
                      X509_verify_cert_error_string(finding.code), finding.code, place, finding.detail,
                      advice(finding.value)),
          Step::tls, std::string(to_string(finding.value))};
}

}  // namespace mailrig
