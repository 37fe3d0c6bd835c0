#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "dialect/dialect.hpp"
#include "model/session_port.hpp"

namespace uhoh::session {

/// What bounds the parts that wait for the rest of their message.
struct PartLimits {
  std::size_t max_session_bytes = 48U << 10;  ///< of one session's packets
  std::size_t max_bytes = 16U << 20;          ///< of a shard's
  std::size_t max_session_messages = 2;       ///< of one session at a time
  /// How long they wait: over UDP until a part that was lost has come again, over TCP, where none is lost, only for
  /// clients that write slowly.
  Duration wait = std::chrono::seconds{7};
  Duration wait_on_stream = std::chrono::seconds{2};
  /// How long the others may still take once a part came a second time.
  Duration wait_after_repeat = std::chrono::milliseconds{300};
  /// How long the parts of a message that was given up are carried out as they come.
  Duration memory = std::chrono::seconds{60};
};

/// The requests that are parts of messages whose other parts have not come.
///
/// Shape:  at most `max_session_messages` a session, and bytes as PartLimits says. Over a bound, or over its time, a
///         message is given up: its parts go on one by one, now and as they come.
/// Thread: the owning shard only.
class Parts {
 public:
  /// What becomes of a part, and of those that waited.
  struct Outcome {
    std::vector<model::RequestRef> apart;  ///< go on one by one, in this order
    std::vector<model::RequestRef> whole;  ///< all parts of a message, in theirs
  };

  explicit Parts(const PartLimits& limits) noexcept : limits_{limits} {}

  /// Takes a part of `bytes`; nothing in the outcome means that it waits.
  [[nodiscard]] Outcome take(model::SessionRef session, const MessagePart& part, model::RequestRef request,
                             std::size_t bytes, bool over_stream, Instant now);
  /// A part came again while it waits: whoever sends one by one would wait for ever.
  void hurry(model::SessionRef session, std::uint32_t request_slot, Instant now) noexcept;
  /// The parts of messages whose time is over: they go on one by one.
  [[nodiscard]] std::vector<model::RequestRef> take_due(Instant now);
  /// Takes away all that waits of a session.
  [[nodiscard]] std::vector<model::RequestRef> forget(model::SessionRef session);

  /// When take_due() next has something to do; Instant::max(): never.
  [[nodiscard]] Instant next_due() const noexcept { return next_due_; }
  [[nodiscard]] bool empty() const noexcept { return sessions_.empty(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct Message {
    std::uint64_t name = 0;
    std::uint16_t missing = 0;
    bool apart = false;  ///< was given up; its `requests` only tell which parts have come
    Instant due{};
    std::size_t bytes = 0;
    std::vector<model::RequestRef> requests;  ///< by part; none: not there
  };
  using Messages = std::vector<Message>;

  [[nodiscard]] std::vector<model::RequestRef> give_up(Message& message, Instant now);
  void make_room(Messages& own, Outcome& outcome, Instant now);
  void release(const Message& message) noexcept { bytes_ -= message.bytes; }

  PartLimits limits_;
  boost::unordered_flat_map<std::uint32_t, Messages> sessions_;
  Instant next_due_ = Instant::max();
  std::size_t bytes_ = 0;
};

}  // namespace uhoh::session
