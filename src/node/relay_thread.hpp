#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/counters.hpp"
#include "dialect/peer/messages.hpp"
#include "model/relay_port.hpp"
#include "net/event_loop.hpp"
#include "net/mailbox.hpp"
#include "net/relay_switch.hpp"
#include "node/relay_options.hpp"

namespace uhoh::node {

/// Relays direct connections on a thread of its own, so that no shard's clients wait for somebody's file.
///
/// Shape:  a port for each user and contact of whom one is relayed, from a range; a new one when it has been used.
///         Connections for messages are asked for at the callee's shard; those for chats and files, whose ports are
///         put into the messages that name them, belong to the pair that they came from.
/// Thread: the functions of model::RelayPort from any, start() and stop() from the owner's.
class RelayThread final : public model::RelayPort, net::RelayHandler {
 public:
  /// `decisions` must outlive it.
  RelayThread(const RelayOptions& options, model::RelayDecisions& decisions);
  ~RelayThread() override;
  [[nodiscard]] std::expected<void, std::string> start();
  void stop();
  void append_metrics(std::vector<MetricValue>& out) const;

  // model::RelayPort
  [[nodiscard]] IpAddress address() const override { return options_.address; }
  std::uint16_t hand_out(const model::RelayOffer& offer) override;
  void take_back(Uin caller, Uin callee) override;
  void forget(Uin user) override;
  void connect(const model::RelayCall& call, const Endpoint& callee) override;
  void refuse(const model::RelayCall& call) override;

 private:
  using Pair = std::pair<Uin, Uin>;  // caller, callee
  /// A port, and what it is for.
  struct Place {
    Uin caller;
    Uin callee;
    std::uint16_t port = 0;
    bool is_open = true;              ///< it has not been used
    bool callee_came = false;         ///< over a port of his own, which has been used, too
    std::optional<Endpoint> target;   ///< of a chat or of files: where it leads
    std::vector<std::uint8_t> greeting;
  };
  struct Expect {
    net::RelayId id = 0;
    Place place;
    net::StreamListener listener;
    IpAddress from;
  };
  struct Cancel { net::RelayId id = 0; };
  struct Forget { Uin user; };
  struct Connect {
    net::RelayId id = 0;
    Endpoint to;
  };
  using Wish = std::variant<Expect, Cancel, Forget, Connect>;
  struct Handed {
    net::RelayId id = 0;
    std::uint16_t port = 0;
    IpAddress from;
  };

  // net::RelayHandler
  [[nodiscard]] std::optional<std::size_t> first_packet_size(Bytes stream) override;
  void on_arrival(net::RelayId id, Bytes first_packet) override;
  [[nodiscard]] bool on_unreachable(net::RelayId id) override;
  [[nodiscard]] Filters filters_for(net::RelayId id) override;
  void on_end(net::RelayId id, net::RelayEnd why, std::uint64_t bytes) override;

  void run();
  void carry_out(Wish& wish);
  [[nodiscard]] std::optional<net::StreamListener> open_port();
  void give_back(std::uint16_t port);
  [[nodiscard]] std::uint16_t stand_in(Uin sender, const Endpoint& place, Uin receiver, const IpAddress& from);
  [[nodiscard]] bool has_room_for(const Place& place) const;
  void arrive_for_messages(net::RelayId id, const Place& place);
  [[nodiscard]] bool may_invite(const Pair& pair);

  RelayOptions options_;
  model::RelayDecisions& decisions_;
  std::mutex mutex_;
  std::map<Pair, Handed> handed_;
  std::deque<std::uint16_t> free_ports_;
  std::atomic<net::RelayId> next_id_{1};
  net::Mailbox<Wish> wishes_;
  std::vector<Wish> wish_batch_;
  std::optional<net::EventLoop> loop_;
  std::optional<net::RelaySwitch> switch_;
  std::unordered_map<net::RelayId, Place> places_;  // the thread's
  std::map<Pair, net::RelayId> waiting_;            // callers whose callee has not been connected yet
  std::map<Pair, Instant> invited_;
  Instant now_{};
  std::array<Counter, net::relay_ends> ended_;
  Counter calls_;
  Counter refused_;
  std::atomic<std::size_t> joined_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace uhoh::node
