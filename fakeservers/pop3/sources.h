#pragma once
/// The bodies of multi-line replies, made while they are sent.
///
///   MessageSource body(content, content->size(), FinalCrlf::line);       // "..two\r\n.\r\n" for ".two\r\n"
///   ListingSource rows(count, [&](std::string& out, std::size_t row) { ... "1 120\r\n" ... });
///
/// Every one ends with the final dot of RFC 1939 section 3, but for those whose purpose is to do otherwise.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "fakeservers/core/faulty_reply.h"

namespace mailrig::fakeservers::pop3 {

/// What stands before the final dot of a message that does not end with CRLF.
enum class FinalCrlf : std::uint8_t {
  line,  // a CRLF is added
  none,  // nothing: the dot is glued to the last character (Exchange 2000, docs/providers/exchange.md#sizes)
};

/// A message, byte-stuffed: a dot that begins a line is doubled. Lines end in CRLF; a bare LF is an octet like another.
class MessageSource final : public ReplySource {
 public:
  /// Of the first `octets` of the content.
  MessageSource(std::shared_ptr<const std::string> content, std::size_t octets, FinalCrlf tail);
  bool append(std::string& out, std::size_t room) override;

 private:
  void append_body(std::string& out, std::size_t room);

  std::shared_ptr<const std::string> content_;
  std::string_view message_;
  std::size_t sent_ = 0;   // of message_
  std::string_view tail_;  // of the reply, unsent
};

/// Rows of LIST or UIDL. A row with its CRLF fits in room_min octets; one that is left empty is left out.
class ListingSource final : public ReplySource {
 public:
  using AppendRow = std::function<void(std::string& out, std::size_t row)>;
  ListingSource(std::size_t rows, AppendRow append_row) : rows_(rows), append_row_(std::move(append_row)) {}
  bool append(std::string& out, std::size_t room) override;

 private:
  std::size_t rows_;
  AppendRow append_row_;
  std::size_t next_ = 0;
  bool ended_ = false;
};

/// Bytes as they are.
class BytesSource final : public ReplySource {
 public:
  explicit BytesSource(std::string bytes) : bytes_(std::move(bytes)) {}
  bool append(std::string& out, std::size_t room) override;

 private:
  std::string bytes_;
  std::size_t sent_ = 0;
};

/// The same bytes again and again, without an end.
class EndlessSource final : public ReplySource {
 public:
  EndlessSource(std::string start, std::string again) : start_(std::move(start)), again_(std::move(again)) {}
  bool append(std::string& out, std::size_t room) override;

 private:
  BytesSource start_;
  std::string again_;
};

/// How much of a message TOP sends: the header, the empty line, and so many lines of the body.
std::size_t top_octets(std::string_view message, std::uint64_t lines);

/// What MessageSource makes, as one text.
std::string stuffed(std::string_view message, FinalCrlf tail);

}  // namespace mailrig::fakeservers::pop3
