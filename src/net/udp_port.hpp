#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/counters.hpp"
#include "base/endpoint.hpp"
#include "net/steering.hpp"

struct mmsghdr;

namespace uhoh::net {

/// A datagram as it came in; `data` lives until the port's next `receive`.
struct ReceivedDatagram {
  Bytes data;
  Endpoint from;
  /// The local address it was sent to: answers must leave from it.
  IpAddress to;
};

/// What a port has done so far.
struct UdpPortCounters {
  Counter received;
  Counter received_bytes;
  Counter receive_calls;
  /// Datagrams longer than the receive buffer; dropped.
  Counter truncated;
  /// Datagrams that the kernel dropped because the socket's buffer was full, as far as it told.
  Counter receive_overflow;
  Counter receive_errors;
  Counter sent;
  Counter sent_bytes;
  Counter send_calls;
  /// Datagrams dropped because the queue was full while the kernel took no more.
  Counter send_dropped;
  /// Datagrams that the kernel refused (unreachable, not permitted, too long).
  Counter send_failed;
  /// Bursts that went out as one segmented send.
  Counter gso_bursts;
  /// Bursts that had to be sent one by one after all.
  Counter gso_fallbacks;
};

/// Appends a port's counters as `uhoh_net_...` metrics, with ready-made labels or none.
void append_metrics(std::vector<MetricValue>& out, const UdpPortCounters& counters,
                    std::string_view labels = {});

/// What can be chosen when a port is opened.
struct UdpPortOptions {
  /// Asked of the kernel for incoming datagrams; it may give less.
  int receive_buffer_bytes = 4 << 20;
  /// Asked of the kernel for outgoing datagrams; it may give less.
  int send_buffer_bytes = 1 << 20;
  /// The most datagrams that wait to be sent.
  std::size_t send_queue_datagrams = 1024;
  /// The most bytes that wait to be sent.
  std::size_t send_queue_bytes = 512 << 10;
  /// Sends runs of datagrams to one peer with UDP_SEGMENT. Switch it off where one socket speaks for many
  /// numbers: over loopback the receiver's kernel steers a whole run by its first datagram.
  bool segmentation = true;
  /// Runs have datagrams of at most this size; larger ones than the path takes fall back to single sends.
  std::size_t max_segment_bytes = 1472;
  /// Joins the port's SO_REUSEPORT group; only `open_group` wants this.
  bool reuse_port = false;
  /// An IPv6 port takes IPv6 only; false: also IPv4, whose addresses show as IPv4.
  bool v6_only = true;
  /// Stands in for sendmmsg(2) in tests.
  int (*send_call)(int descriptor, mmsghdr* messages, unsigned count, int flags) = nullptr;
};

/// A bound UDP socket that receives and sends in batches.
///
/// Shape:  all storage is allocated when it is opened: 64 receive buffers of 2048 bytes and the send queue.
/// Errors: what goes wrong with a single datagram is counted, and the datagram is dropped.
/// Thread: one owner; the counters may be read from others.
class UdpPort {
 public:
  /// The most datagrams one call moves.
  static constexpr unsigned batch_datagrams = 64;
  /// The longest datagram that is received.
  static constexpr std::size_t receive_buffer_size = 8192;

  /// Opens a socket and binds it; port 0 takes a free port. The error is a sentence for people.
  [[nodiscard]] static std::expected<UdpPort, std::string> open(const Endpoint& local,
                                                                const UdpPortOptions& options = {});
  /// Opens `shards` sockets on one port, steered by `rule`: the socket at index i gets shard i's datagrams.
  ///
  /// Shape:  first binds without SO_REUSEPORT, so that a second server on the port is an error and doesn't
  ///         share it. Keep the ports together until all are closed: the kernel renumbers the rest when one
  ///         of them goes.
  /// Errors: "UDP port 0.0.0.0:4000 is in use by another program" and the like.
  [[nodiscard]] static std::expected<std::vector<UdpPort>, std::string> open_group(
      const Endpoint& local, unsigned shards, const SteeringRule& rule, UdpPortOptions options = {});

  UdpPort(UdpPort&&) noexcept;
  UdpPort& operator=(UdpPort&&) noexcept;
  ~UdpPort();

  /// Takes the next datagrams that have come in, at most 64; empty when there are none. Never waits.
  ///
  /// Shape:  a result shorter than 64 doesn't mean that no more wait (dropped ones are not shown): call until
  ///         `more_waiting()` is false, or leave the rest to a level-triggered epoll.
  [[nodiscard]] std::span<const ReceivedDatagram> receive() noexcept;
  /// True when the last `receive` filled its whole batch.
  [[nodiscard]] bool more_waiting() const noexcept;
  /// Waits until a datagram has come in; false when none came in time. For clients and tests: shards use
  /// EventLoop.
  [[nodiscard]] bool wait_readable(std::chrono::milliseconds timeout) const noexcept;

  /// Copies a datagram into the send queue; it leaves with the next `flush`.
  ///
  /// Shape:  `from` is the local address it shall leave from; the default address lets the kernel choose.
  /// Errors: false when it was dropped (and counted): no room although a flush was tried, or a wrong address
  ///         family.
  bool enqueue(Bytes datagram, const Endpoint& to, const IpAddress& from = {}) noexcept;
  /// Sends the queue; false when the kernel takes no more for now.
  ///
  /// Shape:  then call again when the socket is writable, and after a tick at the latest: a full device queue
  ///         (ENOBUFS) raises no event when it drains.
  bool flush() noexcept;
  /// How many datagrams wait to be sent.
  [[nodiscard]] std::size_t pending() const noexcept;

  /// The address and port it is bound to.
  [[nodiscard]] const Endpoint& local() const noexcept;
  /// The socket, for epoll.
  [[nodiscard]] int descriptor() const noexcept;
  /// What it has done so far.
  [[nodiscard]] const UdpPortCounters& counters() const noexcept;

 private:
  struct State;
  explicit UdpPort(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace uhoh::net
