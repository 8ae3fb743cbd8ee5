#include "mime/message/fields/address_spec.h"

#include "mime/message/ascii.h"
#include "mime/message/header.h"

namespace mailrig::mime {
namespace {

/// RFC 5322 §3.2.3 and RFC 6532 §3.2.
bool is_atom_character(char c) {
  return is_letter(c) || is_digit(c) || is_eight_bit(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_dot_atom(std::string_view text) {
  bool after_dot = true;
  for (char c : text) {
    if (c == '.' ? after_dot : !is_atom_character(c)) return false;
    after_dot = c == '.';
  }
  return !after_dot;
}

/// Atoms and quoted strings with dots between (the obsolete form mixes them).
bool is_local_part(std::string_view text) {
  if (text.find('"') == std::string_view::npos) return is_dot_atom(text);
  Tokens tokens(text);
  while (true) {
    if (tokens.is_at('"')) {
      const std::size_t size = tokens.quoted_size();
      if (size == 0) return false;
      tokens.skip(size);
    } else if (tokens.take_while(is_atom_character).empty()) {
      return false;
    }
    if (tokens.at_end()) return true;
    if (!tokens.is_at('.')) return false;
    tokens.skip(1);
  }
}

bool is_domain(std::string_view text) {
  if (!text.starts_with('[')) return is_dot_atom(text);
  return text.ends_with(']') && text.find_first_of("[]\\", 1) == text.size() - 1;
}

void check(std::string_view address, std::string_view where, Defects* defects) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) {
    note(defects, DefectCode::address_without_domain, where, "read as it stands");
    if (!is_local_part(address)) note(defects, DefectCode::invalid_address, where, "read as it stands");
    return;
  }
  if (!is_local_part(address.substr(0, at))) note(defects, DefectCode::invalid_address, where, "read as it stands");
  if (!is_domain(address.substr(at + 1))) note(defects, DefectCode::invalid_domain, where, "read as it stands");
}

/// Blanks and comments are allowed around dots and at signs alone (RFC 5322 §4.4).
bool joins(char c) { return c == '.' || c == '@' || c == ':' || c == ','; }

/// Two words that no dot joins are no address: put together they would be one that nobody wrote, and that may exist.
/// Where one of the words is an address and no other has an at sign, that word is meant; else all stays as written.
std::string as_written(std::string_view text) {
  std::string line = unfold(text);
  if (line.find_first_of("(\"\\") != std::string::npos) return line;
  std::string_view meant;
  for (std::string_view rest = line; !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    const std::size_t at = word.find('@');
    if (at == std::string_view::npos) continue;
    if (!meant.empty() || !is_local_part(word.substr(0, at)) || !is_domain(word.substr(at + 1))) return line;
    meant = word;
  }
  return meant.empty() ? line : std::string(meant);
}

/// Comments out, blanks out, quoted strings as they are but unfolded.
class SpecReader {
 public:
  SpecReader(std::string_view text, std::string& comment, Defects* defects)
      : text_(text), tokens_(text), comment_(comment), defects_(defects) {}

  std::string read() {
    bool blank = false;
    while (true) {
      const std::size_t left = tokens_.rest().size();
      take_blanks_and_comments();
      blank = tokens_.rest().size() < left;
      if (tokens_.at_end()) return words_touch_ ? as_written(text_) : std::move(out_);
      if (blank && !out_.empty()) take_blank();
      const std::size_t quoted = tokens_.is_at('"') ? tokens_.quoted_size() : 0;
      if (quoted > 0)
        take_quoted(quoted);
      else
        take_character();
    }
  }

 private:
  void take_blanks_and_comments() {
    tokens_.skip_blanks();
    while (tokens_.is_at('(') && !lone_parenthesis_) {
      lone_parenthesis_ = tokens_.comment_size() == 0;
      if (lone_parenthesis_) return;
      if (!comment_.empty() && comment_.back() != ' ') comment_ += ' ';
      tokens_.take_comment(comment_);
      tokens_.skip_blanks();
    }
  }

  void take_blank() {
    const std::string_view where = tokens_.rest().substr(0, 0);
    if (out_.back() == '@' || tokens_.is_at('@')) {
      note(defects_, DefectCode::comment_beside_at, where, "taken out");
    } else if (joins(out_.back()) || joins(tokens_.peek())) {
      note(defects_, DefectCode::obsolete_address, where, "blanks and comments within an address are taken out");
    } else {
      if (!words_touch_) note(defects_, DefectCode::invalid_address, where, "two words are not joined to an address");
      words_touch_ = true;
    }
  }

  void take_quoted(std::size_t size) {
    for (char c : tokens_.rest().substr(0, size))
      if (c != '\r' && c != '\n') out_ += c;
    tokens_.skip(size);
  }

  void take_character() {
    const std::size_t size = tokens_.is_at('\\') && tokens_.rest().size() > 1 ? 2 : 1;
    out_ += tokens_.rest().substr(0, size);
    tokens_.skip(size);
  }

  std::string_view text_;
  Tokens tokens_;
  bool lone_parenthesis_ = false;  // one was met: all after it are but characters
  bool words_touch_ = false;       // with nothing between but a blank or a comment
  std::string& comment_;
  Defects* defects_;
  std::string out_;
};

// Within an address; RFC 5322 §2.1.1 has no longer lines.
constexpr std::size_t comment_octets_max = 998;

/// Behind the opening bracket: where the address ends, and whether a bracket ends it.
struct Angle {
  std::size_t size = 0;
  bool closed = false;
};
Angle angle_of(std::string_view text) {
  Tokens tokens(text);
  const auto size = [&] { return text.size() - tokens.rest().size(); };
  const bool has_route = trimmed(text).starts_with('@');
  while (!tokens.at_end()) {
    const char c = tokens.peek();
    if (c == '>') return {size(), true};
    if (c == '<' || (c == ',' && !has_route)) return {size(), false};
    const std::size_t quoted = c == '"' ? tokens.quoted_size() : 0;
    // A lone parenthesis must not swallow the bracket.
    const std::size_t comment = c == '(' ? Tokens(tokens.rest().substr(0, comment_octets_max)).comment_size() : 0;
    if (comment > 0) {
      tokens.skip(comment);
    } else if (c == '\\' && tokens.rest().size() > 1) {
      tokens.skip(2);
    } else {
      tokens.skip(quoted > 0 ? quoted : 1);
    }
  }
  return {size(), false};
}

}  // namespace

std::size_t domain_literal_size(std::string_view text) {
  // RFC 5322 allows more characters; no address has them, and an unclosed bracket must not swallow what follows.
  const std::size_t end = text.find_first_of(" \t\r\n<>,;()\"\\]", 1);
  return end != std::string_view::npos && text[end] == ']' ? end + 1 : 0;
}

AddressSpec parse_address_spec(std::string_view text, std::string& comment, Defects* defects) {
  AddressSpec spec;
  if (text.find_first_of(" \t\r\n(\"\\") == std::string_view::npos)
    spec.address = text;
  else
    spec.address = SpecReader(text, comment, defects).read();
  if (spec.address.starts_with('@')) {
    const std::size_t colon = spec.address.find(':');
    if (colon != std::string::npos) {
      note(defects, DefectCode::obsolete_address, text, "the route is kept apart");
      spec.route = spec.address.substr(0, colon);
      spec.address.erase(0, colon + 1);
    }
  }
  if (defects != nullptr) check(spec.address, text, defects);
  return spec;
}

AddressSpec take_address_spec(Tokens& tokens, std::string& comment, Defects* defects) {
  const std::string_view start = tokens.rest();
  // "<<anna@x.test>>"
  while (tokens.is_at('<')) {
    tokens.skip(1);
    tokens.skip_blanks();
  }
  const std::string_view text = tokens.rest();
  const Angle angle = angle_of(text);
  if (!angle.closed || (start.size() > text.size() + 1 && start.substr(1, 1) == "<"))
    note(defects, DefectCode::unclosed_angle, start.substr(0, 1), "closed where the address ends");
  tokens.skip(angle.size);
  while (angle.closed && tokens.is_at('>')) tokens.skip(1);
  const std::string_view inner = trimmed(text.substr(0, angle.size));
  if (inner.empty()) {
    note(defects, DefectCode::invalid_address, start.substr(0, 1), "no address at all");
    return {};
  }
  return parse_address_spec(inner, comment, defects);
}

}  // namespace mailrig::mime
