#pragma once
/// How a client can be broken in what it keeps: stores that forget and lie, each in one way.
///
///   client.store = [](auto store, unsigned) { return std::make_unique<StoresTwice>(std::move(store)); };

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/judge/store_decorator.h"

namespace mailrig::scenarios::testing {

/// Says that a batch is durable without storing the messages that are not to be kept.
class LosesMessages : public StoreDecorator {
 public:
  LosesMessages(std::unique_ptr<client::MessageStore> store, std::function<bool(std::size_t place)> keeps)
      : StoreDecorator(std::move(store)), keeps_(std::move(keeps)) {}

  Status commit(client::MailBatch& batch) override {
    client::MailBatch kept = batch;
    kept.messages.clear();
    std::vector<client::MessageKey> keys;  // where each message of the batch is, if it is
    for (std::size_t i = 0; i < batch.messages.size(); ++i) {
      const bool keeps = keeps_(i);
      keys.push_back(keeps ? client::in_this_batch(kept.messages.size()) : lost_key);
      if (keeps) kept.messages.push_back(batch.messages[i]);
    }
    for (client::UidRecord* fact : kept.uids)
      if (fact->message && *fact->message < 0) fact->message = keys.at(static_cast<std::size_t>(-1 - *fact->message));
    Status stored = below().commit(kept);
    for (std::size_t i = 0; i < batch.messages.size(); ++i)
      batch.messages[i].key = keys[i] < 0 ? kept.messages.at(static_cast<std::size_t>(-1 - keys[i])).key : keys[i];
    return stored;
  }

 private:
  static constexpr client::MessageKey lost_key = 1'000'000;  // no message has it
  std::function<bool(std::size_t place)> keeps_;
};

class StoresTwice : public StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;
  Status commit(client::MailBatch& batch) override {
    client::MailBatch again{.account = batch.account, .messages = batch.messages};
    Status stored = below().commit(batch);
    return stored ? below().commit(again) : stored;
  }
};

class SpoilsBodies : public StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;
  Status commit(client::MailBatch& batch) override {
    std::vector<std::string> bodies;
    bodies.reserve(batch.messages.size());
    for (const client::NewMessage& message : batch.messages) bodies.emplace_back(message.raw);
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      bodies[i][bodies[i].size() / 2] ^= 1;
      batch.messages[i].raw = bodies[i];
    }
    return below().commit(batch);
  }
};

class ForgetsUids : public StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;
  Result<std::vector<client::UidRecord>> uids(std::string_view) override { return std::vector<client::UidRecord>{}; }
};

class ForgetsCounters : public StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;
  Result<std::string> account_facts(std::string_view) override { return std::string(); }
};

/// The CRM refuses the same Message-ID on a record; it cannot know that another one is the same.
class AssociatesAgainUnderAnotherId : public StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;
  Status mark_crm(const client::AssociationRecord& mark, bool settled) override {
    return std::exchange(forgot_, true) ? below().mark_crm(mark, settled) : Status{};
  }
  Result<std::vector<client::StoredMessage>> awaiting_crm(std::string_view account, std::size_t max) override {
    Result<std::vector<client::StoredMessage>> waiting = below().awaiting_crm(account, max);
    if (forgot_ && waiting)
      for (client::StoredMessage& message : *waiting) message.message_id = "<" + message.message_id + ">";
    return waiting;
  }

 private:
  bool forgot_ = false;
};

class ForgetsWhatWaitsForTheCrm : public StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;
  Result<std::vector<client::StoredMessage>> awaiting_crm(std::string_view, std::size_t) override {
    return std::vector<client::StoredMessage>{};
  }
};

}  // namespace mailrig::scenarios::testing
