#include "mime/charset.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "mime/charset_names.h"
#include "mime/scan.h"

namespace mailrig::mime {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// An open conversion to UTF-8; conversions that the C library lacks are closed from the start.
class Conversion {
 public:
  explicit Conversion(std::string_view from) {
    if (!from.empty()) handle_ = iconv_open("UTF-8", std::string(from).c_str());
  }
  ~Conversion() {
    if (is_open()) iconv_close(handle_);
  }
  Conversion(const Conversion&) = delete;
  Conversion& operator=(const Conversion&) = delete;

  bool is_open() const { return handle_ != closed(); }
  void reset() {
    if (is_open()) iconv(handle_, nullptr, nullptr, nullptr, nullptr);
  }

  /// Takes off `octets` what could be converted and appends it to out: 0, or EILSEQ or EINVAL where it stands now.
  int convert(std::string_view& octets, std::string& out) {
    // iconv wants char** and changes no octet.
    char* from = const_cast<char*>(octets.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    std::size_t from_left = octets.size();
    int failure = E2BIG;
    while (failure == E2BIG) {
      std::array<char, 4096> buffer;
      char* to = buffer.data();
      std::size_t to_left = buffer.size();
      failure = iconv(handle_, &from, &from_left, &to, &to_left) == static_cast<std::size_t>(-1) ? errno : 0;
      out.append(buffer.data(), buffer.size() - to_left);
    }
    octets.remove_prefix(octets.size() - from_left);
    return failure;
  }

  /// What the conversion holds back (Vietnamese letters that could still get an accent).
  void flush(std::string& out) {
    std::array<char, 64> buffer;
    char* to = buffer.data();
    std::size_t to_left = buffer.size();
    iconv(handle_, nullptr, nullptr, &to, &to_left);
    out.append(buffer.data(), buffer.size() - to_left);
  }

 private:
  static iconv_t closed() { return reinterpret_cast<iconv_t>(-1); }  // NOLINT(performance-no-int-to-ptr): POSIX
  iconv_t handle_ = closed();
};

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

}  // namespace

class CharsetDecoder::Reader {
 public:
  explicit Reader(const CharsetRow& row) : row_(row) {}
  virtual ~Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  virtual void feed(std::string_view octets, std::string& out, TextLoss& loss) = 0;
  virtual void finish(std::string& out, TextLoss& loss) = 0;
  const CharsetRow& row() const { return row_; }

 protected:
  void replace(std::uint64_t at, std::string& out, TextLoss& loss) {
    if (loss.unmappable++ == 0) loss.first = at;
    out += replacement;
  }
  std::uint64_t fed_ = 0;  // octets, of which the last ones may still be pending

 private:
  const CharsetRow& row_;
};

class CharsetDecoder::Utf8Reader final : public Reader {
 public:
  using Reader::Reader;

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
    if (!pending_.empty()) replace(fed_ - pending_.size(), out, loss);
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
      replace(offset + at, out, loss);
      at += static_cast<std::size_t>(-length);
      good = at;
    }
    out += text.substr(good);
  }

  std::string pending_;
};

/// One octet, one character: a table of 256 that is asked of iconv once.
class CharsetDecoder::TableReader final : public Reader {
 public:
  explicit TableReader(const CharsetRow& row) : Reader(row) {
    Conversion conversion(row.iconv);
    for (std::size_t i = 0; i < 256 && conversion.is_open(); ++i) {
      const char octet = static_cast<char>(i);
      std::string_view rest(&octet, 1);
      conversion.reset();
      std::string character;
      if (conversion.convert(rest, character) == 0) conversion.flush(character);
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
    std::array<char, 7> octets;
    std::uint8_t size = 0;
  };
  std::array<Character, 256> characters_{};
  bool holds_ascii_ = true;
};

class CharsetDecoder::IconvReader final : public Reader {
 public:
  explicit IconvReader(const CharsetRow& row) : Reader(row), main_(row.iconv), fallback_(row.fallback) {}

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
      const int failure = main_.is_open() ? main_.convert(text, out) : EILSEQ;
      if (row().iconv == "SJIS") undo_yen(out, old_size);
      if (failure == 0) return;
      // Whether these octets are a character can depend on those of the next piece.
      if (!last && text.size() < character_octets_max) {
        pending_ = text;
        return;
      }
      if (fallback_.is_open() && read_one(text, out)) continue;
      replace(fed_ - text.size(), out, loss);
      text.remove_prefix(failure == EINVAL ? text.size() : 1);
    }
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

  Conversion main_;
  Conversion fallback_;
  std::string pending_;
};

CharsetDecoder::CharsetDecoder(std::string_view charset) {
  static constexpr CharsetRow unknown{"", CharsetKind::utf8, "", ""};
  const CharsetRow* row = find_charset(charset);
  loss_.unknown_charset = row == nullptr;
  if (row == nullptr) row = &unknown;
  switch (row->kind) {
    case CharsetKind::single: reader_ = std::make_unique<TableReader>(*row); break;
    case CharsetKind::multi:
    case CharsetKind::stateful: reader_ = std::make_unique<IconvReader>(*row); break;
    default: reader_ = std::make_unique<Utf8Reader>(*row);
  }
}

CharsetDecoder::~CharsetDecoder() = default;
CharsetDecoder::CharsetDecoder(CharsetDecoder&&) noexcept = default;
CharsetDecoder& CharsetDecoder::operator=(CharsetDecoder&&) noexcept = default;

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

std::string Charsets::to_utf8(std::string_view octets, std::string_view charset, TextLoss* loss) {
  std::string text;
  text.reserve(octets.size() + octets.size() / 8);
  CharsetDecoder& decoder = open(charset);
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

std::string clean_utf8(std::string_view octets) {
  CharsetDecoder decoder("utf-8");
  std::string text;
  decoder.feed(octets, text);
  decoder.finish(text);
  return text;
}

}  // namespace mailrig::mime
