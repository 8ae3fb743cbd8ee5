#include "base/sha256.h"

// EVP would fetch the algorithm first, and with it set up all of OpenSSL and read its configuration: over a
// millisecond, which a run without TLS need not pay. OpenSSL 3 calls these functions deprecated and keeps them.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

namespace mailrig {
namespace {

SHA256_CTX* context(void* state) { return static_cast<SHA256_CTX*>(state); }

}  // namespace

Sha256::Sha256() : state_{} {
  static_assert(sizeof(State) == sizeof(SHA256_CTX) && alignof(State) >= alignof(SHA256_CTX));
  SHA256_Init(context(&state_));
}

void Sha256::update(std::string_view bytes) { SHA256_Update(context(&state_), bytes.data(), bytes.size()); }

Sha256::Digest Sha256::finish() {
  Digest digest;
  SHA256_Final(digest.data(), context(&state_));
  SHA256_Init(context(&state_));
  return digest;
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
