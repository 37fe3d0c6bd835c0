#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace uhoh::storage {

/// A file layer for SQLite that forgets, at a power cut, every write since the last sync of its file.
///
/// Shape:  wraps the system's own layer. Writes go through at once, and what they replaced is remembered until
///         the file is synced. cut_power() makes every operation fail from then on; when all databases are closed,
///         restore_power() takes the forgotten writes back. `kill -9` can't show this: it keeps the page cache.
/// Thread: any; the databases that use it may be on several.
class ForgetfulVfs {
 public:
  /// Registers the layer under a name of its own; the object outlives every database that uses it.
  ForgetfulVfs();
  ~ForgetfulVfs();
  ForgetfulVfs(const ForgetfulVfs&) = delete;
  ForgetfulVfs& operator=(const ForgetfulVfs&) = delete;

  /// The name for SqliteOptions::vfs.
  [[nodiscard]] const std::string& name() const noexcept;

  /// Ends every operation with an I/O error until restore_power().
  void cut_power();
  /// Cuts the power at the n-th operation that changes a file from now on (1: the next one, which does not happen).
  void cut_power_at(std::uint64_t operation);
  [[nodiscard]] bool has_power() const;
  /// Which of the forgotten writes reached the disk all the same, in any order: each with a chance.
  struct Survival {
    unsigned percent = 0;
    std::uint64_t seed = 0;
  };
  /// Takes the forgotten writes back and lets files be opened again. All databases are closed.
  void restore_power(Survival survival);
  void restore_power() { restore_power(Survival{}); }
  /// Operations so far that changed a file (writes, truncations, syncs, deletions).
  [[nodiscard]] std::uint64_t operations() const;

  /// Lets files grow to so many octets in all (absent: without limit); writes beyond answer SQLITE_FULL.
  void limit_space(std::optional<std::uint64_t> octets);
  /// The octets that the files take now.
  [[nodiscard]] std::uint64_t space_used() const;
  /// Lets nothing be written or made, as a file system that is mounted read-only.
  void set_read_only(bool read_only);

  struct Disk;

 private:
  std::unique_ptr<Disk> disk_;
};

}  // namespace uhoh::storage
