#include "dialect/qq/agreements.hpp"

#include <algorithm>
#include <utility>

#include "base/hash.hpp"

namespace uhoh::qq {

namespace {
constexpr unsigned seconds_bits = 32;

std::uint64_t address_hash(const IpAddress& address) noexcept { return hash_of(Endpoint{address, 0}); }

std::uint32_t seconds_of(WallTime time) noexcept {
  return static_cast<std::uint32_t>(time.time_since_epoch().count());
}
/// The last keys of this thread: a log-in needs its own twice, to be read and to be answered.
class Recent {
 public:
  /// This thread's, of one server.
  static Recent& of(const void* owner) {
    thread_local Recent recent;
    if (std::exchange(recent.owner_, owner) != owner) recent.entries_ = {};
    return recent;
  }
  [[nodiscard]] const crypto::TeaKey* find(Bytes public_key) const noexcept {
    const auto at = std::ranges::find_if(entries_, [&](const auto& entry) {
      return entry && std::ranges::equal(entry->public_key, public_key);
    });
    return at == entries_.end() ? nullptr : &(*at)->key;
  }
  void keep(Bytes public_key, const crypto::TeaKey& key) {
    Entry entry{.public_key = {}, .key = key};
    std::ranges::copy(public_key, entry.public_key.begin());
    entries_[next_++ % entries_.size()] = entry;
  }

 private:
  struct Entry {
    std::array<std::uint8_t, crypto::compressed_point_size> public_key;
    crypto::TeaKey key;
  };
  const void* owner_ = nullptr;
  std::size_t next_ = 0;
  std::array<std::optional<Entry>, 32> entries_;
};

}  // namespace

Agreements::Agreements(const crypto::SecretKey& server_key, unsigned per_second)
    : own_{crypto::AgreementKey::derived_from(server_key)}, per_second_{std::max(per_second, 1U)} {}

void Agreements::note_touch(const IpAddress& address, WallTime now) noexcept {
  // The upper half tells addresses of one slot apart, the lower one is the time.
  const std::uint64_t hash = address_hash(address);
  const std::uint64_t entry = hash >> seconds_bits << seconds_bits | seconds_of(now);
  touches_[hash % slots].store(entry, std::memory_order_relaxed);
}

bool Agreements::touched(const IpAddress& address, WallTime now) const noexcept {
  const std::uint64_t hash = address_hash(address);
  const std::uint64_t entry = touches_[hash % slots].load(std::memory_order_relaxed);
  return entry >> seconds_bits == hash >> seconds_bits &&
         seconds_of(now) - static_cast<std::uint32_t>(entry) <=
             static_cast<std::uint32_t>(touch_memory.count());
}

bool Agreements::take(Instant now) noexcept {
  // Operations are due at even distances, nine tenths of the limit; the last tenth may come at once. So no
  // second has more than the limit, wherever it begins.
  constexpr std::int64_t second = 1'000'000;
  const std::int64_t at_once = per_second_ / 10;
  const std::int64_t steady = per_second_ - at_once;
  const std::int64_t distance = (second + steady - 1) / steady;
  const std::int64_t at = now.time_since_epoch().count();
  std::int64_t due = free_at_.load(std::memory_order_relaxed);
  for (;;) {
    const std::int64_t from = std::max(due, at - distance * std::max<std::int64_t>(at_once - 1, 0));
    if (from > at) return false;
    if (free_at_.compare_exchange_weak(due, from + distance, std::memory_order_relaxed)) return true;
  }
}

std::optional<crypto::TeaKey> Agreements::agree(Bytes public_key, const IpAddress& address, Now now) {
  if (auto known = crypto::known_agreement(public_key)) return known;
  if (const auto* recent = Recent::of(this).find(public_key)) return *recent;
  if (public_key.size() != crypto::compressed_point_size || !touched(address, now.wall) || !take(now.steady))
    return std::nullopt;
  operations_.fetch_add(1, std::memory_order_relaxed);
  auto key = own_.agree(public_key);
  if (key) Recent::of(this).keep(public_key, *key);
  return key;
}

}  // namespace uhoh::qq
