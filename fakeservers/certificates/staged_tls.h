#pragma once
/// A server's side of TLS that acts what a certificate cannot: clear text where TLS was due, silence, an end without
/// close_notify. For every other class it is with_tls.
///
///   stream = with_staged_tls(std::move(tcp), context, CertificateClass::handshake_stalled);
///   Status secure = co_await stream->start_tls(deadline);      // never comes to be

#include <memory>
#include <string>

#include "fakeservers/certificates/certificate_factory.h"
#include "net/stream.h"
#include "net/tls/tls.h"

namespace mailrig::fakeservers {

/// not-tls: start_tls says `in_clear`, as a server that knows nothing of TLS does, then hears the client out and fails
/// with tls_failed. handshake-stalled: hears and says nothing until the client has gone or the deadline has passed.
/// truncated: a good handshake, and every orderly close leaves close_notify out.
std::unique_ptr<Stream> with_staged_tls(std::unique_ptr<Stream> below, std::shared_ptr<const TlsServerContext> context,
                                        CertificateFault fault, std::string in_clear = "-ERR unknown command\r\n");

}  // namespace mailrig::fakeservers
