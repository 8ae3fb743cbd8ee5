#include "net/tls/certificate_class.h"

#include <array>

namespace mailrig {
namespace {

constexpr std::size_t class_count = static_cast<std::size_t>(CertificateClass::other) + 1;

// In the order of the enum.
constexpr std::array<std::string_view, class_count> names{
    "self-signed",
    "unknown-issuer",
    "incomplete-chain",
    "expired",
    "not-yet-valid",
    "wrong-host",
    "wrong-purpose",
    "invalid-ca",
    "path-length",
    "name-constraint",
    "critical-extension",
    "bad-signature",
    "malformed-certificate",
    "revoked",
    "weak-key",
    "weak-signature",
    "protocol-version",
    "no-cipher",
    "not-tls",
    "handshake-stalled",
    "truncated",
    "other",
};

constexpr std::array<std::string_view, class_count> advices{
    "The server's certificate is signed by itself and by no authority: its operator must install one from an authority "
    "that the client trusts, or this very certificate must be added to the trusted roots on purpose.",
    "The certificate comes from an authority that is not among the trusted roots: its operator must use a recognised "
    "authority, or the root of this one must be added to the trusted roots (--ca FILE).",
    "The server does not send the intermediate certificate that leads from its own to a trusted root: its operator "
    "must "
    "install the whole chain (leaf and intermediates); if the issuer is a private root, add that root to the trusted "
    "ones.",
    "The validity of a certificate in the server's chain is over: its operator must renew it; check the date of this "
    "machine too if the server's is right.",
    "The validity of a certificate in the server's chain has not begun: check the date of this machine first, then ask "
    "the "
    "server's operator to install a certificate that is valid already.",
    "The certificate is for other names than the one that was configured: configure a server name that the certificate "
    "lists, or have its operator get one whose subjectAltName lists this name.",
    "The certificate was issued for another purpose than identifying a server: its operator must install one whose "
    "extendedKeyUsage allows serverAuth.",
    "A certificate in the chain was signed by one that is no authority: the server's operator must get a certificate "
    "from a "
    "real authority and install its whole chain.",
    "The chain is longer than one of its authorities permits (pathLenConstraint): the authority's operator must issue "
    "the "
    "certificate from a permitted level, or permit this one.",
    "An authority in the chain may not issue certificates for this name (nameConstraints): the server's operator must "
    "get a "
    "certificate from an authority that may.",
    "A certificate in the chain demands a check that this client does not know (a critical extension): the server's "
    "operator "
    "must have it issued without that extension or not marked critical.",
    "A signature does not match what it signs, so the certificate was damaged, forged or is used without its key: the "
    "server's "
    "operator must install the certificate, its chain and its key again; suspect interception if they are right.",
    "The server sends a certificate that cannot be read: its operator must install it again or have it issued anew.",
    "The certificate was revoked by its authority: do not connect; the server's operator must install a new one with a "
    "new "
    "key.",
    "A key of the server or of its authorities is too short to be safe (RSA under 2048 bits): the server's operator "
    "must have "
    "the certificate issued for a new, longer key.",
    "A certificate in the chain is signed with a broken algorithm (MD5 or SHA-1): the server's operator must have it "
    "issued "
    "anew with SHA-256 or better.",
    "The server speaks only versions of TLS older than 1.2: its operator must enable TLS 1.2 or 1.3.",
    "Client and server have no cipher in common: the server's operator must enable current ones (ECDHE with AES-GCM or "
    "ChaCha20).",
    "What answered does not speak TLS here: check the port and the kind of encryption (995 and 465 begin with TLS; "
    "110, 25 and "
    "587 with plain text, then STLS or STARTTLS), then ask the operator whether TLS is on.",
    "The server took the connection but did not finish the TLS handshake in time: try again, check the port and the "
    "firewall "
    "in between, then ask the operator to look at the server's load.",
    "The connection ended without TLS's close_notify, so what came last may be incomplete: fetch it again; if it "
    "happens "
    "always, ask the server's operator, or look for a device in between that cuts connections.",
    "TLS failed in a way that has no name here: give the text before this sentence to the server's operator.",
};

}  // namespace

std::string_view to_string(CertificateClass value) { return names[static_cast<std::size_t>(value)]; }

std::optional<CertificateClass> parse_certificate_class(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<CertificateClass>(i);
  return std::nullopt;
}

std::span<const std::string_view> certificate_class_names() { return names; }

std::string_view advice(CertificateClass value) { return advices[static_cast<std::size_t>(value)]; }

}  // namespace mailrig
