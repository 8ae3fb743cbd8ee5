#pragma once
/// How each kind of certificate is made: one small function a class, which spoils one thing of a good one. Not
/// thread-safe: the factory locks.
///
///   KeyRing keys;
///   Result<TlsServerSettings> shown = make_settings(keys, CertificateClass::expired, {.hosts = {"pop.isp.test"}, .at =
///   now});

#include <map>
#include <string>

#include "fakeservers/certificates/certificate_factory.h"
#include "fakeservers/certificates/certificate_issuer.h"

namespace mailrig::fakeservers {

struct Authority {
  X509Ptr certificate;
  KeyPtr key;
};

/// Keys and authorities, made when they are first needed.
struct KeyRing {
  std::map<std::string, Authority> authorities;
  std::map<std::string, KeyPtr> leaf_keys;
};

Result<TlsServerSettings> make_settings(KeyRing& keys, CertificateFault fault, const CertificateRequest& request);

std::string trusted_root_pem(KeyRing& keys);
std::string trusted_crl_pem(KeyRing& keys);

}  // namespace mailrig::fakeservers
