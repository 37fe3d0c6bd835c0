#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/endpoint.hpp"
#include "base/hash.hpp"
#include "base/time.hpp"

namespace uhoh::session {

/// How much a sender may do: a bucket of `capacity` units that fills at `per_second`.
struct FloodLimit {
  std::uint32_t capacity = 400;
  std::uint32_t per_second = 40;
};

/// A token bucket in eight bytes.
///
/// Shape:  starts full; refills in whole units at tenths of a second (fractions are lost, so never too
/// generous). Units:  tenths of a second since an epoch of the caller's clock; `used` counts units taken and
/// not yet refilled.
class FloodBucket {
 public:
  /// Takes `cost` units; false (and nothing taken) when the bucket is empty.
  [[nodiscard]] bool take(std::uint32_t cost, const FloodLimit& limit, Instant now) noexcept {
    const auto tick = static_cast<std::uint32_t>(now.time_since_epoch() / std::chrono::milliseconds{100});
    const auto refill = static_cast<std::uint64_t>(tick - at_) * limit.per_second / 10;
    if (refill > 0) {
      used_ = refill >= used_ ? 0 : used_ - static_cast<std::uint32_t>(refill);
      at_ = tick;
    }
    if (cost > limit.capacity || used_ > limit.capacity - cost) return false;
    used_ += cost;
    return true;
  }

 private:
  std::uint32_t used_ = 0;
  std::uint32_t at_ = 0;
};

/// Buckets for a bounded number of keys (addresses, networks): two that fall on one place share it.
class BucketTable {
 public:
  explicit BucketTable(std::size_t places) : buckets_(places) {}
  [[nodiscard]] bool take(std::uint64_t key, std::uint32_t cost, const FloodLimit& limit,
                          Instant now) noexcept {
    return buckets_[mix64(key) % buckets_.size()].take(cost, limit, now);
  }

 private:
  std::vector<FloodBucket> buckets_;
};

/// The network that an address belongs to for limits: /24 for IPv4, /56 for IPv6.
[[nodiscard]] inline std::uint64_t network_of(const IpAddress& address) noexcept {
  if (address.is_v4()) return address.to_v4() >> 8;
  std::uint64_t network = 1;
  for (unsigned i = 0; i < 7; ++i) network = network << 8 | address.octets()[i];
  return network;
}

}  // namespace uhoh::session
