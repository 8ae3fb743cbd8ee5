#pragma once
/// Base64 (RFC 2045 §6.8), read whatever is in the way, any split of the input giving the same octets; written in lines
/// of 76.
///
///   Base64Decoder decoder;
///   std::string octets;
///   for (std::string_view piece : body) decoder.feed(piece, octets);
///   decoder.finish(octets);
///   decoder.damage().junk;                       // characters that were passed over
///
/// Blanks and line ends are passed over, as is every character outside of the alphabet. The padding ends the data: what
/// follows is counted and not read (RFC 2045: it is "evidence that the end of the data has been reached"), so a mailing
/// list's footer does not end up in the attachment.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "mime/message/coding/simd.h"
#include "mime/message/defect.h"

namespace mailrig::mime {

class Base64Decoder {
 public:
  /// Offsets count from the first octet that was fed.
  struct Damage {
    std::uint64_t junk = 0;  // characters of no meaning, blanks apart
    std::uint64_t first_junk = 0;
    std::uint64_t after_padding = 0;  // characters behind the padding, blanks apart
    std::uint64_t first_after_padding = 0;
    std::uint64_t longest_line = 0;  // without its line end
    bool missing_padding = false;    // the last octets are whole, but no padding says so
    bool truncated = false;          // six bits too many: an octet was begun
  };

  explicit Base64Decoder(Simd simd = best_simd()) : simd_(simd) {}

  /// Octets that feed() may write for this much text: some more than it yields, since whole vectors are written.
  static constexpr std::size_t room_for(std::size_t text) { return text / 4 * 3 + 48; }

  /// Writes to out, where there is room_for(text.size()); returns how many octets the text yielded.
  std::size_t feed(std::string_view text, char* out);
  /// The last octets, at most two.
  std::size_t finish(char* out);

  /// The same, appended.
  void feed(std::string_view text, std::string& out);
  void finish(std::string& out);

  /// Complete after finish().
  const Damage& damage() const { return damage_; }
  /// As defects of a body that lies at `offset` and is `length` long.
  void report(Defects& defects, std::uint64_t offset, std::uint64_t length) const;

 private:
  void take(char c, std::uint64_t offset, char*& out);
  void put_last_octets(char*& out);

  Simd simd_;
  Damage damage_;
  std::uint64_t fed_ = 0;          // octets before the present piece
  std::uint64_t line_octets_ = 0;  // of the present line
  std::uint32_t bits_ = 0;         // of the quantum that is being read
  int characters_ = 0;             // of it
  int padding_ = 0;                // equals signs of it
  bool ended_ = false;             // the padding was read
  bool after_cr_ = false;
};

std::string from_base64(std::string_view text);

class Base64Encoder {
 public:
  // RFC 2045 §6.8.
  static constexpr std::size_t line_characters_max = 76;

  /// Lines end in CRLF; with `wrapped` false there is one long line (for headers).
  explicit Base64Encoder(bool wrapped = true) : wrapped_(wrapped) {}
  void feed(std::string_view octets, std::string& out);
  /// The last quantum with its padding, and the last line end.
  void finish(std::string& out);

  /// What feed() and finish() write for so many octets in all.
  static std::uint64_t encoded_size(std::uint64_t octets, bool wrapped = true);

 private:
  bool wrapped_;
  std::array<unsigned char, 3> pending_{};
  std::size_t pending_size_ = 0;
  std::size_t column_ = 0;
};

/// In one line.
std::string to_base64(std::string_view octets);

}  // namespace mailrig::mime
