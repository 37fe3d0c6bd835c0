#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "client/icq_client.hpp"
#include "ledger.hpp"
#include "network.hpp"

namespace uhoh::sim {

/// Which client program a device runs.
enum class Program : std::uint8_t {
  careful,        ///< resends, filters repeats
  shows_repeats,  ///< Licq 0.70: shows a repeated packet again
  never_resends,  ///< mICQ 0.2.5: what gets lost stays lost
  six_copies,     ///< icqlib: everything six times at once
};

class Device;

/// What a device tells its owner.
class DeviceOwner {
 public:
  virtual ~DeviceOwner() = default;
  virtual void transmit(Device& device, Bytes datagram) = 0;
  virtual void came_online(Device& device) = 0;
  virtual void lost_session(Device& device, client::SessionLoss why) = 0;
  virtual void was_refused(Device& device, client::Refusal why) = 0;
  virtual void acknowledged(Device& device, const client::Acknowledgement& what) = 0;
  virtual void given_up(Device& device, const client::GivenUp& what) = 0;
  virtual void shown(Device& device, Uin from, std::uint16_t type, std::string_view text, const Transit& by) = 0;
};

/// One program of one user at one address.
class Device final : client::IcqListener, client::DatagramOut {
 public:
  Device(DeviceOwner& owner, std::size_t user, Uin uin, const Endpoint& address, Program program,
         const client::IcqClientOptions& options, std::uint16_t login_seed)
      : endpoint{address}, owner_{owner}, user_{user}, uin_{uin}, program_{program}, client_{options, login_seed} {}
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  Endpoint endpoint;
  bool is_current = true;        ///< the user sits at this one
  bool is_dead = false;          ///< switched off: hears nothing more
  Instant address_free_at{};     ///< a new session may begin at this address
  unsigned session = 0;          ///< names the client's session in the whole simulation
  std::uint64_t login = 0;       ///< the server's session
  unsigned life = 0;             ///< the server's life in which the session began
  bool stored_end = false;       ///< 00E6 came
  unsigned lists_sent = 0;       ///< 0406 that were acknowledged
  unsigned lists_processed = 0;  ///< 021C
  std::map<Uin, std::uint32_t> online;       ///< last news of contacts: status of those who are online
  std::map<std::uint16_t, unsigned> pending; ///< packets without acknowledgement, by command
  std::map<Uin, unsigned> nobody;            ///< 012C by number

  void receive(const Transit& transit);
  void on_time(Instant now) { client_.on_time(io(now)); }
  [[nodiscard]] Instant next_deadline() const { return is_dead ? Instant::max() : client_.next_deadline(); }
  [[nodiscard]] client::Io io(Instant now) { return {now, *this, *this}; }
  [[nodiscard]] client::IcqClient& client() noexcept { return client_; }
  [[nodiscard]] std::size_t user() const noexcept { return user_; }
  [[nodiscard]] Uin uin() const noexcept { return uin_; }
  [[nodiscard]] Program program() const noexcept { return program_; }
  void begin_session(unsigned name);

 private:
  void send(Bytes datagram) override;
  void on_online(const IpAddress& seen) override;
  void on_refused(client::Refusal why) override { owner_.was_refused(*this, why); }
  void on_session_lost(client::SessionLoss why) override { owner_.lost_session(*this, why); }
  void on_contact_online(const model::ContactPresence& contact) override;
  void on_contact_offline(Uin uin) override { online.erase(uin); }
  void on_contact_status(Uin uin, const model::Status& status) override;
  void on_contacts_processed() override { ++lists_processed; }
  bool on_message(const client::IncomingMessage& message) override;
  void on_stored_end() override { stored_end = true; }
  void on_no_such_user(Uin uin) override { ++nobody[uin]; }
  void on_acknowledged(const client::Acknowledgement& what) override;
  void on_given_up(const client::GivenUp& what) override { owner_.given_up(*this, what); }

  DeviceOwner& owner_;
  std::size_t user_;
  Uin uin_;
  Program program_;
  client::IcqClient client_;
  const Transit* transit_ = nullptr;
  std::set<std::pair<std::uint64_t, std::uint16_t>> shown_packets_;
  std::set<std::pair<std::uint16_t, std::uint64_t>> sent_packets_;
};

}  // namespace uhoh::sim
