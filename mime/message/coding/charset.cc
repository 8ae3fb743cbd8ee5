#include "mime/message/coding/charset.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "mime/message/coding/charset_names.h"
#include "mime/message/coding/charset_reader.h"
#include "mime/message/coding/conversion.h"
#include "mime/message/coding/scan.h"

namespace mailrig::mime {
namespace {

// 0x80 to 0x9F; U+FFFD where nothing is assigned. The rest is ISO-8859-1. Not by iconv: opening a conversion takes
// longer than reading a header.
constexpr std::array<char16_t, 32> windows_1252 = {0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                   0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD,
                                                   0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                   0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

char32_t windows_1252_character(unsigned char octet) {
  return octet >= 0x80 && octet < 0xA0 ? windows_1252[octet - 0x80U] : octet;
}

/// How long the character at the front is (RFC 3629 §4): negative when it is ill-formed after so many octets, 0 when
/// the text ends within it.
int utf8_character(std::string_view text) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = octet(0);
  if (lead < 0x80) return 1;
  const int length = lead >= 0xF5 || lead < 0xC2 ? 0 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (length == 0) return -1;
  // The second octet's range depends on the first: no overlong forms, no surrogates, nothing over U+10FFFF.
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (int i = 1; i < length; ++i) {
    if (static_cast<std::size_t>(i) == text.size()) return 0;
    const unsigned char next = octet(static_cast<std::size_t>(i));
    if (next < (i == 1 ? low : 0x80) || next > (i == 1 ? high : 0xBF)) return -i;
  }
  return length;
}

class Utf8Reader final : public CharsetReader {
 public:
  /// `guess`: what is not UTF-8 is windows-1252.
  explicit Utf8Reader(const CharsetRow& row, bool guess = false) : CharsetReader(row), guess_(guess) {}

  void feed(std::string_view octets, std::string& out, TextLoss& loss) override {
    while (!pending_.empty() && !octets.empty()) {
      pending_ += octets.front();
      octets.remove_prefix(1);
      ++fed_;
      const std::string taken = std::exchange(pending_, {});
      read(taken, fed_ - taken.size(), out, loss);
    }
    read(octets, fed_, out, loss);
    fed_ += octets.size();
  }

  void finish(std::string& out, TextLoss& loss) override {
    if (!pending_.empty()) take_ill_formed(pending_, fed_ - pending_.size(), out, loss);
    pending_.clear();
    fed_ = 0;
  }

 private:
  void read(std::string_view text, std::uint64_t offset, std::string& out, TextLoss& loss) {
    std::size_t good = 0;  // appended up to here
    std::size_t at = 0;
    while (at < text.size()) {
      if (static_cast<unsigned char>(text[at]) < 0x80) {
        at += ascii_length(text.substr(at));
        continue;
      }
      const int length = utf8_character(text.substr(at));
      if (length > 0) {
        at += static_cast<std::size_t>(length);
        continue;
      }
      out += text.substr(good, at - good);
      if (length == 0) {
        pending_ = text.substr(at);
        return;
      }
      const auto size = static_cast<std::size_t>(-length);
      take_ill_formed(text.substr(at, size), offset + at, out, loss);
      at += size;
      good = at;
    }
    out += text.substr(good);
  }

  void take_ill_formed(std::string_view octets, std::uint64_t at, std::string& out, TextLoss& loss) const {
    if (!guess_) return replace(at, out, loss);
    loss.western = true;
    for (std::size_t i = 0; i < octets.size(); ++i) {
      const char32_t c = windows_1252_character(static_cast<unsigned char>(octets[i]));
      if (c == 0xFFFD)
        replace(at + i, out, loss);
      else
        append_utf8(c, out);
    }
  }

  bool guess_;
  std::uint64_t fed_ = 0;
  std::string pending_;
};

/// One octet, one character: a table of 256 that is asked of iconv once.
class TableReader final : public CharsetReader {
 public:
  explicit TableReader(const CharsetRow& row) : CharsetReader(row) {
    Conversion conversion(row.iconv);
    Conversion vendor(row.fallback);
    for (std::size_t i = 0; i < 256 && conversion.is_open(); ++i) {
      const char octet = static_cast<char>(i);
      std::string character = character_of(conversion, octet);
      // ISO 8859 has control characters there that no text is meant to have (RFC 2046 §4.1.2).
      const bool lacks_it = character.empty() || (i >= 0x80 && i < 0xA0);
      if (lacks_it && vendor.is_open()) {
        std::string other = character_of(vendor, octet);
        characters_[i].vendor = !other.empty() && other != character;
        if (characters_[i].vendor) character = std::move(other);
      }
      if (character.size() <= characters_[i].octets.size()) {
        std::ranges::copy(character, characters_[i].octets.begin());
        characters_[i].size = static_cast<std::uint8_t>(character.size());
      }
      if (i < 128 && character != std::string_view(&octet, 1)) holds_ascii_ = false;
    }
  }

  void feed(std::string_view octets, std::string& out, TextLoss& loss) override {
    std::size_t at = 0;
    while (at < octets.size()) {
      if (holds_ascii_) {
        const std::size_t plain = ascii_length(octets.substr(at));
        out += octets.substr(at, plain);
        at += plain;
      }
      for (; at < octets.size(); ++at) {
        const auto octet = static_cast<unsigned char>(octets[at]);
        if (holds_ascii_ && octet < 0x80) break;
        const Character& character = characters_[octet];
        if (character.vendor) note_vendor(fed_ + at, loss);
        if (character.size == 0)
          replace(fed_ + at, out, loss);
        else
          out.append(character.octets.data(), character.size);
      }
    }
    fed_ += octets.size();
  }

  void finish(std::string&, TextLoss&) override { fed_ = 0; }

 private:
  struct Character {
    std::array<char, 6> octets;
    std::uint8_t size = 0;
    bool vendor = false;
  };

  static std::string character_of(Conversion& conversion, const char& octet) {
    std::string_view rest(&octet, 1);
    conversion.reset();
    std::string character;
    if (conversion.convert(rest, character) == 0) conversion.flush(character);
    return character;
  }

  std::uint64_t fed_ = 0;
  std::array<Character, 256> characters_{};
  bool holds_ascii_ = true;
};

/// How octets make characters: where the next one begins, even after one that is not assigned.
enum class Shape : std::uint8_t { euc, euc_jp, euc_tw, shift_jis, gb18030, big5, uhc, johab, two_octets, four_octets };

Shape shape_of(std::string_view charset) {
  constexpr std::pair<std::string_view, Shape> beginnings[] = {{"utf-16", Shape::two_octets},
                                                               {"utf-32", Shape::four_octets},
                                                               {"shift_jis", Shape::shift_jis},
                                                               {"windows-31j", Shape::shift_jis},
                                                               {"gb", Shape::gb18030},
                                                               {"big5", Shape::big5},
                                                               {"euc-jp", Shape::euc_jp},
                                                               {"eucjp", Shape::euc_jp},
                                                               {"euc-tw", Shape::euc_tw},
                                                               {"euc-kr", Shape::uhc},
                                                               {"ks_c", Shape::uhc},
                                                               {"windows-949", Shape::uhc},
                                                               {"johab", Shape::johab}};
  for (const auto& [beginning, shape] : beginnings)
    if (charset.starts_with(beginning)) return shape;
  return Shape::euc;
}

/// The octets of the character at the front by the arrangement of its charset, assigned or not: 1 where they make none,
/// so that a line end or a quote after a broken octet is never taken with it.
std::size_t character_size(Shape shape, std::string_view text) {
  const auto octet = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const auto within = [&](std::size_t i, unsigned low, unsigned high) { return octet(i) >= low && octet(i) <= high; };
  const auto size_if = [](std::size_t size, bool good) { return good ? size : std::size_t{1}; };
  switch (shape) {
    case Shape::two_octets: return std::min<std::size_t>(2, text.size());
    case Shape::four_octets: return std::min<std::size_t>(4, text.size());
    case Shape::euc_jp:
      if (octet(0) == 0x8F) return size_if(3, within(1, 0xA1, 0xFE) && within(2, 0xA1, 0xFE));
      return size_if(2, (octet(0) == 0x8E || within(0, 0xA1, 0xFE)) && within(1, 0xA1, 0xFE));
    case Shape::euc_tw:
      if (octet(0) == 0x8E) return size_if(4, within(1, 0xA1, 0xB0) && within(2, 0xA1, 0xFE) && within(3, 0xA1, 0xFE));
      [[fallthrough]];
    case Shape::euc: return size_if(2, within(0, 0xA1, 0xFE) && within(1, 0xA1, 0xFE));
    case Shape::shift_jis:
      return size_if(2, (within(0, 0x81, 0x9F) || within(0, 0xE0, 0xFC)) && within(1, 0x40, 0xFC) && octet(1) != 0x7F);
    case Shape::gb18030:
      if (within(0, 0x81, 0xFE) && within(1, 0x30, 0x39))
        return size_if(4, within(2, 0x81, 0xFE) && within(3, 0x30, 0x39));
      return size_if(2, within(0, 0x81, 0xFE) && within(1, 0x40, 0xFE) && octet(1) != 0x7F);
    case Shape::big5: return size_if(2, within(0, 0x81, 0xFE) && (within(1, 0x40, 0x7E) || within(1, 0xA1, 0xFE)));
    case Shape::uhc:
      return size_if(
          2, within(0, 0x81, 0xFE) && (within(1, 0x41, 0x5A) || within(1, 0x61, 0x7A) || within(1, 0x81, 0xFE)));
    case Shape::johab: return size_if(2, within(0, 0x84, 0xF9) && (within(1, 0x31, 0x7E) || within(1, 0x81, 0xFE)));
  }
  return 1;
}

class IconvReader final : public CharsetReader {
 public:
  explicit IconvReader(const CharsetRow& row)
      : CharsetReader(row), shape_(shape_of(row.name)), main_(row.iconv), fallback_(row.fallback) {}

  void feed(std::string_view octets, std::string& out, TextLoss& loss) override {
    fed_ += octets.size();
    if (pending_.empty()) {
      read(octets, /*last=*/false, out, loss);
    } else {
      pending_ += octets;
      const std::string text = std::exchange(pending_, {});
      read(text, /*last=*/false, out, loss);
    }
  }

  void finish(std::string& out, TextLoss& loss) override {
    const std::string text = std::exchange(pending_, {});
    read(text, /*last=*/true, out, loss);
    if (main_.is_open()) main_.flush(out);
    main_.reset();
    fed_ = 0;
  }

 private:
  // No charset has longer characters, nor longer escape sequences.
  static constexpr std::size_t character_octets_max = 8;

  void read(std::string_view text, bool last, std::string& out, TextLoss& loss) {
    while (!text.empty()) {
      const std::size_t old_size = out.size();
      const int failure = convert(text, out);
      if (row().iconv == "SJIS") undo_yen(out, old_size);
      if (failure == 0) return;
      // Whether these octets are a character can depend on those of the next piece.
      if (!last && text.size() < character_octets_max) {
        pending_ = text;
        return;
      }
      const std::uint64_t at = fed_ - text.size();
      const bool begins_none = shape_ == Shape::big5 && text.front() == '\x80';
      if (fallback_.is_open() && !begins_none && read_one(text, out)) {
        note_vendor(at, loss);
        continue;
      }
      replace(at, out, loss);
      text.remove_prefix(failure == EINVAL ? text.size() : character_size(shape_, text));
    }
  }

  /// Takes off what could be converted: 0, or EILSEQ or EINVAL where it is now.
  int convert(std::string_view& text, std::string& out) {
    if (!main_.is_open()) return EILSEQ;
    const bool is_uhc = shape_ == Shape::uhc && fallback_.is_open();
    if (!is_uhc && shape_ != Shape::big5) return main_.convert(text, out);
    // To the C library these octets are control characters. In mail those of EUC-KR begin a character of CP949; that of
    // Big5 begins none (https://encoding.spec.whatwg.org/#big5-decoder).
    const unsigned last = is_uhc ? 0xA0 : 0x80;
    const auto vendor = std::ranges::find_if(text, [last](char c) {
      const auto octet = static_cast<unsigned char>(c);
      return octet >= 0x80 && octet <= last;
    });
    const auto size = static_cast<std::size_t>(vendor - text.begin());
    const bool found = size < text.size();
    std::string_view segment = text.substr(0, size);
    const int failure = main_.convert(segment, out);
    text.remove_prefix(size - segment.size());
    return found ? EILSEQ : failure;
  }

  /// A character of the vendor's superset, two octets or (GB18030) four.
  bool read_one(std::string_view& text, std::string& out) {
    for (std::size_t length : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{4}}) {
      if (length > text.size()) return false;
      std::string_view one = text.substr(0, length);
      std::string character;
      fallback_.reset();
      const int failure = fallback_.convert(one, character);
      if (failure == EILSEQ) return false;
      if (failure != 0) continue;
      out += character;
      text.remove_prefix(length);
      return true;
    }
    return false;
  }

  /// JIS X 0201 has a yen sign and an overline where everybody who writes Shift_JIS means a backslash and a tilde.
  static void undo_yen(std::string& out, std::size_t from) {
    const auto undo = [&](std::string_view sign, char meant) {
      for (std::size_t at = out.find(sign, from); at != std::string::npos; at = out.find(sign, at + 1))
        out.replace(at, sign.size(), 1, meant);
    };
    undo("\xC2\xA5", '\\');
    undo("\xE2\x80\xBE", '~');
  }

  std::uint64_t fed_ = 0;  // octets, of which the last ones may still be pending
  Shape shape_;
  Conversion main_;
  Conversion fallback_;
  std::string pending_;
};

}  // namespace

void append_utf8(char32_t c, std::string& out) {
  const auto put = [&out](char32_t octet) { out += static_cast<char>(octet); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0U | c >> 6U);
    put(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    put(0xE0U | c >> 12U);
    put(0x80U | (c >> 6U & 0x3FU));
    put(0x80U | (c & 0x3FU));
  } else {
    put(0xF0U | c >> 18U);
    put(0x80U | (c >> 12U & 0x3FU));
    put(0x80U | (c >> 6U & 0x3FU));
    put(0x80U | (c & 0x3FU));
  }
}

CharsetDecoder::CharsetDecoder(std::string_view charset) {
  static constexpr CharsetRow unknown{"", CharsetKind::ascii, "", ""};
  const CharsetRow* row = find_charset(charset);
  loss_.unknown_charset = row == nullptr;
  if (row == nullptr) row = &unknown;
  switch (row->kind) {
    case CharsetKind::single: reader_ = std::make_unique<TableReader>(*row); break;
    case CharsetKind::multi: reader_ = std::make_unique<IconvReader>(*row); break;
    case CharsetKind::iso_2022: reader_ = make_iso_2022_reader(*row); break;
    case CharsetKind::utf7: reader_ = make_utf7_reader(*row); break;
    case CharsetKind::ascii: reader_ = std::make_unique<Utf8Reader>(*row, /*guess=*/true); break;
    case CharsetKind::utf8: reader_ = std::make_unique<Utf8Reader>(*row); break;
  }
}

CharsetDecoder::~CharsetDecoder() = default;
CharsetDecoder::CharsetDecoder(CharsetDecoder&&) noexcept = default;
CharsetDecoder& CharsetDecoder::operator=(CharsetDecoder&&) noexcept = default;

bool CharsetDecoder::guesses() const { return reader_->row().kind == CharsetKind::ascii; }

std::string_view CharsetDecoder::name() const { return reader_->row().name; }

void CharsetDecoder::feed(std::string_view octets, std::string& out) {
  if (std::exchange(finished_, false)) loss_ = {.unknown_charset = loss_.unknown_charset};
  reader_->feed(octets, out, loss_);
}

void CharsetDecoder::finish(std::string& out) {
  if (finished_) loss_ = {.unknown_charset = loss_.unknown_charset};
  reader_->finish(out, loss_);
  finished_ = true;
}

namespace {

/// All of it is UTF-8, or windows-1252.
std::string guessed(std::string_view octets, bool unknown, TextLoss* loss) {
  TextLoss own;
  TextLoss& said = loss != nullptr ? *loss : own;
  said = {.unknown_charset = unknown};
  const std::size_t plain = ascii_length(octets);
  if (plain == octets.size()) return std::string(octets);
  if (!unknown) {
    said.first_eight_bit = plain;
    said.eight_bit = static_cast<std::uint64_t>(
        std::ranges::count_if(octets, [](char c) { return static_cast<unsigned char>(c) > 127; }));
  }
  if (is_well_formed_utf8(octets)) return std::string(octets);
  return from_windows_1252(octets, &said);
}

}  // namespace

std::string Charsets::to_utf8(std::string_view octets, std::string_view charset, TextLoss* loss) {
  CharsetDecoder& decoder = open(charset);
  if (decoder.guesses()) return guessed(octets, decoder.loss().unknown_charset, loss);
  std::string text;
  text.reserve(octets.size() + octets.size() / 8);
  decoder.feed(octets, text);
  decoder.finish(text);
  if (loss != nullptr) *loss = decoder.loss();
  return text;
}

CharsetDecoder& Charsets::open(std::string_view charset) {
  for (Open& open : open_)
    if (open.charset == charset) return open.decoder;
  if (open_.size() < open_max) return open_.emplace_back(std::string(charset), CharsetDecoder(charset)).decoder;
  Open& oldest = open_[next_];
  next_ = (next_ + 1) % open_max;
  oldest = {std::string(charset), CharsetDecoder(charset)};
  return oldest.decoder;
}

std::string from_windows_1252(std::string_view octets, TextLoss* loss) {
  std::string text;
  text.reserve(octets.size() + octets.size() / 8);
  if (loss != nullptr) loss->western = true;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const char32_t c = windows_1252_character(static_cast<unsigned char>(octets[i]));
    if (c == 0xFFFD && loss != nullptr && loss->unmappable++ == 0) loss->first = i;
    append_utf8(c, text);
  }
  return text;
}

std::string clean_utf8(std::string_view octets) {
  CharsetDecoder decoder("utf-8");
  std::string text;
  decoder.feed(octets, text);
  decoder.finish(text);
  return text;
}

}  // namespace mailrig::mime
