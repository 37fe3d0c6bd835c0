#pragma once

#include <array>
#include <memory>
#include <vector>

#include "dialect/icq/icq_dialect.hpp"
#include "dialect/oicq/oicq_dialect.hpp"
#include "dialect/qq/qq_dialect.hpp"
#include "node/address_ranges.hpp"
#include "node/dialect_table.hpp"
#include "node/packet_tap.hpp"
#include "service/services.hpp"
#include "session/shard_core.hpp"

namespace uhoh::node {

/// What a shard is made with; shared by all shards of a server.
struct ShardSettings {
  session::ShardLimits limits;
  service::Options services;
  icq::IcqOptions icq;
  oicq::OicqOptions oicq;
  qq::QqOptions qq;
};

/// What a shard stands on.
struct ShardPorts {
  session::PacketWire& wire;
  storage::AsyncStore& store;
  bus::Bus& bus;
  crypto::PasswordWorker& passwords;
  model::AuditTrail* audit = nullptr;  ///< none: nobody looks
  const service::Secrets* secrets = nullptr;  ///< nullptr: there are none
  qq::QrDesk* qr = nullptr;  ///< of all shards; nullptr: nobody logs in to QQ by picture
  model::RelayPort* relay = nullptr;          ///< nullptr: direct connections are not relayed
};

/// One shard: its sessions, its services, its dialects. No I/O and no thread: a server runs it on one thread, a
/// simulation runs many in one.
///
/// Thread: one at a time.
class Shard final : public session::AddressGate {
 public:
  Shard(ShardId self, unsigned shards, const ShardSettings& settings, const ShardPorts& ports, std::uint64_t seed,
        Now start);

  /// Takes a datagram of a dialect's port.
  void on_datagram(model::DialectId dialect, Bytes datagram, const Endpoint& from, const IpAddress& to, Now now) {
    if (tap_.active()) tap_.note(false, dialect, from, {}, datagram);
    core_.on_datagram(*dialects_[static_cast<std::size_t>(dialect)], datagram, from, to, now);
  }
  /// Takes a frame of a connection to a dialect's port.
  void on_stream_frame(model::DialectId dialect, Bytes frame, StreamId stream, const Endpoint& from,
                       const IpAddress& to, Now now) {
    if (tap_.active()) tap_.note(false, dialect, from, stream, frame);
    core_.on_stream_frame(*dialects_[static_cast<std::size_t>(dialect)], frame, stream, from, to, now);
  }
  /// The shard of the number in a frame, unless the connection is served here already and the frame does not ask for
  /// another account.
  [[nodiscard]] ShardId owner_of(model::DialectId dialect, Bytes frame, StreamId stream) const;
  void on_mail(bus::Mail&& mail, Now now);
  void on_store(storage::Ticket ticket, storage::Result&& result, Now now);
  void on_password(crypto::PasswordOutcome&& outcome, Now now);
  void on_time(Now now);
  /// Runs something between inputs, with the shard's clock set: what the administrator asks for.
  template <class Work>
  void between_inputs(Now now, Work&& work) {
    const session::ShardCore::Step step{core_, now};
    work(*this);
  }
  /// When on_time() next has something to do.
  [[nodiscard]] std::optional<Instant> next_deadline() const;

  /// Replaces the banned ranges.
  void set_bans(AddressRanges bans) { bans_ = std::move(bans); }
  [[nodiscard]] bool is_banned(const IpAddress& address) const override { return bans_.contains(address); }

  [[nodiscard]] ShardId id() const noexcept { return self_; }
  [[nodiscard]] session::ShardCore& core() noexcept { return core_; }
  [[nodiscard]] service::Services& services() noexcept { return services_; }
  /// A dialect that this server speaks.
  [[nodiscard]] const Dialect& dialect(model::DialectId id) const noexcept {
    return *dialects_[static_cast<std::size_t>(id)];
  }
  /// The packets of those whom an administrator looks at.
  [[nodiscard]] PacketTap& tap() noexcept { return tap_; }
  /// Appends the shard's metrics.
  void append_metrics(std::vector<MetricValue>& out) const;

 private:
  ShardId self_;
  unsigned shards_;
  AddressRanges bans_;
  PacketTap tap_;
  std::array<std::unique_ptr<const Dialect>, dialect_places> dialects_;
  session::ShardCore core_;
  service::Services services_;
};

}  // namespace uhoh::node
