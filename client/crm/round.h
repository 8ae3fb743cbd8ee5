#pragma once
/// One round of association: takes the messages that wait from the store, makes a task of each, and keeps what became
/// of them. For client/crm_sync.cc.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/crm/tasks.h"
#include "client/store.h"
#include "net/clock.h"

namespace mailrig::client {

/// What is known of waiting messages beside the store. Lost at a restart, at the price of some calls more.
struct CrmBacklog {
  std::map<MessageKey, Instant> postponed;             // not before
  std::map<MessageKey, std::set<CrmRecord>> in_doubt;  // calls whose answer was lost
};

class CrmRound {
 public:
  CrmRound(CrmBacklog& backlog, MessageStore& store, const Calendar& calendar, std::string account,
           std::string own_address);

  /// How many messages there are to work off; those that are postponed count only when their time has come.
  Result<std::size_t> collect();
  CrmTask* next_task();
  Status on_finished();
  /// The desk stopped with a task in hand: what it learned is kept.
  void put_back();

  std::size_t finished() const { return finished_; }
  /// Why something waits for the user; empty where nothing does.
  const std::string& user_trouble() const { return user_trouble_; }
  /// "message 7 is on Contacts/123 of the CRM", in order, for the transcript.
  const std::vector<std::string>& notes() const { return notes_; }
  /// The store could not be read.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  CrmBacklog& backlog_;
  MessageStore& store_;
  const Calendar& calendar_;
  std::string account_;
  std::string own_address_;
  std::vector<StoredMessage> messages_;
  std::size_t at_ = 0;
  CrmDirectory directory_;
  std::unique_ptr<AssociateMail> task_;
  std::size_t finished_ = 0;
  std::string user_trouble_;
  std::vector<std::string> notes_;
  std::optional<Error> failure_;
};

}  // namespace mailrig::client
