#include "reports/json_writer.h"

#include "reports/clean.h"

namespace mailrig::reports {

JsonWriter& JsonWriter::key(std::string_view name) {
  before_entry();
  quoted(name);
  out_ += target_ == Target::html ? ":" : ": ";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  before_entry();
  quoted(value);
  return *this;
}

JsonWriter& JsonWriter::microseconds(Duration span) { return raw(reports::microseconds(span)); }

std::string JsonWriter::take() {
  if (target_ == Target::file) out_ += '\n';
  return std::move(out_);
}

JsonWriter& JsonWriter::begin(char opening, char closing, Layout layout) {
  before_entry();
  out_ += opening;
  bool inherits_line = target_ == Target::html || (!open_.empty() && open_.back().layout == Layout::line);
  open_.push_back({closing, inherits_line ? Layout::line : layout});
  return *this;
}

JsonWriter& JsonWriter::end() {
  Container container = open_.back();
  open_.pop_back();
  if (container.layout == Layout::block && !container.empty) new_line();
  out_ += container.closing;
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view token) {
  before_entry();
  out_ += token;
  return *this;
}

void JsonWriter::quoted(std::string_view value) {
  out_ += '"';
  for (char c : clean(value)) {
    bool breaks_out = target_ == Target::html && (c == '<' || c == '>' || c == '&');
    if (breaks_out)
      out_ += c == '<' ? "\\u003c" : c == '>' ? "\\u003e" : "\\u0026";
    else if (c == '"' || c == '\\')
      (out_ += '\\') += c;
    else if (c == '\n' || c == '\t')  // the only controls that clean() leaves
      out_ += c == '\n' ? "\\n" : "\\t";
    else
      out_ += c;
  }
  out_ += '"';
}

void JsonWriter::before_entry() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (open_.empty()) return;
  Container& container = open_.back();
  if (!container.empty) out_ += container.layout == Layout::line && target_ == Target::file ? ", " : ",";
  container.empty = false;
  if (container.layout == Layout::block) new_line();
}

void JsonWriter::new_line() {
  out_ += '\n';
  out_.append(2 * open_.size(), ' ');
}

}  // namespace mailrig::reports
