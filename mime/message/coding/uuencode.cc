#include "mime/message/coding/uuencode.h"

#include <algorithm>
#include <optional>

#include "mime/message/ascii.h"
#include "mime/message/coding/scan.h"

namespace mailrig::mime {
namespace {

constexpr std::size_t mode_digits_max = 6;  // 100644 is seen as well as 644

std::string_view without_line_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

struct Begin {
  std::uint32_t mode = 0;
  std::string_view name;
};

std::optional<Begin> read_begin(std::string_view line) {
  constexpr std::string_view word = "begin ";
  if (!line.starts_with(word)) return std::nullopt;
  line.remove_prefix(word.size());
  Begin begin;
  std::size_t digits = 0;
  while (digits < line.size() && line[digits] >= '0' && line[digits] <= '7')
    begin.mode = begin.mode * 8 + static_cast<std::uint32_t>(line[digits++] - '0');
  if (digits < 3 || digits > mode_digits_max || digits == line.size() || line[digits] != ' ') return std::nullopt;
  begin.name = trimmed(line.substr(digits));
  if (begin.name.empty()) return std::nullopt;
  return begin;
}

/// Blank to backquote: both of these are zero.
bool is_uu(char c) { return c >= ' ' && c <= '`'; }
unsigned value_of(char c) { return (static_cast<unsigned>(c) - ' ') & 0x3FU; }

/// Octets of a line, as its first character says.
std::size_t octets_of(std::string_view line) { return line.empty() ? 0 : value_of(line.front()); }
std::size_t characters_for(std::size_t octets) { return (octets + 2) / 3 * 4; }

bool is_end(std::string_view line) { return trimmed(line) == "end"; }

/// Some encoders put a checksum behind, some transports take blanks away: so a line may be longer or shorter than it
/// says.
bool can_be_data(std::string_view line) {
  return !line.empty() && std::ranges::all_of(line, is_uu) && line.size() <= 1 + characters_for(octets_of(line)) + 2;
}

/// Nothing is missing but what may be at the end: text in capitals looks like data otherwise.
bool is_surely_data(std::string_view line) {
  const std::size_t octets = octets_of(line);
  if (octets == 0) return line == "`" || trimmed(line).empty() || is_end(line);
  return can_be_data(line) && line.size() + 3 >= 1 + characters_for(octets);
}

void decode_line(std::string_view line, std::string& out) {
  std::size_t octets = octets_of(line);
  line.remove_prefix(1);
  for (std::size_t at = 0; octets > 0; at += 4) {
    std::uint32_t bits = 0;
    for (std::size_t i = at; i < at + 4; ++i) bits = bits << 6U | (i < line.size() ? value_of(line[i]) : 0U);
    for (unsigned shift : {16U, 8U, 0U}) {
      if (octets == 0) break;
      out += static_cast<char>(bits >> shift & 0xFFU);
      --octets;
    }
  }
}

}  // namespace

std::size_t find_uuencode(std::string_view text, std::size_t from) {
  std::size_t at = from;
  if (at > 0 && at <= text.size() && text[at - 1] != '\n') at = next_line(text, at);
  while (at < text.size()) {
    const std::size_t next = next_line(text, at);
    // Most lines are ruled out by their first character.
    if (text[at] == 'b' && read_begin(without_line_end(text.substr(at, next - at)))) {
      const std::string_view data = without_line_end(text.substr(next, next_line(text, next) - next));
      if (next < text.size() && (is_surely_data(data) || is_end(data))) return at;
    }
    at = next;
  }
  return not_found;
}

void UuDecoder::feed(std::string_view text, std::string& out) {
  while (!text.empty() && state_ != State::ended) {
    const std::size_t next = next_line(text, 0);
    const std::string_view piece = text.substr(0, next);
    text.remove_prefix(next);
    const bool whole = piece.ends_with('\n');
    if (line_.empty() && whole) {
      take_line(piece, line_at_, out);
    } else {
      // One octet beyond the limit tells that it was passed.
      line_.append(piece.substr(0, line_octets_max + 1 - line_.size()));
      if (whole) {
        take_line(line_, line_at_, out);
        line_.clear();
      }
    }
    fed_ += piece.size();
    if (whole) line_at_ = fed_;
    if (state_ == State::ended) consumed_ = fed_;
  }
}

void UuDecoder::finish(std::string& out) {
  if (!line_.empty() && state_ != State::ended) take_line(line_, line_at_, out);
  line_.clear();
  if (consumed_ == 0) consumed_ = fed_;
  damage_.without_end = state_ != State::ended;
}

void UuDecoder::take_line(std::string_view line, std::uint64_t offset, std::string& out) {
  const bool too_long = line.size() > line_octets_max;
  line = without_line_end(line);
  if (state_ == State::before) {
    if (std::optional<Begin> begin = too_long ? std::nullopt : read_begin(line)) {
      state_ = State::lines;
      file_name_ = begin->name;
      mode_ = begin->mode;
    }
    return;
  }
  if (is_end(line)) {
    state_ = State::ended;
  } else if (!too_long && can_be_data(line)) {
    decode_line(line, out);
  } else if (!trimmed(line).empty()) {
    if (damage_.invalid_lines++ == 0) damage_.first_invalid = offset;
  }
}

void UuDecoder::report(Defects& defects, std::uint64_t offset, std::uint64_t length) const {
  if (damage_.invalid_lines > 0)
    defects.add_at(DefectCode::uuencode_invalid, offset + damage_.first_invalid, 0, "such lines are passed over");
  if (damage_.without_end)
    defects.add_at(DefectCode::uuencode_truncated, offset + length, 0, "what was there is the file");
}

}  // namespace mailrig::mime
