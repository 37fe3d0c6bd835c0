#pragma once

#include <cstdint>
#include <functional>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace uhoh::load {

/// What was done to the traffic.
struct EdgeCounters {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t lost = 0;
  std::uint64_t doubled = 0;
  std::uint64_t delayed = 0;
  std::uint64_t foreign = 0;  ///< datagrams from elsewhere, or for nobody
};

/// What carries the users' bytes to the server and back: datagrams, or a connection each. Thread: one owner.
class Network {
 public:
  virtual ~Network() = default;

  /// Called when a connection that open() began is up, and when one is lost or could not be made.
  std::function<void(std::uint32_t user)> on_open, on_closed;

  /// Makes the user reachable. True when it is at once; otherwise on_open() or on_closed() follows.
  virtual bool open(std::uint32_t user) = 0;
  /// Lets go of the user's connection, without on_closed().
  virtual void close(std::uint32_t user) = 0;
  /// Sends bytes of a user: a datagram, or the next ones of its connection.
  virtual void send(std::uint32_t user, Bytes bytes, Instant now) = 0;
  /// Hands over what came in until now: `receive(user, bytes)`.
  virtual void deliver(Instant now, const std::function<void(std::uint32_t, Bytes)>& receive) = 0;
  /// Sends what waits.
  virtual void flush() = 0;
  /// Waits until something comes in, or until `deadline`, or at most 100 ms.
  virtual void wait(Instant deadline) = 0;
  /// When something that was delayed is due; Instant::max() when nothing is.
  [[nodiscard]] virtual Instant next_due() const noexcept = 0;
  [[nodiscard]] virtual const EdgeCounters& counters() const noexcept = 0;
  /// Datagrams that this machine's kernel dropped because a socket's buffer was full, or took no more of.
  [[nodiscard]] virtual std::uint64_t kernel_drops() const noexcept = 0;
};

}  // namespace uhoh::load
