#include "node/data_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

namespace uhoh::node {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

// What to do about an error of a file or a directory.
std::string advice(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
      return "give this user the right to write there, or name another place with --data-dir";
    case EROFS: return "its file system is mounted read-only; name another place with --data-dir";
    case ENOSPC: return "the disk is full; make room on it";
    case ENOTDIR:
    case EEXIST: return "there is a file of that name; move it away, or name another place with --data-dir";
    default: return "name another place with --data-dir";
  }
}

std::string holder_of(int descriptor) {
  std::array<char, 64> text{};
  const auto count = ::pread(descriptor, text.data(), text.size(), 0);
  std::string holder{text.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  while (holder.ends_with('\n')) holder.pop_back();
  return holder.empty() ? "another program" : holder;
}

}  // namespace

std::expected<void, std::string> prepare_data_directory(const std::filesystem::path& directory) {
  const auto refuse = [&](int error) {
    return std::unexpected(fmt::format("the data directory {} can't be used: {}; {}", directory.string(),
                                       reason(error), advice(error)));
  };
  std::error_code error;
  const auto parent = std::filesystem::absolute(directory, error).parent_path();
  std::filesystem::create_directories(parent, error);
  if (error) return refuse(error.value());
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return refuse(errno);
  struct ::stat found {};
  if (::stat(directory.c_str(), &found) != 0) return refuse(errno);
  if (!S_ISDIR(found.st_mode)) return refuse(ENOTDIR);
  if (::access(directory.c_str(), R_OK | W_OK | X_OK) != 0) return refuse(errno);
  return {};
}

std::expected<DataDirectoryLock, DataDirectoryLock::Refusal> DataDirectoryLock::take(
    const std::filesystem::path& directory, std::string_view program, std::chrono::milliseconds patience) {
  const auto file = (directory / DataFiles::lock).string();
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) {
    const int error = errno;
    return std::unexpected(
        Refusal{false, {}, fmt::format("{} can't be made: {}; {}", file, reason(error), advice(error))});
  }
  constexpr std::chrono::milliseconds pause{20};
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    auto holder = holder_of(descriptor);
    if (patience > pause && !holder.starts_with(program)) {
      patience -= pause;
      std::this_thread::sleep_for(pause);
      continue;
    }
    auto message = fmt::format("the data directory {} is in use by {}; stop it first, or name another directory",
                               directory.string(), holder);
    ::close(descriptor);
    return std::unexpected(Refusal{true, std::move(holder), std::move(message)});
  }
  const auto holder = fmt::format("{} (process {})\n", program, ::getpid());
  if (::ftruncate(descriptor, 0) != 0 ||
      ::pwrite(descriptor, holder.data(), holder.size(), 0) != static_cast<ssize_t>(holder.size())) {
    const int error = errno;
    ::close(descriptor);
    return std::unexpected(
        Refusal{false, {}, fmt::format("{} can't be written: {}; {}", file, reason(error), advice(error))});
  }
  return DataDirectoryLock{descriptor};
}

DataDirectoryLock::DataDirectoryLock(DataDirectoryLock&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)} {}

DataDirectoryLock::~DataDirectoryLock() {
  if (descriptor_ < 0) return;
  // The file stays: to remove it would race with the next one who opens it. Its text must not name us any more.
  if (::ftruncate(descriptor_, 0) != 0) {
  }
  ::close(descriptor_);
}

std::expected<void, std::string> write_whole_file(const std::filesystem::path& file, std::string_view content) {
  const auto part = file.string() + ".part";
  const auto refuse = [&](int error) {
    ::unlink(part.c_str());
    return std::unexpected(
        fmt::format("{} can't be written: {}; {}", file.string(), reason(error), advice(error)));
  };
  const int descriptor = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return refuse(errno);
  const auto written = ::write(descriptor, content.data(), content.size());
  const int error = errno;
  ::close(descriptor);
  if (written != static_cast<ssize_t>(content.size())) return refuse(written < 0 ? error : ENOSPC);
  if (::rename(part.c_str(), file.c_str()) != 0) return refuse(errno);
  return {};
}

}  // namespace uhoh::node
