#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace uhoh::wire {

/// Writes integers and spans into a buffer it does not own, and never past its end.
///
/// Errors: sticky. What does not fit sets `overflowed()`, and nothing more is written.
class Writer {
 public:
  explicit constexpr Writer(MutableBytes out) noexcept : out_{out} {}

  constexpr void u8(std::uint8_t value) noexcept { little(value, 1); }
  constexpr void u16le(std::uint16_t value) noexcept { little(value, 2); }
  constexpr void u32le(std::uint32_t value) noexcept { little(value, 4); }
  constexpr void u16be(std::uint16_t value) noexcept {
    u8(static_cast<std::uint8_t>(value >> 8));
    u8(static_cast<std::uint8_t>(value));
  }
  constexpr void u32be(std::uint32_t value) noexcept {
    u16be(static_cast<std::uint16_t>(value >> 16));
    u16be(static_cast<std::uint16_t>(value));
  }
  constexpr void bytes(Bytes source) noexcept {
    if (!fits(source.size())) return;
    std::copy(source.begin(), source.end(), out_.begin() + static_cast<std::ptrdiff_t>(position_));
    position_ += source.size();
  }

  /// Declares that a value has no form on the wire (a text of 65,535 bytes, say); as if it did not fit.
  constexpr void overflow() noexcept { overflowed_ = true; }

  [[nodiscard]] constexpr std::size_t size() const noexcept { return position_; }
  [[nodiscard]] constexpr bool overflowed() const noexcept { return overflowed_; }
  /// What has been written so far.
  [[nodiscard]] constexpr Bytes written() const noexcept { return out_.first(position_); }

 private:
  constexpr bool fits(std::size_t count) noexcept {
    if (count > out_.size() - position_) overflowed_ = true;
    return !overflowed_;
  }
  constexpr void little(std::uint32_t value, std::size_t width) noexcept {
    if (!fits(width)) return;
    for (std::size_t i = 0; i < width; ++i) out_[position_++] = static_cast<std::uint8_t>(value >> (8 * i));
  }

  MutableBytes out_;
  std::size_t position_ = 0;
  bool overflowed_ = false;
};

}  // namespace uhoh::wire
