#include "mime/message/fields/list_header.h"

#include "mime/message/ascii.h"
#include "mime/message/fields/encoded_word.h"
#include "mime/message/header.h"
#include "mime/message/tokens.h"

namespace mailrig::mime {
namespace {

std::string without_blanks(std::string_view text) {
  std::string compact;
  for (char c : text)
    if (!is_space(c)) compact += c;
  return compact;
}

/// At an opening bracket: what stands up to the closing one, or to the end.
std::string_view take_bracketed(Tokens& tokens, Defects* defects) {
  const std::string_view start = tokens.rest();
  tokens.skip(1);
  const std::string_view inner = tokens.take_while([](char c) { return c != '>'; });
  if (tokens.at_end())
    note(defects, DefectCode::unclosed_angle, start.substr(0, 1), "closed at the end of the field");
  else
    tokens.skip(1);
  return inner;
}

}  // namespace

std::vector<ListUrl> parse_list_urls(std::string_view field_body, Defects* defects, Charsets* charsets) {
  std::vector<ListUrl> urls;
  Charsets own;
  if (charsets == nullptr) charsets = &own;
  Tokens tokens(field_body, defects);
  std::string comment;
  ListUrl url;
  const auto end_url = [&] {
    url.comment = decode_words(comment, defects, charsets);
    if (!url.url.empty() && urls.size() < list_urls_max) urls.push_back(std::move(url));
    url = {};
    comment.clear();
  };
  while (true) {
    tokens.skip_blanks_and_comments(&comment);
    if (tokens.at_end()) break;
    if (tokens.is_at(',')) {
      tokens.skip(1);
      end_url();
    } else if (tokens.is_at('<')) {
      if (!url.url.empty()) end_url();
      url.url = raw_text(without_blanks(take_bracketed(tokens, defects)), defects);
    } else {
      const std::string_view word =
          tokens.take_while([](char c) { return !is_space(c) && c != ',' && c != '<' && c != '('; });
      if (url.url.empty()) url.url = raw_text(word, defects);
    }
  }
  end_url();
  return urls;
}

std::optional<ListId> parse_list_id(std::string_view field_body, Defects* defects, Charsets* charsets) {
  // The name may have a bracket of its own: the identifier stands last.
  const std::size_t open = field_body.rfind('<');
  if (open == std::string_view::npos) {
    const std::string_view bare = trimmed(field_body);
    if (bare.empty()) return std::nullopt;
    note(defects, DefectCode::unclosed_angle, bare, "read as if it stood in brackets");
    return ListId{raw_text(without_blanks(bare), defects), {}};
  }
  Tokens tokens(field_body.substr(open), defects);
  ListId list{raw_text(without_blanks(take_bracketed(tokens, defects)), defects), {}};
  Tokens name(trimmed(field_body.substr(0, open)), defects);
  if (name.is_at('"')) {
    std::string quoted;
    name.take_quoted(quoted);
    list.name = decode_words(quoted, defects, charsets, WordPlace::quoted);
  } else {
    list.name = text_value(name.rest(), defects, charsets);
  }
  return list;
}

}  // namespace mailrig::mime
