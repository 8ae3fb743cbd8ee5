#pragma once
/// What a failed handshake or a broken connection is called, from OpenSSL's queue of errors. For .cc files of net/.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/tls/certificate_class.h"

namespace mailrig {

/// `codes` as take_openssl_errors gives them, oldest first.
CertificateClass class_of_tls_failure(const std::vector<unsigned long>& codes);

/// A client's view of a server: the class, OpenSSL's code and text, and what to do. certificate_refused where it is a
/// certificate's fault, else tls_failed.
Error tls_failure(std::string_view server, const std::vector<unsigned long>& codes);
/// A server's view of a client: tls_failed, OpenSSL's code and text. `client` is where it calls from.
Error client_tls_failure(std::string_view client, const std::vector<unsigned long>& codes);
/// What answered speaks something else; `octets` is what it said first.
Error not_tls(std::string_view peer, std::string_view octets);
/// The peer did not finish the handshake in time.
Error handshake_stalled(std::string_view peer);
/// The connection ended without close_notify.
Error truncated_stream();

}  // namespace mailrig
