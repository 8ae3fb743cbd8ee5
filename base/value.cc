#include "base/value.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace mailrig {
namespace {

/// As JSON writes it; but what may not reach a terminal becomes \xHH, which JSON does not know and messages do.
void append_json_text(std::string& out, std::string_view text, std::size_t octets_max) {
  out += '"';
  while (!text.empty() && out.size() <= octets_max) {
    char c = text.front();
    std::size_t length = std::max<std::size_t>(1, utf8_length(text));
    if (c == '"')
      out += "\\\"";
    else
      out += printable(text.substr(0, length));
    text.remove_prefix(length);
  }
  out += '"';
}

void append_json(std::string& out, const Value& value, std::size_t octets_max) {
  if (out.size() > octets_max) return;
  Value made = value.made();
  switch (made.kind()) {
    case Value::Kind::null: out += "null"; break;
    case Value::Kind::boolean: out += made.boolean() ? "true" : "false"; break;
    case Value::Kind::integer: out += fmt::format("{}", made.integer()); break;
    case Value::Kind::real: out += fmt::format("{}", made.real()); break;
    case Value::Kind::text: append_json_text(out, made.text(), octets_max); break;
    case Value::Kind::list: {
      out += '[';
      bool first = true;
      for (const Value& item : made.items()) {
        if (!std::exchange(first, false)) out += ", ";
        append_json(out, item, octets_max);
        if (out.size() > octets_max) return;
      }
      out += ']';
      break;
    }
    case Value::Kind::map: {
      out += '{';
      bool first = true;
      for (const auto& [key, entry] : made.entries()) {
        if (!std::exchange(first, false)) out += ", ";
        append_json_text(out, key, octets_max);
        out += ": ";
        append_json(out, entry, octets_max);
        if (out.size() > octets_max) return;
      }
      out += '}';
      break;
    }
  }
}

}  // namespace

Value::Kind Value::kind() const {
  switch (content_.index()) {
    case 1: return Kind::boolean;
    case 2: return Kind::integer;
    case 3: return Kind::real;
    case 4: return Kind::text;
    case 5: return Kind::list;
    case 6: return Kind::map;
    case 7: return made().kind();
    default: return Kind::null;
  }
}

double Value::real() const {
  if (const auto* number = std::get_if<std::int64_t>(&content_)) return static_cast<double>(*number);
  return std::get<double>(content_);
}

Value Value::made() const {
  if (const auto* make = std::get_if<std::shared_ptr<std::function<Value()>>>(&content_)) return (**make)().made();
  return *this;
}

const Value* Value::find(std::string_view key) const {
  const auto* map = std::get_if<std::shared_ptr<Map>>(&content_);
  if (map == nullptr) return nullptr;
  for (const auto& [name, value] : **map)
    if (name == key) return &value;
  return nullptr;
}

Value& Value::set(std::string key, Value value) {
  if (!std::holds_alternative<std::shared_ptr<Map>>(content_)) content_ = std::make_shared<Map>();
  auto& shared = std::get<std::shared_ptr<Map>>(content_);
  if (shared.use_count() > 1) shared = std::make_shared<Map>(*shared);
  for (auto& [name, old] : *shared) {
    if (name != key) continue;
    old = std::move(value);
    return *this;
  }
  shared->emplace_back(std::move(key), std::move(value));
  return *this;
}

Value& Value::push(Value value) {
  if (!std::holds_alternative<std::shared_ptr<List>>(content_)) content_ = std::make_shared<List>();
  auto& shared = std::get<std::shared_ptr<List>>(content_);
  if (shared.use_count() > 1) shared = std::make_shared<List>(*shared);
  shared->push_back(std::move(value));
  return *this;
}

bool operator==(const Value& left, const Value& right) {
  Value a = left.made();
  Value b = right.made();
  if (a.is_number() && b.is_number()) {
    if (a.is(Value::Kind::integer) && b.is(Value::Kind::integer)) return a.integer() == b.integer();
    return a.real() == b.real();
  }
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Value::Kind::null: return true;
    case Value::Kind::boolean: return a.boolean() == b.boolean();
    case Value::Kind::text: return a.text() == b.text();
    case Value::Kind::list: return a.items() == b.items();
    case Value::Kind::map: {
      if (a.entries().size() != b.entries().size()) return false;
      for (const auto& [key, value] : a.entries()) {
        const Value* other = b.find(key);
        if (other == nullptr || !(*other == value)) return false;
      }
      return true;
    }
    default: return false;
  }
}

std::string_view to_string(Value::Kind kind) {
  switch (kind) {
    case Value::Kind::null: return "null";
    case Value::Kind::boolean: return "true or false";
    case Value::Kind::integer: return "a whole number";
    case Value::Kind::real: return "a number";
    case Value::Kind::text: return "a text";
    case Value::Kind::list: return "a list";
    case Value::Kind::map: return "an object";
  }
  return "null";
}

std::string to_json(const Value& value, std::size_t octets_max) {
  std::string out;
  append_json(out, value, octets_max);
  if (out.size() > octets_max) {
    std::size_t end = octets_max;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U) --end;  // not within a code point
    out.resize(end);
    out += " ...";
  }
  return out;
}

Value merged(const Value& lazy_under, const Value& lazy_over) {
  Value under = lazy_under.made();
  Value over = lazy_over.made();
  if (!under.is(Value::Kind::map) || !over.is(Value::Kind::map)) return over;
  Value::Map result;
  for (const auto& [key, value] : under.entries()) {
    const Value* replacement = over.find(key);
    if (replacement == nullptr)
      result.emplace_back(key, value);
    else if (!replacement->is_null())
      result.emplace_back(key, merged(value, *replacement));
  }
  for (const auto& [key, value] : over.entries())
    if (under.find(key) == nullptr && !value.is_null()) result.emplace_back(key, value);
  return Value(std::move(result));
}

}  // namespace mailrig
