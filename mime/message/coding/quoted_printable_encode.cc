#include "mime/message/coding/quoted_printable.h"

namespace mailrig::mime {

void QuotedPrintableEncoder::feed(std::string_view octets, std::string& out) {
  for (char c : octets) {
    if (kind_ == Kind::text && c == '\n') {
      put_line_end(out);
      continue;
    }
    release_cr(out);
    if (kind_ == Kind::text && c == '\r') {
      cr_ = true;
      continue;
    }
    release_blank(out);
    if (c == ' ' || c == '\t')
      blank_ = c;
    else if (c < '!' || c > '~' || c == '=' || (c == '.' && (column_ == 0 || column_ + 1 >= line_characters_max)))
      put_escaped(static_cast<unsigned char>(c), out);  // a dot alone in a line would end the message for SMTP
    else
      put({&c, 1}, out);
  }
}

/// Never more than 75 characters before a soft line break, so that its equals sign is the 76th.
void QuotedPrintableEncoder::put(std::string_view piece, std::string& out) {
  if (column_ + piece.size() >= line_characters_max) {
    out += "=\r\n";
    column_ = 0;
  }
  out += piece;
  column_ += piece.size();
}

void QuotedPrintableEncoder::put_escaped(unsigned char octet, std::string& out) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const char escape[] = {'=', digits[octet >> 4], digits[octet & 15]};
  put({escape, 3}, out);
}

void QuotedPrintableEncoder::put_line_end(std::string& out) {
  if (blank_ != 0) put_escaped(static_cast<unsigned char>(blank_), out);
  blank_ = 0;
  cr_ = false;
  out += "\r\n";
  column_ = 0;
}

/// It was no half of a line end.
void QuotedPrintableEncoder::release_cr(std::string& out) {
  if (!cr_) return;
  cr_ = false;
  release_blank(out);
  put_escaped('\r', out);
}

/// The line does not end behind it.
void QuotedPrintableEncoder::release_blank(std::string& out) {
  if (blank_ != 0) put({&blank_, 1}, out);
  blank_ = 0;
}

void QuotedPrintableEncoder::finish(std::string& out) {
  release_cr(out);
  if (blank_ != 0) put_escaped(static_cast<unsigned char>(blank_), out);
  blank_ = 0;
  column_ = 0;
}

std::string to_quoted_printable(std::string_view octets, QuotedPrintableEncoder::Kind kind) {
  QuotedPrintableEncoder encoder(kind);
  std::string text;
  text.reserve(octets.size() + octets.size() / 8);
  encoder.feed(octets, text);
  encoder.finish(text);
  return text;
}

}  // namespace mailrig::mime
