#include "json/json_scanner.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/text.h"

namespace mailrig::scenarios {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

void append_utf8(std::string& out, std::uint32_t code) {
  auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6));
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12));
    put(0x80U | ((code >> 6) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | (code >> 18));
    put(0x80U | ((code >> 12) & 0x3FU));
    put(0x80U | ((code >> 6) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

}  // namespace

void JsonScanner::tell(std::size_t offset, std::string message, std::string expected, std::string meant) {
  if (parsed_.problems.size() >= json_problems_max) {
    stopped_ = true;
    return;
  }
  parsed_.problems.push_back({{document_.origin(), offset}, std::move(message), std::move(expected), std::move(meant)});
}

void JsonScanner::stop(std::size_t offset, std::string message, std::string expected, std::string meant) {
  if (!stopped_) tell(offset, std::move(message), std::move(expected), std::move(meant));
  stopped_ = true;
}

std::string JsonScanner::found() const {
  if (at_end()) return "the end of the file";
  std::size_t length = 1;
  if (is_word(peek())) {
    while (length < 24 && at_ + length < text_.size() && is_word(text_[at_ + length])) ++length;
  } else {
    while (length < 4 && at_ + length < text_.size() &&
           (static_cast<unsigned char>(text_[at_ + length]) & 0xC0U) == 0x80U)
      ++length;
  }
  return printable(text_.substr(at_, length));
}

void JsonScanner::skip_space() {
  while (!stopped_ && !at_end()) {
    char c = text_[at_];
    if (is_space(c))
      ++at_;
    else if (c == '/')
      skip_comment();
    else if (c == '#') {
      tell(at_, "# begins no comment in this format", "// or /* */", "//");
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else
      return;
  }
}

void JsonScanner::skip_comment() {
  if (peek(1) == '/') {
    at_ = std::min(text_.find('\n', at_), text_.size());
  } else if (peek(1) == '*') {
    std::size_t end = text_.find("*/", at_ + 2);
    if (end == std::string_view::npos)
      stop(at_, "the comment that begins here is not closed", "*/");
    else
      at_ = end + 2;
  } else {
    stop(at_, "a lone /", "// or /* */ for a comment");
  }
}

/// Leaves at_ behind the closing quote.
std::string_view JsonScanner::read_text(char quote) {
  std::size_t begin = at_++;
  std::size_t from = at_;
  std::string decoded;
  bool escaped = false;
  for (;;) {
    std::size_t end = at_;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\\' &&
           static_cast<unsigned char>(text_[end]) >= 0x20)
      ++end;
    if (escaped) decoded.append(text_.substr(at_, end - at_));
    at_ = end;
    if (at_end() || peek() == '\n' || peek() == '\r') {
      stop(begin, "the text that begins here is not closed on its line",
           fmt::format("{} at its end, or \\n for a line end within it", quote));
      return {};
    }
    if (peek() == quote) {
      ++at_;
      return escaped ? document_.hold(decoded) : text_.substr(from, at_ - 1 - from);
    }
    if (!escaped) {
      decoded.assign(text_.substr(from, at_ - from));
      escaped = true;
    }
    if (peek() == '\\') {
      if (!read_escape(decoded)) return {};
    } else {
      std::string code = peek() == '\t' ? "\\t" : fmt::format("\\u{:04x}", static_cast<unsigned char>(peek()));
      tell(at_, "a control character stands in a text as itself", "an escape", code);
      decoded += text_[at_++];
    }
  }
}

bool JsonScanner::read_escape(std::string& out) {
  std::size_t begin = at_++;
  char c = peek();
  if (at_end()) {
    stop(begin, "the file ends within an escape");
    return false;
  }
  ++at_;
  switch (c) {
    case '"':
    case '\\':
    case '/': out += c; return true;
    case 'b': out += '\b'; return true;
    case 'f': out += '\f'; return true;
    case 'n': out += '\n'; return true;
    case 'r': out += '\r'; return true;
    case 't': out += '\t'; return true;
    case 'u': break;
    default:
      --at_;
      tell(begin, fmt::format("\\{} is no escape of JSON", found()),
           "\\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and four hexadecimal digits",
           c == 'x'    ? "\\u00"
           : c == '\'' ? "'"
           : c == '0'  ? "\\u0000"
                       : "\\\\");
      out += '\\';
      return true;
  }
  auto code = read_hex();
  bool high = code && *code >= 0xD800 && *code < 0xDC00;
  if (high && peek() == '\\' && peek(1) == 'u') {
    at_ += 2;
    auto low = read_hex();
    if (low && *low >= 0xDC00 && *low < 0xE000) {
      append_utf8(out, 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00));
      return true;
    }
    code = low ? 0xD800 : code;  // told below as what it is: half a pair
    if (!low) return !stopped_;
  }
  if (!code) return !stopped_;
  if (*code >= 0xD800 && *code < 0xE000) {
    tell(begin, "half of a surrogate pair: it is no character alone", "two escapes such as \\ud83d\\ude00");
    code = 0xFFFD;
  }
  append_utf8(out, *code);
  return true;
}

/// The four digits of \u; tells when there are none.
std::optional<std::uint32_t> JsonScanner::read_hex() {
  std::uint32_t code = 0;
  const char* begin = text_.data() + at_;
  const char* end = text_.data() + std::min(at_ + 4, text_.size());
  auto [stopped_at, failure] = std::from_chars(begin, end, code, 16);
  if (failure != std::errc{} || stopped_at != begin + 4) {
    tell(at_, "\\u needs four hexadecimal digits", "such as \\u00e4");
    return std::nullopt;
  }
  at_ += 4;
  return code;
}

const Node* JsonScanner::read_number() {
  std::size_t begin = at_;
  // -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?   (RFC 8259 §6)
  auto digits = [this] {
    std::size_t from = at_;
    while (is_digit(peek())) ++at_;
    return at_ > from;
  };
  bool whole = true;
  if (peek() == '-') ++at_;
  bool good = peek() == '0' ? (++at_, !is_digit(peek())) : digits();
  if (good && peek() == '.') {
    ++at_;
    whole = false;
    good = digits();
  }
  if (good && (peek() == 'e' || peek() == 'E')) {
    ++at_;
    whole = false;
    if (peek() == '+' || peek() == '-') ++at_;
    good = digits();
  }
  if (!good || is_word(peek())) {
    while (is_word(peek())) ++at_;
    return read_number_as_meant(begin, text_.substr(begin, at_ - begin));
  }
  const char* first = text_.data() + begin;
  const char* last = text_.data() + at_;
  if (whole) {
    std::int64_t number = 0;
    if (std::from_chars(first, last, number).ec == std::errc{}) return document_.make_integer(begin, number);
    tell(begin, "this whole number does not fit into 64 bits",
         "a number from -9223372036854775808 to 9223372036854775807, or a text",
         fmt::format("\"{}\"", printable({first, static_cast<std::size_t>(last - first)})));
    return document_.make_text(begin, text_.substr(begin, at_ - begin));
  }
  double number = 0;
  if (std::from_chars(first, last, number).ec != std::errc{})
    tell(begin, "this number is out of the range of a double", "a number");
  return document_.make_real(begin, number);
}

/// What looks like a number and is none: 007, +1, .5, 0x10, 15m.
const Node* JsonScanner::read_number_as_meant(std::size_t begin, std::string_view word) {
  std::string_view digits = word.starts_with('+') ? word.substr(1) : word;
  while (digits.size() > 1 && digits[0] == '0' && is_digit(digits[1])) digits.remove_prefix(1);
  double number = 0;
  auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  bool numeric = failure == std::errc{} && end == digits.data() + digits.size() && std::isfinite(number);
  if (numeric) {
    std::string meant = digits.starts_with('.') ? "0" + std::string(digits) : std::string(digits);
    if (meant.ends_with('.')) meant += '0';
    tell(begin, fmt::format("{} is not how JSON writes a number", printable(word)),
         "digits, with - before and a fraction behind them where needed", meant);
    std::int64_t whole = 0;
    auto [whole_end, whole_failure] = std::from_chars(digits.data(), digits.data() + digits.size(), whole);
    if (whole_failure == std::errc{} && whole_end == digits.data() + digits.size())
      return document_.make_integer(begin, whole);
    return document_.make_real(begin, number);
  }
  tell(begin, fmt::format("{} is no number", printable(word)), "a number, or a text in double quotes",
       fmt::format("\"{}\"", printable(word)));
  if (peek() == '"') ++at_;  // 15m",
  return document_.make_text(begin, word);
}

const Node* JsonScanner::read_word() {
  std::size_t begin = at_;
  while (is_word(peek())) ++at_;
  std::string_view word = text_.substr(begin, at_ - begin);
  if (word == "true" || word == "false") return document_.make_boolean(begin, word == "true");
  if (word == "null") return document_.make_null(begin);
  struct Spelling {
    std::string_view written;
    std::string_view meant;
  };
  static constexpr Spelling spellings[] = {
      {"True", "true"},      {"TRUE", "true"}, {"yes", "true"},  {"on", "true"},   {"False", "false"},
      {"FALSE", "false"},    {"no", "false"},  {"off", "false"}, {"None", "null"}, {"nil", "null"},
      {"undefined", "null"}, {"NULL", "null"}, {"Null", "null"}};
  for (const Spelling& spelling : spellings) {
    if (spelling.written != word) continue;
    tell(begin, fmt::format("{} is no value of JSON", word), "true, false, null or a text in double quotes",
         std::string(spelling.meant));
    return spelling.meant == "null" ? document_.make_null(begin)
                                    : document_.make_boolean(begin, spelling.meant == "true");
  }
  tell(begin, fmt::format("the text {} has no quotes", printable(word)), "a text in double quotes",
       fmt::format("\"{}\"", printable(word)));
  if (peek() == '"') ++at_;  // gmail",
  return document_.make_text(begin, word);
}

}  // namespace mailrig::scenarios
