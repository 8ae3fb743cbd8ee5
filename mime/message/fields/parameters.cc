#include "mime/message/fields/parameters.h"

#include <algorithm>
#include <array>
#include <optional>

#include "mime/message/ascii.h"
#include "mime/message/coding/charset_names.h"
#include "mime/message/fields/encoded_word.h"
#include "mime/message/header.h"

namespace mailrig::mime {
namespace {

/// RFC 2045 §5.1: what a value without quotes may not have.
constexpr std::array<bool, 256> specials = [] {
  std::array<bool, 256> table{};
  for (char c : std::string_view("()<>@,;:\\\"/[]?= \t\r\n")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();
bool is_special(char c) { return specials[static_cast<unsigned char>(c)]; }

bool is_name_character(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.' || c == '*' || is_eight_bit(c);
}

/// Does `name=` stand at the front?
bool begins_parameter(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && is_name_character(text[at])) ++at;
  if (at == 0) return false;
  while (at < text.size() && is_space(text[at])) ++at;
  return at < text.size() && text[at] == '=';
}

/// One `name*section*=value` (RFC 2231 §7).
struct Section {
  std::string name;
  int number = 0;
  bool extended = false;  // percent-encoded
  std::string octets;
  std::string_view where;
};

/// Undoes %HH (RFC 2231 §7); a percent sign that begins no such thing stays.
void decode_percent(const Section& section, std::string_view text, std::string& octets, Defects* defects) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      octets += text[i];
      continue;
    }
    const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      note(defects, DefectCode::bad_percent_encoding, section.where, "the percent sign stays");
      octets += '%';
      continue;
    }
    octets += static_cast<char>(high * 16 + low);
    i += 2;
  }
}

class ParametersReader {
 public:
  ParametersReader(Tokens& tokens, Defects* defects, Charsets* charsets)
      : tokens_(tokens), defects_(defects), charsets_(charsets != nullptr ? charsets : &own_charsets_) {}

  std::vector<Parameter> read() {
    while (true) {
      tokens_.skip_blanks_and_comments();
      if (tokens_.at_end()) break;
      if (tokens_.is_at(';') || tokens_.is_at(',')) {  // of a comma was said where the value ended
        tokens_.skip(1);
      } else if (count_++ == parameters_max) {
        note(defects_, DefectCode::parameter_count_limit, tokens_.rest(), "not read");
        break;
      } else {
        take_parameter();
      }
    }
    join_sections();
    return std::move(parameters_);
  }

 private:
  void take_parameter() {
    const std::string_view start = tokens_.rest();
    const std::string_view name =
        trimmed(tokens_.take_while([](char c) { return c != '=' && c != ';' && c != '"' && c != '('; }));
    tokens_.skip_blanks_and_comments();
    if (!tokens_.is_at('=')) {
      if (tokens_.is_at('"')) skip_quoted();
      note(defects_, DefectCode::invalid_parameter, since(start), "passed over");
      return;
    }
    tokens_.skip(1);
    std::string value;
    const bool has_value = take_value(value);
    if (name.empty() || !has_value)
      note(defects_, DefectCode::invalid_parameter, since(start), "passed over");
    else if (name.find('*') == std::string_view::npos)
      add_plain(name, std::move(value), since(start));
    else
      add_section(name, std::move(value), since(start));
  }

  /// Takes off the value and what may stand between it and the next semicolon.
  bool take_value(std::string& value) {
    tokens_.skip_blanks_and_comments();
    if (!tokens_.is_at('"')) return take_unquoted(value);
    tokens_.take_quoted(value);
    if (const std::size_t cut = rest_of_cut_word(value, tokens_.rest()); cut > 0) {
      value += tokens_.rest().substr(0, cut);
      note(defects_, DefectCode::invalid_parameter, tokens_.rest().substr(0, cut),
           "read as the end of the encoded word that the quote cuts");
      tokens_.skip(cut);
    }
    skip_junk();
    return true;
  }

  bool take_unquoted(std::string& value) {
    const std::string_view text = tokens_.rest();
    const std::size_t end = unquoted_end(text);
    const std::string_view raw = trimmed(text.substr(0, end));
    tokens_.skip(end);
    if (defects_ != nullptr && std::ranges::any_of(raw, is_special))
      note(defects_, DefectCode::unquoted_parameter, raw, "read up to the semicolon");
    value = unfold(raw);
    return !raw.empty();
  }

  /// At a semicolon, at a comment that ends the value, and where the next parameter begins without a semicolon.
  std::size_t unquoted_end(std::string_view text) {
    std::size_t at = 0;
    bool unclosed = false;  // a parenthesis of which there is but one half is a part of the value, as are all behind it
    while (at < text.size() && text[at] != ';') {
      if (const std::size_t word = text[at] == '=' ? encoded_word_size(text.substr(at)) : 0; word > 0) {
        at += word;
        continue;
      }
      if (text[at] == '(' && !unclosed) {
        Tokens behind(text.substr(at));
        const std::size_t size = behind.comment_size();
        unclosed = size == 0;
        behind.skip(size);
        behind.skip_blanks();
        if (size > 0 && (behind.at_end() || behind.is_at(';') || begins_parameter(behind.rest()))) return at;
        at += std::max<std::size_t>(size, 1);
      } else if (is_space(text[at]) || text[at] == ',') {
        const std::size_t blank = at++;
        while (at < text.size() && is_space(text[at])) ++at;
        if (begins_parameter(text.substr(at))) {
          note(defects_, DefectCode::missing_semicolon, text.substr(blank, at - blank), "read as if it were there");
          return blank;
        }
      } else {
        ++at;
      }
    }
    return at;
  }

  /// What follows a quoted value up to the semicolon.
  void skip_junk() {
    tokens_.skip_blanks_and_comments();
    if (tokens_.at_end() || tokens_.is_at(';')) return;
    if (begins_parameter(tokens_.rest())) {
      note(defects_, DefectCode::missing_semicolon, tokens_.rest().substr(0, 0), "read as if it were there");
      return;
    }
    const std::string_view start = tokens_.rest();
    while (!tokens_.at_end() && !tokens_.is_at(';')) {
      if (tokens_.is_at('"'))
        skip_quoted();
      else
        tokens_.skip(1);
    }
    note(defects_, DefectCode::invalid_parameter, since(start), "passed over");
  }

  void skip_quoted() {
    std::string unwanted;
    tokens_.take_quoted(unwanted);
  }

  std::string_view since(std::string_view start) const { return start.substr(0, start.size() - tokens_.rest().size()); }

  void add_plain(std::string_view name, std::string value, std::string_view where) {
    // "text/plain junk charset=utf-8"
    const std::size_t blank = name.find_last_of(" \t\r\n");
    if (blank != std::string_view::npos) {
      note(defects_, DefectCode::invalid_parameter, name, "the last word is the name");
      name.remove_prefix(blank + 1);
    }
    Parameter parameter{name_of(name), {}, {}};
    if (find_parameter(parameters_, parameter.name) != nullptr) {
      note(defects_, DefectCode::duplicate_parameter, where, "the first one counts");
      return;
    }
    const bool is_plain =
        is_octets(parameter.name) || std::ranges::none_of(value, [](char c) { return c == '?' || is_eight_bit(c); });
    parameter.value = is_plain ? std::move(value) : decode_words(value, defects_, charsets_, WordPlace::parameter);
    parameters_.push_back(std::move(parameter));
  }

  void add_section(std::string_view name, std::string octets, std::string_view where) {
    std::string compact;
    for (char c : name)
      if (!is_space(c)) compact += c;
    Section section{.name = {}, .number = 0, .extended = compact.ends_with('*'), .octets = {}, .where = where};
    const std::size_t start = compact.find_first_not_of('*');
    const std::size_t star = std::min(compact.find('*', start), compact.size());
    if (start == std::string::npos) {
      note(defects_, DefectCode::invalid_parameter, where, "passed over");
      return;
    }
    section.name = name_of(std::string_view(compact).substr(start, star - start));
    std::size_t at = star + 1;
    // A number beyond all that can be there stands behind all that is.
    for (; at < compact.size() && is_digit(compact[at]); ++at)
      section.number = std::min(section.number * 10 + (compact[at] - '0'), 1'000'000);
    const bool has_number = at > star + 1;
    const std::size_t size = has_number ? at + (section.extended ? 1 : 0) : star + 1;
    if (start > 0 || compact.size() != name.size() || compact.size() != size)
      note(defects_, DefectCode::invalid_parameter, where, "read as a section");
    section.octets = std::move(octets);
    sections_.push_back(std::move(section));
  }

  std::string name_of(std::string_view name) const {
    if (std::ranges::none_of(name, is_eight_bit)) return lower_case(name);
    return lower_case(raw_text(name, defects_));
  }

  void join_sections() {
    std::ranges::stable_sort(sections_, [](const Section& a, const Section& b) {
      return a.name != b.name ? a.name < b.name : a.number < b.number;
    });
    for (std::size_t first = 0, end = 0; first < sections_.size(); first = end) {
      while (end < sections_.size() && sections_[end].name == sections_[first].name) ++end;
      Parameter joined = join(std::span(sections_).subspan(first, end - first));
      const auto plain = std::ranges::find(parameters_, joined.name, &Parameter::name);
      if (plain != parameters_.end())
        *plain = std::move(joined);  // who knows RFC 2231 wrote the other one for those who do not
      else
        parameters_.push_back(std::move(joined));
    }
  }

  /// Encoded sections side by side are converted at once: a character may begin in one and end in the next. So are
  /// plain ones, for the sake of encoded words.
  Parameter join(std::span<Section> sections) {
    Parameter joined{sections.front().name, {}, {}};
    std::string charset;
    std::string encoded;
    std::string plain;
    int expected = 0;
    const auto flush = [&] {
      if (!encoded.empty()) joined.value += convert(encoded, charset, sections.front().where);
      if (is_octets(joined.name))
        joined.value += plain;
      else if (!plain.empty())
        joined.value += decode_words(plain, defects_, charsets_, WordPlace::parameter);
      encoded.clear();
      plain.clear();
    };
    for (Section& section : sections) {
      const bool is_first = &section == &sections.front();
      if (!is_first && section.number < expected) {
        note(defects_, DefectCode::duplicate_parameter, section.where, "the first one counts");
        continue;
      }
      if (section.number > expected) note(defects_, DefectCode::parameter_gap, section.where, "joined all the same");
      expected = section.number + 1;
      std::string_view octets = section.octets;
      if (section.extended && is_first && !take_charset(octets, charset, joined.language))
        note(defects_, DefectCode::extended_without_charset, section.where, "read as UTF-8 or windows-1252");
      if (section.extended ? !plain.empty() : !encoded.empty()) flush();
      if (section.extended)
        decode_percent(section, octets, encoded, defects_);
      else
        plain += octets;
    }
    flush();
    return joined;
  }

  /// charset'language' at the front (RFC 2231 §4). Without the second quote it has to be a charset that is known.
  /// False where there is none at all.
  bool take_charset(std::string_view& octets, std::string& charset, std::string& language) const {
    const std::size_t first = octets.find('\'');
    if (first == std::string_view::npos) return false;
    const std::size_t second = octets.find('\'', first + 1);
    if (second == std::string_view::npos && find_charset(octets.substr(0, first)) == nullptr) return false;
    charset = octets.substr(0, first);
    if (second != std::string_view::npos) language = raw_text(octets.substr(first + 1, second - first - 1), defects_);
    octets.remove_prefix((second == std::string_view::npos ? first : second) + 1);
    return true;
  }

  std::string convert(std::string_view octets, std::string_view charset, std::string_view where) {
    if (charset.empty()) {
      // RFC 2231 §4 lets the charset be empty, and leaves open what octets over 127 are then. In the header they are
      // plain ASCII: its defects are not theirs.
      if (std::ranges::any_of(octets, is_eight_bit))
        note(defects_, DefectCode::extended_without_charset, where, "read as UTF-8 or windows-1252");
      const bool has_words = octets.find("=?") != std::string_view::npos;
      return decode_words(octets, has_words ? defects_ : nullptr, charsets_, WordPlace::parameter);
    }
    TextLoss loss;
    std::string text = charsets_->to_utf8(octets, charset, &loss);
    if (defects_ != nullptr) note_loss(loss, where, *defects_);
    return text;
  }

  /// A boundary is compared octet by octet: no encoded word is one there, and no octet becomes another.
  static bool is_octets(std::string_view name) { return name == "boundary"; }

  Tokens& tokens_;
  Defects* defects_;
  Charsets own_charsets_;  // for those who keep none
  Charsets* charsets_;
  std::size_t count_ = 0;
  std::vector<Parameter> parameters_;
  std::vector<Section> sections_;
};

}  // namespace

std::vector<Parameter> parse_parameters(Tokens& tokens, Defects* defects, Charsets* charsets) {
  return ParametersReader(tokens, defects, charsets).read();
}

std::size_t parameter_place(std::string_view field_body, std::string_view lower_case_name) {
  const std::size_t size = lower_case_name.size();
  for (std::size_t at = 1; at + size < field_body.size(); ++at) {
    if (is_name_character(field_body[at - 1]) || !equals_ignoring_case(field_body.substr(at, size), lower_case_name))
      continue;
    std::size_t value = field_body.find_first_not_of(" \t\r\n*0123456789", at + size);
    if (value == std::string_view::npos || field_body[value] != '=') continue;
    value = field_body.find_first_not_of(" \t\r\n", value + 1);
    if (value == std::string_view::npos) return value;
    return field_body[value] == '"' ? value + 1 : value;
  }
  return std::string_view::npos;
}

const std::string* find_parameter(std::span<const Parameter> parameters, std::string_view lower_case_name) {
  const auto found = std::ranges::find(parameters, lower_case_name, &Parameter::name);
  return found == parameters.end() ? nullptr : &found->value;
}

}  // namespace mailrig::mime
