#pragma once

#include "model/relay_port.hpp"
#include "service/presence.hpp"
#include "service/shard_context.hpp"

namespace uhoh::service {

/// Direct connections of those who can't be reached, or don't want their address known: their contacts are given the
/// server's own address and a port for one connection each, and so are they for their contacts.
///
/// The server decides when a caller has come: whether the other is there, lets himself be seen, and takes connections.
/// When he can't be reached he is shown the caller anew, with a port for himself: should he connect, the two are joined.
/// Source: spec/icq.md 3.4; docs/decisions/0014-relaying-direct-connections.md.
class Relay {
 public:
  Relay(ShardContext& shard, Presence& presence) : shard_{shard}, presence_{presence} {}

  /// A caller has come for a user of this shard.
  void on_call(const model::RelayCall& call);
  /// A user of this shard could not be reached for a caller.
  void on_unreachable(const model::RelayCall& call);
  /// The port that a user of this shard was shown has been used: he is shown another one.
  void on_used(const model::RelayCall& call);
  /// A session ends for good.
  void on_session_end(Uin user);

 private:
  void show_anew(Uin watcher, Uin contact);

  ShardContext& shard_;
  Presence& presence_;
};

/// Puts the relay's address and a port in the place of a contact's, when he or the watcher is relayed; nothing when
/// there is none.
void show_through_relay(ShardContext& shard, const User& watcher, const IpAddress& watcher_address,
                        model::ContactPresence& contact);

}  // namespace uhoh::service
