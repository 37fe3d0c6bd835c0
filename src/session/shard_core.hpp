#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/counters.hpp"
#include "base/slab.hpp"
#include "base/timer_wheel.hpp"
#include "dialect/dialect.hpp"
#include "model/session_port.hpp"
#include "session/duplicates.hpp"
#include "session/flood.hpp"
#include "session/outbox.hpp"
#include "session/session.hpp"
#include "session/strangers.hpp"

namespace uhoh::session {

/// What bounds a shard. Everything has a limit and a counter (DESIGN.md, promise 3).
struct ShardLimits {
  /// Over it log-ins get no session: open_session() gives none, and the service says that the server is busy.
  std::uint32_t max_sessions = 2'000'000;
  /// Packets that wait for their acknowledgement or their turn. Over it events are refused (emit() is false,
  /// Outbox::packets_refused; replies count as replies_lost), and on_room follows when the session is heard
  /// again.
  std::size_t max_packet_bytes = 256U << 20;
  /// Requests remembered so that they aren't carried out twice, and requests not answered yet. Over it the
  /// oldest are forgotten (Duplicates::evicted), and new ones are left unanswered (requests_refused).
  std::size_t max_duplicates = 1U << 19;
  Duration duplicate_memory = std::chrono::seconds{180};  ///< how long a request is remembered
  /// Packets of one session, in flight and queued. Over it emit() is false until some are acknowledged.
  std::uint16_t max_session_packets = 1200;
  /// Server numbers committed at a time; more are asked for when half a block is left. Packets with later
  /// numbers wait for the commit.
  std::uint32_t sequence_block = 256;
  /// What one session may do, in units of its commands' cost: over it commands go to on_flood
  /// (flood_refused).
  FloodLimit session_flood;
  /// The same for all that comes from one address, strangers and sessions together.
  FloodLimit address_flood{.capacity = 40'000, .per_second = 20'000};
  /// Answers to those without a session; over them there is silence (strangers_ignored).
  StrangerLimits strangers;
  /// An identical log-in from the same endpoint is the same one for this long: answered again, nothing
  /// changes.
  Duration login_repeat = std::chrono::seconds{60};
  /// A replaced client gets no answer for this long while its successor stays, also not to a log-in.
  Duration replaced_silence = std::chrono::minutes{10};
};

/// Decides about addresses. Implemented by the node.
class AddressGate {
 public:
  virtual ~AddressGate() = default;
  /// Nothing that comes from a banned address is looked at.
  [[nodiscard]] virtual bool is_banned(const IpAddress& address) const = 0;
};

/// The sessions of one shard: who is connected, what was heard before, what must be sent again. No I/O:
/// datagrams and times come in, datagrams go out through a sink, commands go to a CommandHandler.
///
/// Shape:  what bounds it, and what happens over each bound, stands at ShardLimits.
/// Thread: the owning shard only.
class ShardCore final : public model::SessionPort {
 public:
  struct Counters {
    Counter datagrams_received;
    Counter datagrams_not_understood;  ///< no dialect's header
    Counter bodies_not_understood;     ///< truncated, bad length, bad value
    Counter commands_unknown;
    Counter duplicates_dropped;   ///< in progress
    Counter duplicates_answered;  ///< finished
    Counter flood_refused;
    Counter strangers_told;     ///< 00F0 and the like
    Counter strangers_ignored;  ///< over the limits, or silenced
    Counter banned_dropped;
    Counter acknowledgements_sent;
    Counter acknowledgements_unknown;
    Counter sessions_opened;
    std::array<Counter, 6> sessions_ended;  ///< by SessionEnd
    Counter replies_lost;                   ///< a queue was full, or the memory for packets
    Counter requests_refused;               ///< too many were waiting for their answer
    Counter timers_set;                     ///< moves of the wheel: few, not one a packet
  };

  ShardCore(const ShardLimits& limits, unsigned shards, DatagramSink& sink, const AddressGate& gate,
            Instant start);

  /// Joins the services; before anything else.
  void set_handler(model::CommandHandler& handler) { handler_ = &handler; }
  /// Joins a dialect; sessions of it can then be restored and served.
  void add_dialect(const Dialect& dialect);

  /// One input at a time: keeps the clock, and lets go of answered requests at its end.
  class Step {
   public:
    Step(ShardCore& core, Now now) : core_{core} { core_.now_ = now; }
    ~Step() { core_.release_answered(); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    ShardCore& core_;
  };

  /// Takes a datagram that was written from `from` to the server's address `to`.
  void on_datagram(const Dialect& dialect, Bytes datagram, const Endpoint& from, const IpAddress& to,
                   Now now);
  /// Lets time pass: resends, ends silent sessions, forgets what is over its time.
  void on_time(Now now);
  /// When on_time() next has something to do.
  [[nodiscard]] std::optional<Instant> next_deadline() const;

  [[nodiscard]] std::uint32_t session_count() const noexcept { return sessions_.size(); }
  [[nodiscard]] const SessionTable& sessions() const noexcept { return sessions_; }
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
  [[nodiscard]] const Outbox& outbox() const noexcept { return outbox_; }
  [[nodiscard]] const Duplicates& duplicates() const noexcept { return duplicates_; }
  /// When a session was last heard.
  [[nodiscard]] Instant heard(model::SessionRef session) const;

  // model::SessionPort
  [[nodiscard]] model::SessionRef find_session(Uin uin) const override { return sessions_.find(uin); }
  [[nodiscard]] const model::SessionFacts* facts(model::SessionRef session) const override;
  void acknowledge(model::RequestRef request) override;
  void drop(model::RequestRef request) override;
  void reply(model::RequestRef request, const model::Event& event) override;
  bool emit(model::SessionRef session, const model::Event& event, model::Delivery delivery) override;
  [[nodiscard]] bool has_room(model::SessionRef session) const override;
  void resend_pending(model::SessionRef session) override;
  model::SessionRef open_session(model::RequestRef login, const model::SessionOpening& opening) override;
  model::SessionRef restore_session(const model::SessionRestored& kept, Now now) override;
  void confirm_sequence(model::SessionRef session, std::uint32_t upto) override;
  void close_session(model::SessionRef session, model::SessionEnd why) override;
  void set_charset(model::SessionRef session, Charset charset) override;
  void announce_registration(const model::RegistrationNotice& notice) override;
  bool forget_registration(const Endpoint& peer, std::uint32_t sequence) override;
  void limit_sequence(model::SessionRef session, std::uint32_t limit) override;
  void wake_at(model::SessionRef session, Instant at) override;

 private:
  class EventSink;
  struct Request {
    const Dialect* dialect = nullptr;
    FrameInfo frame;
    model::SessionRef session;
    Endpoint peer;
    IpAddress local;
    std::uint64_t duplicate_key = 0;
    std::uint64_t content = 0;
    std::uint16_t answer_bytes = 0;  // a stranger's answers may still have so many
    bool acknowledged = false;
    bool may_come_again = true;  // dropped, its repetition has the newest number without being a forgery
  };
  struct Incoming {
    const Dialect& dialect;
    const FrameInfo& frame;
    Bytes datagram;
    const Endpoint& from;
    const IpAddress& to;
    std::uint64_t content;
  };
  struct Announcement {
    model::RegistrationNotice notice;
    unsigned transmissions = 0;
    Instant due{};
  };

  void on_acknowledgement(model::SessionRef ref, Session* session, const Incoming& in);
  void on_login(const Incoming& in);
  void on_request(model::SessionRef ref, Session* session, const Incoming& in);
  bool answer_repeat(Session* session, const Incoming& in, std::uint64_t key);
  void execute(model::SessionRef ref, Session* session, const Incoming& in, std::uint64_t key, bool repeated);
  void tell_stranger(const Incoming& in, const model::Event& event);
  [[nodiscard]] bool note_sequence(Session& session, const FrameInfo& frame);
  [[nodiscard]] bool is_silenced(const Incoming& in) const;
  Session* hear(model::SessionRef ref);
  std::size_t acknowledge_frame(const Dialect& dialect, const FrameInfo& frame, const Endpoint& to,
                                const IpAddress& from, std::size_t max_bytes = 64);
  void answer_login_again(Session& session, const Incoming& in);
  void send_once(Session& session, const model::Event& event, std::uint32_t number);
  void say_farewell(Session& session);
  void on_session_due(std::uint32_t index);
  void arm(model::SessionRef ref, const Session& session);
  void reserve_if_low(model::SessionRef ref, Session& session);
  void check_sequence_limit(model::SessionRef ref, Session& session);
  void resend_announcements();
  void transmit(Announcement& announcement);
  void release_answered();
  [[nodiscard]] Request* request_of(model::RequestRef ref) {
    return requests_.get({ref.slot, ref.generation});
  }
  [[nodiscard]] const ReliabilityPolicy& policy_of(const Session& session) const;
  [[nodiscard]] SessionView view_of(const Session& session) const;
  [[nodiscard]] Instant silence_end(const Session& session) const;
  [[nodiscard]] std::uint32_t tick_of(Instant at) const;
  [[nodiscard]] Instant instant_of(std::uint32_t tick) const;

  ShardLimits limits_;
  DatagramSink* sink_;
  const AddressGate* gate_;
  model::CommandHandler* handler_ = nullptr;
  std::array<const Dialect*, 4> dialects_{};
  Instant start_;
  Now now_;
  SessionTable sessions_;
  LocalAddresses locals_;
  Outbox outbox_;
  Duplicates duplicates_;
  Strangers strangers_;
  BucketTable addresses_;
  TimerWheel wheel_;
  Slab<Request> requests_;
  std::vector<model::RequestRef> answered_;
  std::vector<Announcement> announcements_;
  DecodeScratch scratch_;
  Instant next_sweep_{};
  Counters counters_;
};

}  // namespace uhoh::session
