#include "fakeservers/certificates/certificate_issuer.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/sha256.h"
#include "base/text.h"

namespace mailrig::fakeservers {
namespace {

using NamePtr = OpensslPtr<X509_NAME, X509_NAME_free>;
using ExtensionPtr = OpensslPtr<X509_EXTENSION, X509_EXTENSION_free>;
using TimePtr = OpensslPtr<ASN1_TIME, ASN1_TIME_free>;
using IntegerPtr = OpensslPtr<ASN1_INTEGER, ASN1_INTEGER_free>;
using NumberPtr = OpensslPtr<BIGNUM, BN_free>;
using ObjectPtr = OpensslPtr<ASN1_OBJECT, ASN1_OBJECT_free>;
using OctetsPtr = OpensslPtr<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;

constexpr std::size_t serial_digits = 32;  // 128 bits, of the 160 that RFC 5280 §4.1.2.2 allows

TimePtr time_of(Instant instant) {
  return TimePtr(ASN1_TIME_set(nullptr, std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count()));
}

IntegerPtr number_of(const std::string& hex) {
  BIGNUM* raw = nullptr;
  BN_hex2bn(&raw, hex.c_str());
  NumberPtr number(raw);
  return IntegerPtr(BN_to_ASN1_INTEGER(number.get(), nullptr));
}

NamePtr common_name(const std::string& text) {
  NamePtr name(X509_NAME_new());
  X509_NAME_add_entry_by_NID(name.get(), NID_commonName, MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()), -1, 0);
  return name;
}

/// Same plan, same number, so that a certificate that is made again is the same one to whoever keeps lists.
std::string serial_of(const CertificatePlan& plan) {
  if (!plan.serial.empty()) return plan.serial;
  Sha256 sum;
  sum.update(plan.subject);
  for (Instant instant : {plan.from, plan.until}) sum.update(format_instant(instant));
  for (const auto& [id, text] : plan.extensions) sum.update(fmt::format("\n{}={}", id, text));
  std::string hex = sum.hex().substr(0, serial_digits);
  hex[0] = '1';  // positive, and never shorter
  return hex;
}

bool add_unknown_critical(X509* certificate, const std::string& identifier) {
  ObjectPtr object(OBJ_txt2obj(identifier.c_str(), 1));
  OctetsPtr octets(ASN1_OCTET_STRING_new());
  constexpr unsigned char null[] = {0x05, 0x00};  // ASN.1 NULL: well formed, and says nothing
  ASN1_OCTET_STRING_set(octets.get(), null, sizeof null);
  ExtensionPtr extension(X509_EXTENSION_create_by_OBJ(nullptr, object.get(), 1, octets.get()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

template <class Write>
std::string text_of(Write write) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  write(bio.get());
  char* text = nullptr;
  long length = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(length)};
}

bool is_host_name(std::string_view host) {
  // What stands in a configuration line of OpenSSL must not hold its separators; DNS names do not.
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_' || c == '*';
  });
}

}  // namespace

KeyPtr make_ec_key() { return KeyPtr(EVP_EC_gen("P-256")); }
KeyPtr make_rsa_key(unsigned bits) { return KeyPtr(EVP_RSA_gen(bits)); }

Result<X509Ptr> sign_certificate(const CertificatePlan& plan, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  auto failed = [&](std::string_view what) {
    return Error{Errc::bad_input, fmt::format("no certificate for \"{}\" could be made, because of its {}: {}",
                                              printable(plan.subject), what, openssl_errors())};
  };
  ERR_clear_error();
  X509Ptr made(X509_new());
  X509* certificate = made.get();
  NamePtr subject = common_name(plan.subject);
  if (X509_set_version(certificate, X509_VERSION_3) != 1 || X509_set_subject_name(certificate, subject.get()) != 1 ||
      X509_set_issuer_name(certificate, issuer == nullptr ? subject.get() : X509_get_subject_name(issuer)) != 1 ||
      X509_set_serialNumber(certificate, number_of(serial_of(plan)).get()) != 1)
    return failed("names");
  if (X509_set1_notBefore(certificate, time_of(plan.from).get()) != 1 ||
      X509_set1_notAfter(certificate, time_of(plan.until).get()) != 1)
    return failed("dates");
  if (X509_set_pubkey(certificate, key) != 1) return failed("key");
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer == nullptr ? certificate : issuer, certificate, nullptr, nullptr, 0);
  for (const auto& [id, text] : plan.extensions) {
    ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, id, text.c_str()));
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) return failed(text);
  }
  if (!plan.unknown_critical_extension.empty() && !add_unknown_critical(certificate, plan.unknown_critical_extension))
    return failed(plan.unknown_critical_extension);
  if (X509_sign(certificate, issuer_key, plan.with_sha1 ? EVP_sha1() : EVP_sha256()) == 0) return failed("signature");
  return made;
}

CrlPtr sign_revocation_list(std::string_view revoked_serial, Instant from, Instant until, X509* issuer,
                            EVP_PKEY* issuer_key) {
  CrlPtr list(X509_CRL_new());
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer));
  X509_CRL_set1_lastUpdate(list.get(), time_of(from).get());
  X509_CRL_set1_nextUpdate(list.get(), time_of(until).get());
  X509_REVOKED* entry = X509_REVOKED_new();
  X509_REVOKED_set_serialNumber(entry, number_of(std::string(revoked_serial)).get());
  X509_REVOKED_set_revocationDate(entry, time_of(from).get());
  X509_CRL_add0_revoked(list.get(), entry);
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, nullptr, nullptr, list.get(), 0);
  for (const auto& [id, text] : Extensions{{NID_authority_key_identifier, "keyid:always"}}) {
    ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, id, text.c_str()));
    X509_CRL_add_ext(list.get(), extension.get(), -1);
  }
  IntegerPtr number = number_of("01");
  X509_CRL_add1_ext_i2d(list.get(), NID_crl_number, number.get(), 0, 0);
  X509_CRL_sort(list.get());
  X509_CRL_sign(list.get(), issuer_key, EVP_sha256());
  return list;
}

Result<std::string> subject_alt_name(const std::vector<std::string>& hosts) {
  std::string text;
  for (const std::string& host : hosts) {
    OctetsPtr address(a2i_IPADDRESS(host.c_str()));
    if (!address && !is_host_name(host))
      return Error{
          Errc::bad_input,
          fmt::format("\"{}\" is neither a host name nor an address that a certificate could name", printable(host))};
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", address ? "IP" : "DNS", host);
  }
  ERR_clear_error();  // of names that are no addresses
  return text;
}

std::string to_der(X509* certificate) {
  unsigned char* octets = nullptr;
  int length = i2d_X509(certificate, &octets);
  std::string der(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(length));
  OPENSSL_free(octets);
  return der;
}

X509Ptr from_der(std::string_view der) {
  const auto* octets = reinterpret_cast<const unsigned char*>(der.data());
  return X509Ptr(d2i_X509(nullptr, &octets, static_cast<long>(der.size())));
}

std::string to_pem(X509* certificate) {
  return text_of([&](BIO* bio) { PEM_write_bio_X509(bio, certificate); });
}
std::string to_pem(X509_CRL* list) {
  return text_of([&](BIO* bio) { PEM_write_bio_X509_CRL(bio, list); });
}
std::string to_pem(EVP_PKEY* key) {
  return text_of([&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

}  // namespace mailrig::fakeservers
