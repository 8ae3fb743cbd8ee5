#include "fakeservers/smtp/data.h"

#include <algorithm>

namespace mailrig::fakeservers::smtp {

std::size_t DataReader::take(std::string_view bytes) {
  std::size_t taken = 0;
  for (; taken < bytes.size() && state_ != State::done; ++taken) step(bytes[taken]);
  return taken;
}

void DataReader::take_chunk(std::string_view bytes) {
  for (char c : bytes) put(c);
}

void DataReader::step(char c) {
  const bool lf_ends_line = policy_.bare_lf == BareLf::normalise;
  switch (state_) {
    case State::done: return;
    case State::line_start:
      if (c == '.') {
        state_ = State::dot;
        return;
      }
      break;
    case State::dot:
      if (c == '\r') {
        state_ = State::dot_cr;
        return;
      }
      if (c == '\n' && lf_ends_line) {
        has_bare_lf_ = true;
        state_ = State::done;
        return;
      }
      break;  // the dot was stuffing
    case State::dot_cr:
      if (c == '\n') {
        state_ = State::done;
        return;
      }
      put('\r');
      break;
    case State::cr:
      if (c == '\n') {
        put('\n');
        end_line();
        return;
      }
      break;
    case State::text: break;
  }
  if (c == '\n') {
    has_bare_lf_ = true;
    if (lf_ends_line) {
      put('\r');
      put('\n');
      end_line();
      return;
    }
  }
  put(c);
  state_ = c == '\r' ? State::cr : State::text;
}

void DataReader::put(char c) {
  ++octets_;
  longest_line_ = std::max(longest_line_, ++line_octets_);
  if (!too_large())
    message_ += c;
  else if (message_.capacity() > 0)
    std::string().swap(message_);
}

void DataReader::end_line() {
  line_octets_ = 0;
  state_ = State::line_start;
}

}  // namespace mailrig::fakeservers::smtp
