#include "mime/message/coding/scan.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace mailrig::mime {
namespace {

bool is_boundary_line(std::string_view text, std::size_t at) {
  return at + 2 <= text.size() && text[at] == '-' && text[at + 1] == '-' && (at == 0 || text[at - 1] == '\n');
}

std::size_t find_boundary_line_scalar(std::string_view text, std::size_t from) {
  if (is_boundary_line(text, from)) return from;
  while (true) {
    from = next_line(text, from);
    if (from >= text.size()) return not_found;
    if (is_boundary_line(text, from)) return from;
  }
}

std::size_t find_either_scalar(std::string_view text, std::size_t from, char a, char b) {
  for (; from < text.size(); ++from)
    if (text[from] == a || text[from] == b) return from;
  return not_found;
}

std::size_t ascii_length_scalar(std::string_view text, std::size_t from) {
  while (from < text.size() && static_cast<unsigned char>(text[from]) < 0x80) ++from;
  return from;
}

#if defined(__x86_64__)

MAILRIG_AVX2 inline __m256i load(const char* at) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)); }

MAILRIG_AVX2 inline std::uint32_t equals(__m256i block, char c) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(block, _mm256_set1_epi8(c))));
}

MAILRIG_AVX2 std::size_t find_boundary_line_avx2(std::string_view text, std::size_t from) {
  if (is_boundary_line(text, from)) return from;
  const char* base = text.data();
  const __m256i lf = _mm256_set1_epi8('\n');
  const __m256i dash = _mm256_set1_epi8('-');
  std::size_t at = from;  // of an LF
  for (; at + 34 <= text.size(); at += 32) {
    __m256i found = _mm256_and_si256(
        _mm256_cmpeq_epi8(load(base + at), lf),
        _mm256_and_si256(_mm256_cmpeq_epi8(load(base + at + 1), dash), _mm256_cmpeq_epi8(load(base + at + 2), dash)));
    auto mask = static_cast<std::uint32_t>(_mm256_movemask_epi8(found));
    if (mask != 0) return at + static_cast<std::size_t>(std::countr_zero(mask)) + 1;
  }
  for (; at + 3 <= text.size(); ++at)
    if (text[at] == '\n' && text[at + 1] == '-' && text[at + 2] == '-') return at + 1;
  return not_found;
}

MAILRIG_AVX2 std::size_t find_either_avx2(std::string_view text, std::size_t from, char a, char b) {
  for (; from + 32 <= text.size(); from += 32) {
    __m256i block = load(text.data() + from);
    std::uint32_t mask = equals(block, a) | equals(block, b);
    if (mask != 0) return from + static_cast<std::size_t>(std::countr_zero(mask));
  }
  return find_either_scalar(text, from, a, b);
}

MAILRIG_AVX2 std::size_t ascii_length_avx2(std::string_view text) {
  std::size_t at = 0;
  for (; at + 32 <= text.size(); at += 32) {
    auto mask = static_cast<std::uint32_t>(_mm256_movemask_epi8(load(text.data() + at)));
    if (mask != 0) return at + static_cast<std::size_t>(std::countr_zero(mask));
  }
  return ascii_length_scalar(text, at);
}

#endif

}  // namespace

std::size_t find_boundary_line(std::string_view text, std::size_t from, [[maybe_unused]] Simd simd) {
  if (from > text.size()) return not_found;
#if defined(__x86_64__)
  if (simd == Simd::avx2) return find_boundary_line_avx2(text, from);
#endif
  return find_boundary_line_scalar(text, from);
}

std::size_t find_either(std::string_view text, std::size_t from, char a, char b, [[maybe_unused]] Simd simd) {
#if defined(__x86_64__)
  if (simd == Simd::avx2) return find_either_avx2(text, from, a, b);
#endif
  return find_either_scalar(text, from, a, b);
}

std::size_t ascii_length(std::string_view text, [[maybe_unused]] Simd simd) {
#if defined(__x86_64__)
  if (simd == Simd::avx2) return ascii_length_avx2(text);
#endif
  return ascii_length_scalar(text, 0);
}

std::size_t next_line(std::string_view text, std::size_t from) {
  if (from >= text.size()) return text.size();
  // memchr of the C library is vectorised wherever that pays.
  const void* lf = std::memchr(text.data() + from, '\n', text.size() - from);
  return lf == nullptr ? text.size() : static_cast<std::size_t>(static_cast<const char*>(lf) - text.data()) + 1;
}

void OctetStatistics::take_line_end(std::uint64_t at) {
  std::uint64_t end = at;
  if (after_cr_)
    --end;
  else if (survey_.bare_lf++ == 0)
    survey_.first_bare_lf = at;
  take_line(end);
  ++survey_.lines;
  line_start_ = at + 1;
}

void OctetStatistics::take_line(std::uint64_t end) {
  const std::uint64_t length = end - line_start_;
  if (length > line_octets_max && survey_.longest_line <= line_octets_max) survey_.first_long_line = line_start_;
  survey_.longest_line = std::max(survey_.longest_line, length);
}

void OctetStatistics::take_bare_cr(std::uint64_t at) {
  if (survey_.bare_cr++ == 0) survey_.first_bare_cr = at;
}

void OctetStatistics::feed_octets(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint64_t at = survey_.octets + i;
    const auto octet = static_cast<unsigned char>(text[i]);
    if (octet == '\n') {
      take_line_end(at);
      after_cr_ = false;
      continue;
    }
    if (after_cr_) take_bare_cr(at - 1);
    after_cr_ = octet == '\r';
    if (octet >= 0x80 && survey_.eight_bit++ == 0) survey_.first_eight_bit = at;
    if (octet == 0 && survey_.nul++ == 0) survey_.first_nul = at;
  }
  survey_.octets += text.size();
}

#if defined(__x86_64__)
MAILRIG_AVX2 std::size_t OctetStatistics::feed_blocks(std::string_view text) {
  std::size_t at = 0;
  for (; at + 32 <= text.size(); at += 32) {
    const __m256i block = load(text.data() + at);
    const std::uint32_t high = static_cast<std::uint32_t>(_mm256_movemask_epi8(block));
    std::uint32_t lf = equals(block, '\n');
    const std::uint32_t cr = equals(block, '\r');
    const std::uint32_t nul = equals(block, '\0');
    if ((high | lf | cr | nul) == 0 && !after_cr_) continue;
    const std::uint64_t base = survey_.octets + at;
    if (high != 0) {
      if (survey_.eight_bit == 0) survey_.first_eight_bit = base + static_cast<unsigned>(std::countr_zero(high));
      survey_.eight_bit += static_cast<unsigned>(std::popcount(high));
    }
    if (nul != 0) {
      if (survey_.nul == 0) survey_.first_nul = base + static_cast<unsigned>(std::countr_zero(nul));
      survey_.nul += static_cast<unsigned>(std::popcount(nul));
    }
    const bool began_after_cr = after_cr_;
    if (began_after_cr && (lf & 1U) == 0) take_bare_cr(base - 1);
    // The last octet's CR is judged by the next block.
    for (std::uint32_t bare = cr & 0x7FFFFFFFU & ~(lf >> 1); bare != 0; bare &= bare - 1)
      take_bare_cr(base + static_cast<unsigned>(std::countr_zero(bare)));
    const std::uint32_t behind_cr = (cr << 1) | (began_after_cr ? 1U : 0U);
    for (; lf != 0; lf &= lf - 1) {
      const auto bit = static_cast<unsigned>(std::countr_zero(lf));
      after_cr_ = ((behind_cr >> bit) & 1U) != 0;
      take_line_end(base + bit);
    }
    after_cr_ = (cr >> 31) != 0;
  }
  survey_.octets += at;
  return at;
}
#endif

void OctetStatistics::feed(std::string_view text) {
#if defined(__x86_64__)
  if (simd_ == Simd::avx2) text.remove_prefix(feed_blocks(text));
#endif
  feed_octets(text);
}

OctetSurvey OctetStatistics::finish() {
  if (after_cr_) take_bare_cr(survey_.octets - 1);
  after_cr_ = false;
  take_line(survey_.octets);
  if (survey_.eight_bit == 0) survey_.first_eight_bit = survey_.octets;
  if (survey_.nul == 0) survey_.first_nul = survey_.octets;
  if (survey_.bare_cr == 0) survey_.first_bare_cr = survey_.octets;
  if (survey_.bare_lf == 0) survey_.first_bare_lf = survey_.octets;
  if (survey_.longest_line <= line_octets_max) survey_.first_long_line = survey_.octets;
  return survey_;
}

OctetSurvey survey(std::string_view text, Simd simd) {
  OctetStatistics surveyor(simd);
  surveyor.feed(text);
  return surveyor.finish();
}

}  // namespace mailrig::mime
