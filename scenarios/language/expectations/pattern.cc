#include "scenarios/language/expectations/pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <charconv>
#include <optional>
#include <vector>

#include "base/text.h"

namespace mailrig::scenarios {
namespace {

// A search costs at most the product of both: the octets of the text and the states of the pattern. "(x{100}){100}"
// has a dozen characters and ten thousand states.
constexpr int states_max = 5'000;
// For what RE2 compiles and keeps while it searches.
constexpr std::int64_t memory_max = 8 << 20;

struct Flaw {
  std::size_t at;  // octets from the beginning of the pattern
  std::string what;
};

/// ECMAScript as written by the user, in RE2's notation: the two differ in a handful of places. Where an octet of the
/// result comes from is kept, so that an error can name its place.
class Translation {
 public:
  explicit Translation(std::string_view pattern) : pattern_(pattern) {
    while (at_ < pattern_.size() && !flaw_) step();
    if (!flaw_ && class_begin_) flaw_ = Flaw{*class_begin_, "a [ that is not closed"};
  }

  const std::optional<Flaw>& flaw() const { return flaw_; }
  const std::string& text() const { return text_; }
  std::size_t origin(std::size_t of_text) const { return of_text < origins_.size() ? origins_[of_text] : 0; }

 private:
  void put(std::string_view octets, std::size_t from) {
    text_ += octets;
    origins_.resize(text_.size(), from);
  }

  void step() {
    const std::size_t from = at_;
    const char c = pattern_[at_++];
    if (c == '\\') return escape(from);
    if (class_begin_) {
      // RE2 wants a [ within a class escaped where no [:name:] follows.
      if (c == '[' && !pattern_.substr(at_).starts_with(':')) return put("\\[", from);
      if (c == '[') return named_class(from);
      if (c == ']') class_begin_.reset();
      return put({&c, 1}, from);
    }
    if (c == '[') {
      class_begin_ = from;
      put("[", from);
      if (pattern_.substr(at_).starts_with('^')) put("^", at_++);
      if (pattern_.substr(at_).starts_with(']')) flaw_ = Flaw{from, "a [ ] that holds nothing"};
      return;
    }
    if (c == '.') return put("[^\\n\\r]", from);  // any but a line terminator
    if (c == '{') return repetition(from);
    if (c == '(' && pattern_.substr(at_).starts_with('?') && !pattern_.substr(at_).starts_with("?:")) {
      flaw_ = Flaw{from, "a (? group other than (?: ); looking ahead and behind is not supported"};
      return;
    }
    put({&c, 1}, from);
  }

  void named_class(std::size_t from) {
    const std::size_t end = pattern_.find(":]", at_ + 1);
    if (end == std::string_view::npos) {
      flaw_ = Flaw{from, "a [: that is not closed by :]"};
      return;
    }
    put(pattern_.substr(from, end + 2 - from), from);
    at_ = end + 2;
  }

  /// RE2 takes a { that begins no repetition for itself; here it is an error of the user.
  void repetition(std::size_t from) {
    std::size_t end = pattern_.find('}', from);
    if (end == std::string_view::npos) {
      flaw_ = Flaw{from, "a { that is not closed"};
      return;
    }
    std::string_view inside = pattern_.substr(from + 1, end - from - 1);
    const std::size_t comma = inside.find(',');
    auto all_digits = [](std::string_view text) {
      return text.find_first_not_of("0123456789") == std::string_view::npos;
    };
    const std::string_view low = inside.substr(0, comma);
    const std::string_view high = comma == std::string_view::npos ? std::string_view() : inside.substr(comma + 1);
    if (low.empty() || !all_digits(low) || !all_digits(high)) {
      flaw_ = Flaw{from, "a { } that holds no range"};
      return;
    }
    put(pattern_.substr(from, end + 1 - from), from);
    at_ = end + 1;
  }

  void escape(std::size_t from) {
    if (at_ == pattern_.size()) {
      flaw_ = Flaw{from, "a \\ at the end"};
      return;
    }
    const char c = pattern_[at_++];
    switch (c) {
      case '0': return put("\\x00", from);
      case 'b': return put(class_begin_ ? "\\x08" : "\\b", from);
      case 'B':
      case 'd':
      case 'D':
      case 'w':
      case 'W':
      case 'f':
      case 'n':
      case 'r':
      case 't':
      case 'v': return put(pattern_.substr(from, 2), from);
      // ECMAScript counts the vertical tab to white space, RE2 does not.
      case 's': return put(class_begin_ ? "\\s\\v" : "[\\s\\v]", from);
      case 'S':
        if (class_begin_) {
          flaw_ = Flaw{from, "\\S within [ ]; write [^\\s] by itself"};
          return;
        }
        return put("[^\\s\\v]", from);
      case 'x': return code(from, 2);
      case 'u': return code(from, 4);
      case 'c':
        if (at_ == pattern_.size()) {
          flaw_ = Flaw{from, "a \\c that no letter follows"};
          return;
        }
        return put(fmt::format("\\x{:02x}", static_cast<unsigned char>(pattern_[at_++]) % 32), from);
      default: break;
    }
    if (c >= '1' && c <= '9') {
      flaw_ = Flaw{from, "a back-reference; those are not supported"};
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      flaw_ = Flaw{from, fmt::format("an unknown escape \\{}", c)};
    } else {
      put(pattern_.substr(from, 2), from);
    }
  }

  /// "\x41", "\u0041": of one octet, since texts are octets.
  void code(std::size_t from, std::size_t digits) {
    const std::string_view hex = pattern_.substr(at_, digits);
    unsigned value = 0;
    auto [end, failure] = std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
    if (hex.size() != digits || failure != std::errc{} || end != hex.data() + hex.size()) {
      flaw_ = Flaw{from, fmt::format("a \\{} without its {} hexadecimal digits", digits == 2 ? 'x' : 'u', digits)};
      return;
    }
    if (value > 0xff) {
      flaw_ = Flaw{from, "a \\u beyond \\u00ff: texts are matched octet by octet, so write the character itself"};
      return;
    }
    put(fmt::format("\\x{:02x}", value), from);
    at_ += digits;
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  std::optional<std::size_t> class_begin_;
  std::string text_;
  std::vector<std::size_t> origins_;
  std::optional<Flaw> flaw_;
};

std::string explain(re2::RE2::ErrorCode code) {
  switch (code) {
    case re2::RE2::ErrorBadEscape: return "an unknown escape, or a \\ at the end";
    case re2::RE2::ErrorBadCharClass: return "an unknown character class";
    case re2::RE2::ErrorBadCharRange: return "a range whose end is before its beginning";
    case re2::RE2::ErrorMissingBracket: return "a [ that is not closed";
    case re2::RE2::ErrorMissingParen: return "a ( that is not closed";
    case re2::RE2::ErrorUnexpectedParen: return "a ) that was not opened";
    case re2::RE2::ErrorRepeatArgument: return "a * + ? or { with nothing before it";
    case re2::RE2::ErrorRepeatSize: return "a repetition that is too large (1000 at most) or ends before it begins";
    case re2::RE2::ErrorRepeatOp: return "a repetition of a repetition";
    case re2::RE2::ErrorPatternTooLarge: return "more states than are allowed";
    default: return "an error";
  }
}

/// Where an error of RE2 is in the user's pattern: it names the piece, not the place.
std::size_t place_of(const re2::RE2& regex, const Translation& translation) {
  if (regex.error_code() == re2::RE2::ErrorMissingParen) {
    // The piece is the whole pattern: the last ( that nothing closes is meant.
    std::vector<std::size_t> open;
    bool in_class = false;
    const std::string& text = translation.text();
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\') {
        ++i;
      } else if (in_class) {
        in_class = text[i] != ']';
      } else if (text[i] == '[') {
        in_class = true;
      } else if (text[i] == '(') {
        open.push_back(i);
      } else if (text[i] == ')' && !open.empty()) {
        open.pop_back();
      }
    }
    return open.empty() ? 0 : translation.origin(open.back());
  }
  const std::size_t found = translation.text().find(regex.error_arg());
  return found == std::string::npos ? 0 : translation.origin(found);
}

Error flawed(std::string_view pattern, const Flaw& flaw) {
  return {Errc::bad_input,
          fmt::format("the pattern \"{}\" has {}, at character {}", printable(pattern), flaw.what, flaw.at + 1)};
}

re2::RE2::Options options() {
  re2::RE2::Options made;
  made.set_encoding(re2::RE2::Options::EncodingLatin1);  // texts are octets, in any charset or none
  made.set_log_errors(false);
  made.set_max_mem(memory_max);
  return made;
}

class CompiledPattern final : public Pattern {
 public:
  CompiledPattern(std::string_view text, const std::string& translated) : text_(text), regex_(translated, options()) {}

  const re2::RE2& regex() const { return regex_; }

  bool found_in(std::string_view text) const override {
    text = text.substr(0, text_octets_max);
    return regex_.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
  }

  std::size_t count_in(std::string_view text) const override {
    text = text.substr(0, text_octets_max);
    const re2::StringPiece whole(text.data(), text.size());
    std::size_t count = 0;
    re2::StringPiece match;
    for (std::size_t from = 0;
         from <= text.size() && regex_.Match(whole, from, text.size(), re2::RE2::UNANCHORED, &match, 1); ++count) {
      const std::size_t end = static_cast<std::size_t>(match.data() - text.data()) + match.size();
      from = match.empty() ? end + 1 : end;
    }
    return count;
  }

  const std::string& text() const override { return text_; }

 private:
  std::string text_;
  re2::RE2 regex_;
};

}  // namespace

Result<std::shared_ptr<const Pattern>> Pattern::compile(std::string_view text) {
  if (text.size() > octets_max)
    return Error{Errc::bad_input,
                 fmt::format("a pattern of {} octets; at most {} are allowed", text.size(), octets_max)};
  const Translation translation(text);
  if (translation.flaw()) return flawed(text, *translation.flaw());
  auto compiled = std::make_shared<CompiledPattern>(text, translation.text());
  const re2::RE2& regex = compiled->regex();
  if (!regex.ok()) return flawed(text, {place_of(regex, translation), explain(regex.error_code())});
  if (regex.ProgramSize() > states_max)
    return Error{Errc::bad_input,
                 fmt::format("the pattern \"{}\" has {} states; at most {} are allowed, so that it is searched for in "
                             "bounded time: repeat less",
                             printable(text), regex.ProgramSize(), states_max)};
  return std::shared_ptr<const Pattern>(std::move(compiled));
}

}  // namespace mailrig::scenarios
