#pragma once
/// Header fields as they go out: folded, and encoded only where they have to be.
///
///   std::string header;
///   FieldWriter(header, "Subject").text("Grüße aus Köln").end();
///   header == "Subject: =?UTF-8?B?R3LDvMOfZQ==?= aus =?UTF-8?B?S8O2bG4=?=\r\n"
///
/// Lines have at most 78 characters (RFC 5322 §2.1.1), 76 where an encoded word stands in them (RFC 2047 §2); only an
/// address, an identifier or a token that is longer makes a longer line. What is not UTF-8 becomes U+FFFD; control
/// characters, line ends among them, become blanks: no field can carry them.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mailrig::mime {

using Parameters = std::vector<std::pair<std::string, std::string>>;  // name, and value in UTF-8

class FieldWriter {
 public:
  static constexpr std::size_t line_characters_max = 78;          // RFC 5322 §2.1.1
  static constexpr std::size_t encoded_line_characters_max = 76;  // RFC 2047 §2
  static constexpr std::size_t encoded_word_characters_max = 75;  // RFC 2047 §2

  /// plain: UTF-8 becomes encoded words and RFC 2231. utf8: it stays as it is (RFC 6532).
  enum class Kind : std::uint8_t { plain, utf8 };

  FieldWriter(std::string& out, std::string_view name, Kind kind = Kind::plain);

  /// Text of no structure (RFC 5322 §2.2.1), read back with every blank.
  FieldWriter& text(std::string_view text);
  /// The name before an address (RFC 5322 §3.2.5): atoms, a quoted string, or encoded words.
  FieldWriter& phrase(std::string_view name);
  /// One piece that no line end may split, such as "<anna@zillum.test>,".
  FieldWriter& token(std::string_view token);
  /// Right behind what was put last: a colon, a semicolon, a comma.
  FieldWriter& append(std::string_view mark);
  /// "; name=value" (RFC 2045 §5.1), with RFC 2231 where the value is too long or outside of ASCII.
  FieldWriter& parameter(std::string_view name, std::string_view value);
  FieldWriter& parameters(const Parameters& parameters);
  void end();

 private:
  struct Word;

  /// So many characters follow at once, in the same line.
  void put(std::string_view token, std::string_view lead, std::size_t followed_by = 0);
  void put_encoded(std::string_view text, std::string_view lead);
  void put_sections(std::string_view name, std::string_view value, bool extended);
  void fold(std::string_view lead);
  std::vector<Word> split(std::string_view text) const;
  bool is_plain(std::string_view word) const;

  std::string& out_;
  Kind kind_;
  std::size_t column_;
  bool first_ = true;     // nothing stands behind the colon
  bool encoded_ = false;  // an encoded word stands in this line
};

/// An atom of RFC 5322 §3.2.3, a token of RFC 2045 §5.1; neither is empty.
bool is_atom(std::string_view text);
bool is_token(std::string_view text);
/// In quotes, with what needs a backslash behind one.
std::string quoted(std::string_view text);

}  // namespace mailrig::mime
