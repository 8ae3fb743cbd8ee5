#pragma once
/// Writes JSON (RFC 8259) straight into a text: no tree in between, since a report may hold a million transcript
/// entries.
///
///   JsonWriter json;
///   json.begin_object();
///   json.key("id").text("pop3/quit");
///   json.key("tags").begin_array(JsonWriter::Layout::line);
///   json.text("pop3");
///   json.end_array().end_object();
///   json.take() == "{\n  \"id\": \"pop3/quit\",\n  \"tags\": [\"pop3\"]\n}\n";
///
/// The caller nests properly. Every text goes through clean(): what is not UTF-8 is spelled out.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace mailrig::reports {

class JsonWriter {
 public:
  enum class Target : std::uint8_t {
    file,
    html,  // on one line, and '<', '>' and '&' as \u003c ...: nothing in it can end or open a script element
  };
  enum class Layout : std::uint8_t {
    block,  // an entry a line
    line,   // all on one line, also what is nested in it
  };

  explicit JsonWriter(Target target = Target::file) : target_(target) {}

  JsonWriter& begin_object(Layout layout = Layout::block) { return begin('{', '}', layout); }
  JsonWriter& end_object() { return end(); }
  JsonWriter& begin_array(Layout layout = Layout::block) { return begin('[', ']', layout); }
  JsonWriter& end_array() { return end(); }

  JsonWriter& key(std::string_view name);
  JsonWriter& text(std::string_view value);
  /// The text, or null where it is empty: for what may be missing.
  JsonWriter& text_or_null(std::string_view value) { return value.empty() ? null() : text(value); }
  JsonWriter& number(std::unsigned_integral auto value) { return raw(std::to_string(value)); }
  /// A number of microseconds.
  JsonWriter& microseconds(Duration span);
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }

  /// The text so far, ending in a line feed for files.
  std::string take();

 private:
  struct Container {
    char closing;
    Layout layout;
    bool empty = true;
  };

  JsonWriter& begin(char opening, char closing, Layout layout);
  JsonWriter& end();
  JsonWriter& raw(std::string_view token);
  void quoted(std::string_view value);
  void before_entry();
  void new_line();

  Target target_;
  std::string out_;
  std::vector<Container> open_;
  bool after_key_ = false;
};

}  // namespace mailrig::reports
