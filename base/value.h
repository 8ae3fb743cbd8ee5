#pragma once
/// A tree of plain values: what settings are read from and what expectations are asked of.
///
///   Value server = Value::map();
///   server.set("queue_cap", 300);
///   server.set("messages", Value::lazy([&] { return list_of_messages(); }));   // made when somebody looks
///   server.find("queue_cap")->integer() == 300;
///
/// Maps keep the order in which keys were set. A lazy value is made anew at every look.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace mailrig {

class Value {
 public:
  enum class Kind : std::uint8_t { null, boolean, integer, real, text, list, map };
  using List = std::vector<Value>;
  using Map = std::vector<std::pair<std::string, Value>>;

  Value() = default;
  Value(bool value) : content_(value) {}                                     // NOLINT(google-explicit-constructor)
  Value(double value) : content_(value) {}                                   // NOLINT(google-explicit-constructor)
  Value(std::string value) : content_(std::move(value)) {}                   // NOLINT(google-explicit-constructor)
  Value(std::string_view value) : content_(std::string(value)) {}            // NOLINT(google-explicit-constructor)
  Value(const char* value) : content_(std::string(value)) {}                 // NOLINT(google-explicit-constructor)
  Value(List value) : content_(std::make_shared<List>(std::move(value))) {}  // NOLINT(google-explicit-constructor)
  Value(Map value) : content_(std::make_shared<Map>(std::move(value))) {}    // NOLINT(google-explicit-constructor)
  template <class Integer>
    requires std::is_integral_v<Integer> && (!std::is_same_v<Integer, bool>)
  Value(Integer value) : content_(static_cast<std::int64_t>(value)) {}  // NOLINT(google-explicit-constructor)

  static Value list() { return Value(List{}); }
  static Value map() { return Value(Map{}); }
  static Value lazy(std::function<Value()> make) {
    Value value;
    value.content_ = std::make_shared<std::function<Value()>>(std::move(make));
    return value;
  }

  Kind kind() const;
  bool is(Kind asked) const { return kind() == asked; }
  bool is_null() const { return is(Kind::null); }
  bool is_number() const { return is(Kind::integer) || is(Kind::real); }

  /// Each is valid only for its kind (real() also for integers), and not for a lazy value: ask made() for what it
  /// makes.
  bool boolean() const { return std::get<bool>(content_); }
  std::int64_t integer() const { return std::get<std::int64_t>(content_); }
  double real() const;
  const std::string& text() const { return std::get<std::string>(content_); }
  const List& items() const { return *std::get<std::shared_ptr<List>>(content_); }
  const Map& entries() const { return *std::get<std::shared_ptr<Map>>(content_); }

  /// The value itself, or what a lazy one makes.
  Value made() const;

  /// The entry of a map, null when there is none or this is no map. The pointer lives as long as this value.
  const Value* find(std::string_view key) const;
  /// Adds or replaces an entry (copying the map first if it is shared).
  Value& set(std::string key, Value value);
  Value& push(Value value);

  /// Deep comparison; 1 equals 1.0. Lazy values are made.
  friend bool operator==(const Value& left, const Value& right);

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, std::shared_ptr<List>, std::shared_ptr<Map>,
               std::shared_ptr<std::function<Value()>>>
      content_;
};

std::string_view to_string(Value::Kind kind);  // "text", "a list" ... as a sentence uses them
/// JSON on one line for messages, cut after `octets_max`; safe on a terminal (what is no character appears as \xHH).
std::string to_json(const Value& value, std::size_t octets_max = 400);
/// `over` laid onto `under`: maps merge key by key at any depth, everything else is replaced. A null in `over` removes
/// the key.
Value merged(const Value& under, const Value& over);

}  // namespace mailrig
