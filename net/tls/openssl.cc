#include "net/tls/openssl.h"

#include <fmt/format.h>
#include <openssl/err.h>

namespace mailrig {

std::vector<unsigned long> take_openssl_errors() {
  std::vector<unsigned long> codes;
  while (unsigned long code = ERR_get_error()) codes.push_back(code);
  return codes;
}

std::string openssl_text(unsigned long code) {
  const char* reason = ERR_reason_error_string(code);
  if (reason == nullptr) return fmt::format("{:08X}", code);
  return fmt::format("{:08X} {}", code, reason);
}

std::string openssl_errors() {
  std::vector<unsigned long> codes = take_openssl_errors();
  return codes.empty() ? "no reason given" : openssl_text(codes.back());
}

BioPtr bio_over(std::string_view bytes) {
  return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

}  // namespace mailrig
