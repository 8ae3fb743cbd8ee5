#pragma once
/// Puts one account's mail on the records of the CRM that it belongs to (guide, "Zoho Mail - CRM Integration").
///
///   CrmSync crm(surroundings, "work");
///   co_await crm.work(settings, store);            // after the commit of a poll, and whenever next_due() has come
///   crm.observe(store);                            // accounts.NAME.crm of docs/scenario-format.md
///
/// What waits is in the store (MessageStore::awaiting_crm), so nothing is lost while the CRM is down or the client
/// restarts, and each e-mail is put on a record once: a Message-ID that the CRM has already is done, and a call whose
/// answer was lost is asked about before it is repeated. Retrieval never waits for the CRM.

#include <memory>
#include <optional>
#include <string>

#include "base/value.h"
#include "client/account.h"
#include "client/connect.h"

namespace mailrig::client {

class CrmDesk;
struct CrmStop;

class CrmSync {
 public:
  CrmSync(const Surroundings& surroundings, std::string account);
  ~CrmSync();

  /// Works off what waits, unless it is to be left alone for now (back-off, a dead refresh token). The error is the
  /// store's; what the CRM said is in observe().
  Task<Status> work(const AccountSettings& settings, MessageStore& store);

  /// The account was edited: whatever kept us from asking may be mended.
  void account_edited();

  /// When to try again; nothing while nothing waits, or while only the user can help.
  std::optional<Instant> next_due() const;
  /// {state, associated, pending, message}; state: "ok", "waiting", "reconnect-needed", "action-needed".
  Value observe(MessageStore& store) const;

 private:
  struct State;

  Task<Status> work_off(const AccountSettings& account, MessageStore& store);
  Task<void> converse(CrmDesk& desk, const AccountSettings& account);
  void on_stop(const CrmStop& stop, const AccountSettings& account);

  const Surroundings& surroundings_;
  std::string account_;
  std::unique_ptr<State> state_;
};

}  // namespace mailrig::client
