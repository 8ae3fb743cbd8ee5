#include "json/place.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace mailrig::scenarios {
namespace {

// A line that is longer than this is shown no further than a little after the column; a caret that far to the right
// helps nobody.
constexpr std::size_t shown_octets_max = 200;
constexpr std::size_t shown_after_column = 40;
constexpr std::size_t caret_octets_max = 1000;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// What a column is: a code point, or a byte that is part of none.
std::size_t column_octets(std::string_view line) {
  std::size_t length = 1;
  while (length < std::min<std::size_t>(4, line.size()) && (static_cast<unsigned char>(line[length]) & 0xC0U) == 0x80U)
    ++length;
  return length > 1 && !is_well_formed_utf8(line.substr(0, length)) ? 1 : length;
}

/// Safe to print: a control byte or one that is not UTF-8 becomes a question mark, so that columns stay what they are.
std::string safe(std::string_view line) {
  std::string out;
  out.reserve(line.size());
  while (!line.empty()) {
    const std::string_view one = line.substr(0, column_octets(line));
    const auto first = static_cast<unsigned char>(one.front());
    const bool control = (first < 0x20 && first != '\t') || first == 0x7F ||
                         (first == 0xC2 && one.size() == 2 && static_cast<unsigned char>(one[1]) < 0xA0);
    if (control || !is_well_formed_utf8(one))
      out += '?';
    else
      out += one;
    line.remove_prefix(one.size());
  }
  return out;
}

/// How far into a text an offset is: its line begins at `begin`, and `columns` of it come before `offset`.
struct Reached {
  std::size_t offset = 0;
  std::size_t begin = 0;
  std::size_t lines = 0;
  std::size_t columns = 0;
};

/// Up to an offset or, where that is within a column, behind it; what is beyond `end` belongs to no column.
void go_on(Reached& at, std::string_view text, std::size_t offset, std::size_t end) {
  while (at.offset < offset) {
    if (text[at.offset] == '\n') {
      at = {.offset = at.offset + 1, .begin = at.offset + 1, .lines = at.lines + 1};
      continue;
    }
    const std::size_t octets = column_octets(text.substr(at.offset, end - at.offset));
    at.columns += at.offset == 0 && text.starts_with(byte_order_mark) ? 0 : 1;
    at.offset += octets;
  }
}

/// Thousands of findings may have places in one file, which may be one line: each begins at the last of these marks.
class Marks {
 public:
  explicit Marks(std::shared_ptr<const std::string> text) : text_(std::move(text)) {
    const std::size_t size = text_->size();
    for (Reached at; at.offset < size; go_on(at, *text_, std::min(at.offset + apart, size), size)) marks_.push_back(at);
  }
  bool are_of(const std::shared_ptr<const std::string>& text) const { return text_ == text; }
  Reached reach(std::size_t offset) const {
    const auto after = std::ranges::upper_bound(marks_, offset, {}, &Reached::offset);
    Reached at = after == marks_.begin() ? Reached{} : *std::prev(after);
    go_on(at, *text_, offset, offset);
    return at;
  }

 private:
  // To go from one to the next takes some microseconds.
  static constexpr std::size_t apart = 4096;

  std::shared_ptr<const std::string> text_;
  std::vector<Reached> marks_;
};

/// Places are worked out file by file, so the marks of the last one are kept.
Reached reach(const std::shared_ptr<const std::string>& text, std::size_t offset) {
  thread_local std::optional<Marks> marks;
  if (!marks || !marks->are_of(text)) marks.emplace(text);
  return marks->reach(offset);
}

}  // namespace

SourcePlace Place::resolve() const {
  if (origin_ == nullptr) return {};
  SourcePlace place;
  place.file = origin_->file;
  place.row = origin_->row;
  if (origin_->text == nullptr) return place;
  const std::string_view text = *origin_->text;
  const std::size_t offset = std::min<std::size_t>(offset_, text.size());
  const Reached reached = reach(origin_->text, offset);
  place.line = reached.lines + 1;
  place.column = reached.columns + 1;

  const bool is_marked = reached.begin == 0 && text.starts_with(byte_order_mark);
  const std::size_t begin = is_marked ? std::min(byte_order_mark.size(), offset) : reached.begin;
  // Made safe, a text keeps half its octets at least.
  if (offset - begin > 2 * caret_octets_max) return place;
  const std::string before = safe(text.substr(begin, offset - begin));
  if (before.size() > caret_octets_max) return place;
  std::string_view rest = text.substr(offset, 4 * shown_octets_max);
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
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
