#include "net/tls/tls_verify.h"

#include <gtest/gtest.h>

namespace mailrig {
namespace {

struct Row {
  int code;  // the numbers of openssl/x509_vfy.h, as docs/providers/certificates.md#classes has them
  std::string_view name;
};

TEST(TlsVerify, NumbersOfOpensslHaveTheirClass) {
  constexpr Row rows[] = {
      {2, "incomplete-chain"},
      {3, "revoked"},
      {4, "bad-signature"},
      {6, "malformed-certificate"},
      {7, "bad-signature"},
      {9, "not-yet-valid"},
      {10, "expired"},
      {13, "malformed-certificate"},
      {14, "malformed-certificate"},
      {18, "self-signed"},
      {19, "unknown-issuer"},
      {20, "incomplete-chain"},
      {21, "incomplete-chain"},
      {22, "path-length"},
      {23, "revoked"},
      {24, "invalid-ca"},
      {25, "path-length"},
      {26, "wrong-purpose"},
      {27, "unknown-issuer"},
      {28, "unknown-issuer"},
      {32, "invalid-ca"},
      {34, "critical-extension"},
      {37, "invalid-ca"},
      {41, "malformed-certificate"},
      {42, "malformed-certificate"},
      {47, "name-constraint"},
      {48, "name-constraint"},
      {49, "name-constraint"},
      {51, "name-constraint"},
      {52, "name-constraint"},
      {53, "name-constraint"},
      {62, "wrong-host"},
      {64, "wrong-host"},
      {66, "weak-key"},
      {67, "weak-key"},
      {68, "weak-signature"},
      {73, "revoked"},
      {74, "revoked"},
      {75, "revoked"},
      {76, "weak-signature"},
      {77, "bad-signature"},
      {78, "bad-signature"},
      {79, "invalid-ca"},
      {94, "weak-key"},
  };
  for (const Row& row : rows) EXPECT_EQ(to_string(class_of_verify_error(row.code)), row.name) << row.code;
}

TEST(TlsVerify, WhatNoServersCertificateCausesIsOther) {
  // Out of memory, lists of revoked certificates that are themselves wrong, proxies, policies, e-mail, DANE.
  for (int code : {1, 8, 11, 12, 17, 33, 35, 36, 38, 40, 43, 44, 50, 54, 63, 65, 69, 70, 71, 72, 9999})
    EXPECT_EQ(class_of_verify_error(code), CertificateClass::other) << code;
}

TEST(TlsVerify, ARefusalIsASentenceWithItsNumberAndAnAdvice) {
  Error leaf = refusal({.host = "pop.isp.test", .code = 10, .value = CertificateClass::expired, .detail = ", on 2014"});
  EXPECT_EQ(leaf.code, Errc::certificate_refused);
  EXPECT_EQ(leaf.reason, "expired");
  EXPECT_EQ(leaf.message,
            "The certificate of pop.isp.test is refused: certificate has expired (OpenSSL 10), on 2014. " +
                std::string(advice(CertificateClass::expired)));
  Error above =
      refusal({.host = "a\r\nb", .code = 79, .depth = 1, .value = CertificateClass::invalid_ca, .detail = {}});
  EXPECT_EQ(above.message,
            "The chain of certificates of a\\r\\nb is refused: invalid CA certificate (OpenSSL 79 at depth 1). " +
                std::string(advice(CertificateClass::invalid_ca)));
}

}  // namespace
}  // namespace mailrig
