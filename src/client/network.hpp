#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/endpoint.hpp"
#include "base/time.hpp"

/// What clients need of the network beyond datagrams; a driver stands behind it.
namespace uhoh::client {

/// Names a TCP connection; the client gives the numbers.
enum class StreamId : std::uint32_t { none = 0 };
/// Names a port that takes connections; the client gives the numbers.
enum class ListenerId : std::uint32_t { none = 0 };

/// Opens, feeds and closes connections for a client. What comes of it is told to the client later, never from
/// within a call.
class Network {
 public:
  virtual ~Network() = default;
  /// Sends a datagram to the server.
  virtual void send_datagram(Bytes datagram) = 0;
  /// Begins to connect; on_connected() or on_closed() follows.
  virtual void connect(StreamId stream, const Endpoint& to) = 0;
  /// Queues bytes; ignored after close().
  virtual void write(StreamId stream, Bytes bytes) = 0;
  /// Closes once what is queued is sent; nothing is heard of the stream any more.
  virtual void close(StreamId stream) = 0;
  /// How many bytes are queued.
  [[nodiscard]] virtual std::size_t unsent(StreamId stream) const = 0;
  /// Takes connections on a free port, and gives it; 0 when that is not possible.
  [[nodiscard]] virtual std::uint16_t listen(ListenerId listener) = 0;
  virtual void stop_listening(ListenerId listener) = 0;
};

/// The time, and where effects go, while a part of a client is called.
struct ClientIo {
  Instant now;
  Network& network;
};

/// Gives out numbers of streams, listeners, chats and transfers.
class Numbers {
 public:
  [[nodiscard]] StreamId stream() noexcept { return static_cast<StreamId>(++last_); }
  [[nodiscard]] ListenerId listener() noexcept { return static_cast<ListenerId>(++last_); }
  [[nodiscard]] std::uint32_t plain() noexcept { return ++last_; }

 private:
  std::uint32_t last_ = 0;
};

}  // namespace uhoh::client
