#include "fakeservers/certificates/certificate_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mailrig::fakeservers {
namespace {

// Certificates are the same within a day of the calendar, so that a run's scenarios share them whatever their order.
constexpr Duration day = 24h;
constexpr Duration good_before = 365 * day;
constexpr Duration good_after = 3'650 * day;  // no story meets the end of a certificate by chance
constexpr Duration expired_since = day;       // at the least
constexpr Duration valid_in = 30 * day;       // not yet valid: until then at the least

constexpr Instant beginning{};
constexpr Instant end{std::chrono::sys_days{std::chrono::year{2250} / 1 / 1}};

// 32473 is the enterprise number for examples (RFC 5612).
constexpr const char* unknown_extension = "1.3.6.1.4.1.32473.1";
constexpr const char* revoked_serial = "00DEAD0000000000000000000000BEEF";
constexpr const char* another_host = "a-different-host.invalid";
constexpr unsigned weak_bits = 1024;

// --- Authorities: root, intermediates, and those who only pretend ---

Extensions authority_extensions(const std::string& constraints) {
  return {{NID_basic_constraints, constraints},
          {NID_key_usage, "critical,keyCertSign,cRLSign"},
          {NID_subject_key_identifier, "hash"}};
}

/// The authority of this name, made at its first use. `issuer` null: a root.
const Authority& authority(KeyRing& keys, const std::string& name, Extensions extensions, const Authority* issuer) {
  Authority& made = keys.authorities[name];
  if (made.certificate) return made;
  made.key = make_ec_key();
  if (issuer != nullptr) extensions.emplace_back(NID_authority_key_identifier, "keyid:always");
  const CertificatePlan plan{.subject = name, .from = beginning, .until = end, .extensions = std::move(extensions)};
  made.certificate = sign_certificate(plan, made.key.get(), issuer == nullptr ? nullptr : issuer->certificate.get(),
                                      issuer == nullptr ? made.key.get() : issuer->key.get())
                         .value();
  return made;
}

const Authority& root(KeyRing& keys) {
  return authority(keys, "mailrig root", authority_extensions("critical,CA:TRUE"), nullptr);
}
const Authority& intermediate(KeyRing& keys) {
  return authority(keys, "mailrig intermediate", authority_extensions("critical,CA:TRUE,pathlen:0"), &root(keys));
}
/// The only one with a list of revoked certificates: handshakes with all others need not verify the list.
const Authority& revoking_intermediate(KeyRing& keys) {
  return authority(keys, "mailrig intermediate with a revocation list",
                   authority_extensions("critical,CA:TRUE,pathlen:0"), &root(keys));
}
const Authority& unknown_root(KeyRing& keys) {
  return authority(keys, "nobody's root", authority_extensions("critical,CA:TRUE"), nullptr);
}
const Authority& unknown_intermediate(KeyRing& keys) {
  return authority(keys, "nobody's intermediate", authority_extensions("critical,CA:TRUE,pathlen:0"),
                   &unknown_root(keys));
}
/// Under an intermediate that allows none below itself.
const Authority& too_deep_intermediate(KeyRing& keys) {
  return authority(keys, "mailrig intermediate too deep", authority_extensions("critical,CA:TRUE"),
                   &intermediate(keys));
}
/// The certificate of a server, used to sign another's. It says nothing of its use, so that only CA:FALSE speaks
/// against it.
const Authority& no_authority(KeyRing& keys) {
  return authority(keys, "www.isp.invalid",
                   {{NID_basic_constraints, "critical,CA:FALSE"}, {NID_subject_key_identifier, "hash"}},
                   &intermediate(keys));
}
/// May issue for other names and addresses only (the networks are those of RFC 5737 and RFC 3849).
const Authority& constrained_intermediate(KeyRing& keys) {
  Extensions extensions = authority_extensions("critical,CA:TRUE,pathlen:0");
  extensions.emplace_back(NID_name_constraints,
                          "critical,permitted;DNS:allowed.invalid,permitted;IP:192.0.2.0/255.255.255.0,"
                          "permitted;IP:2001:db8::/ffff:ffff::");
  return authority(keys, "mailrig intermediate for other names", std::move(extensions), &root(keys));
}

// --- Leaves ---

EVP_PKEY* leaf_key(KeyRing& keys, bool weak) {
  KeyPtr& key = keys.leaf_keys[weak ? "weak" : "good"];
  if (!key) key = weak ? make_rsa_key(weak_bits) : make_ec_key();
  return key.get();
}

/// A leaf while a recipe changes it, and what is sent with it.
struct Work {
  KeyRing& keys;
  Instant today;
  CertificatePlan plan;
  std::string purpose = "serverAuth";
  std::vector<std::string> hosts;
  bool weak_key = false;
  const Authority* issuer = nullptr;                 // null: signs itself
  std::vector<const Authority*> sent = {};           // after the leaf
  const Authority* root = nullptr;                   // of what is sent
  std::string (*damage)(std::string der) = nullptr;  // of the signed leaf; it must still be loaded by a server
  bool sent_damaged = false;                         // the leaf goes out cut short
  TlsServerSettings settings = {};
};

void issued_by(Work& work, const Authority& issuer, std::vector<const Authority*> below = {}) {
  work.issuer = &issuer;
  work.sent = {&issuer};
  work.sent.insert(work.sent.end(), below.begin(), below.end());
}

void make_self_signed(Work& work) {
  work.issuer = nullptr;
  work.sent.clear();
}
void make_unknown_issuer(Work& work) {
  issued_by(work, unknown_intermediate(work.keys));
  work.root = &unknown_root(work.keys);
}
void make_incomplete_chain(Work& work) { work.sent.clear(); }
void make_expired(Work& work) { work.plan.until = std::min(work.plan.until, work.today - expired_since); }
void make_not_yet_valid(Work& work) { work.plan.from = std::max(work.plan.from, work.today + day + valid_in); }
void make_wrong_host(Work& work) { work.hosts = {another_host}; }
void make_wrong_purpose(Work& work) { work.purpose = "clientAuth"; }
void make_invalid_ca(Work& work) { issued_by(work, no_authority(work.keys), {&intermediate(work.keys)}); }
void make_path_length(Work& work) { issued_by(work, too_deep_intermediate(work.keys), {&intermediate(work.keys)}); }
void make_name_constraint(Work& work) { issued_by(work, constrained_intermediate(work.keys)); }
void make_critical_extension(Work& work) { work.plan.unknown_critical_extension = unknown_extension; }
void make_bad_signature(Work& work) {
  work.damage = [](std::string der) {
    der.back() ^= 1;  // the last octet of the signature: everything else can still be read
    return der;
  };
}
void make_malformed(Work& work) {
  work.sent_damaged = true;
  work.settings.max_version = TlsVersion::tls1_2;
}
void make_revoked(Work& work) {
  issued_by(work, revoking_intermediate(work.keys));
  work.plan.serial = revoked_serial;
}
void make_weak_key(Work& work) { work.weak_key = true; }
void make_weak_signature(Work& work) { work.plan.with_sha1 = true; }
void make_protocol_version(Work& work) {
  work.settings.min_version = TlsVersion::tls1_0;
  work.settings.max_version = TlsVersion::tls1_1;
}
void make_no_cipher(Work& work) {
  // TLS without encryption: no client takes it, and OpenSSL's server still speaks it when told to.
  work.settings.max_version = TlsVersion::tls1_2;
  work.settings.cipher_list = "ECDHE-ECDSA-NULL-SHA";
}
void leave_good(Work& /*work*/) {}

struct Recipe {
  CertificateClass value;
  void (*change)(Work& work);
};
constexpr Recipe recipes[] = {
    {CertificateClass::self_signed, make_self_signed},
    {CertificateClass::unknown_issuer, make_unknown_issuer},
    {CertificateClass::incomplete_chain, make_incomplete_chain},
    {CertificateClass::expired, make_expired},
    {CertificateClass::not_yet_valid, make_not_yet_valid},
    {CertificateClass::wrong_host, make_wrong_host},
    {CertificateClass::wrong_purpose, make_wrong_purpose},
    {CertificateClass::invalid_ca, make_invalid_ca},
    {CertificateClass::path_length, make_path_length},
    {CertificateClass::name_constraint, make_name_constraint},
    {CertificateClass::critical_extension, make_critical_extension},
    {CertificateClass::bad_signature, make_bad_signature},
    {CertificateClass::malformed_certificate, make_malformed},
    {CertificateClass::revoked, make_revoked},
    {CertificateClass::weak_key, make_weak_key},
    {CertificateClass::weak_signature, make_weak_signature},
    {CertificateClass::protocol_version, make_protocol_version},
    {CertificateClass::no_cipher, make_no_cipher},
    {CertificateClass::not_tls, leave_good},
    {CertificateClass::handshake_stalled, leave_good},
    {CertificateClass::truncated, leave_good},
};

Result<TlsServerSettings> finish(Work& work) {
  Result<std::string> names = subject_alt_name(work.hosts);
  if (!names) return names.error();
  work.plan.subject = work.hosts.front();
  work.plan.extensions = {{NID_basic_constraints, "critical,CA:FALSE"},
                          {NID_key_usage, "critical,digitalSignature"},
                          {NID_ext_key_usage, work.purpose},
                          {NID_subject_alt_name, *names},
                          {NID_subject_key_identifier, "hash"}};
  if (work.issuer != nullptr) work.plan.extensions.emplace_back(NID_authority_key_identifier, "keyid:always");
  EVP_PKEY* key = leaf_key(work.keys, work.weak_key);
  Result<X509Ptr> leaf =
      sign_certificate(work.plan, key, work.issuer == nullptr ? nullptr : work.issuer->certificate.get(),
                       work.issuer == nullptr ? key : work.issuer->key.get());
  if (!leaf) return leaf.error();
  if (work.damage != nullptr) leaf = from_der(work.damage(to_der(leaf->get())));
  TlsServerSettings settings = std::move(work.settings);
  settings.identity.key_pem = to_pem(key);
  settings.identity.chain_pem = to_pem(leaf->get());
  for (const Authority* sent : work.sent) settings.identity.chain_pem += to_pem(sent->certificate.get());
  if (work.sent_damaged) {
    std::string der = to_der(leaf->get());
    settings.sent_instead.push_back(der.substr(0, der.size() / 2));  // as a file that was not written to its end
    for (const Authority* sent : work.sent) settings.sent_instead.push_back(to_der(sent->certificate.get()));
  }
  return settings;
}

}  // namespace

Result<TlsServerSettings> make_settings(KeyRing& keys, CertificateFault fault, const CertificateRequest& request) {
  if (request.hosts.empty())
    return Error{Errc::bad_input, "a certificate needs at least one name or address to be for"};
  const Instant today = std::chrono::floor<std::chrono::days>(request.at);
  Work work{.keys = keys, .today = today, .plan = {}, .hosts = request.hosts};
  work.plan.from = std::max(today - good_before, beginning);
  work.plan.until = today + good_after;
  issued_by(work, intermediate(keys));
  work.root = &root(keys);
  if (fault) {
    const Recipe* recipe =
        std::find_if(std::begin(recipes), std::end(recipes), [&](const Recipe& one) { return one.value == *fault; });
    if (recipe == std::end(recipes))
      return Error{Errc::bad_input, fmt::format("no certificate can be made to be \"{}\"", to_string(*fault))};
    recipe->change(work);
  }
  if (request.from) work.plan.from = *request.from;
  if (request.until) work.plan.until = *request.until;
  if (request.send_root && work.issuer != nullptr) work.sent.push_back(work.root);
  return finish(work);
}

std::string trusted_root_pem(KeyRing& keys) { return to_pem(root(keys).certificate.get()); }

std::string trusted_crl_pem(KeyRing& keys) {
  const Authority& revoking = revoking_intermediate(keys);
  return to_pem(
      sign_revocation_list(revoked_serial, beginning, end, revoking.certificate.get(), revoking.key.get()).get());
}

}  // namespace mailrig::fakeservers
