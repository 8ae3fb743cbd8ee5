#include "client/outbox/outgoing_message.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "client/smtp/envelope.h"
#include "mime/compose/complete.h"
#include "mime/compose/compose.h"
#include "mime/message/fields/idn.h"

namespace mailrig::client {
namespace {

std::string text_of(const Value& message, std::string_view key) {
  const Value* value = message.find(key);
  return value != nullptr && value->is(Value::Kind::text) ? value->text() : std::string();
}

/// "bert@customer.test", "Bert Bolt <bert@customer.test>", "team: a@x.test, b@x.test;" or a list of them.
Result<mime::Recipients> parse_recipients(std::string_view text) {
  auto refuse = [&](std::string_view why) {
    return Error{Errc::bad_input, fmt::format("\"{}\" is not an e-mail address: {}", printable(text), why)};
  };
  const bool has_control =
      std::ranges::any_of(text, [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7F; });
  if (has_control) return refuse("it holds a control character");
  mime::Defects defects(text);
  mime::AddressList found = mime::parse_address_list(text, &defects);
  if (const mime::Defect* fault = mime::doubtful_address(defects)) return refuse(mime::kind_of(fault->code).meaning);
  if (found.mailboxes.empty() && found.groups.empty()) return refuse("it is empty");
  std::vector<mime::Recipient> groups;
  groups.reserve(found.groups.size());
  for (const std::string& name : found.groups) groups.emplace_back(name, std::vector<mime::Address>{});
  mime::Recipients recipients;
  for (mime::Mailbox& mailbox : found.mailboxes) {
    if (Status fit = check_path(mime::address_to_ascii(mailbox.address)); !fit) return fit.error();
    mime::Address address{std::move(mailbox.name), std::move(mailbox.address)};
    if (mailbox.group)
      groups[*mailbox.group].members.push_back(std::move(address));
    else
      recipients.emplace_back(std::move(address));
  }
  for (mime::Recipient& group : groups) recipients.push_back(std::move(group));
  return recipients;
}

/// A text, or a list of texts.
Result<mime::Recipients> read_recipients(const Value& message, std::string_view key) {
  mime::Recipients recipients;
  const Value* value = message.find(key);
  if (value == nullptr) return recipients;
  const Value::List items = value->is(Value::Kind::list) ? value->items() : Value::List{*value};
  for (const Value& item : items) {
    if (!item.is(Value::Kind::text))
      return Error{Errc::bad_input, fmt::format("\"{}\" must be an address or a list of addresses", key)};
    Result<mime::Recipients> parsed = parse_recipients(item.text());
    if (!parsed) return Error{Errc::bad_input, fmt::format("\"{}\": {}", key, parsed.error().message)};
    for (mime::Recipient& recipient : *parsed) recipients.push_back(std::move(recipient));
  }
  return recipients;
}

Result<mime::Address> read_sender(const Value& message, std::string_view own_address) {
  const std::string from = text_of(message, "from");
  Result<mime::Recipients> parsed = parse_recipients(from.empty() ? own_address : std::string_view(from));
  if (!parsed) return Error{Errc::bad_input, "the sender: " + parsed.error().message};
  if (parsed->size() != 1 || !parsed->front().group_name.empty())
    return Error{Errc::bad_input, "the sender: one address is needed"};
  return parsed->front().members.front();
}

bool needs_smtputf8(const mime::Draft& draft) {
  const auto is_international_local = [](const mime::Address& address) {
    return is_international(std::string_view(address.address).substr(0, address.address.rfind('@')));
  };
  if (std::ranges::any_of(draft.from, is_international_local)) return true;
  for (const mime::Recipients* list : {&draft.to, &draft.cc, &draft.bcc})
    for (const mime::Recipient& recipient : *list)
      if (std::ranges::any_of(recipient.members, is_international_local)) return true;
  return false;
}

}  // namespace

Result<OutgoingMessage> make_outgoing(const Value& message, std::string_view own_address, Instant now, Prng& prng) {
  mime::Draft draft{.subject = text_of(message, "subject"), .text = text_of(message, "text"), .date = now};
  for (auto [key, list] : {std::pair{"to", &draft.to}, std::pair{"cc", &draft.cc}, std::pair{"bcc", &draft.bcc}}) {
    Result<mime::Recipients> recipients = read_recipients(message, key);
    if (!recipients) return recipients.error();
    *list = *std::move(recipients);
  }
  Result<mime::Address> from = read_sender(message, own_address);
  if (!from) return from.error();
  OutgoingMessage outgoing{
      .from = mime::address_to_ascii(from->address), .recipients = {}, .message_id = {}, .raw = {}};
  draft.from.push_back(*std::move(from));
  // Which server takes it is not known yet. Only a local part outside of ASCII needs one that offers SMTPUTF8.
  const bool international = needs_smtputf8(draft);
  if (international) outgoing.from = draft.from.front().address;
  const mime::Transport transport{.eight_bit = international, .utf8 = international};
  // Composed even where a whole message is given: its envelope is that of the draft.
  const Result<mime::Composed> composed =
      mime::compose(draft, transport, prng, [&outgoing](std::string_view octets) -> Status {
        outgoing.raw += octets;
        return {};
      });
  if (!composed) return composed.error();
  if (composed->recipients.empty()) return Error{Errc::bad_input, "the message has no recipients: give to, cc or bcc"};
  outgoing.recipients = composed->recipients;
  outgoing.message_id = composed->message_id;
  if (const Value* raw = message.find("raw"); raw != nullptr && raw->is(Value::Kind::text)) {
    mime::Completed completed = mime::complete(raw->text(), outgoing.from, now, prng);
    outgoing.message_id = std::move(completed.message_id);
    outgoing.raw = std::move(completed.message);
  }
  return outgoing;
}

}  // namespace mailrig::client
