#pragma once
/// What structured fields of any kind are written with (RFC 5322 §3.2): blanks and folding, comments, quoted strings.
///
///   Tokens tokens(" (a comment) \"a \\\"quoted\\\" word\" rest", defects);
///   tokens.skip_blanks_and_comments();
///   std::string word;
///   tokens.take_quoted(word);                            // a "quoted" word
///
/// Reads the field's body as it stands in the message: a line end is a blank, and is no part of what it breaks.

#include <string>
#include <string_view>

#include "mime/message/ascii.h"
#include "mime/message/defect.h"

namespace mailrig::mime {

class Tokens {
 public:
  // Nobody nests deeper; what would is read on as if it closed there.
  static constexpr int comment_depth_max = 64;

  explicit Tokens(std::string_view field_body, Defects* defects = nullptr) : rest_(field_body), defects_(defects) {}

  bool at_end() const { return rest_.empty(); }
  /// NUL at the end.
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool is_at(char c) const { return !rest_.empty() && rest_.front() == c; }
  std::string_view rest() const { return rest_; }
  void skip(std::size_t octets) { rest_.remove_prefix(octets); }
  /// Goes back: `rest` was rest() before.
  void move_to(std::string_view rest) { rest_ = rest; }

  void skip_blanks() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }
  /// What the comments say is appended to *comment, which may be null, with a blank between two.
  void skip_blanks_and_comments(std::string* comment = nullptr);

  /// As long as `belongs` says so.
  template <typename Belongs>
  std::string_view take_while(Belongs belongs) {
    std::size_t size = 0;
    while (size < rest_.size() && belongs(rest_[size])) ++size;
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  /// At a quote. What stands within is appended to `out`, without backslashes and line ends; an unclosed string goes on
  /// to the end of the field.
  void take_quoted(std::string& out);
  /// At a quote: how long the string is with both of its quotes; 0 where none closes it.
  std::size_t quoted_size() const;
  /// At a parenthesis: how long the comment is; 0 where nothing closes it.
  std::size_t comment_size() const;
  /// At a parenthesis.
  void take_comment(std::string& out);

 private:
  std::string_view rest_;
  Defects* defects_;
};

}  // namespace mailrig::mime
