#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "session/flood.hpp"

namespace uhoh::session {

/// What strangers may get back: DESIGN.md, promise 4.
struct StrangerLimits {
  std::uint32_t replies_per_network = 10;  ///< a second, per /24, divided among the shards
  std::uint32_t replies_in_all = 1000;     ///< a second, divided among the shards
};

/// Decides whether somebody without a session gets an answer, and keeps replaced clients from fighting.
///
/// Thread: the owning shard only.
class Strangers {
 public:
  Strangers(const StrangerLimits& limits, unsigned shards)
      : per_network_{share_of(limits.replies_per_network, shards)},
        in_all_{share_of(limits.replies_in_all, shards)},
        networks_{4096} {}

  /// Takes one answer from the limits; false when it must not be sent.
  [[nodiscard]] bool may_answer(const IpAddress& address, Instant now) noexcept {
    return networks_.take(network_of(address), 1, per_network_, now) && all_.take(1, in_all_, now);
  }

  /// Gives a replaced client nothing but silence: its whole address when the successor came from another one
  /// (Licq logs in again from a new port), otherwise its endpoint alone.
  void silence(const Endpoint& replaced, const Endpoint& successor, Uin uin, Instant until) {
    const auto peer = replaced.address == successor.address ? replaced : whole(replaced);
    silenced_[place_++ % places] = {hash_of(peer), uin, until};
  }
  [[nodiscard]] bool is_silenced(const Endpoint& peer, Uin uin, Instant now) const noexcept {
    const auto exact = hash_of(peer);
    const auto address = hash_of(whole(peer));
    return std::ranges::any_of(silenced_, [&](const Silenced& s) {
      return s.uin == uin && s.until > now && (s.peer == exact || s.peer == address);
    });
  }
  /// Ends the silence of an endpoint that has logged in.
  void hear_again(const Endpoint& peer, Uin uin) noexcept {
    const auto exact = hash_of(peer);
    const auto address = hash_of(whole(peer));
    for (auto& s : silenced_)
      if (s.uin == uin && (s.peer == exact || s.peer == address)) s = {};
  }

 private:
  [[nodiscard]] static FloodLimit share_of(std::uint32_t a_second, unsigned shards) noexcept {
    const auto share = std::max(1U, a_second / shards);
    return {.capacity = share, .per_second = share};
  }
  [[nodiscard]] static Endpoint whole(const Endpoint& peer) noexcept { return {peer.address, 0}; }

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
