#include "base/prng.h"

#include <bit>

namespace mailrig {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014) fills the state; xoshiro256** (Blackman, Vigna 2018) runs on it. Both public
// domain.
std::uint64_t split_mix(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

}  // namespace

Prng::Prng(std::uint64_t seed) : seed_(seed) {
  for (std::uint64_t& word : state_) word = split_mix(seed);
}

std::uint64_t Prng::next() {
  std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Prng::below(std::uint64_t bound) {
  if (bound == 0) return 0;
  // Numbers under this remainder would make some results likelier than others.
  std::uint64_t reject_under = (0 - bound) % bound;
  std::uint64_t number = next();
  while (number < reject_under) number = next();
  return number % bound;
}

std::string Prng::hex(std::size_t digits) {
  std::string text;
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < digits; ++i, word >>= 4) {
    if (i % 16 == 0) word = next();
    text += "0123456789abcdef"[word & 15];
  }
  return text;
}

Prng Prng::fork(std::string_view label) const { return Prng(hash_seed(seed_, label)); }

std::uint64_t hash_seed(std::uint64_t seed, std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ULL ^ seed;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return split_mix(hash);
}

}  // namespace mailrig
