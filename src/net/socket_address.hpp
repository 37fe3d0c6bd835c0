#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/endpoint.hpp"

namespace uhoh::net {

/// A socket address of either family, as the system calls want it.
union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

/// Writes an address for a socket of the family that `v4_socket` tells; gives its length.
socklen_t write_address(SocketAddress& out, const Endpoint& endpoint, bool v4_socket) noexcept;
/// Reads an address that the system has filled in.
[[nodiscard]] Endpoint read_address(const SocketAddress& address) noexcept;

/// Shows an IPv4 address to the system.
[[nodiscard]] in_addr to_in_addr(const IpAddress& address) noexcept;
/// Shows an address to the system in its IPv6 form.
[[nodiscard]] in6_addr to_in6_addr(const IpAddress& address) noexcept;
/// Reads the system's IPv4 address.
[[nodiscard]] IpAddress from_in_addr(const in_addr& address) noexcept;
/// Reads the system's IPv6 address.
[[nodiscard]] IpAddress from_in6_addr(const in6_addr& address) noexcept;

/// True for 0.0.0.0 and ::.
[[nodiscard]] bool is_any(const IpAddress& address) noexcept;
/// Sets a socket option that is a number; false when the system refuses.
bool set_option(int descriptor, int level, int option, int value = 1) noexcept;

}  // namespace uhoh::net
