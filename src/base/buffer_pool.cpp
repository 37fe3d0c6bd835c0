#include "base/buffer_pool.hpp"

#include <algorithm>
#include <cstring>

#include "base/check.hpp"

namespace uhoh {
namespace {

/// Places a chunk of each class has: powers of two, chunks of about 64 KiB.
constexpr std::array<std::uint32_t, BufferPool::class_sizes.size()> places_per_chunk{1024, 512, 256, 128, 64};

}  // namespace

std::uint8_t* BufferPool::place_of(std::uint32_t index) const noexcept {
  const unsigned size_class = index >> place_bits;
  const std::uint32_t place = index & place_mask;
  const std::uint32_t per_chunk = places_per_chunk[size_class];
  return classes_[size_class].chunks[place / per_chunk].get() +
         std::size_t{place % per_chunk} * class_sizes[size_class];
}

void BufferPool::grow(unsigned size_class) {
  auto& pool = classes_[size_class];
  const std::size_t bytes = std::size_t{places_per_chunk[size_class]} * class_sizes[size_class];
  pool.taken.resize(pool.taken.size() + places_per_chunk[size_class] / 64);
  pool.chunks.push_back(std::make_unique_for_overwrite<std::uint8_t[]>(bytes));
  bytes_reserved_ += bytes;
}

PooledBuffer BufferPool::acquire(std::size_t size) {
  const auto found = std::ranges::lower_bound(class_sizes, size);
  if (found == class_sizes.end() || bytes_in_use_ + *found > limit_bytes_) {
    ++refused_;
    return {};
  }
  const auto size_class = static_cast<unsigned>(found - class_sizes.begin());
  auto& pool = classes_[size_class];
  std::uint32_t place = pool.first_free;
  if (place == place_mask) {
    if (pool.fresh == pool.chunks.size() * places_per_chunk[size_class]) grow(size_class);
    place = pool.fresh++;
  } else {
    std::memcpy(&pool.first_free, place_of(size_class << place_bits | place), sizeof pool.first_free);
  }
  pool.taken[place / 64] |= std::uint64_t{1} << (place % 64);
  bytes_in_use_ += *found;
  ++buffers_in_use_;
  return {size_class << place_bits | place, static_cast<std::uint16_t>(size)};
}

PooledBuffer BufferPool::store(Bytes bytes) {
  const auto buffer = acquire(bytes.size());
  if (buffer && !bytes.empty()) std::memcpy(place_of(buffer.index), bytes.data(), bytes.size());
  return buffer;
}

void BufferPool::release(PooledBuffer& buffer) noexcept {
  if (!buffer) return;
  const unsigned size_class = buffer.index >> place_bits;
  const std::uint32_t place = buffer.index & place_mask;
  if (!UHOH_CHECK(size_class < classes_.size() && place < classes_[size_class].fresh)) return;
  auto& pool = classes_[size_class];
  const std::uint64_t bit = std::uint64_t{1} << (place % 64);
  if (!UHOH_CHECK((pool.taken[place / 64] & bit) != 0)) return;
  pool.taken[place / 64] &= ~bit;
  std::memcpy(place_of(buffer.index), &pool.first_free, sizeof pool.first_free);
  pool.first_free = place;
  bytes_in_use_ -= class_sizes[size_class];
  --buffers_in_use_;
  buffer = {};
}

Bytes BufferPool::view(PooledBuffer buffer) const noexcept {
  if (!buffer) return {};
  return {place_of(buffer.index), buffer.size};
}

MutableBytes BufferPool::writable(PooledBuffer buffer) noexcept {
  if (!buffer) return {};
  return {place_of(buffer.index), buffer.size};
}

}  // namespace uhoh
