#include "gateway/local_socket.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace uhoh::gateway {

LocalSocketPath::LocalSocketPath(const std::filesystem::path& socket) : path_{socket.string()} {
  constexpr std::size_t longest = 107;
  if (path_.size() <= longest) return;
  directory_ = ::open(socket.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory_ < 0) {
    error_ = std::generic_category().message(errno);
    return;
  }
  path_ = fmt::format("/proc/self/fd/{}/{}", directory_, socket.filename().string());
}

LocalSocketPath::~LocalSocketPath() {
  if (directory_ >= 0) ::close(directory_);
}

}  // namespace uhoh::gateway
