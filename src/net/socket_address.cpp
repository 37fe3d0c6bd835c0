#include "net/socket_address.hpp"

#include <cstring>

namespace uhoh::net {

in_addr to_in_addr(const IpAddress& address) noexcept {
  in_addr out{};
  std::memcpy(&out, address.octets().data() + 12, 4);
  return out;
}

in6_addr to_in6_addr(const IpAddress& address) noexcept {
  in6_addr out{};
  std::memcpy(&out, address.octets().data(), 16);
  return out;
}

IpAddress from_in_addr(const in_addr& address) noexcept { return IpAddress::v4(ntohl(address.s_addr)); }

IpAddress from_in6_addr(const in6_addr& address) noexcept {
  std::array<std::uint8_t, 16> octets;
  std::memcpy(octets.data(), &address, 16);
  return IpAddress::from_octets(octets);
}

socklen_t write_address(SocketAddress& out, const Endpoint& endpoint, bool v4_socket) noexcept {
  if (v4_socket) {
    out.v4 = {};
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(endpoint.port);
    out.v4.sin_addr = to_in_addr(endpoint.address);
    return sizeof out.v4;
  }
  out.v6 = {};
  out.v6.sin6_family = AF_INET6;
  out.v6.sin6_port = htons(endpoint.port);
  out.v6.sin6_addr = to_in6_addr(endpoint.address);
  return sizeof out.v6;
}

Endpoint read_address(const SocketAddress& address) noexcept {
  if (address.any.sa_family == AF_INET)
    return {from_in_addr(address.v4.sin_addr), ntohs(address.v4.sin_port)};
  return {from_in6_addr(address.v6.sin6_addr), ntohs(address.v6.sin6_port)};
}

bool is_any(const IpAddress& address) noexcept {
  return address == IpAddress{} || address == IpAddress::v4(0);
}

bool set_option(int descriptor, int level, int option, int value) noexcept {
  return ::setsockopt(descriptor, level, option, &value, sizeof value) == 0;
}

}  // namespace uhoh::net
