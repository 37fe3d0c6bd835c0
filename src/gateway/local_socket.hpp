#pragma once

#include <filesystem>
#include <string>

namespace uhoh::gateway {

/// The path under which a Unix socket is bound or reached: the kernel takes 107 bytes, and longer ones are named
/// by way of their open directory.
class LocalSocketPath {
 public:
  explicit LocalSocketPath(const std::filesystem::path& socket);
  ~LocalSocketPath();
  LocalSocketPath(const LocalSocketPath&) = delete;
  LocalSocketPath& operator=(const LocalSocketPath&) = delete;

  /// Valid as long as this object.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Why there is none; empty when there is.
  [[nodiscard]] const std::string& error() const noexcept { return error_; }

 private:
  std::string path_;
  std::string error_;
  int directory_ = -1;
};

}  // namespace uhoh::gateway
