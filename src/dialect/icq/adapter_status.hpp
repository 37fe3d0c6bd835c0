#pragma once

#include <cstdint>

#include "model/presence.hpp"

namespace uhoh::icq {

/// What an ICQ status word means. Do-not-disturb is 0x11 exactly (Ihse 0.91) or the bit 0x02 (clients).
/// Source: Ihse 0.91, STATUS_CHANGE; spec/icq.md 3.3.
[[nodiscard]] model::Status status_from_wire(std::uint32_t word) noexcept;

/// The status word that shows a status: the client's own word where it has one, else one derived from what it
/// means.
///
/// Shape: a code of another dialect is recognised by its meaning something else as an ICQ word.
[[nodiscard]] std::uint32_t status_to_wire(const model::Status& status) noexcept;

}  // namespace uhoh::icq
