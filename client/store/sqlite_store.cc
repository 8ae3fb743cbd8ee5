#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "base/text.h"
#include "client/store/sqlite_schema.h"
#include "client/store/store.h"

namespace mailrig::client {
namespace {

std::int64_t to_column(Instant instant) { return instant.time_since_epoch().count(); }
Instant to_instant(std::int64_t nanoseconds) { return Instant{Duration{nanoseconds}}; }

/// Keys of the indexes in memory; what they find is compared in full.
std::uint64_t key_of(const void* digest) {
  std::uint64_t key = 0;
  std::memcpy(&key, digest, sizeof key);
  return key;
}
std::uint64_t key_of(std::string_view message_id) { return std::hash<std::string_view>{}(message_id); }

/// A statement, prepared at its first use and ready to be bound again at each.
class Prepared {
 public:
  explicit Prepared(const char* sql) : sql_(sql) {}
  SQLite::Statement& on(SQLite::Database& database) {
    if (!statement_) statement_.emplace(database, sql_);
    statement_->tryReset();
    return *statement_;
  }
  /// Lets go of the locks that an unfinished read holds.
  void rest() {
    if (statement_) statement_->tryReset();
  }

 private:
  const char* sql_;
  std::optional<SQLite::Statement> statement_;
};

StoredMessage stored_message(SQLite::Statement& row) {
  StoredMessage message;
  message.id = row.getColumn(0).getInt64();
  message.account = row.getColumn(1).getString();
  message.uid = row.getColumn(2).getString();
  if (SQLite::Column sum = row.getColumn(3); sum.getBytes() == static_cast<int>(message.sha256.size()))
    std::memcpy(message.sha256.data(), sum.getBlob(), message.sha256.size());
  message.octets = static_cast<std::uint64_t>(row.getColumn(4).getInt64());
  message.message_id = row.getColumn(5).getString();
  message.folder = row.getColumn(6).getString();
  message.stored_at = to_instant(row.getColumn(7).getInt64());
  return message;
}

class SqliteStore final : public MessageStore {
 public:
  SqliteStore(SQLite::Database database, std::string place)
      : database_(std::move(database)), place_(std::move(place)) {}

  Status commit(MailBatch& batch) override {
    return guarded("be written", [&]() -> Status {
      SQLite::Transaction transaction(database_);
      std::vector<MessageKey> keys = insert_messages(batch);
      std::vector<std::int64_t> rows = put_uids(batch, keys);
      if (!batch.account_facts.empty()) put_facts(batch);
      transaction.commit();
      for (std::size_t i = 0; i < keys.size(); ++i) batch.messages[i].key = keys[i];
      for (std::size_t i = 0; i < rows.size(); ++i) {
        batch.uids[i]->row = rows[i];
        batch.uids[i]->message = message_of(*batch.uids[i], keys);
      }
      if (indexed_)
        for (const NewMessage& message : batch.messages) index(message.key, message.sha256.data(), message.message_id);
      return {};
    });
  }

  Result<std::vector<UidRecord>> uids(std::string_view account) override {
    return guarded("be read", [&]() -> Result<std::vector<UidRecord>> {
      SQLite::Statement& rows = uids_of_.on(database_);
      rows.bindNoCopy(1, text(0, account));
      std::vector<UidRecord> facts;
      while (rows.executeStep()) {
        UidRecord fact;
        fact.row = rows.getColumn(0).getInt64();
        fact.uid = rows.getColumn(1).getString();
        if (!rows.getColumn(2).isNull()) fact.message = rows.getColumn(2).getInt64();
        fact.octets = static_cast<std::uint64_t>(rows.getColumn(3).getInt64());
        fact.flags = static_cast<std::uint8_t>(rows.getColumn(4).getInt());
        fact.attempts = static_cast<std::uint8_t>(rows.getColumn(5).getInt());
        fact.session = static_cast<std::uint64_t>(rows.getColumn(6).getInt64());
        facts.push_back(std::move(fact));
      }
      return facts;
    });
  }

  Result<StoreTotals> totals(std::string_view account) override {
    return guarded("be read", [&]() -> Result<StoreTotals> {
      SQLite::Statement& row = totals_.on(database_);
      row.bindNoCopy(1, text(0, account));
      row.executeStep();
      StoreTotals totals{static_cast<std::uint64_t>(row.getColumn(0).getInt64()),
                         static_cast<std::uint64_t>(row.getColumn(1).getInt64())};
      totals_.rest();
      return totals;
    });
  }

  Result<std::string> account_facts(std::string_view account) override {
    return guarded("be read", [&]() -> Result<std::string> {
      SQLite::Statement& row = facts_of_.on(database_);
      row.bindNoCopy(1, text(0, account));
      std::string facts = row.executeStep() ? row.getColumn(0).getString() : std::string();
      facts_of_.rest();
      return facts;
    });
  }

  Result<std::vector<StoredMessage>> messages(std::string_view account) override {
    return guarded("be read", [&]() -> Result<std::vector<StoredMessage>> {
      SQLite::Statement& rows = messages_of_.on(database_);
      rows.bindNoCopy(1, text(0, account));
      std::vector<StoredMessage> list;
      while (rows.executeStep()) list.push_back(stored_message(rows));
      return list;
    });
  }

  Result<std::vector<StoredMessage>> with_digest(std::string_view account, const Sha256::Digest& sha256) override {
    return find(by_digest_, key_of(sha256.data()),
                [&](const StoredMessage& found) { return found.account == account && found.sha256 == sha256; });
  }

  Result<std::vector<StoredMessage>> with_message_id(std::string_view account, std::string_view message_id) override {
    return find(by_message_id_, key_of(message_id),
                [&](const StoredMessage& found) { return found.account == account && found.message_id == message_id; });
  }

  Result<std::string> raw(MessageKey message) override {
    return guarded("be read", [&]() -> Result<std::string> {
      SQLite::Statement& row = raw_of_.on(database_);
      row.bind(1, message);
      if (!row.executeStep())
        return Error{Errc::environment, fmt::format("the database {} has no message {}", place_, message)};
      std::string octets = row.getColumn(0).getString();
      raw_of_.rest();
      return octets;
    });
  }

  Result<std::int64_t> add_to_outbox(const OutboxItem& item) override {
    return guarded("be written", [&]() -> Result<std::int64_t> {
      SQLite::Statement& row = add_to_outbox_.on(database_);
      row.bindNoCopy(1, item.account);
      row.bindNoCopy(2, item.state);
      row.bindNoCopy(3, item.facts);
      row.bindNoCopy(4, item.raw.data(), static_cast<int>(item.raw.size()));
      row.exec();
      return database_.getLastInsertRowid();
    });
  }

  Status update_outbox(const OutboxItem& item) override {
    return guarded("be written", [&]() -> Status {
      SQLite::Statement& row = update_outbox_.on(database_);
      row.bindNoCopy(1, item.state);
      row.bindNoCopy(2, item.facts);
      row.bind(3, item.id);
      if (row.exec() != 1)
        return Error{Errc::environment, fmt::format("the outbox in {} has no message {}", place_, item.id)};
      return {};
    });
  }

  Result<std::vector<OutboxItem>> outbox(std::string_view account) override {
    return guarded("be read", [&]() -> Result<std::vector<OutboxItem>> {
      SQLite::Statement& rows = outbox_of_.on(database_);
      rows.bindNoCopy(1, text(0, account));
      std::vector<OutboxItem> items;
      while (rows.executeStep())
        items.push_back({rows.getColumn(0).getInt64(), std::string(account), rows.getColumn(1).getString(),
                         rows.getColumn(2).getString(), rows.getColumn(3).getString()});
      return items;
    });
  }

  Result<std::vector<StoredMessage>> awaiting_crm(std::string_view account, std::size_t max) override {
    return guarded("be read", [&]() -> Result<std::vector<StoredMessage>> {
      SQLite::Statement& rows = awaiting_crm_.on(database_);
      rows.bindNoCopy(1, text(0, account));
      rows.bind(2, static_cast<std::int64_t>(max));
      std::vector<StoredMessage> list;
      while (rows.executeStep()) list.push_back(stored_message(rows));
      return list;
    });
  }

  Result<std::uint64_t> count_awaiting_crm(std::string_view account) override {
    return guarded("be read", [&]() -> Result<std::uint64_t> {
      SQLite::Statement& row = count_awaiting_crm_.on(database_);
      row.bindNoCopy(1, text(0, account));
      row.executeStep();
      auto count = static_cast<std::uint64_t>(row.getColumn(0).getInt64());
      count_awaiting_crm_.rest();
      return count;
    });
  }

  Status mark_crm(const AssociationRecord& mark, bool settled) override {
    return guarded("be written", [&]() -> Status {
      SQLite::Transaction transaction(database_);
      SQLite::Statement& row = mark_crm_.on(database_);
      row.bindNoCopy(1, mark.module);
      row.bindNoCopy(2, mark.record);
      row.bindNoCopy(3, mark.outcome);
      row.bind(4, to_column(mark.at));
      row.bind(5, mark.message);
      if (row.exec() != 1)
        return Error{Errc::environment, fmt::format("the database {} has no message {}", place_, mark.message)};
      if (settled) {
        SQLite::Statement& message = settle_crm_.on(database_);
        message.bind(1, mark.message);
        message.exec();
      }
      transaction.commit();
      return {};
    });
  }

  Result<std::vector<AssociationRecord>> crm_marks(std::string_view account) override {
    return guarded("be read", [&]() -> Result<std::vector<AssociationRecord>> {
      SQLite::Statement& rows = crm_marks_.on(database_);
      rows.bindNoCopy(1, text(0, account));
      std::vector<AssociationRecord> marks;
      while (rows.executeStep())
        marks.push_back({rows.getColumn(0).getInt64(), rows.getColumn(1).getString(), rows.getColumn(2).getString(),
                         rows.getColumn(3).getString(), to_instant(rows.getColumn(4).getInt64())});
      return marks;
    });
  }

 private:
  using Index = std::unordered_multimap<std::uint64_t, MessageKey>;

  /// SQLite's exceptions end here.
  template <class Work>
  auto guarded(std::string_view what, Work&& work) -> decltype(work()) {
    try {
      return work();
    } catch (const SQLite::Exception& trouble) {
      return Error{Errc::environment,
                   fmt::format("the database {} cannot {}: {}", place_, what, printable(trouble.what())), Step::store};
    }
  }

  /// SQLiteCpp binds texts without copying them only as std::string.
  const std::string& text(std::size_t slot, std::string_view value) { return texts_[slot].assign(value); }

  std::vector<MessageKey> insert_messages(const MailBatch& batch) {
    std::vector<MessageKey> keys;
    keys.reserve(batch.messages.size());
    for (const NewMessage& message : batch.messages) {
      SQLite::Statement& row = insert_message_.on(database_);
      row.bindNoCopy(1, text(0, batch.account));
      row.bindNoCopy(2, text(1, message.uid));
      row.bindNoCopy(3, message.sha256.data(), static_cast<int>(message.sha256.size()));
      row.bind(4, static_cast<std::int64_t>(message.raw.size()));
      row.bindNoCopy(5, text(2, message.message_id));
      row.bindNoCopy(6, text(3, message.folder));
      row.bind(7, to_column(message.stored_at));
      row.bind(8, message.for_crm ? 1 : 0);
      row.exec();
      keys.push_back(database_.getLastInsertRowid());
      SQLite::Statement& body = insert_body_.on(database_);
      body.bind(1, keys.back());
      // A null pointer would be bound as NULL.
      body.bindNoCopy(2, message.raw.empty() ? "" : message.raw.data(), static_cast<int>(message.raw.size()));
      body.exec();
    }
    return keys;
  }

  static std::optional<MessageKey> message_of(const UidRecord& fact, const std::vector<MessageKey>& keys) {
    if (!fact.message || *fact.message >= 0) return fact.message;
    return keys.at(static_cast<std::size_t>(-1 - *fact.message));
  }

  std::vector<std::int64_t> put_uids(const MailBatch& batch, const std::vector<MessageKey>& keys) {
    std::vector<std::int64_t> rows;
    rows.reserve(batch.uids.size());
    for (const UidRecord* fact : batch.uids) {
      bool is_new = fact->row == 0;
      SQLite::Statement& row = (is_new ? insert_uid_ : update_uid_).on(database_);
      if (std::optional<MessageKey> message = message_of(*fact, keys))
        row.bind(1, *message);
      else
        row.bind(1);
      row.bind(2, static_cast<std::int64_t>(fact->octets));
      row.bind(3, static_cast<int>(fact->flags));
      row.bind(4, static_cast<int>(fact->attempts));
      row.bind(5, static_cast<std::int64_t>(fact->session));
      if (is_new) {
        row.bindNoCopy(6, text(0, batch.account));
        row.bindNoCopy(7, fact->uid);
      } else {
        row.bind(6, fact->row);
      }
      row.exec();
      rows.push_back(is_new ? database_.getLastInsertRowid() : fact->row);
    }
    return rows;
  }

  void put_facts(const MailBatch& batch) {
    SQLite::Statement& row = put_facts_.on(database_);
    row.bindNoCopy(1, text(0, batch.account));
    row.bindNoCopy(2, batch.account_facts);
    row.exec();
  }

  void index(MessageKey message, const void* digest, std::string_view message_id) {
    by_digest_.emplace(key_of(digest), message);
    if (!message_id.empty()) by_message_id_.emplace(key_of(message_id), message);
  }

  template <class Fits>
  Result<std::vector<StoredMessage>> find(const Index& index_of, std::uint64_t key, const Fits& fits) {
    return guarded("be read", [&]() -> Result<std::vector<StoredMessage>> {
      if (!indexed_) {
        SQLite::Statement& rows = all_sums_.on(database_);
        while (rows.executeStep())
          if (rows.getColumn(1).getBytes() == static_cast<int>(sizeof(Sha256::Digest)))
            index(rows.getColumn(0).getInt64(), rows.getColumn(1).getBlob(), rows.getColumn(2).getString());
        indexed_ = true;
      }
      std::vector<StoredMessage> list;
      auto [from, to] = index_of.equal_range(key);
      for (auto at = from; at != to; ++at) {
        SQLite::Statement& row = message_by_id_.on(database_);
        row.bind(1, at->second);
        if (!row.executeStep()) continue;
        StoredMessage found = stored_message(row);
        if (fits(found)) list.push_back(std::move(found));
      }
      message_by_id_.rest();
      // The index has no order of its own.
      std::sort(list.begin(), list.end(), [](const StoredMessage& a, const StoredMessage& b) { return a.id < b.id; });
      return list;
    });
  }

  SQLite::Database database_;
  std::string place_;
  std::string texts_[4];
  bool indexed_ = false;
  Index by_digest_, by_message_id_;

  Prepared insert_message_{
      "INSERT INTO messages(account, uid, sha256, octets, message_id, folder, stored_at, crm) VALUES(?,?,?,?,?,?,?,?)"};
  Prepared insert_body_{"INSERT INTO bodies(message, raw) VALUES(?,?)"};
  Prepared insert_uid_{
      "INSERT INTO uids(message, octets, flags, attempts, session, account, uid) VALUES(?,?,?,?,?,?,?)"};
  Prepared update_uid_{"UPDATE uids SET message=?, octets=?, flags=?, attempts=?, session=? WHERE id=?"};
  Prepared put_facts_{"INSERT OR REPLACE INTO accounts(name, facts) VALUES(?,?)"};
  Prepared uids_of_{"SELECT id, uid, message, octets, flags, attempts, session FROM uids WHERE account=? ORDER BY id"};
  Prepared totals_{"SELECT count(*), coalesce(sum(octets), 0) FROM messages WHERE account=?"};
  Prepared facts_of_{"SELECT facts FROM accounts WHERE name=?"};
  Prepared messages_of_{
      "SELECT id, account, uid, sha256, octets, message_id, folder, stored_at FROM messages WHERE account=? ORDER BY "
      "id"};
  Prepared message_by_id_{
      "SELECT id, account, uid, sha256, octets, message_id, folder, stored_at FROM messages WHERE id=?"};
  Prepared all_sums_{"SELECT id, sha256, message_id FROM messages"};
  Prepared raw_of_{"SELECT raw FROM bodies WHERE message=?"};
  Prepared add_to_outbox_{"INSERT INTO outbox(account, state, facts, raw) VALUES(?,?,?,?)"};
  Prepared update_outbox_{"UPDATE outbox SET state=?, facts=? WHERE id=?"};
  Prepared outbox_of_{"SELECT id, state, facts, raw FROM outbox WHERE account=? ORDER BY id"};
  Prepared awaiting_crm_{
      "SELECT id, account, uid, sha256, octets, message_id, folder, stored_at FROM messages WHERE crm=1 AND account=? "
      "ORDER BY id LIMIT ?"};
  Prepared count_awaiting_crm_{"SELECT count(*) FROM messages WHERE crm=1 AND account=?"};
  Prepared mark_crm_{
      "INSERT OR REPLACE INTO crm(message, account, module, record, outcome, at) SELECT id, account, ?1, ?2, ?3, ?4 "
      "FROM messages "
      "WHERE id=?5"};
  Prepared settle_crm_{"UPDATE messages SET crm=0 WHERE id=?"};
  Prepared crm_marks_{
      "SELECT message, module, record, outcome, at FROM crm WHERE account=? ORDER BY message, module, record"};
};

}  // namespace

Result<std::unique_ptr<MessageStore>> open_sqlite_store(const StorePlace& place) {
  try {
    return std::unique_ptr<MessageStore>(std::make_unique<SqliteStore>(open_with_tables(place), place.name));
  } catch (const SQLite::Exception& trouble) {
    return Error{Errc::environment,
                 fmt::format("the database {} cannot be opened: {}", place.name, printable(trouble.what()))};
  }
}

}  // namespace mailrig::client
