#pragma once

#include <functional>

#include "base/rng.hpp"
#include "base/time.hpp"
#include "bus/bus.hpp"
#include "crypto/password_worker.hpp"
#include "crypto/verifier_cache.hpp"
#include "model/relay_port.hpp"
#include "model/session_port.hpp"
#include "service/counters.hpp"
#include "service/options.hpp"
#include "service/secrets.hpp"
#include "service/store_calls.hpp"
#include "service/user.hpp"
#include "service/watch_graph.hpp"

namespace uhoh::service {

/// What the services of one shard share.
///
/// Thread: the owning shard only.
struct ShardContext {
  ShardId self{};
  unsigned shards = 1;
  const Options& options;
  model::SessionPort& port;
  StoreCalls store;
  bus::Bus& bus;
  crypto::PasswordWorker& passwords;
  Secrets secrets;
  crypto::VerifierCache verifiers;
  Rng rng;
  Instant start;
  Now now;
  Users users;
  WatchGraph graph;
  Counters counters;
  model::RelayPort* relay = nullptr;  ///< none: direct connections are not relayed
  /// Told when somebody may be seen by others than before.
  std::function<void(const User&)> on_sight_changed;
  /// Told of every message that this shard decides on.
  std::function<void(const bus::DeliverMessage&)> on_message;
  /// Called when a user's kept messages are through.
  std::function<void(model::SessionRef, User&)> on_drained;

  [[nodiscard]] bool is_mine(Uin uin) const noexcept { return shard_of(uin, shards) == self; }
  /// The online user of a number of this shard; nullptr when there is none.
  [[nodiscard]] User* online(Uin uin) {
    const auto session = port.find_session(uin);
    return session ? &users.at(session) : nullptr;
  }
  /// 100 ms ticks since start, never 0.
  [[nodiscard]] std::uint32_t tick_of(Instant at) const noexcept {
    return static_cast<std::uint32_t>((at - start) / std::chrono::milliseconds{100}) + 1;
  }
  /// Sends a mail, counting what a full mailbox refuses.
  void mail(ShardId to, bus::Mail&& mail) {
    if (!bus.send(to, std::move(mail))) ++counters.mail_lost;
  }
};

}  // namespace uhoh::service
