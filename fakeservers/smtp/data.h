#pragma once
/// The text of a message as it comes after 354: dots are unstuffed (RFC 5321 §4.5.2) and the end is found, however the
/// bytes are split. What it comes to is bounded; what is too much is counted and dropped.
///
///   DataReader reader({.octets_max = 10'000'000});
///   std::size_t taken = reader.take("Subject: x\r\n\r\n..\r\n.\r\nQUIT\r\n");   // 21: QUIT is not ours
///   reader.message() == "Subject: x\r\n\r\n.\r\n";

#include <cstdint>
#include <string>
#include <string_view>

namespace mailrig::fakeservers::smtp {

enum class BareLf : std::uint8_t {
  accept,     // a character like any other: LF.CRLF does not end the message
  refuse,     // the same, and the message is refused
  normalise,  // a line end, which becomes CRLF: LF.LF ends the message, as on servers that can be smuggled to
};

class DataReader {
 public:
  struct Policy {
    std::uint64_t octets_max = UINT64_MAX;
    BareLf bare_lf = BareLf::accept;
  };

  DataReader() : DataReader(Policy{}) {}
  explicit DataReader(Policy policy) : policy_(policy) {}

  /// Returns how many of `bytes` belong to the message; fewer than all only at its end.
  std::size_t take(std::string_view bytes);
  /// Bytes of a BDAT chunk (RFC 3030): no dots, no end.
  void take_chunk(std::string_view bytes);

  bool done() const { return state_ == State::done; }
  bool too_large() const { return octets_ > policy_.octets_max; }
  bool has_bare_lf() const { return has_bare_lf_; }
  /// Of any line, CRLF included.
  std::uint64_t longest_line() const { return longest_line_; }
  std::uint64_t octets() const { return octets_; }
  /// Empty where it was too large.
  std::string& message() { return message_; }

 private:
  enum class State : std::uint8_t { line_start, text, cr, dot, dot_cr, done };

  void step(char c);
  void put(char c);
  void end_line();

  Policy policy_;
  State state_ = State::line_start;
  std::string message_;
  std::uint64_t octets_ = 0;
  std::uint64_t line_octets_ = 0;
  std::uint64_t longest_line_ = 0;
  bool has_bare_lf_ = false;
};

}  // namespace mailrig::fakeservers::smtp
