#include "fakeservers/crm/records/mails.h"

#include <algorithm>

namespace mailrig::fakeservers::crm {

const Mail& MailBook::add(Mail mail) {
  if (const Value* content = mail.given.find("content"); content != nullptr && content->is(Value::Kind::text)) {
    std::size_t octets = content->text().size();
    if (content_octets_ + octets > content_octets_max)
      mail.given.set("content", Value{});
    else
      content_octets_ += octets;
  }
  Mail& kept = mails_.emplace_back(std::move(mail));
  by_record_[kept.record].push_back(&kept);
  by_message_id_[kept.original_message_id].push_back(&kept);
  return kept;
}

bool MailBook::has(std::string_view record, std::string_view message_id) const {
  auto found = by_message_id_.find(message_id);
  return found != by_message_id_.end() &&
         std::ranges::any_of(found->second, [&](const Mail* mail) { return mail->record == record; });
}

const Mail* MailBook::with_message_id(std::string_view message_id) const {
  auto found = by_message_id_.find(message_id);
  return found == by_message_id_.end() ? nullptr : found->second.front();
}

std::vector<const Mail*> MailBook::on(std::string_view record) const {
  auto found = by_record_.find(record);
  if (found == by_record_.end()) return {};
  std::vector<const Mail*> mails(found->second.begin(), found->second.end());
  std::ranges::stable_sort(mails, [](const Mail* a, const Mail* b) { return a->time > b->time; });
  return mails;
}

void MailBook::move(std::string_view from, const Module& module, std::string_view to) {
  auto found = by_record_.find(from);
  if (found == by_record_.end()) return;
  std::vector<Mail*> moved = std::move(found->second);
  by_record_.erase(found);
  std::vector<Mail*>& there = by_record_[std::string(to)];
  for (Mail* mail : moved) {
    mail->module = &module;
    mail->record = to;
    there.push_back(mail);
  }
}

}  // namespace mailrig::fakeservers::crm
