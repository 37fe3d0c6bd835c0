#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "base/timer_wheel.hpp"
#include "histogram.hpp"
#include "ledger.hpp"
#include "load_client.hpp"
#include "network.hpp"
#include "options.hpp"
#include "process.hpp"

namespace uhoh::load {

/// What happened to the crowd as a whole.
struct CrowdCounters {
  std::uint64_t log_ins = 0;
  std::uint64_t refused_password = 0;
  std::uint64_t refused_busy = 0;
  std::uint64_t log_ins_unanswered = 0;
  std::uint64_t sessions_lost = 0;  ///< of these the next ones
  std::uint64_t lost_no_answer = 0;
  std::uint64_t lost_not_connected = 0;
  std::uint64_t lost_kicked = 0;
  std::uint64_t lost_busy = 0;
  std::uint64_t lost_replaced = 0;
  std::uint64_t lost_disconnected = 0;
  std::uint64_t sent_again_after_log_in = 0;
  std::uint64_t contact_lists_done = 0;
  std::uint64_t contacts_online = 0;
  std::uint64_t stored_messages = 0;
  std::uint64_t stored_ends = 0;
  std::uint64_t system_messages = 0;
  std::uint64_t unknown_numbers = 0;
  std::uint64_t datagrams_sent = 0;
  std::uint64_t datagrams_received = 0;
};

/// Many clients on one thread: feeds them bytes and time, keeps them logged in, and keeps the ledger.
///
/// Shape:  each user has at most one message on its way, so that what is sent again after a new log-in keeps
///         its place; scenarios say in `on_ready` what a user does when it has nothing to do.
/// Thread: one owner.
class Crowd {
 public:
  Crowd(const Options& options, Network& network, Ledger& ledger, ServerWatch& watch);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  /// Called for a user who is online and free to send, again whenever it has become free.
  std::function<void(std::uint32_t user)> on_ready;

  /// Registers these users; they get their numbers from the server.
  void register_users(std::uint32_t first, std::uint32_t last);
  /// Wants these users to be online, now and after every loss of their sessions.
  void bring_online(std::uint32_t first, std::uint32_t last);
  /// Logs everybody off.
  void log_everybody_off();
  /// Sends a new message; false when the user can't just now.
  bool send_message(std::uint32_t from, std::uint32_t to);
  /// Makes the recipients of missing messages speak, so that lost sessions come to light.
  void nudge_outstanding();

  /// Works until something happens or until `deadline`, 100 ms at most.
  void pump(Instant deadline);

  [[nodiscard]] std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(users_.size()); }
  [[nodiscard]] std::uint32_t online() const noexcept { return online_; }
  [[nodiscard]] std::uint32_t registered() const noexcept { return registered_; }
  /// Users who will never be online: wrong password, or lost without reconnecting.
  [[nodiscard]] std::uint32_t given_up() const noexcept { return given_up_; }
  /// Messages on their way whose senders are not given up.
  [[nodiscard]] std::uint32_t in_flight() const noexcept { return in_flight_; }
  [[nodiscard]] bool is_free(std::uint32_t user) const noexcept;
  [[nodiscard]] const CrowdCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] const Histogram& keepalive() const noexcept { return keepalive_; }
  [[nodiscard]] const Histogram& log_in_time() const noexcept { return log_in_time_; }
  /// The first message of the system's account, for a look at refusals.
  [[nodiscard]] const std::string& first_notice() const noexcept { return first_notice_; }
  [[nodiscard]] Instant now() const noexcept { return now_; }

 private:
  class Voice;
  static constexpr std::uint32_t none = 0xFFFFFFFF;
  enum class Wish : std::uint8_t { nothing, number, session };
  struct User {
    explicit User(std::unique_ptr<LoadClient> c) noexcept : client{std::move(c)} {}
    std::unique_ptr<LoadClient> client;
    Instant log_in_begun{};
    std::uint32_t message = none;
    std::uint8_t attempt = 0;
    Wish wish = Wish::nothing;
    bool begun = false;  ///< asked for a number or a session, or connecting to do so
    bool given_up = false;
  };
  using Appointment = std::pair<Instant, std::uint32_t>;
  using Appointments = std::priority_queue<Appointment, std::vector<Appointment>, std::greater<>>;

  void receive(std::uint32_t user, Bytes bytes);
  void disconnected(std::uint32_t user);
  void begin_waiting();
  void begin(std::uint32_t user);
  void ask(std::uint32_t user);
  void next_message_later(std::uint32_t user);
  void rearm(std::uint32_t user);
  void give_up(std::uint32_t user);
  void transmit_message(std::uint32_t user, Voice& voice);
  void add_contacts(std::uint32_t user, Voice& voice);
  [[nodiscard]] std::uint32_t user_of(Uin uin) const;

  // Called by Voice.
  void online_now(std::uint32_t user, Voice& voice);
  void refused(std::uint32_t user, Refused why);
  void lost(std::uint32_t user, Lost why);
  void numbered(std::uint32_t user, Uin uin);
  void message_in(std::uint32_t user, Uin from, std::string_view text, bool stored);
  void confirmed(std::uint32_t user, std::uint32_t message);

  const Options& options_;
  Network& network_;
  Ledger& ledger_;
  ServerWatch& watch_;
  ClientFactory factory_;
  std::vector<User> users_;
  TimerWheel wheel_;
  Instant now_;
  std::deque<std::uint32_t> waiting_;  ///< to register or to log in
  std::deque<std::uint32_t> ready_;
  Appointments retries_;  ///< of log-ins
  Appointments paced_;    ///< when users may send again
  boost::unordered_flat_map<std::uint32_t, std::uint32_t> users_by_uin_;
  std::vector<Uin> contacts_;
  std::string first_notice_;
  std::uint32_t beginning_ = 0;
  std::uint32_t online_ = 0;
  std::uint32_t registered_ = 0;
  std::uint32_t given_up_ = 0;
  std::uint32_t in_flight_ = 0;
  CrowdCounters counters_;
  Histogram keepalive_;
  Histogram log_in_time_;
};

}  // namespace uhoh::load
