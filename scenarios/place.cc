#include "scenarios/place.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace mailrig::scenarios {
namespace {

// A line that is longer than this is shown no further than a little after the column; a caret that far to the right
// helps nobody.
constexpr std::size_t shown_octets_max = 200;
constexpr std::size_t shown_after_column = 40;
constexpr std::size_t caret_octets_max = 1000;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Safe to print: a control byte or one that is not UTF-8 becomes a question mark, so that columns stay what they are.
std::string safe(std::string_view line) {
  std::string out;
  out.reserve(line.size());
  while (!line.empty()) {
    std::size_t length = 1;
    while (length < std::min<std::size_t>(4, line.size()) &&
           (static_cast<unsigned char>(line[length]) & 0xC0U) == 0x80U)
      ++length;
    std::string_view one = line.substr(0, length);
    if (one.size() > 1 && !is_well_formed_utf8(one)) one = line.substr(0, 1);
    auto first = static_cast<unsigned char>(one.front());
    bool control = (first < 0x20 && first != '\t') || first == 0x7F ||
                   (first == 0xC2 && one.size() == 2 && static_cast<unsigned char>(one[1]) < 0xA0);
    if (control || !is_well_formed_utf8(one))
      out += '?';
    else
      out += one;
    line.remove_prefix(one.size());
  }
  return out;
}

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

SourcePlace Place::resolve() const {
  if (origin_ == nullptr) return {};
  SourcePlace place;
  place.file = origin_->file;
  place.row = origin_->row;
  if (origin_->text == nullptr) return place;
  std::string_view text = *origin_->text;
  std::size_t offset = std::min<std::size_t>(offset_, text.size());
  std::size_t begin = text.substr(0, offset).rfind('\n');
  begin = begin == std::string_view::npos ? 0 : begin + 1;
  place.line = 1 + static_cast<std::size_t>(std::ranges::count(text.substr(0, begin), '\n'));
  if (begin == 0 && text.starts_with(byte_order_mark)) begin = std::min(byte_order_mark.size(), offset);
  std::string before = safe(text.substr(begin, offset - begin));
  place.column = count_code_points(before) + 1;

  std::string_view rest = text.substr(offset, text.find('\n', offset) - offset);
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  if (before.size() > caret_octets_max) return place;
  std::string after = safe(rest);
  std::size_t room =
      before.size() < shown_octets_max - shown_after_column ? shown_octets_max - before.size() : shown_after_column;
  if (after.size() > room) {
    while (room > 0 && (static_cast<unsigned char>(after[room]) & 0xC0U) == 0x80U) --room;
    after.resize(room);
    after += " ...";
  }
  place.source_line = before + after;
  return place;
}

}  // namespace mailrig::scenarios
