#pragma once
/// What charsets are called, in the register and in the wild.
///
///   const CharsetRow* row = find_charset("X-SJIS");      // row->name == "shift_jis"

#include <cstdint>
#include <span>
#include <string_view>

namespace mailrig::mime {

enum class CharsetKind : std::uint8_t {
  ascii,  // octets over 127 are a defect; they are UTF-8 where all of the text is, else windows-1252
  utf8,
  single,    // an octet is a character
  multi,     // one to four octets are a character, without state
  iso_2022,  // escape sequences and shifts
  utf7
};

struct CharsetRow {
  std::string_view name;  // lower case, as registered with IANA where it is
  CharsetKind kind;
  std::string_view iconv;  // the C library's name
  std::string_view
      fallback;  // a vendor's superset, for what the charset itself lacks: WHATWG's encodings; may be empty
};

// A longer name is none.
inline constexpr std::size_t charset_name_max = 64;

/// Quotes, blanks, letter case and the many ways to write hyphens do not matter. Null when nobody knows the name.
const CharsetRow* find_charset(std::string_view name);

std::span<const CharsetRow> charset_rows();

}  // namespace mailrig::mime
