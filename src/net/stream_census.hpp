#pragma once

#include <cstdint>
#include <expected>
#include <mutex>
#include <unordered_map>

#include "base/endpoint.hpp"

namespace uhoh::net {

/// How many connections a process takes.
struct StreamCensusLimits {
  std::uint32_t per_address = 64;  ///< from one IPv4 address or one IPv6 /64
  std::uint32_t in_all = 100'000;
};

/// Why a connection found no seat.
enum class NoSeat : std::uint8_t { address_full, all_full };

/// Counts the connections of all threads of a process, by address and in all.
///
/// Shape:  a lock, taken once when a connection comes and once when it goes.
/// Thread: any.
class StreamCensus {
 public:
  /// One connection's place in the count; gives it back when it ends.
  class Seat {
   public:
    Seat() noexcept = default;
    Seat(Seat&& other) noexcept;
    Seat& operator=(Seat&& other) noexcept;
    ~Seat();

   private:
    friend class StreamCensus;
    Seat(StreamCensus& census, const IpAddress& network) noexcept : census_{&census}, network_{network} {}
    StreamCensus* census_ = nullptr;
    IpAddress network_;
  };

  explicit StreamCensus(const StreamCensusLimits& limits) noexcept : limits_{limits} {}
  StreamCensus(const StreamCensus&) = delete;
  StreamCensus& operator=(const StreamCensus&) = delete;

  /// Counts a connection from `address` in, or says which limit it would pass. The census must outlive the
  /// seat.
  [[nodiscard]] std::expected<Seat, NoSeat> take_seat(const IpAddress& address);
  /// How many connections there are.
  [[nodiscard]] std::uint32_t size() const;

 private:
  struct Hash {
    std::size_t operator()(const IpAddress& address) const noexcept {
      return static_cast<std::size_t>(hash_of(Endpoint{address, 0}));
    }
  };
  void leave(const IpAddress& network) noexcept;

  StreamCensusLimits limits_;
  mutable std::mutex mutex_;
  std::uint32_t in_all_ = 0;
  std::unordered_map<IpAddress, std::uint32_t, Hash> by_network_;
};

}  // namespace uhoh::net
