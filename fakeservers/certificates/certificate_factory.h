#pragma once
/// Makes, at run time, what a server shows: good certificates and every bad one that has a name
/// (net/tls/certificate_class.h).
///
///   CertificateFactory factory;
///   auto trust = factory.client_context();                                   // or factory.trust(), as PEM
///   auto shown = factory.server_context(CertificateClass::expired, {.hosts = {"pop.isp.test"}, .at =
///   calendar.now()}); stream = with_staged_tls(std::move(stream), shown.value(), CertificateClass::expired);    //
///   fakeservers/certificates/staged_tls.h
///
/// All workshops of a process share their keys, their roots, and what they have made: one more is free, and asking
/// again for the same certificate within one day of the calendar gives the same one. Thread-safe. Nothing made here
/// depends on chance but the keys.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/tls/certificate_class.h"
#include "net/tls/tls.h"

namespace mailrig::fakeservers {

/// What is wrong; nothing: a good certificate.
using CertificateFault = std::optional<CertificateClass>;

/// "good" or the name of a class. Error bad_input says what was probably meant.
Result<CertificateFault> parse_certificate_fault(std::string_view name);
/// "good" or the name of the class.
std::string_view to_string(CertificateFault fault);

struct CertificateRequest {
  std::vector<std::string> hosts = {};  // the names and addresses it is for
  Instant at{};                         // the date of the story
  std::optional<Instant> from = {};     // of the leaf, instead of a year before and ten years after `at`
  std::optional<Instant> until = {};
  bool send_root = false;  // the server sends its root too, as some do
  SessionResumption resumption = SessionResumption::accepted;
};

class CertificateFactory {
 public:
  /// For the classes that are no certificate's fault: protocol-version and no-cipher are in the settings; not-tls,
  /// handshake-stalled and truncated are good settings that with_staged_tls makes no good use of. Errors: bad_input for
  /// a host that is none, and for `other`, which nothing can be made for.
  Result<TlsServerSettings> make(CertificateFault fault, const CertificateRequest& request) const;
  Result<std::shared_ptr<const TlsServerContext>> server_context(CertificateFault fault,
                                                                 const CertificateRequest& request) const;

  /// The root and the list of revoked certificates; they are good from 1970 to 2250.
  TlsTrust trust() const;
  const std::string& root_pem() const;
  const std::string& crl_pem() const;
  Result<std::shared_ptr<const TlsClientContext>> client_context() const;
};

}  // namespace mailrig::fakeservers
