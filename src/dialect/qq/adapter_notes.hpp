#pragma once

#include <cstdint>

#include "base/uin.hpp"

namespace uhoh::qq {

/// What of a question stands in its answer again: FrameInfo::note.
struct Note {
  /// `sub` of what this server does not do.
  static constexpr std::uint8_t not_done = 0xFF;

  std::uint8_t sub = 0;
  std::uint16_t number = 0;
  Uin uin;

  /// How `uin` notes that the name of a group of friends is kept: those from 1 to 32.
  [[nodiscard]] static constexpr std::uint32_t group_bit(std::uint8_t index) noexcept {
    return index >= 1 && index <= 32 ? 1U << (index - 1) : 0U;
  }

  [[nodiscard]] constexpr std::uint64_t packed() const noexcept {
    return std::uint64_t{sub} << 48 | std::uint64_t{number} << 32 | uin.value;
  }
  [[nodiscard]] static constexpr Note unpacked(std::uint64_t note) noexcept {
    return {static_cast<std::uint8_t>(note >> 48), static_cast<std::uint16_t>(note >> 32),
            Uin{static_cast<std::uint32_t>(note)}};
  }
};

}  // namespace uhoh::qq
