#include "mime/message/tokens.h"

#include <algorithm>

namespace mailrig::mime {

void Tokens::skip_blanks_and_comments(std::string* comment) {
  skip_blanks();
  while (is_at('(')) {
    std::string unwanted;
    std::string& text = comment != nullptr ? *comment : unwanted;
    if (!text.empty()) text += ' ';
    take_comment(text);
    skip_blanks();
  }
}

void Tokens::take_quoted(std::string& out) {
  const std::string_view whole = rest_;
  std::size_t at = 1;
  while (at < whole.size() && whole[at] != '"') {
    const std::size_t plain = at;
    while (at < whole.size() && whole[at] != '"' && whole[at] != '\\' && whole[at] != '\r' && whole[at] != '\n') ++at;
    out += whole.substr(plain, at - plain);
    if (at == whole.size() || whole[at] == '"') break;
    if (whole[at] == '\\' && at + 1 < whole.size() && whole[at + 1] != '\r' && whole[at + 1] != '\n')
      out += whole[++at];
    ++at;
  }
  const bool closed = at < whole.size();
  if (!closed) note(defects_, DefectCode::unclosed_quote, whole, "read up to the end of the field");
  rest_.remove_prefix(closed ? at + 1 : whole.size());
}

std::size_t Tokens::quoted_size() const {
  std::size_t at = rest_.find_first_of("\\\"", 1);
  while (at < rest_.size() && rest_[at] == '\\') at = rest_.find_first_of("\\\"", std::min(at + 2, rest_.size()));
  return at < rest_.size() ? at + 1 : 0;
}

std::size_t Tokens::comment_size() const {
  int depth = 1;
  for (std::size_t at = 1; at < rest_.size(); ++at) {
    const char c = rest_[at];
    if (c == '\\')
      ++at;
    else if (c == '(')
      depth = std::min(depth + 1, comment_depth_max);
    else if (c == ')' && --depth == 0)
      return at + 1;
  }
  return 0;
}

void Tokens::take_comment(std::string& out) {
  const std::string_view whole = rest_;
  int depth = 1;
  std::size_t at = 1;
  for (; at < whole.size() && depth > 0; ++at) {
    const char c = whole[at];
    if (c == '\r' || c == '\n') continue;
    if (c == '\\' && at + 1 < whole.size() && whole[at + 1] != '\r' && whole[at + 1] != '\n') {
      out += whole[++at];
      continue;
    }
    if (c == '(' && ++depth > comment_depth_max) {
      note(defects_, DefectCode::comment_nesting_limit, whole.substr(at, 1), "read as text of the comment");
      --depth;
    }
    if (c == ')') --depth;
    if (depth > 0) out += c;
  }
  if (depth > 0) note(defects_, DefectCode::unclosed_comment, whole, "read up to the end of the field");
  rest_.remove_prefix(at);
}

}  // namespace mailrig::mime
