#pragma once

#include <cstdint>
#include <span>

#include "base/handle_index.hpp"
#include "base/slab.hpp"
#include "base/uin.hpp"

namespace uhoh::service {

/// Who watches whom, in both directions, for the users of one shard.
///
/// Shape:  each user has one array of numbers in three parts: [mutual | only watched | only watching]; a mutual
///         edge stands once. 4 bytes an edge, 28 a user and the place in the index. A user who is offline has a
///         place while somebody watches him.
/// Thread: the owning shard only.
class WatchGraph {
 public:
  WatchGraph() = default;
  WatchGraph(const WatchGraph&) = delete;
  WatchGraph& operator=(const WatchGraph&) = delete;
  ~WatchGraph();

  /// `user` (of this shard) begins to watch `contact`. False when he does already.
  bool add_watched(Uin user, Uin contact);
  /// `user` no longer watches `contact`.
  void remove_watched(Uin user, Uin contact);
  /// `watcher` begins to watch `user` (of this shard). Repeats have no effect.
  void add_watcher(Uin user, Uin watcher);
  /// `watcher` no longer watches `user`.
  void remove_watcher(Uin user, Uin watcher);

  /// How many contacts a user watches.
  [[nodiscard]] std::size_t watched_count(Uin user) const noexcept;
  /// Whether two users watch each other, as seen from `user` (of this shard).
  [[nodiscard]] bool is_mutual(Uin user, Uin other) const noexcept;
  /// Those whom a user watches; valid until the graph changes.
  [[nodiscard]] std::span<const std::uint32_t> watched(Uin user) const noexcept;
  /// Those who watch a user: the mutual ones, and the others; valid until the graph changes.
  struct Watchers {
    std::span<const std::uint32_t> mutual;
    std::span<const std::uint32_t> others;
  };
  [[nodiscard]] Watchers watchers(Uin user) const noexcept;

  [[nodiscard]] std::size_t user_count() const noexcept { return index_.size(); }
  [[nodiscard]] std::size_t edge_count() const noexcept { return edges_; }

 private:
  struct Node {
    std::uint32_t* members = nullptr;
    std::uint32_t uin = 0;
    std::uint32_t watching = 0;  // only watching us: may be many
    std::uint16_t mutual = 0;
    std::uint16_t watched = 0;   // only watched by us
    [[nodiscard]] std::uint32_t size() const noexcept { return watching + mutual + watched; }
    [[nodiscard]] std::uint32_t watched_end() const noexcept { return std::uint32_t{mutual} + watched; }
  };
  static constexpr std::uint32_t nowhere = 0xFFFFFFFF;

  [[nodiscard]] Node* find(Uin user) noexcept;
  [[nodiscard]] const Node* find(Uin user) const noexcept;
  [[nodiscard]] Node& find_or_make(Uin user);
  [[nodiscard]] static std::uint32_t place(const Node& node, std::uint32_t from, std::uint32_t to,
                                           std::uint32_t uin) noexcept;
  static void grow(Node& node);
  void shrink(Uin user, Node& node);

  [[nodiscard]] auto key_of() const noexcept {
    return [this](std::uint32_t index) { return nodes_.get(nodes_.ref_at(index))->uin; };
  }

  HandleIndex index_;
  Slab<Node> nodes_;
  std::size_t edges_ = 0;
};

}  // namespace uhoh::service
