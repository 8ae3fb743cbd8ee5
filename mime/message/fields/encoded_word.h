#pragma once
/// Text in header fields as UTF-8: encoded words (RFC 2047, with the language of RFC 2231 §5), and octets that nobody
/// encoded.
///
///   decode_words("Re: =?iso-8859-1?Q?gr=FC?= =?iso-8859-1?Q?n?=")      // "Re: grün"
///   text_value(" a folded\r\n subject\r\n")                            // "a folded subject"
///
/// Read as the wild writes: words that touch other text, blanks and long texts within, a character (or base64) that
/// begins in one word and ends in the next of the same charset. What is no word stays as it is written. Octets over 127
/// are UTF-8 where they are well-formed, and windows-1252 where they are not.

#include <cstdint>
#include <string>
#include <string_view>

#include "mime/message/coding/charset.h"
#include "mime/message/defect.h"

namespace mailrig::mime {

/// Words may stand in text, phrases and comments alone; elsewhere they are decoded all the same, with this defect.
enum class WordPlace : std::uint8_t { text, quoted, parameter };

/// Blanks between two words vanish (RFC 2047 §6.2). The text is unfolded. Always well-formed UTF-8.
std::string decode_words(std::string_view text, Defects* defects = nullptr, Charsets* charsets = nullptr,
                         WordPlace place = WordPlace::text);

/// How long the word at the front is; 0 where none is. Within it even commas and semicolons separate nothing.
std::size_t encoded_word_size(std::string_view text);

/// The value of an unstructured field (RFC 5322 §2.2.1): unfolded, blanks at both ends taken off, words decoded.
std::string text_value(std::string_view field_body, Defects* defects = nullptr, Charsets* charsets = nullptr);

/// Octets that no encoded word stands in: UTF-8, or what they most likely are.
std::string raw_text(std::string_view octets, Defects* defects = nullptr);

/// What was lost or guessed when text was converted, as defects at `where`.
void note_loss(const TextLoss& loss, std::string_view where, Defects& defects);

/// "text =?charset?Q?cut": what is missing of the word that begins in `text` and does not end there, at the front of
/// `rest`; 0 where none is cut. So a quote that closes within a word is found to cut it.
std::size_t rest_of_cut_word(std::string_view text, std::string_view rest);

}  // namespace mailrig::mime
