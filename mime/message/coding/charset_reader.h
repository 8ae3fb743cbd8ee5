#pragma once
/// What reads the octets of one charset; a CharsetDecoder owns one. For mime/message/coding/charset*.cc only.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "mime/message/coding/charset.h"
#include "mime/message/coding/charset_names.h"

namespace mailrig::mime {

class CharsetReader {
 public:
  explicit CharsetReader(const CharsetRow& row) : row_(row) {}
  virtual ~CharsetReader() = default;
  CharsetReader(const CharsetReader&) = delete;
  CharsetReader& operator=(const CharsetReader&) = delete;

  virtual void feed(std::string_view octets, std::string& out, TextLoss& loss) = 0;
  virtual void finish(std::string& out, TextLoss& loss) = 0;
  const CharsetRow& row() const { return row_; }

 protected:
  /// U+FFFD for one character that began at the octet `at`.
  static void replace(std::uint64_t at, std::string& out, TextLoss& loss) {
    if (loss.unmappable++ == 0) loss.first = at;
    out += "\xEF\xBF\xBD";
  }
  /// A character of a vendor's superset began at the octet `at`.
  static void note_vendor(std::uint64_t at, TextLoss& loss) {
    if (loss.vendor++ == 0) loss.first_vendor = at;
  }

 private:
  const CharsetRow& row_;
};

/// ISO-2022-JP, -KR, -CN and their kin (RFC 1468, 1554, 1557, 1922).
std::unique_ptr<CharsetReader> make_iso_2022_reader(const CharsetRow& row);
/// RFC 2152.
std::unique_ptr<CharsetReader> make_utf7_reader(const CharsetRow& row);

/// Appends a code point as UTF-8.
void append_utf8(char32_t c, std::string& out);

}  // namespace mailrig::mime
