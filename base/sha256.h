#pragma once
/// SHA-256 (FIPS 180-4) by OpenSSL, fed in pieces.
///
///   Sha256 sum;  sum.update("abc");
///   sum.hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

#include <array>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace mailrig {

class Sha256 {
 public:
  using Digest = std::array<unsigned char, 32>;

  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::string_view bytes);
  /// The sum of all that was fed; afterwards the object stands as new.
  Digest finish();
  std::string hex();
  /// A second sum that has been fed the same so far.
  Sha256 copy() const;

  static std::string hex_of(std::string_view bytes);

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

std::string to_hex(const Sha256::Digest& digest);

}  // namespace mailrig
