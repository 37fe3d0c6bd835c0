#pragma once

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <vector>

#include "base/stream_id.hpp"
#include "base/time.hpp"
#include "model/command.hpp"

namespace uhoh::session {

/// A log-in that has been proven, and whose first packet under the new key has not come yet.
struct Candidate {
  Endpoint peer;
  StreamId stream;
  model::LogIn login;                   ///< without password and key, which it does not own
  std::array<std::uint8_t, 16> key{};
  Instant until{};
  bool opening = false;  ///< the first packet has come, the services are at work
};

/// The candidates of a shard: what a sniffed and repeated log-in packet can make, and no more (spec/qq.md 14a, 1).
///
/// Shape:  at most eight a number, the oldest makes room; `max_candidates` numbers: over that the newest log-ins find
///         no place and clients try again.
/// Thread: the owning shard only.
class Candidates {
 public:
  explicit Candidates(std::size_t max_candidates) noexcept : max_candidates_{max_candidates} {}

  /// Keeps a candidate, in the place of one for the same number from the same peer.
  bool insert(const Candidate& candidate) {
    auto& own = by_number_[candidate.login.uin.value];
    std::erase_if(own, [&](const Candidate& c) { return c.peer == candidate.peer && c.stream == candidate.stream; });
    if (count() >= max_candidates_) {
      if (own.empty()) by_number_.erase(candidate.login.uin.value);
      return false;
    }
    constexpr std::size_t most_of_number = 8;
    if (own.size() >= most_of_number) own.erase(own.begin());
    own.push_back(candidate);
    return true;
  }
  /// The candidate of a number at a peer; nullptr when there is none.
  [[nodiscard]] Candidate* find(Uin uin, const Endpoint& peer, StreamId stream) noexcept {
    const auto found = by_number_.find(uin.value);
    if (found == by_number_.end()) return nullptr;
    const auto own = std::ranges::find_if(found->second, [&](const Candidate& c) {
      return c.peer == peer && c.stream == stream;
    });
    return own == found->second.end() ? nullptr : &*own;
  }
  void erase(Uin uin, const Endpoint& peer, StreamId stream) {
    const auto found = by_number_.find(uin.value);
    if (found == by_number_.end()) return;
    std::erase_if(found->second, [&](const Candidate& c) { return c.peer == peer && c.stream == stream; });
    if (found->second.empty()) by_number_.erase(found);
  }
  /// Lets go of what is over its time.
  void expire(Instant now) {
    boost::unordered::erase_if(by_number_, [&](auto& entry) {
      std::erase_if(entry.second, [&](const Candidate& c) { return c.until <= now; });
      return entry.second.empty();
    });
  }
  /// Numbers that have candidates.
  [[nodiscard]] std::size_t count() const noexcept { return by_number_.size(); }

 private:
  std::size_t max_candidates_;
  boost::unordered_flat_map<std::uint32_t, std::vector<Candidate>> by_number_;
};

}  // namespace uhoh::session
