#include "mime/message/facts/readable.h"

#include "mime/message/body.h"
#include "mime/message/facts/attachment.h"

namespace mailrig::mime {
namespace {

/// Text of an attached message is not what its sender says here.
bool is_read_first(const Message& message, const Part& part) {
  return part.is_leaf() && part.content_type.type == "text" && part.message_depth == 0 &&
         attachment_of(message, part).disposition.value_or("inline") == "inline";
}

}  // namespace

Readable readable_text(std::string_view source) { return readable_text(parse(source)); }

Readable readable_text(const Message& message) {
  const Part* html = nullptr;
  for (const Part& part : message.parts()) {
    if (!is_read_first(message, part)) continue;
    if (part.content_type.subtype == "plain") return {paragraphs_of(part, text_of(message, part).content), false};
    if (part.content_type.subtype == "html" && html == nullptr) html = &part;
  }
  if (html == nullptr) return {};
  return {text_of(message, *html).content, true};
}

}  // namespace mailrig::mime
