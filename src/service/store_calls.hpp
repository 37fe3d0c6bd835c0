#pragma once

#include <functional>
#include <utility>

#include "base/slab.hpp"
#include "base/time.hpp"
#include "storage/store.hpp"

namespace uhoh::service {

/// Asks the store, and goes on when it answers.
///
/// Thread: the owning shard only; answers are brought to it by the node.
class StoreCalls {
 public:
  using Continuation = std::move_only_function<void(storage::Result&&)>;

  StoreCalls(storage::AsyncStore& store, std::uint32_t shard) : store_{&store}, shard_{shard} {}

  /// Submits a request. False when the store takes no more: `then` is not called.
  bool call(storage::Request&& request, Continuation then) {
    const auto ref = waiting_.insert(std::move(then));
    if (!ref) return false;
    if (store_->submit({shard_, ref.index, ref.generation}, std::move(request))) return true;
    waiting_.erase(ref);
    return false;
  }

  /// Brings an answer to whoever waits for it.
  void on_result(storage::Ticket ticket, storage::Result&& result) {
    const SlabRef ref{ticket.operation, ticket.generation};
    auto* found = waiting_.get(ref);
    if (found == nullptr) return;
    auto then = std::move(*found);
    waiting_.erase(ref);
    if (then) then(std::move(result));
  }

  [[nodiscard]] std::uint32_t waiting() const noexcept { return waiting_.size(); }

 private:
  storage::AsyncStore* store_;
  std::uint32_t shard_;
  Slab<Continuation> waiting_;
};

/// The answer of the expected kind; nullptr when the store refused or answered something else.
template <class Answer>
[[nodiscard]] Answer* answer(storage::Result& result) noexcept {
  return result ? std::get_if<Answer>(&*result) : nullptr;
}

}  // namespace uhoh::service
