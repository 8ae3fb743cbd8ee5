#include "mime/message/tree_builder.h"

#include <algorithm>
#include <utility>

#include "mime/message/ascii.h"
#include "mime/message/body_decoder.h"
#include "mime/message/coding/scan.h"
#include "mime/message/header_end.h"

namespace mailrig::mime {
namespace {

bool holds_a_message(const ContentType& type) {
  // RFC 2046 §5.2.1, RFC 6532 §3.7 and RFC 5537 §2.3. The others of message/* hold something else, or not all of it.
  return type.type == "message" && (type.subtype == "rfc822" || type.subtype == "global" || type.subtype == "news");
}

/// RFC 2046 §5.1.1: bchars, and no blank at the end.
bool is_valid_boundary(std::string_view boundary) {
  static constexpr std::string_view marks = "'()+_,-./:=? ";
  return !boundary.empty() && boundary.size() <= 70 && boundary.back() != ' ' &&
         std::ranges::all_of(
             boundary, [](char c) { return is_digit(c) || is_letter(c) || marks.find(c) != std::string_view::npos; });
}

/// What may stand behind a boundary: blanks that a transport put there, and the line end.
bool is_padding(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return is_space(c); });
}

}  // namespace

/// Decoded and read at the same time, when it streams.
struct TreeBuilder::EncodedBody {
  EncodedBody(Message& message, const Limits& limits, How how, TransferEncoding encoding)
      : decoder(encoding), builder(message, limits, how) {}

  void feed(std::string_view piece) {
    decoder.feed(piece, text);
    text.erase(0, builder.read(text, false));
  }
  void finish() {
    decoder.finish(text);
    builder.read(text, true);
  }

  BodyDecoder decoder;
  std::string text;
  TreeBuilder builder;
};

TreeBuilder::TreeBuilder(Message& message, const Limits& limits, How how)
    : message_(message), limits_(limits), how_(how) {
  if (how.boundary.empty()) {
    open_part(how.decoded_in);
    return;
  }
  state_ = State::body;
  levels_.push_back({.part = how.decoded_in, .delimiter = "--" + std::string(how.boundary)});
  multiparts_ = 1;
}

TreeBuilder::~TreeBuilder() = default;

std::size_t TreeBuilder::read(std::string_view text, bool last) {
  text_ = text;
  position_ = 0;
  if (how_.decoded_in == Part::none)
    message_.defects_.move_to(text, offset_);
  else
    message_.defects_.place_others(message_.place_in_source(part(how_.decoded_in)).body_offset, 0);
  while (step(last)) {
  }
  if (last) {
    end_leaf(at(text.size()));
    end_levels(0, at(text.size()));
  }
  offset_ += position_;
  return position_;
}

bool TreeBuilder::step(bool last) {
  switch (state_) {
    case State::header: return read_header(last);
    case State::encoding_in_doubt: return judge_encoding(last);
    default: return read_body(last);
  }
}

bool TreeBuilder::read_header(bool last) {
  std::size_t line = position_ + scanned_;
  while (true) {
    const std::size_t next = next_line(text_, std::max(line, position_ + searched_));
    const bool ended = next > line && text_[next - 1] == '\n';
    const std::size_t length = next - position_;
    if (!ended && !last && length <= limits_.header.octets_max + boundary_line_octets_max) {
      scanned_ = line - position_;
      searched_ = length;
      return false;
    }
    // Every line end that follows the last is one line more, so the index finds the blank line, the limit or the end.
    const bool may_be_blank = next > line && (text_[line] == '\r' || text_[line] == '\n');
    if (next == line || (may_be_blank && blank_line_at(text_, line) > 0) || length > limits_.header.octets_max) {
      end_header(text_.substr(position_, length));
      return true;
    }
    if (text_[line] == '-') {
      if (std::optional<Match> match = match_boundary(text_.substr(line, next - line))) {
        if (line == position_ && !match->closing && match->level + 1 == levels_.size())
          drop_part();
        else
          end_header(text_.substr(position_, line - position_));
        return true;
      }
    }
    line = next;
  }
}

bool TreeBuilder::read_body(bool last) {
  std::size_t from = at_line_start_ ? position_ : position_ + 1;
  while (multiparts_ > 0) {
    const std::size_t line = find_boundary_line(text_, from);
    if (line == not_found) break;
    const std::size_t next = next_line(text_, line);
    if (text_[next - 1] != '\n' && !last) break;
    if (std::optional<Match> match = match_boundary(text_.substr(line, next - line))) {
      take_boundary(*match, line, next);
      return true;
    }
    from = next;
  }
  const std::size_t end = last || multiparts_ == 0 ? text_.size() : undecided_from();
  if (end > position_) at_line_start_ = false;
  take_content(end);
  return false;
}

void TreeBuilder::end_header(std::string_view text) {
  scanned_ = searched_ = 0;
  const std::uint32_t number = header_of_;
  Message::Index& index = message_.headers_[number];
  index.first = static_cast<std::uint32_t>(message_.places_.size());
  HeaderEnd end = append_header_index(text, message_.places_, limits_.header, nullptr);
  if (message_.places_.size() == index.first && end.junk_lines > 0) {
    tell(DefectCode::missing_blank_line, at(position_), 0, "there is no header: all is read as body");
    end = {};
  } else if (end.odd || end.first_odd_line != std::string_view::npos) {
    const bool cut = !end.blank_line && end.header < text.size();
    const HeaderStop stop = end.blank_line || cut                    ? HeaderStop::blank_line
                            : position_ + text.size() < text_.size() ? HeaderStop::delimiter
                                                                     : HeaderStop::end;
    const std::size_t body = find_body(text.substr(0, end.header), end.first_odd_line, stop);
    if (body != std::string_view::npos) text = text.substr(0, body);
    message_.places_.resize(index.first);
    end = append_header_index(text, message_.places_, limits_.header, &message_.defects_);
    if (body != std::string_view::npos)
      tell(DefectCode::missing_blank_line, at(position_ + body), 0, "the header ends before this line");
    else if (!end.blank_line && end.junk_lines > 0)
      tell(DefectCode::missing_blank_line, at(position_ + end.header), 0, "the header goes on up to here");
  }
  index.count = static_cast<std::uint32_t>(message_.places_.size()) - index.first;
  index.text = text.substr(0, end.header);
  Part& entity = part(number);
  entity.header_offset = at(position_);
  entity.header_length = end.header;
  entity.body_offset = at(position_ + end.body);
  take_content_type(entity, message_.header(entity));
  take_encoding(entity, message_.header(entity));
  position_ += end.body;
  at_line_start_ = end.body == 0 || text[end.body - 1] == '\n';
  begin_body(number);
  if (how_.streamed) message_.headers_[number].text = message_.kept_.emplace_back(text.substr(0, end.header));
}

void TreeBuilder::take_content_type(Part& part, const Header& header) {
  if (std::optional<HeaderField> field = header.find("content-type")) {
    part.has_content_type = true;
    message_.defects_.place_in(field->body);
    part.content_type = parse_content_type(field->body, &message_.defects_, &charsets_);
    message_.defects_.place_in({});
    if (part.content_type.is_valid()) return;
    part.content_type.type = "text";  // RFC 2045 §5.2
    part.content_type.subtype = "plain";
    return;
  }
  part.content_type.type = default_is_message_ ? "message" : "text";
  part.content_type.subtype = default_is_message_ ? "rfc822" : "plain";
}

void TreeBuilder::take_encoding(Part& part, const Header& header) {
  std::optional<HeaderField> field = header.find("content-transfer-encoding");
  if (!field) return;
  part.encoding = parse_transfer_encoding(field->body, &message_.defects_);
  const bool multipart = part.content_type.type == "multipart";
  if (is_encoded(part.encoding) && (multipart || holds_a_message(part.content_type)))
    note(&message_.defects_, DefectCode::encoded_multipart, trimmed(field->body),
         multipart ? "decoded, if its boundary is found so" : "decoded, unless it begins with a field");
}

void TreeBuilder::begin_body(std::uint32_t number) {
  state_ = State::body;
  leaf_ = number;
  part(number).path = path_of(part(number), false);
  const ContentType& type = part(number).content_type;
  const bool multipart = type.type == "multipart";
  const bool message = holds_a_message(type);
  if ((multipart || message) && levels_.size() + how_.outer_levels >= limits_.nesting_max)
    tell(DefectCode::nesting_limit, at(position_), 0, "the part is not looked into");
  else if ((multipart || message) && is_encoded(part(number).encoding))
    state_ = State::encoding_in_doubt;
  else if (multipart)
    begin_multipart(number);
  else if (message)
    begin_message(number);
  if (how_.sink != nullptr) how_.sink->on_part(message_, part(number));
}

void TreeBuilder::begin_multipart(std::uint32_t number) {
  const Header header = message_.header(part(number));
  const HeaderField field = *header.find("content-type");
  const std::uint64_t field_at =
      part(number).header_offset + static_cast<std::uint64_t>(field.body.data() - header.text().data());
  // Looked for only where there is a fault to tell.
  const auto place = [&] {
    const std::size_t value = parameter_place(field.body, "boundary");
    return field_at + (value == not_found ? 0 : value);
  };
  const std::string* written = part(number).content_type.find("boundary");
  // RFC 2046 §5.1.1: no boundary ends in a blank; one that does was not meant to.
  std::string_view boundary = written == nullptr ? std::string_view() : std::string_view(*written);
  while (!boundary.empty() && is_space(boundary.back())) boundary.remove_suffix(1);
  if (boundary.empty()) {
    if (written == nullptr)
      tell(DefectCode::boundary_missing, field_at, field.body.size(), "the parts are not told apart");
    else
      tell(DefectCode::boundary_invalid, place(), 0, "the parts are not told apart");
    return;
  }
  std::string delimiter = "--" + std::string(boundary);
  const bool used =
      std::ranges::any_of(levels_, [&](const Level& level) { return !level.closed && level.delimiter == delimiter; });
  if (used)
    tell(DefectCode::boundary_equal_to_outer, place(), boundary.size(), "it divides the inner one up to its end");
  const bool invalid = !is_valid_boundary(*written);
  levels_.push_back({.part = number,
                     .delimiter = std::move(delimiter),
                     .blanks = written->substr(boundary.size()),
                     .invalid = invalid,
                     .written_at = invalid ? place() : 0,
                     .written_length = written->size()});
  ++multiparts_;
  leaf_ = Part::none;
  part(number).path = path_of(part(number), true);
}

void TreeBuilder::begin_message(std::uint32_t number) {
  part(number).kind = Part::Kind::message;
  if (open_part(number))
    levels_.push_back({.part = number});
  else
    part(number).kind = Part::Kind::leaf;
}

void TreeBuilder::begin_encoded(std::uint32_t number, Part::Kind kind, std::string_view boundary) {
  const bool too_deep = how_.encoded_nesting == limits_.encoded_nesting_max;
  if (too_deep || message_.parts_.size() >= limits_.parts_max) {
    tell(too_deep ? DefectCode::nesting_limit : DefectCode::part_limit, part(number).body_offset, 0,
         "the part is not looked into");
    return;
  }
  part(number).kind = kind;
  if (kind == Part::Kind::multipart) part(number).path = path_of(part(number), true);
  leaf_is_encoded_ = true;
  encoded_boundary_ = boundary;
  if (how_.streamed)
    encoded_ =
        std::make_unique<EncodedBody>(message_, limits_, how_for(number, encoded_boundary_), part(number).encoding);
}

/// False when there are too many already.
bool TreeBuilder::open_part(std::uint32_t parent) {
  if (!message_.parts_.empty() && message_.parts_.size() >= limits_.parts_max) {
    if (!too_many_parts_) tell(DefectCode::part_limit, at(position_), 0, "no part from here on is told from another");
    too_many_parts_ = true;
    return false;
  }
  header_of_ = static_cast<std::uint32_t>(message_.parts_.size());
  Part opened;
  opened.parent = parent;
  opened.decoded_in = how_.decoded_in;
  if (parent != Part::none)
    opened.message_depth = part(parent).message_depth + (part(parent).kind == Part::Kind::message ? 1 : 0);
  message_.parts_.push_back(std::move(opened));
  message_.headers_.emplace_back();
  message_.decoded_bodies_.emplace_back();
  default_is_message_ = false;
  state_ = State::header;
  leaf_ = Part::none;
  return true;
}

/// RFC 2046 §5.1.1 has at least a blank line in a part: where a boundary is repeated there is none between. Before the
/// closing one an empty part is what was meant.
void TreeBuilder::drop_part() {
  message_.parts_.pop_back();
  message_.headers_.pop_back();
  message_.decoded_bodies_.pop_back();
  if (--levels_.back().parts == 0) part(levels_.back().part).kind = Part::Kind::leaf;
  state_ = State::body;
}

std::optional<TreeBuilder::Match> TreeBuilder::match_boundary(std::string_view line) const {
  if (multiparts_ == 0 || line.size() > boundary_line_octets_max || !line.starts_with("--")) return std::nullopt;
  for (std::size_t i = levels_.size(); i-- > 0;) {
    const Level& level = levels_[i];
    if (level.closed || level.delimiter.empty() || !line.starts_with(level.delimiter)) continue;
    const std::string_view behind = line.substr(level.delimiter.size());
    if (is_padding(behind)) return Match{i, false};
    if (behind.starts_with("--") && is_padding(behind.substr(2))) return Match{i, true};
    // The closing line of a boundary that is written with blanks at its end may have them too.
    if (!level.blanks.empty() && behind.starts_with(level.blanks) &&
        behind.substr(level.blanks.size()).starts_with("--") && is_padding(behind.substr(level.blanks.size() + 2)))
      return Match{i, true};
  }
  return std::nullopt;
}

void TreeBuilder::take_boundary(Match match, std::size_t line, std::size_t next) {
  const std::size_t end = content_end(line);
  take_content(end);
  end_leaf(at(end));
  end_levels(match.level + 1, at(end));
  position_ = next;
  at_line_start_ = true;
  Level& level = levels_[match.level];
  if (match.closing) {
    level.closed = true;
  } else if (open_part(level.part)) {
    Part& parent = part(level.part);
    parent.kind = Part::Kind::multipart;
    if (level.part != how_.decoded_in) parent.encoding = TransferEncoding::seven_bit;
    part(header_of_).number = ++level.parts;
    default_is_message_ = parent.content_type.subtype == "digest";
  }
}

/// The line end before a boundary belongs to it (RFC 2046 §5.1.1).
std::size_t TreeBuilder::content_end(std::size_t line) const {
  std::size_t end = line;
  if (end > position_ && text_[end - 1] == '\n') --end;
  if (end < line && end > position_ && text_[end - 1] == '\r') --end;
  return end;
}

/// The end of the text, or where something begins that may still become a boundary with its line end.
std::size_t TreeBuilder::undecided_from() const {
  const std::size_t window = std::min(text_.size() - position_, boundary_line_octets_max + 1);
  const std::string_view tail = text_.substr(text_.size() - window);
  const std::size_t lf = tail.rfind('\n');
  if (lf == std::string_view::npos && (!at_line_start_ || window > boundary_line_octets_max))
    return tail.ends_with('\r') ? text_.size() - 1 : text_.size();
  const std::size_t line = text_.size() - window + (lf == std::string_view::npos ? 0 : lf + 1);
  const std::string_view begun = text_.substr(line);
  if (begun.empty() || begun == "-" || begun.starts_with("--")) return content_end(line);
  return begun.ends_with('\r') ? text_.size() - 1 : text_.size();
}

void TreeBuilder::take_content(std::size_t end) {
  const std::string_view piece = text_.substr(position_, end - position_);
  position_ = end;
  if (leaf_ == Part::none || piece.empty()) return;
  if (encoded_ != nullptr)
    encoded_->feed(piece);
  else if (how_.sink != nullptr)
    how_.sink->on_body(message_, part(leaf_), piece);
}

void TreeBuilder::end_leaf(std::uint64_t end) {
  if (leaf_ == Part::none) return;
  const std::uint32_t number = std::exchange(leaf_, Part::none);
  part(number).body_length = end - part(number).body_offset;
  if (!leaf_is_encoded_) {
    if (how_.sink != nullptr) how_.sink->on_end(message_, part(number));
    return;
  }
  leaf_is_encoded_ = false;
  if (encoded_ != nullptr) {
    encoded_->finish();
    encoded_.reset();
  } else {
    const std::string& decoded =
        message_.kept_.emplace_back(decode_body(message_.body(part(number)), part(number).encoding));
    message_.decoded_bodies_[number] = decoded;
    TreeBuilder(message_, limits_, how_for(number, encoded_boundary_)).read(decoded, true);
  }
}

void TreeBuilder::end_levels(std::size_t remaining, std::uint64_t end) {
  while (levels_.size() > remaining) {
    const Level level = std::move(levels_.back());
    levels_.pop_back();
    Part& entity = part(level.part);
    // The body of a multipart that is read as decoded lies in the text around it.
    if (level.part != how_.decoded_in) entity.body_length = end - entity.body_offset;
    if (level.delimiter.empty()) continue;
    --multiparts_;
    if (level.invalid)
      tell(DefectCode::boundary_invalid, level.written_at, level.written_length,
           level.parts > 0 ? "used all the same" : "it never stands in the body");
    if (level.parts == 0) {
      if (level.part == how_.decoded_in) entity.kind = Part::Kind::leaf;
      tell(DefectCode::boundary_not_found, entity.body_offset, entity.body_length, "it has no parts");
      entity.path = path_of(entity, false);
    } else if (!level.closed) {
      tell(DefectCode::boundary_never_closed, end, 0, "it ends with what it lies in");
    }
  }
}

/// Of the text that this builder reads; in a decoded message nobody can point at it.
void TreeBuilder::tell(DefectCode code, std::uint64_t offset, std::uint64_t length, std::string_view done) {
  if (how_.decoded_in == Part::none)
    message_.defects_.add_at(code, offset, length, done);
  else
    message_.defects_.add_at(code, message_.place_in_source(part(how_.decoded_in)).body_offset, 0, done);
}

TreeBuilder::How TreeBuilder::how_for(std::uint32_t encoded, std::string_view boundary) const {
  How how = how_;
  how.decoded_in = encoded;
  how.boundary = boundary;
  ++how.encoded_nesting;
  how.outer_levels += levels_.size() + 1;
  return how;
}

std::string TreeBuilder::path_of(const Part& part, bool has_parts) const {
  if (part.parent == Part::none) return has_parts ? std::string() : "1";
  const Part& parent = message_.parts_[part.parent];
  if (parent.kind == Part::Kind::message) return has_parts ? parent.path : parent.path + ".1";
  const std::string number = std::to_string(part.number);
  return parent.path.empty() ? number : parent.path + "." + number;
}

}  // namespace mailrig::mime
