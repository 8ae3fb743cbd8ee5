#include "client/crm/round.h"

#include <fmt/format.h>

#include <utility>

namespace mailrig::client {
namespace {

// What is left over is taken in the next round.
constexpr std::size_t messages_max = 200;

// What only the user can mend is looked at again all the same: a right may have been given in the CRM itself.
constexpr Duration wait_for_user = 24h;
constexpr Duration wait_postponed = 1h;

}  // namespace

CrmRound::CrmRound(CrmBacklog& backlog, MessageStore& store, const Calendar& calendar, std::string account,
                   std::string own_address)
    : backlog_(backlog),
      store_(store),
      calendar_(calendar),
      account_(std::move(account)),
      own_address_(std::move(own_address)) {}

Result<std::size_t> CrmRound::collect() {
  // Those that are postponed are the oldest, and must not hide the others.
  Result<std::vector<StoredMessage>> awaiting = store_.awaiting_crm(account_, messages_max + backlog_.postponed.size());
  if (!awaiting) return awaiting.error();
  const Instant now = calendar_.now();
  for (StoredMessage& message : *awaiting) {
    const auto later = backlog_.postponed.find(message.id);
    if (later != backlog_.postponed.end() && later->second > now) continue;
    if (messages_.size() < messages_max) messages_.push_back(std::move(message));
  }
  return messages_.size();
}

CrmTask* CrmRound::next_task() {
  if (failure_ || at_ == messages_.size()) return nullptr;
  const StoredMessage& stored = messages_[at_++];
  Result<std::string> raw = store_.raw(stored.id);
  if (!raw) {
    failure_ = std::move(raw).error();
    return nullptr;
  }
  task_ = std::make_unique<AssociateMail>(make_crm_mail(stored, *raw, own_address_), directory_);
  if (const auto doubt = backlog_.in_doubt.find(stored.id); doubt != backlog_.in_doubt.end())
    task_->set_in_doubt(doubt->second);
  return task_.get();
}

Status CrmRound::on_finished() {
  const std::unique_ptr<AssociateMail> task = std::exchange(task_, nullptr);
  const MessageKey key = task->mail().key;
  const Instant now = calendar_.now();
  const std::vector<CrmMark>& marks = task->marks();
  for (std::size_t i = 0; i < marks.size(); ++i) {
    CrmMark mark = marks[i];
    mark.at = now;
    const bool last = i + 1 == marks.size();
    if (Status kept = store_.mark_crm(mark, last && task->settled()); !kept) return kept;
    if (is_on_record(mark))
      notes_.push_back(fmt::format("message {} is on {}/{} of the CRM", key, mark.module, mark.record));
  }
  ++finished_;
  backlog_.in_doubt.erase(key);
  backlog_.postponed.erase(key);
  if (!task->settled()) backlog_.postponed[key] = now + (task->needs_user() ? wait_for_user : wait_postponed);
  if (task->needs_user()) user_trouble_ = task->trouble();
  return {};
}

void CrmRound::put_back() {
  if (task_ && !task_->in_doubt().empty()) backlog_.in_doubt[task_->mail().key] = task_->in_doubt();
}

}  // namespace mailrig::client
