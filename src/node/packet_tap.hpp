#pragma once

#include <deque>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/endpoint.hpp"
#include "base/stream_id.hpp"
#include "base/time.hpp"
#include "model/profile.hpp"

namespace uhoh::node {

/// Keeps the last packets of one user or address for an administrator who looks; nothing while nobody does.
///
/// Shape:  a ring of at most 400 packets and 512 KiB. It stops by itself ten seconds after the last look.
/// Thread: the shard's own.
class PacketTap {
 public:
  /// Whose packets: those of an address, of an endpoint, of a connection.
  struct Target {
    IpAddress address;
    Endpoint peer;
    StreamId stream;
  };
  struct Recorded {
    std::uint64_t number = 0;  ///< microseconds since 1970, made unique
    WallTime at;
    bool to_client = false;
    model::DialectId dialect = model::DialectId::icq;
    Endpoint peer;
    std::string bytes;
  };

  /// Tells whether somebody looks: the only question on the way of a packet.
  [[nodiscard]] bool active() const noexcept { return active_; }
  /// Begins or goes on; what was recorded of another target is forgotten.
  void watch(const Target& target, Now now);
  /// Keeps a packet if it is the target's.
  void note(bool to_client, model::DialectId dialect, const Endpoint& peer, StreamId stream, Bytes packet);
  /// Appends what has a number above `after`.
  void collect(std::uint64_t after, std::vector<Recorded>& out) const;

 private:
  bool active_ = false;
  Target target_;
  Instant until_{};
  std::uint64_t last_ = 0;
  std::size_t bytes_ = 0;
  std::deque<Recorded> ring_;
};

/// What a packet says, in words: secrets never, what people write only with `with_text`.
[[nodiscard]] std::string describe_packet(const PacketTap::Recorded& packet, bool with_text);

}  // namespace uhoh::node
