#pragma once
/// The tables of the client's database (client/store/store.h has the contract), and how a database comes to have them.
/// For client/store/sqlite_store.cc.

#include <SQLiteCpp/Database.h>

#include "client/store/store.h"

namespace mailrig::client {

/// Connected, with the tables there. Throws SQLite::Exception.
SQLite::Database open_with_tables(const StorePlace& place);

}  // namespace mailrig::client
