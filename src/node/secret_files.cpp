#include "node/secret_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace uhoh::node {
namespace {

using crypto::SecretKey;

std::unexpected<std::string> refuse(const std::filesystem::path& file, std::string_view what) {
  return std::unexpected(fmt::format("the key file {} can't be used: {}", file.string(), what));
}

std::string reason() { return std::generic_category().message(errno); }

/// A file that is closed when it goes away.
class OpenFile {
 public:
  OpenFile(const std::filesystem::path& path, int flags) : descriptor_{::open(path.c_str(), flags | O_CLOEXEC, 0600)} {}
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  [[nodiscard]] int get() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

std::expected<SecretKey, std::string> make_key(const std::filesystem::path& path) {
  const auto key = SecretKey::random();
  const OpenFile file{path, O_WRONLY | O_CREAT | O_EXCL};
  if (file.get() < 0) return refuse(path, reason());
  const auto bytes = key.bytes();
  const auto written = ::write(file.get(), bytes.data(), bytes.size());
  if (written != static_cast<ssize_t>(bytes.size()) || ::fsync(file.get()) != 0) {
    const auto why = reason();
    ::unlink(path.c_str());
    return refuse(path, why);
  }
  return key;
}

std::expected<SecretKey, std::string> open_key(const std::filesystem::path& path) {
  const OpenFile file{path, O_RDONLY};
  if (file.get() < 0) return errno == ENOENT ? make_key(path) : refuse(path, reason());
  struct ::stat found {};
  if (::fstat(file.get(), &found) != 0) return refuse(path, reason());
  if ((found.st_mode & 077) != 0)
    return refuse(path, "others than its owner may read or write it; do `chmod 600` on it, and consider it known");
  std::array<std::uint8_t, SecretKey::size + 1> content{};
  const auto count = ::read(file.get(), content.data(), content.size());
  auto key = count == SecretKey::size ? SecretKey::from_bytes(Bytes{content}.first(SecretKey::size)) : std::nullopt;
  crypto::wipe(content);
  if (!key) return refuse(path, "it has not the 32 bytes of a key; restore it, or move it away to begin with a new one");
  return std::move(*key);
}

}  // namespace

SecretFiles SecretFiles::of(const std::filesystem::path& data_dir, const std::filesystem::path& qq_key_file) {
  if (!qq_key_file.empty()) return {data_dir / "server.key", qq_key_file};
  std::error_code ignored;
  auto beside = std::filesystem::weakly_canonical(data_dir, ignored);
  if (beside.empty()) beside = data_dir;
  if (!beside.has_filename()) beside = beside.parent_path();
  return {data_dir / "server.key", beside.parent_path() / (beside.filename().string() + ".qq.key")};
}

std::expected<OpenedSecrets, std::string> open_secrets(const SecretFiles& files, MissingQqKey missing) {
  OpenedSecrets opened;
  auto sessions = open_key(files.sessions);
  if (!sessions) return std::unexpected(sessions.error());
  opened.secrets.sessions = *sessions;
  std::error_code ignored;
  if (missing == MissingQqKey::leave && !std::filesystem::exists(files.qq, ignored)) return opened;
  if (auto qq = open_key(files.qq))
    opened.secrets.qq = *qq;
  else
    opened.qq_problem = qq.error() + "; accounts.qq_key_file names another place";
  return opened;
}

}  // namespace uhoh::node
