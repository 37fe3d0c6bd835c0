#pragma once

#include <functional>
#include <vector>

#include "service/presence.hpp"
#include "service/shard_context.hpp"

namespace uhoh::service {

/// Asks, over all shards, what somebody may see of others right now.
class Sightings {
 public:
  /// Takes those who are seen, in no order; who is missing is offline, as far as the asker may know.
  using Then = std::move_only_function<void(std::vector<model::ContactPresence>&&)>;
  /// Takes numbers, in no order.
  using ThenNumbers = std::move_only_function<void(std::vector<Uin>&&)>;

  Sightings(ShardContext& shard, Presence& presence) : shard_{shard}, presence_{presence} {}

  /// Looks at some. `before_grant`: as if they had granted it; for nothing but the answer to a wish to add them.
  void look(Uin asker, const std::vector<Uin>& uins, bool before_grant, Then then);
  /// Looks at people in a list, and enters how they are seen.
  void look_at_cards(Uin asker, std::vector<model::UserCard>&& cards,
                     std::move_only_function<void(std::vector<model::UserCard>&&)> then);
  /// The same for friends.
  void look_at_friends(Uin asker, model::FriendList&& list,
                       std::move_only_function<void(model::FriendList&&)> then);
  /// Finds who can be seen online: at most `count` of each shard, those whose numbers follow `start` most closely.
  void list_online(Uin asker, Uin start, bool upwards, std::uint32_t count, ThenNumbers then);

  void on_mail(const bus::LookAt& mail);
  void on_mail(bus::Seen&& mail);
  void on_mail(const bus::ListOnline& mail);
  void on_mail(bus::OnlineListed&& mail);

 private:
  static constexpr std::uint32_t queries_a_chunk = 64;
  template <class Item>
  struct Query {
    std::uint32_t answers_missing = 0;
    std::vector<Item> found;
    std::move_only_function<void(std::vector<Item>&&)> then;
  };

  [[nodiscard]] std::vector<model::ContactPresence> seen_here(Uin asker, const std::vector<Uin>& uins,
                                                              bool before_grant);
  [[nodiscard]] std::vector<Uin> online_here(const bus::ListOnline& mail);
  template <class Item>
  void take_answer(Slab<Query<Item>, queries_a_chunk>& queries, SlabRef ref, std::vector<Item>&& found);

  ShardContext& shard_;
  Presence& presence_;
  Slab<Query<model::ContactPresence>, queries_a_chunk> looks_;
  Slab<Query<Uin>, queries_a_chunk> lists_;
};

/// Enters into cards how their owners are seen; who is not among the seen is offline.
void enter_statuses(std::vector<model::UserCard>& cards, const std::vector<model::ContactPresence>& seen);

}  // namespace uhoh::service
