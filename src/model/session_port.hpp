#pragma once

#include <array>
#include <cstdint>

#include "base/charset.hpp"
#include "base/endpoint.hpp"
#include "base/stream_id.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "model/command.hpp"
#include "model/event.hpp"

/// The seam between sessions (what was heard from whom, what must be repeated) and services (what it means).
/// session::ShardCore implements SessionPort, service::Services implements CommandHandler; node joins them.
namespace uhoh::model {

/// Names a session of this shard; an old name never finds a newer session in the same place.
struct SessionRef {
  static constexpr std::uint32_t none = 0xFFFFFFFF;
  std::uint32_t index = none;
  std::uint32_t generation = 0;

  friend bool operator==(SessionRef, SessionRef) = default;
  [[nodiscard]] explicit operator bool() const noexcept { return index != none; }
};

/// Names a request that waits for its acknowledgement; stale names are ignored.
struct RequestRef {
  static constexpr std::uint32_t none = 0xFFFFFFFF;
  std::uint32_t slot = none;
  std::uint32_t generation = 0;

  friend bool operator==(RequestRef, RequestRef) = default;
  [[nodiscard]] explicit operator bool() const noexcept { return slot != none; }
};

/// What services may know of a session. Kept small: there is one for each user who is online.
struct SessionFacts {
  Uin uin;
  DialectId dialect = DialectId::icq;
  std::uint8_t dialect_version = 0;
  Charset charset = Charset::cp1252;
  bool restored = false;          ///< came back with a restart and has not been heard since
  std::uint64_t login = 0;        ///< random name of this log-in, kept over restarts
  Endpoint peer;
  StreamId stream;                ///< of a session over TCP or WebSocket; none over UDP
};

/// Where a request came from and how to recognise it when it comes again.
struct RequestContext {
  RequestRef request;
  SessionRef session;             ///< none for a stranger
  Endpoint peer;
  IpAddress local;                ///< the server's address that the client wrote to
  bool over_stream = false;       ///< came over TCP or WebSocket
  DialectId dialect = DialectId::icq;
  std::uint8_t dialect_version = 0;
  MessageKey key;                 ///< log-in 0 for a stranger
  bool repeated = false;          ///< an idempotent request that is executed again for a lost reply
  bool newest_plausible = true;   ///< its sequence number is 1 to 64 above the newest seen before it
  bool newest_unknown = false;    ///< none was seen before it: the server was restarted meanwhile
};

/// Everything of a log-in that a session keeps.
struct SessionOpening {
  Uin uin;
  std::uint64_t login = 0;
  Charset charset = Charset::cp1252;
  std::uint32_t client_tag = 0;
  std::uint16_t login_sequence = 0;
  std::uint32_t reserved_sequence = 0;  ///< server numbers below this may be used
  std::array<std::uint8_t, 16> key{};   ///< of a dialect that encrypts; otherwise zeros
};

/// A session as it comes back with a restart.
struct SessionRestored {
  SessionOpening opening;
  DialectId dialect = DialectId::icq;
  std::uint8_t dialect_version = 0;
  Endpoint peer;
  IpAddress local;
  std::uint64_t login_content = 0;
  bool over_stream = false;  ///< its connection is gone: it waits for its client to log in again
};

/// Tells an endpoint without a session the number of its new account.
struct RegistrationNotice {
  DialectId dialect = DialectId::icq;
  std::uint8_t dialect_version = 0;
  Endpoint peer;
  IpAddress local;
  std::uint32_t sequence = 0;   ///< of the request
  Registered registered;
};

/// Why a session ends.
enum class SessionEnd : std::uint8_t { logged_off, replaced, silent, unacknowledged, kicked, shutdown, disconnected };
/// How many reasons there are.
inline constexpr std::size_t session_end_count = 7;

/// Which queue an event belongs to, for its turn and for what happens when it is delivered.
struct Delivery {
  std::uint64_t tag = 0;  ///< handed back by on_delivered when every packet of the event is acknowledged; 0: not wanted
};

/// What services can do to the sessions of their shard. Thread: the owning shard only.
class SessionPort {
 public:
  virtual ~SessionPort() = default;

  /// Finds the session of a user of this shard.
  [[nodiscard]] virtual SessionRef find_session(Uin uin) const = 0;
  /// What is known of a session; nullptr when it is gone.
  [[nodiscard]] virtual const SessionFacts* facts(SessionRef session) const = 0;

  /// Sends the acknowledgement of a request and remembers it as finished.
  virtual void acknowledge(RequestRef request) = 0;
  /// Forgets a request without a word, so that a repetition is taken as new.
  virtual void drop(RequestRef request) = 0;
  /// Answers a request with an event: reliably when it has a session, once when it came from a stranger.
  /// Call after acknowledge().
  virtual void reply(RequestRef request, const Event& event) = 0;

  /// Queues an event for a session, reliably. False when the session's queue is full (nothing was queued).
  virtual bool emit(SessionRef session, const Event& event, Delivery delivery = {}) = 0;
  /// Tells whether a session can take one more event at once (fewer than its window in flight, nothing queued).
  [[nodiscard]] virtual bool has_room(SessionRef session) const = 0;
  /// Sends everything unacknowledged of a session again, now.
  virtual void resend_pending(SessionRef session) = 0;

  /// Makes the session of a log-in request; an older session of the same number ends as `replaced`.
  virtual SessionRef open_session(RequestRef login, const SessionOpening& opening) = 0;
  /// Puts back a session from before a restart; its server numbers go on at `reserved_sequence`.
  virtual SessionRef restore_session(const SessionRestored& kept, Now now) = 0;
  /// Allows the server numbers below `upto`, now that they are committed.
  virtual void confirm_sequence(SessionRef session, std::uint32_t upto) = 0;
  /// Ends a session; CommandHandler::on_session_end is called before it is gone.
  virtual void close_session(SessionRef session, SessionEnd why) = 0;
  /// Changes the charset of a session's text.
  virtual void set_charset(SessionRef session, Charset charset) = 0;
  /// Delivers the number of a new account to the endpoint that registered, at most three times.
  virtual void announce_registration(const RegistrationNotice& notice) = 0;
  /// An announcement was acknowledged. False when there is none.
  virtual bool forget_registration(const Endpoint& peer, std::uint32_t sequence) = 0;
  /// Tells a session to reconnect (ServerBusy) once its server numbers pass `limit` and nothing is pending.
  virtual void limit_sequence(SessionRef session, std::uint32_t limit) = 0;
  /// Keeps a proven log-in until its first packet under `login.session_key`, for a minute; then it comes as LogIn.
  virtual void prepare_session(RequestRef request, const LogIn& login) = 0;
  /// Answers CommandHandler::fetch_password_key(): the key that proofs are checked with; empty: there is none.
  virtual void give_password_key(RequestRef request, Bytes key) = 0;
  /// Stops or goes on reading from the session's connection: back pressure. Nothing over UDP.
  virtual void pause_reading(SessionRef session, bool pause) = 0;
  /// Bytes that wait to be written to the session's connection; 0 over UDP.
  [[nodiscard]] virtual std::size_t unwritten_bytes(SessionRef session) const = 0;
  /// Counts so much against the session's flood limit, besides what its requests cost; false, and nothing is
  /// counted, when that is over the limit.
  [[nodiscard]] virtual bool charge(SessionRef session, std::uint16_t cost) = 0;
  /// Asks for on_timer(session) at about `at`; the earliest wish wins.
  virtual void wake_at(SessionRef session, Instant at) = 0;
};

/// What sessions tell the services. Thread: the owning shard only.
class CommandHandler {
 public:
  virtual ~CommandHandler() = default;

  /// Carries out a command. Every request ends in exactly one of acknowledge() or drop(), now or later.
  virtual void handle(const Command& command, const RequestContext& context, Now now) = 0;
  /// A command went over the sender's flood limit and will not be carried out. Ends the request like handle().
  virtual void on_flood(const Command& command, const RequestContext& context, Now now) = 0;
  /// Every packet of an event with this tag was acknowledged.
  virtual void on_delivered(SessionRef session, std::uint64_t tag, Now now) = 0;
  /// Bytes that waited for the session's connection were written; comes only after unwritten_bytes() was not 0.
  virtual void on_written(SessionRef session, Now now) = 0;
  /// A proof of this number's password came and its key is needed; answered by SessionPort::give_password_key().
  virtual void fetch_password_key(RequestRef request, Uin uin, DialectId dialect, Now now) = 0;
  /// The session can take more events at once.
  virtual void on_room(SessionRef session, Now now) = 0;
  /// A restored session was heard for the first time.
  virtual void on_heard_again(SessionRef session, Now now) = 0;
  /// The session is about to go; its facts can still be read. A `replaced` session's successor follows at once.
  virtual void on_session_end(SessionRef session, SessionEnd why, Now now) = 0;
  /// Somebody without a session and without a number acknowledged a packet that this shard did not send.
  virtual void on_stray_acknowledgement(const Endpoint& peer, std::uint32_t sequence, Now now) {
    static_cast<void>(peer), static_cast<void>(sequence), static_cast<void>(now);
  }
  /// A wish of wake_at came due.
  virtual void on_timer(SessionRef session, Now now) = 0;
  /// More server sequence numbers are needed up to `upto` (exclusive, counted without wrapping) and must be
  /// committed before they are used; answered by SessionPort::confirm_sequence().
  virtual void reserve_sequence(SessionRef session, std::uint32_t upto, Now now) = 0;
};

}  // namespace uhoh::model
