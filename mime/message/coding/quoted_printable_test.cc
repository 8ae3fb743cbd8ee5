#include "mime/message/coding/quoted_printable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/prng.h"

namespace mailrig::mime {
namespace {

using Kind = QuotedPrintableEncoder::Kind;

struct Decoded {
  std::string octets;
  QuotedPrintableDecoder::Damage damage;
};

Decoded decode(std::string_view text, Simd simd = best_simd()) {
  QuotedPrintableDecoder decoder(simd);
  Decoded decoded;
  decoder.feed(text, decoded.octets);
  decoder.finish(decoded.octets);
  decoded.damage = decoder.damage();
  return decoded;
}

std::string describe(const Decoded& d) {
  const QuotedPrintableDecoder::Damage& a = d.damage;
  return testing::PrintToString(d.octets) + " invalid " + std::to_string(a.invalid) + "@" +
         std::to_string(a.first_invalid) + " trailing " + std::to_string(a.trailing_blanks) + "@" +
         std::to_string(a.first_trailing_blanks) + " longest " + std::to_string(a.longest_line) +
         (a.truncated ? " truncated" : "");
}

TEST(QuotedPrintable, EscapesAndSoftLineBreaks) {
  // RFC 2045 §6.7, the example of rule 5.
  EXPECT_EQ(from_quoted_printable("Now's the time =\r\nfor all folk to come=\r\n to the aid of their country."),
            "Now's the time for all folk to come to the aid of their country.");
  EXPECT_EQ(describe(decode("a=3Db=C3=bc\r\n")),
            "\"a=b\\xC3\\xBC\\r\\n\"\n    As Text: \"a=b\xC3\xBC\r\n\" invalid 0@0 trailing 0@0 longest 11");
  EXPECT_EQ(from_quoted_printable("=41=42C=43=\n=44"), "ABCCD");
  EXPECT_EQ(from_quoted_printable("soft=  \t\r\nly=\nnow"), "softlynow");
  EXPECT_EQ(from_quoted_printable("=00=FF=0D=0A"), std::string("\0\xFF\r\n", 4));
  EXPECT_EQ(from_quoted_printable(""), "");
}

TEST(QuotedPrintable, BlanksAtTheEndOfALineVanish) {
  EXPECT_EQ(describe(decode("a \t\r\nb  \nc ")), "\"a\\r\\nb\\nc\" invalid 0@0 trailing 3@1 longest 3");
  EXPECT_EQ(describe(decode("end=20\r\nx=20 \r\n")), "\"end \\r\\nx \\r\\n\" invalid 0@0 trailing 1@12 longest 6");
  EXPECT_EQ(from_quoted_printable("a  b\t c"), "a  b\t c");
  EXPECT_EQ(from_quoted_printable(" \r \n"), " \r\n");
  EXPECT_EQ(from_quoted_printable("a \rb \r\r\n"), "a \rb \r\r\n");
  EXPECT_EQ(from_quoted_printable("a \r"), "a \r");
  EXPECT_EQ(from_quoted_printable("  =\r\n \r\nx"), "  \r\nx");
}

// What no line of mail can hold was not put there by a transport (RFC 5322 §2.1.1).
TEST(QuotedPrintable, AVeryLongRunOfBlanksStays) {
  const std::string most(QuotedPrintableDecoder::blanks_max, ' ');
  EXPECT_EQ(from_quoted_printable("a" + most + "\r\nb"), "a\r\nb");
  EXPECT_EQ(from_quoted_printable("a" + most + "\t\r\nb"), "a" + most + "\t\r\nb");
  EXPECT_EQ(from_quoted_printable("a" + most + "\tx \r\n"), "a" + most + "\tx\r\n");
  EXPECT_EQ(from_quoted_printable("a" + most + " =41 \r\n \n"), "a" + most + " A\r\n\n");
  EXPECT_EQ(from_quoted_printable("=" + most + "\r\nx"), "x");
  EXPECT_EQ(from_quoted_printable("=" + most + " \r\nx"), "=" + most + " \r\nx");
}

TEST(QuotedPrintable, WhatIsNoEscapeStays) {
  EXPECT_EQ(describe(decode("bad =zz =4x ==\r\n")), "\"bad =zz =4x =\" invalid 3@4 trailing 0@0 longest 14");
  EXPECT_EQ(describe(decode("x= y\r\n")), "\"x= y\\r\\n\" invalid 1@1 trailing 0@0 longest 4");
  EXPECT_EQ(describe(decode("x=\ry")), "\"x=\\ry\" invalid 1@1 trailing 0@0 longest 4");
  EXPECT_EQ(describe(decode("x= \r \n")), "\"x= \\r\\n\" invalid 1@1 trailing 1@4 longest 5");
  EXPECT_EQ(describe(decode("=4\r\n")), "\"=4\\r\\n\" invalid 1@0 trailing 0@0 longest 2");
  EXPECT_EQ(describe(decode("=g1=1g=G1=/0=:0=@0=`0")), "\"=g1=1g=G1=/0=:0=@0=`0\" invalid 7@0 trailing 0@0 longest 21");
}

TEST(QuotedPrintable, AnEndWithinAnEscape) {
  EXPECT_EQ(describe(decode("abc=")), "\"abc\" invalid 0@0 trailing 0@0 longest 4 truncated");
  EXPECT_EQ(describe(decode("abc=4")), "\"abc=4\" invalid 0@0 trailing 0@0 longest 5 truncated");
  EXPECT_EQ(describe(decode("abc=\r")), "\"abc\" invalid 0@0 trailing 0@0 longest 5 truncated");
  EXPECT_EQ(describe(decode("abc= ")), "\"abc\" invalid 0@0 trailing 0@0 longest 5 truncated");
  EXPECT_EQ(describe(decode("abc=\r\n")), "\"abc\" invalid 0@0 trailing 0@0 longest 4");
}

TEST(QuotedPrintable, DefectsLieInTheBody) {
  const auto report = [](std::string_view text) {
    QuotedPrintableDecoder decoder;
    std::string octets;
    decoder.feed(text, octets);
    decoder.finish(octets);
    Defects defects;
    decoder.report(defects, 100, text.size());
    return std::vector<Defect>(defects.list().begin(), defects.list().end());
  };
  EXPECT_THAT(report("=41 b\r\n"), testing::IsEmpty());
  EXPECT_THAT(report("ab =x \r\n="),
              testing::ElementsAre(
                  Defect{DefectCode::quoted_printable_invalid, 103, 1, "kept as text, and others like it"},
                  Defect{DefectCode::quoted_printable_truncated, 109, 0, "what was begun is kept as text"},
                  Defect{DefectCode::quoted_printable_trailing_blanks, 105, 1, "removed, and others like them"}));
  EXPECT_THAT(report(std::string(76, 'x') + "\r\n"), testing::IsEmpty());
  EXPECT_THAT(report(std::string(77, 'x') + "\r\n"),
              testing::ElementsAre(Defect{DefectCode::quoted_printable_line_too_long, 100, 79, "read all the same"}));
}

std::string adversarial(Prng& prng, std::size_t pieces) {
  constexpr std::string_view parts[] = {
      "=",    "=\r\n",
      "=\n",  "=4",
      "=41",  "=C3=BC",
      " ",    "\t",
      "\r",   "\n",
      "\r\n", "= \r\n",
      "text", "a much longer run of text than a vector has octets, without any escape",
      "==",   "=zz"};
  std::string text;
  for (; pieces > 0; --pieces) text += parts[prng.below(std::size(parts))];
  return text;
}

TEST(QuotedPrintable, VectorsGiveWhatScalarsGive) {
  if (best_simd() == Simd::scalar) GTEST_SKIP() << "this machine has no AVX2";
  Prng prng(42);
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = adversarial(prng, prng.below(20));
    ASSERT_EQ(describe(decode(text, Simd::avx2)), describe(decode(text, Simd::scalar))) << testing::PrintToString(text);
  }
}

TEST(QuotedPrintable, AnySplitGivesTheSame) {
  Prng prng(43);
  for (int round = 0; round < 3000; ++round) {
    const std::string text = adversarial(prng, prng.below(12));
    const std::string whole = describe(decode(text));
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      QuotedPrintableDecoder decoder;
      Decoded split;
      decoder.feed(std::string_view(text).substr(0, cut), split.octets);
      decoder.feed(std::string_view(text).substr(cut), split.octets);
      decoder.finish(split.octets);
      split.damage = decoder.damage();
      ASSERT_EQ(describe(split), whole) << testing::PrintToString(text) << " cut at " << cut;
    }
    QuotedPrintableDecoder decoder;
    Decoded split;
    for (char c : text) decoder.feed({&c, 1}, split.octets);
    decoder.finish(split.octets);
    split.damage = decoder.damage();
    ASSERT_EQ(describe(split), whole) << testing::PrintToString(text);
  }
}

TEST(QuotedPrintable, LongRunsAreSplitTheSame) {
  for (std::size_t blanks : {997UL, 998UL, 999UL, 1500UL}) {
    const std::string text = "a" + std::string(blanks, ' ') + "\r\nb=" + std::string(blanks, ' ') + "\r\nc";
    const std::string whole = from_quoted_printable(text);
    for (std::size_t step : {1UL, 7UL, 499UL, 998UL, 999UL}) {
      QuotedPrintableDecoder decoder;
      std::string octets;
      for (std::size_t at = 0; at < text.size(); at += step)
        decoder.feed(std::string_view(text).substr(at, step), octets);
      decoder.finish(octets);
      EXPECT_EQ(octets, whole) << blanks << " by " << step;
    }
  }
}

TEST(QuotedPrintable, IsWritten) {
  EXPECT_EQ(to_quoted_printable("gr\xC3\xBC\xC3\x9F = 1\r\n"), "gr=C3=BC=C3=9F =3D 1\r\n");
  EXPECT_EQ(to_quoted_printable("a \nb\t\r\nc "), "a=20\r\nb=09\r\nc=20");
  EXPECT_EQ(to_quoted_printable("a  \n"), "a =20\r\n");
  EXPECT_EQ(to_quoted_printable("a\rb \r"), "a=0Db =0D");
  EXPECT_EQ(to_quoted_printable("\r\r\n"), "=0D\r\n");
  EXPECT_EQ(to_quoted_printable("!~ \x7F\x1F"), "!~ =7F=1F");
  EXPECT_EQ(to_quoted_printable(".\r\n..x."), "=2E\r\n=2E.x.");
  EXPECT_EQ(to_quoted_printable("a\r\n\n b ", Kind::binary), "a=0D=0A=0A b=20");
}

TEST(QuotedPrintable, NoLineIsLongerThan76) {
  EXPECT_EQ(to_quoted_printable(std::string(75, 'x')), std::string(75, 'x'));
  EXPECT_EQ(to_quoted_printable(std::string(76, 'x')), std::string(75, 'x') + "=\r\nx");
  EXPECT_EQ(to_quoted_printable(std::string(72, 'x') + "\xFF"), std::string(72, 'x') + "=FF");
  EXPECT_EQ(to_quoted_printable(std::string(73, 'x') + "\xFF"), std::string(73, 'x') + "=\r\n=FF");
  EXPECT_EQ(to_quoted_printable(std::string(75, 'x') + "."), std::string(75, 'x') + "=\r\n=2E");
  EXPECT_EQ(to_quoted_printable(std::string(74, 'x') + "."), std::string(74, 'x') + ".");
}

TEST(QuotedPrintable, WhatIsWrittenIsReadBack) {
  Prng prng(5);
  for (int round = 0; round < 2000; ++round) {
    std::string octets;
    for (std::uint64_t size = prng.below(300); size > 0; --size)
      octets += prng.below(3) == 0 ? static_cast<char>(prng.below(256)) : " \r\n=.a\t"[prng.below(7)];
    QuotedPrintableEncoder encoder(Kind::binary);
    std::string text;
    for (std::size_t at = 0; at < octets.size(); at += 7) encoder.feed(std::string_view(octets).substr(at, 7), text);
    encoder.finish(text);
    ASSERT_EQ(text, to_quoted_printable(octets, Kind::binary));
    const Decoded decoded = decode(text);
    ASSERT_EQ(decoded.octets, octets);
    ASSERT_LE(decoded.damage.longest_line, 76U);
    ASSERT_EQ(decoded.damage.trailing_blanks + decoded.damage.invalid, 0U);
  }
}

}  // namespace
}  // namespace mailrig::mime
