#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/counters.hpp"
#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "net/event_loop.hpp"
#include "net/stream_listener.hpp"

namespace uhoh::net {

/// Names a connection through the relay, from the port that is handed out for it to its end.
using RelayId = std::uint64_t;

/// Why a connection through the relay is over.
enum class RelayEnd : std::uint8_t {
  closed,       ///< by its two ends
  cancelled,    ///< by the owner of the switch
  foreign,      ///< it began with something else than it had to
  silent,       ///< it did not say who it is in time
  not_met,      ///< nobody decided in time whom to join it with
  unreachable,  ///< the other side could not be connected to
  broken,
  idle,
};
inline constexpr std::size_t relay_ends = 8;

/// Looks at what goes one way through a joined connection, and may change it.
class RelayFilter {
 public:
  virtual ~RelayFilter() = default;
  /// Appends to `out` what is to be passed on for `in`; false: this can't go on, both are closed.
  [[nodiscard]] virtual bool pass(Bytes in, std::vector<std::uint8_t>& out) = 0;
};

/// Decides about connections. All calls come from within RelaySwitch's own calls; all functions of the switch
/// may be called from them.
class RelayHandler {
 public:
  virtual ~RelayHandler() = default;
  /// The size of the packet with which a connection begins; 0 while more bytes are needed, nothing when it
  /// can be none.
  [[nodiscard]] virtual std::optional<std::size_t> first_packet_size(Bytes stream) = 0;
  /// A connection has come from the right address, and this is its first packet. To be followed by connect(),
  /// join() or cancel().
  virtual void on_arrival(RelayId id, Bytes first_packet) = 0;
  /// The place could not be connected to. True: the caller is kept for another connect() or a join().
  [[nodiscard]] virtual bool on_unreachable(RelayId id) = 0;
  /// Two sides are joined: how to look at what goes from the one who came, and at what goes to him. Null: not
  /// at all.
  struct Filters {
    std::unique_ptr<RelayFilter> from_caller;
    std::unique_ptr<RelayFilter> to_caller;
  };
  [[nodiscard]] virtual Filters filters_for(RelayId id) = 0;
  /// It is over; the id means nothing any more. `bytes` went through it.
  virtual void on_end(RelayId id, RelayEnd why, std::uint64_t bytes) = 0;
};

/// What bounds the connections of a switch.
struct RelayLimits {
  Duration first_packet_time = std::chrono::seconds{15};
  Duration decision_time = std::chrono::seconds{20};  ///< from the first packet to connect() or join()
  Duration connect_time = std::chrono::seconds{10};
  Duration idle_time = std::chrono::minutes{30};  ///< of a joined pair
  std::size_t max_waiting = 4;  ///< connections that have not said who they are, on one port
  IpAddress local;              ///< where the connections that it makes come from; none: the system chooses
};

/// What a switch has done so far.
struct RelayCounters {
  Counter turned_away;  ///< came from elsewhere, too many at a time, or began with something else
  Counter bytes;
};

/// Joins pairs of TCP connections: one that came to a port handed out for it, and one that the switch makes,
/// or another one that came.
///
/// Shape:  a port takes connections from one address only, until one of them has begun with a whole first
/// packet; then
///         it is closed. What one side does not take at once waits, at most 64 KiB and what a filter adds,
///         and its peer isn't read meanwhile.
/// Thread: one owner, which also owns the loop.
class RelaySwitch {
 public:
  RelaySwitch(EventLoop& loop, RelayHandler& handler, const RelayLimits& limits);
  RelaySwitch(const RelaySwitch&) = delete;
  RelaySwitch& operator=(const RelaySwitch&) = delete;
  ~RelaySwitch();

  /// Waits on a listening socket for a connection from `from`, for so long. False when the system refuses.
  bool expect(RelayId id, StreamListener listener, const IpAddress& from, Instant until = Instant::max());
  /// Connects one that has arrived to another place, which gets `greeting` first.
  void connect(RelayId id, const Endpoint& to, std::vector<std::uint8_t> greeting, Instant now);
  /// Joins two that have arrived, the first perhaps while it is connected elsewhere; what remains is `id`,
  /// `other` ends without a word.
  void join(RelayId id, RelayId other, Instant now);
  /// Ends it, whatever it is doing; on_end() says `cancelled`.
  void cancel(RelayId id);

  /// Looks at time limits.
  void on_time(Instant now);
  /// When on_time() next has something to do.
  [[nodiscard]] std::optional<Instant> next_deadline() const;
  /// Tells the time to what the loop calls; before EventLoop::run_once.
  void set_now(Instant now);

  /// Where the caller's connection came from; nothing before it has arrived.
  [[nodiscard]] std::optional<Endpoint> caller_of(RelayId id) const;
  /// Where the other side is; nothing before it is known.
  [[nodiscard]] std::optional<Endpoint> callee_of(RelayId id) const;
  /// How many ports wait, and how many pairs are joined or about to be.
  [[nodiscard]] std::size_t waiting() const noexcept;
  [[nodiscard]] std::size_t joined() const noexcept;
  [[nodiscard]] const RelayCounters& counters() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace uhoh::net
