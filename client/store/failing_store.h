#pragma once
/// A store that fails as it is told, for tests and scenarios: the disk is full, somebody holds the database, the
/// process dies between the commit and whatever should have followed.
///
///   FailingStore store(std::move(real), {{.commit = 2, .how = StoreFault::How::full}});

#include <memory>
#include <vector>

#include "client/store/store.h"

namespace mailrig::client {

struct StoreFault {
  enum class How : std::uint8_t {
    full,
    busy,
    dies_before,  // nothing is stored, and nothing works any more
    dies_after,   // all is stored, but nobody hears of it, and nothing works any more
  };
  std::uint64_t commit = 1;  // the nth commit, counted from 1 ...
  std::uint64_t until = 0;   // ... to this one; 0: only that one
  How how = How::full;
};

class FailingStore final : public MessageStore {
 public:
  FailingStore(std::unique_ptr<MessageStore> store, std::vector<StoreFault> faults)
      : store_(std::move(store)), faults_(std::move(faults)) {}

  Status commit(MailBatch& batch) override;
  std::uint64_t commits() const { return commits_; }

  Result<std::vector<UidRecord>> uids(std::string_view account) override {
    return unless_dead([&] { return store_->uids(account); });
  }
  Result<StoreTotals> totals(std::string_view account) override {
    return unless_dead([&] { return store_->totals(account); });
  }
  Result<std::string> account_facts(std::string_view account) override {
    return unless_dead([&] { return store_->account_facts(account); });
  }
  Result<std::vector<StoredMessage>> messages(std::string_view account) override {
    return unless_dead([&] { return store_->messages(account); });
  }
  Result<std::vector<StoredMessage>> with_digest(std::string_view account, const Sha256::Digest& sha256) override {
    return unless_dead([&] { return store_->with_digest(account, sha256); });
  }
  Result<std::vector<StoredMessage>> with_message_id(std::string_view account, std::string_view message_id) override {
    return unless_dead([&] { return store_->with_message_id(account, message_id); });
  }
  Result<std::string> raw(MessageKey message) override {
    return unless_dead([&] { return store_->raw(message); });
  }
  Result<std::int64_t> add_to_outbox(const OutboxItem& item) override {
    return unless_dead([&] { return store_->add_to_outbox(item); });
  }
  Status update_outbox(const OutboxItem& item) override {
    return unless_dead([&] { return store_->update_outbox(item); });
  }
  Result<std::vector<OutboxItem>> outbox(std::string_view account) override {
    return unless_dead([&] { return store_->outbox(account); });
  }
  Result<std::vector<StoredMessage>> awaiting_crm(std::string_view account, std::size_t max) override {
    return unless_dead([&] { return store_->awaiting_crm(account, max); });
  }
  Result<std::uint64_t> count_awaiting_crm(std::string_view account) override {
    return unless_dead([&] { return store_->count_awaiting_crm(account); });
  }
  Status mark_crm(const AssociationRecord& mark, bool settled) override {
    return unless_dead([&] { return store_->mark_crm(mark, settled); });
  }
  Result<std::vector<AssociationRecord>> crm_marks(std::string_view account) override {
    return unless_dead([&] { return store_->crm_marks(account); });
  }

 private:
  static Error death() { return {Errc::cancelled, "the client has died", Step::store}; }
  template <class Work>
  auto unless_dead(Work&& work) -> decltype(work()) {
    if (dead_) return death();
    return work();
  }

  std::unique_ptr<MessageStore> store_;
  std::vector<StoreFault> faults_;
  std::uint64_t commits_ = 0;
  bool dead_ = false;
};

}  // namespace mailrig::client
