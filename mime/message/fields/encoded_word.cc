#include "mime/message/fields/encoded_word.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "mime/message/ascii.h"
#include "mime/message/coding/base64.h"
#include "mime/message/coding/charset_names.h"
#include "mime/message/coding/scan.h"
#include "mime/message/header.h"

namespace mailrig::mime {
namespace {

// RFC 2047 §2.
constexpr std::size_t word_characters_max = 75;
// A charset's name and a language, RFC 5646 §4.4.1 asking for 35 characters of the latter.
constexpr std::size_t charset_and_language_max = charset_name_max + 36;

struct EncodedWord {
  std::string_view whole;
  std::string_view charset;
  bool base64 = false;
  std::string_view text;
};

/// "=?charset?B?...?=" at the front (RFC 2047 §2).
std::optional<EncodedWord> word_at(std::string_view text) {
  const std::size_t charset_end = text.substr(0, charset_and_language_max).find('?', 2);
  if (charset_end == std::string_view::npos || charset_end + 2 >= text.size() || text[charset_end + 2] != '?')
    return std::nullopt;
  std::string_view charset = text.substr(2, charset_end - 2);
  charset = charset.substr(0, charset.find('*'));
  const char encoding = lower(text[charset_end + 1]);
  if (charset.empty() || charset.find(' ') != std::string_view::npos || (encoding != 'b' && encoding != 'q'))
    return std::nullopt;
  const std::size_t start = charset_end + 3;
  std::size_t mark = text.find('?', start);
  while (mark != std::string_view::npos) {
    if (mark + 1 < text.size() && text[mark + 1] == '=')
      return EncodedWord{text.substr(0, mark + 2), charset, encoding == 'b', text.substr(start, mark - start)};
    // Another one begins, so this one never ended. (And so a text full of beginnings is looked at once.)
    if (mark > start && text[mark - 1] == '=') return std::nullopt;
    mark = text.find('?', mark + 1);
  }
  return std::nullopt;
}

/// The Q encoding (RFC 2047 §4.2). An equals sign that begins no escape stays.
void decode_q(std::string_view text, std::string& octets, bool& damaged) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '=') {
      octets += c == '_' ? ' ' : c;
      continue;
    }
    const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      damaged = true;
      octets += c;
      continue;
    }
    octets += static_cast<char>(high * 16 + low);
    i += 2;
  }
}

/// One or more words of the same charset, with nothing but blanks between them, and what they come to.
class Run {
 public:
  Run(std::vector<EncodedWord> words, Charsets& charsets) : words_(std::move(words)), charsets_(charsets) {}

  void decode(std::string& out, Defects* defects) {
    Reading best = words_.size() == 1 ? whole(octets_of(words_.front())) : one_by_one();
    const char* done = nullptr;
    if (best.damage > 0 && words_.size() > 1) {
      // RFC 2047 §5 forbids it, and everybody does it: characters, and even the base64, are cut where the word was
      // full.
      for (Reading reading : {whole(joined_octets()), whole(joined_base64())}) {
        if (reading.damage >= best.damage) continue;
        best = std::move(reading);
        done = "the words were joined before they were decoded";
      }
    }
    out += best.text;
    if (defects == nullptr) return;
    const std::string_view where = words_.front().whole;
    if (done != nullptr) note(defects, DefectCode::encoded_word_split_character, where, done);
    note_loss(best.loss, where, *defects);
    if (best.encoding_damaged) note(defects, DefectCode::encoded_word_malformed, where, "decoded as far as it goes");
  }

 private:
  struct Octets {
    std::string octets;
    bool damaged = false;
  };
  struct Reading {
    std::string text;
    TextLoss loss;
    bool encoding_damaged = false;
    std::uint64_t damage = 0;
  };

  static Octets octets_of(const EncodedWord& word) {
    Octets octets;
    if (word.base64)
      decode_b(word.text, octets);
    else
      decode_q(word.text, octets.octets, octets.damaged);
    return octets;
  }

  static void decode_b(std::string_view text, Octets& octets) {
    Base64Decoder decoder;
    decoder.feed(text, octets.octets);
    decoder.finish(octets.octets);
    const Base64Decoder::Damage& damage = decoder.damage();
    octets.damaged = damage.truncated || damage.missing_padding || damage.junk > 0 || damage.after_padding > 0;
  }

  Reading whole(const Octets& octets) const {
    Reading reading;
    // Most words are UTF-8 and are what they say.
    if (equals_ignoring_case(words_.front().charset, "utf-8") && is_well_formed_utf8(octets.octets))
      reading.text = octets.octets;
    else
      reading.text = charsets_.to_utf8(octets.octets, words_.front().charset, &reading.loss);
    reading.encoding_damaged = octets.damaged;
    // In a charset that does not say what its octets are, a character that is cut in two looks like windows-1252.
    reading.damage = reading.loss.unmappable + (octets.damaged ? 1 : 0) + (reading.loss.western ? 1 : 0);
    return reading;
  }

  Reading one_by_one() const {
    Reading all;
    for (const EncodedWord& word : words_) {
      const Reading one = whole(octets_of(word));
      all.text += one.text;
      all.loss.unknown_charset = one.loss.unknown_charset;
      all.loss.western = all.loss.western || one.loss.western;
      all.loss.unmappable += one.loss.unmappable;
      all.loss.vendor += one.loss.vendor;
      all.loss.eight_bit += one.loss.eight_bit;
      all.encoding_damaged = all.encoding_damaged || one.encoding_damaged;
      all.damage += one.damage;
    }
    return all;
  }

  Octets joined_octets() const {
    Octets joined;
    for (const EncodedWord& word : words_) {
      const Octets one = octets_of(word);
      joined.octets += one.octets;
      joined.damaged = joined.damaged || one.damaged;
    }
    return joined;
  }

  Octets joined_base64() const {
    Octets joined;
    std::string text;
    for (const EncodedWord& word : words_) {
      text += word.text;
      if (!word.base64) return {.octets = {}, .damaged = true};
    }
    decode_b(text, joined);
    return joined;
  }

  std::vector<EncodedWord> words_;
  Charsets& charsets_;
};

class WordsReader {
 public:
  WordsReader(std::string_view text, Defects* defects, Charsets& charsets, WordPlace place)
      : text_(text), defects_(defects), charsets_(charsets), place_(place) {}

  std::string read() {
    std::string out;
    out.reserve(text_.size());
    std::size_t plain = 0;  // from here nothing was taken over yet
    std::size_t at = text_.find("=?");
    while (at != std::string_view::npos) {
      std::optional<EncodedWord> word = word_at(text_.substr(at));
      if (!word) {
        note(defects_, DefectCode::encoded_word_malformed, text_.substr(at, 2), "left as it is written");
        at = text_.find("=?", at + 2);
        continue;
      }
      out += raw_text(text_.substr(plain, at - plain), defects_);
      plain = take_words(at, *word, out);
      at = text_.find("=?", plain);
    }
    out += raw_text(text_.substr(plain), defects_);
    return out;
  }

 private:
  /// The word at `at` and all that follow with only blanks between; returns where the last one ends.
  std::size_t take_words(std::size_t at, EncodedWord word, std::string& out) {
    std::vector<EncodedWord> run;
    std::size_t end = at;
    while (true) {
      check(word, at);
      if (!run.empty() && !equals_ignoring_case(run.front().charset, word.charset))
        Run(std::exchange(run, {}), charsets_).decode(out, defects_);
      run.push_back(word);
      end = at + word.whole.size();
      at = std::min(text_.find_first_not_of(" \t\r\n", end), text_.size());
      if (!text_.substr(at).starts_with("=?")) break;
      std::optional<EncodedWord> next = word_at(text_.substr(at));
      if (!next) break;
      word = *next;
    }
    Run(std::move(run), charsets_).decode(out, defects_);
    return end;
  }

  void check(const EncodedWord& word, std::size_t at) const {
    if (defects_ == nullptr) return;
    if (place_ == WordPlace::quoted) note(defects_, DefectCode::encoded_word_in_quotes, word.whole, "decoded");
    if (place_ == WordPlace::parameter) note(defects_, DefectCode::encoded_word_in_parameter, word.whole, "decoded");
    if (word.whole.size() > word_characters_max)
      note(defects_, DefectCode::encoded_word_too_long, word.whole, "decoded");
    if (word.text.find_first_of(" \t?") != std::string_view::npos)
      note(defects_, DefectCode::encoded_word_malformed, word.whole, "decoded as if it were encoded");
    const std::size_t end = at + word.whole.size();
    const bool separate = (at == 0 || is_space(text_[at - 1]) || text_[at - 1] == '(') &&
                          (end == text_.size() || is_space(text_[end]) || text_[end] == ')');
    if (!separate) note(defects_, DefectCode::encoded_word_not_separated, word.whole, "decoded");
  }

  std::string_view text_;
  Defects* defects_;
  Charsets& charsets_;
  WordPlace place_;
};

}  // namespace

std::string decode_words(std::string_view text, Defects* defects, Charsets* charsets, WordPlace place) {
  if (text.find("=?") == std::string_view::npos) return raw_text(text, defects);
  Charsets own;
  return WordsReader(text, defects, charsets != nullptr ? *charsets : own, place).read();
}

std::size_t encoded_word_size(std::string_view text) {
  if (!text.starts_with("=?")) return 0;
  const std::optional<EncodedWord> word = word_at(text);
  return word ? word->whole.size() : 0;
}

std::string text_value(std::string_view field_body, Defects* defects, Charsets* charsets) {
  const std::string_view text = trimmed(field_body);
  // Most of all fields are plain: one look at each character suffices.
  bool folded = false;
  bool marked = false;
  for (char c : text) {
    folded |= c == '\r' || c == '\n' || c == '\t';
    marked |= c == '?' || is_eight_bit(c);
  }
  if (!folded && !marked) return std::string(text);
  if (!folded) return decode_words(text, defects, charsets);
  return decode_words(unfold(text), defects, charsets);
}

std::string raw_text(std::string_view octets, Defects* defects) {
  const std::size_t plain = ascii_length(octets);
  if (plain == octets.size()) return std::string(octets);
  const std::string_view rest = octets.substr(plain);
  if (is_well_formed_utf8(rest)) {
    note(defects, DefectCode::utf8_header, rest, "read as UTF-8");
    return std::string(octets);
  }
  note(defects, DefectCode::eight_bit_header, rest, "read as windows-1252");
  return std::string(octets.substr(0, plain)) += from_windows_1252(rest);
}

void note_loss(const TextLoss& loss, std::string_view where, Defects& defects) {
  const std::string_view guess = loss.western ? "read as windows-1252" : "read as UTF-8";
  if (loss.unknown_charset) defects.add(DefectCode::unknown_charset, where, guess);
  if (loss.eight_bit > 0) defects.add(DefectCode::eight_bit_in_ascii, where, guess);
  if (loss.vendor > 0) defects.add(DefectCode::vendor_charset, where, "read by the superset");
  if (loss.unmappable > 0) defects.add(DefectCode::unmappable_text, where, "replaced by U+FFFD");
}

std::size_t rest_of_cut_word(std::string_view text, std::string_view rest) {
  if (text.find('?') == std::string_view::npos) return 0;
  const std::size_t begin = text.rfind("=?");
  if (begin == std::string_view::npos || word_at(text.substr(begin))) return 0;
  // What a quote cut off has neither blanks nor quotes; a word has at most 75 characters.
  const std::size_t mark = rest.substr(0, word_characters_max).find("?=");
  if (mark == std::string_view::npos || rest.substr(0, mark).find_first_of(" \t\r\n\"<>,;") != std::string_view::npos)
    return 0;
  const std::string whole = std::string(text.substr(begin)).append(rest.substr(0, mark + 2));
  return encoded_word_size(whole) == whole.size() ? mark + 2 : 0;
}

}  // namespace mailrig::mime
