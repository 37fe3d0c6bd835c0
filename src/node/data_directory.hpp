#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

namespace uhoh::node {

/// What lies in a data directory.
struct DataFiles {
  static constexpr std::string_view configuration = "uhohd.toml";
  static constexpr std::string_view store = "uhoh.db";
  static constexpr std::string_view ready = "uhohd.ready";
  static constexpr std::string_view socket = "uhohd.sock";
  static constexpr std::string_view lock = "uhohd.lock";
  static constexpr std::string_view tokens = "web.jsonl";   ///< digests of sessions and tokens, roles, invitations
  static constexpr std::string_view audit = "audit.jsonl";
};

/// Makes a data directory that only its owner may enter, and checks that it can be written. The error is a
/// sentence for people.
[[nodiscard]] std::expected<void, std::string> prepare_data_directory(const std::filesystem::path& directory);

/// Keeps a data directory to one process, as long as it lives.
class DataDirectoryLock {
 public:
  /// Why a directory could not be had.
  struct Refusal {
    bool held = false;     ///< by another process
    std::string holder;    ///< "uhohd (process 4711)"
    std::string message;   ///< a sentence for people, with the other's id
  };
  /// Takes the lock; `program` is what others are told ("uhohd"). For `patience` it waits for another program than
  /// itself to give it up.
  [[nodiscard]] static std::expected<DataDirectoryLock, Refusal> take(const std::filesystem::path& directory,
                                                                      std::string_view program,
                                                                      std::chrono::milliseconds patience = {});
  DataDirectoryLock(DataDirectoryLock&& other) noexcept;
  DataDirectoryLock& operator=(DataDirectoryLock&&) = delete;
  ~DataDirectoryLock();

 private:
  explicit DataDirectoryLock(int descriptor) noexcept : descriptor_{descriptor} {}
  int descriptor_;
};

/// Writes a file so that nobody ever sees half of it. The error is a sentence for people.
[[nodiscard]] std::expected<void, std::string> write_whole_file(const std::filesystem::path& file,
                                                                std::string_view content);

}  // namespace uhoh::node
