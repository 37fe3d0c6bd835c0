#pragma once

#include <deque>
#include <vector>

#include "service/shard_context.hpp"
#include "service/sightings.hpp"

namespace uhoh::service {

/// Browsing who is online, and searches with a condition, over all shards.
///
/// Shape:  a search looks at accounts page by page, so that other reads come between; one at a time per shard, others
///         wait in a queue of `max_waiting`. Over it requests are left unanswered and come again.
/// Source: spec/oicq.md, 0A and 0B.
class Searches {
 public:
  Searches(ShardContext& shard, Sightings& sightings) : shard_{shard}, sightings_{sightings} {}

  void browse(const model::BrowseOnline& command, const model::RequestContext& context);
  void search(const model::SearchUsers& command, const model::RequestContext& context);

 private:
  static constexpr std::size_t max_waiting = 64;
  struct Search {
    model::RequestContext context;
    Uin asker;
    std::uint32_t query = 0;
    storage::SearchAccounts request;
    std::vector<model::UserCard> found;
  };

  void show_online(const model::BrowseOnline& command, const model::RequestContext& context, Uin asker,
                   std::vector<Uin>&& uins);
  void start_next();
  void read_page();
  void on_page(storage::Result&& result);
  void finish(bool answered);

  ShardContext& shard_;
  Sightings& sightings_;
  std::deque<Search> waiting_;  // the first is under way while `busy_`
  bool busy_ = false;
};

}  // namespace uhoh::service
