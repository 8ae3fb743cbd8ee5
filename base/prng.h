#pragma once
/// All chance of a run comes from one seed. Same seed, same numbers, on every machine.
///
///   Prng prng(seed);
///   Prng lottery = prng.fork("faults");     // independent of how often prng itself is asked
///   std::uint64_t n = prng.below(10);       // 0..9

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace mailrig {

class Prng {
 public:
  explicit Prng(std::uint64_t seed);

  std::uint64_t next();
  /// 0 .. bound-1, without bias; 0 when bound is 0.
  std::uint64_t below(std::uint64_t bound);
  Duration below(Duration bound) {
    return Duration{static_cast<Duration::rep>(below(static_cast<std::uint64_t>(bound.count())))};
  }
  /// low .. high, both included.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    std::uint64_t numbers = high - low + 1;
    return numbers == 0 ? next() : low + below(numbers);  // 0: all 2^64 of them
  }
  /// `digits` lower-case hexadecimal digits.
  std::string hex(std::size_t digits);
  /// A generator of its own for the purpose `label`; does not move this one.
  Prng fork(std::string_view label) const;

 private:
  std::uint64_t seed_;
  std::uint64_t state_[4];
};

/// A 64-bit hash (FNV-1a and a finaliser) for deriving seeds; not for tables and not for security.
std::uint64_t hash_seed(std::uint64_t seed, std::string_view text);

}  // namespace mailrig
