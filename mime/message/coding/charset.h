#pragma once
/// Text in any charset as UTF-8. Never an exception, never a refusal: what is no text in its charset becomes U+FFFD and
/// is counted.
///
///   Charsets charsets;                                        // keeps its converters open; one for each thread
///   TextLoss loss;
///   std::string text = charsets.to_utf8("gr\xfc\xdf", "ISO-8859-1", &loss);
///
///   CharsetDecoder decoder("iso-2022-jp");                    // in pieces, split anywhere
///   for (std::string_view piece : pieces) decoder.feed(piece, text);
///   decoder.finish(text);
///
/// Names may be written as the wild writes them: x-sjis, cp-850, "utf8", 'ansi_x3.4-1968', unicode-1-1-utf-7. Text in
/// an unknown charset, and octets over 127 in US-ASCII, are UTF-8 where all of the text is well-formed, else
/// windows-1252. What a charset lacks and its vendor's superset has (windows-1252 for ISO 8859-1, CP949 for EUC-KR,
/// NEC's and IBM's rows for ISO-2022-JP) is read by the superset, and counted. After a character that cannot be mapped
/// reading goes on with the next character.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mailrig::mime {

struct CharsetRow;    // charset_names.h
class CharsetReader;  // charset_reader.h

struct TextLoss {
  bool unknown_charset = false;
  bool western = false;            // read as windows-1252, since it is not UTF-8
  std::uint64_t unmappable = 0;    // characters U+FFFD that were put in
  std::uint64_t first = 0;         // octet offset of the first
  std::uint64_t vendor = 0;        // characters of a vendor's superset
  std::uint64_t first_vendor = 0;  // octet offset of the first
  std::uint64_t eight_bit = 0;     // octets over 127 in what is said to be US-ASCII
  std::uint64_t first_eight_bit = 0;
};

class CharsetDecoder {
 public:
  /// The name as it was written. In pieces nobody knows whether all of a text is UTF-8: of US-ASCII and of an unknown
  /// charset each octet that is not is windows-1252. Charsets::to_utf8 looks at the whole.
  explicit CharsetDecoder(std::string_view charset);
  ~CharsetDecoder();
  CharsetDecoder(CharsetDecoder&&) noexcept;
  CharsetDecoder& operator=(CharsetDecoder&&) noexcept;

  /// "utf-8", "iso-8859-1": the name that is registered; empty when nobody knows the charset.
  std::string_view name() const;

  /// Appends to out.
  void feed(std::string_view octets, std::string& out);
  /// A character that was begun is one that cannot be mapped. Then all is as it was at the start.
  void finish(std::string& out);
  /// Of the text up to the last finish().
  const TextLoss& loss() const { return loss_; }
  /// The charset does not say what octets over 127 are: US-ASCII, or unknown.
  bool guesses() const;

 private:
  std::unique_ptr<CharsetReader> reader_;
  TextLoss loss_;
  bool finished_ = false;
};

class Charsets {
 public:
  // A message with more charsets than these has them opened again.
  static constexpr std::size_t open_max = 16;

  /// The same at every call, whatever was converted before.
  std::string to_utf8(std::string_view octets, std::string_view charset, TextLoss* loss = nullptr);

 private:
  struct Open {
    std::string charset;
    CharsetDecoder decoder;
  };
  CharsetDecoder& open(std::string_view charset);

  std::vector<Open> open_;
  std::size_t next_ = 0;
};

/// Octets that ought to be UTF-8: what is none becomes U+FFFD, one for each maximal part of a character (Unicode 15
/// §3.9).
std::string clean_utf8(std::string_view octets);

/// The five octets that it lacks become U+FFFD.
std::string from_windows_1252(std::string_view octets, TextLoss* loss = nullptr);

}  // namespace mailrig::mime
