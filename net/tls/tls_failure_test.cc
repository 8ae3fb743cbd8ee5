#include "net/tls/tls_failure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace mailrig {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

constexpr int libssl = 20;
constexpr int libasn1 = 13;
constexpr int libx509 = 11;
constexpr int libx509v3 = 34;
constexpr int libevp = 6;

std::string_view class_of(int library, int reason) {
  return to_string(class_of_tls_failure({ERR_PACK(library, 0, reason)}));
}

TEST(TlsFailure, ReasonsOfOpensslHaveTheirClass) {
  // The numbers of openssl/sslerr.h; an alert of the peer is 1000 and its number of RFC 8446 §6.
  for (int reason : {1000 + 70, 258, 259, 266, 267, 191, 373, 1000 + 86})
    EXPECT_EQ(class_of(libssl, reason), "protocol-version") << reason;
  for (int reason : {1000 + 40, 1000 + 71, 193, 181, 185, 261, 248, 118, 101})
    EXPECT_EQ(class_of(libssl, reason), "no-cipher") << reason;
  for (int reason : {399, 397, 394}) EXPECT_EQ(class_of(libssl, reason), "weak-key") << reason;
  for (int reason : {398, 370}) EXPECT_EQ(class_of(libssl, reason), "weak-signature") << reason;
  EXPECT_EQ(class_of(libssl, 123), "bad-signature");
  EXPECT_EQ(class_of(libssl, 135), "malformed-certificate");
  EXPECT_EQ(class_of(libssl, 1000 + 112), "wrong-host");
  EXPECT_EQ(class_of(libssl, 156), "not-tls");
  EXPECT_EQ(class_of(libssl, 294), "truncated");
  for (int reason : {1000 + 80, 1000 + 20, 281, 1}) EXPECT_EQ(class_of(libssl, reason), "other") << reason;
  for (int library : {libasn1, libx509, libx509v3}) EXPECT_EQ(class_of(library, 155), "malformed-certificate");
  EXPECT_EQ(class_of(libevp, 258), "other") << "the number of another library means something else";
}

TEST(TlsFailure, TheFirstErrorThatHasAClassDecides) {
  EXPECT_EQ(class_of_tls_failure({}), CertificateClass::other);
  EXPECT_EQ(class_of_tls_failure({ERR_PACK(libevp, 0, 1), ERR_PACK(libssl, 0, 1), ERR_PACK(libssl, 0, 258)}),
            CertificateClass::protocol_version);
  EXPECT_EQ(class_of_tls_failure({ERR_PACK(libasn1, 0, 155), ERR_PACK(libssl, 0, 258)}),
            CertificateClass::malformed_certificate);
}

TEST(TlsFailure, AClientIsToldWhatToDo) {
  OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, nullptr);  // the texts, as any connection loads them
  Error error = tls_failure("pop.isp.test", {ERR_PACK(libssl, 0, 1070)});
  EXPECT_EQ(error.code, Errc::tls_failed);
  EXPECT_EQ(error.reason, "protocol-version");
  EXPECT_EQ(error.step, Step::tls);
  EXPECT_EQ(error.message, "TLS with pop.isp.test failed: OpenSSL says 0A00042E tlsv1 alert protocol version. " +
                               std::string(advice(CertificateClass::protocol_version)));
  EXPECT_THAT(tls_failure("x", {}).message, StartsWith("TLS with x failed: OpenSSL gives no reason. "));
}

TEST(TlsFailure, WhatIsACertificatesFaultIsARefusal) {
  EXPECT_EQ(tls_failure("x", {ERR_PACK(libssl, 0, 398)}).code,
            Errc::certificate_refused);                                            // weak-signature, the last of them
  EXPECT_EQ(tls_failure("x", {ERR_PACK(libssl, 0, 258)}).code, Errc::tls_failed);  // protocol-version, the next
  EXPECT_EQ(tls_failure("x", {ERR_PACK(libasn1, 0, 155)}).code, Errc::certificate_refused);
}

TEST(TlsFailure, AServerTellsOnlyWhatItSaw) {
  OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, nullptr);
  Error error = client_tls_failure("the client 127.0.0.1:1", {ERR_PACK(libssl, 0, 1048)});
  EXPECT_EQ(error.code, Errc::tls_failed);
  EXPECT_EQ(error.reason, "");
  EXPECT_EQ(error.message, "TLS with the client 127.0.0.1:1 failed: OpenSSL says 0A000418 tlsv1 alert unknown ca");
  EXPECT_EQ(client_tls_failure("x", {ERR_PACK(libssl, 0, 193)}).reason, "no-cipher");
}

TEST(TlsFailure, WhatIsNotTlsIsQuotedUpToALimit) {
  Error error = not_tls("pop.isp.test", "+OK ready\r\n");
  EXPECT_EQ(error.reason, "not-tls");
  EXPECT_THAT(error.message,
              StartsWith("pop.isp.test answered in clear where TLS was to begin: \"+OK ready\\r\\n\". "));
  std::string all_60(60, 'x');
  EXPECT_THAT(not_tls("h", all_60).message,
              StartsWith("h answered in clear where TLS was to begin: \"" + all_60 + "\". "));
  EXPECT_THAT(not_tls("h", all_60 + "y").message, testing::Not(testing::HasSubstr("xy")));
}

TEST(TlsFailure, OthersAreNamedByTheirClassToo) {
  EXPECT_EQ(handshake_stalled("h").code, Errc::timed_out);
  EXPECT_EQ(handshake_stalled("h").reason, "handshake-stalled");
  EXPECT_EQ(truncated_stream().code, Errc::truncated);
  EXPECT_THAT(truncated_stream().message, EndsWith(std::string(advice(CertificateClass::truncated))));
}

}  // namespace
}  // namespace mailrig
