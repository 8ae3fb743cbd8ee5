#include "mime/message/fields/address.h"

#include <algorithm>
#include <span>
#include <utility>

#include "mime/message/ascii.h"
#include "mime/message/fields/address_spec.h"
#include "mime/message/fields/encoded_word.h"
#include "mime/message/tokens.h"

namespace mailrig::mime {
namespace {

/// An atom or a quoted string as it is written, outside of angles.
struct Word {
  std::string_view text;  // with its quotes
  bool quoted = false;
  bool blank_before = false;
  bool glued = false;  // to the word before it, by a comment without blanks: "sil(x)ly.test"

  /// An at sign that is none of a quoted or encoded text.
  bool holds_at() const { return !quoted && !text.starts_with("=?") && text.find('@') != std::string_view::npos; }
};

bool ends_atom(char c) {
  return is_space(c) || c == ',' || c == ';' || c == ':' || c == '<' || c == '>' || c == '(' || c == '"';
}

/// Collects one address at a time while the field is read from left to right.
class AddressReader {
 public:
  AddressReader(std::string_view text, Defects* defects, Charsets* charsets)
      : tokens_(text, defects), defects_(defects), charsets_(charsets != nullptr ? charsets : &own_charsets_) {}

  AddressList read() {
    while (!tokens_.at_end() && !is_full()) take();
    end_address();
    if (group_) note(defects_, DefectCode::unclosed_group, tokens_.rest(), "closed at the end of the field");
    return std::move(list_);
  }

 private:
  bool is_full() {
    if (list_.mailboxes.size() < addresses_max && list_.groups.size() < addresses_max) return false;
    note(defects_, DefectCode::address_count_limit, tokens_.rest(), "not read");
    tokens_.move_to({});
    words_.clear();
    spec_.reset();
    return true;
  }

  void take() {
    const char c = tokens_.peek();
    if (is_space(c)) {
      tokens_.skip_blanks();
      blank_ = true;
      glued_ = false;
    } else if (c == '(' && begins_comment()) {
      if (!comment_.empty()) comment_ += ' ';
      tokens_.take_comment(comment_);
      glued_ = glued_ || !blank_;
      blank_ = true;
    } else if (c == '"' && tokens_.quoted_size() > 0) {
      take_quoted();
    } else if (c == '<') {
      take_angle();
    } else if (c == ',' || c == ';') {
      take_separator(c);
    } else if (c == ':' && begins_group()) {
      take_group();
    } else if (c == '>') {
      note(defects_, DefectCode::unclosed_angle, tokens_.rest().substr(0, 1), "passed over");
      tokens_.skip(1);
    } else {
      take_atom();
    }
  }

  /// "Anna (work <a@x.test>": what nothing closes must not swallow an address.
  bool begins_comment() {
    if (lone_parenthesis_) return false;
    lone_parenthesis_ = tokens_.comment_size() == 0 && tokens_.rest().find('<') != std::string_view::npos;
    if (lone_parenthesis_)
      note(defects_, DefectCode::unclosed_comment, tokens_.rest().substr(0, 1), "read as any other character");
    return !lone_parenthesis_;
  }

  /// "\"Acme =?utf-8?q?=C3=96l\"?=": the quote that closes cuts an encoded word.
  void take_quoted() {
    const std::size_t size = tokens_.quoted_size();
    const std::string_view text = tokens_.rest();
    add_word(text.substr(0, size + rest_of_cut_word(text.substr(1, size - 2), text.substr(size))), /*quoted=*/true);
  }

  void take_separator(char c) {
    end_address();
    const std::string_view where = tokens_.rest().substr(0, 1);
    tokens_.skip(1);
    if (c == ',') return;
    if (!group_) note(defects_, DefectCode::wrong_separator, where, "read as a comma");
    group_.reset();
  }

  /// "a@b:c" is the name of none.
  bool begins_group() const { return !spec_ && !words_.empty() && !holds_at(words_); }

  void take_group() {
    if (group_) note(defects_, DefectCode::unclosed_group, words_.front().text, "closed where the next one begins");
    group_ = list_.groups.size();
    list_.groups.push_back(phrase(words_));
    words_.clear();
    comment_.clear();
    tokens_.skip(1);
  }

  void take_atom() {
    const std::string_view text = tokens_.rest();
    if (text.front() == '"')
      note(defects_, DefectCode::unclosed_quote, text.substr(0, 1), "read as any other character");
    // "=?utf-8?Q?Doe,_John?="
    std::size_t size = encoded_word_size(text);
    while (size == 0 || (size < text.size() && !ends_atom(text[size]))) {
      if (text[size] == '\\' && size + 1 < text.size()) ++size;
      // "a@[IPv6:2001:db8::1]"
      const bool literal = text[size] == '[' && size > 0 && text[size - 1] == '@';
      size += std::max<std::size_t>(literal ? domain_literal_size(text.substr(size)) : 0, 1);
    }
    add_word(text.substr(0, size), /*quoted=*/false);
  }

  void add_word(std::string_view text, bool quoted) {
    words_.push_back({text, quoted, std::exchange(blank_, false), std::exchange(glued_, false)});
    tokens_.skip(text.size());
  }

  void take_angle() {
    if (spec_) {
      // "A <a@x.test> B <b@x.test>"
      note(defects_, DefectCode::missing_comma, tokens_.rest().substr(0, 0), "read as if it were there");
      std::vector<Word> next(words_.begin() + static_cast<std::ptrdiff_t>(name_words_), words_.end());
      words_.resize(name_words_);
      end_address();
      words_ = std::move(next);
    }
    spec_ = take_address_spec(tokens_, comment_, defects_);
    name_words_ = words_.size();
    blank_ = true;
  }

  void end_address() {
    if (spec_)
      end_angle_address();
    else
      end_bare_address();
    words_.clear();
    comment_.clear();
    spec_.reset();
    blank_ = glued_ = false;
  }

  void end_angle_address() {
    const std::span<const Word> words(words_);
    std::span<const Word> name = words.first(name_words_);
    const std::span<const Word> behind = words.subspan(name_words_);
    if (!behind.empty()) {
      note(defects_, DefectCode::invalid_address, behind.front().text, "text behind the angle bracket");
      if (name.empty()) name = behind;  // "<a@x.test> Anna"
    }
    check_phrase(name);
    add(phrase(name), std::move(*spec_));
  }

  /// "a@x.test", "a . b @ x.test", "Anna a@x.test", "a@x.test b@x.test", "Anna".
  void end_bare_address() {
    if (words_.empty()) return;
    const std::span<const Word> words(words_);
    const std::size_t mailboxes = list_.mailboxes.size();
    std::size_t name = 0;  // words from here to `at` belong to no address
    bool found = false;
    for (std::size_t at = 0, end = 0; at < words.size(); at = end) {
      end = cluster_end(at);
      if (!holds_at(words.subspan(at, end - at))) continue;
      if (found) note(defects_, DefectCode::missing_comma, words[at].text.substr(0, 0), "read as if it were there");
      if (at > name) note(defects_, DefectCode::invalid_address, words[name].text, "a name without angle brackets");
      add(phrase(words.subspan(name, at - name)), spec_of(words.subspan(at, end - at)));
      found = true;
      name = end;
    }
    if (found) {
      if (name < words.size()) {
        note(defects_, DefectCode::invalid_address, words[name].text, "text behind the address");
        // "@a:" alone is a route to nobody, and was not added.
        if (list_.mailboxes.size() > mailboxes && list_.mailboxes.back().name.empty())
          list_.mailboxes.back().name = phrase(words.subspan(name));
      }
      return;
    }
    note(defects_, DefectCode::address_without_domain, words.front().text, "read as it stands");
    const bool is_local = words.size() == 1 && !words.front().quoted && !words.front().text.starts_with("=?");
    if (is_local)
      add({}, AddressSpec{raw_text(words.front().text, defects_), {}});
    else
      add(phrase(words), {});
  }

  /// What is joined without blanks, or by an at sign or a dot with blanks around it. In "Dr. a@x.test" and "a@x.test.
  /// Bye" the dot joins nothing: the address would be another one.
  std::size_t cluster_end(std::size_t at) const {
    std::size_t end = at + 1;
    while (end < words_.size() && are_joined(words_[end - 1], words_[end])) ++end;
    return end;
  }

  static bool are_joined(const Word& left, const Word& right) {
    return !right.blank_before || right.glued || left.text.back() == '@' || right.text.front() == '@' ||
           left.text == "." || right.text == ".";
  }

  static bool holds_at(std::span<const Word> words) { return std::ranges::any_of(words, &Word::holds_at); }

  AddressSpec spec_of(std::span<const Word> words) {
    if (words.size() == 1) return parse_address_spec(words.front().text, comment_, defects_);
    const char* end = words.back().text.data() + words.back().text.size();
    const char* begin = words.front().text.data();
    // The comments between were read already.
    std::string unwanted;
    return parse_address_spec({begin, static_cast<std::size_t>(end - begin)}, unwanted, defects_);
  }

  void add(std::string name, AddressSpec spec) {
    if (name.empty() && spec.address.empty()) return;
    if (list_.mailboxes.size() == addresses_max) {  // "a@x b@x c@x ...", all in one entry
      note(defects_, DefectCode::address_count_limit, tokens_.rest(), "not read");
      return;
    }
    Mailbox& mailbox = list_.mailboxes.emplace_back();
    mailbox.name = std::move(name);
    mailbox.comment = comment_.empty() ? std::string() : decode_words(comment_, defects_, charsets_);
    if (mailbox.name.empty()) mailbox.name = mailbox.comment;
    mailbox.address = raw_text(spec.address, defects_);
    mailbox.route = raw_text(spec.route, defects_);
    mailbox.group = group_;
  }

  void check_phrase(std::span<const Word> words) const {
    if (defects_ == nullptr) return;
    for (const Word& word : words) {
      if (word.quoted) continue;
      if (word.text.find_first_of("@[]\\") != std::string_view::npos)
        note(defects_, DefectCode::invalid_address, word.text, "the name is read as it stands");
      else if (word.text.find('.') != std::string_view::npos)
        note(defects_, DefectCode::obsolete_address, word.text, "read as a part of the name");
    }
  }

  /// A display name. Atoms are decoded together, since a word may end in the next one; a quoted string is not decoded
  /// together with them.
  std::string phrase(std::span<const Word> words) {
    if (words.size() == 1 && !words.front().quoted) return decode_words(words.front().text, defects_, charsets_);
    std::string name;
    std::string atoms;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const Word& word = words[i];
      if (!word.quoted) {
        if (word.blank_before && !atoms.empty()) atoms += ' ';
        if (word.blank_before && atoms.empty() && i > 0) name += ' ';
        atoms += word.text;
        continue;
      }
      if (!atoms.empty()) name += decode_words(atoms, defects_, charsets_);
      atoms.clear();
      if (word.blank_before && i > 0) name += ' ';
      std::string quoted;
      Tokens tokens(word.text);
      tokens.take_quoted(quoted);
      quoted += tokens.rest();  // of an encoded word that the quote cuts
      name += decode_words(quoted, defects_, charsets_, WordPlace::quoted);
    }
    return name += decode_words(atoms, defects_, charsets_);
  }

  Tokens tokens_;
  Defects* defects_;
  Charsets own_charsets_;  // for those who keep none
  Charsets* charsets_;
  std::vector<Word> words_;
  std::size_t name_words_ = 0;  // those before the angle
  bool blank_ = false;
  bool glued_ = false;
  bool lone_parenthesis_ = false;  // one was met: all behind it are but characters
  std::string comment_;
  std::optional<AddressSpec> spec_;  // what stood in angles
  std::optional<std::size_t> group_;
  AddressList list_;
};

}  // namespace

std::string Mailbox::local() const {
  const std::string_view written = std::string_view(address).substr(0, address.rfind('@'));
  std::string text;
  for (Tokens tokens(written); !tokens.at_end();) {
    if (tokens.is_at('"'))
      tokens.take_quoted(text);
    else
      text += tokens.take_while([](char c) { return c != '"'; });
  }
  return text;
}

std::string_view Mailbox::domain() const {
  const std::size_t at = address.rfind('@');
  return at == std::string::npos ? std::string_view() : std::string_view(address).substr(at + 1);
}

AddressList parse_address_list(std::string_view field_body, Defects* defects, Charsets* charsets) {
  return AddressReader(field_body, defects, charsets).read();
}

const Defect* doubtful_address(const Defects& defects) {
  for (const Defect& defect : defects.list()) {
    // What was meant is certain with these.
    const bool harmless = defect.code == DefectCode::obsolete_address || defect.code == DefectCode::wrong_separator;
    if (kind_of(defect.code).severity == Severity::must && !harmless) return &defect;
  }
  return nullptr;
}

std::vector<Address> parse_addresses(std::string_view field_body) {
  std::vector<Address> found;
  for (Mailbox& mailbox : parse_address_list(field_body).mailboxes)
    if (!mailbox.domain().empty() && !mailbox.address.starts_with('@'))
      found.push_back({std::move(mailbox.name), std::move(mailbox.address)});
  return found;
}

}  // namespace mailrig::mime
