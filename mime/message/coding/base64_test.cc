#include "mime/message/coding/base64.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "base/prng.h"

namespace mailrig::mime {
namespace {

constexpr Simd kinds[] = {Simd::scalar, Simd::avx2};

bool runs_here(Simd simd) { return simd == Simd::scalar || best_simd() == Simd::avx2; }

struct Decoded {
  std::string octets;
  Base64Decoder::Damage damage;
};

Decoded decode(std::string_view text, Simd simd = best_simd()) {
  Base64Decoder decoder(simd);
  Decoded decoded;
  decoder.feed(text, decoded.octets);
  decoder.finish(decoded.octets);
  decoded.damage = decoder.damage();
  return decoded;
}

std::string describe(const Decoded& d) {
  const Base64Decoder::Damage& a = d.damage;
  return testing::PrintToString(d.octets) + " junk " + std::to_string(a.junk) + "@" + std::to_string(a.first_junk) +
         " after " + std::to_string(a.after_padding) + "@" + std::to_string(a.first_after_padding) + " longest " +
         std::to_string(a.longest_line) + (a.missing_padding ? " unpadded" : "") + (a.truncated ? " truncated" : "");
}

std::string random_octets(Prng& prng, std::size_t size) {
  std::string octets;
  for (std::size_t i = 0; i < size; ++i) octets += static_cast<char>(prng.below(256));
  return octets;
}

std::string openssl_base64(std::string_view octets) {
  std::string text((octets.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(octets.data()), static_cast<int>(octets.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string in_lines(std::string_view text, std::size_t width, std::string_view line_end) {
  std::string lines;
  for (std::size_t at = 0; at < text.size(); at += width) {
    lines += text.substr(at, width);
    lines += line_end;
  }
  return lines;
}

// RFC 4648 §10.
TEST(Base64, TheVectorsOfTheRfc) {
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
  for (const auto& [octets, text] : vectors) {
    EXPECT_EQ(from_base64(text), octets);
    EXPECT_EQ(to_base64(octets), text);
    for (Simd simd : kinds) {
      if (!runs_here(simd)) continue;
      const Decoded decoded = decode(text, simd);
      EXPECT_EQ(decoded.octets, octets);
      EXPECT_EQ(decoded.damage.junk, 0U);
      EXPECT_EQ(decoded.damage.longest_line, text.size());
      EXPECT_FALSE(decoded.damage.missing_padding || decoded.damage.truncated);
    }
  }
}

// Every octet value, at every place of a vector: that it is of the alphabet or none is decided by tables of nibbles.
TEST(Base64, EveryCharacterAtEveryPlace) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (Simd simd : kinds) {
    if (!runs_here(simd)) continue;
    for (int c = 0; c < 256; ++c) {
      const char octet = static_cast<char>(c);
      for (std::size_t place = 0; place < 40; ++place) {
        std::string text(64, 'B');
        text[place] = octet;
        const Decoded decoded = decode(text, simd);
        std::string kept = text;
        const bool good = alphabet.find(octet) != std::string_view::npos;
        if (!good) kept.erase(place, 1);
        // 'B' is 1: the bits are put together here by hand.
        std::string expected;
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < kept.size(); ++i) {
          bits = bits << 6 | static_cast<std::uint32_t>(alphabet.find(kept[i]));
          if (i % 4 == 3)
            for (int shift : {16, 8, 0}) expected += static_cast<char>(bits >> shift);
        }
        if (kept.size() == 63) {
          bits <<= 6;
          for (int shift : {16, 8}) expected += static_cast<char>(bits >> shift);
        }
        if (octet == '=' && place % 4 >= 2) continue;  // padding, or nearly: below
        EXPECT_EQ(decoded.octets, expected) << c << " at " << place;
        const bool blank = octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
        EXPECT_EQ(decoded.damage.junk, good || blank ? 0U : 1U) << c;
        EXPECT_EQ(decoded.damage.first_junk, good || blank ? 0U : place);
      }
    }
  }
}

TEST(Base64, EveryLengthAndLineWidth) {
  Prng prng(64);
  for (std::size_t size = 0; size < 300; ++size) {
    const std::string octets = random_octets(prng, size);
    const std::string text = openssl_base64(octets);
    ASSERT_EQ(to_base64(octets), text);
    for (std::size_t width : {1UL, 4UL, 31UL, 32UL, 33UL, 60UL, 64UL, 72UL, 76UL, 77UL, 1000UL}) {
      for (std::string_view line_end : {"\r\n", "\n", " \r\n"}) {
        const std::string lines = in_lines(text, width, line_end);
        for (Simd simd : kinds) {
          if (!runs_here(simd)) continue;
          const Decoded decoded = decode(lines, simd);
          ASSERT_EQ(decoded.octets, octets) << size << " in lines of " << width;
          ASSERT_EQ(decoded.damage.junk, 0U);
          ASSERT_FALSE(decoded.damage.missing_padding);
          ASSERT_EQ(decoded.damage.longest_line,
                    std::min(width, text.size()) + (line_end == " \r\n" && size > 0 ? 1 : 0));
        }
      }
    }
  }
}

TEST(Base64, DamageIsToldAndPassedOver) {
  EXPECT_EQ(describe(decode("Zm9v*!Yg==")), "\"foob\" junk 2@4 after 0@0 longest 10");
  EXPECT_EQ(describe(decode("Zm9vYg")), "\"foob\" junk 0@0 after 0@0 longest 6 unpadded");
  EXPECT_EQ(describe(decode("Zm9vYmE")), "\"fooba\" junk 0@0 after 0@0 longest 7 unpadded");
  EXPECT_EQ(describe(decode("Zm9vYg=")), "\"foob\" junk 0@0 after 0@0 longest 7 unpadded");
  EXPECT_EQ(describe(decode("Zm9vY")), "\"foo\" junk 0@0 after 0@0 longest 5 truncated");
  EXPECT_EQ(describe(decode("Zm9vYg==\r\n-- \r\nfooter\r\n")), "\"foob\" junk 0@0 after 8@10 longest 8");
  EXPECT_EQ(describe(decode("Zg==Zg==")), "\"f\" junk 0@0 after 4@4 longest 8");
  EXPECT_EQ(describe(decode("Zm8=\n=\n")), "\"fo\" junk 0@0 after 1@5 longest 4");
  // Equals signs that are no padding.
  EXPECT_EQ(describe(decode("=Zm9v")), "\"foo\" junk 1@0 after 0@0 longest 5");
  EXPECT_EQ(describe(decode("Z=m9v")), "\"foo\" junk 1@1 after 0@0 longest 5");
  EXPECT_EQ(describe(decode("Zm=9v")), "\"foo\" junk 1@3 after 0@0 longest 5");
  EXPECT_EQ(describe(decode("Zg=\r\n=")), "\"f\" junk 0@0 after 0@0 longest 3");
  EXPECT_EQ(describe(decode("Zm9v\xFFZm9v")), "\"foofoo\" junk 1@4 after 0@0 longest 9");
}

TEST(Base64, DefectsLieInTheBody) {
  const auto report = [](std::string_view text) {
    Base64Decoder decoder;
    std::string octets;
    decoder.feed(text, octets);
    decoder.finish(octets);
    Defects defects;
    decoder.report(defects, 1000, text.size());
    return std::vector<Defect>(defects.list().begin(), defects.list().end());
  };
  EXPECT_THAT(report("Zm9v\r\n"), testing::IsEmpty());
  EXPECT_THAT(report("Zm9v!Yg==x"),
              testing::ElementsAre(Defect{DefectCode::base64_junk, 1004, 1, "passed over, and others like it"},
                                   Defect{DefectCode::base64_after_padding, 1009, 1, "not read"}));
  EXPECT_THAT(report("Zg"),
              testing::ElementsAre(Defect{DefectCode::base64_missing_padding, 1002, 0, "the last octets are kept"}));
  EXPECT_THAT(report("Zm9vZ"),
              testing::ElementsAre(Defect{DefectCode::base64_truncated, 1005, 0, "the last character is lost"}));
  EXPECT_THAT(report(std::string(76, 'A')), testing::IsEmpty());
  EXPECT_THAT(report(std::string(80, 'A')),
              testing::ElementsAre(Defect{DefectCode::base64_line_too_long, 1000, 80, "read all the same"}));
}

/// Text as mail has it, and as it has it when things went wrong.
std::string adversarial(Prng& prng) {
  std::string text = in_lines(openssl_base64(random_octets(prng, prng.below(200))), 4 + prng.below(80),
                              prng.below(2) == 0 ? "\r\n" : "\n");
  for (std::uint64_t edits = prng.below(4); edits > 0 && !text.empty(); --edits) {
    const std::size_t at = prng.below(text.size());
    switch (prng.below(4)) {
      case 0: text[at] = static_cast<char>(prng.below(256)); break;
      case 1: text.insert(at, 1, "=\r\n *"[prng.below(5)]); break;
      case 2: text.erase(at, 1 + prng.below(3)); break;
      default: text.resize(at);
    }
  }
  return text;
}

TEST(Base64, VectorsGiveWhatScalarsGive) {
  if (best_simd() == Simd::scalar) GTEST_SKIP() << "this machine has no AVX2";
  Prng prng(4711);
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = adversarial(prng);
    ASSERT_EQ(describe(decode(text, Simd::avx2)), describe(decode(text, Simd::scalar))) << testing::PrintToString(text);
  }
}

TEST(Base64, AnySplitGivesTheSame) {
  Prng prng(7);
  for (int round = 0; round < 300; ++round) {
    const std::string text = adversarial(prng);
    const std::string whole = describe(decode(text));
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      Base64Decoder decoder;
      Decoded split;
      decoder.feed(std::string_view(text).substr(0, cut), split.octets);
      decoder.feed(std::string_view(text).substr(cut), split.octets);
      decoder.finish(split.octets);
      split.damage = decoder.damage();
      ASSERT_EQ(describe(split), whole) << testing::PrintToString(text) << " cut at " << cut;
    }
    Base64Decoder decoder;
    Decoded split;
    for (char c : text) decoder.feed({&c, 1}, split.octets);
    decoder.finish(split.octets);
    split.damage = decoder.damage();
    ASSERT_EQ(describe(split), whole);
  }
}

// The room that is asked for is never passed: the octets behind it stay as they were.
TEST(Base64, WritesOnlyWhereThereIsRoom) {
  for (std::size_t size = 0; size < 400; ++size) {
    const std::string text(size, 'Q');
    std::string out(Base64Decoder::room_for(size) + 32, '#');
    Base64Decoder decoder;
    decoder.feed("QQQ", out.data());
    decoder.feed(text, out.data());
    EXPECT_EQ(out.substr(Base64Decoder::room_for(size)), std::string(32, '#')) << size;
  }
}

TEST(Base64, LinesOf76) {
  for (std::size_t size : {0UL, 1UL, 56UL, 57UL, 58UL, 113UL, 114UL, 115UL, 1000UL}) {
    const std::string octets(size, 'x');
    Base64Encoder encoder;
    std::string text;
    encoder.feed(octets, text);
    encoder.finish(text);
    EXPECT_EQ(text, in_lines(openssl_base64(octets), 76, "\r\n")) << size;
    EXPECT_EQ(Base64Encoder::encoded_size(size), text.size());
    EXPECT_EQ(Base64Encoder::encoded_size(size, false), openssl_base64(octets).size());
  }
}

TEST(Base64, IsEncodedInPiecesTheSame) {
  Prng prng(3);
  const std::string octets = random_octets(prng, 200);
  const std::string whole = in_lines(openssl_base64(octets), 76, "\r\n");
  for (std::size_t cut = 0; cut <= octets.size(); ++cut) {
    Base64Encoder encoder;
    std::string text = "before";
    encoder.feed(std::string_view(octets).substr(0, cut), text);
    encoder.feed(std::string_view(octets).substr(cut), text);
    encoder.finish(text);
    ASSERT_EQ(text, "before" + whole);
  }
  Base64Encoder encoder;
  std::string text;
  for (char c : octets) encoder.feed({&c, 1}, text);
  encoder.finish(text);
  EXPECT_EQ(text, whole);
  encoder.feed("foo", text = {});
  encoder.finish(text);
  EXPECT_EQ(text, "Zm9v\r\n");  // anew
}

}  // namespace
}  // namespace mailrig::mime
