#pragma once
/// The words of JSON: space and comments, texts, numbers, bare words. json_reader.cc puts values together from them.
/// What is wrong in a way that leaves no doubt about what was meant is told and read as meant, so that one run tells
/// all of it.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "json/located.h"

namespace mailrig::scenarios {

class JsonScanner {
 public:
  JsonScanner(Parsed& parsed, std::string_view text) : parsed_(parsed), document_(*parsed.document), text_(text) {}

 protected:
  /// Each begins at at_ and leaves it behind what was read.
  void skip_space();
  std::string_view read_text(char quote);
  const Node* read_number();
  const Node* read_word();

  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; }
  /// What may stand in a word that somebody forgot to quote.
  static bool is_word(char c) {
    return is_letter(c) || is_digit(c) || std::string_view("-+./@%").find(c) != std::string_view::npos;
  }

  bool at_end() const { return at_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  /// What stands here, for a message.
  std::string found() const;
  std::size_t line_of(std::size_t offset) const {
    return 1 + static_cast<std::size_t>(std::ranges::count(text_.substr(0, offset), '\n'));
  }
  void tell(std::size_t offset, std::string message, std::string expected = {}, std::string meant = {});
  /// The same, and reading ends: what follows cannot be understood.
  void stop(std::size_t offset, std::string message, std::string expected = {}, std::string meant = {});

  Parsed& parsed_;
  Document& document_;
  std::string_view text_;
  std::size_t at_ = 0;
  bool stopped_ = false;

 private:
  void skip_comment();
  bool read_escape(std::string& out);
  std::optional<std::uint32_t> read_hex();
  const Node* read_number_as_meant(std::size_t begin, std::string_view word);
};

}  // namespace mailrig::scenarios
