#include "mime/compose/compose_fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "mime/compose/write_date.h"
#include "mime/message/ascii.h"
#include "mime/message/fields/idn.h"

namespace mailrig::mime {
namespace {

constexpr std::size_t message_id_digits = 32;

bool is_control(char c) { return (c >= 0 && c < ' ') || c == 0x7F; }

bool is_atom_or_high(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return is_eight_bit(c) || is_atom({&c, 1}); });
}

/// RFC 5322 §3.2.3: atoms with dots between them.
bool is_dot_atom(std::string_view text) {
  while (true) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    if (!is_atom_or_high(text.substr(0, dot))) return false;
    if (dot == text.size()) return true;
    text.remove_prefix(dot + 1);
  }
}

/// Quotes at both ends, and none within that has no backslash before it.
bool is_quoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  const std::string_view inside = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '"') return false;
    if (inside[i] == '\\' && ++i == inside.size()) return false;
  }
  return true;
}

bool is_domain(std::string_view domain) {
  if (domain.size() > 2 && domain.front() == '[' && domain.back() == ']')
    return domain.find_first_of("[]\\ \t", 1) == domain.size() - 1;
  return is_dot_atom(domain);
}

/// RFC 5322 §3.6.4, and what has been seen to work: printable, without what ends it.
bool is_identifier(std::string_view id) {
  return !id.empty() && id.size() <= message_id_octets_max && id.find('@') != std::string_view::npos &&
         std::ranges::all_of(id, [](char c) { return c > ' ' && c < 0x7F && c != '<' && c != '>'; });
}

std::vector<Address> all_of(const Recipients& recipients) {
  std::vector<Address> all;
  for (const Recipient& recipient : recipients)
    all.insert(all.end(), recipient.members.begin(), recipient.members.end());
  return all;
}

}  // namespace

void FieldSet::date(std::string_view name, Instant instant, int offset_minutes) {
  constexpr int day = 24 * 60;
  if (offset_minutes <= -day || offset_minutes >= day) {
    fail(fmt::format("a zone {} minutes from UTC is none", offset_minutes));
    return;
  }
  FieldWriter writer(out_, name);
  out_ += ' ';
  write_date(out_, instant, offset_minutes);
  writer.end();
}

void FieldSet::authors(std::string_view name, std::string_view sender_name, const std::vector<Address>& authors,
                       const std::optional<Address>& sender) {
  if (authors.empty()) {
    fail(fmt::format("{} has no address", name));
    return;
  }
  mailboxes(name, authors);
  if (sender && (authors.size() > 1 || *sender != authors.front()))
    mailboxes(sender_name, {*sender});
  else if (authors.size() > 1)
    mailboxes(sender_name, {authors.front()});
}

void FieldSet::mailboxes(std::string_view name, const std::vector<Address>& mailboxes) {
  if (mailboxes.empty()) return;
  FieldWriter writer(out_, name, kind_);
  for (const Address& mailbox : mailboxes) write(writer, mailbox, &mailbox == &mailboxes.back() ? "" : ",");
  writer.end();
}

void FieldSet::recipients(std::string_view name, const Recipients& recipients) {
  if (recipients.empty()) return;
  FieldWriter writer(out_, name, kind_);
  for (const Recipient& recipient : recipients) {
    const std::string_view comma = &recipient == &recipients.back() ? "" : ",";
    if (recipient.group_name.empty()) {
      for (const Address& mailbox : recipient.members) write(writer, mailbox, comma);
      continue;
    }
    writer.phrase(recipient.group_name).append(":");
    const std::string closing = ";" + std::string(comma);
    for (const Address& mailbox : recipient.members)
      write(writer, mailbox, &mailbox == &recipient.members.back() ? std::string_view(closing) : ",");
    if (recipient.members.empty()) writer.append(closing);
  }
  writer.end();
}

void FieldSet::text(std::string_view name, std::string_view text) { FieldWriter(out_, name, kind_).text(text).end(); }

void FieldSet::identifiers(std::string_view name, const std::vector<std::string>& identifiers) {
  if (identifiers.empty()) return;
  FieldWriter writer(out_, name);
  for (const std::string& id : identifiers) {
    if (!is_identifier(id))
      fail(fmt::format("{}: \"{}\" is no message identifier such as 17@example.test", name, printable(id)));
    writer.token('<' + id + '>');
  }
  writer.end();
}

std::string FieldSet::message_id(std::string_view name, const std::string& given, const std::vector<Address>& authors,
                                 Prng& prng) {
  std::string id = given;
  if (id.empty()) {
    const std::string address = authors.empty() ? "" : authors.front().address;
    const std::size_t at = address.rfind('@');
    std::string domain = at == std::string::npos ? "localhost" : address.substr(at + 1);
    // An identifier is not an address: it stays in ASCII, whatever the domain is.
    domain = domain_to_ascii(domain);
    if (std::ranges::any_of(domain, is_eight_bit)) domain = "localhost";
    id = prng.hex(message_id_digits) + '@' + domain;
  }
  identifiers(name, {id});
  return id;
}

/// In the order of RFC 5322 §3.6.6.
Status FieldSet::resent(const Resent& resent, Prng& prng) {
  date("Resent-Date", resent.date, resent.offset_minutes);
  authors("Resent-From", "Resent-Sender", resent.from, resent.sender);
  recipients("Resent-To", resent.to);
  recipients("Resent-Cc", resent.cc);
  check(resent.bcc);
  message_id("Resent-Message-ID", resent.message_id, resent.from, prng);
  return status_;
}

void FieldSet::check(const Recipients& recipients) {
  for (const Address& mailbox : all_of(recipients)) checked(mailbox);
}

Result<std::string> FieldSet::take() {
  if (!status_) return status_.error();
  return std::move(out_);
}

void FieldSet::write(FieldWriter& writer, const Address& mailbox, std::string_view behind) {
  const std::string address = checked(mailbox);
  if (mailbox.name.empty())
    writer.token(address + std::string(behind));
  else
    writer.phrase(mailbox.name).token('<' + address + '>' + std::string(behind));
}

/// As it is written: the local part in quotes where it has to be.
std::string FieldSet::checked(const Address& mailbox) {
  // Without SMTPUTF8 a domain goes as its A-labels (RFC 5890).
  const std::string address = kind_ == FieldWriter::Kind::plain ? address_to_ascii(mailbox.address) : mailbox.address;
  const std::size_t at = address.rfind('@');
  const std::string local = address.substr(0, std::min(at, address.size()));
  const std::string domain = at == std::string::npos ? "" : address.substr(at + 1);
  if (local.empty() || !is_domain(domain) || address.size() > address_octets_max ||
      std::ranges::any_of(address, is_control) || !is_well_formed_utf8(address)) {
    fail(fmt::format("\"{}\" is not an address such as anna@example.test", printable(address)));
    return {};
  }
  if (kind_ == FieldWriter::Kind::plain && std::ranges::any_of(address, is_eight_bit)) {
    fail(fmt::format("the address \"{}\" can only be written for a server that offers SMTPUTF8", printable(address)));
    return {};
  }
  return (is_dot_atom(local) || is_quoted(local) ? local : quoted(local)) + '@' + domain;
}

void FieldSet::fail(std::string message) {
  if (status_) status_ = Error{Errc::bad_input, std::move(message)};
}

}  // namespace mailrig::mime
