#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/mpsc_queue.hpp"
#include "net/unique_fd.hpp"

namespace uhoh::net {

/// How other threads hand things to a shard: a bounded queue, and an event that wakes the shard only when it
/// sleeps.
///
/// Shape:  the shard's round is `loop.run_once(mailbox.prepare_sleep() ? timeout : Duration{0})`, then
///         `take_all`. Watch `descriptor()` with EPOLLIN | EPOLLET; it is never read.
/// Errors: a full mailbox refuses, and counts that.
/// Thread: `post` from any, the rest from the owner.
template <class T>
class Mailbox {
 public:
  /// Makes an empty mailbox for at most `capacity` letters.
  explicit Mailbox(std::size_t capacity)
      : queue_{capacity}, event_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {}

  /// Puts a letter in; false when the mailbox is full, and then `letter` is left as it was.
  [[nodiscard]] bool post(T&& letter) {
    if (!queue_.push(std::move(letter))) return false;
    // The queue's lock orders this after the owner's `prepare_sleep`, when that saw the queue empty.
    if (asleep_.load() && asleep_.exchange(false)) {
      const std::uint64_t one = 1;
      [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
    }
    return true;
  }

  /// Announces that the owner is about to wait; false when there are letters, so that it must not.
  [[nodiscard]] bool prepare_sleep() {
    asleep_.store(true);
    if (queue_.empty()) return true;
    asleep_.store(false);
    return false;
  }
  /// Replaces `letters` by all that came, oldest first; the owner counts as awake until the next
  /// `prepare_sleep`.
  void take_all(std::vector<T>& letters) {
    asleep_.store(false);
    queue_.pop_all(letters);
  }

  /// The event to be watched with EPOLLIN | EPOLLET.
  [[nodiscard]] int descriptor() const noexcept { return event_.get(); }
  /// How many letters were refused.
  [[nodiscard]] std::uint64_t refused() const { return queue_.refused(); }

 private:
  MpscQueue<T> queue_;
  UniqueFd event_;
  std::atomic<bool> asleep_{false};
};

}  // namespace uhoh::net
