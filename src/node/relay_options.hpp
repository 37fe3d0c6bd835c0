#pragma once

#include <cstdint>

#include "base/endpoint.hpp"
#include "net/relay_switch.hpp"

namespace uhoh::node {

/// How the relay of direct connections is set up; off without an address.
struct RelayOptions {
  IpAddress address;                        ///< what clients are given
  IpAddress listen = IpAddress::v4(0);
  std::uint16_t first_port = 41'000;
  std::uint16_t last_port = 44'999;
  std::uint32_t connections = 256;          ///< pairs, in all
  std::uint32_t connections_per_user = 8;
  net::RelayLimits limits;

  [[nodiscard]] bool is_on() const noexcept { return address != IpAddress{}; }
  /// How many files it may have open: ports that listen, and both sides of each pair.
  [[nodiscard]] std::uint32_t most_files() const noexcept {
    return is_on() ? std::uint32_t{last_port} - first_port + 1 + 2 * connections : 0;
  }
};

}  // namespace uhoh::node
