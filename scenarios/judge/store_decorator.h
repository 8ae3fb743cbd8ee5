#pragma once
/// A store that hands everything on to the one below; what is derived from it overrides what it changes or watches.
///
///   struct Forgetful : StoreDecorator {
///     using StoreDecorator::StoreDecorator;
///     Status mark_crm(const AssociationRecord&, bool) override { return {}; }
///   };

#include <memory>
#include <utility>

#include "client/store/store.h"

namespace mailrig::scenarios {

class StoreDecorator : public client::MessageStore {
 public:
  explicit StoreDecorator(std::unique_ptr<client::MessageStore> below) : below_(std::move(below)) {}

  Status commit(client::MailBatch& batch) override { return below_->commit(batch); }
  Result<std::vector<client::UidRecord>> uids(std::string_view account) override { return below_->uids(account); }
  Result<client::StoreTotals> totals(std::string_view account) override { return below_->totals(account); }
  Result<std::string> account_facts(std::string_view account) override { return below_->account_facts(account); }
  Result<std::vector<client::StoredMessage>> messages(std::string_view account) override {
    return below_->messages(account);
  }
  Result<std::vector<client::StoredMessage>> with_digest(std::string_view account,
                                                         const Sha256::Digest& sha256) override {
    return below_->with_digest(account, sha256);
  }
  Result<std::vector<client::StoredMessage>> with_message_id(std::string_view account,
                                                             std::string_view message_id) override {
    return below_->with_message_id(account, message_id);
  }
  Result<std::string> raw(client::MessageKey message) override { return below_->raw(message); }
  Result<std::int64_t> add_to_outbox(const client::OutboxItem& item) override { return below_->add_to_outbox(item); }
  Status update_outbox(const client::OutboxItem& item) override { return below_->update_outbox(item); }
  Result<std::vector<client::OutboxItem>> outbox(std::string_view account) override { return below_->outbox(account); }
  Result<std::vector<client::StoredMessage>> awaiting_crm(std::string_view account, std::size_t max) override {
    return below_->awaiting_crm(account, max);
  }
  Result<std::uint64_t> count_awaiting_crm(std::string_view account) override {
    return below_->count_awaiting_crm(account);
  }
  Status mark_crm(const client::AssociationRecord& mark, bool settled) override {
    return below_->mark_crm(mark, settled);
  }
  Result<std::vector<client::AssociationRecord>> crm_marks(std::string_view account) override {
    return below_->crm_marks(account);
  }

 protected:
  client::MessageStore& below() { return *below_; }

 private:
  std::unique_ptr<client::MessageStore> below_;
};

}  // namespace mailrig::scenarios
