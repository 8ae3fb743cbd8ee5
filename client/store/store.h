#pragma once
/// Where the client keeps its mail and what it knows: one small interface, so that a disk can be full on purpose.
///
///   Result<std::unique_ptr<MessageStore>> store = open_sqlite_store(StorePlace::in_memory("run-17"));
///   MailBatch batch{.account = "work"};
///   batch.messages.push_back({.uid = "4711", .raw = bytes, .sha256 = sum, .folder = "Inbox", .stored_at = now});
///   Status durable = (*store)->commit(batch);     // all of it or nothing; only after this may a DELE be sent
///
/// The schema is a contract: the judge reads the database through a connection of its own, and finds only what was
/// committed.
///
///   messages(id INTEGER PRIMARY KEY, account TEXT, uid TEXT, sha256 BLOB, octets INTEGER, message_id TEXT,
///            folder TEXT, stored_at INTEGER, crm INTEGER)
///       one row a stored message; id is the order of storing; sha256 (32 octets) is of the raw octets; stored_at in
///       nanoseconds since 1970; crm is 1 while the CRM association has to look at it, else 0
///   bodies(message INTEGER PRIMARY KEY, raw BLOB)
///       message = messages.id; the octets as received, dots unstuffed
///   uids(id INTEGER PRIMARY KEY, account TEXT, uid TEXT, message INTEGER, octets INTEGER, flags INTEGER,
///        attempts INTEGER, session INTEGER)
///       what is known of each uid that a server listed: UidRecord; a uid starts with a blank where the server gave
///       none
///   accounts(name TEXT PRIMARY KEY, facts TEXT)                                counters and states, as JSON
///   outbox(id INTEGER PRIMARY KEY, account TEXT, state TEXT, facts TEXT, raw BLOB)   to be sent, and what became of it
///   crm(message INTEGER, account TEXT, module TEXT, record TEXT, outcome TEXT, at INTEGER)   e-mails put on records
///
/// No index has keys in random order: those would write a page for each message of each commit. What is looked up by
/// uid, sum or Message-ID is indexed in memory.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"

namespace mailrig::client {

/// messages.id
using MessageKey = std::int64_t;

/// A message to be stored. The views live until commit() has returned.
struct NewMessage {
  MessageKey key = 0;         // given by commit()
  std::string_view uid = {};  // empty: it came from no server (a sent copy)
  std::string_view raw = {};
  Sha256::Digest sha256 = {};
  std::string_view message_id = {};  // without angle brackets; empty: it has none
  std::string_view folder = {};
  Instant stored_at = {};
  bool for_crm = false;  // to be looked at by the CRM association
};

/// What is known of a uid. A uid without message is one that was given up or is in doubt.
struct UidRecord {
  enum Flag : std::uint8_t {
    gone = 1,       // was not in the last complete listing
    unsettled = 2,  // retrieved in a session whose QUIT was not confirmed
    deleted = 4,    // DELE was confirmed for it
    set_aside = 8,  // could not be retrieved again and again; asked for once a day
    failing = 16,   // its last retrieval failed, which need not be the message's fault
    refused = 32,   // by an answer to RETR; otherwise the transfer did not come to its end
    alike = 64,     // `message` has other octets and is only taken for it: it is not deleted from the server
  };
  std::int64_t row = 0;  // given by commit() where it is new
  std::string uid = {};
  std::optional<MessageKey> message = {};
  std::uint64_t octets = 0;  // as LIST said; 0: it did not say
  std::uint8_t flags = 0;
  std::uint8_t attempts = 0;  // points for failed retrievals that are the message's fault (failed_retrievals.h)
  std::uint64_t session = 0;  // the account's poll that retrieved it; without message, that tried it last
};

/// What is made durable in one transaction.
struct MailBatch {
  std::string_view account = {};
  std::vector<NewMessage> messages = {};
  /// New ones (row 0) and changed ones. A uid of a message of this batch says in_this_batch(place).
  std::vector<UidRecord*> uids = {};
  std::string account_facts = {};  // empty: unchanged
};
/// `place` in MailBatch::messages, counted from 0; commit() puts the key there.
constexpr MessageKey in_this_batch(std::size_t place) { return -1 - static_cast<MessageKey>(place); }

struct StoredMessage {
  MessageKey id = 0;
  std::string account;
  std::string uid;
  Sha256::Digest sha256 = {};
  std::uint64_t octets = 0;
  std::string message_id;
  std::string folder;
  Instant stored_at = {};
};

struct StoreTotals {
  std::uint64_t messages = 0;
  std::uint64_t octets = 0;
};

/// A message that waits to be sent, or what became of it.
struct OutboxItem {
  std::int64_t id = 0;  // given by add_to_outbox
  std::string account;
  std::string state;  // "queued", "sent", "failed", "authentication-failed"
  std::string facts;  // whatever the outbox needs besides: JSON
  std::string raw;    // the message
};

/// An e-mail on a record of the CRM, or found to belong on none.
struct AssociationRecord {
  MessageKey message = 0;
  std::string module;   // "Contacts"
  std::string record;   // its id; empty where it belongs on none
  std::string outcome;  // "associated", "already-associated", "no-record" ...
  Instant at = {};
};

class MessageStore {
 public:
  virtual ~MessageStore() = default;

  /// Errors: environment with the reason (full, busy, damaged); nothing of the batch is stored then.
  virtual Status commit(MailBatch& batch) = 0;

  virtual Result<std::vector<UidRecord>> uids(std::string_view account) = 0;
  virtual Result<StoreTotals> totals(std::string_view account) = 0;
  /// What was given as MailBatch::account_facts last; empty: nothing yet.
  virtual Result<std::string> account_facts(std::string_view account) = 0;

  /// In the order of storing.
  virtual Result<std::vector<StoredMessage>> messages(std::string_view account) = 0;
  virtual Result<std::vector<StoredMessage>> with_digest(std::string_view account, const Sha256::Digest& sha256) = 0;
  virtual Result<std::vector<StoredMessage>> with_message_id(std::string_view account, std::string_view message_id) = 0;
  virtual Result<std::string> raw(MessageKey message) = 0;

  virtual Result<std::int64_t> add_to_outbox(const OutboxItem& item) = 0;
  virtual Status update_outbox(const OutboxItem& item) = 0;  // state and facts, by id
  /// In the order of adding.
  virtual Result<std::vector<OutboxItem>> outbox(std::string_view account) = 0;

  /// Stored `for_crm` and without a mark that settles them, oldest first.
  virtual Result<std::vector<StoredMessage>> awaiting_crm(std::string_view account, std::size_t max) = 0;
  virtual Result<std::uint64_t> count_awaiting_crm(std::string_view account) = 0;
  /// Adds the mark; `settled`: the message awaits nothing more.
  virtual Status mark_crm(const AssociationRecord& mark, bool settled) = 0;
  virtual Result<std::vector<AssociationRecord>> crm_marks(std::string_view account) = 0;
};

/// Where a database is.
struct StorePlace {
  enum class Kind : std::uint8_t {
    memory,   // of this process; every connection to the same name sees it, it lives as long as one of them is open
    scratch,  // a file that need not survive a crash of the machine: large imports in simulations
    durable,  // a file that survives the loss of power
  };
  Kind kind = Kind::memory;
  std::string name;  // of memory: unique in the process; otherwise a path

  static StorePlace in_memory(std::string name) { return {Kind::memory, std::move(name)}; }
  /// What a second connection opens (SQLITE_OPEN_URI).
  std::string uri() const;
};

/// Opens it, and lays the tables where there are none. Errors: environment names the place.
Result<std::unique_ptr<MessageStore>> open_sqlite_store(const StorePlace& place);

}  // namespace mailrig::client
