#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/endpoint.hpp"
#include "base/stream_id.hpp"
#include "base/uin.hpp"

/// The seam between web connections and the shards: node implements ShardLink, the gateway StreamSink.
namespace uhoh::gateway {

/// Connections of the gateway are numbered from here on; those of the shards' own ports lie below.
inline constexpr std::uint32_t first_web_stream = 0x8000'0000;

/// One web client's connection, as the gateway and the shard of its user both see it.
struct WebStream {
  StreamId id;
  Uin uin;
  Endpoint peer;
  IpAddress local;
  std::atomic<std::size_t> unwritten{0};          ///< bytes that the shard gave and the client has not taken
  std::atomic<bool> write_wanted{false};          ///< the shard wants to know when `unwritten` is 0 again
  std::atomic<std::uint32_t> frames_waiting{0};   ///< given to the shard, and not looked at yet
};

/// What became of a password.
enum class PasswordAnswer : std::uint8_t { right, wrong, put_off };

/// What the gateway needs of the shards. Thread: any but the shards'.
class ShardLink {
 public:
  virtual ~ShardLink() = default;
  /// Hands a frame to the shard of the stream's user; false when the shard's mailbox is full.
  virtual bool frame(const std::shared_ptr<WebStream>& stream, std::string bytes) = 0;
  /// The connection is gone.
  virtual void closed(const std::shared_ptr<WebStream>& stream) = 0;
  /// Everything that the shard gave was written.
  virtual void written(const std::shared_ptr<WebStream>& stream) = 0;
  /// Checks a password as every log-in does, with the same limits; waits for the answer.
  virtual PasswordAnswer check_password(Uin uin, std::string password, const Endpoint& peer) = 0;
  /// Tells whether one more account may be made by somebody from outside just now, and counts it.
  virtual bool admit_registration() = 0;
  /// Tells whether those who register may log in with QQ.
  virtual bool qq_for_new_accounts() = 0;
  /// Tells whether nothing from this address is to be looked at.
  virtual bool is_banned(const IpAddress& address) = 0;
};

/// Takes what shards send to web clients. Thread: any.
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  /// Writes a packet to a connection; one that is gone is ignored.
  virtual void deliver(StreamId stream, std::string packet) = 0;
  /// Closes a connection after what waits to be written.
  virtual void close(StreamId stream) = 0;
  /// Stops or goes on reading.
  virtual void pause(StreamId stream, bool pause) = 0;
};

}  // namespace uhoh::gateway
