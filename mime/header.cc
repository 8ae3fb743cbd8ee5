#include "mime/header.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "mime/transfer_encoding.h"

namespace mailrig::mime {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

// windows-1252 0x80 to 0x9F; 0 where nothing is assigned.
constexpr std::array<char16_t, 32> windows_1252 = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                   0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                                   0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                   0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

void append_utf8(std::string& text, char16_t c) {
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0U | c >> 6U);
    text += static_cast<char>(0x80U | (c & 0x3FU));
  } else {
    text += static_cast<char>(0xE0U | c >> 12U);
    text += static_cast<char>(0x80U | (c >> 6U & 0x3FU));
    text += static_cast<char>(0x80U | (c & 0x3FU));
  }
}

struct EncodedWord {
  std::string text;
  std::size_t length = 0;  // of its source
};

/// "=?charset?B?...?=" at the front (RFC 2047 §2), with the language that RFC 2231 §5 allows behind a '*'.
std::optional<EncodedWord> take_encoded_word(std::string_view text) {
  if (!text.starts_with("=?")) return std::nullopt;
  const std::size_t charset_end = text.find('?', 2);
  if (charset_end == std::string_view::npos || charset_end + 2 >= text.size() || text[charset_end + 2] != '?')
    return std::nullopt;
  const std::size_t content = charset_end + 3;
  const std::size_t end = text.find("?=", content);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view encoded = text.substr(content, end - content);
  if (std::any_of(encoded.begin(), encoded.end(), [](char c) { return is_blank(c) || c == '?'; })) return std::nullopt;
  std::string_view charset = text.substr(2, charset_end - 2);
  charset = charset.substr(0, charset.find('*'));
  const char kind = lower(text[charset_end + 1]);
  if (charset.empty() || (kind != 'b' && kind != 'q')) return std::nullopt;
  std::string octets;
  if (kind == 'b') {
    octets = from_base64(encoded);
  } else {
    std::string readable(encoded);
    std::replace(readable.begin(), readable.end(), '_', ' ');
    octets = from_quoted_printable(readable);
  }
  return EncodedWord{to_utf8(octets, charset), end + 2};
}

}  // namespace

std::optional<HeaderField> take_field(std::string_view& rest) {
  std::size_t name = 0;
  while (name < rest.size() && rest[name] > 0x20 && rest[name] < 0x7f && rest[name] != ':') ++name;
  const std::size_t colon = rest.find_first_not_of(" \t", name);
  if (name == 0 || colon == std::string_view::npos || rest[colon] != ':') return std::nullopt;
  std::size_t end = colon;
  do {
    end = rest.find('\n', end);
    end = end == std::string_view::npos ? rest.size() : end + 1;
  } while (end < rest.size() && is_blank(rest[end]));
  const HeaderField field{rest.substr(0, name), rest.substr(colon + 1, end - colon - 1), rest.substr(0, end)};
  rest.remove_prefix(end);
  return field;
}

bool is_field(std::string_view name, std::string_view lower_case) {
  return std::equal(name.begin(), name.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return lower(a) == b; });
}

std::optional<std::string_view> find_field(std::string_view message, std::string_view lower_case_name) {
  while (std::optional<HeaderField> field = take_field(message))
    if (is_field(field->name, lower_case_name)) return field->body;
  return std::nullopt;
}

std::string_view body_of(std::string_view message) {
  while (take_field(message)) {
  }
  // A line that is no field ends the header too, and what follows it up to the blank line is lost to nobody: it is
  // body.
  if (message.starts_with("\r\n")) return message.substr(2);
  if (message.starts_with('\n')) return message.substr(1);
  return message;
}

std::string unfold(std::string_view body) {
  std::string line;
  for (char c : body)
    if (c != '\r' && c != '\n') line += c == '\t' ? ' ' : c;
  const std::size_t first = line.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return line.substr(first, line.find_last_not_of(' ') - first + 1);
}

std::string decode_words(std::string_view text) {
  std::string decoded;
  std::size_t word_end = std::string::npos;  // of `decoded`, right behind an encoded word and blanks
  std::size_t before_blanks = 0;
  while (!text.empty()) {
    if (std::optional<EncodedWord> word = take_encoded_word(text)) {
      if (word_end == decoded.size()) decoded.resize(before_blanks);
      decoded += word->text;
      before_blanks = word_end = decoded.size();
      text.remove_prefix(word->length);
      continue;
    }
    const bool still_blank = word_end == decoded.size() && is_blank(text.front());
    decoded += text.front();
    text.remove_prefix(1);
    word_end = still_blank ? decoded.size() : std::string::npos;
  }
  return decoded;
}

std::string to_utf8(std::string_view octets, std::string_view charset) {
  std::string name;
  for (char c : charset) name += lower(c);
  const bool western = name == "iso-8859-1" || name == "latin1" || name == "windows-1252" || name == "cp1252";
  std::string text;
  text.reserve(octets.size());
  while (!octets.empty()) {
    const auto c = static_cast<unsigned char>(octets.front());
    std::size_t length = 1;
    if (c < 0x80) {
      text += octets.front();
    } else if (western) {
      const char16_t letter = c < 0xA0 ? windows_1252[c - 0x80U] : c;
      if (letter == 0)
        text += replacement;
      else
        append_utf8(text, letter);
    } else if (length = utf8_length(octets); length > 0) {
      text += octets.substr(0, length);
    } else {
      text += replacement;
      length = 1;
    }
    octets.remove_prefix(length);
  }
  return text;
}

}  // namespace mailrig::mime
