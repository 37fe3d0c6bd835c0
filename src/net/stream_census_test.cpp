#include "net/stream_census.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace uhoh::net {
namespace {

IpAddress address(const char* text) { return *IpAddress::parse(text); }

TEST(StreamCensus, LimitsEachAddressAndAll) {
  StreamCensus census{{.per_address = 2, .in_all = 4}};
  std::vector<StreamCensus::Seat> seats;
  for (int i = 0; i < 2; ++i) seats.push_back(*census.take_seat(address("192.0.2.1")));
  EXPECT_EQ(census.take_seat(address("192.0.2.1")).error(), NoSeat::address_full);
  for (int i = 0; i < 2; ++i) seats.push_back(*census.take_seat(address("192.0.2.2")));
  EXPECT_EQ(census.take_seat(address("192.0.2.3")).error(), NoSeat::all_full);
  seats.erase(seats.begin());
  EXPECT_EQ(census.size(), 3u);
  EXPECT_TRUE(census.take_seat(address("192.0.2.1")).has_value());  // and gives it back at once
  EXPECT_EQ(census.size(), 3u);
  seats.clear();
  EXPECT_EQ(census.size(), 0u);
}

TEST(StreamCensus, CountsAnIpv6NetworkAsOneAddress) {
  StreamCensus census{{.per_address = 1, .in_all = 10}};
  const auto first = census.take_seat(address("2001:db8:0:1::1"));
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(census.take_seat(address("2001:db8:0:1:ffff::2")).error(), NoSeat::address_full);
  EXPECT_TRUE(census.take_seat(address("2001:db8:0:2::1")).has_value());
}

TEST(StreamCensus, ASeatThatMovesIsCountedOnce) {
  StreamCensus census{{.per_address = 8, .in_all = 8}};
  auto seat = *census.take_seat(address("192.0.2.1"));
  StreamCensus::Seat other{std::move(seat)};
  seat = std::move(other);
  EXPECT_EQ(census.size(), 1u);
  seat = {};
  EXPECT_EQ(census.size(), 0u);
}

}  // namespace
}  // namespace uhoh::net
