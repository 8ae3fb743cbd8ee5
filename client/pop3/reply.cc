#include "client/pop3/reply.h"

#include <algorithm>

#include "base/ascii.h"

namespace mailrig::client {
namespace {

bool starts_with_word(std::string_view line, std::string_view word) {
  return line.size() >= word.size() &&
         std::equal(word.begin(), word.end(), line.begin(), [](char a, char b) { return a == upper(b); });
}

}  // namespace

std::optional<LineReader::Line> LineReader::take(std::string_view& bytes) {
  if (overflowed_) return std::nullopt;
  if (taken_) clear();
  std::size_t lf = bytes.find('\n');
  std::size_t piece = lf == std::string_view::npos ? bytes.size() : lf + 1;
  if (held_.size() + piece > pop3_line_octets_max) {
    overflowed_ = true;
    return std::nullopt;
  }
  std::string_view text = bytes.substr(0, piece);
  if (lf == std::string_view::npos || !held_.empty()) {
    held_ += text;
    text = held_;
  }
  bytes.remove_prefix(piece);
  if (lf == std::string_view::npos) return std::nullopt;
  taken_ = !held_.empty();
  text.remove_suffix(1);
  bool crlf = text.ends_with('\r');
  if (crlf) text.remove_suffix(1);
  return Line{text, !crlf};
}

StatusLine parse_status(std::string_view line) {
  auto behind = [&](std::size_t word) {
    std::string_view text = line.substr(word);
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    return text;
  };
  if (starts_with_word(line, "+OK")) return {StatusLine::Word::ok, behind(3)};
  if (starts_with_word(line, "-ERR") || starts_with_word(line, "+ERR")) return {StatusLine::Word::err, behind(4)};
  return {};
}

bool is_good_greeting(std::string_view line) {
  return starts_with_word(line, "+OK") && (line.size() == 3 || line[3] == ' ' || line[3] == '\t');
}

}  // namespace mailrig::client
