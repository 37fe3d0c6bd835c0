#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "client/oicq_listener.hpp"
#include "client/seen_numbers.hpp"
#include "client/unacknowledged.hpp"
#include "dialect/oicq/client_messages.hpp"

namespace uhoh::client {

/// How OICQ clients behave; shared by any number of them.
struct OicqClientOptions {
  bool acknowledged = true;  ///< wraps everything in 0F
  bool over_stream = true;   ///< TCP; else UDP
  /// When a frame is sent again, and how often it is sent; each interval is twice the one before.
  Duration first_resend = std::chrono::seconds{3};
  unsigned transmissions = 6;
  /// Between connection tests.
  Duration keepalive = std::chrono::seconds{120};
  /// Frames that may wait for their confirmation; more are refused.
  std::size_t max_unconfirmed = 64;
};

/// Takes what a client wants to send: one frame a call, over UDP a datagram.
class FrameOut {
 public:
  virtual ~FrameOut() = default;
  virtual void send(Bytes frame) = 0;
};

/// What a client needs while it is called: the time, and where its effects go.
struct OicqIo {
  Instant now;
  FrameOut& out;
  OicqListener& listener;
};

/// An OICQ client without input and output: bytes and time come in, frames and events go out; with 0F or
/// bare.
///
/// Shape:  offline -> registering, or logging in -> online (-> leaving) -> offline. Within 0F every frame is
/// sent
///         again until it is acknowledged, also in the next session, with the same number; messages to one
///         recipient go one at a time, so that they keep their order. What the server sends is acknowledged,
///         also when it is repeated; a message only once it is kept. Bare over TCP a connection test is sent
///         behind each message: its answer confirms it. Bare over UDP nothing is confirmed. Connecting, and
///         reconnecting, is the caller's: log_in() wants a connection that is up.
/// Errors: calls give false when offline, when too much is pending, or when texts are too long.
/// Thread: one owner.
/// Source: docs/protocol/oicq.md.
class OicqClient {
 public:
  enum class Phase : std::uint8_t { offline, registering, logging_in, online, leaving };

  /// `options` must outlive the client. `client_id` names this client within 0F, over all of its sessions,
  /// and `next_sequence` goes on where it stopped.
  explicit OicqClient(const OicqClientOptions& options, std::uint32_t client_id = 0,
                      std::uint32_t next_sequence = 1) noexcept
      : options_{&options}, client_id_{client_id}, next_sequence_{next_sequence} {}

  /// Takes bytes of the server: over UDP a datagram, over TCP whatever has come. False when the stream can't
  /// be framed: the connection is of no use any more.
  bool on_bytes(Bytes bytes, const OicqIo& io);
  /// The connection was lost.
  void on_disconnected(const OicqIo& io);
  /// Sends what is due; call at next_deadline() or later.
  void on_time(const OicqIo& io);
  /// When on_time() has something to do; Instant::max() for never.
  [[nodiscard]] Instant next_deadline() const noexcept;

  /// Asks whether the server knows 0F.
  void say_hello(const OicqIo& io);
  /// Begins a session; ends an older one without a word.
  bool log_in(Uin uin, std::string_view password, bool invisible, const OicqIo& io);
  /// Asks for a new account; on_registered() tells its number.
  bool register_account(const oicq::OwnProfile& profile, const OicqIo& io);
  /// Ends the session.
  bool log_off(const OicqIo& io);
  /// Forgets the session without a word, as a client does that was killed; within 0F what was not confirmed
  /// waits.
  void drop() noexcept;
  /// Forgets what was not confirmed.
  void give_up_pending(const OicqIo& io);

  /// Sends a message. `token` comes back with its confirmation.
  bool send_message(Uin to, std::string_view text, std::uint64_t token, const OicqIo& io);
  bool broadcast(std::uint32_t group, std::string_view text, const OicqIo& io);
  bool view_profile(Uin uin, const OicqIo& io);
  bool change_profile(const oicq::OwnProfile& profile, const OicqIo& io);
  bool add_group(std::string_view name, const OicqIo& io);
  bool rename_group(std::uint8_t group, std::string_view name, const OicqIo& io);
  bool delete_group(std::uint8_t group, const OicqIo& io);
  bool move_friends(std::span<const oicq::Move> moves, const OicqIo& io);
  /// Asks for those online beyond `start`.
  bool who_is_online(Uin start, std::uint8_t count, bool larger, const OicqIo& io);
  bool search(std::string_view condition, const OicqIo& io);
  bool add_friend(Uin uin, const OicqIo& io);
  bool ask_to_add(Uin uin, std::string_view reason, const OicqIo& io);
  /// Answers somebody who asked to add this user.
  bool answer_request(Uin asker, bool agree, const OicqIo& io);
  bool delete_friend(Uin uin, const OicqIo& io);
  /// Changes one's state; `offline` is log_off().
  bool change_state(oicq::State state, const OicqIo& io);
  bool monitor(Uin uin, const OicqIo& io);
  bool offer_file(Uin to, std::string_view name, std::uint32_t length, const OicqIo& io);
  bool answer_offer(Uin from, bool allow, const OicqIo& io);
  /// Sends a part of an accepted file; over TCP only.
  bool send_file_part(Uin to, Bytes part, const OicqIo& io);
  bool test_connection(const OicqIo& io);

  [[nodiscard]] Phase phase() const noexcept { return phase_; }
  [[nodiscard]] bool is_online() const noexcept { return phase_ == Phase::online; }
  [[nodiscard]] Uin uin() const noexcept { return uin_; }
  /// How much waits for its confirmation.
  [[nodiscard]] std::size_t unconfirmed() const noexcept { return pending_.size() + behind_.size(); }
  /// Counts the log-ins.
  [[nodiscard]] std::uint32_t sessions() const noexcept { return sessions_; }
  /// What a client that starts anew goes on with.
  [[nodiscard]] std::uint32_t next_sequence() const noexcept { return next_sequence_; }

 private:
  /// What bare frames over TCP wait for: the answer to the test behind them.
  struct Behind {
    Instant sent;
    std::uint64_t token = 0;
    std::uint8_t type = 0;
  };

  template <class Message>
  bool submit(const Message& message, const OicqIo& io, Uin recipient = {}, std::uint64_t token = 0);
  template <class Message>
  bool request(const Message& message, const OicqIo& io);
  template <class Message>
  bool ask(const Message& message, Phase phase, const OicqIo& io);
  [[nodiscard]] bool may_submit() const noexcept;
  void transmit(Unacknowledged& packet, const OicqIo& io);
  void release_next(Uin recipient, const OicqIo& io);
  void resend_pending(const OicqIo& io);
  void send_test(const OicqIo& io);

  void on_frame(Bytes frame, const OicqIo& io);
  void on_envelope(const oicq::Envelope& envelope, const OicqIo& io);
  void on_acknowledgement(std::uint32_t sequence, const OicqIo& io);
  void acknowledge(std::uint32_t sequence, const OicqIo& io);
  [[nodiscard]] bool take(std::uint8_t type, Bytes content, const OicqIo& io);
  template <class Message>
  bool tell(const Message& message, const OicqIo& io);
  void on_logged_in(const oicq::LoggedIn& reply, const OicqIo& io);
  void on_registered(const oicq::Registered& reply, const OicqIo& io);
  void on_own_state(const oicq::StateChanged& changed, const OicqIo& io);
  void on_test_answer(const OicqIo& io);
  void forget_asking() noexcept;
  void end(OicqLoss why, const OicqIo& io);
  void refuse(OicqRefusal why, const OicqIo& io);

  const OicqClientOptions* options_;
  UnacknowledgedList
      pending_;  ///< what is sent again: within 0F everything, bare only what asks for a session
  std::deque<Behind> behind_;
  std::vector<std::uint8_t> stream_;
  SeenNumbers seen_;
  Instant keepalive_due_ = Instant::max();
  Instant test_sent_{};
  std::uint32_t client_id_;
  std::uint32_t next_sequence_;
  std::uint32_t server_base_ = 0;  ///< the server's number of the log-in's reply
  std::uint32_t sessions_ = 0;
  Uin uin_;
  Phase phase_ = Phase::offline;
};

}  // namespace uhoh::client
