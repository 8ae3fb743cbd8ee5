#include "mime/message/coding/quoted_printable.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "mime/message/ascii.h"
#include "mime/message/coding/scan.h"

namespace mailrig::mime {
namespace {

constexpr std::array<std::int8_t, 256> make_digits() {
  std::array<std::int8_t, 256> digits{};
  digits.fill(-1);
  for (int i = 0; i < 10; ++i) digits[static_cast<std::size_t>('0' + i)] = static_cast<std::int8_t>(i);
  for (int i = 0; i < 6; ++i) {
    digits[static_cast<std::size_t>('A' + i)] = static_cast<std::int8_t>(10 + i);
    digits[static_cast<std::size_t>('a' + i)] = static_cast<std::int8_t>(10 + i);
  }
  return digits;
}
constexpr std::array<std::int8_t, 256> digits = make_digits();

int digit(char c) { return digits[static_cast<unsigned char>(c)]; }
char octet_of(char high, char low) { return static_cast<char>(digit(high) << 4 | digit(low)); }

}  // namespace

/// Nothing that is read yields more than it is long, but what earlier pieces held back.
struct QuotedPrintableDecoder::Sink {
  Sink(std::string& string, std::size_t octets_max) : whole(string), size(string.size()) {
    whole.resize(size + octets_max);
    at = whole.data() + size;
  }
  ~Sink() { whole.resize(static_cast<std::size_t>(at - whole.data())); }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  void operator+=(char c) { *at++ = c; }
  void operator+=(std::string_view text) {
    std::memcpy(at, text.data(), text.size());
    at += text.size();
  }

  std::string& whole;
  std::size_t size;
  char* at;
};

void QuotedPrintableDecoder::feed(std::string_view text, std::string& whole) {
  Sink out(whole, text.size() + blanks_.size() + escape_.size() + 1);
  feed(text, out);
}

void QuotedPrintableDecoder::feed(std::string_view text, Sink& out) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (state_ != State::text) {
      if (take_escape(text[at], fed_ + at, out)) ++at;
      continue;
    }
    const std::size_t hit = std::min(find_either(text, at, '=', '\n', simd_), text.size());
    if (hit > at) take_text(text.substr(at, hit - at), fed_ + at, out);
    if (hit == text.size()) break;
    at = hit + 1;
    if (text[hit] == '\n') {
      take_line_end(fed_ + hit, out);
      continue;
    }
    release_blanks(out);
    long_run_ = false;
    // Escapes often follow each other; this is the way of nearly all of them.
    while (at + 2 <= text.size() && digit(text[at]) >= 0 && digit(text[at + 1]) >= 0) {
      out += octet_of(text[at], text[at + 1]);
      at += 2;
      if (at == text.size() || text[at] != '=') break;
      ++at;
    }
    if (text[at - 1] != '=') continue;
    state_ = State::escape;
    escape_ = "=";
    escape_at_ = fed_ + at - 1;
  }
  fed_ += text.size();
}

/// Text without equals sign and LF: all of it goes on but the blanks (and one CR) at its end.
void QuotedPrintableDecoder::take_text(std::string_view run, std::uint64_t offset, Sink& out) {
  const bool cr = run.back() == '\r';
  const std::string_view text = run.substr(0, run.size() - (cr ? 1 : 0));
  std::size_t keep = text.size();
  while (keep > 0 && is_blank(text[keep - 1])) --keep;
  if (cr_ || keep > 0) release_blanks(out);
  if (keep > 0) {
    out += text.substr(0, keep);
    long_run_ = false;
  }
  if (keep < text.size()) hold_blanks(text.substr(keep), offset + keep, out);
  cr_ = cr;
}

void QuotedPrintableDecoder::hold_blanks(std::string_view blanks, std::uint64_t offset, Sink& out) {
  if (blanks_.empty()) blanks_at_ = offset;
  if (long_run_ || blanks_.size() + blanks.size() > blanks_max) {
    release_blanks(out);
    out += blanks;
    long_run_ = true;
  } else {
    blanks_ += blanks;
  }
}

void QuotedPrintableDecoder::release_blanks(Sink& out) {
  out += blanks_;
  blanks_.clear();
  if (cr_) {
    out += '\r';
    cr_ = long_run_ = false;
  }
}

void QuotedPrintableDecoder::end_line(std::uint64_t end, std::uint64_t next) {
  damage_.longest_line = std::max(damage_.longest_line, end - line_start_);
  line_start_ = next;
}

void QuotedPrintableDecoder::take_line_end(std::uint64_t offset, Sink& out) {
  if (!blanks_.empty() && damage_.trailing_blanks++ == 0) damage_.first_trailing_blanks = blanks_at_;
  blanks_.clear();
  end_line(offset - (cr_ ? 1 : 0), offset + 1);
  release_blanks(out);
  long_run_ = false;
  out += '\n';
}

bool QuotedPrintableDecoder::take_escape(char c, std::uint64_t offset, Sink& out) {
  if (c == '\n' && state_ != State::escape_digit) {
    // A soft line break that a transport padded (RFC 2045 §6.7 rule 3).
    if (escape_.size() > 1 && is_blank(escape_[1]) && damage_.trailing_blanks++ == 0)
      damage_.first_trailing_blanks = escape_at_ + 1;
    end_line(offset - (state_ == State::escape_cr ? 1 : 0), offset + 1);
    state_ = State::text;
    return true;
  }
  switch (state_) {
    case State::escape:
      if (digit(c) >= 0) {
        state_ = State::escape_digit;
        break;
      }
      [[fallthrough]];
    case State::escape_blanks:
      if (c == '\r') {
        state_ = State::escape_cr;
      } else if (is_blank(c) && escape_.size() <= blanks_max) {
        state_ = State::escape_blanks;
      } else {
        give_up_escape(out);
        return false;
      }
      break;
    case State::escape_digit:
      if (digit(c) < 0) {
        give_up_escape(out);
        return false;
      }
      out += octet_of(escape_[1], c);
      state_ = State::text;
      return true;
    default: give_up_escape(out); return false;
  }
  escape_ += c;
  return true;
}

void QuotedPrintableDecoder::give_up_escape(Sink& out) {
  if (damage_.invalid++ == 0) damage_.first_invalid = escape_at_;
  out += '=';
  state_ = State::text;
  if (escape_.size() > 1) take_text(std::string_view(escape_).substr(1), escape_at_ + 1, out);
}

void QuotedPrintableDecoder::finish(std::string& whole) {
  Sink out(whole, blanks_.size() + escape_.size() + 1);
  if (state_ != State::text) {
    damage_.truncated = true;
    if (state_ == State::escape_digit) out += escape_;
    state_ = State::text;
  } else if (cr_) {
    release_blanks(out);
  } else if (!blanks_.empty()) {
    if (damage_.trailing_blanks++ == 0) damage_.first_trailing_blanks = blanks_at_;
    blanks_.clear();
  }
  end_line(fed_, fed_);
}

void QuotedPrintableDecoder::report(Defects& defects, std::uint64_t offset, std::uint64_t length) const {
  if (damage_.invalid > 0)
    defects.add_at(DefectCode::quoted_printable_invalid, offset + damage_.first_invalid, 1,
                   "kept as text, and others like it");
  if (damage_.truncated)
    defects.add_at(DefectCode::quoted_printable_truncated, offset + length, 0, "what was begun is kept as text");
  if (damage_.trailing_blanks > 0)
    defects.add_at(DefectCode::quoted_printable_trailing_blanks, offset + damage_.first_trailing_blanks, 1,
                   "removed, and others like them");
  if (damage_.longest_line > QuotedPrintableEncoder::line_characters_max)
    defects.add_at(DefectCode::quoted_printable_line_too_long, offset, length, "read all the same");
}

std::string from_quoted_printable(std::string_view text) {
  QuotedPrintableDecoder decoder;
  std::string octets;
  decoder.feed(text, octets);
  decoder.finish(octets);
  return octets;
}

}  // namespace mailrig::mime
