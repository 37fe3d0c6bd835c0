#pragma once

#include <cstdint>

#include "dialect/qq/versions.hpp"
#include "model/presence.hpp"

namespace uhoh::qq {

/// Words for a user's status.
namespace status {
inline constexpr std::uint8_t online = 0x0A, offline = 0x14, away = 0x1E, invisible = 0x28, busy = 0x32,
                              free_for_chat = 0x3C, do_not_disturb = 0x46;
}

/// What a word of a client means; one that nobody knows means online, and offline means hidden.
[[nodiscard]] model::Status status_from_wire(std::uint8_t word) noexcept;
/// How others see a status: hidden is offline, and what a version does not know is away.
[[nodiscard]] std::uint8_t status_to_wire(const model::Status& shown, Version version) noexcept;

}  // namespace uhoh::qq
