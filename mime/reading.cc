#include "mime/reading.h"

#include "base/sha256.h"
#include "mime/address.h"
#include "mime/ascii.h"
#include "mime/attachment.h"
#include "mime/body.h"
#include "mime/date.h"
#include "mime/encoded_word.h"
#include "mime/examine.h"
#include "mime/message_id.h"
#include "mime/scan.h"

namespace mailrig::mime {
namespace {

/// Runs of white space are one blank, at the ends none.
std::string in_one_line(std::string_view text) {
  std::string line;
  for (char c : text) {
    if (is_space(c) || c == '\f' || c == '\v')
      line += line.empty() || line.back() == ' ' ? std::string_view() : std::string_view(" ");
    else
      line += c;
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

Value line_or_null(std::string_view text) { return text.empty() ? Value() : Value(in_one_line(text)); }

Value addresses(const Header& header, std::string_view name) {
  std::optional<HeaderField> field = header.find(name);
  if (!field) return {};
  Value list = Value::list();
  for (const Mailbox& mailbox : parse_address_list(field->body).mailboxes)
    list.push(Value::map().set("name", line_or_null(mailbox.name)).set("address", line_or_null(mailbox.address)));
  return list;
}

Value date(const Header& header) {
  std::optional<HeaderField> field = header.find("date");
  std::optional<Date> date = field ? parse_date(field->body) : std::nullopt;
  return date ? Value(to_iso8601(*date)) : Value();
}

Value message_id(const Header& header) {
  std::optional<HeaderField> field = header.find("message-id");
  return field ? line_or_null(parse_message_id(field->body)) : Value();
}

Value headers(const Header& header) {
  std::optional<HeaderField> subject = header.find("subject");
  return Value::map()
      .set("subject", subject ? Value(in_one_line(text_value(subject->body))) : Value())
      .set("from", addresses(header, "from"))
      .set("to", addresses(header, "to"))
      .set("date", date(header))
      .set("message_id", message_id(header));
}

/// CRLF as LF, and none at the end.
std::string lines_of(std::string_view text) {
  std::string lines;
  lines.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    if (line_end_at(text, i) != 2) lines += text[i];
  while (lines.ends_with('\n') || lines.ends_with('\r')) lines.pop_back();
  return lines;
}

Value transfer_encoding(const Header& header) {
  std::optional<HeaderField> field = header.find("content-transfer-encoding");
  if (!field) return {};
  const TransferEncoding encoding = parse_transfer_encoding(field->body);
  if (encoding != TransferEncoding::unknown && encoding != TransferEncoding::uuencode) return to_string(encoding);
  // As written: nobody knows it, or it has more than one name.
  Tokens tokens(field->body);
  tokens.skip_blanks_and_comments();
  return lower_case(tokens.take_while([](char c) { return !is_space(c) && c != ';' && c != '('; }));
}

std::string media_type(const Part& part) { return part.content_type.type + "/" + part.content_type.subtype; }

void add_content(Value& value, const Message& message, const Part& part, Charsets& charsets) {
  const std::string octets = decoded_body(message, part);
  value.set("size_decoded", octets.size());
  value.set("sha256_decoded", Sha256::hex_of(octets));
  value.set("sha256_lf", Sha256::hex_of(lines_of(octets)));
  if (part.content_type.type == "text")
    value.set("sha256_text", Sha256::hex_of(lines_of(text_of(message, part, &charsets).content)));
}

Value part_value(const Message& message, const Part& part, const Attachment& attachment, Charsets& charsets) {
  const std::string* charset = part.content_type.find("charset");
  Value value = Value::map();
  value.set("path", part.path);
  value.set("content_type", media_type(part));
  value.set("charset", charset == nullptr ? Value() : line_or_null(lower_case(*charset)));
  value.set("filename", attachment.name ? Value(in_one_line(*attachment.name)) : Value());
  value.set("disposition", attachment.disposition ? Value(*attachment.disposition) : Value());
  value.set("cte", transfer_encoding(message.header(part)));
  if (part.is_leaf()) add_content(value, message, part, charsets);
  value.set("depth_rfc822", part.message_depth);
  return value;
}

}  // namespace

Value reading_of(std::string_view source, const Limits& limits) {
  const Message message = parse(source, limits);
  Value parts = Value::list();
  Value containers = Value::list();
  std::uint64_t attachments = 0;
  Charsets charsets;
  for (const Part& part : message.parts()) {
    if (part.kind == Part::Kind::multipart) {
      containers.push(Value::map()
                          .set("path", part.path)
                          .set("content_type", media_type(part))
                          .set("depth_rfc822", part.message_depth));
      continue;
    }
    const Attachment attachment = attachment_of(message, part);
    // Those of a message that is attached are its own.
    if (part.message_depth == 0 && attachment.is_attachment()) ++attachments;
    parts.push(part_value(message, part, attachment, charsets));
  }
  return Value::map()
      .set("headers", headers(message.header(message.root())))
      .set("parts", std::move(parts))
      .set("containers", std::move(containers))
      .set("attachments", attachments)
      .set("defects", defects_as_value(examine(message)));
}

std::string with_crlf(std::string_view text) {
  std::string lines;
  lines.reserve(text.size() + text.size() / 32);
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t next = next_line(text, at);
    const std::string_view line = text.substr(at, next - at);
    at = next;
    if (line.ends_with('\n') && !line.ends_with("\r\n")) {
      lines += line.substr(0, line.size() - 1);
      lines += "\r\n";
    } else {
      lines += line;
    }
  }
  return lines;
}

Value defects_as_value(const Defects& defects) {
  Value list = Value::list();
  for (const Defect& defect : defects.list()) {
    const DefectKind& kind = kind_of(defect.code);
    list.push(Value::map()
                  .set("code", kind.name)
                  .set("severity", to_string(kind.severity))
                  .set("clause", kind.clause)
                  .set("offset", defect.offset)
                  .set("length", defect.length)
                  .set("done", defect.done));
  }
  return list;
}

}  // namespace mailrig::mime
