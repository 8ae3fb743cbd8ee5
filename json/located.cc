#include "json/located.h"

#include <algorithm>
#include <cstring>

namespace mailrig::scenarios {
namespace {
// A typical scenario's tree fits into the first block.
constexpr std::size_t first_block_octets = 8 * 1024;
}  // namespace

const Node::Entry* Node::find_entry(std::string_view key) const {
  if (kind_ != Kind::map) return nullptr;
  for (const Entry& entry : entries_)
    if (entry.key == key) return &entry;
  return nullptr;
}

const Node* Node::find(std::string_view key) const {
  const Entry* entry = find_entry(key);
  return entry == nullptr ? nullptr : entry->value;
}

Value Node::to_value() const {
  switch (kind_) {
    case Kind::null: return {};
    case Kind::boolean: return boolean_;
    case Kind::integer: return integer_;
    case Kind::real: return real_;
    case Kind::text: return text_;
    case Kind::list: {
      Value::List list;
      list.reserve(items_.size());
      for (const Node* item : items_) list.push_back(item->to_value());
      return list;
    }
    case Kind::map: {
      Value::Map map;
      map.reserve(entries_.size());
      for (const Entry& entry : entries_) map.emplace_back(entry.key, entry.value->to_value());
      return map;
    }
  }
  return {};
}

Document::Document(std::shared_ptr<const Origin> origin) : arena_(first_block_octets), origin_(std::move(origin)) {}

Node* Document::make(Node::Kind kind, std::size_t offset) {
  auto* node = new (arena_.allocate(sizeof(Node), alignof(Node))) Node;
  node->kind_ = kind;
  node->offset_ = static_cast<std::uint32_t>(offset);
  node->origin_ = &origin_;
  return node;
}

template <class T>
std::span<const T> Document::copy(std::span<const T> items) {
  if (items.empty()) return {};
  auto* place = static_cast<T*>(arena_.allocate(items.size_bytes(), alignof(T)));
  std::uninitialized_copy(items.begin(), items.end(), place);
  return {place, items.size()};
}

std::string_view Document::hold(std::string_view text) {
  if (text.empty()) return {};
  auto* place = static_cast<char*>(arena_.allocate(text.size(), 1));
  std::memcpy(place, text.data(), text.size());
  return {place, text.size()};
}

Node* Document::make_boolean(std::size_t offset, bool value) {
  Node* node = make(Node::Kind::boolean, offset);
  std::construct_at(&node->boolean_, value);
  return node;
}

Node* Document::make_integer(std::size_t offset, std::int64_t value) {
  Node* node = make(Node::Kind::integer, offset);
  std::construct_at(&node->integer_, value);
  return node;
}

Node* Document::make_real(std::size_t offset, double value) {
  Node* node = make(Node::Kind::real, offset);
  std::construct_at(&node->real_, value);
  return node;
}

Node* Document::make_text(std::size_t offset, std::string_view text) {
  Node* node = make(Node::Kind::text, offset);
  std::construct_at(&node->text_, text);
  return node;
}

Node* Document::make_list(std::size_t offset, std::span<const Node* const> items) {
  Node* node = make(Node::Kind::list, offset);
  std::construct_at(&node->items_, copy<const Node*>(items));
  return node;
}

Node* Document::make_map(std::size_t offset, std::span<const Node::Entry> entries) {
  Node* node = make(Node::Kind::map, offset);
  std::construct_at(&node->entries_, copy<Node::Entry>(entries));
  return node;
}

Node* Document::make_text_at(const Node& other, std::string_view text) {
  Node* node = make_text(other.offset_, text);
  node->origin_ = other.origin_;
  return node;
}

Node* Document::make_list_at(const Node& other, std::span<const Node* const> items) {
  Node* node = make_list(other.offset_, items);
  node->origin_ = other.origin_;
  return node;
}

Node* Document::make_map_at(const Node& other, std::span<const Node::Entry> entries) {
  Node* node = make_map(other.offset_, entries);
  node->origin_ = other.origin_;
  return node;
}

const Node* Document::copy_at(const Node& value, const Node& place_of) {
  auto* node = new (arena_.allocate(sizeof(Node), alignof(Node))) Node(value);
  node->offset_ = place_of.offset_;
  node->origin_ = place_of.origin_;
  return node;
}

}  // namespace mailrig::scenarios
