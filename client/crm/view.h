#pragma once
/// What an account shows of its CRM: accounts.NAME.crm of docs/scenario-format.md. For client/crm/crm_sync.cc.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "client/crm/association_batch.h"
#include "client/store/store.h"

namespace mailrig::client {

/// What became of a person or note that the user added.
struct CrmEntryOutcome {
  std::string kind;  // "person", "note"
  std::string address;
  std::string outcome = "failed";  // or "added", "there-already"
  CrmRecord record = {};           // empty where there is none
  std::string message = {};        // why it failed
};

struct CrmView {
  CrmView(std::string the_account, std::shared_ptr<MessageStore> the_store, const PendingAssociations& the_backlog)
      : account(std::move(the_account)), store(std::move(the_store)), backlog(the_backlog) {}

  /// {state, message, associated, pending, refused, no_record, next_try, emails, entries}. `message` is the trouble of
  /// the account, or else the newest refusal: an e-mail that the CRM does not take is told as long as nothing newer is.
  Value show(std::string_view state, const std::vector<CrmEntryOutcome>& entries) const;

  std::string account;
  std::shared_ptr<MessageStore> store;
  const PendingAssociations& backlog;
  std::optional<Instant> not_before;  // of the account; nothing: only the user can help
  Instant now{};
  std::string trouble;
};

}  // namespace mailrig::client
