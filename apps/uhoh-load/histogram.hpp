#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace uhoh::load {

/// Counts durations in buckets that are 1/16 of their size wide, from a microsecond to days.
class Histogram {
 public:
  void add(Duration duration) noexcept {
    const auto us = duration.count() < 0 ? 0U : static_cast<std::uint64_t>(duration.count());
    ++buckets_[bucket_of(us)];
    ++count_;
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// The duration that `percent` of all stay within, at most 1/16 too long; 0 when there are none.
  [[nodiscard]] Duration percentile(double percent) const noexcept {
    const auto wanted = static_cast<std::uint64_t>(static_cast<double>(count_) * percent / 100.0);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen > 0 && seen >= wanted) return Duration{static_cast<Duration::rep>(upper_bound(i))};
    }
    return Duration{0};
  }

 private:
  static constexpr unsigned bits = 4;

  static constexpr std::size_t bucket_of(std::uint64_t us) noexcept {
    if (us < (1U << bits)) return static_cast<std::size_t>(us);
    const auto exponent = static_cast<unsigned>(std::bit_width(us)) - 1 - bits;
    const std::size_t bucket =
        ((exponent + 1) << bits) + static_cast<std::size_t>((us >> exponent) & ((1U << bits) - 1));
    return bucket < buckets ? bucket : buckets - 1;
  }
  static constexpr std::uint64_t upper_bound(std::size_t bucket) noexcept {
    if (bucket < (1U << bits)) return bucket;
    const auto exponent = static_cast<unsigned>(bucket >> bits) - 1;
    return ((std::uint64_t{1} << bits | (bucket & ((1U << bits) - 1))) + 1) << exponent;
  }

  static constexpr std::size_t buckets = 40 << bits;
  std::array<std::uint64_t, buckets> buckets_{};
  std::uint64_t count_ = 0;
};

}  // namespace uhoh::load
