#pragma once
/// Quoted-printable (RFC 2045 §6.7), read whatever is in the way, any split of the input giving the same octets.
///
///   QuotedPrintableDecoder decoder;
///   std::string octets;
///   decoder.feed("gr=C3=BC=\r\nn", octets);
///   decoder.finish(octets);                       // "grün"
///
/// Soft line breaks vanish; blanks before a line end do too, since only transports put them there. An equals sign that
/// begins neither stays in the text, as the RFC advises. Line ends stay as they are.

#include <cstdint>
#include <string>
#include <string_view>

#include "mime/message/coding/simd.h"
#include "mime/message/defect.h"

namespace mailrig::mime {

class QuotedPrintableDecoder {
 public:
  struct Damage {
    std::uint64_t invalid = 0;  // equals signs that began nothing
    std::uint64_t first_invalid = 0;
    std::uint64_t trailing_blanks = 0;  // lines that ended in blanks
    std::uint64_t first_trailing_blanks = 0;
    std::uint64_t longest_line = 0;  // without its line end
    bool truncated = false;          // the text ended within an escape
  };

  // A run of more blanks than a line of mail can have (RFC 5322 §2.1.1) was not put there by a transport: it stays.
  static constexpr std::size_t blanks_max = 998;

  explicit QuotedPrintableDecoder(Simd simd = best_simd()) : simd_(simd) {}

  /// Appends to out.
  void feed(std::string_view text, std::string& out);
  void finish(std::string& out);

  /// Complete after finish().
  const Damage& damage() const { return damage_; }
  void report(Defects& defects, std::uint64_t offset, std::uint64_t length) const;

 private:
  struct Sink;  // where the octets go, with room for all of them
  enum class State : std::uint8_t { text, escape, escape_digit, escape_blanks, escape_cr };

  void feed(std::string_view text, Sink& out);
  void take_text(std::string_view run, std::uint64_t offset, Sink& out);
  void take_line_end(std::uint64_t offset, Sink& out);
  /// One octet within an escape; false when the escape is none, and the octet is still to be taken.
  bool take_escape(char c, std::uint64_t offset, Sink& out);
  void give_up_escape(Sink& out);
  void hold_blanks(std::string_view blanks, std::uint64_t offset, Sink& out);
  void release_blanks(Sink& out);
  void end_line(std::uint64_t end, std::uint64_t next);

  Simd simd_;
  State state_ = State::text;
  Damage damage_;
  std::uint64_t fed_ = 0;         // octets before the present piece
  std::uint64_t line_start_ = 0;  // offset
  std::string escape_;            // the escape that is being read, as written
  std::uint64_t escape_at_ = 0;
  std::string blanks_;  // held back: they vanish if the line ends here
  std::uint64_t blanks_at_ = 0;
  bool cr_ = false;        // held back behind them
  bool long_run_ = false;  // more than blanks_max: nothing is held back until other text comes
};

std::string from_quoted_printable(std::string_view text);

class QuotedPrintableEncoder {
 public:
  // RFC 2045 §6.7 rule 5: with the equals sign of a soft line break.
  static constexpr std::size_t line_characters_max = 76;

  /// text: CRLF and LF are line ends and are written as CRLF. binary: every octet that is not printable is escaped.
  enum class Kind : std::uint8_t { text, binary };
  explicit QuotedPrintableEncoder(Kind kind = Kind::text) : kind_(kind) {}
  void feed(std::string_view octets, std::string& out);
  void finish(std::string& out);

 private:
  void put(std::string_view piece, std::string& out);
  void put_escaped(unsigned char octet, std::string& out);
  void put_line_end(std::string& out);
  void release_cr(std::string& out);
  void release_blank(std::string& out);

  Kind kind_;
  std::size_t column_ = 0;
  char blank_ = 0;   // held back: escaped if the line ends here
  bool cr_ = false;  // held back behind it: half a line end, or an octet to be escaped
};

std::string to_quoted_printable(std::string_view octets,
                                QuotedPrintableEncoder::Kind kind = QuotedPrintableEncoder::Kind::text);

}  // namespace mailrig::mime
