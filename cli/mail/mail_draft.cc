#include "cli/mail/mail_draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/text.h"
#include "cli/file_source.h"
#include "cli/files.h"
#include "fakeservers/core/base64.h"
#include "scenarios/language/parse/reading.h"

namespace mailrig::cli {
namespace {

using scenarios::Fields;
using scenarios::Node;
using scenarios::Reading;

// A text that a person reads; what is larger is an attachment.
constexpr std::size_t text_octets_max = 16 << 20;

class DraftReader {
 public:
  DraftReader(Reading& reading, DraftFile& file) : reading_(reading), file_(file) {}

  void read(const Node& root) {
    Fields top(reading_, root, "a message");
    top.take("$schema");
    draft_.from = mailboxes_of(top.need("from", "who writes: an address, or a list"), "from");
    if (const Node* sender = top.take("sender")) {
      const std::vector<mime::Address> found = mailboxes_of(sender, "sender");
      if (!found.empty()) draft_.sender = found.front();
    }
    draft_.reply_to = mailboxes_of(top.take("reply_to"), "reply_to");
    draft_.to = recipients_of(top.take("to"), "to");
    draft_.cc = recipients_of(top.take("cc"), "cc");
    draft_.bcc = recipients_of(top.take("bcc"), "bcc");
    draft_.subject = top.text("subject").value_or("");
    draft_.text = text_of(top.take("text"), "text");
    draft_.html = text_of(top.take("html"), "html");
    draft_.alternatives = attachments_of(top.take("alternatives"), "alternatives");
    draft_.inline_parts = attachments_of(top.take("inline"), "inline");
    draft_.attachments = attachments_of(top.take("attachments"), "attachments");
    draft_.in_reply_to = texts_of(top.take("in_reply_to"), "in_reply_to");
    draft_.references = texts_of(top.take("references"), "references");
    draft_.fields = map_of(top.take("headers"), "headers");
    draft_.message_id = top.text("message_id").value_or("");
    file_.dated = top.has("date");
    read_date(top.take("date"), draft_.date, draft_.offset_minutes);
    if (const Node* resent = top.take("resent")) read_resent(*resent);
    read_offers(top.take("offers"));
    file_.seed = top.whole("seed");
    top.finish();
  }

  mime::Draft take() { return std::move(draft_); }

 private:
  std::vector<std::string> texts_of(const Node* node, std::string_view key) {
    if (node == nullptr) return {};
    return reading_.text_list(key, *node).value_or(std::vector<std::string>{});
  }

  mime::Parameters map_of(const Node* node, std::string_view key) {
    mime::Parameters pairs;
    if (node == nullptr || reading_.map(key, *node) == nullptr) return pairs;
    for (const Node::Entry& entry : node->entries())
      if (auto text = reading_.text(entry.key, *entry.value)) pairs.emplace_back(entry.key, std::move(*text));
    return pairs;
  }

  /// "Anna <anna@x.test>, team: a@x.test, b@x.test;" as in a message, but in UTF-8; or a list of such.
  mime::Recipients recipients_of(const Node* node, std::string_view key) {
    mime::Recipients recipients;
    if (node == nullptr) return recipients;
    const Node* const alone[] = {node};
    const bool list = node->is(Node::Kind::list);
    for (const Node* item : list ? node->items() : std::span<const Node* const>(alone)) {
      const auto text = reading_.text(key, *item);
      if (!text) continue;
      mime::Defects defects(*text);
      const mime::AddressList found = mime::parse_address_list(*text, &defects);
      const mime::Defect* fault = mime::doubtful_address(defects);
      if (fault != nullptr || (found.mailboxes.empty() && found.groups.empty())) {
        const std::string why = fault == nullptr ? "" : fmt::format(": {}", mime::kind_of(fault->code).meaning);
        reading_.error(reading_.at(*item),
                       fmt::format("\"{}\": \"{}\" is not an address{}", key, printable(*text), why),
                       "\"anna@example.test\", \"Anna <anna@example.test>\" or a list of such");
        continue;
      }
      add(recipients, found);
    }
    return recipients;
  }

  static void add(mime::Recipients& recipients, const mime::AddressList& found) {
    std::vector<mime::Recipient> groups;
    for (const std::string& name : found.groups) groups.emplace_back(name, std::vector<mime::Address>{});
    for (const mime::Mailbox& mailbox : found.mailboxes) {
      mime::Address address{mailbox.name, mailbox.address};
      if (mailbox.group)
        groups[*mailbox.group].members.push_back(std::move(address));
      else
        recipients.emplace_back(std::move(address));
    }
    for (mime::Recipient& group : groups) recipients.push_back(std::move(group));
  }

  std::vector<mime::Address> mailboxes_of(const Node* node, std::string_view key) {
    std::vector<mime::Address> all;
    for (const mime::Recipient& recipient : recipients_of(node, key))
      all.insert(all.end(), recipient.members.begin(), recipient.members.end());
    return all;
  }

  /// A text, or { "file": ... }.
  std::optional<std::string> text_of(const Node* node, std::string_view key) {
    if (node == nullptr) return std::nullopt;
    if (!node->is(Node::Kind::map)) return reading_.text(key, *node);
    Fields fields(reading_, *node, fmt::format("\"{}\"", key));
    const Node* file = fields.need("file", "a file of text");
    fields.finish();
    return file == nullptr ? std::nullopt : reading_.read_file("file", *file);
  }

  std::vector<mime::AttachmentSpec> attachments_of(const Node* node, std::string_view key) {
    std::vector<mime::AttachmentSpec> attachments;
    if (node == nullptr) return attachments;
    const Node* const alone[] = {node};
    const bool list = node->is(Node::Kind::list);
    for (const Node* item : list ? node->items() : std::span<const Node* const>(alone))
      attachments.push_back(attachment_of(*item, key));
    return attachments;
  }

  mime::AttachmentSpec attachment_of(const Node& node, std::string_view key) {
    if (node.is(Node::Kind::text)) return of_file(node);
    if (!node.is(Node::Kind::map)) {
      reading_.wrong_type(key, node, "a file's name, or an object with file, text or base64");
      return {};
    }
    constexpr std::array<std::string_view, 3> sources{"file", "text", "base64"};
    Fields fields(reading_, node, "a part");
    if (std::ranges::count_if(sources, [&](std::string_view source) { return fields.has(source); }) != 1)
      reading_.error(reading_.at(node), "a part has one source", "one of file, text or base64");
    mime::AttachmentSpec part;
    if (const Node* file = fields.take("file"); file != nullptr && reading_.text("file", *file)) part = of_file(*file);
    if (auto text = fields.text("text")) {
      part.type = "text/plain";
      part.parameters = {{"charset", "utf-8"}};
      part.content = mime::Source::of(std::move(*text));
    }
    if (const Node* base64 = fields.take("base64")) {
      const auto text = reading_.text("base64", *base64);
      auto octets = text ? fakeservers::from_base64(*text) : std::nullopt;
      if (octets)
        part.content = mime::Source::of(std::move(*octets));
      else if (text)
        reading_.error(reading_.at(*base64), "\"base64\": this is not base64",
                       "letters, digits, + and /, filled up with = (RFC 4648 section 4)");
    }
    if (auto name = fields.text("name")) part.name = std::move(*name);
    if (auto type = fields.text("type")) part.type = std::move(*type);
    if (auto id = fields.text("id")) part.content_id = std::move(*id);
    if (auto description = fields.text("description")) part.description = std::move(*description);
    for (auto& [name, value] : map_of(fields.take("parameters"), "parameters")) {
      std::erase_if(part.parameters, [&name = name](const auto& pair) { return pair.first == name; });
      part.parameters.emplace_back(name, value);
    }
    fields.finish();
    return part;
  }

  mime::AttachmentSpec of_file(const Node& node) {
    const std::string path = Reading::path_beside(node.place().resolve().file, node.text());
    const std::string name = std::filesystem::path(path).filename().string();
    std::error_code failure;
    if (!std::filesystem::is_regular_file(path, failure))
      reading_.error(reading_.at(node), fmt::format("the file {} cannot be read", printable(path)),
                     "a file, relative to this one");
    return {.name = name, .type = std::string(media_type_of(name)), .content = file_source(path)};
  }

  /// RFC 3339; the zone is the sender's.
  void read_date(const Node* node, Instant& date, int& offset_minutes) {
    if (node == nullptr) return;
    const auto text = reading_.text("date", *node);
    if (!text) return;
    const Result<Instant> instant = parse_instant(*text);
    if (!instant) {
      reading_.error(reading_.at(*node), fmt::format("\"date\": {}", instant.error().message),
                     "a point in time such as \"2014-06-02T11:00:00+02:00\"");
      return;
    }
    date = *instant;
    // What the clock on the wall shows there, less what it shows in UTC.
    const Result<Instant> there = parse_instant(text->substr(0, 19) + "Z");
    if (there)
      offset_minutes = static_cast<int>(
          std::chrono::floor<std::chrono::minutes>(*there - std::chrono::floor<std::chrono::seconds>(*instant))
              .count());
  }

  void read_resent(const Node& node) {
    if (reading_.map("resent", node) == nullptr) return;
    Fields fields(reading_, node, "\"resent\"");
    mime::Resent resent;
    resent.from = mailboxes_of(fields.need("from", "who passes it on"), "from");
    resent.to = recipients_of(fields.take("to"), "to");
    resent.cc = recipients_of(fields.take("cc"), "cc");
    resent.bcc = recipients_of(fields.take("bcc"), "bcc");
    resent.message_id = fields.text("message_id").value_or("");
    read_date(fields.need("date", "when"), resent.date, resent.offset_minutes);
    fields.finish();
    draft_.resent.push_back(std::move(resent));
  }

  void read_offers(const Node* node) {
    constexpr std::array<std::string_view, 2> known{"8BITMIME", "SMTPUTF8"};
    if (node == nullptr) return;
    for (const std::string& name : texts_of(node, "offers")) {
      if (name == known[0])
        file_.transport.eight_bit = true;
      else if (name == known[1])
        file_.transport.utf8 = file_.transport.eight_bit = true;
      else
        reading_.unknown(reading_.at(*node), fmt::format("\"offers\": nothing is called \"{}\"", printable(name)),
                         known, name);
    }
  }

  Reading& reading_;
  DraftFile& file_;
  mime::Draft draft_;
};

}  // namespace

DraftFile read_draft(const std::string& path, std::string_view contents) {
  DraftFile file;
  scenarios::Diagnostics diagnostics;
  scenarios::LoadContext context;
  context.read = [](const std::string& other) { return read_file(other, text_octets_max); };
  const scenarios::Parsed parsed = scenarios::parse_json(path, contents);
  for (const scenarios::JsonProblem& problem : parsed.problems)
    diagnostics.add({scenarios::Diagnostic::Severity::error, problem.place.resolve(), problem.message, problem.expected,
                     problem.meant});
  if (parsed.complete) {
    Reading reading(diagnostics, context, "");
    const Node& root = *parsed.document->root();
    DraftReader reader(reading, file);
    if (root.is(Node::Kind::map))
      reader.read(root);
    else
      reading.wrong_type("a message", root, "an object with from, to, subject, text ...");
    if (diagnostics.errors() == 0) file.draft = reader.take();
  }
  file.diagnostics = diagnostics.take();
  return file;
}

}  // namespace mailrig::cli
