#include "base/sha256.h"

#include <gtest/gtest.h>

namespace mailrig {
namespace {

// FIPS 180-4 and NIST's SHA256ShortMsg.rsp / example values.
constexpr std::string_view empty_sum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view abc_sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
constexpr std::string_view two_blocks_sum = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
constexpr std::string_view million_a_sum = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

TEST(Sha256, KnowsTheVectorsOfFips180) {
  EXPECT_EQ(Sha256::hex_of(""), empty_sum);
  EXPECT_EQ(Sha256::hex_of("abc"), abc_sum);
  EXPECT_EQ(Sha256::hex_of(two_blocks), two_blocks_sum);
  EXPECT_EQ(Sha256::hex_of(std::string(1'000'000, 'a')), million_a_sum);
  EXPECT_EQ(Sha256::hex_of("\xbd"), "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b");
}

TEST(Sha256, TheSplitDoesNotMatter) {
  for (std::size_t cut = 0; cut <= two_blocks.size(); ++cut) {
    Sha256 sum;
    sum.update(two_blocks.substr(0, cut));
    sum.update(two_blocks.substr(cut));
    EXPECT_EQ(sum.hex(), two_blocks_sum) << "cut at " << cut;
  }
}

TEST(Sha256, FinishingStartsAnew) {
  Sha256 sum;
  sum.update("abc");
  EXPECT_EQ(to_hex(sum.finish()), abc_sum);
  EXPECT_EQ(sum.hex(), empty_sum);
  sum.update("abc");
  EXPECT_EQ(sum.hex(), abc_sum);
}

TEST(Sha256, ACopyGoesItsOwnWay) {
  Sha256 sum;
  sum.update("a");
  Sha256 copy = sum.copy();
  copy.update("bc");
  EXPECT_EQ(copy.hex(), abc_sum);
  sum.update("bc");
  EXPECT_EQ(sum.hex(), abc_sum);
}

TEST(Sha256, CanBeMoved) {
  Sha256 sum;
  sum.update("ab");
  Sha256 moved = std::move(sum);
  moved.update("c");
  Sha256 assigned;
  assigned = std::move(moved);
  EXPECT_EQ(assigned.hex(), abc_sum);
}

TEST(ToHex, WritesBothDigitsOfEachByte) {
  Sha256::Digest digest{};
  digest[0] = 0x0F;
  digest[1] = 0xA0;
  digest[31] = 0xFF;
  EXPECT_EQ(to_hex(digest), "0fa0" + std::string(58, '0') + "ff");
}

}  // namespace
}  // namespace mailrig
