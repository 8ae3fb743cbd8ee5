#include "mime/transfer_encoding.h"

#include <algorithm>

namespace mailrig::mime {
namespace {

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

std::string from_base64(std::string_view text) {
  std::string octets;
  octets.reserve(text.size() / 4 * 3);
  unsigned bits = 0;
  unsigned count = 0;
  for (char c : text) {
    if (c == '=') break;
    const int digit = base64_digit(c);
    if (digit < 0) continue;
    bits = (bits << 6U | static_cast<unsigned>(digit)) & 0xFFFFFFU;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    octets += static_cast<char>(bits >> count & 0xFFU);
  }
  return octets;
}

std::string from_quoted_printable(std::string_view text) {
  std::string octets;
  octets.reserve(text.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    const std::size_t length = line.find_last_not_of("\r\n") + 1;  // 0 where there is nothing but the line end
    std::string_view line_end = line.substr(length);
    line = line.substr(0, line.find_last_not_of(" \t\r\n") + 1);
    if (line.ends_with('=')) {
      line.remove_suffix(1);
      line_end = {};
    }
    for (std::size_t i = 0; i < line.size(); ++i) {
      const int high = line[i] == '=' && i + 2 < line.size() ? hex_digit(line[i + 1]) : -1;
      const int low = high < 0 ? -1 : hex_digit(line[i + 2]);
      if (low < 0) {
        octets += line[i];
        continue;
      }
      octets += static_cast<char>(high * 16 + low);
      i += 2;
    }
    octets += line_end;
  }
  return octets;
}

}  // namespace mailrig::mime
