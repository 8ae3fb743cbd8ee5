#include "fakeservers/pop3/sources.h"

#include <algorithm>
#include <cstring>

namespace mailrig::fakeservers::pop3 {
namespace {

std::string_view tail_of(std::string_view message, FinalCrlf tail) {
  bool at_line_begin = message.empty() || message.ends_with("\r\n");
  return at_line_begin || tail == FinalCrlf::none ? ".\r\n" : "\r\n.\r\n";
}

bool line_begins(std::string_view message, std::size_t at) {
  return at == 0 || (at >= 2 && message[at - 1] == '\n' && message[at - 2] == '\r');
}

/// The next place in from+1..to at which a line begins with a dot; `to` where there is none.
std::size_t next_dot_line(std::string_view message, std::size_t from, std::size_t to) {
  for (std::size_t at = from; at < to;) {
    const void* lf = std::memchr(message.data() + at, '\n', to - at);
    if (lf == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const char*>(lf) - message.data()) + 1;
    if (at < message.size() && message[at] == '.' && line_begins(message, at)) return at;
  }
  return to;
}

}  // namespace

MessageSource::MessageSource(std::shared_ptr<const std::string> content, std::size_t octets, FinalCrlf tail)
    : content_(std::move(content)),
      message_(std::string_view(*content_).substr(0, octets)),
      tail_(tail_of(message_, tail)) {}

bool MessageSource::append(std::string& out, std::size_t room) {
  if (sent_ == message_.size() && tail_.empty()) return false;
  std::size_t end = out.size() + room;
  append_body(out, room);
  if (sent_ == message_.size()) {
    std::string_view piece = tail_.substr(0, end - out.size());
    out += piece;
    tail_.remove_prefix(piece.size());
  }
  return true;
}

void MessageSource::append_body(std::string& out, std::size_t room) {
  while (sent_ < message_.size() && room > 0) {
    if (message_[sent_] == '.' && line_begins(message_, sent_)) {
      if (room < 2) return;  // a doubled dot is not torn apart: there is room for it next time
      out += '.';
      --room;
    }
    std::size_t to = next_dot_line(message_, sent_, std::min(message_.size(), sent_ + room));
    out += message_.substr(sent_, to - sent_);
    room -= to - sent_;
    sent_ = to;
  }
}

bool ListingSource::append(std::string& out, std::size_t room) {
  if (ended_) return false;
  std::size_t end = out.size() + room;
  while (next_ < rows_ && out.size() + room_min <= end) append_row_(out, next_++);
  if (next_ == rows_ && out.size() + 3 <= end) {
    out += ".\r\n";
    ended_ = true;
  }
  return true;
}

bool BytesSource::append(std::string& out, std::size_t room) {
  std::string_view piece = std::string_view(bytes_).substr(sent_, room);
  out += piece;
  sent_ += piece.size();
  return !piece.empty();
}

bool EndlessSource::append(std::string& out, std::size_t room) {
  std::size_t end = out.size() + room;
  start_.append(out, room);
  while (out.size() + again_.size() <= end) out += again_;
  return true;
}

std::size_t top_octets(std::string_view message, std::uint64_t lines) {
  std::size_t at = 0;
  bool in_header = true;
  while (at < message.size() && (in_header || lines > 0)) {
    std::size_t lf = message.find('\n', at);
    std::size_t end = lf == std::string_view::npos ? message.size() : lf + 1;
    std::string_view line = message.substr(at, end - at);
    if (in_header)
      in_header = line != "\r\n" && line != "\n";
    else
      --lines;
    at = end;
  }
  return at;
}

std::string stuffed(std::string_view message, FinalCrlf tail) {
  MessageSource source(std::make_shared<const std::string>(message), message.size(), tail);
  std::string out;
  while (source.append(out, send_octets_max)) {
  }
  return out;
}

}  // namespace mailrig::fakeservers::pop3
