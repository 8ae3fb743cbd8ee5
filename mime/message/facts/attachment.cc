#include "mime/message/facts/attachment.h"

#include "mime/message/ascii.h"
#include "mime/message/coding/scan.h"
#include "mime/message/coding/uuencode.h"
#include "mime/message/fields/disposition.h"

namespace mailrig::mime {

Attachment attachment_of(const Message& message, const Part& part, Defects* defects) {
  Attachment attachment;
  if (std::optional<HeaderField> field = message.header(part).find("content-disposition")) {
    if (defects != nullptr) defects->place_in(field->body);
    const Disposition disposition = parse_disposition(field->body, defects);
    if (!disposition.kind.empty()) attachment.disposition = disposition.kind;
    if (const std::string* name = disposition.find("filename")) attachment.name = *name;
  }
  // RFC 2183 §2.3 put an end to it; most programs write both to this day.
  if (!attachment.name)
    if (const std::string* name = part.content_type.find("name")) attachment.name = *name;
  if (attachment.name && attachment.name->empty()) attachment.name.reset();
  attachment.tnef = part.content_type.is("application", "ms-tnef") ||
                    part.content_type.is("application", "vnd.ms-tnef") ||
                    (attachment.name && equals_ignoring_case(*attachment.name, "winmail.dat"));
  return attachment;
}

std::vector<EmbeddedFile> files_in(std::string_view text) {
  std::vector<EmbeddedFile> files;
  std::size_t at = find_uuencode(text, 0);
  while (at != not_found && files.size() < embedded_files_max) {
    UuDecoder decoder;
    std::string octets;
    decoder.feed(text.substr(at), octets);
    decoder.finish(octets);
    // Without an end, what looks like a file may be most of the text: it is none. Nor is any behind it, since that
    // would end where this one does.
    if (decoder.damage().without_end) break;
    files.push_back({decoder.file_name(), decoder.mode(), at, text.substr(at, decoder.consumed())});
    at = find_uuencode(text, at + decoder.consumed());
  }
  return files;
}

}  // namespace mailrig::mime
