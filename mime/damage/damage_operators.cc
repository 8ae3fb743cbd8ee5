// The operators, a row each. Most of them put something into the header or add a part; the functions are for the rest.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mime/damage/damage.h"

namespace mailrig::mime {
namespace {

using enum DefectCode;

std::string repeated(std::string_view piece, std::size_t count) {
  std::string text;
  text.reserve(piece.size() * count);
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

// --- Rows that are said in a word: the texts are arguments of templates, so that each row has a function of its own.

template <std::size_t size>
struct Literal {  // NOLINT(google-explicit-constructor)
  char text[size];
  constexpr Literal(const char (&literal)[size]) { std::copy_n(literal, size, text); }  // NOLINT
  constexpr std::string_view view() const { return {text, size - 1}; }
};

template <Literal name, Literal body>
void set(EditableMessage& patient, Prng&) {
  patient.set_field(name.view(), body.view());
}

template <Literal lines>
void add(EditableMessage& patient, Prng&) {
  patient.add_lines(lines.view());
}

template <Literal fields, Literal body>
void part(EditableMessage& patient, Prng& prng) {
  patient.add_part(fields.view(), body.view(), prng);
}

// --- Places

constexpr std::string_view plain_fields =
    "Content-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n";

/// A line of a text that stands as it is, without its line end; added where there is none.
Span draw_line(EditableMessage& patient, Prng& prng) {
  // What is put in leaves the line shorter than a line may be.
  constexpr std::size_t line_max = 900;
  const auto leaf = patient.draw_leaf(prng, [](const Part& part, std::string_view body) {
    const bool as_it_is = part.encoding == TransferEncoding::seven_bit || part.encoding == TransferEncoding::eight_bit;
    return as_it_is && part.content_type.type == "text" && body.find("\r\n") != std::string_view::npos;
  });
  const Span body = leaf ? *leaf : patient.add_part(plain_fields, "This part was added to be damaged.\r\n", prng);
  const std::string_view text = patient.at(body);
  std::vector<Span> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find("\r\n", begin);
    if (end == std::string_view::npos) break;
    if (end - begin < line_max) lines.push_back({body.offset + begin, end - begin});
    begin = end + 2;
  }
  return lines.empty() ? Span{body.offset, 0} : lines[prng.below(lines.size())];
}

/// The body of a part in base64 that has a full line.
Span draw_base64(EditableMessage& patient, Prng& prng) {
  constexpr std::size_t full_line = 76;
  const auto leaf = patient.draw_leaf(prng, [](const Part& part, std::string_view body) {
    return part.encoding == TransferEncoding::base64 && body.find("\r\n") == full_line;
  });
  if (leaf) return *leaf;
  return patient.add_part("Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n",
                          repeated("QUJD", full_line / 4) + "\r\nQUJD\r\n", prng);
}

Span draw_quoted_printable(EditableMessage& patient, Prng& prng) {
  const auto leaf = patient.draw_leaf(prng, [](const Part& part, std::string_view body) {
    return part.encoding == TransferEncoding::quoted_printable && body.find("\r\n") != std::string_view::npos;
  });
  if (leaf) return *leaf;
  return patient.add_part("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n",
                          "This part was added to be damaged=2E\r\n", prng);
}

/// Where the lines of the header begin, without the first.
std::uint64_t second_field(const EditableMessage& patient) {
  const Message message = parse(patient.text());
  const Header header = message.header(message.root());
  return header.size() < 2 ? 0 : static_cast<std::uint64_t>(header[1].whole.data() - patient.text().data());
}

// --- Lines and octets

void put_bare_cr(EditableMessage& patient, Prng& prng) { patient.edit(draw_line(patient, prng).offset, 0, "x\rx"); }

void cut_cr(EditableMessage& patient, Prng& prng) {
  const Span line = draw_line(patient, prng);
  // A message whose last line has no CRLF cannot be sent: POP3 and SMTP would add one.
  if (line.end() + 2 == patient.text().size())
    patient.edit(line.offset, 0, "this line ends in LF\n");
  else
    patient.edit(line.end(), 1, {});
}

void put_nul(EditableMessage& patient, Prng& prng) {
  patient.edit(draw_line(patient, prng).offset, 0, std::string(1, '\0'));
}

void lengthen_line(EditableMessage& patient, Prng& prng) {
  constexpr std::size_t over = 999;
  patient.edit(draw_line(patient, prng).offset, 0, std::string(over, 'x'));
}

void lengthen_field(EditableMessage& patient, Prng&) {
  patient.add_lines("X-Long: " + repeated("word ", 15) + "end\r\n");
}

// --- The header

void put_line_without_colon(EditableMessage& patient, Prng&) {
  patient.edit(second_field(patient), 0, "this line is no field\r\n");
}

/// A part whose header never ends. (Of the message itself the reader would take the first blank line of the text.)
void cut_blank_line(EditableMessage& patient, Prng& prng) {
  const Span body = patient.add_part("Content-Type: text/plain\r\n", "Here its header should have ended.\r\n", prng);
  patient.edit(body.offset - 2, 2, {});
  patient.edit(body.end() - 2, 2, {});  // the line end of the boundary behind it would be a blank line
}

void put_nameless_field(EditableMessage& patient, Prng&) {
  patient.edit(second_field(patient), 0, "Name with blanks: x\r\n");
}

void put_byte_order_mark(EditableMessage& patient, Prng&) { patient.edit(0, 0, "\xEF\xBB\xBF"); }

void put_mbox_line(EditableMessage& patient, Prng&) {
  patient.edit(0, 0, "From anna@x.test Mon Jun  2 09:00:00 2014\r\n");
}

void double_field(EditableMessage& patient, Prng&) {
  if (!patient.field("Subject")) patient.add_lines("Subject: once\r\n");
  patient.add_lines("Subject: and again\r\n");
}

void cut_field(EditableMessage& patient, Prng&) {
  if (const auto date = patient.field("Date")) patient.edit(date->offset, date->length, {});
}

void put_many_fields(EditableMessage& patient, Prng&) {
  patient.add_lines(repeated("X-Many: more\r\n", HeaderLimits{}.fields_max + 1));
}

/// In a part: what is cut from the message's own header would be read as its body.
void put_large_field(EditableMessage& patient, Prng& prng) {
  const std::string line = ' ' + std::string(70, 'x') + "\r\n";
  const std::string lines = repeated(line, HeaderLimits{}.octets_max / line.size() + 1);
  patient.add_part("Content-Type: text/plain; charset=us-ascii\r\nX-Large:\r\n" + lines, "x\r\n", prng);
}

// --- What stands in fields

std::string date_of(const EditableMessage& patient) {
  const auto span = patient.field_body("Date");
  return span ? std::string(patient.at(*span)) : " Mon, 02 Jun 2014 09:00:00 +0000";
}

void open_comment(EditableMessage& patient, Prng&) { patient.set_field("Date", date_of(patient) + " (UTC"); }

void nest_comments(EditableMessage& patient, Prng&) {
  constexpr std::size_t half = 35;
  const std::string open(half, '('), close(half, ')');
  patient.set_field("In-Reply-To", fmt::format(" <1@x.test>\r\n {}\r\n {}x{}\r\n {}", open, open, close, close));
}

void address_many(EditableMessage& patient, Prng&) {
  constexpr std::size_t over = 10'001;
  std::string body = " a@x.test";
  for (std::size_t i = 1; i < over; ++i) body += ",\r\n a@x.test";
  patient.set_field("Cc", body);
}

void change_weekday(EditableMessage& patient, Prng&) {
  constexpr std::array<std::string_view, 7> days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  std::string date = date_of(patient);
  const std::size_t at = date.find_first_not_of(" \t\r\n");
  const auto day = at == std::string::npos ? days.end() : std::ranges::find(days, date.substr(at, 3));
  if (day == days.end())
    date = " Tue, 02 Jun 2014 09:00:00 +0000";
  else
    date.replace(at, 3, days[static_cast<std::size_t>(day - days.begin() + 1) % days.size()]);
  patient.set_field("Date", date);
}

void parameter_many(EditableMessage& patient, Prng& prng) {
  std::string fields = "Content-Type: text/plain";
  for (std::size_t i = 0; i <= parameters_max; ++i) fields += fmt::format(";\r\n p{}=1", i);
  patient.add_part(fields + "\r\n", "x\r\n", prng);
}

void encode_multipart(EditableMessage& patient, Prng& prng) {
  patient.wrap("=_" + prng.hex(24));
  patient.set_field("Content-Transfer-Encoding", " base64");
}

// --- Bodies

void put_base64_junk(EditableMessage& patient, Prng& prng) {
  patient.edit(draw_base64(patient, prng).offset + 4, 4, "****");
}

void lengthen_base64(EditableMessage& patient, Prng& prng) {
  patient.edit(draw_base64(patient, prng).offset, 0, "QUJD");
}

void put_escape(EditableMessage& patient, Prng& prng) {
  patient.edit(draw_quoted_printable(patient, prng).offset, 0, "1 = 1\r\n");
}

void put_trailing_blanks(EditableMessage& patient, Prng& prng) {
  patient.edit(draw_quoted_printable(patient, prng).offset, 0, "blanks follow  \r\n");
}

void lengthen_quoted_printable(EditableMessage& patient, Prng& prng) {
  patient.edit(draw_quoted_printable(patient, prng).offset, 0, repeated("word ", 16) + "end\r\n");
}

/// Within a multipart: the end of the message would get a line end on its way.
void cut_escape(EditableMessage& patient, Prng& prng) {
  Span body = draw_quoted_printable(patient, prng);
  if (body.end() == patient.text().size()) {
    patient.wrap("=_" + prng.hex(24));
    body = draw_quoted_printable(patient, prng);
  }
  patient.edit(body.end(), 0, "=4");
}

// --- The tree

void cut_boundary_parameter(EditableMessage& patient, Prng& prng) {
  patient.wrap("=_" + prng.hex(24));
  patient.set_field("Content-Type", " multipart/mixed");
}

void put_odd_boundary(EditableMessage& patient, Prng& prng) { patient.wrap("=_#" + prng.hex(24)); }

void change_boundary(EditableMessage& patient, Prng& prng) {
  patient.wrap("=_" + prng.hex(24));
  patient.set_field("Content-Type", fmt::format(" multipart/mixed;\r\n\tboundary=\"=_{}\"", prng.hex(24)));
}

void cut_closing_boundary(EditableMessage& patient, Prng& prng) {
  if (!patient.closing_boundary()) patient.wrap("=_" + prng.hex(24));
  const Span closing = patient.closing_boundary().value_or(Span{patient.text().size(), 0});
  // Up to the end: an epilogue would become part of the last part.
  patient.edit(closing.offset, patient.text().size() - closing.offset, {});
}

void repeat_boundary(EditableMessage& patient, Prng& prng) {
  const std::string boundary = "=_" + prng.hex(24);
  patient.wrap(boundary);
  patient.add_part(fmt::format("Content-Type: multipart/mixed;\r\n\tboundary=\"{}\"\r\n", boundary),
                   fmt::format("--{0}\r\n\r\nwhose is this?\r\n--{0}--\r\n", boundary), prng);
}

void nest_parts(EditableMessage& patient, Prng& prng) {
  constexpr std::size_t over = Limits{}.nesting_max + 1;
  std::string opened, closed;
  std::string fields;
  for (std::size_t level = 0; level < over; ++level) {
    const std::string boundary = fmt::format("=_{}_{}", level, prng.hex(16));
    const std::string type = fmt::format("Content-Type: multipart/mixed;\r\n\tboundary=\"{}\"\r\n", boundary);
    if (level == 0)
      fields = type;
    else
      opened += type + "\r\n";
    opened += fmt::format("--{}\r\n", boundary);
    closed.insert(0, fmt::format("\r\n--{}--\r\n", boundary));
  }
  patient.add_part(fields, opened + "\r\ndeep down\r\n" + closed, prng);
}

void multiply_parts(EditableMessage& patient, Prng& prng) {
  const std::string boundary = "=_" + prng.hex(24);
  const std::string body = repeated(fmt::format("--{}\r\n\r\nx\r\n", boundary), Limits{}.parts_max + 1);
  patient.add_part(fmt::format("Content-Type: multipart/mixed;\r\n\tboundary=\"{}\"\r\n", boundary),
                   body + fmt::format("--{}--\r\n", boundary), prng);
}

// --- The table

constexpr DefectCode foreign[] = {foreign_date};  // RFC 5322 leaves no doubt

/// Named as its defect is, unless it has a better name.
DamageOperator row(DefectCode code, void (*apply)(EditableMessage&, Prng&), std::span<const DefectCode> also = {},
                   std::string_view name = {}) {
  return {name.empty() ? kind_of(code).name : name, code, also, apply};
}

}  // namespace

std::span<const DamageOperator> damage_operators() {
  static const std::vector<DamageOperator> rows{
      row(bare_cr, put_bare_cr),
      row(bare_lf, cut_cr),
      row(nul_octet, put_nul),
      row(control_character, add<"X-Control: bell\x07\r\n">),
      row(line_too_long, lengthen_line),
      row(line_over_78, lengthen_field),
      row(byte_order_mark, put_byte_order_mark),
      row(header_without_colon, put_line_without_colon),
      row(missing_blank_line, cut_blank_line),
      row(invalid_field_name, put_nameless_field),
      row(space_before_colon, add<"X-Spaced : x\r\n">),
      row(blank_folded_line, add<"X-Folded: x\r\n \r\n y\r\n">),
      row(eight_bit_header, add<"X-Latin: gr\xFC\xDF\r\n">),
      row(utf8_header, add<"X-Utf8: gr\xC3\xBC\xC3\x9F\r\n">),
      row(mbox_from_line, put_mbox_line),
      row(duplicate_field, double_field),
      row(missing_field, cut_field),
      row(header_count_limit, put_many_fields),
      row(header_size_limit, put_large_field),
      row(unclosed_comment, open_comment),
      row(unclosed_quote, set<"Content-Disposition", " inline; filename=\"x">),
      row(comment_nesting_limit, nest_comments),
      row(invalid_address, set<"Cc", " a..b@x.test">),
      row(obsolete_address, set<"Cc", " <@relay.test:a@x.test>">),
      row(comment_beside_at, set<"Cc", " a(work)@x.test">),
      row(address_without_domain, set<"Cc", " anna">),
      row(invalid_domain, set<"Cc", " a@x..test">),
      row(missing_comma, set<"Cc", " a@x.test b@x.test">),
      row(wrong_separator, set<"Cc", " a@x.test; b@x.test">),
      row(unclosed_angle, set<"Cc", " Anna <a@x.test">),
      row(unclosed_group, set<"Cc", " team: a@x.test">),
      row(address_count_limit, address_many),
      row(invalid_date, set<"Date", " soon">),
      row(obsolete_date, set<"Date", " Mon, 02 Jun 14 09:00:00 GMT">),
      row(foreign_date, set<"Date", " 2014-06-02 09:00:00 +0000">),
      row(ambiguous_date, set<"Date", " 03/04/2014 09:00:00 +0000">, foreign),
      row(wrong_weekday, change_weekday),
      row(date_without_zone, set<"Date", " Mon, 02 Jun 2014 09:00:00">),
      row(invalid_message_id, set<"Message-ID", " <17-at-zillum.test>">),
      row(encoded_word_malformed, set<"Subject", " =?utf-8?Q?this is broken?=">),
      row(encoded_word_too_long,
          set<"Subject", " long:\r\n =?utf-8?Q?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?=">),
      row(encoded_word_not_separated, set<"Subject", " =?utf-8?Q?Gr=C3=BC=C3=9Fe?=from here">),
      row(encoded_word_split_character, set<"Subject", " =?utf-8?Q?=C3?= =?utf-8?Q?=BC?=">),
      row(encoded_word_in_quotes, set<"Cc", " \"=?utf-8?Q?J=C3=B6rg?=\" <j@x.test>">),
      row(encoded_word_in_parameter,
          part<"Content-Type: application/octet-stream;\r\n\tname=\"=?utf-8?Q?=C3=BC?=\"\r\n", "x\r\n">),
      row(unknown_charset, part<"Content-Type: text/plain; charset=x-unheard-of\r\n", "x\r\n">),
      row(unmappable_text,
          part<"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n", "gr\xFC\xDF\r\n">),
      row(vendor_charset,
          part<"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n", "wait\x85\r\n">),
      row(eight_bit_in_ascii, part<"Content-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 8bit\r\n",
                                   "gr\xC3\xBC\xC3\x9F\r\n">),
      row(invalid_content_type, part<"Content-Type: text\r\n", "x\r\n">),
      row(invalid_disposition, part<"Content-Type: text/plain\r\nContent-Disposition: ;filename=x\r\n", "x\r\n">),
      row(invalid_mime_version, set<"MIME-Version", " 2.0">),
      row(invalid_parameter, part<"Content-Type: text/plain; charset\r\n", "x\r\n">),
      row(duplicate_parameter, part<"Content-Type: text/plain; charset=us-ascii;\r\n\tcharset=us-ascii\r\n", "x\r\n">),
      row(unquoted_parameter, part<"Content-Type: application/pdf; name=an offer.pdf\r\n", "x\r\n">),
      row(missing_semicolon, part<"Content-Type: text/plain; charset=us-ascii format=fixed\r\n", "x\r\n">),
      row(parameter_gap, part<"Content-Type: application/pdf; name*0=a; name*2=b.pdf\r\n", "x\r\n">),
      row(bad_percent_encoding, part<"Content-Type: application/pdf; name*=utf-8''100%.pdf\r\n", "x\r\n">),
      row(extended_without_charset, part<"Content-Type: application/pdf; name*=an%20offer.pdf\r\n", "x\r\n">),
      row(parameter_count_limit, parameter_many),
      row(unknown_transfer_encoding, part<"Content-Type: text/plain\r\nContent-Transfer-Encoding: x-own\r\n", "x\r\n">),
      row(encoded_multipart, encode_multipart),
      row(base64_junk, put_base64_junk),
      row(base64_missing_padding,
          part<"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n", "aGk\r\n">),
      row(base64_truncated,
          part<"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n", "aGVsb\r\n">),
      row(base64_after_padding, part<"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n",
                                     "aGk=\r\na list adds a footer\r\n">),
      row(base64_line_too_long, lengthen_base64),
      row(quoted_printable_invalid, put_escape),
      row(quoted_printable_truncated, cut_escape),
      row(quoted_printable_trailing_blanks, put_trailing_blanks),
      row(quoted_printable_line_too_long, lengthen_quoted_printable),
      row(uuencode_invalid, part<"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: x-uuencode\r\n",
                                 "begin 644 hi\r\n#:&D*\r\n~~~ this is no line of it ~~~\r\n`\r\nend\r\n">),
      row(uuencode_truncated,
          part<"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: x-uuencode\r\n",
               "begin 644 hi\r\n#:&D*\r\n">),
      row(eight_bit_body, part<"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n",
                               "gr\xC3\xBC\xC3\x9F\r\n">),
      row(boundary_missing, cut_boundary_parameter),
      row(boundary_invalid, put_odd_boundary),
      row(boundary_not_found, change_boundary),
      row(boundary_never_closed, cut_closing_boundary, {}, "no-final-boundary"),
      row(boundary_equal_to_outer, repeat_boundary),
      row(nesting_limit, nest_parts),
      row(part_limit, multiply_parts),
  };
  return rows;
}

}  // namespace mailrig::mime
