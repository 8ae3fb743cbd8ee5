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
/// Names may be written as the wild writes them: x-sjis, cp-850, "utf8", 'ansi_x3.4-1968', unicode-1-1-utf-7. A charset
/// that nobody knows is read as UTF-8 (and so as ASCII).

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mailrig::mime {

struct CharsetRow;  // charset_names.h

struct TextLoss {
  bool unknown_charset = false;
  std::uint64_t unmappable = 0;  // characters U+FFFD that were put in
  std::uint64_t first = 0;       // octet offset of the first
};

class CharsetDecoder {
 public:
  /// The name as it was written.
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

 private:
  class Reader;  // UTF-8, a table, or iconv
  class Utf8Reader;
  class TableReader;
  class IconvReader;

  std::unique_ptr<Reader> reader_;
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

}  // namespace mailrig::mime
