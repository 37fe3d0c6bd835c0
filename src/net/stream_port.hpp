#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/counters.hpp"
#include "base/endpoint.hpp"
#include "base/stream_id.hpp"
#include "base/time.hpp"
#include "net/event_loop.hpp"
#include "net/stream_census.hpp"
#include "net/stream_listener.hpp"
#include "net/unique_fd.hpp"

namespace uhoh::net {

/// Which of a server's listeners a connection came in by: a number of the owner's choice, below 8.
enum class ListenerTag : std::uint8_t {};

/// Why the beginning of a stream is no frame.
enum class FramingError : std::uint8_t { not_a_frame, too_long };

/// Tells the size of a stream's first frame, as soon as its header is there (it may be more than there is
/// yet); 0 while the header is cut short.
///
/// Shape:  64 bytes are always enough for a header.
using FrameCutter = std::function<std::expected<std::size_t, FramingError>(Bytes stream)>;

/// Why a connection ended that its owner did not close.
enum class StreamEnd : std::uint8_t {
  closed_by_peer,
  broken,       ///< the network said so
  not_a_frame,  ///< the stream can't be cut into frames any more
  frame_too_long,
  frame_too_slow,   ///< half a frame, and the rest didn't come in time
  not_established,  ///< nobody was logged in for too long
  slow_reader,      ///< took less than was sent, until its queue was full
  no_memory,        ///< the memory for all connections' buffers was used up
};
constexpr std::size_t stream_ends = 8;

/// The reason's word, for logs and metrics.
[[nodiscard]] std::string_view to_string(StreamEnd end) noexcept;

/// What bounds the connections of one thread.
struct StreamLimits {
  std::size_t max_frame_bytes = 65'536 + 64;       ///< a frame that says it is longer ends the connection
  std::size_t max_output_bytes = 256 << 10;        ///< unsent bytes of one connection; over it, it is closed
  std::size_t max_input_memory = 64 << 20;         ///< for the half frames of all
  std::size_t max_output_memory = 256 << 20;       ///< for the unsent bytes of all
  Duration frame_time = std::chrono::seconds{30};  ///< from a frame's first byte to its last
  Duration establish_time = std::chrono::seconds{60};      ///< for connections that nobody is logged in on
  Duration farewell_time = std::chrono::seconds{5};        ///< for a closed one's last bytes
  Duration accept_pause = std::chrono::milliseconds{250};  ///< after the process ran out of descriptors
};

/// What one listener's connections on one thread have done so far.
struct StreamCounters {
  Counter accepted;
  Counter adopted;            ///< came from another thread
  Counter detached;           ///< went to another thread
  Counter refused_address;    ///< over the limit of their address
  Counter refused_full;       ///< over the limit of the process
  Counter refused_unwelcome;  ///< the handler did not admit them
  Counter accept_pauses;      ///< times that accepting stopped for want of descriptors
  Counter frames_received;
  Counter received_bytes;
  Counter sent_bytes;
  Counter closed;                          ///< by their owner
  std::array<Counter, stream_ends> ended;  ///< by StreamEnd
};

/// What is known of a connection.
struct StreamFacts {
  ListenerTag listener{};
  Endpoint peer;
  Endpoint local;
};

/// Takes what comes in. All calls come from within StreamPort::receive and finish_round; every function of
/// the port may be called from them.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  /// Whether a new connection is taken at all.
  [[nodiscard]] virtual bool admits(ListenerTag listener, const Endpoint& peer) = 0;
  /// A whole frame; it lives until this returns.
  virtual void on_frame(StreamId stream, Bytes frame) = 0;
  /// The peer's TCP has acknowledged so many of the bytes written so far; see StreamPort::report_delivery.
  virtual void on_delivered(StreamId stream, std::uint64_t bytes) = 0;
  /// Everything is sent that waited when StreamPort::queued was asked.
  virtual void on_written(StreamId stream) = 0;
  /// Whether somebody is logged in. Asked twice in each `establish_time`; who is refused twice in a row has
  /// to go.
  [[nodiscard]] virtual bool is_established(StreamId stream) = 0;
  /// The connection ended by itself; `delivered` of its bytes were acknowledged. Only its facts are still
  /// there.
  virtual void on_closed(StreamId stream, StreamEnd why, std::uint64_t delivered) = 0;
};

/// A connection between two threads: with what was read and not yet handled, and what was written and not yet
/// sent.
struct DetachedStream {
  UniqueFd socket;
  StreamFacts facts;
  StreamCensus::Seat seat;
  std::vector<std::uint8_t> unread;
  std::vector<std::uint8_t> unsent;
  std::uint64_t written = 0;
};

/// The TCP connections of one shard's thread: accepts, cuts frames, queues what is written, ends whoever
/// misbehaves.
///
/// Shape:  descriptors only announce themselves; the work is done in receive() and finish_round(), with the
///         time that these are told, one read of at most 64 KiB and 64 frames a connection and round. An
///         idle connection has no buffer. Ends are reported in finish_round() only, never from within
///         another call. Numbers of connections stay below 2^31; those above are for other kinds.
/// Thread: one owner, which also owns the loop; the census is shared.
class StreamPort {
 public:
  /// What one connection gets done in a round.
  static constexpr std::size_t bytes_a_round = 64 << 10;
  static constexpr unsigned frames_a_round = 64;

  /// Makes a port without listeners; loop, handler and census must outlive it.
  StreamPort(EventLoop& loop, StreamHandler& handler, StreamCensus& census, const StreamLimits& limits,
             Instant start);
  StreamPort(StreamPort&&) noexcept;
  StreamPort& operator=(StreamPort&&) noexcept;
  ~StreamPort();

  /// Serves a listening socket; `name` ("oicq.tcp") stands in the metrics. The error is a sentence for
  /// people.
  [[nodiscard]] std::expected<void, std::string> add_listener(ListenerTag tag, std::string name,
                                                              StreamListener listener, FrameCutter cutter);

  /// Accepts and reads what has announced itself: after each EventLoop::run_once.
  void receive(Instant now);
  /// Looks at time limits, sends what is queued, reports ends: before the loop waits again.
  void finish_round(Instant now);
  /// When finish_round() next has something to do; a moment that has passed when there is work at once.
  [[nodiscard]] std::optional<Instant> next_deadline() const;

  /// Queues bytes; false when the connection is gone, or has to go now because of its queue's limit.
  bool send(StreamId stream, Bytes bytes);
  /// How many bytes were queued so far in all: the position of what is queued next.
  [[nodiscard]] std::uint64_t written(StreamId stream) const noexcept;
  /// How many bytes wait to be sent; when there are any, on_written() follows.
  [[nodiscard]] std::size_t queued(StreamId stream) const noexcept;
  /// How many of the bytes written the peer's TCP has acknowledged, asked of the kernel now.
  [[nodiscard]] std::uint64_t delivered(StreamId stream) const noexcept;
  /// Asks for on_delivered() at each progress, until all that was written is acknowledged; then ask again.
  void report_delivery(StreamId stream);

  /// Reads no more from a connection, so that its peer has to wait; frames that were read already wait too.
  void pause_reading(StreamId stream);
  /// Reads on, beginning with the frames that waited.
  void resume_reading(StreamId stream);
  /// Sends what is queued and closes; nothing more is heard of it. From within on_frame() too.
  void close(StreamId stream);

  /// Takes a connection out for another thread; from within on_frame(), the present frame counts as unread.
  [[nodiscard]] std::optional<DetachedStream> detach(StreamId stream);
  /// Takes a connection in; its unread frames come with the next receive(). None when it could not be kept.
  StreamId adopt(DetachedStream&& stream);

  /// Closes all connections and listeners, without a report; the figures stay.
  void shut_down();

  /// What is known of a connection; nullptr when it is gone.
  [[nodiscard]] const StreamFacts* facts(StreamId stream) const noexcept;
  /// How many connections there are.
  [[nodiscard]] std::uint32_t size() const noexcept;
  /// The figures of a listener's connections.
  [[nodiscard]] const StreamCounters& counters(ListenerTag tag) const noexcept;
  /// Appends the listeners' metrics.
  void append_metrics(std::vector<MetricValue>& out) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace uhoh::net
