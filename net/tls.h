#pragma once
/// TLS by OpenSSL over any Stream (memory BIOs, so it is the same on a socket and on a simulated link).
///
///   auto trust = make_tls_client({.ca_pem = root_pem});
///   std::unique_ptr<Stream> stream = with_tls(std::move(tcp), *trust, "pop.isp.test", world.calendar);
///   Status secure = co_await stream->start_tls(clock.now() + 30s);      // before it the stream is in clear
///
/// Verification is never off: TLS 1.2 at least, SECLEVEL 2, chain, purpose, host name or address in the subjectAltName only
/// (RFC 9525 §6.3; a common name does not count), validity by the calendar.

#include <memory>
#include <string>
#include <string_view>

#include "net/certificate_class.h"
#include "net/clock.h"
#include "net/stream.h"

namespace mailrig {

struct TlsTrust {
  std::string ca_pem;         // trusted roots, one or more
  bool system_roots = false;  // also those of the machine
  std::string crl_pem;        // with one, revocation is checked for the leaf
};

struct TlsIdentity {
  std::string chain_pem;  // leaf first, then what the server chooses to send
  std::string key_pem;
};

enum class TlsVersion : std::uint8_t { tls1_0, tls1_1, tls1_2, tls1_3 };

struct TlsServerSettings {
  TlsIdentity identity;
  TlsVersion min_version = TlsVersion::tls1_2;
  TlsVersion max_version = TlsVersion::tls1_3;
  std::string cipher_list;  // OpenSSL's words for TLS 1.2 and older; empty: the default
};

class TlsClientContext;
class TlsServerContext;

/// Contexts are dear (parsing roots, tables of ciphers) and may be shared by streams and threads. Errors: bad_input for PEM
/// that cannot be read, environment for OpenSSL's own trouble.
Result<std::shared_ptr<const TlsClientContext>> make_tls_client(const TlsTrust& trust);
Result<std::shared_ptr<const TlsServerContext>> make_tls_server(const TlsServerSettings& settings);

/// A client's stream that can be upgraded by start_tls. `host` is the configured name: SNI and host name check.
std::unique_ptr<Stream> with_tls(std::unique_ptr<Stream> below, std::shared_ptr<const TlsClientContext> context,
                                 std::string host, const Calendar& calendar);
/// A server's.
std::unique_ptr<Stream> with_tls(std::unique_ptr<Stream> below, std::shared_ptr<const TlsServerContext> context);

}  // namespace mailrig
