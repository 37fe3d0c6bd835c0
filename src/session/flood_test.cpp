#include "session/flood.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

namespace uhoh::session {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant start{seconds{500}};
constexpr FloodLimit ten_a_second{.capacity = 20, .per_second = 10};

TEST(FloodBucket, StartsFullAndRefills) {
  FloodBucket bucket;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(bucket.take(1, ten_a_second, start)) << i;
  EXPECT_FALSE(bucket.take(1, ten_a_second, start));
  EXPECT_TRUE(bucket.take(1, ten_a_second, start + milliseconds{100}));
  EXPECT_FALSE(bucket.take(1, ten_a_second, start + milliseconds{100}));
  EXPECT_TRUE(bucket.take(10, ten_a_second, start + milliseconds{1100}));
  EXPECT_FALSE(bucket.take(1, ten_a_second, start + milliseconds{1100}));
}

TEST(FloodBucket, TakesNothingWhenItRefuses) {
  FloodBucket bucket;
  EXPECT_TRUE(bucket.take(15, ten_a_second, start));
  EXPECT_FALSE(bucket.take(6, ten_a_second, start));
  EXPECT_TRUE(bucket.take(5, ten_a_second, start));
}

TEST(FloodBucket, RefillsNoFurtherThanItsCapacity) {
  FloodBucket bucket;
  EXPECT_TRUE(bucket.take(20, ten_a_second, start));
  EXPECT_TRUE(bucket.take(20, ten_a_second, start + seconds{1000}));
  EXPECT_FALSE(bucket.take(1, ten_a_second, start + seconds{1000}));
}

TEST(FloodBucket, SlowRefillsAddUp) {
  constexpr FloodLimit one_in_a_second{.capacity = 1, .per_second = 1};
  FloodBucket bucket;
  EXPECT_TRUE(bucket.take(1, one_in_a_second, start));
  for (int tenth = 1; tenth < 10; ++tenth)
    EXPECT_FALSE(bucket.take(1, one_in_a_second, start + milliseconds{100} * tenth));
  EXPECT_TRUE(bucket.take(1, one_in_a_second, start + seconds{1}));
}

TEST(FloodBucket, ACostOverTheCapacityIsNeverTaken) {
  FloodBucket bucket;
  EXPECT_FALSE(bucket.take(21, ten_a_second, start));
  EXPECT_FALSE(bucket.take(std::numeric_limits<std::uint32_t>::max(), ten_a_second, start));
  EXPECT_TRUE(bucket.take(20, ten_a_second, start));
}

RC_GTEST_PROP(FloodBucket, NeverGivesMoreThanCapacityAndRefill, ()) {
  const FloodLimit limit{.capacity = *rc::gen::inRange<std::uint32_t>(1, 100),
                         .per_second = *rc::gen::inRange<std::uint32_t>(1, 100)};
  FloodBucket bucket;
  Instant now = start;
  std::uint64_t given = 0;
  for (const auto wait : *rc::gen::container<std::vector<int>>(200, rc::gen::inRange(0, 400))) {
    now += milliseconds{wait};
    const auto cost = static_cast<std::uint32_t>(wait % 7);
    if (bucket.take(cost, limit, now)) given += cost;
  }
  const auto most = limit.capacity +
                    static_cast<std::uint64_t>((now - start) / milliseconds{1}) * limit.per_second / 1000 + 1;
  RC_ASSERT(given <= most);
}

TEST(BucketTable, KeepsKeysApart) {
  BucketTable table{4096};
  EXPECT_TRUE(table.take(1, 20, ten_a_second, start));
  EXPECT_FALSE(table.take(1, 1, ten_a_second, start));
  EXPECT_TRUE(table.take(2, 20, ten_a_second, start));
}

TEST(NetworkOf, JoinsASlash24AndASlash56) {
  const auto v6 = [](const char* text) { return IpAddress::parse(text).value(); };
  EXPECT_EQ(network_of(IpAddress::v4(0xC0000201)), network_of(IpAddress::v4(0xC00002FE)));
  EXPECT_NE(network_of(IpAddress::v4(0xC0000201)), network_of(IpAddress::v4(0xC0000301)));
  EXPECT_EQ(network_of(v6("2001:db8:0:1::1")), network_of(v6("2001:db8:0:ff::2")));
  EXPECT_NE(network_of(v6("2001:db8:0:1::1")), network_of(v6("2001:db8:0:101::1")));
}

}  // namespace
}  // namespace uhoh::session
