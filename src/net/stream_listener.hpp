#pragma once

#include <expected>
#include <string>
#include <vector>

#include "base/endpoint.hpp"
#include "net/unique_fd.hpp"

namespace uhoh::net {

/// What can be chosen when a TCP port is opened.
struct StreamListenerOptions {
  /// How many connections wait in the kernel to be accepted; it may allow fewer.
  int backlog = 1024;
  /// What the kernel may hold for each connection of what its peer has not acknowledged; 0 lets it choose,
  /// which can be megabytes.
  int send_buffer_bytes = 256 << 10;
  /// An IPv6 port takes IPv6 only; false: also IPv4, whose addresses show as IPv4.
  bool v6_only = true;
};

/// A listening TCP socket: non-blocking, its connections with TCP_NODELAY and keep-alive.
struct StreamListener {
  UniqueFd socket;
  /// The address and port it is bound to.
  Endpoint local;
};

/// Opens `shards` listening sockets on one port, among which the kernel spreads the connections; port 0 takes
/// a free one.
///
/// Shape:  first binds without SO_REUSEPORT, so that a second server on the port is an error and doesn't
///         share it. Keep them together until all are closed: what waits in the one that goes is lost.
/// Errors: "TCP port 0.0.0.0:8001 is in use by another program" and the like.
[[nodiscard]] std::expected<std::vector<StreamListener>, std::string> open_stream_listeners(
    const Endpoint& local, unsigned shards, const StreamListenerOptions& options = {});

}  // namespace uhoh::net
