#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/endpoint.hpp"
#include "base/stream_id.hpp"
#include "model/profile.hpp"

namespace uhoh::session {

/// Which way a packet leaves.
struct Route {
  model::DialectId dialect = model::DialectId::icq;
  StreamId stream;   ///< none: a datagram
  Endpoint peer;
  IpAddress local;   ///< the server's own address that the client writes to
};

/// Where packets go. Implemented by the node over UDP ports and connections, by tests over a script.
class PacketWire {
 public:
  virtual ~PacketWire() = default;
  /// Sends one packet; on a connection that is gone or over its limit nothing happens (it is being closed).
  virtual void send(Bytes packet, const Route& route) = 0;
  /// Closes a connection after what waits to be written.
  virtual void close(StreamId stream) { static_cast<void>(stream); }
  /// Stops or goes on reading. After a stop no further frame is handed over, also none that was read already.
  virtual void pause(StreamId stream, bool pause) { static_cast<void>(stream), static_cast<void>(pause); }
  /// Bytes that wait to be written.
  [[nodiscard]] virtual std::size_t unwritten(StreamId stream) const {
    static_cast<void>(stream);
    return 0;
  }
  /// All bytes ever given to a connection, and a wish: ShardCore::on_stream_progress() is called as the peer
  /// acknowledges them, until it has acknowledged all of these.
  virtual std::uint64_t watch_progress(StreamId stream) {
    static_cast<void>(stream);
    return 0;
  }
};

}  // namespace uhoh::session
