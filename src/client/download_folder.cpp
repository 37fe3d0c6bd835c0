#include "client/download_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

#include "text/utf8.hpp"

namespace uhoh::client {

namespace {
/// How the names of unfinished files end.
constexpr std::string_view unfinished = ".part";

/// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int value) noexcept : value_{value} {}
  Descriptor(Descriptor&& other) noexcept : value_{std::exchange(other.value_, -1)} {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int get() const noexcept { return value_; }

 private:
  int value_;
};

std::string reason() { return std::strerror(errno); }

/// The size of a regular file; nothing for anything else.
std::optional<std::uint64_t> regular_size(int descriptor) {
  struct ::stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

class Source final : public FileSource {
 public:
  Source(Descriptor file, std::uint64_t size) : file_{std::move(file)}, size_{size} {}
  std::uint64_t size() const override { return size_; }
  std::size_t read(std::uint64_t position, MutableBytes out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      const auto n =
          ::pread(file_.get(), out.data() + done, out.size() - done, static_cast<off_t>(position + done));
      if (n <= 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

 private:
  Descriptor file_;
  std::uint64_t size_;
};

class Target final : public FileTarget {
 public:
  Target(Descriptor file, std::uint64_t size, std::filesystem::path part, std::filesystem::path folder,
         std::string name)
      : file_{std::move(file)},
        size_{size},
        part_{std::move(part)},
        folder_{std::move(folder)},
        name_{std::move(name)} {}
  std::uint64_t size() const override { return size_; }
  bool write(Bytes bytes) override {
    while (!bytes.empty()) {
      const auto n = ::write(file_.get(), bytes.data(), bytes.size());
      if (n <= 0) return false;
      size_ += static_cast<std::uint64_t>(n);
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return true;
  }
  std::expected<std::string, std::string> finish() override {
    constexpr int most_names = 1000;
    const std::filesystem::path name{name_};
    for (int i = 1; i <= most_names; ++i) {
      const auto path =
          folder_ /
          (i == 1 ? name_ : fmt::format("{} ({}){}", name.stem().string(), i, name.extension().string()));
      // Neither replaces: what has the name keeps it. Some file systems know only one of them.
      if (::renameat2(AT_FDCWD, part_.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0)
        return path.string();
      if (errno != EEXIST && ::link(part_.c_str(), path.c_str()) == 0) {
        ::unlink(part_.c_str());
        return path.string();
      }
      if (errno != EEXIST) return std::unexpected(fmt::format("{}: {}", path.string(), reason()));
    }
    return std::unexpected(
        fmt::format("{}: there are too many files of this name", (folder_ / name_).string()));
  }

 private:
  Descriptor file_;
  std::uint64_t size_;
  std::filesystem::path part_;
  std::filesystem::path folder_;
  std::string name_;
};

/// A name as it may be shown: at most 40 bytes, nothing that a terminal would obey.
std::string shown(std::string_view name) {
  constexpr std::size_t most = 40;
  std::string out;
  for (const char c : name.substr(0, most)) out += static_cast<unsigned char>(c) < ' ' || c == 0x7F ? '?' : c;
  if (name.size() > most) out += "...";
  std::string clean;
  for (std::string_view rest = out; !rest.empty();) {
    const auto one = text::decode_char(rest);
    text::append_char(one.code, clean);
    rest.remove_prefix(one.length);
  }
  return clean;
}

bool is_control(char32_t code) noexcept {
  return code < ' ' || (code >= 0x7F && code <= 0x9F) || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}
}  // namespace

std::expected<std::string, std::string> safe_file_name(std::string_view name) {
  const auto refused = [&](std::string_view why) {
    return std::unexpected(fmt::format("The file name \"{}\" is refused: {}", shown(name), why));
  };
  if (name.empty()) return refused("it is empty");
  if (name.size() > max_file_name) return refused(fmt::format("it has {} bytes", name.size()));
  if (name == "." || name == "..") return refused("it is a folder");
  if (name.find_first_of("/\\") != std::string_view::npos) return refused("it names a folder");
  if (!text::is_valid_utf8(name)) return refused("it is not readable as text");
  for (std::string_view rest = name; !rest.empty();) {
    const auto one = text::decode_char(rest);
    if (is_control(one.code)) return refused("it has control characters");
    rest.remove_prefix(one.length);
  }
  std::string safe{name};
  if (safe.ends_with(unfinished)) safe += '_';
  if (safe.front() == '.' || safe.front() == '-') safe.front() = '_';
  return safe;
}

std::expected<std::unique_ptr<FileSource>, std::string> DownloadFolder::open(const std::string& path) {
  Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.get() < 0) return std::unexpected(fmt::format("{}: {}", path, reason()));
  const auto size = regular_size(file.get());
  if (!size) return std::unexpected(fmt::format("{}: not a file", path));
  return std::make_unique<Source>(std::move(file), *size);
}

std::expected<std::unique_ptr<FileTarget>, std::string> DownloadFolder::begin(std::string_view name,
                                                                              std::uint64_t size, Uin from) {
  auto safe = safe_file_name(name);
  if (!safe) return std::unexpected(safe.error());
  std::error_code ec;
  std::filesystem::create_directories(folder_, ec);
  if (ec) return std::unexpected(fmt::format("{}: {}", folder_.string(), ec.message()));
  // Room for what stands behind the name of an unfinished file.
  constexpr std::size_t most_of_name = 200;
  const auto part = folder_ / fmt::format("{}.{}-{}{}", text::utf8_prefix(*safe, most_of_name), from.value,
                                          size, unfinished);
  constexpr mode_t mode = 0644;
  Descriptor file{
      ::open(part.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode)};
  if (file.get() < 0) return std::unexpected(fmt::format("{}: {}", part.string(), reason()));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
    return std::unexpected(fmt::format("{}: this file is being received already", part.string()));
  const auto there = regular_size(file.get());
  if (!there) return std::unexpected(fmt::format("{}: not a file", part.string()));
  if (*there > size)
    return std::unexpected(fmt::format("{}: it is longer than what is offered; remove it", part.string()));
  return std::make_unique<Target>(std::move(file), *there, part, folder_, std::move(*safe));
}

}  // namespace uhoh::client
