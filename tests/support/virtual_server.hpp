#pragma once

#include <deque>
#include <functional>
#include <map>
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
    Endpoint address{IpAddress::v4(0x7F000001), 4000};  ///< of the ICQ port; the others stand at port_of()
    std::uint64_t seed = 1;
    model::AuditTrail* audit = nullptr;  ///< none: nobody looks
    service::Secrets secrets;  ///< none: nobody logs in to QQ
  };
  /// What the server sends, at once.
  using Send = std::function<void(Datagram&&)>;
  /// What the server sends over a connection, at once unless the client does not read.
  using SendOver = std::function<void(StreamId, Bytes)>;

  VirtualServer(Options options, storage::StoreEngine& engine, Now start, Send send, SendOver send_over = {});

  /// The port of a dialect; UDP and TCP have the same.
  [[nodiscard]] std::uint16_t port_of(model::DialectId dialect) const;
  /// A datagram arrives; its port says which dialect it is.
  void receive(const Datagram& datagram);
  /// A client connects.
  StreamId connect(model::DialectId dialect, const Endpoint& from);
  /// Bytes arrive over a connection, cut anyhow. Those after a pause wait.
  void receive_over(StreamId stream, Bytes bytes);
  /// The client goes.
  void disconnect(StreamId stream);
  /// Whether the client takes what is sent to it; what it does not take fills the server's queue.
  void set_reading(StreamId stream, bool reads);
  /// Tells whether the server keeps the connection.
  [[nodiscard]] bool is_open(StreamId stream) const { return connections_.contains(stream.value); }
  /// Tells whether the server reads from the connection.
  [[nodiscard]] bool is_read(StreamId stream) const;
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
  /// Log-ins to QQ by picture.
  [[nodiscard]] model::QrLogIns& qr_log_ins() { return qr_; }
  [[nodiscard]] const Options& options() const { return options_; }
  /// Restores what the store kept; called by the constructor.
  [[nodiscard]] std::size_t restored() const { return restored_; }

 private:
  bool send(ShardId to, bus::Mail&& mail) override;
  /// One connection, as its client and the server's TCP see it.
  struct Connection {
    model::DialectId dialect{};
    Endpoint from;
    unsigned shard = 0;
    std::vector<std::uint8_t> unread;
    std::vector<std::uint8_t> unsent;
    std::uint64_t written = 0;
    std::uint64_t reported = 0;
    bool reads = true;
    bool paused = false;
    bool watched = false;
    bool closing = false;
  };

  // session::PacketWire
  void send(Bytes packet, const session::Route& route) override;
  void close(StreamId stream) override;
  void pause(StreamId stream, bool pause) override;
  [[nodiscard]] std::size_t unwritten(StreamId stream) const override;
  std::uint64_t watch_progress(StreamId stream) override;

  void settle();
  bool take_frames(StreamId stream);
  bool report_progress();
  bool close_connections();

  Options options_;
  Now now_;
  Send send_;
  std::unique_ptr<storage::SimulatedStore> store_;
  std::unique_ptr<crypto::PasswordSteps> passwords_;
  qq::QrDesk qr_;
  std::vector<std::unique_ptr<node::Shard>> shards_;
  std::deque<std::pair<ShardId, bus::Mail>> mail_;
  SendOver send_over_;
  std::map<std::uint32_t, Connection> connections_;
  std::uint32_t next_stream_ = 1;
  std::size_t restored_ = 0;
};

}  // namespace uhoh::testing
