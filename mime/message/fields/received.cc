#include "mime/message/fields/received.h"

#include <algorithm>

#include "mime/message/ascii.h"
#include "mime/message/fields/encoded_word.h"
#include "mime/message/tokens.h"

namespace mailrig::mime {
namespace {

bool is_ipv4(std::string_view text) {
  int octets = 0;
  while (true) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    int value = 0;
    for (char c : text.substr(0, std::min<std::size_t>(digits, 4))) value = value * 10 + (c - '0');
    if (digits == 0 || digits > 3 || value > 255 || ++octets > 4) return false;
    text.remove_prefix(digits);
    if (text.empty()) return octets == 4;
    if (text.front() != '.') return false;
    text.remove_prefix(1);
  }
}

bool is_ipv6(std::string_view text) {
  text = text.substr(0, text.find('%'));  // the zone of a link-local address
  return std::ranges::count(text, ':') >= 2 &&
         std::ranges::all_of(text, [](char c) { return hex_digit(c) >= 0 || c == ':' || c == '.'; });
}

/// "192.0.2.1", "192.0.2.1:25", "IPv6:2001:db8::1", without what is around it; empty where it is no address.
std::string_view address_in(std::string_view text) {
  if (equals_ignoring_case(text.substr(0, 5), "ipv6:")) text.remove_prefix(5);
  if (is_ipv6(text)) return text.substr(0, text.find('%'));
  text = text.substr(0, text.find(':'));
  return is_ipv4(text) ? text : std::string_view();
}

bool looks_like_host(std::string_view word) {
  return word.find('.') != std::string_view::npos && word.find_first_of("=@:/") == std::string_view::npos;
}

/// The words of a comment: "b.test [192.0.2.1]", "HELO a.test", "helo=a.test", "192.0.2.1".
class PeerReader {
 public:
  PeerReader(std::string_view comment, Received& hop) : tokens_(comment), hop_(hop) {}

  void read() {
    while (!tokens_.at_end()) {
      const std::string_view word = tokens_.take_while(
          [](char c) { return !is_space(c) && std::string_view("[](),;<>").find(c) == std::string_view::npos; });
      if (!word.empty()) {
        take(word);
      } else if (tokens_.is_at('[')) {
        take_bracketed();
      } else {
        tokens_.skip(1);
      }
    }
  }

 private:
  void take(std::string_view word) {
    const bool is_name = helo_follows_;
    helo_follows_ = false;
    if (is_name) {
      set(hop_.helo, word);
    } else if (equals_ignoring_case(word, "helo") || equals_ignoring_case(word, "ehlo") ||
               equals_ignoring_case(word, "lhlo")) {
      // "HELO)" is followed by nothing.
      helo_follows_ = tokens_.is_at(' ');
    } else if (equals_ignoring_case(word.substr(0, 5), "helo=")) {
      set(hop_.helo, word.substr(5));
    } else if (!address_in(word).empty()) {
      take_address(word);
    } else if (looks_like_host(word)) {
      set(hop_.peer_host, word);
    }
  }

  /// "[192.0.2.1]"; behind HELO it is a name like any other.
  void take_bracketed() {
    tokens_.skip(1);
    const std::string_view inner = tokens_.take_while([](char c) { return c != ']'; });
    if (helo_follows_)
      set(hop_.helo, inner);
    else
      take_address(inner);
    helo_follows_ = false;
  }

  void take_address(std::string_view text) {
    // "[(192.0.2.1)]"
    while (!text.empty() && (is_space(text.front()) || text.front() == '(')) text.remove_prefix(1);
    while (!text.empty() && (is_space(text.back()) || text.back() == ')')) text.remove_suffix(1);
    set(hop_.peer_address, address_in(text));
  }

  static void set(std::string& target, std::string_view text) {
    if (target.empty()) target = raw_text(text);
  }

  Tokens tokens_;
  Received& hop_;
  bool helo_follows_ = false;
};

enum class Clause { none, from, by, via, with, id, for_whom };

struct Keyword {
  std::string_view word;
  Clause clause;
};
constexpr Keyword keywords[] = {{"from", Clause::from}, {"by", Clause::by}, {"via", Clause::via},
                                {"with", Clause::with}, {"id", Clause::id}, {"for", Clause::for_whom}};

class ReceivedReader {
 public:
  ReceivedReader(std::string_view text, Defects* defects) : tokens_(text, defects), defects_(defects) {}

  Received read() {
    while (true) {
      tokens_.skip_blanks();
      if (tokens_.at_end()) break;
      if (tokens_.is_at('(')) {
        take_comment();
      } else if (tokens_.is_at(';')) {
        tokens_.skip(1);
        take_date();
        break;
      } else {
        take_word();
      }
    }
    if (!hop_.date) note(defects_, DefectCode::invalid_date, tokens_.rest().substr(0, 0), "a hop without a date");
    return std::move(hop_);
  }

 private:
  void take_comment() {
    Received::Host* host = clause_ == Clause::from ? &hop_.from : clause_ == Clause::by ? &hop_.by : nullptr;
    std::string comment;
    tokens_.take_comment(comment);
    if (clause_ == Clause::none && hop_.from.name.empty() && equals_ignoring_case(comment.substr(0, 5), "from "))
      return take_submitter(std::string_view(comment).substr(5));
    if (host == nullptr) return;
    if (clause_ == Clause::from) PeerReader(comment, hop_).read();
    if (!host->comment.empty()) host->comment += ' ';
    host->comment += raw_text(comment, defects_);
  }

  /// "(from anna@localhost) by x.test": Sendmail, of a message that was submitted on the machine itself.
  void take_submitter(std::string_view text) {
    const std::size_t size = std::min(text.find(' '), text.size());
    hop_.from.name = raw_text(text.substr(0, size), defects_);
    PeerReader(text.substr(size), hop_).read();
  }

  void take_word() {
    const std::string_view text = tokens_.rest();
    if (tokens_.is_at('<')) {
      const std::size_t end = std::min(text.find('>'), text.size() - 1);
      tokens_.skip(end + 1);
      return add(text.substr(1, end - 1 + (text[end] == '>' ? 0 : 1)));
    }
    if (tokens_.is_at('[')) {
      const std::size_t end = std::min(text.find(']'), text.size() - 1);
      tokens_.skip(end + 1);
      if (clause_ == Clause::from && !hop_.from.name.empty()) PeerReader(text.substr(0, end + 1), hop_).read();
      return add(text.substr(0, end + 1));
    }
    std::string_view word = tokens_.take_while([](char c) { return !is_space(c) && c != '(' && c != ';' && c != '<'; });
    if (word.empty()) return tokens_.skip(1);
    while (word.ends_with(',')) word.remove_suffix(1);
    for (const Keyword& keyword : keywords)
      if (equals_ignoring_case(word, keyword.word)) return begin(keyword.clause);
    if (!word.empty()) add(word);
  }

  void begin(Clause clause) {
    clause_ = clause;
    std::string* value = value_of(clause);
    // "from stdin" behind "from a.test" is not where it came from.
    if (value != nullptr && !value->empty()) clause_ = Clause::none;
  }

  void add(std::string_view word) {
    std::string* value = value_of(clause_);
    if (value == nullptr) return;
    // An identifier and a link are one word (RFC 5321 §4.4); the rest was meant for another clause.
    if (!value->empty() && (clause_ == Clause::id || clause_ == Clause::via)) return;
    if (!value->empty()) *value += ' ';
    *value += raw_text(word, defects_);
  }

  std::string* value_of(Clause clause) {
    switch (clause) {
      case Clause::from: return &hop_.from.name;
      case Clause::by: return &hop_.by.name;
      case Clause::via: return &hop_.via;
      case Clause::with: return &hop_.with;
      case Clause::id: return &hop_.id;
      case Clause::for_whom: return &hop_.for_whom;
      default: return nullptr;
    }
  }

  void take_date() { hop_.date = parse_date(tokens_.rest(), defects_); }

  Tokens tokens_;
  Defects* defects_;
  Received hop_;
  Clause clause_ = Clause::none;
};

}  // namespace

Received parse_received(std::string_view field_body, Defects* defects) {
  return ReceivedReader(field_body, defects).read();
}

}  // namespace mailrig::mime
