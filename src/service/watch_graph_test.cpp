#include "service/watch_graph.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/rng.hpp"

namespace uhoh::service {
namespace {

std::set<std::uint32_t> all(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b = {}) {
  std::set<std::uint32_t> both{a.begin(), a.end()};
  both.insert(b.begin(), b.end());
  return both;
}

TEST(WatchGraph, AgreesWithTwoSetsOfEdges) {
  std::map<std::uint32_t, std::set<std::uint32_t>> watched;
  std::map<std::uint32_t, std::set<std::uint32_t>> watchers;
  WatchGraph graph;
  Rng rng{3};
  constexpr std::uint32_t users = 40;
  for (int step = 0; step < 60'000; ++step) {
    const auto a = static_cast<std::uint32_t>(1 + rng.below(users));
    const auto b = static_cast<std::uint32_t>(1 + rng.below(users));
    switch (rng.below(4)) {
      case 0: EXPECT_EQ(graph.add_watched(Uin{a}, Uin{b}), watched[a].insert(b).second); break;
      case 1:
        graph.add_watcher(Uin{a}, Uin{b});
        watchers[a].insert(b);
        break;
      case 2:
        graph.remove_watched(Uin{a}, Uin{b});
        watched[a].erase(b);
        break;
      default:
        graph.remove_watcher(Uin{a}, Uin{b});
        watchers[a].erase(b);
        break;
    }
    const auto seen = graph.watchers(Uin{a});
    ASSERT_EQ(all(graph.watched(Uin{a})), watched[a]);
    ASSERT_EQ(all(seen.mutual, seen.others), watchers[a]);
    ASSERT_EQ(seen.mutual.size() + seen.others.size(), watchers[a].size());
    ASSERT_EQ(graph.watched_count(Uin{a}), watched[a].size());
    ASSERT_EQ(graph.is_mutual(Uin{a}, Uin{b}), watched[a].contains(b) && watchers[a].contains(b));
  }
  std::size_t edges = 0;
  for (const auto& [user, list] : watched) edges += list.size();
  for (const auto& [user, list] : watchers) edges += list.size();
  EXPECT_EQ(graph.edge_count(), edges);
}

TEST(WatchGraph, AUserWithoutEdgesTakesNoPlace) {
  WatchGraph graph;
  graph.add_watched(Uin{1}, Uin{2});
  graph.add_watcher(Uin{1}, Uin{2});
  graph.remove_watched(Uin{1}, Uin{2});
  EXPECT_EQ(graph.user_count(), 1U);
  graph.remove_watcher(Uin{1}, Uin{2});
  EXPECT_EQ(graph.user_count(), 0U);
  EXPECT_EQ(graph.edge_count(), 0U);
}

}  // namespace
}  // namespace uhoh::service
