#pragma once
/// How a server's certificate is judged: what is asked of OpenSSL, and what its answer is called. For .cc files of
/// net/.
///
///   set_verification(ssl, {.host = "pop.isp.test", .at = calendar.now()});
///   ... SSL_do_handshake ...
///   if (SSL_get_verify_result(ssl) != X509_V_OK) return refusal(ssl);

#include <openssl/ssl.h>

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "net/tls/certificate_class.h"

namespace mailrig {

/// Of OpenSSL's X509_V_ERR_ numbers, by the number alone; `other` for those that no server's certificate can cause
/// here.
CertificateClass class_of_verify_error(int code);

/// What the verification of one connection found first.
struct VerifyFinding {
  std::string host;
  int code = 0;
  int depth = 0;
  CertificateClass value = CertificateClass::other;
  std::string detail;  // " on 2014-06-01T00:00:00Z", " (it is for a.test, b.test)"; escaped
};

/// Sets name or address, time and the callback. `finding` must live as long as `ssl`. Error bad_input: a host that can
/// be neither a name nor an address.
Status set_verification(SSL* ssl, VerifyFinding& finding, Instant at);

/// The error for a certificate that was refused.
Error refusal(const VerifyFinding& finding);

}  // namespace mailrig
