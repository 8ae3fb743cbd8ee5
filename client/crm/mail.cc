#include "client/crm/mail.h"

#include <algorithm>

#include "base/text.h"
#include "mime/message/facts/readable.h"
#include "mime/message/fields/date.h"
#include "mime/message/fields/encoded_word.h"
#include "mime/message/header.h"

namespace mailrig::client {
namespace {

constexpr std::string_view cut_mark = "\n[...]";

/// An empty group ("undisclosed-recipients:;") has none.
std::vector<mime::Address> addresses(std::string_view raw, std::string_view field) {
  std::optional<std::string_view> body = mime::find_field(raw, field);
  std::vector<mime::Address> people = body ? mime::parse_addresses(*body) : std::vector<mime::Address>();
  std::erase_if(people, [](const mime::Address& person) { return person.address.empty(); });
  return people;
}

bool is_among(const std::vector<mime::Address>& people, std::string_view lower_case_address) {
  return std::any_of(people.begin(), people.end(),
                     [&](const mime::Address& person) { return lower_case(person.address) == lower_case_address; });
}

/// Those whom a sent mail went to without being named in To or Cc.
std::vector<mime::Address> bcc_of(const CrmMail& mail, std::string_view raw,
                                  const std::vector<std::string>& recipients) {
  std::vector<mime::Address> bcc;
  for (mime::Address& person : addresses(raw, "bcc")) bcc.push_back(std::move(person));
  for (const std::string& recipient : recipients) {
    const std::string address = lower_case(recipient);
    if (!address.empty() && !is_among(mail.to, address) && !is_among(mail.cc, address) && !is_among(bcc, address))
      bcc.push_back({{}, recipient});
  }
  return bcc;
}

std::string subject_of(std::string_view raw) {
  std::optional<std::string_view> body = mime::find_field(raw, "subject");
  std::string subject = body ? mime::text_value(*body) : std::string();
  if (subject.empty()) return "(no subject)";  // it must have one character
  return std::string(first_characters(subject, crm_subject_characters_max));
}

/// The CRM wants some content, and cuts nothing by itself.
std::string content_of(std::string text) {
  if (text.empty()) return "(no text)";
  if (text.size() <= crm_content_octets_max) return text;
  std::size_t end = crm_content_octets_max - cut_mark.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;  // not within a character
  return text.substr(0, end) + std::string(cut_mark);
}

void add_parties(CrmMail& mail, const std::vector<mime::Address>& people, std::string_view own) {
  for (const mime::Address& person : people) {
    std::string address = lower_case(person.address);
    if (address == own || mail.parties.size() == crm_parties_max) continue;
    if (std::find(mail.parties.begin(), mail.parties.end(), address) == mail.parties.end())
      mail.parties.push_back(std::move(address));
  }
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower;
  for (char c : text) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

std::string_view first_characters(std::string_view text, std::size_t characters) {
  std::size_t octets = 0;
  while (characters-- > 0 && octets < text.size()) octets += std::max<std::size_t>(utf8_length(text.substr(octets)), 1);
  return text.substr(0, octets);
}

CrmMail make_crm_mail(const StoredMessage& stored, std::string_view raw, std::string_view own_address,
                      const std::vector<std::string>& recipients) {
  CrmMail mail;
  mail.key = stored.id;
  mail.message_id =
      stored.message_id.empty() ? "sha256-" + to_hex(stored.sha256) + "@mailrig" : mime::to_utf8(stored.message_id, {});
  mail.sent = stored.folder == "Sent";
  // Without a From the mail is from who sent it; the user's own mail in Sent needs no field for that.
  for (std::string_view field : {"from", "sender", "return-path"}) {
    std::vector<mime::Address> from = addresses(raw, field);
    if (!mail.from.address.empty() || from.empty()) continue;
    mail.from = from.front();
  }
  if (mail.from.address.empty() && mail.sent) mail.from = {{}, std::string(own_address)};
  mail.to = addresses(raw, "to");
  mail.cc = addresses(raw, "cc");
  if (mail.sent) mail.bcc = bcc_of(mail, raw, recipients);
  mail.subject = subject_of(raw);
  mime::Readable text = mime::readable_text(raw);
  mail.html = text.html;
  mail.content = content_of(std::move(text.content));
  std::optional<std::string_view> written = mime::find_field(raw, "date");
  std::optional<mime::Date> date = written ? mime::parse_date(*written) : std::nullopt;
  mail.date_time = mime::to_iso8601(date.value_or(mime::date_of(stored.stored_at)));

  const std::string own = lower_case(own_address);
  const bool in_inbox_by_user = !mail.sent && lower_case(mail.from.address) == own;
  if (!in_inbox_by_user) {
    if (!mail.sent) add_parties(mail, {mail.from}, own);
    add_parties(mail, mail.to, own);
    add_parties(mail, mail.cc, own);
    add_parties(mail, mail.bcc, own);
    std::erase(mail.parties, std::string());  // a message without From
  }
  if (mail.to.empty()) mail.to = {{{}, std::string(own_address)}};
  return mail;
}

}  // namespace mailrig::client
