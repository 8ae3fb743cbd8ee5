#include "mime/readable.h"

#include <optional>

#include "mime/header.h"
#include "mime/transfer_encoding.h"

namespace mailrig::mime {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower;
  for (char c : text) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

std::string field_of(std::string_view part, std::string_view name) {
  std::optional<std::string_view> body = find_field(part, name);
  return body ? unfold(*body) : std::string();
}

/// A parameter of a structured field (RFC 2045 §5.1): the value of `charset` in "text/plain; charset="utf-8"".
std::string parameter(std::string_view field, std::string_view name) {
  std::size_t at = field.find(';');
  while (at != std::string_view::npos) {
    std::string_view rest = field.substr(at + 1);
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return {};
    const bool wanted = lower_case(unfold(rest.substr(0, equals))) == name;
    rest.remove_prefix(equals + 1);
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    std::string value;
    if (rest.starts_with('"')) {
      rest.remove_prefix(1);
      while (!rest.empty() && rest.front() != '"') {
        if (rest.front() == '\\' && rest.size() > 1) rest.remove_prefix(1);
        value += rest.front();
        rest.remove_prefix(1);
      }
    } else {
      value = unfold(rest.substr(0, rest.find(';')));
    }
    if (wanted) return value;
    const std::size_t next = rest.find(';');
    if (next == std::string_view::npos) return {};
    field = rest;
    at = next;
  }
  return {};
}

std::string decoded(std::string_view part, const std::string& type) {
  const std::string encoding = lower_case(field_of(part, "content-transfer-encoding"));
  std::string_view body = body_of(part);
  std::string octets = encoding == "base64"             ? from_base64(body)
                       : encoding == "quoted-printable" ? from_quoted_printable(body)
                                                        : std::string(body);
  return to_utf8(octets, parameter(type, "charset"));
}

/// "--boundary" or "--boundary--", and nothing but blanks behind it: another boundary may begin with this one.
bool is_delimiter(std::string_view line, std::string_view delimiter) {
  if (!line.starts_with(delimiter)) return false;
  line.remove_prefix(delimiter.size());
  if (line.starts_with("--")) return true;
  return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// The part at the front of a multipart's body, taken off; nothing after the last (RFC 2046 §5.1.1).
std::optional<std::string_view> take_part(std::string_view& rest, std::string_view delimiter) {
  std::size_t line = 0;
  std::optional<std::size_t> start;
  while (line < rest.size()) {
    const std::size_t end = rest.find('\n', line);
    const std::size_t next = end == std::string_view::npos ? rest.size() : end + 1;
    std::string_view text = rest.substr(line, next - line);
    if (is_delimiter(text, delimiter)) {
      if (start) {
        // The line end before a delimiter belongs to it.
        std::string_view part = rest.substr(*start, line - *start);
        if (part.ends_with('\n')) part.remove_suffix(1);
        if (part.ends_with('\r')) part.remove_suffix(1);
        rest.remove_prefix(line);
        return part;
      }
      if (text.substr(delimiter.size()).starts_with("--")) return std::nullopt;  // the closing one
      start = next;
    }
    line = next;
  }
  if (!start) return std::nullopt;
  std::string_view part = rest.substr(*start);  // never closed: all that is left
  rest = {};
  return part;
}

struct Found {
  std::optional<std::string> plain;
  std::optional<std::string> html;
};

void look_into(std::string_view part, int depth, Found& found) {
  const std::string type = field_of(part, "content-type");
  const std::string kind = lower_case(unfold(type.substr(0, type.find(';'))));
  if (lower_case(field_of(part, "content-disposition")).starts_with("attachment")) return;
  if (kind.starts_with("multipart/")) {
    const std::string boundary = parameter(type, "boundary");
    if (boundary.empty() || depth == nesting_max) return;
    std::string_view rest = body_of(part);
    while (!found.plain) {
      std::optional<std::string_view> inner = take_part(rest, "--" + boundary);
      if (!inner) return;
      look_into(*inner, depth + 1, found);
    }
  } else if (kind.empty() || kind == "text/plain") {
    found.plain = decoded(part, type);
  } else if (kind == "text/html" && !found.html) {
    found.html = decoded(part, type);
  }
}

}  // namespace

Readable readable_text(std::string_view message) {
  Found found;
  look_into(message, 0, found);
  if (found.plain) return {std::move(*found.plain), false};
  if (found.html) return {std::move(*found.html), true};
  return {};
}

}  // namespace mailrig::mime
