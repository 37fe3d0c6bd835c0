#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

#include "dialect/icq/frame.hpp"
#include "dialect/icq/v2_client_messages.hpp"
#include "dialect/icq/v2_server_messages.hpp"
#include "net/udp_port.hpp"

namespace uhoh::load {

/// What a toy server does wrong, to every tenth message.
enum class Mistake : std::uint8_t { none, loses, doubles, swaps, damages, delivers_to_another, knows_nobody };

/// The least that takes log-ins and relays and keeps messages, on a thread of its own: no repetition, no
/// check. For tests of the load generator, which must notice each of its mistakes.
class ToyServer {
 public:
  explicit ToyServer(Mistake mistake)
      : mistake_{mistake}, port_{std::move(*net::UdpPort::open({IpAddress::v4(0x7F000001), 0}))} {
    thread_ = std::jthread{[this](const std::stop_token& stop) { serve(stop); }};
  }
  [[nodiscard]] const Endpoint& endpoint() const noexcept { return port_.local(); }

 private:
  struct Kept {
    Uin from;
    std::uint16_t type;
    std::string text;
  };
  struct Account {
    Endpoint peer;
    Seq16 next;
    bool online = false;
    std::vector<Kept> kept;
  };

  void serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (!port_.wait_readable(std::chrono::milliseconds{10})) continue;
      do
        for (const auto& datagram : port_.receive()) receive(datagram);
      while (port_.more_waiting());
      port_.flush();
    }
  }

  template <class M>
  void send(Uin to, const M& message) {
    Account& account = accounts_[to.value];
    std::uint8_t buffer[1024];
    const std::size_t size = icq::encode_server(message, account.next, buffer);
    account.next = account.next.next();
    port_.enqueue(Bytes{buffer}.first(size), account.peer);
  }

  void receive(const net::ReceivedDatagram& datagram) {
    const auto header = icq::sniff_client(datagram.data);
    if (!header || header->command == icq::ClientAck::command) return;
    std::uint8_t buffer[64];
    const std::size_t size = icq::encode_server(icq::ServerAck{}, header->seq, buffer);
    port_.enqueue(Bytes{buffer}.first(size), datagram.from);
    from_ = datagram.from;
    (void)icq::V2ClientMessages::dispatch(header->command, datagram.data.subspan(header->header_size),
                                          [&](const auto& message) { handle(message, header->uin); });
  }

  template <class M>
  void handle(const M&, Uin) {}
  void handle(const icq::RegisterUser&, Uin) {
    const Uin uin{next_uin_++};
    accounts_[uin.value].peer = from_;
    send(uin, icq::NewUserUin{2, uin});
  }
  void handle(const icq::Login& login, Uin uin) {
    if (mistake_ == Mistake::knows_nobody) {
      accounts_[uin.value].peer = from_;
      return send(uin, icq::BadPassword{});
    }
    Account& account = accounts_[uin.value];
    account.peer = from_;
    account.next = Seq16{0};
    account.online = true;
    send(uin, icq::LoginReply{.uin = uin, .login_seq = login.login_seq});
  }
  void handle(const icq::ContactList&, Uin uin) { send(uin, icq::EndOfContacts{uin}); }
  void handle(const icq::TextCode& code, Uin uin) {
    if (code.text == icq::TextCode::user_disconnected) accounts_[uin.value].online = false;
  }
  void handle(const icq::RequestStored&, Uin uin) {
    for (const Kept& kept : accounts_[uin.value].kept)
      send(uin, icq::StoredMessage{kept.from, 1998, 4, 12, 12, 34, {kept.type, kept.text}});
    accounts_[uin.value].kept.clear();
    send(uin, icq::EndOfStored{uin});
  }
  void handle(const icq::SendMessage& m, Uin from) {
    Kept message{from, m.message.type, std::string{m.message.text}};
    Uin to = m.receiver;
    const bool is_wrong = ++messages_ % 10 == 0;
    if (is_wrong && mistake_ == Mistake::loses) return;
    if (is_wrong && mistake_ == Mistake::damages) message.text[message.text.size() / 2] ^= 1;
    if (is_wrong && mistake_ == Mistake::delivers_to_another) to = from;
    if (is_wrong && mistake_ == Mistake::doubles) deliver(to, message);
    if (is_wrong && mistake_ == Mistake::swaps) {
      swapped_[to.value] = message;
      return;
    }
    deliver(to, message);
    if (const auto late = swapped_.find(to.value); late != swapped_.end()) {
      deliver(to, late->second);
      swapped_.erase(late);
    }
  }
  void deliver(Uin to, const Kept& message) {
    if (accounts_[to.value].online)
      send(to, icq::OnlineMessage{message.from, {message.type, message.text}});
    else
      accounts_[to.value].kept.push_back(message);
  }

  Mistake mistake_;
  net::UdpPort port_;
  std::map<std::uint32_t, Account> accounts_;
  std::map<std::uint32_t, Kept> swapped_;
  Endpoint from_;
  std::uint32_t next_uin_ = 10001;
  std::uint64_t messages_ = 0;
  std::jthread thread_;
};

}  // namespace uhoh::load
