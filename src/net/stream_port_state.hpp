#pragma once

#include <limits>

#include "base/handle_index.hpp"
#include "base/slab.hpp"
#include "base/timer_wheel.hpp"
#include "net/stream_buffer.hpp"
#include "net/stream_port.hpp"

namespace uhoh::net {

/// What a StreamPort is made of; only its own source files include this.
struct StreamPort::State {
  static constexpr Instant never = Instant::max();
  static constexpr std::size_t most_listeners = 8;
  static constexpr std::uint32_t largest_id = 0x7FFF'FFFF;

  struct Listener {
    std::string name;
    UniqueFd socket;
    Endpoint local;
    FrameCutter cutter;
    EventLoop::Watch watch;
    bool ready = false;
    std::uint32_t connections = 0;
    StreamCounters counters;
    std::string label;                                // port="oicq.tcp"
    std::array<std::string, stream_ends> end_labels;  // port="oicq.tcp",why="broken"
  };

  enum class Phase : std::uint8_t {
    open,
    farewell,  // closed by the owner: its last bytes are on their way, what comes in is dropped
    ended,     // to be reported
  };

  struct Connection {
    UniqueFd socket;
    StreamId id;
    StreamFacts facts;
    StreamCensus::Seat seat;
    EventLoop::Watch watch;
    Phase phase = Phase::open;
    StreamEnd why{};
    bool paused = false;
    bool backlog = false;        // the input begins with frames that were not looked at
    bool broken = false;         // nothing can be written any more; what came in is still read
    bool write_watched = false;  // on_written() is owed
    bool doubtful = false;       // nobody was logged in when that was last asked
    bool blocked = false;        // the kernel takes no more; EPOLLOUT is awaited
    bool in_ready = false;
    bool in_dirty = false;
    StreamBuffer input;
    StreamBuffer output;
    std::uint64_t written = 0;
    std::uint64_t delivered = 0;  // as last seen
    Instant check_established_at = never;
    Instant frame_by = never;
    Instant farewell_by = never;
    Instant check_delivery_at = never;
    Instant progress_at{};  // when `delivered` last grew, or began to be watched
  };

  State(EventLoop& l, StreamHandler& h, StreamCensus& c, const StreamLimits& limit, Instant start)
      : loop{l},
        handler{h},
        census{c},
        limits{limit},
        now{start},
        wheel{start},
        input_pool{limit.max_input_memory},
        output_pool{limit.max_output_memory},
        scratch{std::make_unique_for_overwrite<std::uint8_t[]>(bytes_a_round)} {}
  ~State();

  // stream_port.cpp: coming and going
  void accept_from(Listener& listener, ListenerTag tag);
  void admit(Listener& listener, ListenerTag tag, UniqueFd socket, const Endpoint& peer);
  void pause_accepting(Listener& listener);
  void resume_accepting();
  [[nodiscard]] SlabRef open_connection(UniqueFd socket, const StreamFacts& facts, StreamCensus::Seat seat);
  void on_events(SlabRef ref, std::uint32_t events);
  void end(SlabRef ref, Connection& connection, StreamEnd why);
  void stop_serving(Connection& connection);
  void forget(SlabRef ref, Connection& connection);
  void report_ends();
  void shut_down();
  void close(SlabRef ref, Connection& connection);
  void give_up(Connection& connection) noexcept;

  // stream_port_io.cpp: bytes in and out
  void read(SlabRef ref, Connection& connection);
  void take_frames(SlabRef ref, Connection& connection, Bytes fresh);
  [[nodiscard]] std::optional<std::size_t> cut(SlabRef ref, Connection& connection, Bytes stream);
  [[nodiscard]] bool hand_over(SlabRef ref, Connection& connection, Bytes frame, Bytes unread);
  void keep_for_later(SlabRef ref, Connection& connection, Bytes fresh);
  [[nodiscard]] bool keep_input(SlabRef ref, Connection& connection, Bytes bytes);
  void await_rest(SlabRef ref, Connection& connection);
  void discard_input(SlabRef ref, Connection& connection);
  bool send(SlabRef ref, Connection& connection, Bytes bytes);
  void write(SlabRef ref, Connection& connection);
  void flush();
  [[nodiscard]] std::uint64_t ask_delivered(const Connection& connection) const noexcept;
  void check_established(SlabRef ref, Connection& connection);
  void check_delivery(SlabRef ref, Connection& connection);
  void on_timer(std::uint32_t index);
  void arm(SlabRef ref, const Connection& connection);
  void watch_events(Connection& connection);
  void mark_broken(SlabRef ref, Connection& connection);
  void mark_ready(SlabRef ref, Connection& connection);
  void mark_dirty(SlabRef ref, Connection& connection);

  [[nodiscard]] SlabRef find(StreamId stream) const noexcept;
  /// The connection, unless it is on its way out.
  [[nodiscard]] Connection* open_one(StreamId stream, SlabRef& ref) noexcept;
  [[nodiscard]] auto key_of() const noexcept {
    return [this](std::uint32_t place) { return connections.get(connections.ref_at(place))->id.value; };
  }
  [[nodiscard]] Listener& listener_of(const Connection& connection) noexcept {
    return listeners[static_cast<std::size_t>(connection.facts.listener)];
  }

  EventLoop& loop;
  StreamHandler& handler;
  StreamCensus& census;
  StreamLimits limits;
  Instant now;
  TimerWheel wheel;
  StreamBufferPool input_pool;
  StreamBufferPool output_pool;
  std::unique_ptr<std::uint8_t[]> scratch;
  std::array<Listener, most_listeners> listeners;
  Slab<Connection, 256> connections;
  HandleIndex index;
  std::uint32_t last_id = 0;
  std::vector<SlabRef> ready;
  std::vector<SlabRef> dirty;
  std::vector<SlabRef> ended;
  std::vector<SlabRef> batch;  // of one of the lists above, while it is gone through
  Instant accept_again = never;
  SlabRef current;       // whose frame is being handled
  Bytes current_unread;  // what stands behind its input, beginning with the frame when that is not in there
  StreamBuffer current_input;  // of a connection that was detached meanwhile: the frame may stand in it
};

}  // namespace uhoh::net
