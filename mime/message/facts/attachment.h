#pragma once
/// Files in a message: parts that are one, and those that old programs wrote into the text.
///
///   Attachment file = attachment_of(message, part);
///   file.name;  file.disposition;  file.is_attachment();
///   for (const EmbeddedFile& old : files_in(text)) save(old.name, decode_body(old.text, TransferEncoding::uuencode));

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime/message/message.h"

namespace mailrig::mime {

struct Attachment {
  std::optional<std::string> name;         // as the sender wrote it: never a path to write to
  std::optional<std::string> disposition;  // lower case
  /// Outlook's winmail.dat (application/ms-tnef): the attachments proper are inside of it.
  bool tnef = false;

  /// It has a disposition other than inline, known or not (RFC 2183 §2.8); or a name and no disposition.
  bool is_attachment() const { return disposition ? disposition != "inline" : name.has_value(); }
};

Attachment attachment_of(const Message& message, const Part& part, Defects* defects = nullptr);

/// A uuencoded file within a text ("begin 644 name"). yEnc is not looked for.
struct EmbeddedFile {
  std::string name;
  std::uint32_t mode = 0;
  std::uint64_t offset = 0;  // in the text
  std::string_view text;     // from its "begin" to its "end" line
};

// A newsgroup's posting has a handful.
inline constexpr std::size_t embedded_files_max = 1000;

std::vector<EmbeddedFile> files_in(std::string_view text);
std::vector<EmbeddedFile> files_in(std::string&&) = delete;  // they are views of it

}  // namespace mailrig::mime
