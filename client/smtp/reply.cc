#include "client/smtp/reply.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace mailrig::client {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// One number of an enhanced code: 1 to 3 digits (RFC 3463 §2), taken off the front.
std::optional<unsigned> take_number(std::string_view& text) {
  std::size_t digits = 0;
  unsigned number = 0;
  while (digits < text.size() && is_digit(text[digits])) {
    if (digits == 3) return std::nullopt;
    number = number * 10 + static_cast<unsigned>(text[digits++] - '0');
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return number;
}

/// The enhanced code at the front of a line, which is taken off with the blanks behind it.
std::optional<EnhancedCode> take_enhanced(std::string_view& line, unsigned reply_code) {
  std::string_view rest = line;
  if (rest.starts_with('#')) rest.remove_prefix(1);
  std::optional<unsigned> numbers[3];
  for (int i = 0; i < 3; ++i) {
    if (i > 0) {
      if (!rest.starts_with('.')) return std::nullopt;
      rest.remove_prefix(1);
    }
    numbers[i] = take_number(rest);
    if (!numbers[i]) return std::nullopt;
  }
  if (*numbers[0] != reply_code / 100) return std::nullopt;
  if (!rest.empty() && rest.front() != ' ') return std::nullopt;  // "5.7.1.2": an address, not a code
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  line = rest;
  return EnhancedCode{*numbers[0], *numbers[1], *numbers[2]};
}

Error broken(std::string_view line) {
  std::string message = fmt::format("the server sent \"{}\", which is no SMTP reply", printable(line));
  if (line.starts_with("+OK") || line.starts_with("-ERR"))
    message += ": a POP3 server answers at this port; check host and port";
  else if (line.starts_with("* "))
    message += ": an IMAP server answers at this port; check host and port";
  else if (line.starts_with("HTTP/"))
    message += ": a web server answers at this port; check host and port";
  else if (line.starts_with("SSH-"))
    message += ": an SSH server answers at this port; check host and port";
  else if (line.starts_with('\x15') || line.starts_with('\x16'))
    message += ": it speaks TLS from the first octet; set the encryption to implicit TLS";
  return {Errc::peer_protocol, std::move(message)};
}

}  // namespace

std::string EnhancedCode::text() const { return fmt::format("{}.{}.{}", status, subject, detail); }

std::optional<EnhancedCode> SmtpReply::enhanced() const {
  if (lines.empty()) return std::nullopt;
  std::string_view first = lines.front();
  return take_enhanced(first, code);
}

std::string SmtpReply::text() const {
  std::string all;
  for (std::string_view line : lines) {
    take_enhanced(line, code);
    if (!all.empty() && !line.empty()) all += ' ';
    all += line;
  }
  return all;
}

std::string SmtpReply::sentence() const {
  const std::optional<EnhancedCode> more = enhanced();
  const std::string words = printable(text(), 400);
  std::string sentence = fmt::format("{}", code);
  if (more) sentence += ' ' + more->text();
  if (!words.empty()) sentence += ' ' + words;
  return sentence;
}

void SmtpReplyReader::feed(std::string_view bytes) {
  while (!bytes.empty() && !broken_) {
    const std::size_t end = bytes.find('\n');
    line_ += bytes.substr(0, end);
    if (line_.size() > smtp_reply_line_octets_max) {
      broken_ = Error{Errc::limit_exceeded,
                      fmt::format("the server sent a reply line of over {} octets", smtp_reply_line_octets_max)};
    } else if (end == std::string_view::npos) {
      return;
    } else {
      if (line_.ends_with('\r')) line_.pop_back();
      on_line(line_);
      line_.clear();
      bytes.remove_prefix(end + 1);
    }
  }
}

void SmtpReplyReader::on_line(std::string_view line) {
  if (line.empty() && open_.lines.empty() && ++empty_lines_ <= smtp_empty_lines_max) return;
  const bool well_formed = line.size() >= 3 && line[0] >= '2' && line[0] <= '5' && is_digit(line[1]) &&
                           is_digit(line[2]) && (line.size() == 3 || line[3] == ' ' || line[3] == '-');
  if (!well_formed) {
    broken_ = broken(line);
    return;
  }
  const unsigned code = static_cast<unsigned>((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
  // RFC 5321 §4.2.1: each line has the same code. A mixture means that we no longer know which reply this is.
  if (!open_.lines.empty() && code != open_.code) {
    broken_ =
        Error{Errc::peer_protocol, fmt::format("the server mixed the codes {} and {} in one reply", open_.code, code)};
    return;
  }
  open_.code = code;
  open_.lines.emplace_back(line.size() > 4 ? line.substr(4) : std::string_view());
  if (open_.lines.size() > smtp_reply_lines_max) {
    broken_ =
        Error{Errc::limit_exceeded, fmt::format("the server sent a reply of over {} lines", smtp_reply_lines_max)};
    return;
  }
  if (line.size() > 3 && line[3] == '-') return;
  whole_.push_back(std::move(open_));
  open_ = {};
  empty_lines_ = 0;
}

Result<std::optional<SmtpReply>> SmtpReplyReader::take() {
  if (!whole_.empty()) {
    std::optional<SmtpReply> reply = std::move(whole_.front());
    whole_.pop_front();
    return reply;
  }
  if (broken_) return *broken_;
  return std::optional<SmtpReply>();
}

void SmtpReplyReader::clear() {
  line_.clear();
  open_ = {};
  empty_lines_ = 0;
  whole_.clear();
  broken_.reset();
}

}  // namespace mailrig::client
