#pragma once
/// SHA-256 (FIPS 180-4) by OpenSSL, fed in pieces.
///
///   Sha256 sum;  sum.update("abc");
///   sum.hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace mailrig {

class Sha256 {
 public:
  using Digest = std::array<unsigned char, 32>;

  Sha256();

  void update(std::string_view bytes);
  /// The sum of all that was fed; afterwards the object stands as new.
  Digest finish();
  std::string hex();
  /// A second sum that has been fed the same so far.
  Sha256 copy() const { return *this; }

  static std::string hex_of(std::string_view bytes);

 private:
  // OpenSSL's SHA256_CTX, whose header stays out of this one.
  struct alignas(8) State {
    std::array<std::byte, 112> bytes;
  };
  State state_;
};

std::string to_hex(const Sha256::Digest& digest);

}  // namespace mailrig
