#pragma once
/// Characters of ASCII, whatever the locale says.
///
///   lower('Q') == 'q';  equals_ignoring_case("Base64", "base64")

#include <string>
#include <string_view>

#include "base/ascii.h"

namespace mailrig::mime {

using mailrig::equals_ignoring_case;
using mailrig::lower;

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }
/// Blanks and the line ends of folding.
constexpr bool is_space(char c) { return is_blank(c) || c == '\r' || c == '\n'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
constexpr bool is_eight_bit(char c) { return static_cast<unsigned char>(c) > 127; }

/// What a hexadecimal digit stands for; negative where it is none.
constexpr int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  return lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10 : -1;
}

inline std::string lower_case(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) c = lower(c);
  return lowered;
}

constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace mailrig::mime
