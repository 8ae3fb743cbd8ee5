#pragma once
/// The text of a message that a person reads first: its first text part, decoded, as UTF-8.
///
///   Readable text = readable_text(message);
///   text.content;  text.html;

#include <string>
#include <string_view>

namespace mailrig::mime {

struct Readable {
  std::string content;
  bool html = false;
};

// Multiparts within multiparts; real mail has five at most.
inline constexpr int nesting_max = 20;

/// text/plain before text/html, wherever they are; nothing of attachments. A message without any text gives an empty
/// one.
Readable readable_text(std::string_view message);

}  // namespace mailrig::mime
