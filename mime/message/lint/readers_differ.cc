#include "mime/message/lint/readers_differ.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "mime/message/ascii.h"
#include "mime/message/facts/attachment.h"
#include "mime/message/fields/address.h"
#include "mime/message/lint/readers_measured.h"

namespace mailrig::mime {
namespace {

/// What stands in a message without breaking any rule, and is read in more than one way all the same.
class ConstructFinder {
 public:
  ConstructFinder(const Message& message, std::vector<ReaderFinding>& findings)
      : message_(message), findings_(findings) {}

  void run() {
    for (const Part& part : message_.parts()) {
      if (part.decoded_in != Part::none) continue;  // no octet of the source can be pointed at
      const Header header = message_.header(part);
      if (const auto field = header.find("content-transfer-encoding"))
        find_in(field->body, "(", "encoding-with-comment");
      if (const auto field = header.find("content-disposition")) find_names(field->body);
      if (const auto field = header.find("subject")) find_language(field->body);
      for (std::string_view name : {"to", "cc"})
        if (const auto field = header.find(name)) find_groups(field->body);
      if (part.content_type.is("multipart", "digest")) add(part.header_offset, "digest");
      if (part.content_type.is("text", "plain") && part.is_leaf() && part.encoding != TransferEncoding::base64)
        if (const std::vector<EmbeddedFile> files = files_in(message_.body(part)); !files.empty())
          add(part.body_offset + files.front().offset, "uuencoded-file");
    }
  }

 private:
  std::uint64_t offset_of(std::string_view where) const {
    return static_cast<std::uint64_t>(where.data() - message_.source().data());
  }

  void add(std::uint64_t offset, std::string_view name) {
    if (const ReaderNote* note = measured_note(name)) findings_.push_back({offset, note});
  }

  void find_in(std::string_view body, std::string_view what, std::string_view name) {
    if (const std::size_t at = body.find(what); at != std::string_view::npos) add(offset_of(body) + at, name);
  }

  /// filename and filename* in one field.
  void find_names(std::string_view body) {
    bool plain = false;
    bool extended = false;
    const std::string lower = lower_case(body);
    for (std::size_t at = lower.find("filename"); at != std::string::npos; at = lower.find("filename", at + 1)) {
      const std::size_t behind = lower.find_first_not_of(" \t", at + std::string_view("filename").size());
      if (behind == std::string::npos) break;
      plain = plain || lower[behind] == '=';
      extended = extended || lower[behind] == '*';
    }
    if (plain && extended) add(offset_of(body) + lower.find("filename"), "filename-beside-extended");
  }

  void find_language(std::string_view body) {
    const std::size_t word = body.find("=?");
    if (word == std::string_view::npos) return;
    const std::string_view charset = body.substr(word + 2, body.find('?', word + 2) - word - 2);
    if (charset.find('*') != std::string_view::npos) add(offset_of(body) + word, "word-with-language");
  }

  void find_groups(std::string_view body) {
    const AddressList list = parse_address_list(body);
    if (list.groups.empty()) return;
    const bool empty = std::ranges::none_of(list.mailboxes, [](const Mailbox& mailbox) { return mailbox.group == 0U; });
    const std::size_t text = std::min(body.find_first_not_of(" \t\r\n"), body.size());
    add(offset_of(body) + text, empty ? "empty-group" : "group");
  }

  const Message& message_;
  std::vector<ReaderFinding>& findings_;
};

}  // namespace

std::vector<ReaderFinding> reader_findings(const Message& message, const Defects& defects) {
  std::vector<ReaderFinding> findings;
  for (const Defect& defect : defects.list())
    if (const ReaderNote* note = measured_note(defect.code, defect.field)) findings.push_back({defect.offset, note});
  ConstructFinder(message, findings).run();
  std::ranges::stable_sort(findings, {}, &ReaderFinding::offset);
  std::vector<ReaderFinding> once;
  for (const ReaderFinding& finding : findings)
    if (std::ranges::find(once, finding.note, &ReaderFinding::note) == once.end()) once.push_back(finding);
  return once;
}

std::string readers_with_versions(std::string_view readers) {
  std::string text;
  while (!readers.empty()) {
    const std::string_view name = readers.substr(0, readers.find(", "));
    readers.remove_prefix(std::min(name.size() + 2, readers.size()));
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, reader_version(name));
  }
  return text;
}

std::string to_string(const ReaderNote& note) {
  std::string text = fmt::format("{}: {}", note.construct, note.ours);
  for (const OtherReading& other : note.others)
    if (!other.readers.empty()) text += fmt::format("; {}: {}", readers_with_versions(other.readers), other.reading);
  return text + fmt::format(" (measured {})", readers_measured_on);
}

}  // namespace mailrig::mime
