// Multiparts and messages that are said to be under a transfer encoding: are they?
#include <algorithm>
#include <string>

#include "mime/message/ascii.h"
#include "mime/message/body_decoder.h"
#include "mime/message/coding/scan.h"
#include "mime/message/tree_builder.h"

namespace mailrig::mime {
namespace {

// The header of the first part, and some text before it: more is not looked at to find out about an encoding.
constexpr std::size_t encoding_judged_by_octets = 4096;

bool holds_line(std::string_view text, std::string_view beginning) {
  for (std::size_t line = 0; line < text.size(); line = next_line(text, line))
    if (text.substr(line).starts_with(beginning)) return true;
  return false;
}

/// Text is much the same in quoted-printable: the boundary looks otherwise, or the first part's header has "=3D".
bool is_quoted_printable(std::string_view text, std::string_view delimiter) {
  bool in_header = false;
  for (std::size_t line = 0; line < text.size(); line = next_line(text, line)) {
    const std::string_view rest = text.substr(line, next_line(text, line) - line);
    if (rest.starts_with(delimiter)) {
      if (in_header) return false;
      in_header = true;
    } else if (in_header && blank_line_at(text, line) > 0) {
      return false;
    } else if (in_header &&
               (rest.find("=3D") != std::string_view::npos || rest.find("=3d") != std::string_view::npos)) {
      return true;
    }
  }
  return !in_header;
}

}  // namespace

bool TreeBuilder::judge_encoding(bool last) {
  const bool multipart = part(leaf_).content_type.type == "multipart";
  // A line tells a message; of a multipart the header of its first part has to be seen.
  std::size_t end =
      multipart ? std::min(position_ + encoding_judged_by_octets, text_.size()) : next_line(text_, position_);
  const bool enough = multipart ? text_.size() - position_ >= encoding_judged_by_octets
                                : text_.substr(position_, end - position_).ends_with('\n') ||
                                      end - position_ > boundary_line_octets_max;
  if (!enough && !last) return false;
  state_ = State::body;
  if (multipart) {
    judge_multipart(text_.substr(position_, end - position_));
    return true;
  }
  // No colon is of base64 or of uuencode: what begins with a field was never encoded, whatever is said.
  std::vector<FieldPlace> fields;
  index_header(text_.substr(position_, end - position_), fields);
  judge_message(!fields.empty() && part(leaf_).encoding != TransferEncoding::quoted_printable);
  return true;
}

void TreeBuilder::judge_message(bool is_field) {
  if (!is_field) return begin_encoded(leaf_, Part::Kind::message);
  part(leaf_).encoding = TransferEncoding::binary;
  begin_message(leaf_);
}

/// RFC 2045 §6.4 forbids to encode it. Some do all the same, and then the boundary is there once it is decoded.
void TreeBuilder::judge_multipart(std::string_view beginning) {
  for (std::size_t line = 0; line < beginning.size(); line = next_line(beginning, line)) {
    // What belongs to an outer multipart decides nothing.
    if (!match_boundary(beginning.substr(line, next_line(beginning, line) - line))) continue;
    beginning = beginning.substr(0, line);
    break;
  }
  const std::string* written = part(leaf_).content_type.find("boundary");
  std::string boundary = written == nullptr ? std::string() : *written;
  while (!boundary.empty() && is_space(boundary.back())) boundary.pop_back();
  const TransferEncoding encoding = part(leaf_).encoding;
  const bool quoted = encoding == TransferEncoding::quoted_printable;
  const std::string decoded = decode_body(beginning, encoding);
  if (boundary.empty() && !quoted && decoded.starts_with("--")) {
    // SAP leaves out the parameter too. The first line can only be what divides the parts.
    const std::size_t line_end = decoded.find_first_of("\r\n");
    if (line_end > 2 && line_end != std::string::npos)
      boundary = decoded.substr(2, std::min<std::size_t>(line_end - 2, 70));
  }
  const std::string delimiter = "--" + boundary;
  const bool encoded = delimiter.size() > 2 && holds_line(decoded, delimiter) &&
                       (quoted ? is_quoted_printable(beginning, delimiter) : !holds_line(beginning, delimiter));
  if (encoded)
    begin_encoded(leaf_, Part::Kind::multipart, boundary);
  else
    begin_multipart(leaf_);
}

}  // namespace mailrig::mime
