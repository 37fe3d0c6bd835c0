#pragma once

#include <optional>
#include <queue>
#include <vector>

#include "base/rng.hpp"
#include "support/virtual_server.hpp"

namespace uhoh::sim {

/// How bad a network is.
struct Weather {
  unsigned loss_percent = 0;
  unsigned duplicate_percent = 0;
  unsigned reorder_percent = 0;   ///< so many are held back for up to `longest_delay`
  Duration delay = std::chrono::milliseconds{20};
  Duration jitter = std::chrono::milliseconds{5};
  Duration longest_delay = std::chrono::seconds{2};
};

/// A datagram under way, and what the simulation knows of it.
struct Transit {
  Instant at;
  std::uint64_t order = 0;
  bool to_server = false;
  std::uint64_t login = 0;  ///< from the server: the session that it belongs to; 0: none
  unsigned life = 0;        ///< from the server: which of its lives sent it
  testing::Datagram datagram;
};

/// Loses, doubles, delays and reorders datagrams by seed.
class Network {
 public:
  explicit Network(std::uint64_t seed) : rng_{seed} {}

  void set_weather(const Weather& weather) noexcept { weather_ = weather; }
  /// Takes a datagram; returns how many copies are under way.
  unsigned send(Transit&& transit, Instant now) {
    ++sent_;
    if (rng_.chance(weather_.loss_percent)) return 0;
    const unsigned copies = rng_.chance(weather_.duplicate_percent) ? 2 : 1;
    for (unsigned i = 0; i < copies; ++i) {
      Transit copy = transit;
      copy.at = now + delay();
      copy.order = ++order_;
      queue_.push(std::move(copy));
    }
    return copies;
  }
  [[nodiscard]] Instant next() const { return queue_.empty() ? Instant::max() : queue_.top().at; }
  [[nodiscard]] bool empty() const noexcept { return queue_.empty(); }
  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }
  Transit pop() {
    Transit first = std::move(const_cast<Transit&>(queue_.top()));
    queue_.pop();
    return first;
  }

 private:
  struct Later {
    bool operator()(const Transit& a, const Transit& b) const {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };
  [[nodiscard]] Duration delay() {
    auto d = weather_.delay + random_up_to(weather_.jitter);
    if (rng_.chance(weather_.reorder_percent)) d += random_up_to(weather_.longest_delay);
    return d;
  }
  [[nodiscard]] Duration random_up_to(Duration most) {
    return Duration{static_cast<Duration::rep>(rng_.below(static_cast<std::uint64_t>(most.count()) + 1))};
  }

  Rng rng_;
  Weather weather_;
  std::uint64_t order_ = 0;
  std::uint64_t sent_ = 0;
  std::priority_queue<Transit, std::vector<Transit>, Later> queue_;
};

}  // namespace uhoh::sim
