#pragma once
/// Puts one account's mail on the records of the CRM that it belongs to (docs/guide.md#crm-integration).
///
///   CrmSync crm(surroundings, "work");
///   co_await crm.work(settings, store);            // after the commit of a poll, and whenever next_due() has come
///   crm.observe(store);                            // accounts.NAME.crm of docs/scenario-format.md
///
/// What waits is in the store (MessageStore::awaiting_crm), so nothing is lost while the CRM is down or the client
/// restarts, and each e-mail is put on a record once: a Message-ID that the CRM has already is done, and a call whose
/// answer was lost is asked about before it is repeated. Each e-mail ends as associated, as belonging on no record, as
/// refused with the CRM's reason, or it is pending, with a time of the next try.

#include <memory>
#include <optional>
#include <string>

#include "base/value.h"
#include "client/account/account.h"
#include "client/connect.h"

namespace mailrig::client {

class CrmCaller;
class CrmTask;
struct CrmFailure;

/// What the user enters in the CRM by hand.
struct CrmPersonEntry {
  std::string module = "Leads";  // or "Contacts"
  std::string address;
  std::string name = {};
  std::string company = {};
};
struct CrmNoteEntry {
  std::string address;  // whose record: a contact's or, where there is none, a lead's
  std::string title = {};
  std::string content = {};
};

class CrmSync {
 public:
  CrmSync(const ClientContext& surroundings, std::string account);
  ~CrmSync();

  /// Works off what waits, unless it is to be left alone for now (back-off, a dead refresh token). The error is the
  /// store's; what the CRM said is in observe().
  Task<Status> work(const AccountSettings& settings, MessageStore& store);

  /// The account was edited: whatever kept us from asking may be mended.
  void account_edited();

  /// When to try again; nothing while nothing waits, while only the user can help, or while a round is under way.
  std::optional<Instant> next_due() const;
  bool is_working() const;
  /// The client is taken down while a round may be under way: it makes no further call.
  void abandon();

  /// Adds a person as lead or contact, or a note to the record of an address, now; what became of it is in observe().
  Task<void> add_person(const AccountSettings& settings, CrmPersonEntry entry);
  Task<void> add_note(const AccountSettings& settings, CrmNoteEntry entry);

  /// {state, message, associated, pending, refused, next_try, emails, entries}; state: "ok", "waiting",
  /// "reconnect-needed", "action-needed". docs/scenario-format.md, "Paths".
  Value observe(const std::shared_ptr<MessageStore>& store) const;

 private:
  struct State;

  Task<Status> work_off(const AccountSettings& account, MessageStore& store);
  Task<void> converse(CrmCaller& desk, const AccountSettings& account);
  /// One task of the user's own, with a desk of its own. Empty, or why the CRM could not be asked.
  Task<std::string> carry_out(const AccountSettings& account, CrmTask& task);
  void on_stop(const CrmFailure& stop, const AccountSettings& account);
  void wait_longer(Duration first, Duration longest, Duration least);

  const ClientContext& surroundings_;
  std::string account_;
  std::unique_ptr<State> state_;
};

}  // namespace mailrig::client
