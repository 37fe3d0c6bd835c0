#include "net/stream_port.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>

#include "net/testing/stream_side.hpp"

namespace uhoh::net {
namespace {

using testing::ElementsAre;

TEST_F(StreamPortTest, MovesAConnectionToAnotherThread) {
  Side first{census}, second{census};
  const auto local = serve(first);
  serve(second);
  const Client client{local};
  std::optional<DetachedStream> moving;
  first.react = [&](StreamId stream, const std::string& content) {
    if (content != "mine elsewhere") {
      EXPECT_TRUE(first.port.send(stream, as_bytes("1")));
      return;
    }
    moving = first.port.detach(stream);
    EXPECT_EQ(content, "mine elsewhere");
  };
  second.react = [&](StreamId stream, const std::string&) {
    EXPECT_TRUE(second.port.send(stream, as_bytes("2")));
  };
  client.send(frame("here") + frame("mine elsewhere") + frame("next") + "F");
  first.take_frames(2);
  ASSERT_TRUE(moving.has_value());
  EXPECT_EQ(first.port.size(), 0u);
  EXPECT_FALSE(first.port.send(first.last, as_bytes("x")));
  EXPECT_EQ(census.size(), 1u);
  EXPECT_TRUE(static_cast<bool>(second.port.adopt(std::move(*moving))));
  second.take_frames(2);
  client.send(frame("last").substr(1));
  second.take_frames(3);
  EXPECT_THAT(second.frames, ElementsAre("mine elsewhere", "next", "last"));
  EXPECT_EQ(second.port.facts(second.last)->local, local);
  std::string got;
  while (got.size() < 4) got += client.receive();
  EXPECT_EQ(got, "1222");
  EXPECT_EQ(second.port.written(second.last), 4u);
  EXPECT_EQ(first.port.counters(tag).detached.value(), 1u);
  EXPECT_EQ(second.port.counters(tag).adopted.value(), 1u);
  for (int i = 0; i < 2; ++i) second.pass(30s);
  EXPECT_THAT(second.ends, ElementsAre(StreamEnd::not_established));
}

TEST_F(StreamPortTest, MovesAFrameThatCameInPieces) {
  Side first{census}, second{census};
  const Client client{serve(first)};
  serve(second);
  std::optional<DetachedStream> moving;
  first.react = [&](StreamId stream, const std::string& content) {
    moving = first.port.detach(stream);
    EXPECT_EQ(content.size(), 3000u);
  };
  const std::string content(3000, 'x');
  client.send(frame(content).substr(0, 1000));
  first.until([&] { return first.port.counters(tag).received_bytes.value() == 1000; });
  client.send(frame(content).substr(1000) + frame("behind"));
  first.take_frames(1);
  ASSERT_TRUE(moving.has_value());
  second.port.adopt(std::move(*moving));
  second.take_frames(2);
  EXPECT_THAT(second.frames, ElementsAre(content, "behind"));
}

TEST_F(StreamPortTest, AConnectionThatNobodyAdoptsIsClosed) {
  Side side{census};
  const Client client{serve(side)};
  side.react = [&](StreamId stream, const std::string&) {
    EXPECT_TRUE(side.port.detach(stream).has_value());
  };
  client.send(frame("x"));
  side.take_frames(1);
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(census.size(), 0u);
}

}  // namespace
}  // namespace uhoh::net
