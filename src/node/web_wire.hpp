#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>

#include "gateway/shard_link.hpp"
#include "session/packet_wire.hpp"

namespace uhoh::node {

/// Tells whether a connection is one of the gateway's.
[[nodiscard]] constexpr bool is_web(StreamId stream) noexcept { return stream.value >= gateway::first_web_stream; }

/// One shard's way to its web clients.
///
/// Thread: the shard's own.
class WebWire final : public session::PacketWire {
 public:
  /// Makes a connection known.
  void add(std::shared_ptr<gateway::WebStream> stream, gateway::StreamSink& sink) {
    const auto id = stream->id.value;
    streams_.insert_or_assign(id, Known{std::move(stream), &sink});
  }
  [[nodiscard]] bool knows(StreamId stream) const { return streams_.contains(stream.value); }
  void remove(StreamId stream) { streams_.erase(stream.value); }

  // session::PacketWire
  void send(Bytes packet, const session::Route& route) override;
  void close(StreamId stream) override;
  void pause(StreamId stream, bool pause) override;
  [[nodiscard]] std::size_t unwritten(StreamId stream) const override;

 private:
  struct Known {
    std::shared_ptr<gateway::WebStream> stream;
    gateway::StreamSink* sink = nullptr;
  };
  boost::unordered_flat_map<std::uint32_t, Known> streams_;
};

}  // namespace uhoh::node
