#pragma once

#include "service/shard_context.hpp"

namespace uhoh::service {

/// What clients of one dialect hand each other through the server, and nobody else understands: the
/// negotiation of files that then go from client to client. It is not kept, and its sender hears no more than
/// that the server has it: who is hidden can't be told from who is offline.
///
/// Thread: the owning shard only.
class PeerPassing {
 public:
  explicit PeerPassing(ShardContext& shard) : shard_{shard} {}

  /// From the sender's own session.
  void pass(const model::PassToPeer& command, const model::RequestContext& context);
  /// In the recipient's shard.
  void on_mail(const bus::PassedToPeer& mail);

 private:
  ShardContext& shard_;
};

}  // namespace uhoh::service
