#pragma once
/// Letters of ASCII, whatever the locale says.
///
///   lower('Q') == 'q';  upper('q') == 'Q';  equals_ignoring_case("AUTH ", "auth ")

#include <algorithm>
#include <string_view>

namespace mailrig {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

constexpr bool starts_ignoring_case(std::string_view text, std::string_view front) {
  return equals_ignoring_case(text.substr(0, front.size()), front);
}

}  // namespace mailrig
