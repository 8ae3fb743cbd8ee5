#include "client/store/sqlite_schema.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

namespace mailrig::client {
namespace {

// Raised with every change that an older client could not read.
constexpr int schema_version = 1;

constexpr const char* tables = R"(
CREATE TABLE messages(id INTEGER PRIMARY KEY, account TEXT NOT NULL, uid TEXT NOT NULL, sha256 BLOB NOT NULL,
  octets INTEGER NOT NULL, message_id TEXT NOT NULL, folder TEXT NOT NULL, stored_at INTEGER NOT NULL, crm INTEGER NOT NULL);
CREATE INDEX messages_for_crm ON messages(account, id) WHERE crm = 1;
CREATE TABLE bodies(message INTEGER PRIMARY KEY, raw BLOB NOT NULL);
CREATE TABLE uids(id INTEGER PRIMARY KEY, account TEXT NOT NULL, uid TEXT NOT NULL, message INTEGER, octets INTEGER NOT NULL,
  flags INTEGER NOT NULL, attempts INTEGER NOT NULL, session INTEGER NOT NULL);
CREATE TABLE accounts(name TEXT PRIMARY KEY, facts TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE outbox(id INTEGER PRIMARY KEY, account TEXT NOT NULL, state TEXT NOT NULL, facts TEXT NOT NULL, raw BLOB NOT NULL);
CREATE TABLE crm(message INTEGER NOT NULL, account TEXT NOT NULL, module TEXT NOT NULL, record TEXT NOT NULL,
  outcome TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(message, module, record)) WITHOUT ROWID;
)";

void create_tables(SQLite::Database& database) {
  SQLite::Transaction transaction(database);
  database.exec(tables);
  database.exec(fmt::format("PRAGMA user_version = {}", schema_version));
  transaction.commit();
}

/// The image that databases in memory are made from: creating tables costs more than a whole scenario may, copying ten
/// pages does not. A cache: the same for everybody, one a thread since SQLite's connections are.
SQLite::Database& empty_database() {
  thread_local SQLite::Database image = [] {
    SQLite::Database made(":memory:", SQLite::OPEN_READWRITE);
    create_tables(made);
    return made;
  }();
  return image;
}

/// False: the database is new.
bool has_tables(SQLite::Database& database) {
  int version = database.execAndGet("PRAGMA user_version").getInt();
  if (version == 0) return false;
  if (version != schema_version)
    throw SQLite::Exception(
        fmt::format("its tables are of version {}, this program reads version {}", version, schema_version));
  return true;
}

SQLite::Database open_in_memory(const StorePlace& place) {
  SQLite::Database database(place.uri(),
                            SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_URI | SQLite::OPEN_NOMUTEX);
  if (!has_tables(database)) SQLite::Backup(database, empty_database()).executeStep();
  return database;
}

SQLite::Database open_file(const StorePlace& place) {
  // Another program may look at the file at the same moment.
  constexpr int busy_milliseconds = 5'000;
  SQLite::Database database(place.name, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX,
                            busy_milliseconds);
  // A message of some kilobytes fills a page and needs no chain of further ones; larger pages were measured to be
  // slower.
  database.exec("PRAGMA page_size = 8192");
  database.exec("PRAGMA cache_size = -16000");
  if (place.kind == StorePlace::Kind::durable) {
    // A commit has returned only when it is on the disk.
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = FULL");
  } else {
    // A transaction can be taken back, but what is written need not outlive the machine.
    database.exec("PRAGMA journal_mode = MEMORY");
    database.exec("PRAGMA synchronous = OFF");
  }
  if (!has_tables(database)) create_tables(database);
  return database;
}

bool needs_no_escape(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.' || c == '/';
}

}  // namespace

std::string StorePlace::uri() const {
  if (kind != Kind::memory) return name;
  // A name that begins with a slash is shared by all connections of the process (sqlite.org, "memdb").
  std::string uri = "file:/";
  for (char c : name)
    uri += needs_no_escape(c) ? std::string(1, c) : fmt::format("%{:02x}", static_cast<unsigned char>(c));
  return uri + "?vfs=memdb";
}

SQLite::Database open_with_tables(const StorePlace& place) {
  return place.kind == StorePlace::Kind::memory ? open_in_memory(place) : open_file(place);
}

}  // namespace mailrig::client
