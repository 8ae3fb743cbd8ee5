#include "mime/message/fields/disposition.h"

#include "mime/message/ascii.h"
#include "mime/message/fields/encoded_word.h"

namespace mailrig::mime {

Disposition parse_disposition(std::string_view field_body, Defects* defects, Charsets* charsets) {
  Disposition disposition;
  Tokens tokens(field_body, defects);
  tokens.skip_blanks_and_comments();
  // "filename=a.pdf" and no kind at all; "\"attachment\""
  if (tokens.is_at('"')) tokens.skip(1);
  const std::string_view before = tokens.rest();
  const std::string_view kind = tokens.take_while(
      [](char c) { return !is_space(c) && c != ';' && c != '(' && c != '"' && c != ',' && c != '=' && c != '/'; });
  if (tokens.is_at('"')) tokens.skip(1);
  tokens.skip_blanks_and_comments();
  if (tokens.is_at('=')) {
    tokens.move_to(before);
  } else {
    disposition.kind = lower_case(raw_text(kind, defects));
    if (!tokens.at_end() && !tokens.is_at(';')) {
      const std::string_view rest = tokens.rest();
      if (tokens.is_at('/')) tokens.take_while([](char c) { return c != ';'; });
      note(defects, DefectCode::missing_semicolon, rest.substr(0, rest.size() - tokens.rest().size()),
           "read as if it were there");
    }
  }
  if (disposition.kind.empty()) note(defects, DefectCode::invalid_disposition, trimmed(field_body), "no kind");
  disposition.parameters = parse_parameters(tokens, defects, charsets);
  return disposition;
}

}  // namespace mailrig::mime
