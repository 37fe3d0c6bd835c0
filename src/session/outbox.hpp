#pragma once

#include <cstdint>
#include <vector>

#include "base/buffer_pool.hpp"
#include "base/counters.hpp"
#include "base/slab.hpp"
#include "base/time.hpp"
#include "dialect/dialect.hpp"
#include "session/local_addresses.hpp"
#include "session/packet_wire.hpp"
#include "session/session.hpp"

namespace uhoh::session {

/// Keeps the server's packets of all sessions of a shard until they are acknowledged, and sends them again.
///
/// Shape:  each session has a list in order of sending; its first `window` packets are in flight (each at its
///         own count of transmissions), the rest waits its turn. What has a number that is not committed yet
///         waits too, until release() is called after the commit.
/// Source: spec/icq.md 1.2 items 6 and 7.
/// Thread: the owning shard only.
class Outbox {
 public:
  Outbox(std::size_t max_bytes, PacketWire& wire, const LocalAddresses& locals)
      : buffers_{max_bytes}, max_bytes_{max_bytes}, wire_{&wire}, locals_{&locals} {}

  /// Tells whether the largest event still fits into the memory for packets; counts a refusal when not.
  [[nodiscard]] bool takes_event() noexcept;

  /// How a queued packet is named.
  struct Label {
    Seq16 sequence;
    std::uint64_t tag = 0;  ///< of the event that it belongs to; 0: nobody waits for its delivery
    bool hoped = false;     ///< Confirmation::hoped
  };
  /// Queues a packet and sends it when the window has room and its number is committed; the session's
  /// `next_sequence` lies past it already. False when memory for packets has run out.
  bool push(Session& session, Bytes packet, const Label& label, const ReliabilityPolicy& policy, Instant now);
  /// Tells whether another packet may wait for a hoped acknowledgement: at most half the window does, so that
  /// what others send never holds up a session's messages for long.
  [[nodiscard]] bool takes_hoped(const Session& session, const ReliabilityPolicy& policy) const noexcept;

  /// What an acknowledgement did.
  struct Acknowledged {
    bool known = false;          ///< it named a packet in flight
    std::uint64_t finished = 0;  ///< the tag of which this was the last packet; 0: none
  };
  /// Takes the acknowledged packet away and lets the next ones go.
  Acknowledged acknowledge(Session& session, Seq16 sequence, const ReliabilityPolicy& policy, Instant now);

  /// Lets waiting packets go whose numbers have been committed since.
  void release(Session& session, const ReliabilityPolicy& policy, Instant now) {
    send_waiting(session, policy, now);
  }
  /// Takes the tag off a session's packets: on_delivered is not wanted any more.
  void untag(Session& session, std::uint64_t tag) noexcept;

  /// Sends every packet in flight again, outside its schedule.
  void resend_all(const Session& session);
  /// Sends the packet with this number again if it is in flight, outside its schedule.
  void resend_one(const Session& session, Seq16 sequence);
  /// Tells whether the packet with this number is in flight or waits for its turn.
  [[nodiscard]] bool holds(const Session& session, Seq16 sequence) const noexcept;

  /// Sends again what is due; false when a packet has used up all its transmissions. A hoped packet that has
  /// used up its own is taken away as if it was acknowledged: the tags of which it was the last packet are appended
  /// to `finished`.
  bool resend_due(Session& session, const ReliabilityPolicy& policy, Instant now,
                  std::vector<std::uint64_t>& finished);
  /// When resend_due() next has something to do; Instant::max() when nothing is in flight.
  [[nodiscard]] Instant next_due(const Session& session) const noexcept;

  /// Sends a packet that nobody acknowledges and nothing keeps.
  void send_once(const Session& session, Bytes packet) { wire_->send(packet, route_of(session)); }
  /// Which way a session's packets leave.
  [[nodiscard]] Route route_of(const Session& session) const {
    return {session.facts.dialect, session.facts.stream, session.facts.peer, (*locals_)[session.local]};
  }

  /// Forgets all packets of a session.
  void clear(Session& session) noexcept;

  [[nodiscard]] std::size_t bytes_in_use() const noexcept { return buffers_.bytes_in_use(); }

  Counter packets_sent;
  Counter packets_resent;
  Counter packets_acknowledged;
  Counter packets_given_up;         ///< hoped ones that nobody acknowledged
  Counter acknowledgements_timed;   ///< of packets that were sent once
  Counter acknowledgement_micros;   ///< how long these took, summed
  Counter packets_refused;

 private:
  struct Packet {
    std::uint32_t next = PacketQueue::none;
    PooledBuffer buffer;
    Seq16 sequence;
    std::uint8_t transmissions = 0;
    bool hoped = false;
    std::uint64_t tag = 0;
    Instant due{};
  };

  void send_waiting(Session& session, const ReliabilityPolicy& policy, Instant now);
  void transmit(const Session& session, const Packet& packet);
  void remove(Session& session, std::uint32_t index, std::uint32_t before) noexcept;
  [[nodiscard]] bool has_tag(const Session& session, std::uint64_t tag) const noexcept;
  [[nodiscard]] Packet* at(std::uint32_t index) noexcept { return packets_.get(packets_.ref_at(index)); }
  [[nodiscard]] const Packet* at(std::uint32_t index) const noexcept {
    return packets_.get(packets_.ref_at(index));
  }

  Slab<Packet> packets_;
  BufferPool buffers_;
  std::size_t max_bytes_;
  PacketWire* wire_;
  const LocalAddresses* locals_;
};

}  // namespace uhoh::session
