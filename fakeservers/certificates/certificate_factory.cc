#include "fakeservers/certificates/certificate_factory.h"

#include <fmt/format.h>

#include <map>
#include <mutex>

#include "base/text.h"
#include "fakeservers/certificates/certificate_spec.h"

namespace mailrig::fakeservers {
namespace {

// What was made is kept for the next scenario; a process that has made more than this begins anew.
constexpr std::size_t kept_max = 2'000;

struct Keeper {
  std::mutex mutex;
  KeyRing keys;
  std::map<std::string, TlsServerSettings> settings;
  std::map<std::string, std::shared_ptr<const TlsServerContext>> contexts;
  std::shared_ptr<const TlsClientContext> client;
  std::string root_pem;
  std::string crl_pem;
};

/// One for the process: keys and signatures are what a suite would pay for again and again. It is never destroyed,
/// since OpenSSL puts itself away at the end of the process, perhaps before us.
Keeper& keeper() {
  static Keeper& kept = *new Keeper;
  return kept;
}

std::string key_of(CertificateFault fault, const CertificateRequest& request) {
  std::string key = fmt::format("{} {}", to_string(fault),
                                std::chrono::floor<std::chrono::days>(request.at).time_since_epoch().count());
  for (const std::optional<Instant>& edge : {request.from, request.until})
    key += edge ? fmt::format(" {}", edge->time_since_epoch().count()) : " -";
  key += request.send_root ? " root" : "";
  for (const std::string& host : request.hosts) key += '\n' + host;
  return key;
}

void keep_pems(Keeper& kept) {
  if (!kept.root_pem.empty()) return;
  kept.crl_pem = trusted_crl_pem(kept.keys);
  kept.root_pem = trusted_root_pem(kept.keys);
}

Result<TlsServerSettings> kept_settings(Keeper& kept, const std::string& key, CertificateFault fault,
                                        const CertificateRequest& request) {
  auto found = kept.settings.find(key);
  if (found != kept.settings.end()) return found->second;
  Result<TlsServerSettings> made = make_settings(kept.keys, fault, request);
  if (!made) return made;
  if (kept.settings.size() >= kept_max) kept.settings.clear();
  kept.settings.emplace(key, *made);
  return made;
}

}  // namespace

Result<CertificateFault> parse_certificate_fault(std::string_view name) {
  if (name == "good") return CertificateFault{};
  if (std::optional<CertificateClass> value = parse_certificate_class(name); value && *value != CertificateClass::other)
    return CertificateFault{value};
  std::string_view meant = nearest(name, certificate_class_names());
  return Error{Errc::bad_input,
               fmt::format("\"{}\" is no kind of certificate{}", printable(name),
                           meant.empty() || meant == "other" ? std::string("; \"good\" is one")
                                                             : fmt::format("; did you mean \"{}\"?", meant))};
}

std::string_view to_string(CertificateFault fault) { return fault ? to_string(*fault) : "good"; }

Result<TlsServerSettings> CertificateFactory::make(CertificateFault fault, const CertificateRequest& request) const {
  Keeper& kept = keeper();
  std::lock_guard lock(kept.mutex);
  Result<TlsServerSettings> settings = kept_settings(kept, key_of(fault, request), fault, request);
  if (settings) settings->resumption = request.resumption;
  return settings;
}

Result<std::shared_ptr<const TlsServerContext>> CertificateFactory::server_context(
    CertificateFault fault, const CertificateRequest& request) const {
  Keeper& kept = keeper();
  std::lock_guard lock(kept.mutex);
  const std::string key = key_of(fault, request);
  // The certificate is the same whether its server resumes sessions or not.
  std::string key_of_context =
      fmt::format("{} {}", session_resumption_words[static_cast<std::size_t>(request.resumption)], key);
  auto found = kept.contexts.find(key_of_context);
  if (found != kept.contexts.end()) return found->second;
  Result<TlsServerSettings> settings = kept_settings(kept, key, fault, request);
  if (!settings) return settings.error();
  settings->resumption = request.resumption;
  Result<std::shared_ptr<const TlsServerContext>> made = make_tls_server(*settings);
  if (!made) return made;
  if (kept.contexts.size() >= kept_max) kept.contexts.clear();
  kept.contexts.emplace(std::move(key_of_context), *made);
  return made;
}

const std::string& CertificateFactory::root_pem() const {
  Keeper& kept = keeper();
  std::lock_guard lock(kept.mutex);
  keep_pems(kept);
  return kept.root_pem;  // written once
}

const std::string& CertificateFactory::crl_pem() const {
  Keeper& kept = keeper();
  std::lock_guard lock(kept.mutex);
  keep_pems(kept);
  return kept.crl_pem;
}

TlsTrust CertificateFactory::trust() const { return {.ca_pem = root_pem(), .crl_pem = crl_pem()}; }

Result<std::shared_ptr<const TlsClientContext>> CertificateFactory::client_context() const {
  TlsTrust roots = trust();
  Keeper& kept = keeper();
  std::lock_guard lock(kept.mutex);
  if (kept.client) return kept.client;
  Result<std::shared_ptr<const TlsClientContext>> made = make_tls_client(roots);
  if (made) kept.client = *made;
  return made;
}

}  // namespace mailrig::fakeservers
