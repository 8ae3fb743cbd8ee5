#pragma once
/// The header of a message as an index: where its fields are. Nothing is copied, and no field is read before somebody
/// asks for it.
///
///   std::vector<FieldPlace> places;                      // may be used again for the next message
///   HeaderEnd end = index_header(message, places);
///   Header header(message, places);
///   header.find("subject")->body;                        // " Gr=?utf-8?...", as it stands
///   message.substr(end.body);
///
/// A line that is no field is passed over and said; so are the "From " line of a mailbox file and a byte order mark.
/// Blanks before the colon are no part of the name (RFC 5322 §4.5), and a line of blanks continues a field (§4.2).
/// Lines end in CRLF or LF; a line of nothing but CRs is the blank line too, since programs turn LF into CRLF twice.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "mime/message/defect.h"
#include "mime/message/header.h"

namespace mailrig::mime {

struct HeaderLimits {
  // Real headers have some 20 to 100 fields of 2 to 20 kB in all; a mailing list's or a spam filter's may have ten
  // times that.
  std::uint32_t fields_max = 10'000;
  std::uint32_t octets_max = 1'048'576;
};

/// Offsets in the header.
struct FieldPlace {
  std::uint32_t begin = 0;
  std::uint32_t name_end = 0;
  std::uint32_t body = 0;  // behind the colon
  std::uint32_t end = 0;   // behind the last line end

  friend bool operator==(const FieldPlace&, const FieldPlace&) = default;
};

struct HeaderEnd {
  std::size_t header = 0;  // how long the header is, without the blank line
  std::size_t body = 0;    // behind the blank line
  bool blank_line = false;
  bool odd = false;              // there is something that a defect tells
  std::uint32_t junk_lines = 0;  // that are no field, and no line of a mailbox file
  // The first line that is no field, or whose name begins as no field's does ("--" or "<"): perhaps the body.
  std::size_t first_odd_line = std::string_view::npos;
};

/// Reads up to the blank line, the end of the text or the limit of octets; `places` are replaced.
HeaderEnd index_header(std::string_view text, std::vector<FieldPlace>& places, const HeaderLimits& limits = {},
                       Defects* defects = nullptr);
/// The same, appended.
HeaderEnd append_header_index(std::string_view text, std::vector<FieldPlace>& places, const HeaderLimits& limits,
                              Defects* defects);

/// A view: valid as long as the text and the places are.
class Header {
 public:
  Header() = default;
  Header(std::string_view text, std::span<const FieldPlace> places) : text_(text), places_(places) {}

  std::size_t size() const { return places_.size(); }
  bool empty() const { return places_.empty(); }
  HeaderField operator[](std::size_t number) const;
  /// The first field of this name.
  std::optional<HeaderField> find(std::string_view lower_case_name) const;
  /// All fields of this name.
  std::size_t count(std::string_view lower_case_name) const;
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
  std::span<const FieldPlace> places_;
};

/// "\r\n" or "\n" at the offset: how long it is, 0 where it is something else.
std::size_t line_end_at(std::string_view text, std::size_t at);

/// The line at the offset has no octets, or CRs alone: how long it is with its line end, 0 where it is another.
std::size_t blank_line_at(std::string_view text, std::size_t at);

}  // namespace mailrig::mime
