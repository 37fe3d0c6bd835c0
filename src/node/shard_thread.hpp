#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>

#include "base/log.hpp"
#include "net/event_loop.hpp"
#include "net/mailbox.hpp"
#include "net/stream_port.hpp"
#include "net/udp_port.hpp"
#include "node/shard.hpp"
#include "node/web_wire.hpp"

namespace uhoh::node {

/// A datagram that the kernel gave to the wrong shard.
struct StrayDatagram {
  model::DialectId dialect{};
  bus::InlineBytes data;
  Endpoint from;
  IpAddress to;
};
/// What other shards send and may be refused when the mailbox is full: a message whose sender was not acknowledged, a
/// datagram, a connection (which is closed then).
using ShardLetter = std::variant<bus::DeliverMessage, StrayDatagram, net::DetachedStream>;

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

/// One shard's sockets of one dialect.
struct DialectSockets {
  const DialectRow* row = nullptr;
  net::SteeringRule rule;
  std::optional<net::UdpPort> udp;
  std::optional<net::StreamListener> tcp;
};

/// Runs a shard: one thread that owns its UDP ports, its connections, its timers and its mailboxes.
class ShardThread final : public session::PacketWire, net::StreamHandler {
 public:
  struct Options {
    unsigned shards = 1;
    std::size_t mailbox_letters = 65'536;  ///< bounds what may be refused; what must arrive has room for 16 times as many
    net::StreamLimits streams;
  };
  /// Where to pass on what belongs to another shard; false when it could not be taken.
  using PassOn = std::function<bool(ShardId, ShardLetter&&)>;

  /// `census` and what `log` writes to must outlive it.
  ShardThread(std::vector<DialectSockets> sockets, const Options& options, net::StreamCensus& census, const Log& log);
  ~ShardThread() override;

  /// Gives the shard that is run; before start().
  void set_shard(std::unique_ptr<Shard> shard, PassOn pass_on);
  [[nodiscard]] Shard& shard() noexcept { return *shard_; }
  /// The way to web clients. Thread: the shard's own.
  [[nodiscard]] WebWire& web() noexcept { return web_; }
  /// Appends the metrics of the ports. Thread: the shard's own.
  void append_metrics(std::vector<MetricValue>& out) const;

  [[nodiscard]] std::expected<void, std::string> start();
  /// Ends the thread after what has come in so far, and all connections; waits for it.
  void stop();

  /// Thread: any.
  [[nodiscard]] bool post(ShardLetter&& letter) { return letters_.post(std::move(letter)); }
  [[nodiscard]] bool answer(ShardAnswer&& answer) { return answers_.post(std::move(answer)); }

  // session::PacketWire, on the shard's own thread
  void send(Bytes packet, const session::Route& route) override;
  void close(StreamId stream) override;
  void pause(StreamId stream, bool pause) override;
  [[nodiscard]] std::size_t unwritten(StreamId stream) const override {
    return is_web(stream) ? web_.unwritten(stream) : streams_->queued(stream);
  }
  std::uint64_t watch_progress(StreamId stream) override;

 private:
  struct Port {
    model::DialectId dialect;
    net::UdpPort port;
    net::SteeringRule rule;
    std::string label;  // port="icq.udp"
  };

  void run();
  void receive(Port& from);
  void take_answers();
  void take_letters();
  void flush();
  [[nodiscard]] bool anything_unsent() const;

  // net::StreamHandler
  bool admits(net::ListenerTag listener, const Endpoint& peer) override;
  void on_frame(StreamId stream, Bytes frame) override;
  void on_delivered(StreamId stream, std::uint64_t bytes) override;
  void on_written(StreamId stream) override;
  bool is_established(StreamId stream) override;
  void on_closed(StreamId stream, net::StreamEnd why, std::uint64_t delivered) override;

  Options options_;
  net::StreamCensus& census_;
  RateLimitedLog log_;
  std::vector<Port> ports_;
  std::array<Port*, dialect_places> port_of_{};
  std::vector<std::pair<const DialectRow*, net::StreamListener>> listeners_;  // until start()
  net::Mailbox<ShardLetter> letters_;
  net::Mailbox<ShardAnswer> answers_;
  std::unique_ptr<Shard> shard_;
  PassOn pass_on_;
  std::optional<net::EventLoop> loop_;
  std::optional<net::StreamPort> streams_;
  WebWire web_;
  Now stream_now_;  // of the round in which connections are served
  std::vector<ShardLetter> letter_batch_;
  std::vector<ShardAnswer> answer_batch_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace uhoh::node
