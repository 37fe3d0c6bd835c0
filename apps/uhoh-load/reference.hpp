#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "options.hpp"

namespace uhoh::load {

/// What the least possible server costs for the same traffic.
struct Reference {
  std::uint64_t messages = 0;
  double nanoseconds_per_message = 0;  ///< of processor time, for the four datagrams of one relayed message
};

/// Moves `messages` messages of `pairs` pairs through a bare reflector in this process: the sender's datagram
/// and the recipient's acknowledgement go there and come back, four datagrams as through a server.
///
/// Shape: each pair sends its next message when the one before has been moved; three seconds at most.
[[nodiscard]] std::expected<Reference, std::string> measure_reference(std::uint32_t pairs,
                                                                      std::uint64_t messages,
                                                                      std::uint32_t text_bytes,
                                                                      std::uint32_t sockets);

}  // namespace uhoh::load
