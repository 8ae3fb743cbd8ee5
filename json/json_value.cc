#include "json/json_value.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/text.h"

namespace mailrig {
namespace {

/// Builds the tree from the parser's events; the parser itself does not recurse, so depth costs heap and is bounded
/// here.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return put(Value{}); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override {
    // Beyond 64 signed bits a number has lost its identity in every client already.
    return value > static_cast<number_unsigned_t>(INT64_MAX) ? put(static_cast<double>(value))
                                                             : put(static_cast<std::int64_t>(value));
  }
  bool number_float(number_float_t value, const string_t& /*text*/) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return open(Value::map()); }
  bool key(string_t& name) override {
    open_.back().key = std::move(name);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*size*/) override { return open(Value::list()); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t at, const std::string& /*token*/, const nlohmann::detail::exception& /*why*/) override {
    failed_at_ = at;
    return false;
  }

  Value root;
  std::size_t failed_at() const { return failed_at_; }

 private:
  struct Level {
    Value value;
    std::string key;
  };

  bool open(Value value) {
    if (open_.size() >= json_depth_max) return false;
    open_.push_back({std::move(value), {}});
    return true;
  }
  bool close() {
    Value done = std::move(open_.back().value);
    open_.pop_back();
    return put(std::move(done));
  }
  bool put(Value value) {
    if (open_.empty()) {
      root = std::move(value);
    } else if (Level& level = open_.back(); level.value.is(Value::Kind::list)) {
      level.value.push(std::move(value));
    } else {
      level.value.set(std::move(level.key), std::move(value));
    }
    return true;
  }

  std::vector<Level> open_;
  std::size_t failed_at_ = 0;
};

void append_text(std::string& out, std::string_view text) {
  out += '"';
  for (char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20)
          out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        else
          out += c;
    }
  }
  out += '"';
}

void append(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null: out += "null"; break;
    case Value::Kind::boolean: out += value.boolean() ? "true" : "false"; break;
    case Value::Kind::integer: out += fmt::format("{}", value.integer()); break;
    case Value::Kind::real: out += fmt::format("{}", value.real()); break;
    case Value::Kind::text: append_text(out, value.text()); break;
    case Value::Kind::list: {
      char separator = '[';
      for (const Value& item : value.items()) {
        out += std::exchange(separator, ',');
        append(out, item);
      }
      out += separator == '[' ? "[]" : "]";
      break;
    }
    case Value::Kind::map: {
      char separator = '{';
      for (const auto& [key, entry] : value.entries()) {
        out += std::exchange(separator, ',');
        append_text(out, key);
        out += ':';
        append(out, entry);
      }
      out += separator == '{' ? "{}" : "}";
      break;
    }
  }
}

}  // namespace

Result<Value> parse_json_value(std::string_view text) {
  TreeBuilder tree;
  if (!nlohmann::json::sax_parse(text, &tree)) {
    if (tree.failed_at() == 0)
      return Error{Errc::bad_input, fmt::format("the JSON is nested deeper than {} levels", json_depth_max)};
    return Error{Errc::bad_input, fmt::format("no JSON from octet {} on: {}", tree.failed_at(),
                                              printable(text.substr(std::min(text.size(), tree.failed_at() - 1)), 20))};
  }
  return std::move(tree.root);
}

std::string to_compact_json(const Value& value) {
  std::string out;
  append(out, value);
  return out;
}

}  // namespace mailrig
