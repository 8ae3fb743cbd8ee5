#pragma once
/// Contexts made of net/testdata/tls, for tests. Its certificates were made with the openssl program (make.sh beside
/// them).
///
///   auto server = tls_server_context(tls_settings("expired.chain.pem"));
///   with_tls(std::move(below), tls_client_context(), "pop.isp.test", calendar);

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "base/time.h"
#include "net/tls/tls.h"

namespace mailrig::testing {

inline std::string tls_file(const std::string& name) {
  std::ifstream in(std::string(MAILRIG_SOURCE_DIR) + "/net/testdata/tls/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

inline TlsServerSettings tls_settings(const std::string& chain = "leaf.chain.pem") {
  return {.identity = {.chain_pem = tls_file(chain), .key_pem = tls_file("leaf.key")}};
}
inline std::shared_ptr<const TlsServerContext> tls_server_context(const TlsServerSettings& how) {
  return make_tls_server(how).value();
}
inline std::shared_ptr<const TlsClientContext> tls_client_context() {
  static const auto shared = make_tls_client({.ca_pem = tls_file("root.pem")}).value();
  return shared;
}
inline Instant at(const char* text) { return parse_instant(text).value(); }

}  // namespace mailrig::testing
