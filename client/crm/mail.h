#pragma once
/// What the CRM is told of one stored message.
///
///   CrmMail mail = make_crm_mail(stored, raw, "anna@zillum.test");
///   mail.parties;            // whose records it may belong on: {"bert@customer.test"}

#include <string>
#include <string_view>
#include <vector>

#include "client/store/store.h"
#include "mime/message/fields/address.h"

namespace mailrig::client {

// A subject has 1 to 250 characters (docs/providers/crm.md#e-mails).
inline constexpr std::size_t crm_subject_characters_max = 250;
// No limit is documented for the content; a longer one helps nobody who reads a record.
inline constexpr std::size_t crm_content_octets_max = 256 * 1024;
// Every address costs two searches of the CRM's daily credits: a mail to more people is a mailing.
inline constexpr std::size_t crm_parties_max = 20;

struct CrmMail {
  MessageKey key = 0;
  std::string message_id;  // without angle brackets; made from the content's sum where the message has none
  mime::Address from;
  std::vector<mime::Address> to;  // never empty: the CRM wants one
  std::vector<mime::Address> cc;
  std::vector<mime::Address> bcc;  // of a sent mail
  std::string subject;
  std::string content;  // UTF-8
  bool html = false;
  std::string date_time;             // ISO 8601 with an offset and without fractions
  bool sent = false;                 // it is in the folder Sent
  std::vector<std::string> parties;  // lower case, each once, our own not among them
};

/// A received mail belongs to its sender and to others it went to; a sent one to its recipients. The user's own mail
/// in the Inbox (fetched by POP from the provider's sent mail) belongs to none:
/// docs/guide.md#sent-emails-appear-in-inbox has it shown only once a filter has moved it to Sent. A mail without an
/// address in To (the user was in Bcc, or the sender wrote an empty group) has the user's own address there.
/// `recipients` are those of the envelope, where a sent mail has one: who is in neither To nor Cc was in Bcc.
CrmMail make_crm_mail(const StoredMessage& stored, std::string_view raw, std::string_view own_address,
                      const std::vector<std::string>& recipients = {});

/// At most `characters` code points of well-formed UTF-8.
std::string_view first_characters(std::string_view text, std::size_t characters);

/// ASCII letters in lower case: how addresses are compared here.
std::string lower_case(std::string_view text);

}  // namespace mailrig::client
