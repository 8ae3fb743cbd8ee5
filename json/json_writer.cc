#include "json/json_writer.h"

#include <fmt/format.h>

#include "base/text.h"

namespace mailrig::scenarios {
namespace {

/// Of use to a program, and not on a terminal: C1 controls, and what is_deceptive() names.
bool is_unsafe(std::string_view sequence) {
  const bool c1 = sequence.size() == 2 && sequence[0] == '\xC2' && static_cast<unsigned char>(sequence[1]) < 0xA0;
  return c1 || is_deceptive(sequence);
}

/// RFC 8259 section 7: one escape, or two of a surrogate pair.
void append_escapes(std::string& out, std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  unsigned point = first & (0x7FU >> sequence.size());
  for (char c : sequence.substr(1)) point = point << 6 | (static_cast<unsigned char>(c) & 0x3FU);
  if (point > 0xFFFF) {
    out += fmt::format("\\u{:04x}", 0xD7C0 + (point >> 10));
    point = 0xDC00 + (point & 0x3FF);
  }
  out += fmt::format("\\u{:04x}", point);
}

void append_text(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    auto byte = static_cast<unsigned char>(text.front());
    std::size_t length = 1;
    switch (byte) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        length = std::max<std::size_t>(1, utf8_length(text));
        if (byte < 0x20 || byte == 0x7F)
          out += fmt::format("\\u{:04x}", byte);
        else if (byte >= 0x80 && utf8_length(text) == 0)
          out += "\\ufffd";
        else if (length > 1 && is_unsafe(text.substr(0, length)))
          append_escapes(out, text.substr(0, length));
        else
          out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  out += '"';
}

void append_scalar(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::boolean: out += value.boolean() ? "true" : "false"; break;
    case Value::Kind::integer: out += fmt::format("{}", value.integer()); break;
    case Value::Kind::real: out += fmt::format("{:#}", value.real()); break;
    case Value::Kind::text: append_text(out, value.text()); break;
    default: out += "null";
  }
}

/// On one line; gives up, and says so, once it is longer than `room`.
bool append_flat(std::string& out, const Value& given, std::size_t room) {
  Value value = given.made();
  if (out.size() > room) return false;
  if (value.is(Value::Kind::list)) {
    out += '[';
    for (const Value& item : value.items()) {
      if (&item != value.items().data()) out += ", ";
      if (!append_flat(out, item, room)) return false;
    }
    out += ']';
  } else if (value.is(Value::Kind::map)) {
    out += value.entries().empty() ? "{" : "{ ";
    for (const auto& entry : value.entries()) {
      if (&entry != value.entries().data()) out += ", ";
      append_text(out, entry.first);
      out += ": ";
      if (!append_flat(out, entry.second, room)) return false;
    }
    out += value.entries().empty() ? "}" : " }";
  } else {
    append_scalar(out, value);
  }
  return out.size() <= room;
}

void append(std::string& out, const Value& given, std::size_t indent, std::size_t column) {
  Value value = given.made();
  bool list = value.is(Value::Kind::list);
  if (!list && !value.is(Value::Kind::map)) return append_scalar(out, value);
  std::string flat;
  if (append_flat(flat, value, json_line_columns - std::min(json_line_columns, column))) {
    out += flat;
    return;
  }
  std::string margin(indent + 2, ' ');
  out += list ? "[\n" : "{\n";
  bool first = true;
  auto begin_item = [&] {
    out += first ? "" : ",\n";
    out += margin;
    first = false;
  };
  if (list) {
    for (const Value& item : value.items()) {
      begin_item();
      append(out, item, indent + 2, margin.size() + 1);
    }
  } else {
    for (const auto& [key, entry] : value.entries()) {
      begin_item();
      std::size_t before = out.size();
      append_text(out, key);
      out += ": ";
      append(out, entry, indent + 2, margin.size() + (out.size() - before) + 1);
    }
  }
  out += '\n';
  out += std::string(indent, ' ');
  out += list ? ']' : '}';
}

}  // namespace

std::string write_json(const Value& value) {
  std::string out;
  append(out, value, 0, 0);
  out += '\n';
  return out;
}

std::string write_json_line(const Value& value) {
  std::string out;
  append_flat(out, value, std::string::npos);
  return out + "\n";
}

}  // namespace mailrig::scenarios
