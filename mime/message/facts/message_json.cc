#include "mime/message/facts/message_json.h"

#include "base/sha256.h"
#include "mime/message/ascii.h"
#include "mime/message/body.h"
#include "mime/message/coding/scan.h"
#include "mime/message/facts/attachment.h"
#include "mime/message/facts/calendar.h"
#include "mime/message/facts/report.h"
#include "mime/message/fields/address.h"
#include "mime/message/fields/date.h"
#include "mime/message/fields/disposition.h"
#include "mime/message/fields/encoded_word.h"
#include "mime/message/fields/message_id.h"
#include "mime/message/lint/examine.h"

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

Value address_value(const Mailbox& mailbox) {
  return Value::map().set("name", line_or_null(mailbox.name)).set("address", line_or_null(mailbox.address));
}

Value addresses(const Header& header, std::string_view name) {
  std::optional<HeaderField> field = header.find(name);
  if (!field) return {};
  Value list = Value::list();
  for (const Mailbox& mailbox : parse_address_list(field->body).mailboxes) list.push(address_value(mailbox));
  return list;
}

/// Every group by its field and name: the lists of addresses have the members alone.
Value groups(const Header& header) {
  Value list = Value::list();
  for (std::string_view name : {"from", "sender", "reply-to", "to", "cc", "bcc"}) {
    const std::optional<HeaderField> field = header.find(name);
    if (!field) continue;
    const AddressList addresses = parse_address_list(field->body);
    for (std::size_t group = 0; group < addresses.groups.size(); ++group) {
      Value members = Value::list();
      for (const Mailbox& mailbox : addresses.mailboxes)
        if (mailbox.group == group) members.push(address_value(mailbox));
      list.push(Value::map()
                    .set("field", name)
                    .set("name", in_one_line(addresses.groups[group]))
                    .set("members", std::move(members)));
    }
  }
  return list;
}

Value identifiers(const Header& header, std::string_view name) {
  const std::optional<HeaderField> field = header.find(name);
  if (!field) return {};
  Value list = Value::list();
  for (const std::string& id : parse_message_ids(field->body)) list.push(in_one_line(id));
  return list;
}

/// `raw` is the octets as they are written, with their folding; what is not UTF-8 among them is U+FFFD.
Value fields(const Header& header) {
  Value list = Value::list();
  for (std::size_t i = 0; i < header.size(); ++i) {
    const HeaderField field = header[i];
    std::string_view raw = field.body;
    while (!raw.empty() && (raw.back() == '\n' || raw.back() == '\r')) raw.remove_suffix(1);
    list.push(Value::map().set("name", field.name).set("raw", clean_utf8(raw)).set("value", text_value(field.body)));
  }
  return list;
}

Value parameters(std::span<const Parameter> parameters) {
  Value map = Value::map();
  for (const Parameter& parameter : parameters)
    if (map.find(parameter.name) == nullptr) map.set(parameter.name, clean_utf8(parameter.value));
  return map;
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
      .set("cc", addresses(header, "cc"))
      .set("bcc", addresses(header, "bcc"))
      .set("reply_to", addresses(header, "reply-to"))
      .set("sender", addresses(header, "sender"))
      .set("date", date(header))
      .set("message_id", message_id(header))
      .set("in_reply_to", identifiers(header, "in-reply-to"))
      .set("references", identifiers(header, "references"))
      .set("groups", groups(header));
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

Value report(std::string_view body) {
  Value groups = Value::list();
  for (const ReportGroup& group : read_report(body)) {
    Value facts = Value::map();
    for (const ReportField& field : group.fields)
      if (const std::string name = lower_case(field.name); facts.find(name) == nullptr)
        facts.set(clean_utf8(name), field.value);
    groups.push(std::move(facts));
  }
  return groups;
}

Value calendar_party(const CalendarProperty& property) {
  Value party = Value::map().set("address", property.value);
  for (const auto& [name, value] : property.parameters) party.set(name, value);
  return party;
}

Value calendar(std::string_view text) {
  const CalendarFacts facts = read_calendar(text);
  Value components = Value::list();
  for (const CalendarComponent& component : facts.components) {
    Value entry = Value::map().set("kind", component.kind);
    Value attendees = Value::list();
    for (const CalendarProperty& property : component.properties) {
      if (property.name == "attendee")
        attendees.push(calendar_party(property));
      else if (property.name == "organizer")
        entry.set("organizer", calendar_party(property));
      else if (entry.find(property.name) == nullptr)
        entry.set(property.name, property.value);
    }
    components.push(entry.set("attendees", std::move(attendees)));
  }
  return Value::map()
      .set("method", facts.method.empty() ? Value() : Value(facts.method))
      .set("components", std::move(components));
}

void add_content(Value& value, const Message& message, const Part& part, bool with_text, Charsets& charsets) {
  const std::string octets = decoded_body(message, part);
  value.set("size_decoded", octets.size());
  value.set("sha256_decoded", Sha256::hex_of(octets));
  value.set("sha256_lf", Sha256::hex_of(lines_of(octets)));
  if (part.content_type.type == "text") {
    std::string text = text_of(message, part, &charsets).content;
    value.set("sha256_text", Sha256::hex_of(lines_of(text)));
    if (part.content_type.subtype == "calendar") value.set("calendar", calendar(text));
    if (with_text) value.set("text", std::move(text));
  }
  if (is_report(part.content_type)) value.set("report", report(octets));
}

void add_facts(Value& value, const Message& message, const Part& part) {
  const Header header = message.header(part);
  const std::optional<HeaderField> id = header.find("content-id");
  const std::optional<HeaderField> disposition = header.find("content-disposition");
  value.set("content_id", id ? line_or_null(parse_message_id(id->body)) : Value());
  value.set("parameters", parameters(part.content_type.parameters));
  value.set("disposition_parameters",
            disposition ? parameters(parse_disposition(disposition->body).parameters) : Value::map());
  value.set("fields", fields(header));
}

Value part_value(const Message& message, const Part& part, const Attachment& attachment, bool with_text,
                 Charsets& charsets) {
  const std::string* charset = part.content_type.find("charset");
  Value value = Value::map();
  value.set("path", part.path);
  value.set("content_type", media_type(part));
  value.set("charset", charset == nullptr ? Value() : line_or_null(lower_case(*charset)));
  value.set("filename", attachment.name ? Value(in_one_line(*attachment.name)) : Value());
  value.set("disposition", attachment.disposition ? Value(*attachment.disposition) : Value());
  value.set("cte", transfer_encoding(message.header(part)));
  if (part.is_leaf()) add_content(value, message, part, with_text, charsets);
  value.set("depth_rfc822", part.message_depth);
  add_facts(value, message, part);
  return value;
}

}  // namespace

Value to_value(std::string_view source, const Limits& limits, bool with_text) {
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
    parts.push(part_value(message, part, attachment, with_text, charsets));
  }
  return Value::map()
      .set("headers", headers(message.header(message.root())))
      .set("parts", std::move(parts))
      .set("containers", std::move(containers))
      .set("attachments", attachments)
      .set("fields", fields(message.header(message.root())))
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
    Value value = Value::map()
                      .set("code", kind.name)
                      .set("severity", to_string(kind.severity))
                      .set("clause", kind.clause)
                      .set("offset", defect.offset)
                      .set("length", defect.length)
                      .set("done", defect.done);
    if (!defect.field.empty()) value.set("field", defect.field);
    list.push(std::move(value));
  }
  return list;
}

}  // namespace mailrig::mime
