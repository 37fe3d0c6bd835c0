#pragma once

#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>

#include "base/bytes.hpp"

namespace uhoh::wire {

/// A list of 32-bit little-endian numbers, seen where they stand in a datagram.
class U32List {
 public:
  constexpr U32List() = default;
  /// Sees bytes as a list; what is over a multiple of four is left out.
  explicit constexpr U32List(Bytes bytes) noexcept : bytes_{bytes.first(bytes.size() - bytes.size() % 4)} {}
  /// Sees numbers in memory as a list; they must outlive it.
  [[nodiscard]] static U32List of(std::span<const std::uint32_t> numbers) noexcept {
    static_assert(std::endian::native == std::endian::little);
    return U32List{Bytes{reinterpret_cast<const std::uint8_t*>(numbers.data()), numbers.size_bytes()}};
  }

  [[nodiscard]] constexpr std::size_t size() const noexcept { return bytes_.size() / 4; }
  [[nodiscard]] constexpr bool empty() const noexcept { return bytes_.empty(); }
  [[nodiscard]] constexpr std::uint32_t operator[](std::size_t i) const noexcept {
    return std::uint32_t{bytes_[4 * i]} | std::uint32_t{bytes_[4 * i + 1]} << 8 |
           std::uint32_t{bytes_[4 * i + 2]} << 16 | std::uint32_t{bytes_[4 * i + 3]} << 24;
  }
  /// The entries as they stand on the wire.
  [[nodiscard]] constexpr Bytes bytes() const noexcept { return bytes_; }

  /// Walks the entries in order.
  class Iterator {
   public:
    using value_type = std::uint32_t;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::forward_iterator_tag;
    using iterator_category = std::input_iterator_tag;

    constexpr Iterator() = default;
    constexpr explicit Iterator(Bytes rest) noexcept : rest_{rest} {}
    constexpr std::uint32_t operator*() const noexcept { return U32List{rest_.first(4)}[0]; }
    constexpr Iterator& operator++() noexcept {
      rest_ = rest_.subspan(4);
      return *this;
    }
    constexpr Iterator operator++(int) noexcept {
      Iterator before = *this;
      ++*this;
      return before;
    }
    friend constexpr bool operator==(const Iterator& a, const Iterator& b) noexcept {
      return a.rest_.size() == b.rest_.size();
    }

   private:
    Bytes rest_;
  };
  [[nodiscard]] constexpr Iterator begin() const noexcept { return Iterator{bytes_}; }
  [[nodiscard]] constexpr Iterator end() const noexcept { return Iterator{Bytes{}}; }

 private:
  Bytes bytes_;
};

}  // namespace uhoh::wire
