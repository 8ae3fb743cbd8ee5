#include "mime/compose/compose.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "mime/compose/compose_fields.h"
#include "mime/message/ascii.h"
#include "mime/message/fields/idn.h"

namespace mailrig::mime {
namespace {

using Kind = FieldWriter::Kind;

/// Every line end becomes CRLF, and the last line gets one. A CR alone is none: it stays, and is encoded.
std::string in_lines(std::string_view text) {
  std::string lines;
  lines.reserve(text.size() + text.size() / 16 + 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) lines += '\r';
    lines += text[i];
  }
  if (!lines.empty() && !lines.ends_with("\r\n")) lines += "\r\n";
  return lines;
}

OutgoingPart text_part(std::string_view type, std::string_view text) {
  std::string lines = in_lines(text);
  OutgoingPart part{.type = std::string(type)};
  part.parameters = {{"charset", std::ranges::none_of(lines, is_eight_bit) ? "us-ascii" : "utf-8"}};
  part.content = Source::of(std::move(lines));
  return part;
}

OutgoingPart attached(const AttachmentSpec& attachment, std::string_view disposition) {
  OutgoingPart part{.type = attachment.type,
                    .parameters = attachment.parameters,
                    .disposition = std::string(disposition),
                    .content_id = attachment.content_id,
                    .description = attachment.description,
                    .content = attachment.content};
  if (!attachment.name.empty()) part.disposition_parameters = {{"filename", attachment.name}};
  return part;
}

/// A multipart, or its one part alone.
OutgoingPart multipart(std::string_view subtype, std::vector<OutgoingPart> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  return {.type = fmt::format("multipart/{}", subtype), .parts = std::move(parts)};
}

/// multipart/related (RFC 2387): the page, and what it shows.
OutgoingPart page_of(const Draft& draft) {
  OutgoingPart page = text_part("text/html", *draft.html);
  if (draft.inline_parts.empty()) return page;
  OutgoingPart related{.type = "multipart/related", .parameters = {{"type", "text/html"}}};
  related.parts.push_back(std::move(page));
  for (const AttachmentSpec& shown : draft.inline_parts) related.parts.push_back(attached(shown, "inline"));
  return related;
}

OutgoingPart body_of(const Draft& draft) {
  std::vector<OutgoingPart> readings;  // the best last (RFC 2046 §5.1.4)
  if (draft.text) readings.push_back(text_part("text/plain", *draft.text));
  if (draft.html) readings.push_back(page_of(draft));
  for (const AttachmentSpec& reading : draft.alternatives) readings.push_back(attached(reading, ""));

  std::vector<OutgoingPart> parts;
  if (!readings.empty()) parts.push_back(multipart("alternative", std::move(readings)));
  if (!draft.html)  // no page shows them: they stand between text and attachments
    for (const AttachmentSpec& shown : draft.inline_parts) parts.push_back(attached(shown, "inline"));
  for (const AttachmentSpec& attachment : draft.attachments) parts.push_back(attached(attachment, "attachment"));
  if (parts.empty()) parts.push_back(text_part("text/plain", ""));
  // An attachment alone is a part of something, so that its file name is not taken for the message's.
  if (parts.size() == 1 && !parts.front().disposition.empty())
    return {.type = "multipart/mixed", .parts = std::move(parts)};
  return multipart("mixed", std::move(parts));
}

/// Those that this writer writes itself, and the one that nobody may.
constexpr std::array<std::string_view, 16> own_fields{"date",
                                                      "from",
                                                      "sender",
                                                      "reply-to",
                                                      "to",
                                                      "cc",
                                                      "bcc",
                                                      "message-id",
                                                      "in-reply-to",
                                                      "references",
                                                      "subject",
                                                      "mime-version",
                                                      "content-type",
                                                      "content-transfer-encoding",
                                                      "content-disposition",
                                                      "content-id"};

Status check_field_name(std::string_view name) {
  // RFC 5322 §3.6.8; longer names leave no room for a value.
  constexpr std::size_t name_octets_max = 60;
  const bool good = !name.empty() && name.size() <= name_octets_max &&
                    std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7F && c != ':'; });
  if (!good) return Error{Errc::bad_input, fmt::format("\"{}\" is no name of a header field", printable(name))};
  const std::string lower = lower_case(name);
  if (std::ranges::find(own_fields, lower) != own_fields.end() || lower.starts_with("resent-"))
    return Error{Errc::bad_input, fmt::format("the field {} has a place of its own in a draft", name)};
  return {};
}

Result<std::string> header_of(const Draft& draft, Transport transport, Prng& prng, Composed& composed) {
  FieldSet fields(transport);
  for (const Resent& resent : draft.resent)
    if (Status written = fields.resent(resent, prng); !written) return written.error();
  fields.date("Date", draft.date, draft.offset_minutes);
  fields.authors("From", "Sender", draft.from, draft.sender);
  fields.mailboxes("Reply-To", draft.reply_to);
  fields.recipients("To", draft.to);
  fields.recipients("Cc", draft.cc);
  fields.check(draft.bcc);
  composed.message_id = fields.message_id("Message-ID", draft.message_id, draft.from, prng);
  fields.identifiers("In-Reply-To", draft.in_reply_to);
  fields.identifiers("References", draft.references);
  fields.text("Subject", draft.subject);
  for (const auto& [name, text] : draft.fields) {
    if (Status good = check_field_name(name); !good) return good.error();
    fields.text(name, text);
  }
  return fields.take();
}

std::vector<std::string> addresses_in(std::initializer_list<const Recipients*> lists, Transport transport) {
  std::vector<std::string> addresses;
  for (const Recipients* list : lists) {
    for (const Recipient& recipient : *list) {
      for (const Address& mailbox : recipient.members) {
        std::string address = transport.utf8 ? mailbox.address : address_to_ascii(mailbox.address);
        if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(std::move(address));
      }
    }
  }
  return addresses;
}

}  // namespace

Result<Composed> compose(const Draft& draft, Transport transport, Prng& prng, const Sink& sink) {
  Composed composed;
  Result<std::string> header = header_of(draft, transport, prng, composed);
  if (!header) return header.error();
  const OutgoingPart body = body_of(draft);
  const Result<PlannedPart> planned = plan_part(body, transport, prng);
  if (!planned) return planned.error();
  const Kind kind = transport.utf8 ? Kind::utf8 : Kind::plain;
  *header += "MIME-Version: 1.0\r\n";
  write_fields(*planned, kind, *header);
  *header += "\r\n";
  if (Status sent = sink(*header); !sent) return sent.error();
  if (Status written = write_body(*planned, kind, sink); !written) return written.error();
  composed.recipients = draft.resent.empty()
                            ? addresses_in({&draft.to, &draft.cc, &draft.bcc}, transport)
                            : addresses_in({&draft.resent[0].to, &draft.resent[0].cc, &draft.resent[0].bcc}, transport);
  composed.eight_bit = planned->encoding == TransferEncoding::eight_bit;
  composed.utf8 = transport.utf8;
  return composed;
}

Result<std::string> compose(const Draft& draft, Transport transport, Prng& prng) {
  std::string message;
  const Result<Composed> composed = compose(draft, transport, prng, [&message](std::string_view octets) -> Status {
    message += octets;
    return {};
  });
  if (!composed) return composed.error();
  return message;
}

Result<std::string> resent_fields(const Resent& resent, Transport transport, Prng& prng) {
  FieldSet fields(transport);
  if (Status written = fields.resent(resent, prng); !written) return written.error();
  return fields.take();
}

}  // namespace mailrig::mime
