#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "node/shard.hpp"
#include "storage/simulated_store.hpp"

namespace uhoh::testing {

/// A datagram on its way.
struct Datagram {
  std::vector<std::uint8_t> bytes;
  Endpoint from;
  Endpoint to;
};

/// A whole server in the caller's thread: real shards, services and dialects over a store engine, with time,
/// datagrams and crashes as the caller says.
class VirtualServer final : bus::Bus, session::PacketWire {
 public:
  struct Options {
    unsigned shards = 2;
    node::ShardSettings settings;
    storage::SimulatedStore::Options store;
    Endpoint address{IpAddress::v4(0x7F000001), 4000};
    std::uint64_t seed = 1;
  };
  /// What the server sends, at once.
  using Send = std::function<void(Datagram&&)>;

  VirtualServer(Options options, storage::StoreEngine& engine, Now start, Send send);

  /// A datagram arrives.
  void receive(const Datagram& datagram);
  /// Lets time pass up to `now`, in steps no longer than the next deadline.
  void advance(Now now);
  /// When something happens next without input.
  [[nodiscard]] Instant next_deadline() const;
  /// The process dies: everything that was not committed is gone; the engine is rolled back by the caller.
  /// Restart by making a new VirtualServer on the engine.
  void crash();

  [[nodiscard]] node::Shard& shard(unsigned i) { return *shards_[i]; }
  [[nodiscard]] node::Shard& shard_of_user(Uin uin) { return shard(uin.value % options_.shards); }
  [[nodiscard]] unsigned shard_count() const { return options_.shards; }
  [[nodiscard]] storage::SimulatedStore& store() { return *store_; }
  [[nodiscard]] const Options& options() const { return options_; }
  /// Restores what the store kept; called by the constructor.
  [[nodiscard]] std::size_t restored() const { return restored_; }

 private:
  bool send(ShardId to, bus::Mail&& mail) override;
  void send(Bytes packet, const session::Route& route) override;
  void settle();

  Options options_;
  Now now_;
  Send send_;
  std::unique_ptr<storage::SimulatedStore> store_;
  std::unique_ptr<crypto::PasswordSteps> passwords_;
  std::vector<std::unique_ptr<node::Shard>> shards_;
  std::deque<std::pair<ShardId, bus::Mail>> mail_;
  std::size_t restored_ = 0;
};

}  // namespace uhoh::testing
