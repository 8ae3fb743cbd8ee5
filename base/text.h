#pragma once
/// Text for people: bytes made printable, and "did you mean".
/// Example: printable("a\r\n\x07") == "a\\r\\n\\x07".

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailrig {

/// At most this much of a peer's bytes goes into one message.
inline constexpr std::size_t printable_octets_max = 160;

/// Bytes from a peer, safe on any terminal: printable ASCII and well-formed UTF-8 stay; C0, C1, DEL, lone surrogates
/// and bytes that are not UTF-8 become \r \n \t \0 or \xHH, what changes the order of a text or is not seen in it
/// (is_deceptive) \uHHHH, the backslash \\. Longer input is cut and says how much is missing.
std::string printable(std::string_view bytes, std::size_t octets_max = printable_octets_max);

/// The same for text of our own and of scenario files, whole: the backslash stays, and so do the characters in `kept`
/// ("\n\t"). Everything that a terminal would obey, that XML 1.0 §2.2 forbids or that no JSON parser takes is spelled
/// out, U+FFFE and U+FFFF too.
std::string escape_controls(std::string_view text, std::string_view kept = {});

/// True for a UTF-8 sequence that shows nothing, or that shows other text in another order: bidirectional controls
/// (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069), zero-width space, line and paragraph separator, word
/// joiner and invisible operators, byte order mark, tags. The zero-width joiners U+200C and U+200D stay: Persian, Indic
/// scripts and emoji are written with them.
bool is_deceptive(std::string_view sequence);

/// Length of the well-formed UTF-8 sequence at the front (RFC 3629 §4), 0 when there is none.
std::size_t utf8_length(std::string_view bytes);
bool is_well_formed_utf8(std::string_view bytes);

/// The candidate nearest to `word` by edit distance, or nothing when none is near (over a third of its length).
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);
std::string_view nearest(std::string_view word, std::span<const std::string> candidates);

/// "a, b and c"
std::string join_words(std::span<const std::string_view> words, std::string_view last_separator = " and ");

}  // namespace mailrig
