#pragma once
/// The text of a message that a person reads first: its first text part, decoded, as UTF-8.
///
///   Readable text = readable_text(source);
///   text.content;  text.html;

#include <string>
#include <string_view>

#include "mime/message/message.h"

namespace mailrig::mime {

struct Readable {
  std::string content;
  bool html = false;
};

/// text/plain before text/html, wherever they are; nothing of attachments and of attached messages. Paragraphs that
/// were broken for transport are whole again (RFC 3676). A message without any text gives an empty one.
Readable readable_text(std::string_view source);
Readable readable_text(const Message& message);

}  // namespace mailrig::mime
