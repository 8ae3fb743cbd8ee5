#pragma once
/// JSON with places: every key and value knows its line and column, and duplicates are seen. Our own reader, since
/// nlohmann_json keeps neither. `//` and `/* */` comments are allowed; nothing else of JSON's grammar is loosened.
///
///   Parsed parsed = parse_json("x.json", text);
///   for (const JsonProblem& problem : parsed.problems) ...          // what is wrong, and what was probably meant
///   const Node* title = parsed.document->root()->find("title");     // null when there is none
///   title->text() == "Gmail stops";  title->place().resolve().line == 3;
///
/// A document owns its nodes; a node never changes and may stand in several trees.

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "json/place.h"

namespace mailrig::scenarios {

/// Bounds of a file. A suite's longest file has a few hundred lines; a place counts octets in 32 bits.
inline constexpr std::size_t json_octets_max = 64 * 1024 * 1024;
inline constexpr std::size_t json_depth_max = 64;
inline constexpr std::size_t json_problems_max = 50;

class Node {
 public:
  enum class Kind : std::uint8_t { null, boolean, integer, real, text, list, map };
  struct Entry {
    std::string_view key;
    const std::shared_ptr<const Origin>* key_origin;
    std::uint32_t key_offset;
    const Node* value;
    Place key_place() const { return {*key_origin, key_offset}; }
  };

  Kind kind() const { return kind_; }
  bool is(Kind asked) const { return kind_ == asked; }
  /// Each is valid only for its kind.
  bool boolean() const { return boolean_; }
  std::int64_t integer() const { return integer_; }
  double real() const { return real_; }
  std::string_view text() const { return text_; }
  std::span<const Node* const> items() const { return items_; }
  std::span<const Entry> entries() const { return entries_; }

  /// Of a map: the value or the entry of a key, null when there is none or this is no map. Of a duplicate key, the
  /// first.
  const Node* find(std::string_view key) const;
  const Entry* find_entry(std::string_view key) const;

  Place place() const { return {*origin_, offset_}; }
  Value to_value() const;

 private:
  friend class Document;
  Node() {}  // NOLINT(modernize-use-equals-default): the union's members have constructors of their own
  Kind kind_ = Kind::null;
  std::uint32_t offset_ = 0;
  const std::shared_ptr<const Origin>* origin_ = nullptr;
  union {
    bool boolean_;
    std::int64_t integer_ = 0;
    double real_;
    std::string_view text_;
    std::span<const Node* const> items_;
    std::span<const Entry> entries_;
  };
};

/// Owns nodes and the texts they point into. A document that is made from others keeps those alive.
class Document {
 public:
  explicit Document(std::shared_ptr<const Origin> origin);
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  const Node* root() const { return root_; }
  void set_root(const Node* root) { root_ = root; }
  const std::shared_ptr<const Origin>& origin() const { return origin_; }
  /// `other` and its nodes live as long as this document.
  void keep(std::shared_ptr<const Document> other) { kept_.push_back(std::move(other)); }

  Node* make_null(std::size_t offset) { return make(Node::Kind::null, offset); }
  Node* make_boolean(std::size_t offset, bool value);
  Node* make_integer(std::size_t offset, std::int64_t value);
  Node* make_real(std::size_t offset, double value);
  /// The text is not copied; hold() what does not live elsewhere.
  Node* make_text(std::size_t offset, std::string_view text);
  Node* make_list(std::size_t offset, std::span<const Node* const> items);
  Node* make_map(std::size_t offset, std::span<const Node::Entry> entries);
  /// At the place of `other`.
  Node* make_text_at(const Node& other, std::string_view text);
  Node* make_list_at(const Node& other, std::span<const Node* const> items);
  Node* make_map_at(const Node& other, std::span<const Node::Entry> entries);
  /// `value` as if it stood at the place of `place_of`.
  const Node* copy_at(const Node& value, const Node& place_of);
  std::string_view hold(std::string_view text);

 private:
  Node* make(Node::Kind kind, std::size_t offset);
  template <class T>
  std::span<const T> copy(std::span<const T> items);

  std::pmr::monotonic_buffer_resource arena_;
  std::shared_ptr<const Origin> origin_;
  std::vector<std::shared_ptr<const Document>> kept_;
  const Node* root_ = nullptr;
};

struct JsonProblem {
  Place place;
  std::string message;
  std::string expected;  // may be empty
  std::string meant;     // may be empty
};

struct Parsed {
  std::shared_ptr<Document> document;
  std::vector<JsonProblem> problems;
  bool complete = false;  // the tree holds the whole file, what was wrong in it read as it was probably meant
};

/// `row` goes into the places: see Origin.
Parsed parse_json(std::string file, std::string_view text, std::string row = {});

}  // namespace mailrig::scenarios
