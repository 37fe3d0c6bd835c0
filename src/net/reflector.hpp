#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/endpoint.hpp"
#include "net/udp_port.hpp"

namespace uhoh::net {

/// What a reflector moved, and what that cost.
struct ReflectorResult {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  /// Processor time of the reflector's thread, kernel's part included.
  std::chrono::nanoseconds cpu_time{0};

  /// Processor time for one datagram in and out again, in nanoseconds.
  [[nodiscard]] double nanoseconds_per_datagram() const noexcept {
    return received == 0 ? 0 : static_cast<double>(cpu_time.count()) / static_cast<double>(received);
  }
};

/// Sends each datagram to `peer`, or back to its sender, until `stop` is set: the least that any server can
/// cost.
///
/// Shape:  the reference that server costs are divided by: recvmmsg, sendmmsg out of the same buffers,
///         nothing else; it uses only the port's socket. Looks at `stop` at least every 10 ms.
/// Thread: runs on the caller's, which is what CLOCK_THREAD_CPUTIME_ID measures.
ReflectorResult run_reflector(UdpPort& port, const std::atomic<bool>& stop,
                              std::optional<Endpoint> peer = {});

/// Processor time that the calling thread has used so far.
[[nodiscard]] std::chrono::nanoseconds thread_cpu_time() noexcept;

}  // namespace uhoh::net
