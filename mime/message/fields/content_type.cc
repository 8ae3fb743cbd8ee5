#include "mime/message/fields/content_type.h"

#include <algorithm>
#include <array>

#include "mime/message/ascii.h"
#include "mime/message/fields/encoded_word.h"

namespace mailrig::mime {
namespace {

bool ends_type(char c) { return is_space(c) || c == '/' || c == ';' || c == '(' || c == '"' || c == ','; }

/// What may stand behind a subtype that is none of its characters: "text/plain/format", "text/plain charset=x".
void skip_junk(Tokens& tokens, Defects* defects) {
  if (tokens.at_end() || tokens.is_at(';')) return;
  if (tokens.is_at('/') || tokens.is_at('"')) {
    const std::string_view junk = tokens.take_while([](char c) { return c != ';'; });
    note(defects, DefectCode::invalid_content_type, junk, "passed over");
  } else {
    note(defects, DefectCode::missing_semicolon, tokens.rest().substr(0, 0), "read as if it were there");
  }
}

/// RFC 2045 §5.1: what no token has.
constexpr std::array<bool, 256> tspecials = [] {
  std::array<bool, 256> table{};
  for (char c : std::string_view("()<>@,;:\\\"/[]?=")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();
bool is_token(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return tspecials[static_cast<unsigned char>(c)]; });
}

ContentType read(std::string_view field_body, Defects* defects, Charsets* charsets) {
  ContentType content;
  Tokens tokens(field_body, defects);
  tokens.skip_blanks_and_comments();
  content.type = lower_case(raw_text(tokens.take_while([](char c) { return !ends_type(c); }), defects));
  tokens.skip_blanks_and_comments();
  if (tokens.is_at('/')) {
    tokens.skip(1);
    tokens.skip_blanks_and_comments();
    content.subtype = lower_case(raw_text(tokens.take_while([](char c) { return !ends_type(c); }), defects));
    tokens.skip_blanks_and_comments();
  }
  if (!content.is_valid())
    note(defects, DefectCode::invalid_content_type, trimmed(field_body), "no type/subtype");
  else if (!is_token(content.type) || !is_token(content.subtype))
    note(defects, DefectCode::invalid_content_type, trimmed(field_body), "kept as it is written");
  skip_junk(tokens, defects);
  content.parameters = parse_parameters(tokens, defects, charsets);
  return content;
}

}  // namespace

ContentType parse_content_type(std::string_view field_body, Defects* defects, Charsets* charsets) {
  const std::string_view text = trimmed(field_body);
  const std::size_t word = text.starts_with("=?") ? encoded_word_size(text) : 0;
  if (word == 0) return read(field_body, defects, charsets);
  // RFC 2047 §5: no encoded word may stand here. What one says is what was meant.
  note(defects, DefectCode::invalid_content_type, text.substr(0, word), "the encoded word is decoded");
  return read(decode_words(text, nullptr, charsets), nullptr, charsets);
}

}  // namespace mailrig::mime
