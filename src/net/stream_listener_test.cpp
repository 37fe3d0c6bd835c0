#include "net/stream_listener.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace uhoh::net {
namespace {

using testing::HasSubstr;
const IpAddress loopback = IpAddress::v4(0x7F000001);

TEST(StreamListener, AGroupSharesOnePort) {
  const auto group = open_stream_listeners({loopback, 0}, 3);
  ASSERT_TRUE(group) << group.error();
  ASSERT_EQ(group->size(), 3u);
  EXPECT_NE(group->front().local.port, 0);
  EXPECT_EQ(group->front().local, group->back().local);
}

TEST(StreamListener, SaysThatAPortIsInUseAlsoBySharers) {
  for (const unsigned shards : {1U, 2U}) {
    const auto first = open_stream_listeners({loopback, 0}, shards);
    ASSERT_TRUE(first) << first.error();
    const auto local = first->front().local;
    const auto second = open_stream_listeners(local, 2);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(), "TCP port " + local.to_string() + " is in use by another program");
  }
  const auto elsewhere = open_stream_listeners({IpAddress::v4(0xC0000263), 0}, 1);
  ASSERT_FALSE(elsewhere);
  EXPECT_THAT(elsewhere.error(), HasSubstr("cannot open TCP port 192.0.2.99:0: "));
}

TEST(StreamListener, SpeaksIpv6) {
  const auto six = open_stream_listeners({*IpAddress::parse("::1"), 0}, 1);
  ASSERT_TRUE(six) << six.error();
  EXPECT_EQ(six->front().local.address.to_string(), "::1");
}

}  // namespace
}  // namespace uhoh::net
