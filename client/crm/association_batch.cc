#include "client/crm/association_batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/outbox/outbox_message.h"

namespace mailrig::client {
namespace {

// What is left over is taken in the next round.
constexpr std::size_t messages_max = 200;

// What only the user can mend is looked at again all the same: a right may have been given in the CRM itself.
constexpr Duration wait_for_user = 24h;
constexpr Duration wait_postponed = 1h;
// One that got no useful answer: soon at first, since most troubles are short.
constexpr Duration first_wait_failed = 1min;
constexpr Duration longest_wait_failed = 6h;

}  // namespace

AssociationBatch::AssociationBatch(PendingAssociations& backlog, MessageStore& store, const Calendar& calendar,
                                   std::string account, std::string own_address)
    : backlog_(backlog),
      store_(store),
      calendar_(calendar),
      account_(std::move(account)),
      own_address_(std::move(own_address)) {}

Result<std::size_t> AssociationBatch::collect() {
  // Those that are postponed are the oldest, and must not hide the others.
  Result<std::vector<StoredMessage>> awaiting = store_.awaiting_crm(account_, messages_max + backlog_.postponed.size());
  if (!awaiting) return awaiting.error();
  const Instant now = calendar_.now();
  auto tries_of = [&](const StoredMessage& message) {
    const auto later = backlog_.postponed.find(message.id);
    return later == backlog_.postponed.end() ? 0U : later->second.tries;
  };
  for (StoredMessage& message : *awaiting) {
    const auto later = backlog_.postponed.find(message.id);
    if (later != backlog_.postponed.end() && later->second.not_before > now) continue;
    messages_.push_back(std::move(message));
  }
  std::stable_sort(messages_.begin(), messages_.end(),
                   [&](const StoredMessage& a, const StoredMessage& b) { return tries_of(a) < tries_of(b); });
  if (messages_.size() > messages_max) messages_.resize(messages_max);
  return messages_.size();
}

/// The envelope of a message that was sent from here: its Bcc is in no header.
Result<std::vector<std::string>> AssociationBatch::recipients_of(const StoredMessage& stored) {
  if (stored.folder != "Sent" || stored.message_id.empty()) return std::vector<std::string>();
  if (!envelopes_) {
    envelopes_.emplace();
    Result<std::vector<OutboxItem>> items = store_.outbox(account_);
    if (!items) return items.error();
    for (OutboxItem& item : *items) {
      Result<OutboxMessage> message = OutboxMessage::from_item(std::move(item));
      if (!message) continue;  // the outbox tells of it
      for (OutboxRecipient& recipient : message->recipients)
        if (recipient.state != OutboxRecipient::State::failed)
          (*envelopes_)[message->message_id].push_back(std::move(recipient.address));
    }
  }
  const auto found = envelopes_->find(stored.message_id);
  return found == envelopes_->end() ? std::vector<std::string>() : found->second;
}

CrmTask* AssociationBatch::next_task() {
  if (failure_ || at_ == messages_.size()) return nullptr;
  const StoredMessage& stored = messages_[at_++];
  Result<std::string> raw = store_.raw(stored.id);
  Result<std::vector<std::string>> recipients = recipients_of(stored);
  if (!raw || !recipients) {
    failure_ = raw ? std::move(recipients).error() : std::move(raw).error();
    return nullptr;
  }
  task_ = std::make_unique<AssociateMail>(make_crm_mail(stored, *raw, own_address_, *recipients), directory_);
  if (const auto doubt = backlog_.in_doubt.find(stored.id); doubt != backlog_.in_doubt.end())
    task_->set_in_doubt(doubt->second);
  if (const auto done = backlog_.done.find(stored.id); done != backlog_.done.end()) {
    std::set<CrmRecord> records;
    for (const auto& [record, outcome] : done->second) records.insert(record);
    task_->set_done(std::move(records));
  }
  return task_.get();
}

Status AssociationBatch::keep_marks(const AssociateMail& task, bool settled) {
  const MessageKey key = task.mail().key;
  const std::vector<AssociationRecord>& marks = task.marks();
  for (std::size_t i = 0; i < marks.size(); ++i) {
    AssociationRecord mark = marks[i];
    mark.at = calendar_.now();
    if (Status kept = store_.mark_crm(mark, settled && i + 1 == marks.size()); !kept) return kept;
    if (!mark.record.empty()) backlog_.done[key][{mark.module, mark.record}] = mark.outcome;
    notes_.push_back(is_on_record(mark)
                         ? fmt::format("message {} is on {}/{} of the CRM", key, mark.module, mark.record)
                     : mark.record.empty() ? fmt::format("message {} belongs on no record of the CRM", key)
                                           : fmt::format("message {} is {}", key, mark.outcome));
  }
  return {};
}

Status AssociationBatch::on_finished() {
  const std::unique_ptr<AssociateMail> task = std::exchange(task_, nullptr);
  const MessageKey key = task->mail().key;
  if (Status kept = keep_marks(*task, task->settled()); !kept) return kept;
  if (task->settled() && task->marks().empty()) {
    // All of it was done at earlier tries.
    const auto& [record, outcome] = *backlog_.done[key].begin();
    const AssociationRecord mark{
        .message = key, .module = record.module, .record = record.id, .outcome = outcome, .at = calendar_.now()};
    if (Status kept = store_.mark_crm(mark, true); !kept) return kept;
  }
  if (task->settled()) {
    ++finished_;
    backlog_.in_doubt.erase(key);
    backlog_.postponed.erase(key);
    backlog_.done.erase(key);
    return {};
  }
  backlog_.in_doubt[key] = task->in_doubt();
  CrmPostponed& postponed = backlog_.postponed[key];
  postponed.trouble = task->trouble();
  Duration wait = task->needs_user() ? wait_for_user : wait_postponed;
  if (task->failed() && !task->needs_user()) {
    fresh_failed_ = fresh_failed_ || postponed.tries == 0;
    wait = first_wait_failed;
    for (unsigned i = 0; i < postponed.tries && wait < longest_wait_failed; ++i) wait *= 2;
    wait = std::min(wait, longest_wait_failed);
    ++postponed.tries;
  }
  postponed.not_before = calendar_.now() + wait;
  if (task->needs_user()) user_trouble_ = task->trouble();
  return {};
}

Status AssociationBatch::put_back(const std::string& trouble) {
  const std::unique_ptr<AssociateMail> task = std::exchange(task_, nullptr);
  if (!task) return {};
  const MessageKey key = task->mail().key;
  if (!task->in_doubt().empty()) backlog_.in_doubt[key] = task->in_doubt();
  if (!trouble.empty()) {
    // When to try again is a matter of the account now; this one comes after those that were tried less.
    CrmPostponed& postponed = backlog_.postponed[key];
    postponed.not_before = calendar_.now();
    postponed.trouble = trouble;
    ++postponed.tries;
  }
  return keep_marks(*task, false);
}

}  // namespace mailrig::client
