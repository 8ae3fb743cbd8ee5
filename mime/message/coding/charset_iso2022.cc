// The ISO 2022 charsets of mail: escape sequences say which set the octets are of. They are taken apart here and the
// characters are converted set by set, so that a character that a set lacks costs that character alone, and so that
// the additions of NEC and IBM (CP50221) can be read.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "mime/message/coding/charset_reader.h"
#include "mime/message/coding/conversion.h"

namespace mailrig::mime {
namespace {

enum class Set : std::uint8_t {
  ascii,
  roman,     // JIS X 0201, left half
  katakana,  // and its right half
  jis_x_0208,
  jis_x_0212,
  jis_x_0213_1,
  jis_x_0213_2,
  gb2312,
  ks_x_1001,
  cns_1,  // CNS 11643, planes 1 to 7
  cns_2,
  cns_3,
  cns_4,
  cns_5,
  cns_6,
  cns_7,
  latin_1,  // right half of ISO 8859-1
  greek     // right half of ISO 8859-7
};
constexpr std::size_t sets = static_cast<std::size_t>(Set::greek) + 1;

constexpr bool is_double(Set set) { return set >= Set::jis_x_0208 && set <= Set::cns_7; }

/// How a character of the set is written in a charset of the C library: `prefix`, then its octets with the eighth bit.
struct SetRow {
  std::string_view prefix;
  std::string_view iconv;
  std::string_view vendor;  // a superset, for what the set lacks
};
constexpr std::array<SetRow, sets> set_rows = {{{"", "", ""},
                                                {"", "", ""},
                                                {"", "", ""},
                                                {"", "EUC-JP", "CP932"},
                                                {"\x8F", "EUC-JP", ""},
                                                {"", "EUC-JISX0213", ""},
                                                {"\x8F", "EUC-JISX0213", ""},
                                                {"", "EUC-CN", "GB18030"},
                                                {"", "EUC-KR", "UHC"},
                                                {"\x8E\xA1", "EUC-TW", ""},
                                                {"\x8E\xA2", "EUC-TW", ""},
                                                {"\x8E\xA3", "EUC-TW", ""},
                                                {"\x8E\xA4", "EUC-TW", ""},
                                                {"\x8E\xA5", "EUC-TW", ""},
                                                {"\x8E\xA6", "EUC-TW", ""},
                                                {"\x8E\xA7", "EUC-TW", ""},
                                                {"", "ISO-8859-1", ""},
                                                {"", "ISO-8859-7", ""}}};

/// What an escape sequence does, without its ESC.
struct Escape {
  std::string_view octets;
  int g;  // 0 to 3: the set is designated to it; 4: nothing is
  Set set;
};
constexpr Escape escapes[] = {
    {"(B", 0, Set::ascii},         {"(J", 0, Set::roman},         {"(I", 0, Set::katakana},
    {"$@", 0, Set::jis_x_0208},    {"$B", 0, Set::jis_x_0208},    {"$(@", 0, Set::jis_x_0208},
    {"$(B", 0, Set::jis_x_0208},   {"$(D", 0, Set::jis_x_0212},   {"$(O", 0, Set::jis_x_0213_1},
    {"$(Q", 0, Set::jis_x_0213_1}, {"$(P", 0, Set::jis_x_0213_2}, {"$A", 0, Set::gb2312},
    {"$(A", 0, Set::gb2312},       {"$(C", 0, Set::ks_x_1001},    {"&@", 4, Set::ascii},
    {"$)C", 1, Set::ks_x_1001},    {"$)A", 1, Set::gb2312},       {"$)E", 1, Set::gb2312},
    {"$)G", 1, Set::cns_1},        {"$*H", 2, Set::cns_2},        {"$+I", 3, Set::cns_3},
    {"$+J", 3, Set::cns_4},        {"$+K", 3, Set::cns_5},        {"$+L", 3, Set::cns_6},
    {"$+M", 3, Set::cns_7},        {".A", 2, Set::latin_1},       {".F", 2, Set::greek},
};
constexpr std::size_t escape_octets_max = 3;

constexpr bool is_graphic(char c) { return c > ' ' && c < 0x7F; }

/// The pair of octets (JIS X 0208, without eighth bits) in the arrangement of Shift_JIS.
std::string to_shift_jis(std::string_view pair) {
  const unsigned row = static_cast<unsigned char>(pair[0]) - 0x21U;
  const unsigned cell = static_cast<unsigned char>(pair[1]) - 0x21U;
  const unsigned lead = row / 2 + (row < 62 ? 0x81U : 0xC1U);
  unsigned trail = row % 2 == 0 ? cell + 0x40U : cell + 0x9FU;
  if (row % 2 == 0 && trail >= 0x7F) ++trail;
  return {static_cast<char>(lead), static_cast<char>(trail)};
}

class Iso2022Reader final : public CharsetReader {
 public:
  explicit Iso2022Reader(const CharsetRow& row)
      : CharsetReader(row), japanese_(row.name.find("jp") != std::string_view::npos || row.name == "cp50221") {
    reset();
  }

  void feed(std::string_view octets, std::string& out, TextLoss& loss) override {
    fed_ += octets.size();
    if (pending_.empty()) return read(octets, /*last=*/false, out, loss);
    const std::string text = std::exchange(pending_, {}).append(octets);
    read(text, /*last=*/false, out, loss);
  }

  void finish(std::string& out, TextLoss& loss) override {
    const std::string text = std::exchange(pending_, {});
    read(text, /*last=*/true, out, loss);
    reset();
  }

 private:
  void reset() {
    g_ = {Set::ascii,
          japanese_                     ? Set::katakana
          : row().name == "iso-2022-kr" ? Set::ks_x_1001
                                        : Set::gb2312,
          japanese_ ? Set::latin_1 : Set::cns_2, Set::cns_3};
    shifted_ = false;
    fed_ = 0;
  }

  void read(std::string_view text, bool last, std::string& out, TextLoss& loss) {
    while (!text.empty()) {
      const std::size_t taken = take(text, last, out, loss);
      if (taken == 0) {
        pending_ = text;
        return;
      }
      text.remove_prefix(taken);
    }
  }

  /// How many octets at the front were read; 0 where more are needed to judge.
  std::size_t take(std::string_view text, bool last, std::string& out, TextLoss& loss) {
    const char c = text.front();
    const std::uint64_t at = fed_ - text.size();
    if (c == 0x1B) return take_escape(text, last, out, loss);
    if (c == 0x0E || c == 0x0F) {
      shifted_ = c == 0x0E;
      return 1;
    }
    const Set set = shifted_ ? g_[1] : g_[0];
    if (static_cast<unsigned char>(c) >= 0x80) {
      const auto octet = static_cast<unsigned char>(c);
      // CP50221 has half-width katakana as octets over 127 too.
      if (japanese_ && octet >= 0xA1 && octet <= 0xDF) {
        note_vendor(at, loss);
        append_utf8(0xFF61U + octet - 0xA1U, out);
      } else {
        replace(at, out, loss);
      }
      return 1;
    }
    if (!is_graphic(c)) {
      out += c;
      return 1;
    }
    if (is_double(set)) return take_pair(set, text, last, at, out, loss);
    take_single(set, c, at, out, loss);
    return 1;
  }

  std::size_t take_escape(std::string_view text, bool last, std::string& out, TextLoss& loss) {
    const std::string_view behind = text.substr(1);
    for (const Escape& escape : escapes) {
      if (!behind.starts_with(escape.octets)) continue;
      if (escape.g < 4) g_[static_cast<std::size_t>(escape.g)] = escape.set;
      if (escape.g == 0) shifted_ = false;
      return 1 + escape.octets.size();
    }
    if (behind.starts_with('N') || behind.starts_with('O')) return take_single_shift(text, last, out, loss);
    const bool may_become_one = behind.size() < escape_octets_max && std::ranges::any_of(escapes, [&](const Escape& e) {
                                  return e.octets.starts_with(behind);
                                });
    if (may_become_one && !last) return 0;
    replace(fed_ - text.size(), out, loss);
    return 1;
  }

  /// SS2 and SS3: one character of G2 or G3.
  std::size_t take_single_shift(std::string_view text, bool last, std::string& out, TextLoss& loss) {
    const Set set = g_[text[1] == 'N' ? 2 : 3];
    const std::size_t size = is_double(set) ? 4 : 3;
    if (text.size() < size && !last) return 0;
    const std::uint64_t at = fed_ - text.size();
    const std::string_view character = text.substr(2, size - 2);
    if (text.size() < size || !std::ranges::all_of(character, is_graphic)) {
      replace(at, out, loss);
      return 2;
    }
    convert_run(set, character, at, out, loss);
    return size;
  }

  std::size_t take_pair(Set set, std::string_view text, bool last, std::uint64_t at, std::string& out, TextLoss& loss) {
    if (text.size() < 2) {
      if (!last) return 0;
      replace(at, out, loss);
      return 1;
    }
    if (!is_graphic(text[1])) {
      replace(at, out, loss);
      return 1;
    }
    std::size_t size = 2;
    while (size + 1 < text.size() && is_graphic(text[size]) && is_graphic(text[size + 1])) size += 2;
    convert_run(set, text.substr(0, size), at, out, loss);
    return size;
  }

  void take_single(Set set, char c, std::uint64_t at, std::string& out, TextLoss& loss) {
    if (set == Set::ascii || (set == Set::roman && c != '\\' && c != '~')) {
      out += c;
    } else if (set == Set::roman) {
      append_utf8(c == '\\' ? 0xA5U : 0x203EU, out);
    } else if (set == Set::katakana && c <= 0x5F) {
      append_utf8(0xFF61U + static_cast<unsigned char>(c) - 0x21U, out);
    } else {
      replace(at, out, loss);
    }
  }

  /// Characters of one set, whose octets are graphic.
  void convert_run(Set set, std::string_view text, std::uint64_t at, std::string& out, TextLoss& loss) {
    const SetRow& set_row = set_rows[static_cast<std::size_t>(set)];
    const std::size_t size = is_double(set) ? 2 : 1;
    const std::size_t unit = set_row.prefix.size() + size;
    octets_.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (i % size == 0) octets_ += set_row.prefix;
      octets_ += static_cast<char>(static_cast<unsigned char>(text[i]) | 0x80U);
    }
    Conversion& conversion = opened(set_row.iconv);
    conversion.reset();
    for (std::string_view rest = octets_; !rest.empty();) {
      if (conversion.is_open() && conversion.convert(rest, out) == 0) break;
      // iconv stops before the character that the set lacks.
      const std::size_t number = (octets_.size() - rest.size()) / unit;
      rest = std::string_view(octets_).substr((number + 1) * unit);
      take_vendor(set, text.substr(number * size, size), at + number * size, out, loss);
    }
    if (conversion.is_open()) conversion.flush(out);
  }

  /// A character that the set lacks.
  void take_vendor(Set set, std::string_view character, std::uint64_t at, std::string& out, TextLoss& loss) {
    const std::string_view vendor = set_rows[static_cast<std::size_t>(set)].vendor;
    if (vendor.empty() || !convert_by(opened(vendor), in_vendors_charset(set, character), out))
      return replace(at, out, loss);
    if (!row().fallback.empty()) note_vendor(at, loss);  // else it is the vendor's charset that was named
  }

  static std::string in_vendors_charset(Set set, std::string_view character) {
    if (set == Set::jis_x_0208) return to_shift_jis(character);
    std::string octets(character);
    for (char& c : octets) c = static_cast<char>(static_cast<unsigned char>(c) | 0x80U);
    return octets;
  }

  static bool convert_by(Conversion& conversion, std::string_view octets, std::string& out) {
    if (!conversion.is_open()) return false;
    std::string converted;
    conversion.reset();
    if (conversion.convert(octets, converted) != 0) return false;
    conversion.flush(converted);
    out += converted;
    return true;
  }

  Conversion& opened(std::string_view name) {
    const auto known = std::ranges::find(open_, name, &Open::name);
    if (known != open_.end()) return *known->conversion;
    return *open_.emplace_back(Open{name, std::make_unique<Conversion>(name)}).conversion;
  }

  struct Open {
    std::string_view name;
    std::unique_ptr<Conversion> conversion;
  };

  bool japanese_;
  std::array<Set, 4> g_{};
  bool shifted_ = false;
  std::uint64_t fed_ = 0;  // octets, of which the last ones may still be pending
  std::string pending_;
  std::string octets_;  // of a run, as they are converted
  std::vector<Open> open_;
};

}  // namespace

std::unique_ptr<CharsetReader> make_iso_2022_reader(const CharsetRow& row) {
  return std::make_unique<Iso2022Reader>(row);
}

}  // namespace mailrig::mime
