#include "storage/sqlite/sqlite_engine.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "base/check.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/inbox_tail.hpp"
#include "storage/sqlite/migrations.hpp"
#include "storage/sqlite/pack.hpp"
#include "storage/sqlite/reads.hpp"
#include "storage/sqlite/writes.hpp"

namespace uhoh::storage {

namespace {

/// "uhoh" in the file's header: tells our databases from others.
constexpr std::int64_t application_id = 0x75686F68;

std::int64_t pragma(Connection& db, const char* sql) {
  Query row = db.query(sql);
  return row.step() ? row.integer(0) : 0;
}

/// Makes a file, or the names in a directory, safe on disk.
std::expected<void, std::string> sync_to_disk(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool well = file >= 0 && ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  if (!well) return std::unexpected(fmt::format("{} cannot be made safe on disk: {}", path, std::strerror(error)));
  return {};
}

std::string directory_of(const std::string& path) {
  const std::string directory = std::filesystem::path{path}.parent_path().string();
  return directory.empty() ? "." : directory;
}

/// Refuses what is not ours, or newer than we are.
std::expected<int, std::string> check_version(Connection& db) {
  const std::int64_t id = pragma(db, "PRAGMA application_id");
  const std::int64_t version = pragma(db, "PRAGMA user_version");
  const std::int64_t tables = pragma(db, "SELECT count(*) FROM sqlite_master");
  if (db.failed()) return std::unexpected(db.failure());
  if (id != application_id && (tables != 0 || version != 0))
    return std::unexpected(sentence_of(SQLITE_NOTADB, db.path(), {}));
  const int newest = migrations().back().version;
  if (version > newest)
    return std::unexpected(fmt::format("the database {} was written by a newer uhoh (its format is {}, this program "
                                       "knows {}): update the program, or restore a backup from before",
                                       db.path(), version, newest));
  return static_cast<int>(version);
}

std::expected<void, std::string> migrate(Connection& db, int version) {
  for (const Migration& step : migrations()) {
    if (step.version <= version) continue;
    db.run_script("BEGIN IMMEDIATE");
    if (!db.failed()) db.run_script(step.sql);
    const std::string mark =
        fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT", application_id, step.version);
    if (!db.failed()) db.run_script(mark.c_str());
    if (!db.failed()) continue;
    const std::string why = db.failure();
    db.roll_back();
    return std::unexpected(fmt::format("{} (while bringing it to format {}, {})", why, step.version, step.name));
  }
  return {};
}

/// Streams the sessions in order: one scan, joined with the narrow account rows.
std::expected<void, std::string> restore(Connection& db, Reads& reads,
                                         const std::function<bool(StoreEngine::RestoredSession&&)>& take) {
  {
    Query rows = db.query(
        "SELECT s.uin, s.login, s.status, s.reserved_sequence, s.facts, s.contacts, s.visible, s.invisible,"
        " a.authorization, a.address_policy, a.charsets, a.suspended_until, a.monitor"
        " FROM session AS s CROSS JOIN account AS a ON a.uin = s.uin ORDER BY s.uin");
    while (rows.step()) {
      StoreEngine::RestoredSession restored;
      KeptSession& session = restored.session;
      session.uin = Uin{rows.number(0)};
      session.login = static_cast<std::uint64_t>(rows.integer(1));
      session.status = unpack_status(rows.integer(2));
      session.reserved_sequence = rows.number(3);
      if (!unpack_facts(rows.bytes(4), session))
        return std::unexpected(fmt::format("the session of {} in the database {} cannot be read", session.uin.value,
                                           db.path()));
      restored.contacts = unpack_list(rows.bytes(5));
      restored.visible = unpack_list(rows.bytes(6));
      restored.invisible = unpack_list(rows.bytes(7));
      restored.account = Reads::facts_in(rows, 8, session.uin, session.dialect);
      if (restored.account.authorization != model::Authorization::open)
        restored.watchers_allowed = reads.watchers_allowed(session.uin);
      if (!take(std::move(restored))) break;
    }
  }
  if (!db.failed()) return {};
  std::string why = db.failure();
  if (!db.in_transaction()) db.clear_failure();
  return std::unexpected(std::move(why));
}

}  // namespace

// ---- SqliteReader --------------------------------------------------------------------------------------------

struct SqliteReader::State {
  State(std::unique_ptr<Connection> connection, const InboxTail& tail)
      : db{std::move(connection)}, reads{*db, tail, Reads::View::reader} {}
  std::unique_ptr<Connection> db;
  Reads reads;
};

SqliteReader::SqliteReader(std::unique_ptr<State> state) : state_{std::move(state)} {}
SqliteReader::~SqliteReader() = default;

void SqliteReader::begin() {}
std::expected<void, std::string> SqliteReader::commit() { return {}; }

Result SqliteReader::execute(const Request& request) {
  Result result = std::visit(
      [&](const auto& r) -> Result {
        if constexpr (std::is_invocable_v<Reads&, decltype(r)>) return state_->reads(r);
        else return std::unexpected(StoreError::unavailable);
      },
      request);
  if (!state_->db->failed()) return result;
  state_->db->roll_back();
  return std::unexpected(StoreError::unavailable);
}

std::expected<void, std::string> SqliteReader::restore_sessions(const std::function<bool(RestoredSession&&)>& take) {
  return restore(*state_->db, state_->reads, take);
}

// ---- SqliteEngine --------------------------------------------------------------------------------------------

struct SqliteEngine::State {
  State(std::unique_ptr<Connection> connection, const SqliteOptions& with)
      : options{with},
        db{std::move(connection)},
        reads{*db, tail, Reads::View::writer},
        writes{*db, tail, reads, with.limits, with.tail_entries} {}
  SqliteOptions options;
  std::unique_ptr<Connection> db;
  InboxTail tail;
  Reads reads;
  Writes writes;
};

SqliteEngine::SqliteEngine(std::unique_ptr<State> state) : state_{std::move(state)} {}
SqliteEngine::~SqliteEngine() {
  if (state_->db->in_transaction()) state_->db->roll_back();
}

std::expected<std::unique_ptr<SqliteEngine>, std::string> SqliteEngine::open(const std::string& path,
                                                                            const SqliteOptions& options) {
  UHOH_TRY(connection, Connection::open(path, Connection::Mode::read_write_create,
                                        {.cache_bytes = options.cache_bytes,
                                         .checkpoint_bytes = options.checkpoint_bytes,
                                         .busy_timeout = options.busy_timeout,
                                         .vfs = options.vfs}));
  Connection& db = *connection;
  UHOH_TRY(version, check_version(db));
  {
    Query row = db.query("PRAGMA journal_mode = WAL");
    const bool wal = row.step() && row.bytes(0) == "wal";
    if (db.failed()) return std::unexpected(db.failure());
    if (!wal)
      return std::unexpected(fmt::format("the database {} cannot keep a write-ahead log: its file system has no shared "
                                         "memory; name a data directory on a local disk", path));
  }
  if (const auto migrated = migrate(db, version); !migrated) return std::unexpected(migrated.error());
  if (version == 0 && options.vfs.empty())
    if (const auto safe = sync_to_disk(directory_of(path)); !safe) return std::unexpected(safe.error());
  // A store that cannot be written must say so now, not at the first message.
  db.run("BEGIN IMMEDIATE");
  auto state = std::make_unique<State>(std::move(connection), options);
  state->writes.recover();
  if (db.failed()) return std::unexpected(db.failure());
  db.run("COMMIT");
  if (db.failed()) return std::unexpected(db.failure());
  return std::unique_ptr<SqliteEngine>{new SqliteEngine{std::move(state)}};
}

void SqliteEngine::begin() { state_->db->run("BEGIN IMMEDIATE"); }

std::expected<void, std::string> SqliteEngine::commit() {
  Connection& db = *state_->db;
  if (!db.failed()) state_->writes.finish_group();
  if (!db.failed()) db.run("COMMIT");
  if (!db.failed()) {
    state_->writes.settle();
    return {};
  }
  std::string why = db.failure();
  db.roll_back();
  state_->writes.take_back();
  return std::unexpected(std::move(why));
}

Result SqliteEngine::execute(const Request& request) {
  Connection& db = *state_->db;
  if (db.failed()) return std::unexpected(StoreError::unavailable);
  Result result = std::visit(
      [&](const auto& r) -> Result {
        if constexpr (std::is_invocable_v<Reads&, decltype(r)>) return state_->reads(r);
        else return state_->writes(r);
      },
      request);
  if (!db.failed()) return result;
  // Within a group the failure stays, and commit() reports it; a lone read has nobody else to answer for.
  if (!is_write(request) && !db.in_transaction()) db.clear_failure();
  return std::unexpected(StoreError::unavailable);
}

std::expected<void, std::string> SqliteEngine::restore_sessions(const std::function<bool(RestoredSession&&)>& take) {
  return restore(*state_->db, state_->reads, take);
}

std::expected<std::unique_ptr<SqliteReader>, std::string> SqliteEngine::open_reader() const {
  const SqliteOptions& options = state_->options;
  UHOH_TRY(connection, Connection::open(state_->db->path(), Connection::Mode::read_only_queries,
                                        {.cache_bytes = options.reader_cache_bytes,
                                         .checkpoint_bytes = options.checkpoint_bytes,
                                         .busy_timeout = options.busy_timeout,
                                         .vfs = options.vfs}));
  auto state = std::make_unique<SqliteReader::State>(std::move(connection), state_->tail);
  return std::unique_ptr<SqliteReader>{new SqliteReader{std::move(state)}};
}

std::expected<void, std::string> SqliteEngine::backup_to(const std::string& path) const {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored))
    return std::unexpected(fmt::format("the backup {} exists already: name a new file", path));
  UHOH_TRY(db, Connection::open(state_->db->path(), Connection::Mode::read_write_create,
                                {.cache_bytes = state_->options.reader_cache_bytes,
                                 .busy_timeout = state_->options.busy_timeout,
                                 .vfs = state_->options.vfs}));
  db->run("VACUUM INTO ?1", std::string_view{path});
  if (db->failed()) return std::unexpected(fmt::format("the backup {} was not written: {}", path, db->failure()));
  if (const auto safe = sync_to_disk(path); !safe) return safe;
  return sync_to_disk(directory_of(path));
}

}  // namespace uhoh::storage
