#include "net/tls/certificate_class.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace mailrig {
namespace {

// The words of the design, in its order: scenario files and reports depend on them.
constexpr std::pair<CertificateClass, std::string_view> words[] = {
    {CertificateClass::self_signed, "self-signed"},
    {CertificateClass::unknown_issuer, "unknown-issuer"},
    {CertificateClass::incomplete_chain, "incomplete-chain"},
    {CertificateClass::expired, "expired"},
    {CertificateClass::not_yet_valid, "not-yet-valid"},
    {CertificateClass::wrong_host, "wrong-host"},
    {CertificateClass::wrong_purpose, "wrong-purpose"},
    {CertificateClass::invalid_ca, "invalid-ca"},
    {CertificateClass::path_length, "path-length"},
    {CertificateClass::name_constraint, "name-constraint"},
    {CertificateClass::critical_extension, "critical-extension"},
    {CertificateClass::bad_signature, "bad-signature"},
    {CertificateClass::malformed_certificate, "malformed-certificate"},
    {CertificateClass::revoked, "revoked"},
    {CertificateClass::weak_key, "weak-key"},
    {CertificateClass::weak_signature, "weak-signature"},
    {CertificateClass::protocol_version, "protocol-version"},
    {CertificateClass::no_cipher, "no-cipher"},
    {CertificateClass::not_tls, "not-tls"},
    {CertificateClass::handshake_stalled, "handshake-stalled"},
    {CertificateClass::truncated, "truncated"},
    {CertificateClass::other, "other"},
};

TEST(CertificateClass, NamesAreTheOnesOfTheDesignAndReadBack) {
  ASSERT_EQ(certificate_class_names().size(), std::size(words));
  for (std::size_t i = 0; i < std::size(words); ++i) {
    auto [value, name] = words[i];
    EXPECT_EQ(to_string(value), name);
    EXPECT_EQ(certificate_class_names()[i], name);
    EXPECT_EQ(parse_certificate_class(name), value) << name;
  }
}

TEST(CertificateClass, OtherWordsAreNoClass) {
  for (std::string_view word : {"", "Expired", "expired ", "self_signed", "expire", "expiredd"})
    EXPECT_EQ(parse_certificate_class(word), std::nullopt) << word;
}

TEST(CertificateClass, EachAdviceIsItsOwnWholeSentence) {
  std::set<std::string_view> seen;
  for (auto [value, name] : words) {
    std::string_view text = advice(value);
    EXPECT_TRUE(seen.insert(text).second) << name;
    EXPECT_TRUE(std::isupper(static_cast<unsigned char>(text.front()))) << name;
    EXPECT_TRUE(text.ends_with('.')) << name;
    EXPECT_EQ(text.find(". "), std::string_view::npos) << name << " has more than one sentence";
  }
}

TEST(CertificateClass, AdviceNamesTheRemedy) {
  struct Case {
    CertificateClass value;
    std::string_view word;
  };
  for (auto [value, word] :
       {Case{CertificateClass::expired, "renew"}, Case{CertificateClass::incomplete_chain, "intermediate"},
        Case{CertificateClass::wrong_host, "subjectAltName"}, Case{CertificateClass::not_tls, "995"},
        Case{CertificateClass::protocol_version, "TLS 1.2"}, Case{CertificateClass::weak_signature, "SHA-256"},
        Case{CertificateClass::self_signed, "signed by itself"}, Case{CertificateClass::revoked, "revoked"},
        Case{CertificateClass::unknown_issuer, "trusted roots"}, Case{CertificateClass::weak_key, "2048"}})
    EXPECT_NE(advice(value).find(word), std::string_view::npos) << to_string(value);
}

}  // namespace
}  // namespace mailrig
