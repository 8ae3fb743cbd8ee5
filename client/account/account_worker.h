#pragma once
/// One account at work: polls, sends, associates, and shows itself. For client/service/mail_service.cc.
///
/// Everything that waits holds on to its AccountWorker, so that a service may be taken down while it does.

#include <memory>
#include <optional>
#include <string>

#include "base/value.h"
#include "client/account/account.h"
#include "client/account/account_record.h"
#include "client/account/poll_verdict.h"
#include "client/connect.h"
#include "client/crm/crm_sync.h"
#include "client/outbox/outbox.h"
#include "client/store/store.h"
#include "client/store/uid_index.h"

namespace mailrig::client {

class AccountWorker {
 public:
  AccountWorker(std::shared_ptr<const ClientContext> surroundings, std::shared_ptr<MessageStore> store,
                AccountSettings settings);

  /// What a former run left, and when the next poll is due.
  Status load();

  const AccountSettings& settings() const { return settings_; }
  std::optional<Instant> next_due() const;

  static Task<void> poll(std::shared_ptr<AccountWorker> self);
  /// Whatever of polling, sending and associating is due.
  static Task<void> work(std::shared_ptr<AccountWorker> self);
  static Task<Status> edit(std::shared_ptr<AccountWorker> self, AccountSettings settings);
  static Task<Status> send(std::shared_ptr<AccountWorker> self, Value message);
  static Task<void> add_person(std::shared_ptr<AccountWorker> self, CrmPersonEntry entry);
  static Task<void> add_note(std::shared_ptr<AccountWorker> self, CrmNoteEntry entry);
  /// The client is taken down while the CRM may still be asked.
  void abandon() { crm_.abandon(); }

  Value observe() const;
  bool accounts_for(std::string_view uid);

 private:
  struct Busy;

  struct Association;

  /// Works off what waits for the CRM. Returns when that is done, or earlier: retrieval does not wait for a CRM that
  /// hangs.
  static Task<Status> associate(std::shared_ptr<AccountWorker> self);
  static Task<void> run_association(std::shared_ptr<AccountWorker> self, std::shared_ptr<Association> association);
  static Task<void> end_patience(std::shared_ptr<AccountWorker> self, std::shared_ptr<Association> association);

  Task<PollOutcome> converse(const AccountSettings& settings, bool login_only);
  void conclude(const PollOutcome& outcome, Instant start);
  Status save();
  std::optional<Instant> next_extra() const;
  std::optional<Instant> crm_due() const { return settings_.crm ? crm_.next_due() : std::nullopt; }
  Instant now() const { return surroundings_->world.calendar.now(); }
  void note(std::string_view what) const { note_action(surroundings_->world, settings_.name, what); }

  std::shared_ptr<const ClientContext> surroundings_;
  std::shared_ptr<MessageStore> store_;
  AccountSettings settings_;
  AccountRecord record_;
  UidIndex known_;
  Outbox outbox_;
  CrmSync crm_;
  bool busy_ = false;
  Instant extra_not_before_{};  // what could not be done now is not tried again at once
};

}  // namespace mailrig::client
