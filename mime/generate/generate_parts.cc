#include <fmt/format.h>

#include "mime/generate/generate_occasion.h"
#include "mime/message/coding/base64.h"

namespace mailrig::mime {
namespace {

/// The octets of a head fill whole lines of base64.
std::size_t padding_of(std::size_t octets) {
  return (filler_line_decoded - octets % filler_line_decoded) % filler_line_decoded;
}

void append_little_endian(std::string& out, std::uint64_t number, int octets) {
  for (int i = 0; i < octets; ++i) out += static_cast<char>(number >> (8 * i));
}

/// MS-OXTNEF §2.1.3.
void append_attribute(std::string& out, char level, std::uint32_t id, std::string_view data) {
  out += level;
  append_little_endian(out, id, 4);
  append_little_endian(out, data.size(), 4);
  out += data;
  std::uint16_t sum = 0;
  for (char c : data) sum = static_cast<std::uint16_t>(sum + static_cast<unsigned char>(c));
  append_little_endian(out, sum, 2);
}

}  // namespace

std::string new_boundary(MessageContext& occasion) {
  return occasion.habit->boundary(occasion.id_hash, ++occasion.multiparts);
}

BodyPart text_part(TextPart part) {
  BodyPart piece;
  piece.fields = fmt::format("Content-Type: {}; charset={}\r\nContent-Transfer-Encoding: {}\r\n", part.type,
                             part.charset, part.encoding);
  piece.content = std::move(part.before);
  FillSlot slot{.at = piece.content.size(), .filler = part.filler, .share = part.share};
  if (part.main) slot.ending = part.encoding == "base64" ? Ending::base64 : Ending::text;
  piece.slots.push_back(std::move(slot));
  piece.content += part.after;
  return piece;
}

BodyPart html_part(std::string_view before, std::string_view after, unsigned share, bool main) {
  return text_part({.type = "text/html",
                    .before = fmt::format("<html><body>\r\n{}<p>\r\n", before),
                    .share = share,
                    .main = main,
                    .after = fmt::format("</p>\r\n{}</body></html>\r\n", after)});
}

BodyPart multipart(MessageContext& occasion, std::string_view subtype, std::vector<BodyPart> parts,
                   std::vector<std::string> parameters) {
  const std::string boundary = new_boundary(occasion);
  BodyPart whole;
  whole.fields = fmt::format("Content-Type: multipart/{};\r\n", subtype);
  for (const std::string& parameter : parameters) whole.fields += fmt::format("\t{};\r\n", parameter);
  whole.fields += fmt::format("\tboundary=\"{}\"\r\n", boundary);
  whole.content = occasion.habit->preamble;
  for (BodyPart& part : parts) {
    whole.content += fmt::format("--{}\r\n{}\r\n", boundary, part.fields);
    for (FillSlot& slot : part.slots) {
      slot.at += whole.content.size();
      whole.slots.push_back(std::move(slot));
    }
    whole.content += part.content + "\r\n";
  }
  whole.content += fmt::format("--{}--\r\n", boundary);
  return whole;
}

BodyPart file_part(std::string fields, std::string_view octets) {
  BodyPart piece{.fields = std::move(fields) + "Content-Transfer-Encoding: base64\r\n", .content = {}, .slots = {}};
  Base64Encoder encoder;
  encoder.feed(octets, piece.content);
  encoder.finish(piece.content);
  return piece;
}

BodyPart filled_file_part(std::string fields, LineWrap wrap, unsigned share) {
  BodyPart piece{.fields = std::move(fields) + "Content-Transfer-Encoding: base64\r\n", .content = {}, .slots = {}};
  piece.slots.push_back({.filler = Filler::octets_base64, .share = share, .wrap = std::move(wrap)});
  return piece;
}

/// One page, and one stream that is as long as it is to be; its length stands behind it, where it is known.
LineWrap pdf() {
  std::string head;
  std::vector<std::size_t> objects;
  auto begin = [&] {
    objects.push_back(head.size());
    head += fmt::format("{} 0 obj\n", objects.size());
  };
  head += "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n";
  begin();
  head += "<</Type/Catalog/Pages 2 0 R>>\nendobj\n";
  begin();
  head += "<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n";
  begin();
  head += "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>\nendobj\n";
  constexpr std::string_view stream = "4 0 obj\n<</Length 5 0 R>>\nstream\n";
  head += '%' + std::string(padding_of(head.size() + 2 + stream.size()), ' ') + '\n';
  begin();
  head += stream.substr(stream.find('<'));
  return [head, objects](std::uint64_t lines, std::uint16_t) {
    const std::uint64_t octets = lines * filler_line_decoded;
    std::string tail = "\nendstream\nendobj\n";
    const std::uint64_t length_at = head.size() + octets + tail.size();
    tail += fmt::format("5 0 obj\n{:010}\nendobj\n", octets);
    const std::uint64_t table_at = head.size() + octets + tail.size();
    tail += "xref\n0 6\n0000000000 65535 f \n";
    for (std::size_t at : objects) tail += fmt::format("{:010} 00000 n \n", at);
    tail += fmt::format("{:010} 00000 n \ntrailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{:010}\n%%EOF\n", length_at,
                        table_at);
    return Wrapping{head, tail};
  };
}

/// The segments of a photograph, with a comment for the padding (ITU T.81 annex B); no octet of the filler is a marker.
LineWrap jpeg() {
  constexpr std::string_view start("\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00", 20);
  constexpr std::string_view scan("\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00", 10);
  constexpr std::size_t comment_frame = 4;
  const std::size_t padding = padding_of(start.size() + comment_frame + scan.size());
  std::string head(start);
  head += "\xFF\xFE";
  head += '\0';
  head += static_cast<char>(padding + 2);
  head += std::string(padding, ' ');
  head += scan;
  return [head](std::uint64_t, std::uint16_t) { return Wrapping{head, "\xFF\xD9"}; };
}

/// winmail.dat with one file in it (MS-OXTNEF).
LineWrap tnef() {
  auto head_of = [](std::size_t subject_size, std::uint64_t octets) {
    std::string head;
    append_little_endian(head, 0x223E9F78, 4);
    append_little_endian(head, 1, 2);
    append_attribute(head, 1, 0x00089006, {"\0\0\1\0", 4});                               // attTnefVersion
    append_attribute(head, 1, 0x00069007, {"\xE4\4\0\0\0\0\0\0", 8});                     // attOemCodepage: 1252
    append_attribute(head, 1, 0x00078008, {"IPM.Microsoft Mail.Note\0", 24});             // attMessageClass
    append_attribute(head, 1, 0x00018004, std::string(subject_size, 's') + '\0');         // attSubject
    append_attribute(head, 2, 0x00069002, {"\1\0\xFF\xFF\xFF\xFF\0\0\0\0\0\0\0\0", 14});  // attAttachRenddata
    append_attribute(head, 2, 0x00018010, {"report.doc\0", 11});                          // attAttachTitle
    head += '\2';
    append_little_endian(head, 0x0006800F, 4);  // attAttachData
    append_little_endian(head, octets, 4);
    return head;
  };
  const std::size_t subject_size = padding_of(head_of(0, 0).size());
  return [head_of, subject_size](std::uint64_t lines, std::uint16_t octet_sum) {
    std::string tail;
    append_little_endian(tail, octet_sum, 2);
    return Wrapping{head_of(subject_size, lines * filler_line_decoded), tail};
  };
}

}  // namespace mailrig::mime
