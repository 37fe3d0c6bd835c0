#pragma once

#include "base/rng.hpp"
#include "base/time.hpp"

namespace uhoh::client {

/// How long to wait between attempts to log in.
struct ReconnectOptions {
  Duration first = std::chrono::seconds{5};
  Duration longest = std::chrono::minutes{5};
};

/// Pauses between attempts: each twice the one before, up to the longest, and up to a quarter more by chance,
/// so that a thousand clients do not come back in the same second.
class Reconnect {
 public:
  Reconnect(const ReconnectOptions& options, std::uint64_t seed) noexcept
      : options_{options}, pause_{options.first}, chance_{seed} {}

  /// The next pause.
  [[nodiscard]] Duration next() noexcept {
    const Duration pause = pause_;
    pause_ = pause_ * 2 < options_.longest ? pause_ * 2 : options_.longest;
    constexpr int most_extra = 4;
    return pause + Duration{static_cast<Duration::rep>(
                       chance_.below(static_cast<std::uint64_t>(pause.count() / most_extra) + 1))};
  }
  /// A log-in succeeded: begins with the shortest again.
  void reset() noexcept { pause_ = options_.first; }

 private:
  ReconnectOptions options_;
  Duration pause_;
  Rng chance_;
};

}  // namespace uhoh::client
