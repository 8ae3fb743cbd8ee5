#include "fakeservers/smtp/path.h"

#include <algorithm>

#include "base/ascii.h"

namespace mailrig::fakeservers::smtp {
namespace {

bool is_alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_high(char c) { return static_cast<unsigned char>(c) >= 0x80; }
bool is_graphic(char c) { return c > ' ' && c < '\x7F'; }

/// atext of RFC 5322 §3.2.3.
bool is_atext(char c, bool utf8) {
  return is_alnum(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos ||
         (utf8 && is_high(c));
}

/// Reads an address from the front of `text_`, piece by piece; each function says whether the piece was there.
class Reader {
 public:
  Reader(std::string_view text, PathRules rules) : text_(text), rules_(rules) {}

  bool take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::string_view rest() const { return text_; }

  /// "@a.test,@b.test:" is read and forgotten (RFC 5321 §4.1.2: it must be accepted and should be ignored).
  bool route() {
    if (!text_.starts_with('@')) return true;
    do {
      if (!take('@') || !domain()) return false;
    } while (take(','));
    return take(':');
  }

  bool mailbox() {
    std::size_t before = text_.size();
    if (!(text_.starts_with('"') ? quoted_string() : dot_string())) return false;
    if (before - text_.size() > local_part_octets_max) return false;
    return !take('@') || domain_or_literal();
  }

 private:
  bool dot_string() {
    do {
      std::size_t length = 0;
      while (length < text_.size() && is_atext(text_[length], rules_.utf8)) ++length;
      if (length == 0) return false;
      text_.remove_prefix(length);
    } while (take('.'));
    return true;
  }

  bool quoted_string() {
    take('"');
    while (!text_.empty() && text_.front() != '"') {
      bool escaped = take('\\');
      if (text_.empty()) return false;
      char c = text_.front();
      if (!(c == ' ' || is_graphic(c) || (!escaped && rules_.utf8 && is_high(c)))) return false;
      text_.remove_prefix(1);
    }
    return take('"');
  }

  bool domain() {
    std::size_t before = text_.size();
    do {
      std::size_t length = 0;
      while (length < text_.size() &&
             (is_alnum(text_[length]) || text_[length] == '-' || (rules_.utf8 && is_high(text_[length]))))
        ++length;
      if (length == 0 || text_[0] == '-' || text_[length - 1] == '-') return false;
      text_.remove_prefix(length);
    } while (take('.'));
    return before - text_.size() <= domain_octets_max;
  }

  bool domain_or_literal() {
    if (!take('[')) return domain();
    std::size_t length = 0;
    while (length < text_.size() && (is_alnum(text_[length]) || text_[length] == '.' || text_[length] == ':')) ++length;
    text_.remove_prefix(length);
    return length > 0 && length <= domain_octets_max && take(']');
  }

  std::string_view text_;
  PathRules rules_;
};

bool is_postmaster(std::string_view address) {
  return std::ranges::equal(address, std::string_view("postmaster"), {}, lower);
}

}  // namespace

std::optional<Path> parse_path(std::string_view text, PathKind kind, PathRules rules) {
  if (!rules.strict && text.starts_with(' ')) text.remove_prefix(1);
  Reader reader(text, rules);
  if (!reader.take('<')) return std::nullopt;
  const bool null = kind == PathKind::reverse && reader.rest().starts_with('>');
  if (!null && !reader.route()) return std::nullopt;
  std::string_view begin = reader.rest();
  if (!null && !reader.mailbox()) return std::nullopt;
  std::string_view address = begin.substr(0, begin.size() - reader.rest().size());
  if (!reader.take('>')) return std::nullopt;
  bool has_domain = !address.ends_with('"') && address.find('@') != std::string_view::npos;
  if (rules.strict && !null && !has_domain && !is_postmaster(address)) return std::nullopt;
  if (text.size() - reader.rest().size() > path_octets_max) return std::nullopt;
  if (!reader.rest().empty() && reader.rest().front() != ' ') return std::nullopt;
  return Path{std::string(address), reader.rest()};
}

std::optional<Parameters> parse_parameters(std::string_view text) {
  Parameters parameters;
  while (!text.empty()) {
    if (text.front() == ' ') {
      text.remove_prefix(1);
      continue;
    }
    std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    std::size_t equals = word.find('=');
    std::string_view name = word.substr(0, equals);
    bool sound = !name.empty() && is_alnum(name.front()) &&
                 std::ranges::all_of(name, [](char c) { return is_alnum(c) || c == '-'; });
    std::string_view value = equals == std::string_view::npos ? std::string_view() : word.substr(equals + 1);
    // RFC 5321 §4.1.2: esmtp-value is any graphic character but "=" (and UTF-8, RFC 6531 §3.4), and not empty.
    sound = sound && (equals == std::string_view::npos || !value.empty()) &&
            std::ranges::all_of(value, [](char c) { return (is_graphic(c) && c != '=') || is_high(c); });
    if (!sound) return std::nullopt;
    std::string capitals(name);
    for (char& c : capitals)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    parameters.emplace_back(std::move(capitals), value);
  }
  return parameters;
}

std::string canonical_address(std::string_view address) {
  std::string canonical;
  bool quoted = address.starts_with('"');
  for (std::size_t i = quoted ? 1 : 0; i < address.size(); ++i) {
    if (quoted && address[i] == '"') {
      quoted = false;
      continue;
    }
    if (quoted && address[i] == '\\' && i + 1 < address.size()) ++i;
    canonical += lower(address[i]);
  }
  return canonical;
}

std::string domain_of(std::string_view address) {
  std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) return {};
  std::string domain(address.substr(at + 1));
  std::ranges::transform(domain, domain.begin(), lower);
  return domain;
}

bool is_hello_name(std::string_view text) {
  return !text.empty() && text.size() <= domain_octets_max && std::ranges::all_of(text, [](char c) {
    return is_alnum(c) || is_high(c) || std::string_view("-._:[]").find(c) != std::string_view::npos;
  });
}

}  // namespace mailrig::fakeservers::smtp
