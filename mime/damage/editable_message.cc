#include "mime/damage/editable_message.h"

#include <fmt/format.h>

#include <algorithm>

#include "mime/message/ascii.h"

namespace mailrig::mime {
namespace {

std::uint64_t offset_in(const std::string& text, std::string_view view) {
  return static_cast<std::uint64_t>(view.data() - text.data());
}

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

void EditableMessage::edit(std::uint64_t offset, std::uint64_t remove, std::string put) {
  edits_.push_back({offset, text_.substr(offset, remove), put});
  text_.replace(offset, remove, put);
}

std::optional<Span> EditableMessage::field_body(std::string_view name) const {
  const Message message = parse(text_);
  const auto found = message.header(message.root()).find(lower_case(name));
  if (!found) return std::nullopt;
  return Span{offset_in(text_, found->body), without_line_end(found->body).size()};
}

std::optional<Span> EditableMessage::field(std::string_view name) const {
  const Message message = parse(text_);
  const auto found = message.header(message.root()).find(lower_case(name));
  if (!found) return std::nullopt;
  return Span{offset_in(text_, found->whole), found->whole.size()};
}

void EditableMessage::set_field(std::string_view name, std::string_view body) {
  if (const auto span = field_body(name))
    edit(span->offset, span->length, std::string(body));
  else
    add_lines(fmt::format("{}:{}\r\n", name, body));
}

void EditableMessage::add_lines(std::string_view lines) {
  const std::uint64_t end = header_end();
  const bool line_is_open = end > 0 && text_[end - 1] != '\n';
  edit(end, 0, (line_is_open ? "\r\n" : "") + std::string(lines));
}

std::uint64_t EditableMessage::header_end() const {
  const Message message = parse(text_);
  return message.root().header_offset + message.root().header_length;
}

std::optional<Span> EditableMessage::draw_leaf(Prng& prng,
                                               const std::function<bool(const Part&, std::string_view)>& wanted) const {
  const Message message = parse(text_);
  std::vector<Span> found;
  for (const Part& part : message.parts())
    if (part.is_leaf() && part.decoded_in == Part::none && wanted(part, message.body(part)))
      found.push_back({part.body_offset, part.body_length});
  if (found.empty()) return std::nullopt;
  return found[prng.below(found.size())];
}

Span EditableMessage::add_part(std::string_view fields, std::string_view body, Prng& prng) {
  constexpr std::size_t boundary_digits = 24;
  const bool mixed = parse(text_).root().content_type.is("multipart", "mixed") && closing_boundary();
  if (!mixed) wrap("=_" + prng.hex(boundary_digits));
  const std::optional<Span> closing = closing_boundary();
  if (!closing) {  // damaged beyond parts: the body alone is added
    const std::uint64_t end = text_.size();
    edit(end, 0, std::string(body));
    return {end, body.size()};
  }
  const std::string delimiter = text_.substr(closing->offset, closing->length - 2);
  const std::string head = fmt::format("{}\r\n{}\r\n", delimiter, fields);
  edit(closing->offset, 0, fmt::format("{}{}\r\n", head, body));
  return {closing->offset + head.size(), body.size()};
}

void EditableMessage::wrap(const std::string& boundary) {
  end_header();
  std::string moved;  // what the header says about the body is now said by the part
  while (true) {
    std::optional<Span> next;
    const Message message = parse(text_);
    const Header header = message.header(message.root());
    for (std::size_t i = 0; i < header.size() && !next; ++i)
      if (lower_case(header[i].name).starts_with("content-"))
        next = Span{offset_in(text_, header[i].whole), header[i].whole.size()};
    if (!next) break;
    moved += at(*next);
    edit(next->offset, next->length, {});
  }
  if (!field("MIME-Version")) add_lines("MIME-Version: 1.0\r\n");
  add_lines(fmt::format("Content-Type: multipart/mixed;\r\n\tboundary=\"{}\"\r\n", boundary));
  edit(parse(text_).root().body_offset, 0, fmt::format("--{}\r\n{}\r\n", boundary, moved));
  edit(text_.size(), 0, fmt::format("\r\n--{}--\r\n", boundary));
}

/// Puts a blank line where none ends it.
void EditableMessage::end_header() {
  const std::uint64_t end = header_end();
  if (parse(text_).root().body_offset > end) return;
  const bool line_is_open = end > 0 && text_[end - 1] != '\n';
  edit(end, 0, line_is_open ? "\r\n\r\n" : "\r\n");
}

std::optional<Span> EditableMessage::closing_boundary() const {
  const Message message = parse(text_);
  const std::string* boundary = message.root().content_type.find("boundary");
  if (message.root().kind != Part::Kind::multipart || boundary == nullptr) return std::nullopt;
  const std::string line = fmt::format("\n--{}--", *boundary);
  const std::size_t found = text_.rfind(line);
  if (found == std::string::npos) return std::nullopt;
  return Span{found + 1, line.size() - 1};
}

}  // namespace mailrig::mime
