#include "mime/message/coding/flowed.h"

#include "mime/message/coding/scan.h"

namespace mailrig::mime {
namespace {

struct Line {
  std::size_t depth = 0;
  std::string_view text;

  bool is_signature() const { return text == "-- "; }
  /// RFC 3676 §4.1: a blank at the end says that the paragraph goes on. The signature separator is an exception (§4.3).
  bool is_flowed() const { return text.ends_with(' ') && !is_signature(); }
};

Line read_line(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  Line read;
  while (read.depth < quote_depth_max && line.starts_with('>')) {
    line.remove_prefix(1);
    ++read.depth;
  }
  // RFC 3676 §4.4: a blank was stuffed in, so that "From ", a quote mark or a blank of the text was none.
  if (line.starts_with(' ')) line.remove_prefix(1);
  read.text = line;
  return read;
}

}  // namespace

std::string reflow(std::string_view text, Flowed flowed) {
  std::string out;
  out.reserve(text.size());
  bool in_paragraph = false;
  std::size_t depth = 0;  // of the paragraph
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t next = next_line(text, at);
    const std::string_view whole = text.substr(at, next - at);
    Line line = read_line(whole);
    at = next;
    // §4.5: a paragraph that goes on at another depth was generated badly, and ends; so does one before a signature.
    if (in_paragraph && (line.depth != depth || line.is_signature())) {
      out += "\r\n";
      in_paragraph = false;
    }
    if (!in_paragraph) {
      for (std::size_t i = 0; i < line.depth; ++i) out += "> ";
    }
    depth = line.depth;
    const bool flows = line.is_flowed();
    if (flows && flowed.del_sp) line.text.remove_suffix(1);
    out += line.text;
    in_paragraph = flows;
    if (!flows && whole.ends_with('\n')) out += "\r\n";
  }
  if (in_paragraph && text.ends_with('\n')) out += "\r\n";
  return out;
}

}  // namespace mailrig::mime
