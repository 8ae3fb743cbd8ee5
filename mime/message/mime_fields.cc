#include "mime/message/mime_fields.h"

#include <algorithm>

#include "mime/message/ascii.h"
#include "mime/message/coding/base64.h"
#include "mime/message/fields/encoded_word.h"
#include "mime/message/header.h"
#include "mime/message/tokens.h"

namespace mailrig::mime {
namespace {

// Nobody will live to see a greater version.
constexpr std::size_t version_digits_max = 4;

std::optional<int> take_number(Tokens& tokens) {
  const std::string_view digits = tokens.take_while(is_digit);
  if (digits.empty() || digits.size() > version_digits_max) return std::nullopt;
  int value = 0;
  for (char c : digits) value = value * 10 + (c - '0');
  return value;
}

std::optional<MimeVersion> take_version(Tokens& tokens) {
  tokens.skip_blanks_and_comments();
  const std::optional<int> major_number = take_number(tokens);
  tokens.skip_blanks_and_comments();
  if (!major_number || !tokens.is_at('.')) return std::nullopt;
  tokens.skip(1);
  tokens.skip_blanks_and_comments();
  const std::optional<int> minor_number = take_number(tokens);
  if (!minor_number) return std::nullopt;
  tokens.skip_blanks_and_comments();
  return MimeVersion{*major_number, *minor_number};
}

}  // namespace

std::optional<MimeVersion> parse_mime_version(std::string_view field_body, Defects* defects) {
  Tokens tokens(field_body, defects);
  const std::optional<MimeVersion> version = take_version(tokens);
  if (!version || !tokens.at_end() || *version != MimeVersion{1, 0})
    note(defects, DefectCode::invalid_mime_version, trimmed(field_body), "read as 1.0");
  return version;
}

std::string parse_content_location(std::string_view field_body, Defects* defects, Charsets* charsets) {
  std::string text = text_value(field_body, defects, charsets);
  if (text.size() > 1 && text.starts_with('"') && text.ends_with('"')) text = text.substr(1, text.size() - 2);
  std::erase_if(text, is_space);
  return text;
}

std::optional<std::array<unsigned char, 16>> parse_content_md5(std::string_view field_body) {
  std::array<unsigned char, 16> digest{};
  Tokens tokens(field_body);
  tokens.skip_blanks_and_comments();
  const std::string octets = from_base64(tokens.take_while([](char c) { return !is_space(c) && c != '('; }));
  if (octets.size() != digest.size()) return std::nullopt;
  std::ranges::transform(octets, digest.begin(), [](char c) { return static_cast<unsigned char>(c); });
  return digest;
}

}  // namespace mailrig::mime
