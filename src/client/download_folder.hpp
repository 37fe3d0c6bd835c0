#pragma once

#include <filesystem>

#include "client/file_port.hpp"

namespace uhoh::client {

/// The longest name of a file that is taken, in bytes.
inline constexpr std::size_t max_file_name = 255;

/// Decides whether a name that somebody sent may become a file, and under which name.
///
/// Errors: a line for people. Refused: empty names, names with `/`, `\` or control characters (NUL among
///         them), `.` and `..`, names longer than `max_file_name` bytes, bytes that are not UTF-8. A dot or
///         hyphen at the beginning becomes `_`, so that nothing hides or looks like an option; a name that
///         ends as unfinished files do gets one more letter.
[[nodiscard]] std::expected<std::string, std::string> safe_file_name(std::string_view name);

/// Keeps received files in one folder: never outside it, never over something that is there.
///
/// Shape:  an unfinished file is "NAME.FROM-SIZE.part"; whoever offers the same again goes on with it. A
/// whole
///         file becomes NAME, or "NAME (2)" and so on when NAME is taken.
class DownloadFolder final : public FilePort {
 public:
  explicit DownloadFolder(std::filesystem::path folder) : folder_{std::move(folder)} {}

  [[nodiscard]] std::expected<std::unique_ptr<FileSource>, std::string> open(
      const std::string& path) override;
  [[nodiscard]] std::expected<std::unique_ptr<FileTarget>, std::string> begin(std::string_view name,
                                                                              std::uint64_t size,
                                                                              Uin from) override;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace uhoh::client
