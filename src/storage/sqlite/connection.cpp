#include "storage/sqlite/connection.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace uhoh::storage {

// ---- Query ---------------------------------------------------------------------------------------------------

Query::~Query() {
  if (!statement_) return;
  // The result repeats the error of step(), which the connection knows.
  sqlite3_reset(statement_);
}

bool Query::step() {
  if (!statement_) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) connection_.fail(code);
  return false;
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

bool Query::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::string_view Query::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return data ? std::string_view{static_cast<const char*>(data), static_cast<std::size_t>(size)} : std::string_view{};
}

void Query::bind_one(int place, std::int64_t value) {
  if (statement_) sqlite3_bind_int64(statement_, place, value);
}

// SQLITE_STATIC, spelled without its C cast: the value outlives the query.
void Query::bind_one(int place, std::string_view text) {
  if (statement_)
    sqlite3_bind_text64(statement_, place, text.empty() ? "" : text.data(), text.size(), nullptr, SQLITE_UTF8);
}

void Query::bind_one(int place, Blob blob) {
  if (!statement_) return;
  if (blob.bytes.empty()) sqlite3_bind_zeroblob(statement_, place, 0);
  else sqlite3_bind_blob64(statement_, place, blob.bytes.data(), blob.bytes.size(), nullptr);
}

void Query::bind_one(int place, std::nullptr_t) {
  if (statement_) sqlite3_bind_null(statement_, place);
}

// ---- Connection ----------------------------------------------------------------------------------------------

std::expected<std::unique_ptr<Connection>, std::string> Connection::open(const std::string& path, Mode mode,
                                                                        const Options& options) {
  std::unique_ptr<Connection> connection{new Connection{path}};
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == Mode::read_write_create ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path.c_str(), &connection->database_, flags,
                                   options.vfs.empty() ? nullptr : options.vfs.c_str());
  if (code != SQLITE_OK) {
    const char* detail = connection->database_ ? sqlite3_errmsg(connection->database_) : sqlite3_errstr(code);
    return std::unexpected(sentence_of(code, path, detail));
  }
  if (sqlite3_db_readonly(connection->database_, "main") == 1)
    return std::unexpected(sentence_of(SQLITE_READONLY, path, "the file may only be read"));
  sqlite3_busy_timeout(connection->database_, static_cast<int>(options.busy_timeout.count()));
  const std::string script = fmt::format(
      "PRAGMA cache_size = -{}; PRAGMA synchronous = FULL; PRAGMA mmap_size = 0; PRAGMA secure_delete = FAST;"
      "PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF; PRAGMA wal_autocheckpoint = {};"
      "PRAGMA journal_size_limit = {}; PRAGMA trusted_schema = OFF;",
      options.cache_bytes / 1024, options.checkpoint_bytes / 4096, 2 * options.checkpoint_bytes);
  connection->run_script(script.c_str());
  if (mode == Mode::read_only_queries) connection->run_script("PRAGMA query_only = ON;");
  if (connection->failed()) return std::unexpected(connection->failure());
  return connection;
}

Connection::~Connection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(database_);
}

sqlite3_stmt* Connection::statement_of(const char* sql) {
  if (const auto known = statements_.find(sql); known != statements_.end()) return known->second;
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) {
    fail(code);
    return nullptr;
  }
  statements_.emplace(sql, statement);
  return statement;
}

void Connection::run_script(const char* sql) {
  const int code = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

std::int64_t Connection::changed() const { return sqlite3_changes64(database_); }

bool Connection::in_transaction() const { return sqlite3_get_autocommit(database_) == 0; }

void Connection::roll_back() {
  // SQLite may have rolled back by itself (full disk, I/O error).
  if (in_transaction()) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
  clear_failure();
}

void Connection::fail(int code) {
  if (failed()) return;
  code_ = code;
  failure_ = sentence_of(code, path_, sqlite3_errmsg(database_));
}

std::string sentence_of(int sqlite_code, const std::string& path, std::string_view detail) {
  switch (sqlite_code & 0xFF) {
    case SQLITE_FULL:
      return fmt::format("the disk that holds the database {} is full: make room on it (nothing that was committed "
                         "is lost)", path);
    case SQLITE_READONLY:
      return fmt::format("the database {} cannot be written: the file, its directory or the file system is read-only; "
                         "give this user the right to write there ({})", path, detail);
    case SQLITE_CANTOPEN:
      return fmt::format("the database {} cannot be opened: check that its directory exists and that this user may "
                         "write to it and to the files in it ({})", path, detail);
    case SQLITE_NOTADB:
      return fmt::format("{} is not a database of uhoh: move the file away, or name another data directory", path);
    case SQLITE_CORRUPT:
      return fmt::format("the database {} is damaged: restore it from a backup ({})", path, detail);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fmt::format("the database {} is held by another program: is another uhohd running in this data "
                         "directory? ({})", path, detail);
    case SQLITE_IOERR:
      return fmt::format("the disk that holds the database {} failed to read or write: check the disk and the file "
                         "system ({}, code {})", path, detail, sqlite_code);
    default:
      return fmt::format("the database {} failed: {} (code {})", path, detail, sqlite_code);
  }
}

}  // namespace uhoh::storage
