#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>

#include "net/event_loop.hpp"
#include "net/mailbox.hpp"
#include "net/udp_port.hpp"
#include "node/shard.hpp"

namespace uhoh::node {

/// A datagram that the kernel gave to the wrong shard.
struct StrayDatagram {
  bus::InlineBytes data;
  Endpoint from;
  IpAddress to;
};
/// What other shards send and may be refused when the mailbox is full: its sender was not acknowledged.
using ShardLetter = std::variant<bus::DeliverMessage, StrayDatagram>;

struct StoreAnswer {
  storage::Ticket ticket;
  storage::Result result;
};
/// Something to run on the shard's thread.
struct Errand {
  std::move_only_function<void(Shard&, Now)> work;
};
/// What must arrive: answers to what the shard asked for, other shards' news, the administrator's errands.
using ShardAnswer = std::variant<StoreAnswer, crypto::PasswordOutcome, Errand, bus::Mail>;

/// Runs a shard: one thread that owns its UDP port, its timers and its mailboxes.
class ShardThread final : public session::PacketWire {
 public:
  /// Where to pass on what belongs to another shard.
  using PassOn = std::function<bool(ShardId, StrayDatagram&&)>;

  /// `mailbox_letters` bounds what may be refused; what must arrive has room for sixteen times as many.
  ShardThread(net::UdpPort port, net::SteeringRule rule, unsigned shards, std::size_t mailbox_letters);
  ~ShardThread() override;

  /// Gives the shard that is run; before start().
  void set_shard(std::unique_ptr<Shard> shard, PassOn pass_on);
  [[nodiscard]] Shard& shard() noexcept { return *shard_; }
  [[nodiscard]] const net::UdpPort& port() const noexcept { return port_; }

  [[nodiscard]] std::expected<void, std::string> start();
  /// Ends the thread after what has come in so far; waits for it.
  void stop();

  /// Thread: any.
  [[nodiscard]] bool post(ShardLetter&& letter) { return letters_.post(std::move(letter)); }
  [[nodiscard]] bool answer(ShardAnswer&& answer) { return answers_.post(std::move(answer)); }

  // session::PacketWire, on the shard's own thread
  void send(Bytes packet, const session::Route& route) override;

 private:
  void run();
  void receive();
  void take_answers();
  void take_letters();

  net::UdpPort port_;
  net::SteeringRule rule_;
  unsigned shards_;
  net::Mailbox<ShardLetter> letters_;
  net::Mailbox<ShardAnswer> answers_;
  std::unique_ptr<Shard> shard_;
  PassOn pass_on_;
  std::optional<net::EventLoop> loop_;
  std::vector<ShardLetter> letter_batch_;
  std::vector<ShardAnswer> answer_batch_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace uhoh::node
