#include "mime/compose/field_writer.h"

#include <algorithm>

#include "base/text.h"
#include "mime/message/ascii.h"
#include "mime/message/coding/base64.h"
#include "mime/message/coding/charset.h"

namespace mailrig::mime {
namespace {

constexpr std::string_view word_start = "=?UTF-8?";  // and Q or B, and "?"
constexpr std::size_t word_frame = 12;               // =?UTF-8?Q??=
// An encoded word that holds less than this is not worth the rest of a line.
constexpr std::size_t room_min = word_frame + 20;
// ":;," may follow a phrase at once.
constexpr std::size_t group_marks = 3;
// More blanks in a row do not survive folding in practice: they go into an encoded word.
constexpr std::size_t blanks_max = 8;

bool is_alphanumeric(char c) { return is_letter(c) || is_digit(c); }

bool is_one_of(char c, std::string_view characters) { return characters.find(c) != std::string_view::npos; }

/// Well-formed UTF-8 without control characters.
std::string header_text(std::string_view text) {
  std::string clean = clean_utf8(text);
  for (char& c : clean)
    if ((c >= 0 && c < ' ' && c != '\t') || c == 0x7F) c = ' ';
  return clean;
}

/// RFC 2047 §5 (3): what stands for itself in every place where a Q word may stand.
bool is_q_safe(char c) { return is_alphanumeric(c) || is_one_of(c, "!*+-/"); }

std::size_t q_octets(std::string_view text) {
  std::size_t octets = 0;
  for (char c : text) octets += is_q_safe(c) || c == ' ' ? 1 : 3;
  return octets;
}

void append_hex(std::string& out, char mark, char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto octet = static_cast<unsigned char>(c);
  out += mark;
  out += digits[octet >> 4];
  out += digits[octet & 15];
}

std::string to_q(std::string_view text) {
  std::string encoded;
  for (char c : text) {
    if (c == ' ')
      encoded += '_';
    else if (is_q_safe(c))
      encoded += c;
    else
      append_hex(encoded, '=', c);
  }
  return encoded;
}

/// RFC 2231 §7, attribute-char.
bool is_attribute_character(char c) { return is_alphanumeric(c) || is_one_of(c, "!#$&+-.^_`{|}~"); }

/// A token that no reader stumbles over: those of RFC 2231 take an apostrophe for theirs.
bool is_safe_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || is_one_of(c, "+-._"); });
}

std::string to_percent(std::string_view text) {
  std::string encoded;
  for (char c : text) {
    if (is_attribute_character(c))
      encoded += c;
    else
      append_hex(encoded, '%', c);
  }
  return encoded;
}

/// The text is well-formed: never less than one octet.
std::size_t character_length(std::string_view text) { return std::max<std::size_t>(utf8_length(text), 1); }

}  // namespace

struct FieldWriter::Word {
  std::string_view blanks;  // before it
  std::string_view text;
  bool plain;  // needs no encoding
};

bool is_atom(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || is_one_of(c, "!#$%&'*+-/=?^_`{|}~"); });
}

bool is_token(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F && !is_one_of(c, R"(()<>@,;:\"/[]?=)"); });
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

FieldWriter::FieldWriter(std::string& out, std::string_view name, Kind kind)
    : out_(out), kind_(kind), column_(name.size() + 1) {
  out_ += name;
  out_ += ':';
}

FieldWriter& FieldWriter::text(std::string_view raw) {
  const std::string clean = header_text(raw);
  const std::vector<Word> words = split(clean);
  for (std::size_t i = 0; i < words.size();) {
    // Only the first word of a field stands behind the colon's own blank.
    const std::string_view lead = words[i].blanks.empty() ? " " : words[i].blanks;
    if (words[i].plain) {
      put(words[i++].text, lead);
      continue;
    }
    // Blanks between encoded words vanish (RFC 2047 §6.2), so they are encoded along.
    const char* begin = words[i].text.data();
    const char* end = begin;
    for (; i < words.size() && !words[i].plain; ++i) end = words[i].text.data() + words[i].text.size();
    put_encoded({begin, static_cast<std::size_t>(end - begin)}, lead);
  }
  return *this;
}

FieldWriter& FieldWriter::phrase(std::string_view raw) {
  const std::string name = header_text(raw);
  std::vector<Word> words = split(name);
  constexpr std::size_t room = line_characters_max - 1 - group_marks;  // in a line of its own
  const bool plain =
      std::ranges::all_of(words, [](const Word& word) { return word.plain && word.text.size() <= room; });
  const bool atoms =
      plain && std::ranges::all_of(words, [](const Word& word) {
        const bool one_blank = word.blanks.empty() || word.blanks == " ";
        return one_blank && std::ranges::all_of(word.text, [](char c) { return is_eight_bit(c) || is_atom({&c, 1}); });
      });
  if (atoms) {
    for (const Word& word : words) put(word.text, " ", group_marks);
    return *this;
  }
  // A quoted string is kept in one piece: folded within, some readers lose the blank.
  const std::string in_quotes = quoted(name);
  if (plain && in_quotes.size() <= room)
    put(in_quotes, " ", group_marks);
  else
    put_encoded(name, " ");
  return *this;
}

FieldWriter& FieldWriter::token(std::string_view token) {
  put(token, " ");
  return *this;
}

FieldWriter& FieldWriter::append(std::string_view mark) {
  out_ += mark;
  column_ += mark.size();
  return *this;
}

FieldWriter& FieldWriter::parameter(std::string_view name, std::string_view raw) {
  const std::string value = header_text(raw);
  append(";");
  // Readers decode what looks like an encoded word, here too.
  const bool extended =
      (kind_ == Kind::plain && std::ranges::any_of(value, is_eight_bit)) || value.find("=?") != std::string::npos;
  std::string whole(name);
  if (extended)
    whole += "*=utf-8''" + to_percent(value);
  else
    whole += '=' + (is_safe_token(value) ? value : quoted(value));
  if (whole.size() + 2 <= line_characters_max)  // a blank and a semicolon
    put(whole, " ", 1);
  else
    put_sections(name, value, extended);
  return *this;
}

FieldWriter& FieldWriter::parameters(const Parameters& parameters) {
  for (const auto& [name, value] : parameters) parameter(name, value);
  return *this;
}

void FieldWriter::end() { out_ += "\r\n"; }

/// RFC 2231 §3 and §4.1: name*0*=utf-8''...; name*1*=...
void FieldWriter::put_sections(std::string_view name, std::string_view value, bool extended) {
  for (std::size_t number = 0; !value.empty() || number == 0; ++number) {
    std::string section(name);
    section += '*' + std::to_string(number);
    section += extended ? "*=" : "=\"";
    if (extended && number == 0) section += "utf-8''";
    const std::size_t room = line_characters_max - 3;  // the blank, the closing quote, the semicolon
    while (!value.empty()) {
      const std::string_view character = value.substr(0, character_length(value));
      std::string piece;
      if (extended)
        piece = to_percent(character);
      else
        piece = character == "\"" || character == "\\" ? '\\' + std::string(character) : std::string(character);
      if (section.size() + piece.size() > room) break;
      section += piece;
      value.remove_prefix(character.size());
    }
    if (!extended) section += '"';
    put(section, " ", 1);
    if (value.empty()) break;
    append(";");
  }
}

void FieldWriter::put(std::string_view token, std::string_view lead, std::size_t followed_by) {
  const std::size_t line_max = encoded_ ? encoded_line_characters_max : line_characters_max;
  const std::size_t needed = lead.size() + token.size() + followed_by;
  // Behind the name there is only a point in folding where the token fits into a line of its own.
  if (column_ + needed > line_max && (!first_ || needed <= line_characters_max)) {
    fold(lead);
  } else {
    out_ += lead;
    column_ += lead.size();
  }
  out_ += token;
  column_ += token.size();
  first_ = false;
}

void FieldWriter::put_encoded(std::string_view text, std::string_view lead) {
  const bool q = q_octets(text) <= Base64Encoder::encoded_size(text.size(), false);
  while (!text.empty()) {
    const std::size_t used = column_ + lead.size();
    if (used + room_min > encoded_line_characters_max && !first_) {
      fold(lead);
    } else {
      out_ += lead;
      column_ = used;
    }
    // A word holds whole characters (RFC 2047 §5), one at the least.
    const std::size_t left = encoded_line_characters_max - std::min(column_, encoded_line_characters_max - room_min);
    const std::size_t room = std::min(left, encoded_word_characters_max) - word_frame;
    std::size_t octets = character_length(text);
    while (octets < text.size()) {
      const std::size_t next = octets + character_length(text.substr(octets));
      const std::string_view piece = text.substr(0, next);
      if ((q ? q_octets(piece) : Base64Encoder::encoded_size(next, false)) > room) break;
      octets = next;
    }
    const std::string_view piece = text.substr(0, octets);
    const std::string encoded = q ? to_q(piece) : to_base64(piece);
    out_ += word_start;
    out_ += q ? "Q?" : "B?";
    out_ += encoded;
    out_ += "?=";
    column_ += word_frame + encoded.size();
    text.remove_prefix(octets);
    lead = " ";
    first_ = false;
    encoded_ = true;
  }
}

void FieldWriter::fold(std::string_view lead) {
  out_ += "\r\n";
  out_ += lead;
  column_ = lead.size();
  encoded_ = false;
}

/// Blanks at both ends, and many in a row, become part of a word, which then has to be encoded: a field's body loses
/// them.
std::vector<FieldWriter::Word> FieldWriter::split(std::string_view text) const {
  constexpr char blank = ' ';  // readers take a tab for folding: it stands in a word, and is encoded
  std::vector<Word> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = std::min(text.find_first_not_of(blank, at), text.size());
    std::size_t end = std::min(text.find_first_of(blank, begin), text.size());
    if (text.find_first_not_of(blank, end) == std::string_view::npos) end = text.size();
    std::size_t lead = begin - at;
    if (at == 0)
      lead = 0;
    else if (lead > blanks_max)
      lead = 1;
    const std::string_view word = text.substr(at + lead, end - at - lead);
    const bool fits = std::max<std::size_t>(lead, 1) + word.size() <= line_characters_max;  // into a line of its own
    words.push_back({text.substr(at, lead), word, fits && is_plain(word)});
    at = end;
  }
  return words;
}

bool FieldWriter::is_plain(std::string_view word) const {
  if (word.find("=?") != std::string_view::npos || word.find_first_of(" \t") != std::string_view::npos) return false;
  return kind_ == Kind::utf8 || std::ranges::none_of(word, is_eight_bit);
}

}  // namespace mailrig::mime
