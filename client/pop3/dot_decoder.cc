#include "client/pop3/dot_decoder.h"

#include <cstring>

namespace mailrig::client {

/// Text up to and with the line end before the next dot at the start of a line, or all of it.
std::string_view DotDecoder::take_text(std::string_view& bytes) {
  const char* const begin = bytes.data();
  const char* const end = begin + bytes.size();
  const char* from = begin;
  for (;;) {
    const auto* lf = static_cast<const char*>(std::memchr(from, '\n', static_cast<std::size_t>(end - from)));
    if (lf == nullptr) {
      after_cr_ = end[-1] == '\r';
      state_ = State::in_line;
      break;
    }
    from = lf + 1;
    if (from != end && *from != '.') continue;
    bool crlf = lf == begin ? after_cr_ : lf[-1] == '\r';
    state_ = crlf || bare_lf_ ? State::line_start : State::after_bare_lf;
    break;
  }
  if (state_ == State::in_line) from = end;
  std::string_view text(begin, static_cast<std::size_t>(from - begin));
  bytes.remove_prefix(text.size());
  return text;
}

DotDecoder::Piece DotDecoder::take(std::string_view& bytes) {
  auto doubtful = [this](std::string_view held, State after) {
    held_ = held;
    after_held_ = after;
    state_ = State::doubt;
    return Piece{{}, End::doubtful};
  };
  while (!bytes.empty()) {
    const char c = bytes.front();
    switch (state_) {
      case State::line_start:
      case State::after_bare_lf:
        after_cr_ = false;
        if (c != '.') return {take_text(bytes), End::none};
        bytes.remove_prefix(1);
        state_ = state_ == State::line_start ? State::dot : State::lf_dot;
        break;
      case State::in_line: return {take_text(bytes), End::none};
      case State::dot:  // the dot goes: it is the end or was stuffed
        if (c == '\r') {
          bytes.remove_prefix(1);
          state_ = State::dot_cr;
        } else if (c == '\n') {
          bytes.remove_prefix(1);
          if (bare_lf_) return {{}, End::sure};
          return doubtful(".\n", State::after_bare_lf);
        } else {
          after_cr_ = false;
          return {take_text(bytes), End::none};
        }
        break;
      case State::dot_cr:
        if (c == '\n') {
          bytes.remove_prefix(1);
          return {{}, End::sure};
        }
        state_ = State::in_line;
        after_cr_ = true;
        return {"\r", End::none};
      case State::lf_dot:  // not stuffed: for this server no line begins here
        if (c == '\n') {
          bytes.remove_prefix(1);
          return doubtful(".\n", State::after_bare_lf);
        }
        if (c == '\r') {
          bytes.remove_prefix(1);
          state_ = State::lf_dot_cr;
          break;
        }
        state_ = State::in_line;
        after_cr_ = false;
        return {".", End::none};
      case State::lf_dot_cr:
        if (c == '\n') {
          bytes.remove_prefix(1);
          return doubtful(".\r\n", State::line_start);
        }
        state_ = State::in_line;
        after_cr_ = true;
        return {".\r", End::none};
      case State::doubt: return {{}, End::doubtful};  // the caller has to decide first
    }
  }
  return {};
}

std::string_view DotDecoder::not_the_end() {
  state_ = after_held_;
  return held_;
}

}  // namespace mailrig::client
