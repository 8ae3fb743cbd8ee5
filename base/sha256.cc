#include "base/sha256.h"

#include <openssl/evp.h>

#include <new>

namespace mailrig {
namespace {
// EVP_sha256() looks the algorithm up at every use; a fetched one is kept for the process (OpenSSL 3, EVP_MD_fetch(3)).
const EVP_MD* algorithm() {
  static EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return md;
}
}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (!context_ || EVP_DigestInit_ex2(context_.get(), algorithm(), nullptr) != 1) throw std::bad_alloc();
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }

Sha256::Digest Sha256::finish() {
  Digest digest;
  EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
  EVP_DigestInit_ex2(context_.get(), nullptr, nullptr);
  return digest;
}

Sha256 Sha256::copy() const {
  Sha256 other;
  EVP_MD_CTX_copy_ex(other.context_.get(), context_.get());
  return other;
}

std::string Sha256::hex() { return to_hex(finish()); }

std::string Sha256::hex_of(std::string_view bytes) {
  Sha256 sum;
  sum.update(bytes);
  return sum.hex();
}

std::string to_hex(const Sha256::Digest& digest) {
  std::string text;
  text.reserve(2 * digest.size());
  for (unsigned char byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace mailrig
