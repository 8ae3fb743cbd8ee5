#include "mime/message/header.h"

#include "mime/message/ascii.h"
#include "mime/message/coding/charset.h"
#include "mime/message/header_index.h"

namespace mailrig::mime {

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

bool is_field(std::string_view name, std::string_view lower_case) { return equals_ignoring_case(name, lower_case); }

std::optional<std::string_view> find_field(std::string_view message, std::string_view lower_case_name) {
  std::vector<FieldPlace> places;
  index_header(message, places);
  const std::optional<HeaderField> field = Header(message, places).find(lower_case_name);
  if (!field) return std::nullopt;
  return field->body;
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
  body = trimmed(body);
  std::string line;
  line.reserve(body.size());
  for (char c : body)
    if (c != '\r' && c != '\n') line += c == '\t' ? ' ' : c;
  return line;
}

std::string to_utf8(std::string_view octets, std::string_view charset) { return Charsets().to_utf8(octets, charset); }

}  // namespace mailrig::mime
