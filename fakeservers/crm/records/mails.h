#pragma once
/// The e-mails on records, found by record and by Message-ID.
///
///   if (!mails.has(record, message_id)) mails.add({...});

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "fakeservers/crm/records/modules.h"

namespace mailrig::fakeservers::crm {

/// An e-mail on a record.
struct Mail {
  const Module* module = nullptr;
  std::string record;               // id
  std::string id;                   // Zoho's own, 96 hexadecimal digits
  std::string original_message_id;  // the Message-ID
  Value given;                      // as it was sent: from, to, subject, content ...
  Instant time{};                   // its date_time
};

class MailBook {
 public:
  // Texts are kept for whoever reads an e-mail back. A five-day import brings gigabytes of them; beyond this they are
  // dropped, the rest stays.
  static constexpr std::size_t content_octets_max = 64 * 1024 * 1024;

  const Mail& add(Mail mail);
  bool has(std::string_view record, std::string_view message_id) const;
  const Mail* with_message_id(std::string_view message_id) const;
  /// The newest by date_time first.
  std::vector<const Mail*> on(std::string_view record) const;
  /// A lead that becomes a contact takes its e-mails along.
  void move(std::string_view from, const Module& module, std::string_view to);
  /// In the order of their arrival.
  const std::deque<Mail>& all() const { return mails_; }

 private:
  std::deque<Mail> mails_;  // its elements keep their places
  std::map<std::string, std::vector<Mail*>, std::less<>> by_record_;
  std::map<std::string, std::vector<Mail*>, std::less<>> by_message_id_;
  std::size_t content_octets_ = 0;
};

}  // namespace mailrig::fakeservers::crm
