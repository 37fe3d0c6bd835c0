#pragma once

#include <cstdint>

namespace uhoh {

/// A 16-bit sequence number that wraps.
struct Seq16 {
  std::uint16_t value = 0;

  friend constexpr bool operator==(Seq16, Seq16) = default;
  /// The number after this one.
  [[nodiscard]] constexpr Seq16 next() const noexcept { return {static_cast<std::uint16_t>(value + 1)}; }
  /// How far this number lies ahead of `other`, wrapping: 0 .. 65535.
  [[nodiscard]] constexpr std::uint16_t distance_from(Seq16 other) const noexcept {
    return static_cast<std::uint16_t>(value - other.value);
  }
  /// Tells whether this number was given out after `other` (less than half the circle ahead).
  [[nodiscard]] constexpr bool is_newer(Seq16 other) const noexcept {
    return static_cast<std::int16_t>(distance_from(other)) > 0;
  }
};

}  // namespace uhoh
