#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "base/seq16.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "client/icq_listener.hpp"
#include "client/seen_numbers.hpp"
#include "client/unacknowledged.hpp"
#include "dialect/icq/message_types.hpp"

namespace uhoh::client {

/// How clients behave; shared by any number of them.
struct IcqClientOptions {
  /// When a packet is sent again, how often it is sent in one round, and how many rounds there are.
  /// Source: Ihse 0.91: 10 s, six transmissions, then B_MESSAGE_ACK, the whole twice.
  Duration resend = std::chrono::seconds{10};
  unsigned transmissions = 6;
  unsigned rounds = 2;
  /// Between keep-alives; 0: what LOGIN_REPLY says.
  Duration keepalive{0};
  /// Asks for stored messages after each log-in.
  bool fetch_stored = true;
  /// Sends what the original client sends besides: NEW_USER_1 before it registers, LOGIN_2 after a log-in, a
  /// second keep-alive with each.
  bool as_original = false;
  /// Packets that may wait for their acknowledgement; more are refused.
  std::size_t max_unacknowledged = 64;
  /// Contacts in one packet.
  std::size_t contacts_per_packet = 100;
};

/// Takes the datagrams that a client wants to send.
class DatagramOut {
 public:
  virtual ~DatagramOut() = default;
  virtual void send(Bytes datagram) = 0;
};

/// What a client needs while it is called: the time, and where its effects go.
struct Io {
  Instant now;
  DatagramOut& out;
  IcqListener& listener;
};

/// What stands in a LOGIN.
struct LogInRequest {
  Uin uin;
  std::string_view password;
  std::uint32_t status = 0;
  std::uint16_t tcp_port = 0;
  std::uint32_t inner_address = 0;  ///< IPv4, in host order
  std::uint32_t tcp_version = 2;
};

/// Names to search for; empty ones don't narrow the search.
struct SearchNames {
  std::string_view nick, first_name, last_name, email;
};

/// What a user tells about himself beyond his names.
struct ExtendedUpdate {
  std::string_view city, state, phone, homepage, about;
  std::uint16_t country = 0xFFFF;
  std::uint16_t age = 0xFFFF;
  model::Sex sex = model::Sex::unspecified;
};

/// An ICQ v2 client without input and output: datagrams and time come in, datagrams and events go out.
///
/// Shape:  offline -> logging in -> online (-> leaving) -> offline. Every packet is sent again until the
/// server
///         acknowledges it; messages to one recipient go one at a time, so that they keep their order. Each
///         packet of the server is acknowledged, also when it is repeated; a message only once it is kept.
///         About 64 bytes while nothing is pending, so that a process can hold a million.
///         Reconnecting is the caller's: on_session_lost() says why, on_given_up() what was left over.
/// Errors: calls give false, or query 0, when offline, when too much is pending, or when texts are too long.
/// Thread: one owner.
/// Source: Ihse 0.91; spec/icq.md.
class IcqClient {
 public:
  enum class Phase : std::uint8_t { offline, registering, logging_in, online, leaving };

  /// `options` must outlive the client; `login_seed` makes log-ins of one account differ between runs.
  explicit IcqClient(const IcqClientOptions& options, std::uint16_t login_seed = 0) noexcept
      : options_{&options}, login_sequence_{login_seed} {}

  /// Takes a datagram of the server; anything else is ignored.
  void on_datagram(Bytes datagram, const Io& io);
  /// Sends what is due; call at next_deadline() or later.
  void on_time(const Io& io);
  /// When on_time() has something to do; Instant::max() for never.
  [[nodiscard]] Instant next_deadline() const noexcept;

  /// Begins a session; ends an older one without a word.
  bool log_in(const LogInRequest& request, const Io& io);
  /// Asks for a new account; on_registered() tells its number.
  bool register_account(std::string_view password, const Io& io);
  /// Ends the session; over when the server acknowledges it, or says nothing.
  bool log_off(const Io& io);
  /// Forgets the session without a word, as a client does that was killed.
  void drop() noexcept;

  /// Sends a message. `token` comes back with its acknowledgement.
  bool send_message(Uin to, std::uint16_t type, std::string_view text, std::uint64_t token, const Io& io);
  /// Asks to be allowed to add somebody (0456, type 6). `text`: compose_authorization_request().
  bool request_authorization(Uin to, std::string_view text, const Io& io);
  /// Grants or refuses somebody's request (0456, types 8 and 7).
  bool answer_authorization(Uin to, bool grant, std::string_view reason, const Io& io);

  bool set_status(std::uint32_t status, const Io& io);
  /// Adds to the numbers whose presence the session watches.
  bool add_contacts(std::span<const Uin> contacts, const Io& io);
  /// Replaces the list of those who see this user although he is invisible.
  bool set_visible_list(std::span<const Uin> members, const Io& io);
  /// Replaces the list of those who see this user offline.
  bool set_invisible_list(std::span<const Uin> members, const Io& io);
  /// Adds somebody for good, who is told.
  bool add_friend(Uin uin, const Io& io);
  bool fetch_stored(const Io& io);
  /// Asks the server to send everything unacknowledged at once (B_MESSAGE_ACK).
  bool demand_answer(const Io& io);
  bool send_keepalive(const Io& io);

  [[nodiscard]] std::uint16_t search_number(Uin uin, const Io& io);
  [[nodiscard]] std::uint16_t search_names(const SearchNames& names, const Io& io);
  [[nodiscard]] std::uint16_t request_info(Uin uin, const Io& io);
  [[nodiscard]] std::uint16_t request_extended(Uin uin, const Io& io);
  std::uint16_t update_names(const SearchNames& names, bool anyone_may_add, const Io& io);
  /// Tells the server about a new account (04A6).
  std::uint16_t introduce(const SearchNames& names, bool anyone_may_add, const Io& io);
  std::uint16_t update_extended(const ExtendedUpdate& update, const Io& io);
  std::uint16_t change_password(std::string_view new_password, const Io& io);
  bool set_anyone_may_add(bool anyone, const Io& io);
  bool set_random_group(std::uint16_t group, const Io& io);
  bool find_random(std::uint16_t group, const Io& io);
  bool query_directory(bool add_ons, const Io& io);

  [[nodiscard]] Phase phase() const noexcept { return phase_; }
  [[nodiscard]] bool is_online() const noexcept { return phase_ == Phase::online; }
  [[nodiscard]] Uin uin() const noexcept { return uin_; }
  [[nodiscard]] std::size_t unacknowledged() const noexcept { return pending_.size(); }
  /// Changes with each log-in.
  [[nodiscard]] std::uint16_t login_sequence() const noexcept { return login_sequence_; }

 private:
  template <class M>
  bool submit(const M& message, const Io& io, Uin recipient = {}, std::uint64_t token = 0);
  template <class M>
  bool submit_list(std::span<const Uin> uins, const Io& io);
  [[nodiscard]] bool may_submit() const noexcept;
  void transmit(Unacknowledged& packet, const Io& io);
  void release_next(Uin recipient, const Io& io);
  void acknowledge(Seq16 sequence, const Io& io);

  void on_acknowledgement(Seq16 sequence, const Io& io);
  void on_refusal(std::uint16_t command, Seq16 sequence, const Io& io);
  void on_login_reply(Bytes payload, Seq16 sequence, const Io& io);
  void on_new_uin(Bytes payload, Seq16 sequence, const Io& io);
  void on_session_packet(std::uint16_t command, Bytes payload, Seq16 sequence, const Io& io);
  [[nodiscard]] bool tell_listener(std::uint16_t command, Bytes payload, Seq16 sequence, const Io& io);
  [[nodiscard]] bool begin_round(Unacknowledged& packet, const Io& io);
  void give_up_pending(const Io& io);
  [[nodiscard]] Duration keepalive_interval() const noexcept;
  void end(SessionLoss why, const Io& io);
  void refuse(Refusal why, const Io& io);
  [[nodiscard]] std::uint16_t next_query() noexcept;

  const IcqClientOptions* options_;
  UnacknowledgedList pending_;
  SeenNumbers seen_;
  Instant keepalive_due_ = Instant::max();
  Uin uin_;
  std::uint16_t keepalive_seconds_ = 120;
  Seq16 next_sequence_{1};
  std::uint16_t login_sequence_;
  std::uint16_t query_ = 0;
  Phase phase_ = Phase::offline;
};

}  // namespace uhoh::client
