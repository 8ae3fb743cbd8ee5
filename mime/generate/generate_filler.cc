#include "mime/generate/generate_filler.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "base/prng.h"
#include "mime/generate/hash_mix.h"
#include "mime/message/coding/base64.h"
#include "mime/message/coding/quoted_printable.h"

namespace mailrig::mime {
namespace {

constexpr std::size_t line_characters = filler_line_octets - 2;

using Words = std::span<const std::string_view>;

/// Words, the nth of n letters.
constexpr std::array<std::string_view, 13> ascii_words{
    "",        "a",        "of",        "the",        "post",        "inbox",       "letter",
    "message", "envelope", "delivered", "postmaster", "yesterday's", "conversation"};
constexpr std::string_view latin_words[] = {
    "Grüße",   "für",   "schöne", "Straße", "Käse", "übrig", "naïve", "déjà-vu", "señor", "mañana", "façade",
    "smörgås", "fjærå", "część",  "żółty",  "und",  "oder",  "aber",  "nicht",   "Brief", "Woche",  "morgen"};
constexpr std::string_view japanese_words[] = {
    "今日は",   "とても", "良い",     "天気",     "です",   "明日",   "の",   "会議", "について", "資料", "を",
    "送ります", "ご確認", "ください", "よろしく", "お願い", "します", "電車", "東京", "大阪",     "写真"};
// gb2312
constexpr std::string_view chinese_words[] = {
    "\xC4\xE3\xBA\xC3", "\xBD\xF1\xCC\xEC", "\xBB\xE1\xD2\xE9",         "\xB1\xA8\xB8\xE6", "\xCE\xD2\xC3\xC7",
    "\xB9\xAB\xCB\xBE", "\xB7\xA2\xC6\xB1", "\xC7\xEB\xB2\xE9\xCA\xD5", "\xB8\xBD\xBC\xFE", "\xD0\xBB\xD0\xBB",
    "\xCF\xEE\xC4\xBF", "\xBD\xF8\xB6\xC8", "\xB1\xB1\xBE\xA9",         "\xC9\xCF\xBA\xA3", "\xC3\xF7\xCC\xEC",
    "\xCF\xC2\xCE\xE7", "\xCA\xB1\xBC\xE4", "\xB5\xD8\xB5\xE3",         "\xC8\xB7\xC8\xCF", "\xBB\xD8\xB8\xB4"};
constexpr std::string_view cyrillic_words[] = {
    "привет",  "сегодня", "завтра", "письмо", "почта", "счёт",    "договор", "оплата", "спасибо", "пожалуйста",
    "встреча", "отчёт",   "проект", "Москва", "утром", "вечером", "хорошо",  "жду",    "ответа"};
// windows-1251
constexpr std::string_view cyrillic_1251_words[] = {
    "\xEF\xF0\xE8\xE2\xE5\xF2",     "\xF1\xE5\xE3\xEE\xE4\xED\xFF",
    "\xE7\xE0\xE2\xF2\xF0\xE0",     "\xEF\xE8\xF1\xFC\xEC\xEE",
    "\xEF\xEE\xF7\xF2\xE0",         "\xF1\xF7\xB8\xF2",
    "\xE4\xEE\xE3\xEE\xE2\xEE\xF0", "\xEE\xEF\xEB\xE0\xF2\xE0",
    "\xF1\xEF\xE0\xF1\xE8\xE1\xEE", "\xEF\xEE\xE6\xE0\xEB\xF3\xE9\xF1\xF2\xE0",
    "\xE2\xF1\xF2\xF0\xE5\xF7\xE0", "\xEE\xF2\xF7\xB8\xF2",
    "\xEF\xF0\xEE\xE5\xEA\xF2",     "\xCC\xEE\xF1\xEA\xE2\xE0",
    "\xF3\xF2\xF0\xEE\xEC",         "\xE2\xE5\xF7\xE5\xF0\xEE\xEC",
    "\xF5\xEE\xF0\xEE\xF8\xEE",     "\xE6\xE4\xF3",
    "\xEE\xF2\xE2\xE5\xF2\xE0"};
// koi8-r
constexpr std::string_view cyrillic_koi8_words[] = {
    "\xD0\xD2\xC9\xD7\xC5\xD4",     "\xD3\xC5\xC7\xCF\xC4\xCE\xD1",
    "\xDA\xC1\xD7\xD4\xD2\xC1",     "\xD0\xC9\xD3\xD8\xCD\xCF",
    "\xD0\xCF\xDE\xD4\xC1",         "\xD3\xDE\xA3\xD4",
    "\xC4\xCF\xC7\xCF\xD7\xCF\xD2", "\xCF\xD0\xCC\xC1\xD4\xC1",
    "\xD3\xD0\xC1\xD3\xC9\xC2\xCF", "\xD0\xCF\xD6\xC1\xCC\xD5\xCA\xD3\xD4\xC1",
    "\xD7\xD3\xD4\xD2\xC5\xDE\xC1", "\xCF\xD4\xDE\xA3\xD4",
    "\xD0\xD2\xCF\xC5\xCB\xD4",     "\xED\xCF\xD3\xCB\xD7\xC1",
    "\xD5\xD4\xD2\xCF\xCD",         "\xD7\xC5\xDE\xC5\xD2\xCF\xCD",
    "\xC8\xCF\xD2\xCF\xDB\xCF",     "\xD6\xC4\xD5",
    "\xCF\xD4\xD7\xC5\xD4\xC1"};
constexpr std::string_view arabic_words[] = {"مرحبا", "اليوم",  "غدا",   "رسالة", "بريد", "فاتورة", "عقد",
                                             "شكرا",  "اجتماع", "تقرير", "مشروع", "صباح", "مساء",   "جيد",
                                             "انتظر", "ردكم",   "من",    "إلى",   "في",   "على"};
constexpr std::string_view emoji_words[] = {"😀", "😂", "🎉", "👍",  "❤️", "👩‍👩‍👧", "🇩🇪", "✈️", "☕", "🏖️",
                                            "📎", "📅", "ok", "fun", "1️⃣", "🤷🏽‍♀️"};

/// Lines of running text, all of the same length, so that a body is a copy from the beginning of any line.
std::string make_ascii() {
  std::string block;
  block.reserve(filler_block_lines * filler_line_octets);
  std::uint64_t chance = 0;
  for (std::size_t line = 0; line < filler_block_lines; ++line) {
    std::size_t left = line_characters;
    while (left > 0) {
      std::size_t length = left;
      if (left >= ascii_words.size()) {
        chance = mixed(chance);
        length = 1 + chance % (ascii_words.size() - 2);  // a space and one more letter still fit
      }
      block += ascii_words[length];
      left -= length;
      if (left > 0) {
        block += ' ';
        --left;
      }
    }
    block += "\r\n";
  }
  return block;
}

/// Words up to `octets`, and dots where no word fits any more. `coded` says how long a word is once it is encoded.
template <class Coded>
std::string words_of(Prng& prng, Words words, std::size_t octets, Coded coded) {
  std::string line;
  while (true) {
    const std::string word = coded(words[prng.below(words.size())]);
    if (line.size() + word.size() + 1 > octets) break;
    line += word + ' ';
  }
  line.append(octets - line.size(), '.');
  return line;
}

std::string as_it_is(std::string_view word) { return std::string(word); }

template <class MakeLine>
std::string make_lines(MakeLine make_line) {
  Prng prng(filler_line_octets);
  std::string block;
  block.reserve(filler_block_lines * filler_line_octets);
  for (std::size_t i = 0; i < filler_block_lines; ++i) block += make_line(prng) + "\r\n";
  return block;
}

std::string make_base64(Words words) {
  return make_lines(
      [words](Prng& prng) { return to_base64(words_of(prng, words, filler_line_decoded - 2, as_it_is) + "\r\n"); });
}

std::string make_quoted_printable(Words words) {
  return make_lines([words](Prng& prng) {
    return words_of(prng, words, line_characters - 1, [](std::string_view word) { return to_quoted_printable(word); }) +
           '=';
  });
}

std::string make_eight_bit(Words words) {
  return make_lines([words](Prng& prng) { return words_of(prng, words, line_characters, as_it_is); });
}

/// Hiragana of JIS X 0208, between its escape sequences (RFC 1468).
std::string make_jis() {
  constexpr std::size_t characters = (line_characters - 6) / 2;
  return make_lines([](Prng& prng) {
    std::string line = "\x1B$B";
    for (std::size_t i = 0; i < characters; ++i) {
      line += '\x24';
      line += static_cast<char>(0x21 + prng.below(0x53));
    }
    return line + "\x1B(B";
  });
}

std::string make_octets() {
  return make_lines([](Prng& prng) {
    std::string octets;
    for (std::size_t i = 0; i < filler_line_decoded; ++i) octets += static_cast<char>(prng.below(255));
    return to_base64(octets);
  });
}

/// Of the first n lines, for each n.
std::vector<std::uint16_t> make_octet_sums() {
  std::vector<std::uint16_t> sums{0};
  const std::string_view block = filler_block(Filler::octets_base64);
  for (std::size_t line = 0; line < filler_block_lines; ++line) {
    std::uint16_t sum = sums.back();
    for (char c : from_base64(block.substr(line * filler_line_octets, line_characters)))
      sum = static_cast<std::uint16_t>(sum + static_cast<unsigned char>(c));
    sums.push_back(sum);
  }
  return sums;
}

std::string make(Filler filler) {
  switch (filler) {
    case Filler::ascii: return make_ascii();
    case Filler::octets_base64: return make_octets();
    case Filler::ascii_base64: return make_base64(Words(ascii_words).subspan(1));
    case Filler::latin_qp: return make_quoted_printable(latin_words);
    case Filler::japanese_jis: return make_jis();
    case Filler::japanese_base64: return make_base64(japanese_words);
    case Filler::chinese_base64: return make_base64(chinese_words);
    case Filler::cyrillic_8bit: return make_eight_bit(cyrillic_1251_words);
    case Filler::cyrillic_qp: return make_quoted_printable(cyrillic_words);
    case Filler::cyrillic_base64: return make_base64(cyrillic_koi8_words);
    case Filler::arabic_base64: return make_base64(arabic_words);
    case Filler::emoji_base64: return make_base64(emoji_words);
    default: return make_eight_bit(emoji_words);
  }
}

/// So many octets from this line on; behind the last line comes the first.
void append_block(std::string& out, std::string_view block, std::uint64_t first, std::uint64_t octets) {
  std::string_view from = block.substr(first % filler_block_lines * filler_line_octets);
  for (; octets > 0; from = block) {
    const std::size_t part = std::min<std::uint64_t>(octets, from.size());
    out += from.substr(0, part);
    octets -= part;
  }
}

/// Made when it is first asked for.
template <Filler filler>
std::string_view block() {
  static const std::string text = make(filler);
  return text;
}

}  // namespace

std::string_view filler_block(Filler filler) {
  switch (filler) {
    case Filler::ascii: return block<Filler::ascii>();
    case Filler::octets_base64: return block<Filler::octets_base64>();
    case Filler::ascii_base64: return block<Filler::ascii_base64>();
    case Filler::latin_qp: return block<Filler::latin_qp>();
    case Filler::japanese_jis: return block<Filler::japanese_jis>();
    case Filler::japanese_base64: return block<Filler::japanese_base64>();
    case Filler::chinese_base64: return block<Filler::chinese_base64>();
    case Filler::cyrillic_8bit: return block<Filler::cyrillic_8bit>();
    case Filler::cyrillic_qp: return block<Filler::cyrillic_qp>();
    case Filler::cyrillic_base64: return block<Filler::cyrillic_base64>();
    case Filler::arabic_base64: return block<Filler::arabic_base64>();
    case Filler::emoji_base64: return block<Filler::emoji_base64>();
    default: return block<Filler::emoji_8bit>();
  }
}

void append_lines(std::string& out, Filler filler, std::uint64_t first, std::uint64_t lines) {
  append_block(out, filler_block(filler), first, lines * filler_line_octets);
}

void append_text(std::string& out, std::uint64_t octets, std::uint64_t first) {
  append_block(out, filler_block(Filler::ascii), first, octets);
  // The last line ends where the size says.
  const std::size_t size = out.size();
  out[size - 2] = '\r';
  out[size - 1] = '\n';
  if (octets > 2 && out[size - 3] == '\r') out[size - 3] = '.';
}

std::uint16_t filler_octet_sum(std::uint64_t first, std::uint64_t lines) {
  static const std::vector<std::uint16_t> sums = make_octet_sums();
  const std::uint64_t begin = first % filler_block_lines;
  const std::uint64_t end = begin + lines;
  const std::uint64_t whole = end / filler_block_lines * sums.back();
  return static_cast<std::uint16_t>(whole + sums[end % filler_block_lines] - sums[begin]);
}

}  // namespace mailrig::mime
