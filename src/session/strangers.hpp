#pragma once

#include <cstdint>
#include <vector>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "session/flood.hpp"

namespace uhoh::session {

/// What strangers may get back: DESIGN.md, promise 4.
struct StrangerLimits {
  std::uint32_t replies_per_network = 10;  ///< a second, per /24
  std::uint32_t replies_in_all = 1000;     ///< a second, divided among the shards
};

/// Decides whether somebody without a session gets an answer, and keeps replaced clients from fighting.
///
/// Thread: the owning shard only.
class Strangers {
 public:
  Strangers(const StrangerLimits& limits, unsigned shards)
      : per_network_{.capacity = limits.replies_per_network, .per_second = limits.replies_per_network},
        in_all_{.capacity = std::max(1U, limits.replies_in_all / shards),
                .per_second = std::max(1U, limits.replies_in_all / shards)},
        networks_{4096} {}

  /// Takes one answer from the limits; false when it must not be sent.
  [[nodiscard]] bool may_answer(const IpAddress& address, Instant now) noexcept {
    return networks_.take(network_of(address), 1, per_network_, now) && all_.take(1, in_all_, now);
  }

  /// Gives a replaced client's endpoint nothing but silence for `span`.
  void silence(const Endpoint& peer, Uin uin, Instant until) {
    silenced_[place_++ % places] = {hash_of(peer), uin, until};
  }
  [[nodiscard]] bool is_silenced(const Endpoint& peer, Uin uin, Instant now) const noexcept {
    const auto key = hash_of(peer);
    for (const auto& s : silenced_)
      if (s.peer == key && s.uin == uin && s.until > now) return true;
    return false;
  }
  /// Ends the silence of an endpoint that logs in anew.
  void hear_again(const Endpoint& peer, Uin uin) noexcept {
    const auto key = hash_of(peer);
    for (auto& s : silenced_)
      if (s.peer == key && s.uin == uin) s = {};
  }

 private:
  static constexpr std::size_t places = 256;  // the oldest gives way: it then hears 00F0 a little early
  struct Silenced {
    std::uint64_t peer = 0;
    Uin uin;
    Instant until{};
  };

  FloodLimit per_network_;
  FloodLimit in_all_;
  BucketTable networks_;
  FloodBucket all_;
  std::vector<Silenced> silenced_ = std::vector<Silenced>(places);
  std::size_t place_ = 0;
};

}  // namespace uhoh::session
