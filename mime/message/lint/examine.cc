#include "mime/message/lint/examine.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "mime/message/ascii.h"
#include "mime/message/body.h"
#include "mime/message/body_decoder.h"
#include "mime/message/coding/scan.h"
#include "mime/message/facts/attachment.h"
#include "mime/message/fields/address.h"
#include "mime/message/fields/date.h"
#include "mime/message/fields/encoded_word.h"
#include "mime/message/fields/message_id.h"
#include "mime/message/fields/parameters.h"
#include "mime/message/fields/received.h"
#include "mime/message/mime_fields.h"

namespace mailrig::mime {
namespace {

using enum DefectCode;

// RFC 5322 §2.1.1, without the CRLF.
constexpr std::size_t header_line_octets = 78;

enum class Value : std::uint8_t { text, addresses, date, ids, received, mime_version, other };

struct KnownField {
  std::string_view name;
  Value value;
  bool once = false;  // RFC 5322 §3.6, RFC 2045 §3
};

// Content-Type, -Disposition and -Transfer-Encoding are `other`: the tree and the attachment read them.
constexpr std::array known_fields = {
    KnownField{"Date", Value::date, true},
    KnownField{"From", Value::addresses, true},
    KnownField{"Sender", Value::addresses, true},
    KnownField{"Reply-To", Value::addresses, true},
    KnownField{"To", Value::addresses, true},
    KnownField{"Cc", Value::addresses, true},
    KnownField{"Bcc", Value::addresses, true},
    KnownField{"Message-ID", Value::ids, true},
    KnownField{"In-Reply-To", Value::ids, true},
    KnownField{"References", Value::ids, true},
    KnownField{"Subject", Value::text, true},
    KnownField{"Comments", Value::text},
    KnownField{"Resent-Date", Value::date},
    KnownField{"Resent-From", Value::addresses},
    KnownField{"Resent-Sender", Value::addresses},
    KnownField{"Resent-To", Value::addresses},
    KnownField{"Resent-Cc", Value::addresses},
    KnownField{"Resent-Bcc", Value::addresses},
    KnownField{"Resent-Message-ID", Value::ids},
    KnownField{"Received", Value::received},
    KnownField{"MIME-Version", Value::mime_version, true},
    KnownField{"Content-Type", Value::other, true},
    KnownField{"Content-Transfer-Encoding", Value::other, true},
    KnownField{"Content-Disposition", Value::other, true},
    KnownField{"Content-ID", Value::ids, true},
    KnownField{"Content-Description", Value::text, true},
};

const KnownField* known(std::string_view name) {
  for (const KnownField& field : known_fields)
    if (is_field(name, field.name)) return &field;
  return nullptr;
}

class Examiner {
 public:
  explicit Examiner(const Message& message) : message_(message), defects_(message.defects()) {
    defects_.move_to(message.source(), 0);
  }

  Defects run() {
    for (const Part& part : message_.parts()) {
      const Part& place = message_.place_in_source(part);
      defects_.place_others(place.body_offset, 0);
      in_source_ = part.decoded_in == Part::none;
      examine_header(part);
      if (part.is_leaf()) examine_body(part);
    }
    defects_.sort();
    return std::move(defects_);
  }

 private:
  void examine_header(const Part& part) {
    const Header header = message_.header(part);
    std::array<bool, known_fields.size()> seen{};
    for (std::size_t i = 0; i < header.size(); ++i) {
      const HeaderField field = header[i];
      examine_octets(field);
      const KnownField* row = known(field.name);
      if (row != nullptr && std::exchange(seen[static_cast<std::size_t>(row - known_fields.data())], true) && row->once)
        add_at(part, duplicate_field, offset_of(field.whole), "the first one counts", row->name);
      defects_.place_in(field.body);
      examine_value(row == nullptr ? Value::text : row->value, field);
    }
    attachment_of(message_, part, &defects_);
    defects_.place_in({});
    const bool is_utf16 = message_.whole(part).starts_with("\xFF\xFE") || message_.whole(part).starts_with("\xFE\xFF");
    if (is_utf16 && part.parent == Part::none)
      add_at(part, byte_order_mark, part.header_offset, "it is that of UTF-16, in which no header can be read", "");
    // The line end of the blank line belongs to no field and to no body.
    const std::string_view blank_line =
        message_.whole(part).substr(part.header_length, part.body_offset - part.header_offset - part.header_length);
    examine_line_ends(survey(blank_line), blank_line);
    if (is_message(part)) examine_presence(part, header);
  }

  bool is_message(const Part& part) const {
    return part.parent == Part::none || message_.parts()[part.parent].kind == Part::Kind::message;
  }

  void examine_presence(const Part& part, const Header& header) {
    // RFC 5322 §3.6: these two alone must be there.
    for (std::string_view name : {"Date", "From"})
      if (!header.find(name)) add_at(part, missing_field, part.header_offset + part.header_length, "left empty", name);
  }

  void examine_octets(const HeaderField& field) {
    const std::string_view text = field.whole;
    const auto control = std::ranges::find_if(text, [](char c) {
      const auto octet = static_cast<unsigned char>(c);
      return (octet < 0x20 && c != '\t' && c != '\r' && c != '\n') || octet == 0x7F;
    });
    if (control != text.end())
      add_once(*control == '\0' ? nul_octet : control_character,
               text.substr(static_cast<std::size_t>(control - text.begin()), 1), "kept as it is, and others like it");
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t next = next_line(text, at);
      std::size_t end = next;
      while (end > at && (text[end - 1] == '\n' || text[end - 1] == '\r')) --end;
      if (end - at > OctetStatistics::line_octets_max)
        add(line_too_long, text.substr(at, end - at), "read whole");
      else if (end - at > header_line_octets)
        add(line_over_78, text.substr(at, end - at), "read whole");
      at = next;
    }
    examine_line_ends(survey(text), text);
  }

  void examine_line_ends(const OctetSurvey& octets, std::string_view text) {
    if (octets.bare_cr > 0)
      add_once(bare_cr, text.substr(octets.first_bare_cr, 1), "kept as it is, and others like it");
    if (octets.bare_lf > 0)
      add_once(bare_lf, text.substr(octets.first_bare_lf, 1), "read as a line end, and others like it");
  }

  void examine_value(Value value, const HeaderField& field) {
    const std::string_view body = field.body;
    const std::uint64_t told = eight_bit_told();
    switch (value) {
      case Value::text: text_value(body, &defects_, &charsets_); break;
      case Value::addresses: parse_address_list(body, &defects_, &charsets_); break;
      case Value::date: parse_date(body, &defects_); break;
      case Value::ids: parse_message_ids(body, &defects_); break;
      case Value::received: parse_received(body, &defects_); break;
      case Value::mime_version: parse_mime_version(body, &defects_); break;
      case Value::other: return;
    }
    // Readers tell it of what they keep as text; dates and identifiers are none.
    if (ascii_length(body) == body.size() || eight_bit_told() > told) return;
    if (is_well_formed_utf8(body))
      add(utf8_header, trimmed(body), "kept as it is");
    else
      add(eight_bit_header, trimmed(body), "kept as it is");
  }

  std::uint64_t eight_bit_told() const { return defects_.count(utf8_header) + defects_.count(eight_bit_header); }

  void examine_body(const Part& part) {
    const std::string_view body = message_.body(part);
    // RFC 2045 §2.9: binary is octets, not lines.
    if (part.encoding != TransferEncoding::binary) {
      const OctetSurvey octets = survey(body);
      examine_line_ends(octets, body);
      if (octets.nul > 0) add_once(nul_octet, body.substr(octets.first_nul, 1), "kept as it is, and others like it");
      if (octets.longest_line > OctetStatistics::line_octets_max)
        add(line_too_long, body.substr(octets.first_long_line, 0), "read whole");
      const bool may_be_eight_bit =
          part.encoding == TransferEncoding::eight_bit || part.encoding == TransferEncoding::unknown;
      if (octets.eight_bit > 0 && !may_be_eight_bit)
        add(eight_bit_body, body.substr(octets.first_eight_bit, 1), "kept as they are");
    }
    Defects encoding({}, 0);
    decode_body(
        message_, part, [](std::string_view) {}, &encoding);
    for (const Defect& defect : encoding.list()) {
      if (defect.code == base64_line_too_long || defect.code == quoted_printable_line_too_long)
        add_at(part, defect.code, part.body_offset + first_long_line(body), defect.done);
      else if (in_source_)
        defects_.add_at(defect.code, defect.offset, defect.length, defect.done);
      else
        add_at(part, defect.code, 0, defect.done);
    }
    if (part.content_type.type == "text") examine_text(part);
  }

  void examine_text(const Part& part) {
    const Text text = text_of(message_, part, &charsets_);
    const TextLoss& loss = text.loss;
    const std::string_view guess = loss.western ? "read as windows-1252" : "read as UTF-8";
    if (loss.unknown_charset) add_at(part, unknown_charset, offset_of_charset(part), guess);
    // Other texts than text/plain have defaults of their own (RFC 6657 §3).
    const bool is_ascii = !text.charset.empty() || part.content_type.subtype == "plain";
    if (loss.eight_bit > 0 && is_ascii)
      add_at(part, eight_bit_in_ascii, encoded_offset(part, loss.first_eight_bit), guess);
    if (loss.vendor > 0) add_at(part, vendor_charset, encoded_offset(part, loss.first_vendor), "read by the superset");
    if (loss.unmappable > 0) add_at(part, unmappable_text, encoded_offset(part, loss.first), "replaced by U+FFFD");
  }

  std::uint64_t offset_of_charset(const Part& part) const {
    const std::optional<HeaderField> field = message_.header(part).find("content-type");
    if (!field) return part.header_offset;
    const std::size_t value = parameter_place(field->body, "charset");
    return offset_of(field->body) + (value == not_found ? 0 : value);
  }

  /// Where in the source the octet of the decoded body begins.
  std::uint64_t encoded_offset(const Part& part, std::uint64_t decoded) const {
    if (!in_source_) return part.body_offset;  // add_at() tells the place of the whole
    return part.body_offset + encoded_position(message_.body(part), part.encoding, decoded);
  }

  static std::uint64_t first_long_line(std::string_view body) {
    std::size_t at = 0;
    while (at < body.size()) {
      const std::size_t next = next_line(body, at);
      if (next - at > QuotedPrintableEncoder::line_characters_max + 2) break;  // with its CRLF
      if (trimmed(body.substr(at, next - at)).size() > QuotedPrintableEncoder::line_characters_max) break;
      at = next;
    }
    return at < body.size() ? at : 0;
  }

  /// Of a view of the source; the place of what was decoded is told by add_at().
  std::uint64_t offset_of(std::string_view where) const {
    return in_source_ ? static_cast<std::uint64_t>(where.data() - message_.source().data()) : 0;
  }

  void add(DefectCode code, std::string_view where, std::string_view done) { defects_.add(code, where, done); }
  /// What a program does at every line is one fault.
  void add_once(DefectCode code, std::string_view where, std::string_view done) {
    if (!defects_.has(code)) add(code, where, done);
  }
  void add_at(const Part& part, DefectCode code, std::uint64_t offset, std::string_view done,
              std::string_view field = {}) {
    defects_.add_at(code, in_source_ ? offset : message_.place_in_source(part).body_offset, 0, done, field);
  }

  const Message& message_;
  Defects defects_;
  Charsets charsets_;
  bool in_source_ = true;
};

}  // namespace

Defects examine(const Message& message) { return Examiner(message).run(); }

}  // namespace mailrig::mime
