#include "base/prng.h"

#include <gtest/gtest.h>

#include <array>

namespace mailrig {
namespace {

// The expected numbers come from this Python, which was written from the authors' papers and whose SplitMix64 gives
// their published 6457827717110365317, 3203168211198807973, 9817491932198370423 for seed 1234567:
//
//   M = 2**64 - 1
//   def split_mix(s):
//       s = (s + 0x9E3779B97F4A7C15) & M; z = s
//       z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & M; z = (z ^ z >> 27) * 0x94D049BB133111EB & M
//       return s, z ^ z >> 31
//   def rotl(x, k): return (x << k | x >> 64 - k) & M
//   def seeded(seed):
//       words = []
//       for _ in range(4): seed, word = split_mix(seed); words.append(word)
//       return words
//   def next(s):
//       result = rotl(s[1] * 5 & M, 7) * 9 & M; t = s[1] << 17 & M
//       s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3]; s[2] ^= t; s[3] = rotl(s[3], 45)
//       return result
//   def hash_seed(seed, text):
//       h = 0xCBF29CE484222325 ^ seed
//       for byte in text: h = (h ^ byte) * 0x100000001B3 & M
//       return split_mix(h)[1]
TEST(Prng, IsXoshiro256StarStarSeededBySplitMix64) {
  struct Known {
    std::uint64_t seed;
    std::array<std::uint64_t, 4> numbers;
  };
  for (const Known& known :
       {Known{0, {0x99ec5f36cb75f2b4, 0xbf6e1f784956452a, 0x1a5f849d4933e6e0, 0x6aa594f1262d2d2c}},
        Known{1, {0xb3f2af6d0fc710c5, 0x853b559647364cea, 0x92f89756082a4514, 0x642e1c7bc266a3a7}},
        Known{42, {0x15780b2e0c2ec716, 0x6104d9866d113a7e, 0xae17533239e499a1, 0xecb8ad4703b360a1}},
        Known{UINT64_MAX, {0x8f5520d52a7ead08, 0xc476a018caa1802d, 0x81de31c0d260469e, 0xbf658d7e065f3c2f}}}) {
    Prng prng(known.seed);
    for (std::uint64_t number : known.numbers) EXPECT_EQ(prng.next(), number) << "seed " << known.seed;
  }
}

TEST(Prng, StaysRightForAThousandNumbers) {
  Prng prng(42);
  for (int i = 0; i < 999; ++i) prng.next();
  EXPECT_EQ(prng.next(), 0x8de5848c61ab8968U);
}

TEST(Prng, BelowIsTheRemainder) {
  Prng prng(42);
  for (std::uint64_t number : {2U, 2U, 9U, 3U, 6U, 4U, 4U, 7U, 8U, 5U, 9U, 3U})
    EXPECT_EQ(prng.below(std::uint64_t{10}), number);
}

TEST(Prng, BelowSkipsNumbersThatWouldFavourSomeResults) {
  // With 2^63 + 1 results the first 2^63 - 1 numbers are refused: of seed 42's first two, both.
  Prng prng(42);
  const std::uint64_t bound = (std::uint64_t{1} << 63) + 1;
  EXPECT_EQ(prng.below(bound), 3321214725393783200U);
  EXPECT_EQ(prng.below(bound), 7834202072327348384U);
  EXPECT_EQ(prng.below(bound), 9072180941210541667U);
}

TEST(Prng, BelowKeepsItsBounds) {
  Prng prng(7);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(prng.below(std::uint64_t{1}), 0U);
  EXPECT_EQ(prng.below(std::uint64_t{0}), 0U);
  for (std::uint64_t bound : {2U, 3U, 7U, 64U}) {
    std::uint64_t seen = 0;
    for (int i = 0; i < 2000; ++i) {
      std::uint64_t number = prng.below(bound);
      ASSERT_LT(number, bound);
      seen |= std::uint64_t{1} << number;
    }
    EXPECT_EQ(seen, bound == 64 ? UINT64_MAX : (std::uint64_t{1} << bound) - 1)
        << "some number below " << bound << " never came";
  }
}

TEST(Prng, BelowZeroDoesNotMoveIt) {
  Prng prng(42);
  prng.below(std::uint64_t{0});
  EXPECT_EQ(prng.next(), 0x15780b2e0c2ec716U);
}

TEST(Prng, BelowADurationIsTheSame) {
  Prng prng(42);
  EXPECT_EQ(prng.below(10ns), 2ns);
  EXPECT_EQ(prng.below(Duration::zero()), 0ns);
}

TEST(Prng, BetweenIncludesBothEnds) {
  Prng prng(42);
  for (std::uint64_t number : {7U, 7U, 14U, 8U}) EXPECT_EQ(prng.between(5, 14), number);
  EXPECT_EQ(prng.between(9, 9), 9U);
  Prng whole(42);
  EXPECT_EQ(whole.between(0, UINT64_MAX), 0x15780b2e0c2ec716U);
}

TEST(Prng, HexTakesTheLowDigitsFirst) {
  EXPECT_EQ(Prng(42).hex(20), "617ce2c0e2b08751e7a3");  // 0x15780b2e0c2ec716 and 0x6104d9866d113a7e from behind
  EXPECT_EQ(Prng(42).hex(16), "617ce2c0e2b08751");
  EXPECT_EQ(Prng(42).hex(0), "");
}

TEST(Prng, AForkDependsOnTheSeedAndTheLabelOnly) {
  Prng prng(42);
  EXPECT_EQ(prng.fork("faults").next(), 0x3d421d7ad3b105ccU);
  prng.next();
  Prng fork = prng.fork("faults");
  EXPECT_EQ(fork.next(), 0x3d421d7ad3b105ccU);
  EXPECT_EQ(fork.next(), 0x573b6bf7739de64fU);
  EXPECT_EQ(prng.next(), 0x6104d9866d113a7eU) << "forking must not move the generator";
  EXPECT_NE(prng.fork("fault").next(), 0x3d421d7ad3b105ccU);
}

TEST(HashSeed, IsFnv1aWithAFinaliser) {
  EXPECT_EQ(hash_seed(0, ""), 0xc3817c016ba4ff30U);
  EXPECT_EQ(hash_seed(0, "a"), 0x5f29c2aadd9b8527U);
  EXPECT_EQ(hash_seed(0, "faults"), 0x1278f84c7095ca01U);
  EXPECT_EQ(hash_seed(1, "faults"), 0xf0bcb94be25e7cacU);
  EXPECT_EQ(hash_seed(42, "gmail/queue"), 0xc027e09fe5d21a17U);
}

TEST(HashSeed, TakesBytesAsUnsigned) {
  // 0xCBF29CE484222325 ^ 0xE9, times the prime, finalised: Python as above with b"\xe9".
  EXPECT_EQ(hash_seed(0, "\xE9"), 0x280b3ecf9f5310faU);
}

}  // namespace
}  // namespace mailrig
