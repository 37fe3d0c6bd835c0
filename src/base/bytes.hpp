#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace uhoh {

/// A view of bytes as they stand on the wire; never owns.
using Bytes = std::span<const std::uint8_t>;

/// A view of bytes to be written.
using MutableBytes = std::span<std::uint8_t>;

/// Shows text as bytes without copying.
[[nodiscard]] inline Bytes as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Shows bytes as characters without copying; says nothing about their charset.
[[nodiscard]] inline std::string_view as_chars(Bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace uhoh
