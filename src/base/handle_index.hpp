#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/hash.hpp"

namespace uhoh {

/// Finds the place of a 32-bit key among elements that know their own key: four bytes a place, nothing else.
///
/// Shape:  open addressing, at most four fifths full; `key_of(place)` gives the key of an element, so the key
///         stands only in the element itself.
/// Thread: one owner.
class HandleIndex {
 public:
  static constexpr std::uint32_t none = 0xFFFFFFFF;

  /// The place of a key, or `none`.
  template <class KeyOf>
  [[nodiscard]] std::uint32_t find(std::uint32_t key, KeyOf&& key_of) const {
    if (slots_.empty()) return none;
    return slots_[slot_of(key, key_of)];
  }
  /// Remembers the place of a key, which must be new.
  template <class KeyOf>
  void insert(std::uint32_t key, std::uint32_t place, KeyOf&& key_of) {
    if ((count_ + 1) * 5 > slots_.size() * 4) grow(key_of);
    slots_[slot_of(key, key_of)] = place;
    ++count_;
  }
  /// Forgets a key; its element must still be there.
  template <class KeyOf>
  void erase(std::uint32_t key, KeyOf&& key_of) {
    if (slots_.empty()) return;
    const auto mask = slots_.size() - 1;
    auto hole = slot_of(key, key_of);
    if (slots_[hole] == none) return;
    // Closes the gap, so that every key stays reachable from its home without a break.
    for (auto next = (hole + 1) & mask; slots_[next] != none; next = (next + 1) & mask) {
      const auto home = static_cast<std::size_t>(mix64(key_of(slots_[next]))) & mask;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        slots_[hole] = slots_[next];
        hole = next;
      }
    }
    slots_[hole] = none;
    --count_;
  }
  /// How many keys there are.
  [[nodiscard]] std::size_t size() const noexcept { return count_; }

 private:
  template <class KeyOf>
  [[nodiscard]] std::size_t slot_of(std::uint32_t key, KeyOf& key_of) const {
    const auto mask = slots_.size() - 1;
    auto slot = static_cast<std::size_t>(mix64(key)) & mask;
    while (slots_[slot] != none && key_of(slots_[slot]) != key) slot = (slot + 1) & mask;
    return slot;
  }
  template <class KeyOf>
  void grow(KeyOf& key_of) {
    auto old = std::exchange(slots_, std::vector<std::uint32_t>(slots_.empty() ? 16 : slots_.size() * 2, none));
    for (const auto place : old)
      if (place != none) slots_[slot_of(key_of(place), key_of)] = place;
  }

  std::vector<std::uint32_t> slots_;
  std::size_t count_ = 0;
};

}  // namespace uhoh
