// Values of JSON, put together by recursive descent.

#include <fmt/format.h>

#include <cstring>

#include "base/text.h"
#include "json/json_scanner.h"

namespace mailrig::scenarios {
namespace {

/// The offset of the first byte that is no UTF-8, or the size.
std::size_t find_malformed_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t eight = 0;
    while (at + sizeof eight <= text.size()) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & 0x8080808080808080U) != 0) break;
      at += sizeof eight;
    }
    if (at == text.size()) break;
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    std::size_t length = 1;
    while (length < 4 && at + length < text.size() && (static_cast<unsigned char>(text[at + length]) & 0xC0U) == 0x80U)
      ++length;
    if (!is_well_formed_utf8(text.substr(at, length))) return at;
    at += length;
  }
  return at;
}

class Reader : private JsonScanner {
 public:
  using JsonScanner::JsonScanner;

  void read();

 private:
  enum class Next : std::uint8_t { item, end, failed };

  const Node* read_value(std::size_t depth);
  const Node* read_map(std::size_t depth);
  const Node* read_list(std::size_t depth);
  Next read_separator(char close, std::size_t opened_at, std::size_t value_end);
  std::string_view read_key();
  bool read_colon(std::string_view key, std::size_t key_offset);
  void report_duplicates(std::span<Node::Entry> all);

  std::vector<Node::Entry> entries_;      // of the maps that are open, the innermost last
  std::vector<const Node*> items_;        // of the lists that are open
  std::vector<std::string_view> sorted_;  // scratch of report_duplicates
};

void Reader::read() {
  std::size_t malformed = find_malformed_utf8(text_);
  if (malformed < text_.size()) {
    stop(malformed, fmt::format("the byte {} is not UTF-8", printable(text_.substr(malformed, 1))), "a file in UTF-8");
    return;
  }
  if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  skip_space();
  if (stopped_) return;
  if (at_end()) {
    stop(at_, "the file is empty", "{ ... }");
    return;
  }
  const Node* root = read_value(0);
  document_.set_root(root);
  if (stopped_) return;
  skip_space();
  if (!stopped_ && !at_end())
    stop(at_, fmt::format("after the end of the outermost value stands {}", found()), "the end of the file");
  parsed_.complete = !stopped_;
}

const Node* Reader::read_value(std::size_t depth) {
  std::size_t begin = at_;
  if (depth >= json_depth_max) {
    stop(at_, fmt::format("values are nested more than {} deep", json_depth_max));
    return document_.make_null(begin);
  }
  char c = peek();
  if (at_end()) {
    stop(at_, "the file ends where a value is missing", "a value");
  } else if (c == '{') {
    return read_map(depth);
  } else if (c == '[') {
    return read_list(depth);
  } else if (c == '"' || c == '\'') {
    std::string_view text = read_text(c);
    if (c == '\'' && !stopped_) tell(begin, "a text in single quotes", "double quotes", '"' + std::string(text) + '"');
    return document_.make_text(begin, text);
  } else if (is_digit(c) || c == '-' || c == '+' || c == '.') {
    return read_number();
  } else if (is_letter(c)) {
    return read_word();
  } else if (c == ',' || c == '}' || c == ']') {
    tell(at_, fmt::format("a value is missing before {}", c), "a value");
  } else if (text_.substr(at_).starts_with("\xE2\x80\x9C") || text_.substr(at_).starts_with("\xE2\x80\x9D")) {
    stop(at_, "a typographic quotation mark", "a straight double quote", "\"");
  } else {
    stop(at_, fmt::format("{} begins no value", found()),
         "a text in double quotes, a number, true, false, null, { or [");
  }
  return document_.make_null(begin);
}

const Node* Reader::read_map(std::size_t depth) {
  std::size_t opened_at = at_++;
  std::size_t mine = entries_.size();
  skip_space();
  bool open = !stopped_ && peek() != '}';
  if (!open && !stopped_) ++at_;
  while (open && !stopped_) {
    std::size_t key_offset = at_;
    std::string_view key = read_key();
    if (stopped_ || !read_colon(key, key_offset)) break;
    skip_space();
    if (stopped_) break;
    const Node* value = read_value(depth + 1);
    entries_.push_back({key, &document_.origin(), static_cast<std::uint32_t>(key_offset), value});
    if (stopped_) break;
    open = read_separator('}', opened_at, at_) == Next::item;
  }
  std::span<Node::Entry> all{entries_.begin() + static_cast<std::ptrdiff_t>(mine), entries_.end()};
  report_duplicates(all);
  const Node* map =
      document_.make_map(opened_at, {entries_.begin() + static_cast<std::ptrdiff_t>(mine), entries_.end()});
  entries_.resize(mine);
  return map;
}

const Node* Reader::read_list(std::size_t depth) {
  std::size_t opened_at = at_++;
  std::size_t mine = items_.size();
  skip_space();
  bool open = !stopped_ && peek() != ']';
  if (!open && !stopped_) ++at_;
  while (open && !stopped_) {
    items_.push_back(read_value(depth + 1));
    if (stopped_) break;
    open = read_separator(']', opened_at, at_) == Next::item;
  }
  const Node* list = document_.make_list(opened_at, {items_.begin() + static_cast<std::ptrdiff_t>(mine), items_.end()});
  items_.resize(mine);
  return list;
}

/// After a value of a list or map: the comma and the beginning of the next, or the end.
Reader::Next Reader::read_separator(char close, std::size_t opened_at, std::size_t value_end) {
  skip_space();
  if (stopped_) return Next::failed;
  char c = peek();
  if (at_end()) {
    char open = close == '}' ? '{' : '[';
    stop(at_, fmt::format("the file ends, but the {} of line {} is not closed", open, line_of(opened_at)),
         std::string(1, close));
    return Next::failed;
  }
  if (c == close) {
    ++at_;
    return Next::end;
  }
  if (c == ',' || c == ';') {
    std::size_t comma = at_++;
    if (c == ';') tell(comma, "a semicolon between two values", "a comma", ",");
    skip_space();
    if (stopped_) return Next::failed;
    if (peek() == close) {
      tell(comma, fmt::format("a comma before the closing {}", close),
           std::string(1, close) + " without a comma before it");
      ++at_;
      return Next::end;
    }
    return Next::item;
  }
  if (c == '"' || c == '\'' || c == '{' || c == '[' || is_word(c)) {
    tell(value_end, fmt::format("a comma is missing before {}", found()), fmt::format("a comma or {}", close), ",");
    return Next::item;
  }
  stop(at_, fmt::format("{} stands where a value has ended", found()), fmt::format("a comma or {}", close),
       c == '}' || c == ']' ? std::string(1, close) : "");
  return Next::failed;
}

std::string_view Reader::read_key() {
  std::size_t begin = at_;
  char c = peek();
  if (c == '"') return read_text(c);
  if (c == '\'') {
    std::string_view key = read_text(c);
    if (!stopped_) tell(begin, "a key in single quotes", "double quotes", '"' + std::string(key) + '"');
    return key;
  }
  if (is_letter(c)) {
    while (is_word(peek())) ++at_;
    std::string_view key = text_.substr(begin, at_ - begin);
    tell(begin, fmt::format("the key {} has no quotes", key), "a key in double quotes", fmt::format("\"{}\"", key));
    if (peek() == '"') ++at_;  // key": ...
    return key;
  }
  if (at_end())
    stop(at_, "the file ends where a key is missing", "a key in double quotes, or }");
  else
    stop(at_, fmt::format("{} begins no key", found()), "a key in double quotes");
  return {};
}

bool Reader::read_colon(std::string_view key, std::size_t key_offset) {
  std::size_t key_end = at_;
  skip_space();
  if (stopped_) return false;
  if (peek() == ':') {
    ++at_;
    return true;
  }
  if (peek() == '=') {
    tell(at_, "= between a key and its value", "a colon", ":");
    ++at_;
    return true;
  }
  // "title: "Gmail" has lost the quote after title.
  std::size_t inner = key.find(':');
  if (inner != std::string_view::npos) {
    stop(key_offset, fmt::format("after the key \"{}\" stands {}", printable(key), found()), "a colon",
         fmt::format("\"{}\": with a quote before the colon", printable(key.substr(0, inner))));
    return false;
  }
  if (peek() == '"' || is_word(peek()) || peek() == '{' || peek() == '[') {
    tell(key_end, fmt::format("the colon after the key \"{}\" is missing", printable(key)), "a colon", ":");
    return true;
  }
  stop(at_, fmt::format("after the key \"{}\" stands {}", printable(key), found()), "a colon and a value");
  return false;
}

/// Keeps the first of each key.
void Reader::report_duplicates(std::span<Node::Entry> all) {
  constexpr std::size_t few = 24;  // up to here comparing each with each is faster than sorting
  bool duplicates = false;
  if (all.size() <= few) {
    for (std::size_t i = 1; i < all.size() && !duplicates; ++i)
      duplicates = std::any_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i),
                               [&](const Node::Entry& e) { return e.key == all[i].key; });
  } else {
    sorted_.clear();
    for (const Node::Entry& entry : all) sorted_.push_back(entry.key);
    std::ranges::sort(sorted_);
    duplicates = std::ranges::adjacent_find(sorted_) != sorted_.end();
  }
  if (!duplicates) return;
  std::vector<Node::Entry> by_key(all.begin(), all.end());
  std::ranges::stable_sort(by_key, {}, &Node::Entry::key);
  std::vector<std::uint32_t> repeated;
  for (std::size_t i = 1; i < by_key.size(); ++i)
    if (by_key[i].key == by_key[i - 1].key) repeated.push_back(by_key[i].key_offset);
  std::ranges::sort(repeated);
  std::size_t kept = entries_.size() - all.size();
  for (const Node::Entry& entry : all) {
    if (!std::ranges::binary_search(repeated, entry.key_offset)) {
      entries_[kept++] = entry;
      continue;
    }
    std::uint32_t first = std::ranges::lower_bound(by_key, entry.key, {}, &Node::Entry::key)->key_offset;
    tell(entry.key_offset,
         fmt::format("the key \"{}\" stands here a second time; the first is in line {}", printable(entry.key),
                     line_of(first)),
         "each key once");
  }
  entries_.resize(kept);
}

}  // namespace

Parsed parse_json(std::string file, std::string_view text, std::string row) {
  auto kept = std::make_shared<const std::string>(text.substr(0, json_octets_max));
  auto origin = std::make_shared<const Origin>(Origin{std::move(file), kept, std::move(row)});
  Parsed parsed;
  parsed.document = std::make_shared<Document>(origin);
  if (text.size() > json_octets_max) {
    parsed.problems.push_back({{},
                               fmt::format("{}: the file has {} octets", origin->file, text.size()),
                               fmt::format("at most {}", json_octets_max),
                               {}});
    return parsed;
  }
  Reader(parsed, *kept).read();
  if (parsed.document->root() == nullptr) parsed.document->set_root(parsed.document->make_null(0));
  return parsed;
}

}  // namespace mailrig::scenarios
