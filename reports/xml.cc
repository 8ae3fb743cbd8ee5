#include "reports/xml.h"

#include "reports/clean.h"

namespace mailrig::reports {
namespace {

/// In attributes white space is written as references too: XML 1.0 §3.3.3 has parsers turn it into blanks otherwise.
void append_escaped(std::string& out, std::string_view text, bool in_attribute) {
  for (char c : clean(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;  // for "]]>", §2.4
      case '"': out += in_attribute ? "&quot;" : "\""; break;
      case '\n': out += in_attribute ? "&#10;" : "\n"; break;
      case '\t': out += in_attribute ? "&#9;" : "\t"; break;
      default: out += c;
    }
  }
}

}  // namespace

XmlWriter& XmlWriter::open(std::string_view element) {
  finish_tag();
  if (!open_.empty()) open_.back().has_children = true;
  out_.append(2 * open_.size(), ' ');
  (out_ += '<') += element;
  open_.push_back({std::string(element)});
  in_tag_ = true;
  return *this;
}

XmlWriter& XmlWriter::attribute(std::string_view name, std::string_view value) {
  ((out_ += ' ') += name) += "=\"";
  append_escaped(out_, value, true);
  out_ += '"';
  return *this;
}

XmlWriter& XmlWriter::text(std::string_view value) {
  open_.back().has_text = true;
  finish_tag();
  append_escaped(out_, value, false);
  return *this;
}

XmlWriter& XmlWriter::close() {
  Element element = std::move(open_.back());
  open_.pop_back();
  if (in_tag_) {
    out_ += "/>\n";
    in_tag_ = false;
    return *this;
  }
  if (element.has_children) out_.append(2 * open_.size(), ' ');
  ((out_ += "</") += element.name) += ">\n";
  return *this;
}

void XmlWriter::finish_tag() {
  if (!in_tag_) return;
  out_ += open_.back().has_text ? ">" : ">\n";
  in_tag_ = false;
}

}  // namespace mailrig::reports
