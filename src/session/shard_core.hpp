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
#include "session/candidates.hpp"
#include "session/duplicates.hpp"
#include "session/flood.hpp"
#include "session/outbox.hpp"
#include "session/parts.hpp"
#include "session/reply_cache.hpp"
#include "session/session.hpp"
#include "session/session_watcher.hpp"
#include "session/strangers.hpp"
#include "session/streams.hpp"

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
  /// Replies kept for dialects whose clients repeat requests (ReplyCache).
  std::size_t max_reply_bytes = 64U << 20;
  /// Numbers with a proven log-in whose first packet has not come (Candidates).
  std::size_t max_candidates = 1U << 16;
  Duration candidate_memory = std::chrono::minutes{1};
  /// Bytes that may wait for one connection before emit() is false.
  std::size_t max_unwritten_bytes = 128U << 10;
  /// Parts of clients' messages that wait for the others (Parts).
  PartLimits parts;
  /// A session over a connection that was open when the server stopped waits so long for its client.
  Duration reconnect_time = std::chrono::seconds{60};
};

/// The connection of a session that was kept over a restart: it is gone.
inline constexpr StreamId lost_stream{0xFFFFFFFF};

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
    Counter foreign_numbers;  ///< frames in a session that name another sender
    Counter sent_unconfirmed;  ///< messages that nothing told the arrival of
    Counter hoped_left_out;    ///< packets that nobody waits for, when too many hope for an acknowledgement
    std::array<Counter, model::session_end_count> sessions_ended;  ///< by SessionEnd
    Counter replies_lost;                   ///< a queue was full, or the memory for packets
    Counter requests_refused;               ///< too many were waiting for their answer
    Counter messages_joined;                ///< from their parts
    Counter parts_apart;                    ///< parts of messages that were never whole
    Counter timers_set;                     ///< moves of the wheel: few, not one a packet
  };

  ShardCore(const ShardLimits& limits, unsigned shards, PacketWire& wire, const AddressGate& gate,
            Instant start);

  /// Joins the services; before anything else.
  void set_handler(model::CommandHandler& handler) { handler_ = &handler; }
  /// Joins somebody who wants to hear of sessions; must outlive this.
  void set_watcher(SessionWatcher& watcher) { watcher_ = &watcher; }
  /// Joins a dialect; sessions of it can then be restored and served.
  void add_dialect(const Dialect& dialect);

  /// One input at a time: keeps the clock, and lets go of answered requests at its end.
  class Step {
   public:
    Step(ShardCore& core, Now now) : core_{core} { core_.now_ = now; }
    ~Step() { core_.end_step(); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    ShardCore& core_;
  };

  /// Takes a datagram that was written from `from` to the server's address `to`.
  void on_datagram(const Dialect& dialect, Bytes datagram, const Endpoint& from, const IpAddress& to,
                   Now now);
  /// Takes a frame that came over a connection.
  void on_stream_frame(const Dialect& dialect, Bytes frame, StreamId stream, const Endpoint& from,
                       const IpAddress& to, Now now);
  /// A connection has ended, for whatever reason.
  void on_stream_closed(StreamId stream, Now now);
  /// The peer's TCP has acknowledged so many of the bytes ever given to a connection.
  void on_stream_progress(StreamId stream, std::uint64_t acknowledged, Now now);
  /// Everything that waited for a connection was written.
  void on_stream_written(StreamId stream, Now now);
  /// Tells whether a connection has a session.
  [[nodiscard]] bool has_session(StreamId stream) const {
    const auto* known = streams_.find(stream);
    return known != nullptr && known->session;
  }
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
  void prepare_session(model::RequestRef request, const model::LogIn& login) override;
  void give_password_key(model::RequestRef request, Bytes key) override;
  void pause_reading(model::SessionRef session, bool pause) override;
  [[nodiscard]] std::size_t unwritten_bytes(model::SessionRef session) const override;
  [[nodiscard]] bool charge(model::SessionRef session, std::uint16_t cost) override;
  void wake_at(model::SessionRef session, Instant at) override;

 private:
  class EventSink;
  struct Request {
    const Dialect* dialect = nullptr;
    FrameInfo frame;
    model::SessionRef session;
    Endpoint peer;
    IpAddress local;
    StreamId stream;
    std::uint64_t duplicate_key = 0;  // 0: its repetition can't be recognised
    std::uint64_t content = 0;
    std::uint16_t answer_bytes = 0;  // a stranger's answers may still have so many
    bool acknowledged = false;
    bool opens_candidate = false;    // it is the first packet under a candidate's key
    bool over_limit = false;
    bool may_come_again = true;  // dropped, its repetition has the newest number without being a forgery
    bool follows = false;        // another part of the message is its first, and answered in its place
    std::vector<model::RequestRef> followers;  // the other parts of the message that this one begins
    std::vector<std::uint8_t> datagram;      // where it is needed later
    std::vector<std::uint8_t> password_key;  // empty: none was asked for, or there is none
  };
  struct Incoming {
    const Dialect& dialect;
    const FrameInfo& frame;
    Bytes datagram;
    const Endpoint& from;
    const IpAddress& to;
    StreamId stream;
    std::uint64_t content;
  };
  /// The first packet of a session that has just been opened, to be taken as its first request.
  struct Reheard {
    const Dialect* dialect = nullptr;
    std::vector<std::uint8_t> datagram;
    Endpoint peer;
    IpAddress local;
    StreamId stream;
  };
  struct Announcement {
    model::RegistrationNotice notice;
    unsigned transmissions = 0;
    Instant due{};
  };

  void take(const Dialect& dialect, Bytes bytes, const Endpoint& from, const IpAddress& to, StreamId stream);
  [[nodiscard]] model::SessionRef session_of(const Incoming& in) const;
  void on_stranger(const Incoming& in);
  bool open_candidate(const Incoming& in);
  void answer_by_dialect(const Incoming& in);
  void complain_to(model::SessionRef ref, const FrameInfo& frame, const FrameError& error);
  void complain(const Incoming& in, const Session* session, const FrameError& error);
  [[nodiscard]] Moment moment_of(const Endpoint& peer, const IpAddress& local, StreamId stream) const;
  [[nodiscard]] Request* make_request(model::SessionRef ref, const Incoming& in, std::uint64_t key,
                                      model::RequestRef& name);
  void forget_request(model::RequestRef name);
  void not_understood(Session* session, const Incoming& in, const FrameError& error);
  void acknowledge_packet(model::SessionRef ref, Session& session, Seq16 number);
  [[nodiscard]] model::RequestContext context_of(model::RequestRef name, const Request& request, bool repeated,
                                                 bool plausible) const;
  bool emit_event(model::SessionRef ref, const model::Event& event, std::uint64_t tag, Request* request);
  void candidate_done(Request& request);
  void forget_key(std::uint32_t index);
  [[nodiscard]] const ReliabilityPolicy& policy_of(const Request& request) const {
    return request.dialect->policy(request.frame.version);
  }
  void leave_stream(const Session& session, model::SessionEnd why);
  void send_to_stranger(Request& request, Bytes packet);
  bool send_kept_replies(std::uint64_t key, const Route& route);
  void request_done(const Request& request);
  void resume(StreamId stream);
  void apply_pause(StreamId stream, const Streams::Stream& state);
  void end_step();
  void on_acknowledgement(model::SessionRef ref, Session* session, const Incoming& in);
  void on_login(const Incoming& in);
  void on_request(model::SessionRef ref, Session* session, const Incoming& in);
  bool answer_repeat(Session* session, const Incoming& in, std::uint64_t key);
  void execute(model::SessionRef ref, Session* session, const Incoming& in, std::uint64_t key, bool repeated);
  void take_part(const Incoming& in, model::RequestRef name, const MessagePart& part);
  void carry_out_apart(const std::vector<model::RequestRef>& parts);
  void carry_out_whole(const std::vector<model::RequestRef>& parts);
  void carry_out_part(model::RequestRef name);
  void forget_parts(model::SessionRef ref);
  void tell_stranger(const Incoming& in, const model::Event& event);
  [[nodiscard]] bool note_sequence(Session& session, const FrameInfo& frame);
  [[nodiscard]] bool is_silenced(const Incoming& in) const;
  [[nodiscard]] bool may_answer(const FrameInfo& frame, const IpAddress& address);
  Session* hear(model::SessionRef ref);
  std::size_t acknowledge_frame(const Dialect& dialect, const FrameInfo& frame, const Route& route,
                                std::size_t max_bytes = 64);
  void acknowledge_in_session(const Session& session, const Dialect& dialect, const FrameInfo& frame,
                              const Route& route, std::uint64_t duplicate_key = 0);
  void answer_login_again(Session& session, const Incoming& in);
  void send_once(Session& session, const model::Event& event, std::uint32_t number);
  void say_farewell(Session& session);
  void on_session_due(std::uint32_t index);
  void arm(model::SessionRef ref, const Session& session);
  void reserve_if_low(model::SessionRef ref, Session& session);
  void check_sequence_limit(model::SessionRef ref, Session& session);
  /// Tells whether nothing may go to a client but that it has to log in anew.
  [[nodiscard]] static bool is_out_of_numbers(const Session& session) noexcept;
  void resend_announcements();
  void transmit(Announcement& announcement);
  [[nodiscard]] Request* request_of(model::RequestRef ref) {
    return requests_.get({ref.slot, ref.generation});
  }
  [[nodiscard]] const ReliabilityPolicy& policy_of(const Session& session) const;
  [[nodiscard]] SessionView view_of(const Session& session) const;
  [[nodiscard]] Instant silence_end(const Session& session) const;
  [[nodiscard]] std::uint32_t tick_of(Instant at) const;
  [[nodiscard]] Instant instant_of(std::uint32_t tick) const;

  ShardLimits limits_;
  PacketWire* wire_;
  const AddressGate* gate_;
  model::CommandHandler* handler_ = nullptr;
  SessionWatcher* watcher_ = nullptr;
  std::array<const Dialect*, 4> dialects_{};
  Instant start_;
  Now now_;
  SessionTable sessions_;
  LocalAddresses locals_;
  Outbox outbox_;
  Duplicates duplicates_;
  Strangers strangers_;
  BucketTable addresses_;
  mutable Streams streams_;  // who asks for unwritten bytes is remembered
  Candidates candidates_;
  ReplyCache replies_;
  Parts parts_;
  Slab<std::array<std::uint8_t, 16>> keys_;
  TimerWheel wheel_;
  Slab<Request> requests_;
  std::vector<model::RequestRef> answered_;
  std::vector<std::pair<model::SessionRef, std::uint64_t>> delivered_;  // told at the end of the step
  std::vector<std::uint64_t> finished_;  // what the outbox gave up, for a moment
  std::vector<StreamId> resumable_;
  std::vector<Reheard> reheard_;  // first packets of sessions that have just been opened
  std::vector<std::uint8_t> large_packet_;
  std::vector<Announcement> announcements_;
  DecodeScratch scratch_;
  Instant next_sweep_{};
  Counters counters_;
};

}  // namespace uhoh::session
