#pragma once
/// The texts of a personality, read once: what a server says, with placeholders in braces.
///
///   constexpr TextKey keys[] = {{"retr", "octets", "the first line of a message"}};
///   Result<ReplyTemplates> texts = ReplyTemplates::read(settings.find("texts"), keys);
///   (*texts)[0].append(out, [&](std::string& to, std::string_view name) { fmt::format_to(std::back_inserter(to), "{}",
///   512); });
///
/// A text is one text or a list of lines; CRLF stands between them and is added at the end by whoever says it. A brace
/// that is meant as such is written twice.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"

namespace mailrig::fakeservers {

struct TextKey {
  std::string_view name;
  std::string_view placeholders;  // those that this text may have, a space between them
  std::string_view meaning;
};

class ReplyTemplate {
 public:
  /// Error bad_input: a placeholder that `placeholders` has not, or a brace without its other half.
  static Result<ReplyTemplate> parse(std::string_view text, std::string_view placeholders);

  bool empty() const { return pieces_.empty(); }
  /// `fill(out, name)` appends what stands for a placeholder.
  template <class Fill>
  void append(std::string& out, Fill&& fill) const {
    for (const Piece& piece : pieces_) {
      out += piece.literal;
      if (!piece.placeholder.empty()) fill(out, std::string_view(piece.placeholder));
    }
  }
  /// The text as it is, placeholders as "<name>".
  std::string shown() const;

 private:
  struct Piece {
    std::string literal;
    std::string placeholder;  // after the literal; may be empty
  };
  std::vector<Piece> pieces_;
};

class ReplyTemplates {
 public:
  /// `texts` is a map or null. Keys that it has not are empty texts. Errors are bad_input; Error::reason is
  /// "texts.KEY".
  static Result<ReplyTemplates> read(const Value* texts, std::span<const TextKey> keys);

  /// By its place in `keys`.
  const ReplyTemplate& operator[](std::size_t key) const { return texts_[key]; }

 private:
  std::vector<ReplyTemplate> texts_;
};

}  // namespace mailrig::fakeservers
