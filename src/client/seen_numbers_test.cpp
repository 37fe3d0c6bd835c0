#include "client/seen_numbers.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "base/rng.hpp"

namespace uhoh::client {
namespace {

TEST(SeenNumbers, knows_the_first_number_and_what_follows) {
  SeenNumbers seen;
  seen.start({0});
  EXPECT_TRUE(seen.contains({0}));
  EXPECT_FALSE(seen.contains({1}));
  seen.insert({1});
  EXPECT_TRUE(seen.contains({1}));
}

TEST(SeenNumbers, lets_a_lost_packet_in_after_thousands_of_others) {
  SeenNumbers seen;
  seen.start({0});
  for (std::uint16_t i = 1; i <= 5000; ++i)
    if (i != 17) seen.insert({i});
  EXPECT_FALSE(seen.contains({17}));
  seen.insert({17});
  EXPECT_TRUE(seen.contains({17}));
  EXPECT_TRUE(seen.contains({16}));
}

TEST(SeenNumbers, wraps) {
  SeenNumbers seen;
  seen.start({65534});
  seen.insert({1});
  EXPECT_FALSE(seen.contains({65535}));
  EXPECT_FALSE(seen.contains({0}));
  seen.insert({0});
  EXPECT_FALSE(seen.contains({65535}));
  EXPECT_TRUE(seen.contains({0}));
}

TEST(SeenNumbers, forgets_a_gap_half_the_circle_behind) {
  SeenNumbers seen;
  seen.start({0});
  seen.insert({100});
  for (unsigned i = 101; i < 40000; ++i) seen.insert({static_cast<std::uint16_t>(i)});
  EXPECT_TRUE(seen.contains({39999}));
  for (unsigned i = 40000; i < 65536 + 50; ++i) {
    ASSERT_FALSE(seen.contains({static_cast<std::uint16_t>(i)})) << i;
    seen.insert({static_cast<std::uint16_t>(i)});
  }
}

TEST(SeenNumbers, agrees_with_a_set_while_packets_come_in_any_order) {
  Rng rng{1};
  SeenNumbers seen;
  std::set<unsigned> reference{0};
  seen.start({0});
  std::vector<unsigned> late;
  unsigned next = 1;
  for (int step = 0; step < 200'000; ++step) {
    unsigned number = next;
    if (!late.empty() && (late.size() > 40 || rng.chance(30))) {
      const auto i = rng.below(late.size());
      number = late[i];
      late.erase(late.begin() + static_cast<std::ptrdiff_t>(i));
    } else if (rng.chance(20) && next > 50) {
      number = next - 1 - static_cast<unsigned>(rng.below(50));
    } else {
      ++next;
      if (rng.chance(30)) {
        late.push_back(number);
        continue;
      }
    }
    // The oldest gap never gets near half the circle here, because `late` is bounded and drawn from at
    // random.
    ASSERT_EQ(seen.contains({static_cast<std::uint16_t>(number)}), reference.contains(number)) << number;
    seen.insert({static_cast<std::uint16_t>(number)});
    reference.insert(number);
  }
}

}  // namespace
}  // namespace uhoh::client
