#pragma once
/// One certificate at a time, of any kind, right or wrong. The factory decides which; this only signs. For .cc files
/// of fakeservers/.
///
///   KeyPtr key = make_ec_key();
///   Result<X509Ptr> root = sign_certificate({.subject = "Rig Root", .extensions = {{NID_basic_constraints,
///   "critical,CA:TRUE"}}},
///                                           key.get(), nullptr, key.get());

#include <openssl/obj_mac.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/tls/openssl.h"

namespace mailrig::fakeservers {

/// In the words of openssl's x509v3_config: {NID_ext_key_usage, "serverAuth"}.
using Extensions = std::vector<std::pair<int, std::string>>;

struct CertificatePlan {
  std::string subject = {};  // the common name
  Instant from{};
  Instant until{};
  Extensions extensions = {};
  std::string unknown_critical_extension = {};  // its object identifier; empty: none
  bool with_sha1 = false;                       // signed with SHA-1 instead of SHA-256
  std::string serial = {};                      // hexadecimal; empty: derived from the rest of the plan
};

/// P-256, as most servers have it.
KeyPtr make_ec_key();
KeyPtr make_rsa_key(unsigned bits);

/// `issuer` null: the certificate signs itself. Error bad_input names the extension that OpenSSL did not take.
Result<X509Ptr> sign_certificate(const CertificatePlan& plan, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key);

/// A list of one revoked certificate, good between the two instants.
CrlPtr sign_revocation_list(std::string_view revoked_serial, Instant from, Instant until, X509* issuer,
                            EVP_PKEY* issuer_key);

/// "DNS:pop.isp.test,IP:127.0.0.1": the subjectAltName for these names and addresses. Error bad_input: one is neither.
Result<std::string> subject_alt_name(const std::vector<std::string>& hosts);

std::string to_der(X509* certificate);
X509Ptr from_der(std::string_view der);  // null where it is none
std::string to_pem(X509* certificate);
std::string to_pem(X509_CRL* list);
std::string to_pem(EVP_PKEY* key);

}  // namespace mailrig::fakeservers
