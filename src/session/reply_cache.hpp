#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace uhoh::session {

/// Keeps the replies of the last minutes, for dialects whose clients repeat a request when its reply is lost.
///
/// Shape:  replies of one request in the order in which they were sent; over the limit of bytes the oldest are
///         forgotten (counted in `evicted`).
/// Thread: the owning shard only.
class ReplyCache {
 public:
  explicit ReplyCache(std::size_t max_bytes) noexcept : max_bytes_{max_bytes} {}

  /// Keeps a copy of a reply until `until`. Replies are forgotten in the order in which they came.
  void keep(std::uint64_t request, Bytes reply, Instant until) {
    while (!order_.empty() && bytes_ + reply.size() > max_bytes_) {
      pop_oldest();
      ++evicted_;
    }
    if (reply.size() > max_bytes_) return;
    bytes_ += reply.size();
    replies_[request].emplace_back(reply.begin(), reply.end());
    order_.push_back({request, until});
  }
  /// The replies to a request; empty when there are none (any more).
  [[nodiscard]] const std::vector<std::vector<std::uint8_t>>* find(std::uint64_t request) const noexcept {
    const auto found = replies_.find(request);
    return found == replies_.end() ? nullptr : &found->second;
  }
  /// Lets go of what is over its time.
  void expire(Instant now) {
    while (!order_.empty() && order_.front().until <= now) pop_oldest();
  }

  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::uint64_t evicted() const noexcept { return evicted_; }

 private:
  struct Entry {
    std::uint64_t request;
    Instant until;
  };

  void pop_oldest() {
    const auto found = replies_.find(order_.front().request);
    order_.pop_front();
    auto& packets = found->second;
    bytes_ -= packets.front().size();
    packets.erase(packets.begin());
    if (packets.empty()) replies_.erase(found);
  }

  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::uint64_t evicted_ = 0;
  boost::unordered_flat_map<std::uint64_t, std::vector<std::vector<std::uint8_t>>> replies_;
  std::deque<Entry> order_;
};

}  // namespace uhoh::session
