#pragma once
/// One round of association: takes the messages that wait from the store, makes a task of each, and keeps what became
/// of them. For client/crm/crm_sync.cc.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/crm/tasks.h"
#include "client/store/store.h"
#include "net/clock.h"

namespace mailrig::client {

/// A waiting message that was tried.
struct CrmPostponed {
  Instant not_before{};
  unsigned tries = 0;   // without a useful answer
  std::string trouble;  // why it waits, as a sentence
};

/// What is known of waiting messages beside the store. Lost at a restart, at the price of some calls more.
struct PendingAssociations {
  std::map<MessageKey, CrmPostponed> postponed;
  std::map<MessageKey, std::set<CrmRecord>> in_doubt;  // calls whose answer was lost
  // Records that are done with, and the outcome: a message waits for its other parties.
  std::map<MessageKey, std::map<CrmRecord, std::string>> done;
};

class AssociationBatch {
 public:
  AssociationBatch(PendingAssociations& backlog, MessageStore& store, const Calendar& calendar, std::string account,
                   std::string own_address);

  /// How many messages there are to work off; those that are postponed count only when their time has come, and come
  /// after all others: an e-mail that the CRM cannot digest holds no other up.
  Result<std::size_t> collect();
  CrmTask* next_task();
  Status on_finished();
  /// The desk stopped with a task in hand: what it learned is kept. `trouble`: it was at a call of this task, so that
  /// others go first the next time; empty where it was not.
  Status put_back(const std::string& trouble);

  std::size_t finished() const { return finished_; }
  /// A message that had not failed before got no useful answer.
  bool fresh_failed() const { return fresh_failed_; }
  /// Why something waits for the user; empty where nothing does.
  const std::string& user_trouble() const { return user_trouble_; }
  /// "message 7 is on Contacts/123 of the CRM", in order, for the transcript.
  const std::vector<std::string>& notes() const { return notes_; }
  /// The store could not be read.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  Result<std::vector<std::string>> recipients_of(const StoredMessage& stored);
  Status keep_marks(const AssociateMail& task, bool settled);

  PendingAssociations& backlog_;
  MessageStore& store_;
  const Calendar& calendar_;
  std::string account_;
  std::string own_address_;
  std::vector<StoredMessage> messages_;
  std::size_t at_ = 0;
  std::optional<std::map<std::string, std::vector<std::string>>> envelopes_;  // recipients, by Message-ID
  CrmDirectory directory_;
  std::unique_ptr<AssociateMail> task_;
  std::size_t finished_ = 0;
  bool fresh_failed_ = false;
  std::string user_trouble_;
  std::vector<std::string> notes_;
  std::optional<Error> failure_;
};

}  // namespace mailrig::client
