#pragma once

#include <chrono>

namespace uhoh {

/// The server's own monotonic clock: every time in the core is passed in as one of these.
struct MonotonicClock {
  using duration = std::chrono::microseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock, duration>;
  static constexpr bool is_steady = true;
};

/// A moment on the monotonic clock.
using Instant = MonotonicClock::time_point;
/// A span of time.
using Duration = MonotonicClock::duration;
/// A moment on the calendar (UTC), for what is shown or stored.
using WallTime = std::chrono::sys_seconds;

/// Both clocks at one moment, as handed to the core with every input.
struct Now {
  Instant steady;
  WallTime wall;
};

/// Reads both clocks of this machine.
[[nodiscard]] inline Now read_clocks() noexcept {
  using namespace std::chrono;
  return {Instant{duration_cast<Duration>(steady_clock::now().time_since_epoch())},
          time_point_cast<seconds>(system_clock::now())};
}

}  // namespace uhoh
