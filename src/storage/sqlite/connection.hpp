#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/time.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace uhoh::storage {

class Connection;

/// Bytes that are bound as a BLOB; must live until the query is done.
struct Blob {
  std::span<const std::byte> bytes;
};

/// A borrowed prepared statement; gives it back, reset, at the end of its life.
///
/// Errors: go to the connection, where they stick; step() is false then. Values must outlive the query.
class Query {
 public:
  Query(Query&& other) noexcept
      : connection_{other.connection_}, statement_{std::exchange(other.statement_, nullptr)} {}
  Query& operator=(Query&&) = delete;
  ~Query();

  /// Moves to the next row; false at the end, and after an error.
  [[nodiscard]] bool step();
  /// Runs a statement that gives no rows.
  void run() { while (step()) {} }

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::uint32_t number(int column) const { return static_cast<std::uint32_t>(integer(column)); }
  [[nodiscard]] bool is_null(int column) const;
  /// The bytes of a text or a blob; valid until the next step().
  [[nodiscard]] std::string_view bytes(int column) const;
  [[nodiscard]] std::string text(int column) const { return std::string{bytes(column)}; }

 private:
  friend class Connection;
  Query(Connection& connection, sqlite3_stmt* statement) : connection_{connection}, statement_{statement} {}

  void bind_one(int place, std::int64_t value);
  void bind_one(int place, std::string_view text);
  void bind_one(int place, Blob blob);
  void bind_one(int place, std::nullptr_t);
  template <typename T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
  void bind_one(int place, T value) { bind_one(place, static_cast<std::int64_t>(value)); }
  template <typename T>
  void bind_one(int place, const std::optional<T>& value) {
    if (value) bind_one(place, *value);
    else bind_one(place, nullptr);
  }

  Connection& connection_;
  sqlite3_stmt* statement_;
};

/// One connection to a database file, with its prepared statements.
///
/// Thread: one at a time.
class Connection {
 public:
  enum class Mode { read_write_create, read_only_queries };
  struct Options {
    std::size_t cache_bytes = 16 * 1024 * 1024;
    std::size_t checkpoint_bytes = 16 * 1024 * 1024;  ///< the log is merged into the file at this size
    std::chrono::milliseconds busy_timeout{5000};
    std::string vfs;                                  ///< empty: the system's own
  };

  /// Opens a database file. The error is a sentence for people.
  [[nodiscard]] static std::expected<std::unique_ptr<Connection>, std::string> open(const std::string& path, Mode mode,
                                                                                  const Options& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Borrows the statement of an SQL literal, prepared at its first use, with its values bound in order.
  /// `sql` must be a literal (its address is its name).
  template <typename... Values>
  [[nodiscard]] Query query(const char* sql, const Values&... values) {
    Query q{*this, statement_of(sql)};
    int place = 0;
    (q.bind_one(++place, values), ...);
    return q;
  }
  /// Runs a statement that gives no rows.
  template <typename... Values>
  void run(const char* sql, const Values&... values) { query(sql, values...).run(); }
  /// Runs SQL of several statements, unprepared.
  void run_script(const char* sql);
  /// The rows that the last statement changed.
  [[nodiscard]] std::int64_t changed() const;
  /// Tells whether a transaction is open.
  [[nodiscard]] bool in_transaction() const;
  /// Gives up the open transaction, if there is one, and the error.
  void roll_back();

  /// Tells whether a statement failed since the last clear_failure().
  [[nodiscard]] bool failed() const noexcept { return code_ != 0; }
  /// What failed: a sentence for people.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
  void clear_failure() { code_ = 0; failure_.clear(); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] sqlite3* handle() const noexcept { return database_; }

 private:
  friend class Query;
  explicit Connection(std::string path) : path_{std::move(path)} {}
  sqlite3_stmt* statement_of(const char* sql);
  void fail(int code);

  std::string path_;
  sqlite3* database_ = nullptr;
  boost::unordered_flat_map<const char*, sqlite3_stmt*> statements_;
  int code_ = 0;
  std::string failure_;
};

/// Writes what an error of SQLite means, and what to do, as a sentence that names the file.
[[nodiscard]] std::string sentence_of(int sqlite_code, const std::string& path, std::string_view detail);

}  // namespace uhoh::storage
