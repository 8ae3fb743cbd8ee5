#include "scenarios/judge/store_view.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <cstring>
#include <map>
#include <optional>

namespace mailrig::scenarios {
namespace {

// To hash all of a gigabyte again would cost a run more than all else that it does with it: of more mail than this,
// every second message is looked at, every third, and so on.
constexpr std::int64_t spoilt_octets_max = 64LL << 20;

}  // namespace

struct SqliteStoreView::Database {
  explicit Database(const std::string& uri) : connection(uri, SQLite::OPEN_READWRITE | SQLite::OPEN_URI) {}

  SQLite::Database connection;
  std::optional<SQLite::Statement> of_account;  // made at the first DELE: most scenarios have none
  std::optional<SQLite::Statement> of_any;
  std::optional<SQLite::Statement> newer;  // rows above `newest`
  std::optional<SQLite::Statement> of_id;
  // The client's tables have no index by sum, and its file is not ours to add one to.
  std::multimap<Sha256::Digest, std::int64_t> ids;
  std::int64_t newest = 0;
};

SqliteStoreView::SqliteStoreView(std::string uri) : uri_(std::move(uri)) {}
SqliteStoreView::~SqliteStoreView() = default;

void SqliteStoreView::client_has_opened() {
  if (database_) return;
  try {
    database_ = std::make_unique<Database>(uri_);
  } catch (const SQLite::Exception& error) {
    trouble_ = error.what();
  }
}

std::uint64_t SqliteStoreView::stored(std::string_view account, const Sha256::Digest& sum) {
  if (!database_) return 0;
  try {
    const std::uint64_t known = count_known(account, sum);
    return known > 0 ? known : count_all(account, sum);
  } catch (const SQLite::Exception& error) {
    trouble_ = error.what();
    return 0;
  }
}

/// Of the rows that were noted, those that are there now: each is asked for again, by its key.
std::uint64_t SqliteStoreView::count_known(std::string_view account, const Sha256::Digest& sum) {
  if (!database_->newer)
    database_->newer.emplace(database_->connection, "SELECT id, sha256 FROM messages WHERE id > ?1 ORDER BY id");
  SQLite::Statement& newer = *database_->newer;
  newer.bind(1, database_->newest);
  while (newer.executeStep()) {
    database_->newest = newer.getColumn(0).getInt64();
    Sha256::Digest noted;
    if (newer.getColumn(1).getBytes() != static_cast<int>(noted.size())) continue;
    std::memcpy(noted.data(), newer.getColumn(1).getBlob(), noted.size());
    database_->ids.emplace(noted, database_->newest);
  }
  newer.reset();
  if (!database_->of_id)
    database_->of_id.emplace(database_->connection, "SELECT account, sha256 FROM messages WHERE id = ?1");
  SQLite::Statement& of_id = *database_->of_id;
  std::uint64_t count = 0;
  for (auto [at, end] = database_->ids.equal_range(sum); at != end; ++at) {
    of_id.bind(1, at->second);
    if (of_id.executeStep()) {
      const SQLite::Column now = of_id.getColumn(1);
      const bool same =
          now.getBytes() == static_cast<int>(sum.size()) && std::memcmp(now.getBlob(), sum.data(), sum.size()) == 0;
      if (same && (account.empty() || of_id.getColumn(0).getString() == account)) ++count;
    }
    of_id.reset();
  }
  return count;
}

/// For a row that came under an id that was used before.
std::uint64_t SqliteStoreView::count_all(std::string_view account, const Sha256::Digest& sum) {
  auto& statement = account.empty() ? database_->of_any : database_->of_account;
  if (!statement)
    statement.emplace(database_->connection, account.empty()
                                                 ? "SELECT count(*) FROM messages WHERE sha256 = ?1"
                                                 : "SELECT count(*) FROM messages WHERE sha256 = ?1 AND account = ?2");
  statement->bind(1, sum.data(), static_cast<int>(sum.size()));
  if (!account.empty()) statement->bind(2, std::string(account));
  statement->executeStep();
  const std::int64_t count = statement->getColumn(0).getInt64();
  statement->reset();
  return static_cast<std::uint64_t>(count);
}

std::vector<StoreView::Row> SqliteStoreView::rows() {
  std::vector<Row> rows;
  if (!database_) return rows;
  try {
    SQLite::Statement statement(database_->connection, "SELECT account, sha256 FROM messages ORDER BY account, sha256");
    while (statement.executeStep()) {
      Row row;
      row.account = statement.getColumn(0).getString();
      const SQLite::Column sum = statement.getColumn(1);
      if (sum.getBytes() == static_cast<int>(row.sum.size()))
        std::memcpy(row.sum.data(), sum.getBlob(), row.sum.size());
      rows.push_back(std::move(row));
    }
  } catch (const SQLite::Exception& error) {
    trouble_ = error.what();
  }
  return rows;
}

std::vector<StoreView::Row> SqliteStoreView::spoilt() {
  std::vector<Row> rows;
  if (!database_) return rows;
  try {
    const std::int64_t octets =
        database_->connection.execAndGet("SELECT coalesce(sum(octets), 0) FROM messages").getInt64();
    SQLite::Statement statement(database_->connection,
                                "SELECT account, sha256, raw FROM messages JOIN bodies ON bodies.message = messages.id "
                                "WHERE messages.id % ?1 = 0 ORDER BY messages.id");
    statement.bind(1, octets / spoilt_octets_max + 1);
    while (statement.executeStep()) {
      const SQLite::Column claimed = statement.getColumn(1);
      const SQLite::Column raw = statement.getColumn(2);
      Sha256 sum;
      sum.update({static_cast<const char*>(raw.getBlob()), static_cast<std::size_t>(raw.getBytes())});
      Row row{statement.getColumn(0).getString(), sum.finish()};
      if (claimed.getBytes() != static_cast<int>(row.sum.size()) ||
          std::memcmp(row.sum.data(), claimed.getBlob(), row.sum.size()) != 0)
        rows.push_back(std::move(row));
    }
  } catch (const SQLite::Exception& error) {
    trouble_ = error.what();
  }
  return rows;
}

}  // namespace mailrig::scenarios
