#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/check.hpp"
#include "base/time.hpp"

namespace uhoh {

/// Wakes dense numbered things (sessions, by their index) at their deadlines: one timer for each number.
///
/// Shape:  five levels of 64 slots, each slot a doubly linked list through the timers; 12 bytes a timer, in
///         chunks. An entry's level is where its deadline first differs from the present tick in base 64, so
///         it moves down at most four times; a word of bits per level finds the next busy slot.
/// Units:  ticks of 5 ms; reaches 61 days ahead. Never early, late by less than a tick beyond the call of
///         `advance`.
/// Thread: one owner.
class TimerWheel {
 public:
  /// The wheel's resolution.
  static constexpr Duration tick = std::chrono::milliseconds{5};
  /// The furthest deadline that can be set, from the last `advance`.
  static constexpr Duration range = tick * (63LL << 24);

  /// Makes an empty wheel that stands at `start`.
  explicit TimerWheel(Instant start) noexcept : current_{ticks_until(start)} {
    for (auto& level : heads_) level.fill(none);
  }

  /// Sets the timer of `id`, in place of its earlier deadline.
  ///
  /// Shape:  a deadline that has passed comes due with the next tick, so a callback can't starve the wheel.
  /// Errors: false, and no timer, when the deadline lies beyond `range`.
  bool schedule(std::uint32_t id, Instant deadline) {
    cancel(id);
    std::uint64_t due = ticks_until(deadline + tick - Duration{1});
    if (due <= current_) due = current_ + 1;
    if (due - current_ >= static_cast<std::uint64_t>(range / tick)) return false;
    if (!UHOH_CHECK(id < slot_mark)) return false;
    while (id / chunk_timers >= chunks_.size()) {
      chunks_.push_back(std::make_unique<Chunk>());
      for (auto& timer : *chunks_.back()) timer = {none, none, 0};
    }
    link(id, due);
    ++size_;
    return true;
  }

  /// Clears the timer of `id`; false when none was set.
  bool cancel(std::uint32_t id) noexcept {
    if (!is_scheduled(id)) return false;
    unlink(id);
    --size_;
    return true;
  }

  /// Moves on to `now` and calls `due(id)` for each timer that came due, in the order of ticks.
  ///
  /// Shape:  the timer is off when it is called; the callback may schedule and cancel any timer, also its
  ///         own. The order within one tick is not promised, but repeats when the inputs repeat.
  template <class Due>
  void advance(Instant now, Due&& due) {
    const std::uint64_t target = ticks_until(now);
    while (current_ < target) {
      const auto next = next_slot();
      if (!next || next->begins > target) {
        current_ = target;
        break;
      }
      current_ = next->begins;
      if (next->level == 0)
        fire(next->slot, due);
      else
        cascade(*next, due);
    }
  }

  /// When `advance` next has something to do; nothing when no timer is set.
  ///
  /// Shape:  exact within 64 ticks, further away it may be too early (never too late): then call it again.
  [[nodiscard]] std::optional<Instant> next_deadline() const noexcept {
    const auto next = next_slot();
    if (!next) return std::nullopt;
    return Instant{tick * static_cast<Duration::rep>(next->begins)};
  }

  /// Tells whether `id` has a timer.
  [[nodiscard]] bool is_scheduled(std::uint32_t id) const noexcept {
    return id / chunk_timers < chunks_.size() && timer_at(id).previous != none;
  }
  /// The deadline of `id`, rounded up to a tick.
  [[nodiscard]] std::optional<Instant> deadline(std::uint32_t id) const noexcept {
    if (!is_scheduled(id)) return std::nullopt;
    return Instant{tick * static_cast<Duration::rep>(due_of(timer_at(id)))};
  }
  /// How many timers are set.
  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  /// Bytes of the allocated chunks.
  [[nodiscard]] std::size_t bytes_reserved() const noexcept { return chunks_.size() * sizeof(Chunk); }

 private:
  static constexpr unsigned levels = 5;
  static constexpr unsigned slot_bits = 6;
  static constexpr unsigned slots = 1U << slot_bits;
  static constexpr std::uint32_t none = 0xFFFFFFFF;
  /// `previous` of a list's first timer is this bit with the slot's number.
  static constexpr std::uint32_t slot_mark = 0x80000000;
  static constexpr std::uint32_t chunk_timers = 4096;

  struct Timer {
    std::uint32_t next;
    std::uint32_t previous;  // `none`: not scheduled
    std::uint32_t due;       // the low half of the tick
  };
  static_assert(sizeof(Timer) == 12);
  using Chunk = std::array<Timer, chunk_timers>;
  struct BusySlot {
    unsigned level;
    unsigned slot;
    std::uint64_t begins;
  };

  [[nodiscard]] static std::uint64_t ticks_until(Instant at) noexcept {
    const auto since = at.time_since_epoch();
    return since.count() < 0 ? 0 : static_cast<std::uint64_t>(since / tick);
  }
  [[nodiscard]] Timer& timer_at(std::uint32_t id) noexcept {
    return (*chunks_[id / chunk_timers])[id % chunk_timers];
  }
  [[nodiscard]] const Timer& timer_at(std::uint32_t id) const noexcept {
    return (*chunks_[id / chunk_timers])[id % chunk_timers];
  }
  [[nodiscard]] std::uint64_t due_of(const Timer& timer) const noexcept {
    return current_ + static_cast<std::uint32_t>(timer.due - static_cast<std::uint32_t>(current_));
  }

  void link(std::uint32_t id, std::uint64_t due) noexcept {
    const auto differing = static_cast<unsigned>(std::bit_width((due ^ current_) | 1));
    const unsigned level = std::min((differing - 1) / slot_bits, levels - 1);
    const auto slot = static_cast<unsigned>(due >> (slot_bits * level)) % slots;
    Timer& timer = timer_at(id);
    std::uint32_t& head = heads_[level][slot];
    timer = {head, slot_mark | (level * slots + slot), static_cast<std::uint32_t>(due)};
    if (head != none) timer_at(head).previous = id;
    head = id;
    busy_[level] |= std::uint64_t{1} << slot;
  }

  void unlink(std::uint32_t id) noexcept {
    Timer& timer = timer_at(id);
    if (timer.next != none) timer_at(timer.next).previous = timer.previous;
    if ((timer.previous & slot_mark) == 0) {
      timer_at(timer.previous).next = timer.next;
    } else {
      const std::uint32_t place = timer.previous & ~slot_mark;
      heads_[place / slots][place % slots] = timer.next;
      if (timer.next == none) busy_[place / slots] &= ~(std::uint64_t{1} << (place % slots));
    }
    timer.previous = none;
  }

  /// Lower levels lie wholly before higher ones, so the first busy level has the next slot.
  [[nodiscard]] std::optional<BusySlot> next_slot() const noexcept {
    for (unsigned level = 0; level < levels; ++level) {
      if (busy_[level] == 0) continue;
      const unsigned shift = slot_bits * level;
      const auto here = static_cast<unsigned>(current_ >> shift) % slots;
      const auto ahead =
          static_cast<unsigned>(std::countr_zero(std::rotr(busy_[level], static_cast<int>(here))));
      return BusySlot{level, (here + ahead) % slots, ((current_ >> shift) + ahead) << shift};
    }
    return std::nullopt;
  }

  template <class Due>
  void fire(unsigned slot, Due& due) {
    while (heads_[0][slot] != none) {
      const std::uint32_t id = heads_[0][slot];
      unlink(id);
      --size_;
      due(id);
    }
  }

  /// Spreads a slot over the levels below; what is due in this very tick lands in level 0 and is called at
  /// once.
  template <class Due>
  void cascade(const BusySlot& from, Due& due) {
    std::uint32_t& head = heads_[from.level][from.slot];
    while (head != none) {
      const std::uint32_t id = head;
      const std::uint64_t at = due_of(timer_at(id));
      unlink(id);
      link(id, at);
    }
    fire(static_cast<unsigned>(current_) % slots, due);
  }

  std::uint64_t current_;  // every timer due up to this tick has been called
  std::array<std::array<std::uint32_t, slots>, levels> heads_;
  std::array<std::uint64_t, levels> busy_{};
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::uint32_t size_ = 0;
};

}  // namespace uhoh
