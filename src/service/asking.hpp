#pragma once

#include <utility>

#include "service/shard_context.hpp"

namespace uhoh::service {

/// Asks the store for the sake of a request, and goes on with its answer; `then` ends the request. A store that takes
/// nothing more, or can't commit, leaves the request unanswered: its client tries again.
template <class Then>
void ask_store(ShardContext& shard, model::RequestRef waiting, storage::Request&& request, Then&& then) {
  const bool taken = shard.store.call(std::move(request), [&shard, waiting, then = std::forward<Then>(then)](
                                                              storage::Result&& result) mutable {
    if (!result && result.error() == storage::StoreError::unavailable) {
      ++shard.counters.store_unavailable;
      return shard.port.drop(waiting);
    }
    then(std::move(result));
  });
  if (!taken) shard.port.drop(waiting);
}

/// The same for a request that is acknowledged as soon as the store has answered.
template <class Then>
void ask_store_once(ShardContext& shard, model::RequestRef waiting, storage::Request&& request, Then&& then) {
  ask_store(shard, waiting, std::move(request),
            [&shard, waiting, then = std::forward<Then>(then)](storage::Result&& result) mutable {
              shard.port.acknowledge(waiting);
              then(std::move(result));
            });
}

}  // namespace uhoh::service
