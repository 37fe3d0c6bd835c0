#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dialect/qq/adapter.hpp"

/// Messages that clients cut: 0016, 0030/1A, 00CD and 0002/2A tell how many parts there are, and which one this is.
///
/// Source: spec/qq.md 8.1, 8.5, 10.1, 10.2.
namespace uhoh::qq {

/// Tells the session of what message a frame is a part: of those to the same recipient with the same number.
inline void note_part(Uin to, std::uint8_t count, std::uint8_t index, std::uint16_t id,
                      const CommandSource& source) noexcept {
  source.scratch.part = {.message = std::uint64_t{to.value} << 32 | std::uint64_t{id} << 16 | source.frame.command,
                         .count = count,
                         .index = index};
}

/// Tells whether a text ends with this part: a blank may stand behind it.
[[nodiscard]] constexpr bool is_last_part(std::uint8_t count, std::uint8_t index) noexcept {
  return index + 1 >= count;
}

/// What the parts of a message mean together: the first one, with the text of all, in its font. A character may be
/// cut between two.
[[nodiscard]] Meaning joined(std::span<const std::vector<std::uint8_t>> plaintexts, const CommandSource& source);

}  // namespace uhoh::qq
