#pragma once
/// The TLS sessions that a client may resume, by host. For .cc files of net/.
///
///   if (std::optional<ResumableSession> kept = context->sessions().find("pop.isp.test", calendar.now())) ...
///
/// A resumed handshake sends no certificate, so a session answers for the verification of the handshake it comes from.
/// It is offered only to the same host, only under the same trusted roots (one cache belongs to one TlsClientContext)
/// and only while every certificate of the verified chain is valid by the calendar: there a new verification would
/// have the same result. A server that shows another certificate has other keys for its sessions, and verifies anew.

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "net/tls/openssl.h"

namespace mailrig {

using SslSessionPtr = OpensslPtr<SSL_SESSION, SSL_SESSION_free>;

/// From when a chain was verified until one of its certificates expires.
struct Validity {
  Instant from = Instant::min();
  Instant until = Instant::max();
  bool holds(Instant at) const { return from <= at && at <= until; }
};

/// Of the chain that this connection's handshake has verified at that instant. A date that cannot be read allows
/// nothing.
Validity validity_of_chain(SSL* ssl, Instant verified);

struct ResumableSession {
  SslSessionPtr session;
  Validity validity;
};

class TlsSessions {
 public:
  // A client with more servers than this begins anew.
  static constexpr std::size_t hosts_max = 1'000;

  std::optional<ResumableSession> find(std::string_view host, Instant now) const;
  /// Replaces what is kept for the host: a ticket is for one use (RFC 8446 appendix C.4). The server's lifetime for the
  /// session counts from the verification.
  void keep(const std::string& host, ResumableSession session);

 private:
  mutable std::mutex mutex_;  // contexts are shared by threads
  std::map<std::string, ResumableSession, std::less<>> by_host_;
};

}  // namespace mailrig
