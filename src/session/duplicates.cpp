#include "session/duplicates.hpp"

#include <algorithm>
#include <bit>

#include "base/hash.hpp"

namespace uhoh::session {
namespace {

constexpr std::size_t smallest = 1024;

std::uint32_t tick_of(Instant at) noexcept {
  return static_cast<std::uint32_t>(at.time_since_epoch() / std::chrono::milliseconds{100});
}

bool is_over(std::uint32_t expires, std::uint32_t now) noexcept {
  return static_cast<std::int32_t>(expires - now) <= 0;
}

}  // namespace

Duplicates::Duplicates(std::size_t max_entries, Duration memory)
    : max_entries_{std::bit_ceil(std::max(max_entries, smallest))},
      memory_ticks_{static_cast<std::uint32_t>(memory / std::chrono::milliseconds{100}) + 1} {
  resize(smallest);
}

std::size_t Duplicates::place_of(std::uint64_t key) const noexcept {
  const auto mask = index_.size() - 1;
  auto place = static_cast<std::size_t>(mix64(key)) & mask;
  while (index_[place] != empty && ring_[index_[place]].key != key) place = (place + 1) & mask;
  return place;
}

Duplicates::Entry* Duplicates::entry_of(std::uint64_t key) noexcept {
  const auto slot = index_[place_of(key)];
  return slot == empty ? nullptr : &ring_[slot];
}

Duplicates::Found Duplicates::find(std::uint64_t key, Instant now) const noexcept {
  const auto slot = index_[place_of(key)];
  if (slot == empty || is_over(ring_[slot].expires, tick_of(now))) return {};
  const auto word = ring_[slot].word;
  if ((word & finished_flag) == 0) return {.state = State::in_progress, .request = word};
  return {.state = State::finished,
          .last_reply = Seq16{static_cast<std::uint16_t>(word)},
          .has_reply = (word & reply_flag) != 0};
}

void Duplicates::begin(std::uint64_t key, std::uint32_t request, Instant now) {
  if (count_ == ring_.size()) {
    if (ring_.size() < max_entries_) {
      resize(ring_.size() * 2);
    } else {
      pop_oldest();
      ++evicted_;
    }
  }
  const auto slot = static_cast<std::uint32_t>((head_ + count_) & (ring_.size() - 1));
  ring_[slot] = {key, tick_of(now) + memory_ticks_, request};
  ++count_;
  index_insert(slot);
}

void Duplicates::finish(std::uint64_t key) noexcept {
  if (auto* entry = entry_of(key); entry != nullptr && (entry->word & finished_flag) == 0)
    entry->word = finished_flag;
}

void Duplicates::note_reply(std::uint64_t key, Seq16 reply) noexcept {
  if (auto* entry = entry_of(key); entry != nullptr) entry->word = finished_flag | reply_flag | reply.value;
}

void Duplicates::forget(std::uint64_t key) noexcept {
  const auto place = place_of(key);
  const auto slot = index_[place];
  if (slot == empty) return;
  index_erase(key, slot);
  ring_[slot].word = forgotten;  // stays in the ring until its time, outside the index
}

void Duplicates::expire(Instant now) {
  const auto tick = tick_of(now);
  while (count_ > 0 && is_over(ring_[head_].expires, tick)) pop_oldest();
  if (ring_.size() > smallest && count_ < ring_.size() / 8) resize(ring_.size() / 2);
}

void Duplicates::pop_oldest() noexcept {
  auto& oldest = ring_[head_];
  if (oldest.word != forgotten) index_erase(oldest.key, static_cast<std::uint32_t>(head_));
  head_ = (head_ + 1) & (ring_.size() - 1);
  --count_;
}

void Duplicates::index_insert(std::uint32_t slot) { index_[place_of(ring_[slot].key)] = slot; }

void Duplicates::index_erase(std::uint64_t key, std::uint32_t slot) noexcept {
  const auto mask = index_.size() - 1;
  auto hole = place_of(key);
  if (index_[hole] != slot) return;  // the key was begun again under a newer slot
  // Closes the gap so that every key stays reachable from its own place without a break.
  for (auto next = (hole + 1) & mask; index_[next] != empty; next = (next + 1) & mask) {
    const auto home = static_cast<std::size_t>(mix64(ring_[index_[next]].key)) & mask;
    if (((next - home) & mask) >= ((next - hole) & mask)) {
      index_[hole] = index_[next];
      hole = next;
    }
  }
  index_[hole] = empty;
}

void Duplicates::resize(std::size_t capacity) {
  std::vector<Entry> ring(capacity);
  for (std::size_t i = 0; i < count_; ++i) ring[i] = ring_[(head_ + i) & (ring_.size() - 1)];
  ring_ = std::move(ring);
  head_ = 0;
  index_ = std::vector<std::uint32_t>(capacity * 2, empty);
  for (std::size_t i = 0; i < count_; ++i)
    if (ring_[i].word != forgotten) index_insert(static_cast<std::uint32_t>(i));
}

}  // namespace uhoh::session
