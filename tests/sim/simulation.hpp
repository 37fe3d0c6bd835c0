#pragma once

#include <fmt/format.h>

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "device.hpp"
#include "event_log.hpp"
#include "ledger.hpp"
#include "network.hpp"
#include "support/virtual_server.hpp"
#include "tapped_engine.hpp"

namespace uhoh::sim {

/// What one seed is about: drawn from the seed.
struct Plan {
  explicit Plan(std::uint64_t seed);

  std::uint64_t seed;
  unsigned users = 5;
  unsigned shards = 1;
  Duration trouble{};            ///< how long things go wrong before the network heals
  Duration between_acts{};       ///< of one user, on average
  Weather weather;
  storage::StoreLimits inbox;
  std::size_t inbox_live = 64;
  std::uint32_t sequence_block = 256;
  Duration commit_latency{};
  Duration report_latency{};
  // How many times, on average, in the time of trouble.
  unsigned crashes = 0;
  unsigned restarts = 0;
  unsigned slow_stores = 0;
  unsigned failing_stores = 0;
  unsigned full_stores = 0;
  // How often among a user's acts, in 1000.
  unsigned log_offs = 0;
  unsigned takeovers = 0;
  unsigned client_crashes = 0;
  unsigned presence = 0;
  unsigned authorisation = 0;
  unsigned odd_programs_percent = 0;

  [[nodiscard]] std::string text() const;
};

/// What a run came to.
struct Outcome {
  std::vector<std::string> broken;  ///< sentences; none is good
  std::uint64_t digest = 0;
  std::size_t messages = 0;
  unsigned acknowledged = 0;
  unsigned arrived = 0;
  Ledger::Doubled doubled;
  std::uint64_t shown_unconfirmed = 0;
  unsigned lives = 1;
  std::uint64_t datagrams = 0;
  std::string log;
};

/// Whole servers, their users' clients and a bad network, in one thread by seed.
class Simulation final : DeviceOwner {
 public:
  Simulation(const Plan& plan, EventLog::Mode log);
  Outcome run();

 private:
  /// Who may see a user.
  struct Sight {
    Instant at{};
    bool is_there = false;
    bool is_invisible = false;
    bool needs_grant = false;
    std::vector<Uin> visible_list, invisible_list, allowed;
    [[nodiscard]] bool lets_see(Uin watcher) const;
  };
  struct User {
    Uin uin;
    Program program = Program::careful;
    std::vector<Uin> friends;                ///< whom he writes to mostly
    std::vector<Uin> contacts, visible, invisible;
    std::uint32_t status = 0;
    Device* device = nullptr;
    std::deque<std::uint32_t> unsent;        ///< messages for the next session
    std::map<std::uint32_t, const Device*> in_flight;  ///< messages without acknowledgement, and where they were sent
    Instant next_act = Instant::max();
    Instant log_in_at = Instant::max();
    Instant lists_quiet_at{};                ///< the server takes a list as a new one after this
    bool status_sent = true, visible_sent = true, invisible_sent = true;  ///< as the user wants it
    bool anyone_may_add = true;
    Sight sight;                             ///< as the server had it at the beginning of a step
    Instant seen_at{};                       ///< when the server last let anybody see him
    Instant changed_at{};                    ///< when the server last heard him change how he is seen
  };

  // DeviceOwner
  [[nodiscard]] DeviceOwner& owner() noexcept { return *this; }
  void transmit(Device& device, Bytes datagram) override;
  void came_online(Device& device) override;
  void lost_session(Device& device, client::SessionLoss why) override;
  void was_refused(Device& device, client::Refusal why) override;
  void acknowledged(Device& device, const client::Acknowledgement& what) override;
  void given_up(Device& device, const client::GivenUp& what) override;
  void shown(Device& device, Uin from, std::uint16_t type, std::string_view text, const Transit& by) override;

  // The world.
  void make_users();
  void start_server();
  void stop_server();
  void crash();
  void restart();
  void step(Instant until);
  void deliver(Transit&& transit);
  [[nodiscard]] std::uint64_t name_of(std::uint64_t login);
  void from_server(testing::Datagram&& datagram);
  void check_server_packet(Bytes datagram, Uin watcher, std::uint64_t login);
  void check_presence_packet(Uin watcher, std::uint64_t login, Uin contact, bool is_online, bool is_news);
  void act_of_world();

  // Users.
  void act(User& user);
  void log_in(User& user);
  void take_over(User& user);
  void crash_client(User& user);
  void send_message(User& user);
  bool submit(User& user, std::uint32_t id);
  void send_unsent(User& user);
  void write_again(User& user, std::uint32_t id);
  void change_presence(User& user);
  void change_authorisation(User& user);
  void catch_up(User& user);
  Device& new_device(User& user);

  // The end.
  void heal();
  void come_to_rest();
  [[nodiscard]] std::string unrest();
  void judge();
  void judge_presence(User& watcher);
  [[nodiscard]] bool sees(const User& watcher, const User& contact);
  void watch_bounds();
  void note_whether_seen(User& user);
  void look_at(Uin contact, Sight& sight);

  [[nodiscard]] User& user_of(Uin uin) { return users_[uin.value - first_uin]; }
  [[nodiscard]] bool is_user(Uin uin) const { return uin.value >= first_uin && uin.value < first_uin + users_.size(); }
  [[nodiscard]] Now clock() const;
  [[nodiscard]] Duration random_up_to(Duration most);
  [[nodiscard]] std::vector<Uin> random_users(std::size_t most);
  void broke(std::string what);
  template <class... T>
  void say(fmt::format_string<T...> format, T&&... values) {
    if (log_.on()) log_.line(now_, fmt::format(format, std::forward<T>(values)...));
  }

  static constexpr std::uint32_t first_uin = 10'001;

  Plan plan_;
  EventLog log_;
  Rng rng_;
  Network network_;
  TappedEngine engine_;
  Ledger ledger_;
  Instant now_;
  client::IcqClientOptions client_options_;
  std::unique_ptr<testing::VirtualServer> server_;
  unsigned life_ = 0;
  Instant server_up_at_{};
  bool healed_ = false;
  std::vector<User> users_;
  std::deque<std::unique_ptr<Device>> devices_;
  std::unordered_map<std::uint64_t, Device*> by_endpoint_;
  unsigned sessions_ = 0;
  unsigned ports_ = 0;
  Instant next_world_act_{};
  Instant store_well_at_ = Instant::max();
  std::map<std::pair<Uin, std::uint64_t>, std::uint32_t> kept_ids_;
  std::map<std::pair<std::uint64_t, std::uint16_t>, std::uint64_t> server_packets_;  // session, number -> content
  struct News {
    bool online = false;
    Instant at{};
  };
  std::map<std::pair<std::uint64_t, Uin>, News> news_;  // session, contact
  std::map<std::uint64_t, std::uint64_t> login_names_;
  struct Birth {
    unsigned life = 0;
    Instant at{};
  };
  std::map<std::uint64_t, Birth> births_;  // session -> when it was first heard of
  std::uint64_t shown_unconfirmed_ = 0;
  std::uint64_t refused_ = 0;
  std::vector<std::string> broken_;
};

}  // namespace uhoh::sim
