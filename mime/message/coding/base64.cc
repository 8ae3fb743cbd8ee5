#include "mime/message/coding/base64.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace mailrig::mime {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// What a character is, where it is none of the alphabet.
constexpr std::uint8_t blank = 64;
constexpr std::uint8_t padding = 65;
constexpr std::uint8_t junk = 66;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(junk);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  for (char c : {' ', '\t', '\r', '\n'}) values[static_cast<unsigned char>(c)] = blank;
  values['='] = padding;
  return values;
}
constexpr std::array<std::uint8_t, 256> values = make_values();

std::uint8_t value_of(char c) { return values[static_cast<unsigned char>(c)]; }

/// Measures lines while pointers run over them. `start` lies before the piece where the line began in an earlier one.
struct LineRuler {
  const char* start;
  std::uint64_t carried;  // octets of the line in earlier pieces
  std::uint64_t longest;

  void line_ends(const char* at) {
    longest = std::max(longest, carried + static_cast<std::uint64_t>(at - start));
    carried = 0;
  }
};

/// Quanta of four characters of the alphabet, as far as they go.
const char* decode_quanta(const char* at, const char* end, char*& out) {
  while (end - at >= 4) {
    const std::uint32_t a = value_of(at[0]), b = value_of(at[1]), c = value_of(at[2]), d = value_of(at[3]);
    if ((a | b | c | d) >= 64) break;
    const std::uint32_t bits = a << 18 | b << 12 | c << 6 | d;
    out[0] = static_cast<char>(bits >> 16);
    out[1] = static_cast<char>(bits >> 8);
    out[2] = static_cast<char>(bits);
    out += 3;
    at += 4;
  }
  return at;
}

#if defined(__x86_64__)

// The method of Wojciech Mula and Daniel Lemire, "Faster Base64 Encoding and Decoding using AVX2 Instructions" (2018):
// whether a character is of the alphabet, and what to add to it, follow from its two nibbles by table look-ups.
struct Block {
  __m256i values;
  std::uint32_t foreign;  // a bit for each character that is none of the alphabet
};

MAILRIG_AVX2 inline Block classify(__m256i text) {
  const __m256i low_table =
      _mm256_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A,
                       0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A);
  const __m256i high_table =
      _mm256_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10,
                       0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
  const __m256i add_table = _mm256_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0,  //
                                             0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
  const __m256i slash = _mm256_set1_epi8('/');
  const __m256i high = _mm256_and_si256(_mm256_srli_epi32(text, 4), slash);  // 0x2F: bit 5 does no harm to look-ups
  const __m256i low = _mm256_and_si256(text, slash);
  const __m256i both = _mm256_and_si256(_mm256_shuffle_epi8(low_table, low), _mm256_shuffle_epi8(high_table, high));
  const __m256i good = _mm256_cmpeq_epi8(both, _mm256_setzero_si256());
  const __m256i row = _mm256_add_epi8(_mm256_cmpeq_epi8(text, slash), high);
  return {_mm256_add_epi8(text, _mm256_shuffle_epi8(add_table, row)),
          ~static_cast<std::uint32_t>(_mm256_movemask_epi8(good))};
}

/// 32 six-bit values become 24 octets; 32 are written.
MAILRIG_AVX2 inline void store(__m256i six_bits, char* out) {
  const __m256i pairs = _mm256_maddubs_epi16(six_bits, _mm256_set1_epi32(0x01400140));
  const __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));
  const __m256i order = _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1,  //
                                         2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
  const __m256i packed =
      _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(fours, order), _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), packed);
}

/// Whole lines, as long as nothing but line ends stands between quanta. Foreign characters are decoded along with the
/// others: what is made of them lies behind `out` and is overwritten.
MAILRIG_AVX2 const char* decode_lines_avx2(const char* at, const char* end, char*& out, LineRuler& ruler) {
  while (end - at >= 32) {
    const Block block = classify(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
    store(block.values, out);
    if (block.foreign == 0) {
      at += 32;
      out += 24;
      continue;
    }
    const int characters = std::countr_zero(block.foreign);
    at += characters / 4 * 4;
    out += characters / 4 * 3;
    if (characters % 4 != 0) return at;
    const char* line_end = at;
    if (*at == '\r') ++at;
    if (at == end || *at != '\n') return line_end;
    ruler.line_ends(line_end);
    ++at;
    ruler.start = at;
  }
  return at;
}

#endif

}  // namespace

std::size_t Base64Decoder::feed(std::string_view text, char* out) {
  const char* const out_begin = out;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* at = begin;
  const bool line_end_goes_on = after_cr_ && text.starts_with('\n');
  LineRuler ruler{begin, line_octets_ - (line_end_goes_on ? 1 : 0), damage_.longest_line};
  while (at != end) {
    if (characters_ == 0 && padding_ == 0 && !ended_) {
#if defined(__x86_64__)
      if (simd_ == Simd::avx2) at = decode_lines_avx2(at, end, out, ruler);
#endif
      at = decode_quanta(at, end, out);
      if (at == end) break;
    }
    if (*at == '\n') {
      ruler.line_ends(at != begin && at[-1] == '\r' ? at - 1 : at);
      ruler.start = at + 1;
    } else {
      take(*at, fed_ + static_cast<std::uint64_t>(at - begin), out);
    }
    ++at;
  }
  damage_.longest_line = ruler.longest;
  line_octets_ = ruler.carried + static_cast<std::uint64_t>(end - ruler.start);
  if (!text.empty()) after_cr_ = text.back() == '\r';
  fed_ += text.size();
  return static_cast<std::size_t>(out - out_begin);
}

/// One character, whatever it is.
void Base64Decoder::take(char c, std::uint64_t offset, char*& out) {
  const std::uint8_t value = value_of(c);
  if (value == blank) return;
  if (ended_) {
    if (damage_.after_padding++ == 0) damage_.first_after_padding = offset;
  } else if (value == padding && characters_ >= 2) {
    ++padding_;
    if (characters_ + padding_ == 4) {
      put_last_octets(out);
      ended_ = true;
    }
  } else if (value >= 64) {
    if (damage_.junk++ == 0) damage_.first_junk = offset;
  } else {
    // An equals sign with more text behind it was no padding.
    if (padding_ > 0 && damage_.junk++ == 0) damage_.first_junk = offset;
    padding_ = 0;
    bits_ = bits_ << 6 | value;
    if (++characters_ < 4) return;
    for (int shift : {16, 8, 0}) *out++ = static_cast<char>(bits_ >> shift);
    bits_ = 0;
    characters_ = 0;
  }
}

/// What 2 or 3 characters hold: one octet or two.
void Base64Decoder::put_last_octets(char*& out) {
  bits_ <<= 6 * (4 - characters_);
  *out++ = static_cast<char>(bits_ >> 16);
  if (characters_ == 3) *out++ = static_cast<char>(bits_ >> 8);
  bits_ = 0;
  characters_ = 0;
  padding_ = 0;
}

std::size_t Base64Decoder::finish(char* out) {
  const char* const out_begin = out;
  damage_.longest_line = std::max(damage_.longest_line, line_octets_);
  if (characters_ == 1) damage_.truncated = true;
  if (characters_ >= 2) {
    damage_.missing_padding = true;
    put_last_octets(out);
  }
  characters_ = 0;
  ended_ = true;
  return static_cast<std::size_t>(out - out_begin);
}

void Base64Decoder::feed(std::string_view text, std::string& out) {
  const std::size_t old_size = out.size();
  out.resize(old_size + room_for(text.size()));
  out.resize(old_size + feed(text, out.data() + old_size));
}

void Base64Decoder::finish(std::string& out) {
  std::array<char, 2> last;
  out.append(last.data(), finish(last.data()));
}

void Base64Decoder::report(Defects& defects, std::uint64_t offset, std::uint64_t length) const {
  if (damage_.junk > 0)
    defects.add_at(DefectCode::base64_junk, offset + damage_.first_junk, 1, "passed over, and others like it");
  if (damage_.after_padding > 0)
    defects.add_at(DefectCode::base64_after_padding, offset + damage_.first_after_padding, damage_.after_padding,
                   "not read");
  if (damage_.missing_padding)
    defects.add_at(DefectCode::base64_missing_padding, offset + length, 0, "the last octets are kept");
  if (damage_.truncated) defects.add_at(DefectCode::base64_truncated, offset + length, 0, "the last character is lost");
  if (damage_.longest_line > Base64Encoder::line_characters_max)
    defects.add_at(DefectCode::base64_line_too_long, offset, length, "read all the same");
}

std::string from_base64(std::string_view text) {
  Base64Decoder decoder;
  std::string octets;
  decoder.feed(text, octets);
  decoder.finish(octets);
  return octets;
}

}  // namespace mailrig::mime
