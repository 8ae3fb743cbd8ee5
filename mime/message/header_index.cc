#include "mime/message/header_index.h"

#include <algorithm>
#include <array>

#include "mime/message/ascii.h"
#include "mime/message/coding/scan.h"

namespace mailrig::mime {
namespace {

/// RFC 5322 §2.2: printable ASCII except the colon.
constexpr std::array<bool, 256> name_characters = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 33; c <= 126; ++c) table[c] = c != ':';
  return table;
}();

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

/// "From anna@x.test Mon Jun  2 ..." and the ">From " of a message that went through a mailbox file twice.
bool is_mbox_line(std::string_view line) { return line.starts_with("From ") || line.starts_with(">From "); }

class Indexer {
 public:
  Indexer(std::string_view text, std::vector<FieldPlace>& places, const HeaderLimits& limits, Defects* defects)
      : text_(text), places_(places), first_(places.size()), limits_(limits), defects_(defects) {}

  HeaderEnd run() {
    std::size_t at = skip_byte_order_mark();
    while (at < text_.size()) {
      const bool may_be_blank = text_[at] == '\r' || text_[at] == '\n';
      if (const std::size_t line_end = may_be_blank ? blank_line_at(text_, at) : 0; line_end > 0) {
        end_.blank_line = true;
        end_.header = at;
        end_.body = at + line_end;
        return end_;
      }
      const std::size_t next = next_line(text_, at);
      if (next > limits_.octets_max) return cut(at);
      if (is_blank(text_[at]))
        take_continuation(at, next);
      else
        take_line(at, next);
      at = next;
    }
    end_.header = end_.body = text_.size();
    return end_;
  }

 private:
  /// It belongs to no field; alone in a line it takes that line with it.
  std::size_t skip_byte_order_mark() {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (!text_.starts_with(mark)) return 0;
    tell(DefectCode::byte_order_mark, text_.substr(0, mark.size()), "passed over");
    return mark.size() + line_end_at(text_, mark.size());
  }

  void take_line(std::size_t at, std::size_t next) {
    const bool begins_oddly = text_[at] == '<' || (text_[at] == '-' && next > at + 1 && text_[at + 1] == '-');
    if (begins_oddly) note_odd_line(at);
    std::size_t name_end = at;
    while (name_end < next && name_characters[static_cast<unsigned char>(text_[name_end])]) ++name_end;
    const std::size_t colon = skip_blanks(text_, name_end);
    in_field_ = false;
    if (name_end == at || colon >= next || text_[colon] != ':') return pass_over(at, next);
    if (colon > name_end)
      tell(DefectCode::space_before_colon, text_.substr(name_end, colon - name_end), "the blanks are ignored");
    if (places_.size() - first_ == limits_.fields_max) {
      if (!too_many_)
        tell(DefectCode::header_count_limit, text_.substr(at, next - at),
             "this field and those behind it are not read");
      too_many_ = true;
      return;
    }
    places_.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(name_end),
                       static_cast<std::uint32_t>(colon + 1), static_cast<std::uint32_t>(next)});
    in_field_ = true;
  }

  void take_continuation(std::size_t at, std::size_t next) {
    const std::size_t text_at = skip_blanks(text_, at);
    if (text_at == next || line_end_at(text_, text_at) > 0)
      tell(DefectCode::blank_folded_line, text_.substr(at, text_at - at), "continues the field before it");
    if (in_field_)
      places_.back().end = static_cast<std::uint32_t>(next);
    else if (at == 0)
      pass_over(at, next);
  }

  void tell(DefectCode code, std::string_view where, std::string_view done) {
    end_.odd = true;
    note(defects_, code, where, done);
  }

  void pass_over(std::size_t at, std::size_t next) {
    std::string_view line = text_.substr(at, next - at);
    if (is_mbox_line(line)) {
      tell(DefectCode::mbox_from_line, line, "passed over");
      return;
    }
    ++end_.junk_lines;
    note_odd_line(at);
    if (line.find(':') == std::string_view::npos)
      tell(DefectCode::header_without_colon, line, "the line is passed over");
    else
      tell(DefectCode::invalid_field_name, line, "the line is passed over");
  }

  void note_odd_line(std::size_t at) { end_.first_odd_line = std::min(end_.first_odd_line, at); }

  HeaderEnd cut(std::size_t at) {
    // A first line that alone is too long is cut where the limit is.
    end_.header = end_.body = at > 0 ? at : limits_.octets_max;
    tell(DefectCode::header_size_limit, text_.substr(end_.header, 0), "from here on it is read as body");
    return end_;
  }

  std::string_view text_;
  std::vector<FieldPlace>& places_;
  std::size_t first_;
  const HeaderLimits& limits_;
  Defects* defects_;
  HeaderEnd end_;
  bool in_field_ = false;  // a continuation belongs to the last one; else to a line that was passed over
  bool too_many_ = false;
};

}  // namespace

std::size_t line_end_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  if (text[at] == '\n') return 1;
  return text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n' ? 2 : 0;
}

std::size_t blank_line_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && text[end] == '\r') ++end;
  if (end < text.size()) return text[end] == '\n' ? end + 1 - at : 0;
  return end - at;  // CRs at the end of the text
}

HeaderEnd index_header(std::string_view text, std::vector<FieldPlace>& places, const HeaderLimits& limits,
                       Defects* defects) {
  places.clear();
  return append_header_index(text, places, limits, defects);
}

HeaderEnd append_header_index(std::string_view text, std::vector<FieldPlace>& places, const HeaderLimits& limits,
                              Defects* defects) {
  return Indexer(text, places, limits, defects).run();
}

HeaderField Header::operator[](std::size_t number) const {
  const FieldPlace& place = places_[number];
  return {text_.substr(place.begin, place.name_end - place.begin), text_.substr(place.body, place.end - place.body),
          text_.substr(place.begin, place.end - place.begin)};
}

std::optional<HeaderField> Header::find(std::string_view lower_case_name) const {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const FieldPlace& place = places_[i];
    if (place.name_end - place.begin != lower_case_name.size()) continue;
    if (is_field(text_.substr(place.begin, lower_case_name.size()), lower_case_name)) return (*this)[i];
  }
  return std::nullopt;
}

std::size_t Header::count(std::string_view lower_case_name) const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < places_.size(); ++i)
    if (is_field((*this)[i].name, lower_case_name)) ++count;
  return count;
}

}  // namespace mailrig::mime
