#pragma once
/// The contexts that tls.h keeps opaque. For .cc files of net/.

#include <string>
#include <vector>

#include "net/tls/openssl.h"
#include "net/tls/tls.h"
#include "net/tls/tls_sessions.h"

namespace mailrig {

class TlsClientContext {
 public:
  explicit TlsClientContext(SslContextPtr context) : context_(std::move(context)) {}
  SSL_CTX* get() const { return context_.get(); }
  TlsSessions& sessions() const { return sessions_; }

 private:
  SslContextPtr context_;
  mutable TlsSessions sessions_;  // what connections leave to later ones changes nothing of what is trusted
};

class TlsServerContext {
 public:
  TlsServerContext(SslContextPtr context, std::vector<std::string> sent_instead)
      : context_(std::move(context)), sent_instead_(std::move(sent_instead)) {}
  SSL_CTX* get() const { return context_.get(); }
  const std::vector<std::string>& sent_instead() const { return sent_instead_; }

 private:
  SslContextPtr context_;
  std::vector<std::string> sent_instead_;
};

}  // namespace mailrig
