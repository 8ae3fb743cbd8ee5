#include "mime/message/facts/outline.h"

#include <fmt/format.h>

#include "base/text.h"
#include "mime/message/ascii.h"
#include "mime/message/body.h"
#include "mime/message/body_decoder.h"
#include "mime/message/facts/attachment.h"
#include "mime/message/facts/report.h"
#include "mime/message/fields/encoded_word.h"
#include "mime/message/lint/examine.h"

namespace mailrig::mime {
namespace {

// What a person reads at a glance; longer values are cut.
constexpr std::size_t value_octets_max = 200;

std::string shown(std::string_view text) { return printable(text, value_octets_max); }

void append_fields(std::string& out, const Header& header, std::size_t indent) {
  for (std::string_view name : {"From", "To", "Cc", "Date", "Subject"})
    if (std::optional<HeaderField> field = header.find(lower_case(name)))
      out += fmt::format("{:{}}{:<8} {}\n", "", indent, name, shown(text_value(field->body)));
}

/// ", attachment \"a.pdf\""
std::string attachment_words(const Attachment& attachment) {
  std::string words;
  if (attachment.disposition || attachment.name)
    words += ", " + (attachment.disposition ? shown(*attachment.disposition) : "file");
  if (attachment.name) words += fmt::format(" \"{}\"", shown(*attachment.name));
  if (attachment.tnef) words += ", Outlook's TNEF: files are packed inside";
  return words;
}

void append_leaf(std::string& out, const Message& message, const Part& part, std::size_t indent) {
  std::uint64_t octets = 0;
  decode_body(message, part, [&octets](std::string_view piece) { octets += piece.size(); });
  if (const std::string* charset = part.content_type.find("charset")) out += ", " + shown(*charset);
  if (message.header(part).find("content-transfer-encoding")) out += fmt::format(", {}", to_string(part.encoding));
  out +=
      fmt::format(", {} octet{}{}\n", octets, octets == 1 ? "" : "s", attachment_words(attachment_of(message, part)));
  if (part.content_type.type == "text") {
    const std::string text = decoded_body(message, part);
    for (const EmbeddedFile& file : files_in(text))
      out += fmt::format("{:{}}uuencoded in it: \"{}\", {} octets\n", "", indent + 2, shown(file.name),
                         decode_body(file.text, TransferEncoding::uuencode).size());
  }
  if (is_report(part.content_type))
    for (const ReportGroup& group : read_report(decoded_body(message, part)))
      for (const ReportField& field : group.fields)
        out += fmt::format("{:{}}{}: {}\n", "", indent + 2, shown(field.name), shown(field.value));
}

std::size_t level_of(const Message& message, const Part& part) {
  std::size_t level = 0;
  for (std::uint32_t parent = part.parent; parent != Part::none; parent = message.parts()[parent].parent) ++level;
  return level;
}

void append_defects(std::string& out, const Defects& defects) {
  if (defects.empty()) return;
  out += "\ndefects:\n";
  for (const DefectKind& kind : defect_kinds())
    if (const std::uint64_t count = defects.count(kind.code); count > 0)
      out += fmt::format("  {:<6} {}{}: {}\n", to_string(kind.severity), kind.name,
                         count == 1 ? std::string() : fmt::format(" ({} times)", count), kind.meaning);
}

}  // namespace

std::string outline_of(std::string_view source) {
  const Message message = parse(source);
  std::string out;
  append_fields(out, message.header(message.root()), 0);
  if (!out.empty()) out += '\n';
  for (const Part& part : message.parts()) {
    const std::size_t indent = 2 * level_of(message, part);
    const bool numbered = part.kind != Part::Kind::multipart;
    out += fmt::format("{:{}}{}{}{}/{}", "", indent, numbered ? part.path : "", numbered ? "  " : "",
                       shown(part.content_type.type), shown(part.content_type.subtype));
    if (part.is_leaf()) {
      append_leaf(out, message, part, indent);
      continue;
    }
    out += '\n';
    if (part.kind == Part::Kind::message)
      append_fields(out, message.header(message.parts()[message.number_of(part) + 1]), indent + 4);
  }
  append_defects(out, examine(message));
  return out;
}

}  // namespace mailrig::mime
