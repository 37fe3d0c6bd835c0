#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <queue>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/endpoint.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "net/udp_port.hpp"
#include "network.hpp"
#include "options.hpp"

namespace uhoh::load {

/// Gives each user an endpoint of its own over a few sockets, and plays the bad network.
///
/// Shape:  user i has the address 127.1.0.0 + i, and the port of socket i modulo the number of sockets; the
///         sockets are bound to 0.0.0.0, the address goes out and comes in as ancillary data (IP_PKTINFO).
/// Thread: one owner.
class Edge final : public Network {
 public:
  static constexpr std::uint32_t first_address = 0x7F010000;
  static constexpr std::uint32_t max_users = 0x00F00000;

  /// Opens the sockets; the error is a sentence for people.
  [[nodiscard]] static std::expected<Edge, std::string> open_for(const Endpoint& server, std::uint32_t users,
                                                                 std::uint32_t sockets,
                                                                 const Impairment& impairment,
                                                                 std::uint64_t seed);

  bool open(std::uint32_t) override { return true; }
  void close(std::uint32_t) override {}
  /// Sends a datagram of a user, unless the bad network takes it.
  void send(std::uint32_t user, Bytes datagram, Instant now) override;
  void deliver(Instant now, const std::function<void(std::uint32_t, Bytes)>& receive) override;
  void flush() override;
  void wait(Instant deadline) override;

  /// The address and port of a user.
  [[nodiscard]] Endpoint endpoint_of(std::uint32_t user) const;
  [[nodiscard]] Instant next_due() const noexcept override;
  [[nodiscard]] const EdgeCounters& counters() const noexcept override { return counters_; }
  [[nodiscard]] std::uint64_t kernel_drops() const noexcept override;

 private:
  struct Delayed {
    Instant due;
    std::uint64_t order;
    std::uint32_t user;
    bool incoming;
    std::vector<std::uint8_t> bytes;
    /// The earliest is the top of a priority queue.
    [[nodiscard]] bool operator<(const Delayed& other) const noexcept {
      return due != other.due ? due > other.due : order > other.order;
    }
  };

  Edge(std::vector<net::UdpPort> ports, const Endpoint& server, std::uint32_t users,
       const Impairment& impairment, std::uint64_t seed);
  /// Decides a datagram's fate: true when it passes at once.
  [[nodiscard]] bool passes(std::uint32_t user, Bytes datagram, bool incoming, Instant now);
  void delay(std::uint32_t user, Bytes datagram, bool incoming, Instant now);
  void transmit(std::uint32_t user, Bytes datagram);

  std::vector<net::UdpPort> ports_;
  Endpoint server_;
  std::uint32_t users_;
  Impairment impairment_;
  Rng rng_;
  std::priority_queue<Delayed> delayed_;
  std::uint64_t order_ = 0;
  EdgeCounters counters_;
};

}  // namespace uhoh::load
