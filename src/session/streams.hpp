#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/stream_id.hpp"
#include "dialect/dialect.hpp"
#include "model/session_port.hpp"

namespace uhoh::session {

/// What a shard knows of the connections that it serves, besides their bytes.
///
/// Shape:  an entry for each connection that has a session or a request that is not answered yet.
/// Thread: the owning shard only.
class Streams {
 public:
  /// A frame that waits until everything before it is done.
  struct Held {
    const Dialect* dialect = nullptr;
    std::vector<std::uint8_t> frame;
    Endpoint peer;
    IpAddress local;
  };
  struct Stream {
    model::SessionRef session;
    std::uint32_t open_requests = 0;
    bool paused_by_service = false;
    bool paused_for_order = false;
    bool write_wanted = false;  ///< on_written is owed
    std::deque<std::pair<std::uint64_t, std::uint64_t>> unconfirmed;  ///< position and tag, in order
    std::deque<Held> held;                                            ///< at most one frame
    /// Nothing is worth remembering.
    [[nodiscard]] bool is_idle() const noexcept {
      return !session && open_requests == 0 && held.empty() && !paused_by_service && !paused_for_order;
    }
  };

  [[nodiscard]] Stream* find(StreamId id) noexcept {
    const auto found = streams_.find(id.value);
    return found == streams_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] const Stream* find(StreamId id) const noexcept {
    const auto found = streams_.find(id.value);
    return found == streams_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] Stream& at(StreamId id) { return streams_[id.value]; }
  void erase(StreamId id) { streams_.erase(id.value); }
  [[nodiscard]] std::size_t size() const noexcept { return streams_.size(); }

 private:
  boost::unordered_flat_map<std::uint32_t, Stream> streams_;
};

}  // namespace uhoh::session
