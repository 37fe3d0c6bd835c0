#pragma once

#include <cstddef>
#include <memory>
#include <utility>

namespace uhoh {

/// A bounded queue: first in, first out.
///
/// Shape:  all storage is allocated at construction; nothing allocates afterwards (but what T itself does).
/// Thread: one owner.
template <class T>
class Ring {
 public:
  /// Makes an empty queue for at most `capacity` elements.
  explicit Ring(std::size_t capacity)
      : storage_{std::allocator<T>{}.allocate(capacity)}, capacity_{capacity} {}
  Ring(Ring&& other) noexcept
      : storage_{std::exchange(other.storage_, nullptr)},
        capacity_{std::exchange(other.capacity_, 0)},
        first_{std::exchange(other.first_, 0)},
        size_{std::exchange(other.size_, 0)} {}
  Ring& operator=(Ring&& other) noexcept {
    std::swap(storage_, other.storage_);
    std::swap(capacity_, other.capacity_);
    std::swap(first_, other.first_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Ring() {
    clear();
    if (storage_ != nullptr) std::allocator<T>{}.deallocate(storage_, capacity_);
  }

  /// Appends an element; false (and nothing changed) when full.
  template <class Element>
  bool push(Element&& element) {
    if (full()) return false;
    std::construct_at(storage_ + place(size_), std::forward<Element>(element));
    ++size_;
    return true;
  }
  /// Removes the oldest element; the queue must not be empty.
  void pop() noexcept {
    std::destroy_at(storage_ + first_);
    first_ = first_ + 1 == capacity_ ? 0 : first_ + 1;
    --size_;
  }
  /// The oldest element; the queue must not be empty.
  [[nodiscard]] T& front() noexcept { return storage_[first_]; }
  /// The oldest element; the queue must not be empty.
  [[nodiscard]] const T& front() const noexcept { return storage_[first_]; }
  /// The element at `position`, 0 being the oldest.
  [[nodiscard]] T& operator[](std::size_t position) noexcept { return storage_[place(position)]; }
  /// The element at `position`, 0 being the oldest.
  [[nodiscard]] const T& operator[](std::size_t position) const noexcept { return storage_[place(position)]; }

  /// Removes everything.
  void clear() noexcept {
    while (!empty()) pop();
  }
  /// How many elements there are.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// How many there can be.
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  /// True when there is none.
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// True when no more fit.
  [[nodiscard]] bool full() const noexcept { return size_ == capacity_; }

 private:
  [[nodiscard]] std::size_t place(std::size_t position) const noexcept {
    const std::size_t sum = first_ + position;
    return sum < capacity_ ? sum : sum - capacity_;
  }

  T* storage_;
  std::size_t capacity_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace uhoh
