#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "storage/store.hpp"

namespace uhoh::storage {

/// How a SQLite store is opened.
struct SqliteOptions {
  StoreLimits limits;
  std::size_t cache_bytes = 16 * 1024 * 1024;       ///< the writer's page cache
  std::size_t reader_cache_bytes = 4 * 1024 * 1024;  ///< a reader's
  std::size_t checkpoint_bytes = 16 * 1024 * 1024;   ///< the log is merged into the file at this size
  std::size_t tail_entries = 64 * 1024;  ///< newest entries of the inbox index that wait in memory, 100 octets each
  std::chrono::milliseconds busy_timeout{5000};
  std::string vfs;  ///< empty: the system's own (tests name others)
};

/// Reads from a SQLite store beside its writer; sees what is committed. Writes answer `unavailable`.
class SqliteReader final : public StoreEngine {
 public:
  ~SqliteReader() override;
  void begin() override;
  std::expected<void, std::string> commit() override;
  Result execute(const Request& request) override;
  std::expected<void, std::string> restore_sessions(
      const std::function<bool(RestoredSession&&)>& take) override;

 private:
  friend class SqliteEngine;
  struct State;
  explicit SqliteReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Keeps everything in one SQLite file with a write-ahead log; a committed group survives a power cut.
///
/// Errors: after a failure within a group every request of it answers `unavailable`, and commit() says why.
/// Thread: one at a time, except backup_to().
class SqliteEngine final : public StoreEngine {
 public:
  /// Opens a database, makes or updates its tables. The error is a sentence for people that names the file.
  [[nodiscard]] static std::expected<std::unique_ptr<SqliteEngine>, std::string> open(const std::string& path,
                                                                                     const SqliteOptions& options = {});
  ~SqliteEngine() override;

  void begin() override;
  std::expected<void, std::string> commit() override;
  Result execute(const Request& request) override;
  std::expected<void, std::string> restore_sessions(
      const std::function<bool(RestoredSession&&)>& take) override;

  /// Opens another connection for reads. It must go before the engine.
  [[nodiscard]] std::expected<std::unique_ptr<SqliteReader>, std::string> open_reader() const;
  /// Writes a copy of what is committed into a new file, safe on disk when it returns.
  /// Thread: any, also beside the writer.
  [[nodiscard]] std::expected<void, std::string> backup_to(const std::string& path) const;

 private:
  struct State;
  explicit SqliteEngine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace uhoh::storage
