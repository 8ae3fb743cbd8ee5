#include "mime/message/coding/scan.h"

#include <gtest/gtest.h>

#include "base/prng.h"

namespace mailrig::mime {
namespace {

using namespace std::string_view_literals;

constexpr Simd kinds[] = {Simd::scalar, Simd::avx2};

bool runs_here(Simd simd) { return simd == Simd::scalar || best_simd() == Simd::avx2; }

TEST(Scan, BoundaryLines) {
  for (Simd simd : kinds) {
    if (!runs_here(simd)) continue;
    EXPECT_EQ(find_boundary_line("--a", 0, simd), 0U);
    EXPECT_EQ(find_boundary_line("--", 0, simd), 0U);
    EXPECT_EQ(find_boundary_line("-", 0, simd), not_found);
    EXPECT_EQ(find_boundary_line("", 0, simd), not_found);
    EXPECT_EQ(find_boundary_line("", 1, simd), not_found);
    EXPECT_EQ(find_boundary_line("x--a", 1, simd), not_found);
    EXPECT_EQ(find_boundary_line("x\n--a\n--b", 0, simd), 2U);
    EXPECT_EQ(find_boundary_line("x\n--a\n--b", 2, simd), 2U);
    EXPECT_EQ(find_boundary_line("x\n--a\n--b", 3, simd), 6U);
    EXPECT_EQ(find_boundary_line("x\n--a\n--b", 7, simd), not_found);
    EXPECT_EQ(find_boundary_line("x\r\n --a\r\n-a", 0, simd), not_found);
    EXPECT_EQ(find_boundary_line("\n\n--", 0, simd), 2U);
  }
}

// At every place and every length: ends of vectors, ends of text.
TEST(Scan, BoundaryLinesAtEveryPlace) {
  for (Simd simd : kinds) {
    if (!runs_here(simd)) continue;
    for (std::size_t size = 3; size < 110; ++size) {
      for (std::size_t at = 1; at + 2 <= size; ++at) {
        std::string text(size, '-');
        text[at - 1] = '\n';
        EXPECT_EQ(find_boundary_line(text, 1, simd), at) << size;
        text[at + 1] = 'x';
        EXPECT_EQ(find_boundary_line(text, 1, simd), not_found) << size;
      }
    }
  }
}

TEST(Scan, EitherOfTwo) {
  for (Simd simd : kinds) {
    if (!runs_here(simd)) continue;
    EXPECT_EQ(find_either("", 0, 'a', 'b', simd), not_found);
    EXPECT_EQ(find_either("ab", 2, 'a', 'b', simd), not_found);
    for (std::size_t size = 1; size < 100; ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, 'x');
        text[at] = at % 2 == 0 ? 'a' : 'b';
        EXPECT_EQ(find_either(text, 0, 'a', 'b', simd), at);
        EXPECT_EQ(find_either(text, at, 'b', 'a', simd), at);
        EXPECT_EQ(find_either(text, at + 1, 'a', 'b', simd), not_found);
      }
    }
  }
}

TEST(Scan, AsciiLength) {
  for (Simd simd : kinds) {
    if (!runs_here(simd)) continue;
    for (std::size_t size = 0; size < 100; ++size) {
      std::string text(size, '\x7F');
      EXPECT_EQ(ascii_length(text, simd), size);
      for (std::size_t at = 0; at < size; ++at) {
        text[at] = '\x80';
        EXPECT_EQ(ascii_length(text, simd), at);
        text[at] = 0;
      }
    }
  }
}

TEST(Scan, NextLine) {
  EXPECT_EQ(next_line("a\nb\n", 0), 2U);
  EXPECT_EQ(next_line("a\nb\n", 1), 2U);
  EXPECT_EQ(next_line("a\nb\n", 2), 4U);
  EXPECT_EQ(next_line("a\nb", 2), 3U);
  EXPECT_EQ(next_line("ab", 7), 2U);
}

TEST(Survey, OfOneOfEach) {
  for (Simd simd : kinds) {
    if (!runs_here(simd)) continue;
    const OctetSurvey octets = survey("one\r\ntwo\nthree\rfour\xFF\0five"sv, simd);
    EXPECT_EQ(octets.octets, 25U);
    EXPECT_EQ(octets.lines, 2U);
    EXPECT_EQ(octets.longest_line, 16U);
    EXPECT_EQ(octets.bare_lf, 1U);
    EXPECT_EQ(octets.first_bare_lf, 8U);
    EXPECT_EQ(octets.bare_cr, 1U);
    EXPECT_EQ(octets.first_bare_cr, 14U);
    EXPECT_EQ(octets.eight_bit, 1U);
    EXPECT_EQ(octets.first_eight_bit, 19U);
    EXPECT_EQ(octets.nul, 1U);
    EXPECT_EQ(octets.first_nul, 20U);
    EXPECT_EQ(octets.first_long_line, 25U);
    EXPECT_EQ(survey("", simd), OctetSurvey{});
    EXPECT_EQ(survey("\r", simd).bare_cr, 1U);
    EXPECT_EQ(survey("\r\r\n", simd).bare_cr, 1U);
    EXPECT_EQ(survey("\r\r\n", simd).longest_line, 1U);
    EXPECT_EQ(survey("\n\r", simd).bare_lf, 1U);
  }
}

TEST(Survey, LongLines) {
  for (Simd simd : kinds) {
    if (!runs_here(simd)) continue;
    const std::string longest(998, 'x');
    EXPECT_EQ(survey("a\r\n" + longest + "\r\n", simd).first_long_line, 1003U);
    EXPECT_EQ(survey("a\r\n" + longest + "\r\n", simd).longest_line, 998U);
    EXPECT_EQ(survey("a\r\n" + longest + "y\r\n" + longest + "yy\r\n", simd).first_long_line, 3U);
    EXPECT_EQ(survey("a\n" + longest + "y", simd).first_long_line, 2U);
    EXPECT_EQ(survey("a\n" + longest + "y", simd).longest_line, 999U);
  }
}

std::string random_text(Prng& prng) {
  std::string text;
  for (std::uint64_t size = prng.below(200); size > 0; --size)
    text += prng.below(3) == 0 ? "\r\n\0\xFF-"[prng.below(5)] : static_cast<char>('a' + prng.below(26));
  return text;
}

TEST(Survey, VectorsAndSplitsGiveTheSame) {
  Prng prng(11);
  for (int round = 0; round < 3000; ++round) {
    const std::string text = random_text(prng);
    const OctetSurvey scalar = survey(text, Simd::scalar);
    for (Simd simd : kinds) {
      if (!runs_here(simd)) continue;
      ASSERT_EQ(survey(text, simd), scalar) << testing::PrintToString(text);
      const std::size_t cut = prng.below(text.size() + 1);
      OctetStatistics surveyor(simd);
      surveyor.feed(std::string_view(text).substr(0, cut));
      surveyor.feed(std::string_view(text).substr(cut));
      ASSERT_EQ(surveyor.finish(), scalar) << testing::PrintToString(text) << " cut at " << cut;
    }
    for (std::size_t from = 0; from <= text.size(); ++from) {
      if (!runs_here(Simd::avx2)) break;
      ASSERT_EQ(find_boundary_line(text, from, Simd::avx2), find_boundary_line(text, from, Simd::scalar));
      ASSERT_EQ(find_either(text, from, '-', '\n', Simd::avx2), find_either(text, from, '-', '\n', Simd::scalar));
    }
  }
}

}  // namespace
}  // namespace mailrig::mime
