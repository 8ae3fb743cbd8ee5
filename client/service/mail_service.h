#pragma once
/// The client under test as a whole: accounts that are polled, their mail in a store, their states for the user.
///
///   MailService service({.world = world, .open_store = ..., .tls = ...});
///   service.add_account(settings);                   // due `every` after now, and `every` after each poll
///   co_await service.poll("work");                   // now
///   while (auto due = service.next_due(); due && *due <= end) { co_await calendar.move_to(*due); co_await
///   service.poll_due(); } service.observe().find("work");                  // docs/scenario-format.md, "accounts.NAME"
///
/// A restart is a new MailService over the same database: counters, states and what is stored come from there, the
/// settings from the caller. One thread. Nothing is lost when the service is destroyed between two polls.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "client/account/account.h"
#include "client/connect.h"
#include "client/crm/crm_sync.h"

namespace mailrig::client {

class MailService {
 public:
  explicit MailService(ClientContext surroundings);
  ~MailService();

  /// Errors: bad_input for a name that is taken; environment where the store cannot be read.
  Status add_account(AccountSettings settings);
  /// New settings for an account. One that was disabled is tried at once by a login without retrieval: with success it
  /// is enabled and its counters are zero; a refusal of the password leaves it disabled; where the server cannot be
  /// asked, the next due poll tries again.
  Task<Status> edit_account(AccountSettings settings);
  /// The settings in force, null for an unknown name.
  const AccountSettings* find_account(std::string_view name) const;
  std::vector<std::string> account_names() const;

  /// Polls now, whatever is due. An account that is disabled or being polled is left alone. Error bad_input: no such
  /// account.
  Task<Status> poll(std::string name);
  /// All these at the same time.
  Task<Status> poll_all(std::vector<std::string> names);

  /// When the next account is due: a poll, a message in the outbox or the CRM.
  std::optional<Instant> next_due() const;
  /// Everything that is due now, all accounts at the same time.
  Task<void> poll_due();

  /// Hands a message over for sending and tries to send it now; what became of it is in observe().
  Task<Status> send(std::string name, const Value& message);

  /// Adds a person, or a note to the record of an address, in the account's CRM now; what became of it is in observe().
  Task<Status> add_person(std::string name, CrmPersonEntry entry);
  Task<Status> add_note(std::string name, CrmNoteEntry entry);

  /// Does this account know what has become of this message of its server: is it stored, or noted as one that cannot be
  /// had?
  bool accounts_for(std::string_view name, std::string_view uid) const;

  /// accounts.NAME of docs/scenario-format.md, by name. Lists of messages are made when they are looked at.
  Value observe() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mailrig::client
