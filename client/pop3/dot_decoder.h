#pragma once
/// Undoes dot-stuffing and finds the end of a multi-line reply (RFC 1939 §3), at any split of the input and at the
/// speed of memchr. What comes out are views of what went in.
///
///   DotDecoder decoder;
///   while (!bytes.empty()) {
///     DotDecoder::Piece piece = decoder.take(bytes);     // removes from the front of `bytes` what it has used
///     sink(piece.text);
///     if (piece.end == DotDecoder::End::sure) break;
///   }
///
/// A line is what ends in CRLF. A lone dot whose line begins or ends with a bare LF is the end where a server ends all
/// its lines so, and text where a server passes on what it was sent (docs/providers/misbehaviours.md#m4 and #m5). Only
/// what follows can tell: such an end is doubtful, and not_the_end() takes it back.

#include <cstdint>
#include <string_view>

namespace mailrig::client {

class DotDecoder {
 public:
  enum class End : std::uint8_t { none, sure, doubtful };
  struct Piece {
    std::string_view text = {};
    End end = End::none;
  };

  /// `bare_lf`: the server ended its status line with LF alone, so LF is its line end.
  explicit DotDecoder(bool bare_lf = false) : bare_lf_(bare_lf) {}

  /// Call it until `bytes` is empty or the end was found.
  Piece take(std::string_view& bytes);

  /// After a doubtful end: gives back the dot line, which was text, and goes on.
  std::string_view not_the_end();

 private:
  enum class State : std::uint8_t { line_start, after_bare_lf, in_line, dot, dot_cr, lf_dot, lf_dot_cr, doubt };

  std::string_view take_text(std::string_view& bytes);

  bool bare_lf_;
  bool after_cr_ = false;  // in_line: the last octet taken was CR
  State state_ = State::line_start;
  std::string_view held_ = {};
  State after_held_ = State::line_start;
};

}  // namespace mailrig::client
