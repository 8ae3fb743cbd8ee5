#include "net/tls/tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <filesystem>

namespace mailrig {
namespace {

// TLS 1.3 in the order of what a machine with AES instructions does fastest; both sides of a test share its processor.
constexpr const char* ciphersuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* groups = "X25519:P-256:X448:P-384:P-521";
constexpr int client_security_level = 2;  // 112 bits: RSA from 2048, no SHA-1 (SSL_CTX_set_security_level)
// A fake server serves what it is told to, good or bad: it is the client that judges.
constexpr int server_security_level = 0;
// Clients of one server whose last session can be resumed; beyond it, a full handshake does.
constexpr long server_sessions_max = 4'096;
constexpr long server_session_seconds = 86'400;  // RFC 8446 section 4.6.1 allows a week
constexpr long declined_ticket_seconds = 7'200;  // as Dovecot 2.3.19.1 says in tickets that it then declines

Error own_trouble(std::string_view what) {
  return {Errc::environment, fmt::format("OpenSSL could not {}: {}", what, openssl_errors()), Step::tls};
}
Error unreadable(std::string_view what) {
  return {Errc::bad_input, fmt::format("{} cannot be read: OpenSSL says {}", what, openssl_errors()), Step::tls};
}

// A key under a password must be refused, not asked for on somebody's terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) { return 0; }

/// All objects of one kind in `pem`. Empty where there is none; an error where one is damaged.
template <class Pointer, class Read>
Result<std::vector<Pointer>> read_all(std::string_view pem, std::string_view what, Read read) {
  BioPtr bio = bio_over(pem);
  std::vector<Pointer> all;
  while (auto* one = read(bio.get(), nullptr, &no_password, nullptr)) all.emplace_back(one);
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) return unreadable(what);
  take_openssl_errors();
  return all;
}

/// Whatever the machine's openssl.cnf says, mailrig behaves the same everywhere.
bool set_common(SSL_CTX* context, int minimum, int maximum, const std::string& cipher_list, int level) {
  SSL_CTX_set_security_level(context, level);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_clear_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  return SSL_CTX_set_min_proto_version(context, minimum) == 1 && SSL_CTX_set_max_proto_version(context, maximum) == 1 &&
         SSL_CTX_set_cipher_list(context, cipher_list.c_str()) == 1 &&
         SSL_CTX_set_ciphersuites(context, ciphersuites) == 1 && SSL_CTX_set1_groups_list(context, groups) == 1;
}

/// False when this machine has none. The directory is looked into again only when a chain asks for it.
bool add_system_roots(X509_STORE* store) {
  // By path: SSL_CTX_set_default_verify_paths would read the environment.
  const std::filesystem::path directory = X509_get_default_cert_dir();
  std::error_code missing;
  const bool has_directory =
      !std::filesystem::is_empty(directory, missing) && !missing && X509_STORE_load_path(store, directory.c_str()) == 1;
  const bool has_file = X509_STORE_load_file(store, X509_get_default_cert_file()) == 1;
  take_openssl_errors();
  return has_directory || has_file;
}

int wire_version(TlsVersion version) {
  switch (version) {
    case TlsVersion::tls1_0: return TLS1_VERSION;
    case TlsVersion::tls1_1: return TLS1_1_VERSION;
    case TlsVersion::tls1_2: return TLS1_2_VERSION;
    case TlsVersion::tls1_3: return TLS1_3_VERSION;
  }
  return TLS1_3_VERSION;
}

Status add_identity(SSL_CTX* context, const TlsIdentity& identity) {
  Result<std::vector<X509Ptr>> chain =
      read_all<X509Ptr>(identity.chain_pem, "the server's certificate", PEM_read_bio_X509);
  if (!chain) return chain.error();
  if (chain->empty())
    return Error{Errc::bad_input, "the server's certificate is missing: its PEM holds none", Step::tls};
  KeyPtr key(PEM_read_bio_PrivateKey(bio_over(identity.key_pem).get(), nullptr, &no_password, nullptr));
  if (!key) return unreadable("the server's key");
  if (SSL_CTX_use_certificate(context, chain->front().get()) != 1) return unreadable("the server's certificate");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
    return unreadable("the server's key, which must be the one of its certificate,");
  for (std::size_t i = 1; i < chain->size(); ++i)
    if (SSL_CTX_add1_chain_cert(context, (*chain)[i].get()) != 1)
      return unreadable("the chain of the server's certificate");
  return {};
}

SSL_TICKET_RETURN decline_ticket(SSL* /*ssl*/, SSL_SESSION* /*session*/, const unsigned char* /*name*/,
                                 std::size_t /*octets*/, SSL_TICKET_STATUS /*status*/, void* /*user*/) {
  return SSL_TICKET_RETURN_IGNORE_RENEW;
}

/// After set_common.
void set_resumption(SSL_CTX* context, SessionResumption resumption) {
  switch (resumption) {
    case SessionResumption::accepted:
      // SSL_OP_NO_TICKET makes the tickets of TLS 1.3 numbers in the server's cache, which costs less than sealing
      // them.
      SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
      SSL_CTX_sess_set_cache_size(context, server_sessions_max);
      SSL_CTX_set_timeout(context, server_session_seconds);
      SSL_CTX_set_num_tickets(context, 1);
      return;
    case SessionResumption::declined:
      SSL_CTX_clear_options(context, SSL_OP_NO_TICKET);
      SSL_CTX_set_timeout(context, declined_ticket_seconds);
      SSL_CTX_set_session_ticket_cb(context, nullptr, &decline_ticket, nullptr);
      return;
    case SessionResumption::none: SSL_CTX_set_num_tickets(context, 0); return;
  }
}

}  // namespace

Result<std::shared_ptr<const TlsClientContext>> make_tls_client(const TlsTrust& trust) {
  ERR_clear_error();
  SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (!context || !set_common(context.get(), TLS1_2_VERSION, 0, "DEFAULT", client_security_level))
    return own_trouble("set up a TLS client");
  X509_STORE* store = SSL_CTX_get_cert_store(context.get());
  Result<std::vector<X509Ptr>> roots = read_all<X509Ptr>(trust.ca_pem, "the file of trusted roots", PEM_read_bio_X509);
  if (!roots) return roots.error();
  if (roots->empty() && !trust.ca_pem.empty())
    return Error{Errc::bad_input, "the file of trusted roots holds no certificate in PEM form (BEGIN CERTIFICATE)",
                 Step::tls};
  for (const X509Ptr& root : *roots)
    if (X509_STORE_add_cert(store, root.get()) != 1) return unreadable("one of the trusted roots");
  if (trust.system_roots && !add_system_roots(store))
    return Error{Errc::environment,
                 "this machine has no trusted roots where OpenSSL looks for them; install ca-certificates", Step::tls};
  Result<std::vector<CrlPtr>> lists =
      read_all<CrlPtr>(trust.crl_pem, "the list of revoked certificates", PEM_read_bio_X509_CRL);
  if (!lists) return lists.error();
  if (lists->empty() && !trust.crl_pem.empty())
    return Error{Errc::bad_input, "the file of revoked certificates holds no list in PEM form (BEGIN X509 CRL)",
                 Step::tls};
  for (const CrlPtr& list : *lists)
    if (X509_STORE_add_crl(store, list.get()) != 1) return unreadable("one of the lists of revoked certificates");
  X509_VERIFY_PARAM* param = SSL_CTX_get0_param(context.get());
  if (!lists->empty()) X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK);
  return std::make_shared<const TlsClientContext>(std::move(context));
}

std::shared_ptr<const TlsClientContext> with_own_sessions(const TlsClientContext& context) {
  SSL_CTX_up_ref(context.get());
  return std::make_shared<const TlsClientContext>(SslContextPtr(context.get()));
}

Result<std::shared_ptr<const TlsServerContext>> make_tls_server(const TlsServerSettings& settings) {
  ERR_clear_error();
  if (!settings.sent_instead.empty() && settings.max_version == TlsVersion::tls1_3)
    return Error{Errc::bad_input, "certificates can be sent instead of the server's own up to TLS 1.2 only", Step::tls};
  SslContextPtr context(SSL_CTX_new(TLS_server_method()));
  if (!context) return own_trouble("set up a TLS server");
  std::string ciphers = settings.cipher_list.empty() ? "DEFAULT" : settings.cipher_list;
  // Level 0 by name too: the list is filtered by the level that holds while it is read.
  if (!set_common(context.get(), wire_version(settings.min_version), wire_version(settings.max_version),
                  ciphers + ":@SECLEVEL=0", server_security_level))
    return Error{Errc::bad_input,
                 fmt::format("\"{}\" cannot be the ciphers of a server: {}", ciphers, openssl_errors()), Step::tls};
  SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context.get(), SSL_MODE_NO_AUTO_CHAIN);  // it sends what the scenario says, not what it could find
  set_resumption(context.get(), settings.resumption);
  SSL_CTX_set_dh_auto(context.get(), 1);
  Status identity = add_identity(context.get(), settings.identity);
  if (!identity) return identity.error();
  return std::make_shared<const TlsServerContext>(std::move(context), settings.sent_instead);
}

}  // namespace mailrig
