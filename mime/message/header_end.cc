#include "mime/message/header_end.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "mime/message/ascii.h"
#include "mime/message/coding/scan.h"
#include "mime/message/coding/transfer_encoding.h"
#include "mime/message/fields/content_type.h"
#include "mime/message/header_index.h"

namespace mailrig::mime {
namespace {

constexpr std::size_t nowhere = std::string_view::npos;

std::string_view without_line_end(std::string_view line) {
  while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
  return line;
}

/// "<p>", "<!DOCTYPE html>", "</div>", "<?xml ...": but not "<id@host.test>", a reference that was folded wrongly.
bool is_html(std::string_view line) {
  if (!line.starts_with('<')) return false;
  if (line.starts_with("<!") || line.starts_with("<?"))
    return line.size() > 2 && (is_letter(line[2]) || line[2] == '-');
  std::size_t at = line.starts_with("</") ? 2 : 1;
  const std::size_t name = at;
  while (at < line.size() && (is_letter(line[at]) || is_digit(line[at]))) ++at;
  if (at == name || !is_letter(line[name])) return false;
  return at == line.size() || is_space(line[at]) || line[at] == '>' || line[at] == '/';
}

bool is_base64(std::string_view line) {
  return !line.empty() && std::ranges::all_of(line, [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '/' || c == '=';
  });
}

/// Names that text of a body does not have by accident.
bool is_known_field(std::string_view name) {
  static constexpr std::array<std::string_view, 21> names = {"date",
                                                             "from",
                                                             "sender",
                                                             "reply-to",
                                                             "to",
                                                             "cc",
                                                             "bcc",
                                                             "message-id",
                                                             "in-reply-to",
                                                             "references",
                                                             "subject",
                                                             "received",
                                                             "return-path",
                                                             "mime-version",
                                                             "content-type",
                                                             "content-transfer-encoding",
                                                             "content-disposition",
                                                             "content-id",
                                                             "content-description",
                                                             "dkim-signature",
                                                             "delivered-to"};
  return std::ranges::any_of(names, [&](std::string_view known) { return is_field(name, known); }) ||
         (name.size() > 2 && lower(name[0]) == 'x' && name[1] == '-');
}

/// Looks at each line once, and at the fields once.
class BodyFinder {
 public:
  BodyFinder(std::string_view text, HeaderStop stop) : text_(text), stop_(stop) {
    std::vector<FieldPlace> places;
    index_header(text, places);
    for (const FieldPlace& place : places) {
      const std::string_view name = text.substr(place.begin, place.name_end - place.begin);
      const std::string_view body = text.substr(place.body, place.end - place.body);
      last_field_ = place.begin;
      if (is_known_field(name)) last_known_ = place.begin;
      // The first ones are this header's; those of a part would be taken for later ones.
      if (type_at_ == nowhere && is_field(name, "content-type")) {
        type_at_ = place.begin;
        delimiter_ = delimiter_of(body);
      } else if (base64_at_ == nowhere && is_field(name, "content-transfer-encoding") &&
                 parse_transfer_encoding(body) == TransferEncoding::base64) {
        base64_at_ = place.begin;
      }
    }
  }

  std::size_t find(std::size_t first_odd_line) {
    if (base64_at_ != nowhere) find_base64_from(first_odd_line);
    for (std::size_t at = first_odd_line; at < text_.size(); at = next_line(text_, at)) {
      if (is_blank(text_[at])) continue;
      const std::string_view line = line_at(at);
      if (line.empty()) break;
      if (at > type_at_ && type_at_ != nowhere && !delimiter_.empty() && line == delimiter_) return at;
      if (at < last_known_) continue;
      if ((is_html(line) && !is_whole_document(line, at)) || at == base64_from_) return at;
      if (stop_ == HeaderStop::delimiter && at > last_field_ && !is_mailbox_line(line)) return at;
    }
    return nowhere;
  }

 private:
  /// A page in a single line, and then the blank line: that line ends the header, as every other reader has it.
  bool is_whole_document(std::string_view line, std::size_t at) const {
    const std::size_t next = next_line(text_, at);
    return stop_ == HeaderStop::blank_line && line.ends_with("</html>") &&
           (next >= text_.size() || line_at(next).empty());
  }

  static bool is_mailbox_line(std::string_view line) { return line.starts_with("From ") || line.starts_with(">From "); }

  static std::string delimiter_of(std::string_view content_type) {
    const ContentType type = parse_content_type(content_type);
    const std::string* boundary = type.type == "multipart" ? type.find("boundary") : nullptr;
    if (boundary == nullptr || trimmed(*boundary).empty()) return {};
    return std::string(without_line_end("--" + *boundary));
  }

  std::string_view line_at(std::size_t at) const {
    return without_line_end(text_.substr(at, next_line(text_, at) - at));
  }

  /// From there on all lines are base64, and they are no word that happens to have no other letters.
  void find_base64_from(std::size_t first_odd_line) {
    constexpr std::size_t word_max = 16;
    std::size_t characters = 0;
    for (std::size_t at = std::max(first_odd_line, base64_at_); at < text_.size() && blank_line_at(text_, at) == 0;
         at = next_line(text_, at)) {
      const std::string_view line = line_at(at);
      if (!is_base64(line)) {
        base64_from_ = nowhere;
        characters = 0;
        continue;
      }
      if (base64_from_ == nowhere) base64_from_ = at;
      characters += line.size();
    }
    if (stop_ == HeaderStop::blank_line && (characters <= word_max || characters % 4 != 0)) base64_from_ = nowhere;
  }

  std::string_view text_;
  HeaderStop stop_;
  std::size_t last_known_ = 0;
  std::size_t last_field_ = 0;
  std::size_t type_at_ = nowhere;
  std::string delimiter_;
  std::size_t base64_at_ = nowhere;
  std::size_t base64_from_ = nowhere;
};

}  // namespace

std::size_t find_body(std::string_view text, std::size_t first_odd_line, HeaderStop stop) {
  return first_odd_line == nowhere ? nowhere : BodyFinder(text, stop).find(first_odd_line);
}

}  // namespace mailrig::mime
