#include "mime/content_type.h"

#include "mime/ascii.h"
#include "mime/encoded_word.h"

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

}  // namespace

ContentType parse_content_type(std::string_view field_body, Defects* defects, Charsets* charsets) {
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
  if (!content.is_valid()) note(defects, DefectCode::invalid_content_type, trimmed(field_body), "no type/subtype");
  skip_junk(tokens, defects);
  content.parameters = parse_parameters(tokens, defects, charsets);
  return content;
}

}  // namespace mailrig::mime
