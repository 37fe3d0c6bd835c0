#pragma once

#include <cstdint>
#include <cstring>

#include "base/bytes.hpp"

namespace uhoh {

/// Spreads the bits of a number over the whole word (the finaliser of SplitMix64).
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t x) noexcept {
  x ^= x >> 30;
  x *= 0xBF58476D1CE4E5B9ULL;
  x ^= x >> 27;
  x *= 0x94D049BB133111EBULL;
  return x ^ x >> 31;
}

/// Hashes bytes for the recognition of repeats; not for secrets.
[[nodiscard]] inline std::uint64_t content_hash(Bytes bytes) noexcept {
  std::uint64_t h = 0x9E3779B97F4A7C15ULL ^ bytes.size();
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    h = mix64(h ^ word);
  }
  std::uint64_t tail = 0;
  for (unsigned shift = 0; i < bytes.size(); ++i, shift += 8) tail |= std::uint64_t{bytes[i]} << shift;
  return mix64(h ^ tail);
}

}  // namespace uhoh
