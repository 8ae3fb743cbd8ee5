#pragma once
/// Searches over whole bodies, at the speed of memory.
///
///   std::size_t at = find_boundary_line(body, 0);       // "--" at the start of a line: maybe a boundary
///   OctetSurvey octets = survey(body);                  // octets.eight_bit, octets.longest_line ...
///
/// A line ends in LF; a CR before it belongs to the line end.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mime/message/coding/simd.h"

namespace mailrig::mime {

inline constexpr std::size_t not_found = std::string_view::npos;

/// Where the next "--" stands that an LF precedes (or, with `from` 0, that the text begins with), at `from` or behind.
std::size_t find_boundary_line(std::string_view text, std::size_t from, Simd simd = best_simd());

/// The first of the two characters at `from` or behind.
std::size_t find_either(std::string_view text, std::size_t from, char a, char b, Simd simd = best_simd());

/// How many octets at the front are ASCII (under 128).
std::size_t ascii_length(std::string_view text, Simd simd = best_simd());

/// The offset behind the next LF, or the end.
std::size_t next_line(std::string_view text, std::size_t from);

/// What a body is made of: decides on transfer encodings, and finds what no body may have. Pieces can be surveyed one
/// after the other.
struct OctetSurvey {
  std::uint64_t octets = 0;
  std::uint64_t eight_bit = 0;  // octets over 127
  std::uint64_t nul = 0;
  std::uint64_t bare_cr = 0;
  std::uint64_t bare_lf = 0;
  std::uint64_t lines = 0;         // LFs
  std::uint64_t longest_line = 0;  // without its line end
  // Offsets of the first of each; the same as `octets` where there is none.
  std::uint64_t first_eight_bit = 0;
  std::uint64_t first_nul = 0;
  std::uint64_t first_bare_cr = 0;
  std::uint64_t first_bare_lf = 0;
  std::uint64_t first_long_line = 0;  // of more than OctetStatistics::line_octets_max

  friend bool operator==(const OctetSurvey&, const OctetSurvey&) = default;
};

class OctetStatistics {
 public:
  // RFC 5322 §2.1.1, without the CRLF.
  static constexpr std::uint64_t line_octets_max = 998;

  explicit OctetStatistics(Simd simd = best_simd()) : simd_(simd) {}
  void feed(std::string_view text);
  /// A CR at the very end is a bare one.
  OctetSurvey finish();

 private:
  /// Whole vectors; returns how many octets that were.
  std::size_t feed_blocks(std::string_view text);
  void feed_octets(std::string_view text);
  void take_line_end(std::uint64_t at);
  void take_line(std::uint64_t end);
  void take_bare_cr(std::uint64_t at);

  Simd simd_;
  OctetSurvey survey_;
  std::uint64_t line_start_ = 0;
  bool after_cr_ = false;
};

OctetSurvey survey(std::string_view text, Simd simd = best_simd());

}  // namespace mailrig::mime
