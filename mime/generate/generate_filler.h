#pragma once
/// Text without meaning and of any length, copied from blocks that are made once: what makes a generated message as
/// large as it is to be.
///
///   Filler filler = Filler::cyrillic_utf8_base64;
///   append_lines(out, filler, 17, 1000);          // a thousand lines of filler_line_octets, from the 17th on
///   append_text(out, 333, 17);                    // 333 octets of ASCII in lines, the last line end included

#include <cstdint>
#include <string>
#include <string_view>

namespace mailrig::mime {

/// Each line stands for itself: whole characters, whole quanta of base64, whole escapes.
enum class Filler : std::uint8_t {
  ascii,          // running text
  octets_base64,  // random octets, none of them 255
  ascii_base64,
  latin_qp,         // UTF-8 in quoted-printable
  japanese_jis,     // iso-2022-jp as it is
  japanese_base64,  // UTF-8
  chinese_base64,   // gb2312
  cyrillic_8bit,    // windows-1251 as it is
  cyrillic_qp,      // UTF-8
  cyrillic_base64,  // koi8-r
  arabic_base64,    // UTF-8
  emoji_base64,     // UTF-8
  emoji_8bit,       // UTF-8 as it is
};

inline constexpr std::size_t filler_line_octets = 78;    // 76 characters and CRLF
inline constexpr std::size_t filler_block_lines = 1024;  // a block; after its end it begins again
inline constexpr std::size_t filler_line_decoded = 57;   // of base64 (RFC 2045 §6.8: 76 characters)

/// Lines from number `first` of the block (any number) on.
void append_lines(std::string& out, Filler filler, std::uint64_t first, std::uint64_t lines);

/// ASCII text of exactly so many octets, two or more, in lines; the last one ends too.
void append_text(std::string& out, std::uint64_t octets, std::uint64_t first);

/// The whole block.
std::string_view filler_block(Filler filler);

/// The sum of the decoded octets of those lines of octets_base64, modulo 65536: a checksum of TNEF.
std::uint16_t filler_octet_sum(std::uint64_t first, std::uint64_t lines);

}  // namespace mailrig::mime
