#pragma once

#include <cstdint>

#include "base/hash.hpp"

namespace uhoh {

/// A small seeded generator (SplitMix64): the core's only source of chance, so that a seed repeats a run.
///
/// Secrets come from crypto/, never from here.
class Rng {
 public:
  explicit constexpr Rng(std::uint64_t seed) noexcept : state_{seed} {}
  /// The next 64 bits.
  constexpr std::uint64_t next() noexcept { return mix64(state_ += 0x9E3779B97F4A7C15ULL); }
  /// A number in 0 .. bound-1; `bound` is at least 1.
  constexpr std::uint64_t below(std::uint64_t bound) noexcept {
    return static_cast<std::uint64_t>(static_cast<Wide>(next()) * bound >> 64);
  }
  /// True in `percent` of 100 cases.
  constexpr bool chance(unsigned percent) noexcept { return below(100) < percent; }

 private:
  __extension__ using Wide = unsigned __int128;
  std::uint64_t state_;
};

}  // namespace uhoh
