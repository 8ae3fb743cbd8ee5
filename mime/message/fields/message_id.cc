#include "mime/message/fields/message_id.h"

#include <algorithm>
#include <utility>

#include "mime/message/ascii.h"
#include "mime/message/fields/encoded_word.h"
#include "mime/message/header.h"
#include "mime/message/tokens.h"

namespace mailrig::mime {
namespace {

/// Line ends out, and the blanks that folding put behind them.
std::string without_folding(std::string_view text) {
  std::string id;
  bool folded = false;
  for (char c : text) {
    if (folded && is_blank(c)) continue;
    folded = c == '\r' || c == '\n';
    if (!folded) id += c;
  }
  return id;
}

bool is_left_at_right(std::string_view id) {
  const std::size_t at = id.rfind('@');
  return at != std::string_view::npos && at > 0 && at + 1 < id.size() &&
         std::ranges::none_of(id, [](char c) { return is_space(c) || c == '(' || c == '<' || is_eight_bit(c); });
}

class IdReader {
 public:
  IdReader(std::string_view text, std::size_t limit, Defects* defects)
      : tokens_(text, defects), limit_(limit), defects_(defects) {}

  std::vector<std::string> read() {
    while (true) {
      tokens_.skip_blanks_and_comments();
      if (tokens_.at_end() || ids_.size() == limit_) break;
      const std::size_t quoted = tokens_.is_at('"') ? tokens_.quoted_size() : 0;
      if (tokens_.is_at('<'))
        take_bracketed();
      else if (quoted > 0)
        tokens_.skip(quoted);
      else
        take_bare();
    }
    if (ids_.empty()) take_best_bare();
    return std::move(ids_);
  }

 private:
  void take_bracketed() {
    while (tokens_.is_at('<')) tokens_.skip(1);
    const std::string_view text = tokens_.rest();
    std::size_t end = text.find_first_of("<>");
    const bool closed = end != std::string_view::npos && text[end] == '>';
    if (!closed) end = std::min(text.find_first_of(" \t\r\n<"), text.size());
    const std::string_view written = trimmed(text.substr(0, end));
    tokens_.skip(end);
    while (tokens_.is_at('>')) tokens_.skip(1);
    std::string id = without_folding(written);
    if (!closed || !is_left_at_right(id)) note(defects_, DefectCode::invalid_message_id, written, "read as it stands");
    if (!id.empty()) ids_.push_back(raw_text(id, defects_));
  }

  void take_bare() {
    const std::string_view word =
        tokens_.take_while([](char c) { return !is_space(c) && c != ',' && c != '<' && c != '('; });
    if (word.empty()) return tokens_.skip(1);
    if (++bare_words_ == 1) first_bare_ = word;
    if (word.find('@') != std::string_view::npos && bare_.size() < limit_) bare_.push_back(word);
  }

  /// Without any brackets, what looks like an identifier is one, and a word alone is meant to be one.
  void take_best_bare() {
    if (bare_.empty() && bare_words_ == 1) bare_.push_back(first_bare_);
    for (std::string_view word : bare_) {
      note(defects_, DefectCode::invalid_message_id, word, "read as if it stood in brackets");
      ids_.push_back(raw_text(word, defects_));
    }
  }

  Tokens tokens_;
  std::size_t limit_;
  Defects* defects_;
  std::vector<std::string> ids_;
  std::vector<std::string_view> bare_;
  std::string_view first_bare_;
  std::size_t bare_words_ = 0;
};

/// An encoded word outside of brackets; empty where there is none.
std::string_view encoded_word_in(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '<') {
      at = std::min(text.find('>', at), text.size());
      continue;
    }
    if (const std::size_t size = encoded_word_size(text.substr(at)); size > 0) return text.substr(at, size);
  }
  return {};
}

/// RFC 2047 §5 allows no encoded words here. Programs that write them mean the identifiers in them, and threads depend
/// on those.
std::vector<std::string> read_ids(std::string_view field_body, std::size_t limit, Defects* defects) {
  const std::string_view word =
      field_body.find("=?") == std::string_view::npos ? std::string_view() : encoded_word_in(field_body);
  if (word.empty()) return IdReader(field_body, limit, defects).read();
  note(defects, DefectCode::invalid_message_id, word, "the encoded word is decoded");
  return IdReader(decode_words(unfold(field_body)), limit, nullptr).read();
}

}  // namespace

std::vector<std::string> parse_message_ids(std::string_view field_body, Defects* defects) {
  return read_ids(field_body, message_ids_max, defects);
}

std::string parse_message_id(std::string_view field_body, Defects* defects) {
  std::vector<std::string> ids = read_ids(field_body, 1, defects);
  return ids.empty() ? std::string() : std::move(ids.front());
}

}  // namespace mailrig::mime
