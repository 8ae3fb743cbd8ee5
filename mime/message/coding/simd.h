#pragma once
/// Which vector instructions this machine has. Every vectorised function of mime/ takes a Simd, by default the best
/// one, and gives the same result for each: so tests compare them, and a machine without AVX2 only takes longer.

#include <cstdint>

namespace mailrig::mime {

enum class Simd : std::uint8_t { scalar, avx2 };

/// Asked of the processor once.
inline Simd best_simd() {
#if defined(__x86_64__)
  static const Simd best = __builtin_cpu_supports("avx2") != 0 ? Simd::avx2 : Simd::scalar;
  return best;
#else
  return Simd::scalar;
#endif
}

// The function alone is compiled for AVX2; the program is not, and runs anywhere.
#if defined(__x86_64__)
#define MAILRIG_AVX2 __attribute__((target("avx2,bmi")))
#endif

}  // namespace mailrig::mime
