#pragma once
/// TLS by OpenSSL over any Stream (memory BIOs, so it is the same on a socket and on a simulated link).
///
///   auto trust = make_tls_client({.ca_pem = root_pem});
///   std::unique_ptr<Stream> stream = with_tls(std::move(tcp), *trust, "pop.isp.test", world.calendar);
///   Status secure = co_await stream->start_tls(clock.now() + 30s);      // before it the stream is in clear
///
/// Verification is never off: TLS 1.2 at least, SECLEVEL 2, chain, purpose, host name or address in the subjectAltName
/// only (RFC 9525 §6.3; a common name does not count), validity by the calendar. docs/decisions/0002-tls.md has the
/// reasons.
///
/// After start_tls the end of the stream has three faces: end_of_stream (close_notify came), truncated (the connection
/// ended without it) and reset. A connection that ends within the handshake is end_of_stream or reset, never a refused
/// certificate.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/clock.h"
#include "net/stream.h"
#include "net/tls/certificate_class.h"

namespace mailrig {

struct TlsTrust {
  std::string ca_pem = {};    // trusted roots, one or more
  bool system_roots = false;  // also those of the machine
  std::string crl_pem = {};   // with one, revocation is checked for the leaf, as far as these lists reach
};

struct TlsIdentity {
  std::string chain_pem = {};  // leaf first, then what the server chooses to send
  std::string key_pem = {};
};

enum class TlsVersion : std::uint8_t { tls1_0, tls1_1, tls1_2, tls1_3 };

/// What a server does for a client that wants to resume a session.
enum class SessionResumption : std::uint8_t {
  accepted,  // resumes it
  declined,  // hands out tickets, and answers each with a full handshake and another ticket
  none,      // hands out neither tickets nor session ids
};
inline constexpr std::string_view session_resumption_words[] = {"accepted", "declined", "none"};

struct TlsServerSettings {
  TlsIdentity identity = {};
  TlsVersion min_version = TlsVersion::tls1_2;
  TlsVersion max_version = TlsVersion::tls1_3;
  SessionResumption resumption = SessionResumption::accepted;
  std::string cipher_list = {};  // OpenSSL's words for TLS 1.2 and older; empty: the default
  /// DER octets that go out in place of the identity's certificates, for those that OpenSSL's own server would not
  /// load. The Certificate message is in clear up to TLS 1.2 only (RFC 8446 §2), so max_version must not be above it.
  std::vector<std::string> sent_instead = {};
};

/// What a simulated link charges, whatever was really sent: certificates and signatures differ in size from run to run,
/// and virtual time must not. A flight is all that one side says before it waits for the other.
inline constexpr std::size_t tls_flight_octets = 2'000;  // about a server's, with a leaf and an intermediate
inline constexpr std::size_t tls_close_octets = 24;      // a close_notify in its record

class TlsClientContext;
class TlsServerContext;

/// Contexts are dear (parsing roots, tables of ciphers) and may be shared by streams and threads. Errors: bad_input for
/// PEM that cannot be read, environment for OpenSSL's own trouble.
Result<std::shared_ptr<const TlsClientContext>> make_tls_client(const TlsTrust& trust);
Result<std::shared_ptr<const TlsServerContext>> make_tls_server(const TlsServerSettings& settings);
/// The same trust for a client that knows nothing of the sessions of others: cheap, nothing is read again. A client
/// resumes the sessions of its own context while the certificates they rest on are valid (docs/decisions/0002-tls.md).
std::shared_ptr<const TlsClientContext> with_own_sessions(const TlsClientContext& context);

/// A client's stream that can be upgraded by start_tls. `host` is the configured name: SNI and host name check.
std::unique_ptr<Stream> with_tls(std::unique_ptr<Stream> below, std::shared_ptr<const TlsClientContext> context,
                                 std::string host, const Calendar& calendar);
/// A server's.
std::unique_ptr<Stream> with_tls(std::unique_ptr<Stream> below, std::shared_ptr<const TlsServerContext> context);

}  // namespace mailrig
