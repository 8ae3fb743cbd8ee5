#pragma once
/// A message that is being damaged: what is changed in it is written down.
///
///   EditableMessage patient(message);
///   patient.set_field("Date", " soon");
///   Span body = patient.add_part("Content-Type: text/plain\r\n", "hello\r\n");
///   patient.take_edits();                                 // what undo() needs

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.h"
#include "mime/message/message.h"

namespace mailrig::mime {

struct Edit {
  std::uint64_t offset = 0;
  std::string removed;
  std::string put;  // stands there instead
};

struct Span {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;

  std::uint64_t end() const { return offset + length; }
};

class EditableMessage {
 public:
  explicit EditableMessage(std::string text) : text_(std::move(text)) {}

  const std::string& text() const { return text_; }
  std::string_view at(Span span) const { return std::string_view(text_).substr(span.offset, span.length); }
  void edit(std::uint64_t offset, std::uint64_t remove, std::string put);

  // --- the message's header
  /// Behind the colon and before the last line end; nothing where there is no such field.
  std::optional<Span> field_body(std::string_view name) const;
  /// With its name and its last line end.
  std::optional<Span> field(std::string_view name) const;
  /// The first field of this name gets this body, or a field is added.
  void set_field(std::string_view name, std::string_view body);
  /// Whole lines, behind the last field.
  void add_lines(std::string_view lines);
  std::uint64_t header_end() const;

  // --- its parts
  /// The body of a leaf that is what is asked for, drawn among them; nothing where none is.
  std::optional<Span> draw_leaf(Prng& prng,
                                const std::function<bool(const Part&, std::string_view body)>& wanted) const;
  /// Adds a part at the end of a multipart/mixed, which is put around the body where the message is none. `fields` and
  /// `body` end in a line end. Returns where the body stands, with its line end.
  Span add_part(std::string_view fields, std::string_view body, Prng& prng);
  /// Puts a multipart/mixed with one part around the body.
  void wrap(const std::string& boundary);
  /// The last line with a closing boundary of the message itself, from its first dash on; nothing where none is.
  std::optional<Span> closing_boundary() const;

  std::vector<Edit> take_edits() { return std::exchange(edits_, {}); }
  std::string take_text() && { return std::move(text_); }

 private:
  void end_header();

  std::string text_;
  std::vector<Edit> edits_;
};

}  // namespace mailrig::mime
