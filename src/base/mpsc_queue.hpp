#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace uhoh {

/// A bounded queue from many threads to one, which takes everything at once.
///
/// Shape:  two vectors are swapped, so nothing allocates once both have grown to the usual batch.
/// Errors: a full queue refuses, and counts that.
/// Thread: `push` from any; `pop_all` from the one consumer.
template <class T>
class MpscQueue {
 public:
  /// Makes an empty queue for at most `capacity` elements.
  explicit MpscQueue(std::size_t capacity) noexcept : capacity_{capacity} {}

  /// Appends an element; false when the queue is full, and then `element` is left as it was.
  [[nodiscard]] bool push(T&& element) {
    const std::lock_guard lock{mutex_};
    if (waiting_.size() == capacity_) {
      ++refused_;
      return false;
    }
    waiting_.push_back(std::move(element));
    return true;
  }
  /// Appends a copy; false when the queue is full.
  [[nodiscard]] bool push(const T& element) {
    T copy{element};
    return push(std::move(copy));
  }

  /// Replaces `batch` by all that waits, oldest first; hand in the same vector each time.
  void pop_all(std::vector<T>& batch) {
    batch.clear();
    const std::lock_guard lock{mutex_};
    batch.swap(waiting_);
  }

  /// True when nothing waits.
  [[nodiscard]] bool empty() const {
    const std::lock_guard lock{mutex_};
    return waiting_.empty();
  }
  /// How many elements wait.
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock{mutex_};
    return waiting_.size();
  }
  /// How many were turned away because the queue was full.
  [[nodiscard]] std::uint64_t refused() const {
    const std::lock_guard lock{mutex_};
    return refused_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<T> waiting_;
  std::size_t capacity_;
  std::uint64_t refused_ = 0;
};

}  // namespace uhoh
