#include "net/stream_listener.hpp"

#include <fmt/format.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <cstring>

#include "net/socket_address.hpp"

namespace uhoh::net {
namespace {

/// Accepted sockets inherit what is set here.
constexpr int keepalive_interval_seconds = 60;
constexpr int keepalive_probes = 6;

std::unexpected<std::string> failed(const Endpoint& local, int error) {
  if (error == EADDRINUSE)
    return std::unexpected(fmt::format("TCP port {} is in use by another program", local.to_string()));
  return std::unexpected(fmt::format("cannot open TCP port {}: {}", local.to_string(), std::strerror(error)));
}

/// Binds a socket. Connections of an earlier run that the kernel still winds up don't count as a user of the
/// port, a listener does.
std::expected<StreamListener, std::string> bind_socket(const Endpoint& local, bool share,
                                                       const StreamListenerOptions& options) {
  const bool v4 = local.address.is_v4();
  UniqueFd socket{::socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!socket) return failed(local, errno);
  const int fd = socket.get();
  if (!set_option(fd, SOL_SOCKET, SO_REUSEADDR)) return failed(local, errno);
  if (share && !set_option(fd, SOL_SOCKET, SO_REUSEPORT)) return failed(local, errno);
  if (!v4 && !set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, options.v6_only ? 1 : 0)) return failed(local, errno);
  SocketAddress address;
  const socklen_t length = write_address(address, local, v4);
  if (::bind(fd, &address.any, length) != 0) return failed(local, errno);
  socklen_t bound_length = sizeof address;
  if (::getsockname(fd, &address.any, &bound_length) != 0) return failed(local, errno);
  return StreamListener{std::move(socket), {local.address, read_address(address).port}};
}

std::expected<void, std::string> listen(const StreamListener& listener,
                                        const StreamListenerOptions& options) {
  const int fd = listener.socket.get();
  set_option(fd, IPPROTO_TCP, TCP_NODELAY);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, keepalive_interval_seconds);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, keepalive_probes);
  if (options.send_buffer_bytes > 0) set_option(fd, SOL_SOCKET, SO_SNDBUF, options.send_buffer_bytes);
  if (::listen(fd, options.backlog) != 0) return failed(listener.local, errno);
  return {};
}

}  // namespace

std::expected<std::vector<StreamListener>, std::string> open_stream_listeners(
    const Endpoint& local, unsigned shards, const StreamListenerOptions& options) {
  std::vector<StreamListener> listeners;
  auto first = bind_socket(local, false, options);
  if (!first) return std::unexpected(std::move(first).error());
  if (shards == 1) {
    listeners.push_back(std::move(*first));
  } else {
    const Endpoint bound = first->local;
    first->socket = UniqueFd{};  // frees the port; only a program of the same user could slip in now
    for (unsigned shard = 0; shard < shards; ++shard) {
      auto one = bind_socket(bound, true, options);
      if (!one) return std::unexpected(std::move(one).error());
      listeners.push_back(std::move(*one));
    }
  }
  for (const auto& listener : listeners)
    if (auto listening = listen(listener, options); !listening)
      return std::unexpected(std::move(listening).error());
  return listeners;
}

}  // namespace uhoh::net
