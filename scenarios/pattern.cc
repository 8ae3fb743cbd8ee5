#include "scenarios/pattern.h"

#include <fmt/format.h>

#include <regex>

#include "base/text.h"

namespace mailrig::scenarios {
namespace {

std::string_view explain(std::regex_constants::error_type code) {
  switch (code) {
    case std::regex_constants::error_collate: return "an unknown collating element";
    case std::regex_constants::error_ctype: return "an unknown character class";
    case std::regex_constants::error_escape: return "an unknown escape, or a \\ at the end";
    case std::regex_constants::error_backref: return "a reference to a group that is not there";
    case std::regex_constants::error_brack: return "a [ that is not closed";
    case std::regex_constants::error_paren:
      return "a parenthesis that is not closed or not opened, or a * + or ? with nothing before it";
    case std::regex_constants::error_brace: return "a { that is not closed";
    case std::regex_constants::error_badbrace: return "a { } that holds no range";
    case std::regex_constants::error_range: return "a range whose end is before its beginning";
    case std::regex_constants::error_space: return "more states than are allowed";
    case std::regex_constants::error_badrepeat: return "a * + ? or { with nothing before it";
    case std::regex_constants::error_complexity: return "a back-reference; those are not supported";
    default: return "something that is no regular expression";
  }
}

class CompiledPattern final : public Pattern {
 public:
  // Polynomial: the breadth-first matcher of libstdc++, which neither backtracks nor recurses over the text.
  explicit CompiledPattern(std::string_view text)
      : text_(text), regex_(text_, std::regex_constants::ECMAScript | std::regex_constants::__polynomial) {}

  bool found_in(std::string_view text) const override {
    text = text.substr(0, text_octets_max);
    return std::regex_search(text.begin(), text.end(), regex_);
  }

  std::size_t count_in(std::string_view text) const override {
    text = text.substr(0, text_octets_max);
    using Iterator = std::regex_iterator<std::string_view::const_iterator>;
    return static_cast<std::size_t>(std::distance(Iterator(text.begin(), text.end(), regex_), Iterator()));
  }

  const std::string& text() const override { return text_; }

 private:
  std::string text_;
  std::regex regex_;
};

}  // namespace

Result<std::shared_ptr<const Pattern>> Pattern::compile(std::string_view text) {
  if (text.size() > octets_max)
    return Error{Errc::bad_input,
                 fmt::format("a pattern of {} octets; at most {} are allowed", text.size(), octets_max)};
  try {
    return std::shared_ptr<const Pattern>(std::make_shared<CompiledPattern>(text));
  } catch (const std::regex_error& error) {
    return Error{Errc::bad_input, fmt::format("the pattern \"{}\" has {}", printable(text), explain(error.code()))};
  }
}

}  // namespace mailrig::scenarios
