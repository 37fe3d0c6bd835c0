#include "net/stream_port.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <deque>
#include <string>

#include "net/testing/stream_side.hpp"

namespace uhoh::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(StreamPortTest, CutsFramesHoweverTheyCome) {
  Side side{census};
  const Client client{serve(side)};
  client.send(frame("one") + frame("") + frame("three"));
  side.take_frames(3);
  EXPECT_THAT(side.frames, ElementsAre("one", "", "three"));
  const std::string longer(40'000, 'x');
  const auto bytes = frame("four") + frame(longer) + frame("six");
  for (std::size_t at = 0; at < bytes.size(); at += at < 20 ? 1 : 7000) {
    const auto piece = std::string_view{bytes}.substr(at, at < 20 ? 1 : 7000);
    client.send(piece);
    side.round(1s);
  }
  side.take_frames(6);
  EXPECT_THAT(side.frames, ElementsAre("one", "", "three", "four", longer, "six"));
  EXPECT_EQ(side.port.counters(tag).frames_received.value(), 6u);
  EXPECT_EQ(side.port.counters(tag).received_bytes.value(), bytes.size() + 17);
  EXPECT_TRUE(side.ends.empty());
}

TEST_F(StreamPortTest, KnowsBothEndsOfAConnection) {
  Side side{census};
  const auto local = serve(side);
  const Client client{local, IpAddress::v4(0x7F000005)};
  client.send(frame("hello"));
  side.take_frames(1);
  const auto* facts = side.port.facts(side.last);
  ASSERT_NE(facts, nullptr);
  EXPECT_EQ(facts->local, local);
  EXPECT_EQ(facts->peer.address, IpAddress::v4(0x7F000005));
  EXPECT_EQ(side.port.facts(StreamId{77}), nullptr);
}

TEST_F(StreamPortTest, NumbersAreNotUsedAgain) {
  Side side{census};
  const auto local = serve(side);
  std::vector<StreamId> seen;
  for (std::size_t i = 0; i < 3; ++i) {
    const Client client{local};
    client.send(frame("x"));
    side.take_frames(i + 1);
    seen.push_back(side.last);
    side.port.close(side.last);
  }
  EXPECT_THAT(seen, ElementsAre(StreamId{1}, StreamId{2}, StreamId{3}));
}

TEST_F(StreamPortTest, AnswersInOrderAndClosesAfterTheLastByte) {
  Side side{census};
  const Client client{serve(side)};
  side.react = [&](StreamId stream, const std::string& content) {
    EXPECT_TRUE(side.port.send(stream, as_bytes(content + ";")));
    if (content != "bye") return;
    side.port.close(stream);
    EXPECT_FALSE(side.port.send(stream, as_bytes("too late")));
    EXPECT_EQ(content, "bye");
  };
  client.send(frame("a") + frame("b") + frame("bye") + frame("never looked at"));
  side.take_frames(3);
  std::string got;
  while (got.size() < 8) got += client.receive();
  EXPECT_EQ(got, "a;b;bye;");
  side.round();
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(side.port.size(), 1u);  // until the client has closed too
  client.stop_sending();
  side.until([&] { return side.port.size() == 0; });
  EXPECT_TRUE(side.ends.empty());
  EXPECT_EQ(side.frames.size(), 3u);
  EXPECT_EQ(side.port.counters(tag).closed.value(), 1u);
}

TEST_F(StreamPortTest, AClosedClientThatStaysIsLeftAfterAWhile) {
  Side side{census};
  const Client client{serve(side)};
  side.react = [&](StreamId stream, const std::string&) { side.port.close(stream); };
  client.send(frame("x"));
  side.take_frames(1);
  side.pass(4s);
  EXPECT_EQ(side.port.size(), 1u);
  side.pass(1100ms);
  EXPECT_EQ(side.port.size(), 0u);
  EXPECT_EQ(census.size(), 0u);
}

TEST_F(StreamPortTest, ReportsWhoWentAndHow) {
  Side side{census};
  const auto local = serve(side);
  Client first{local};
  first.send(frame("whole") + "F");
  first.stop_sending();
  side.take_end();
  EXPECT_THAT(side.ends, ElementsAre(StreamEnd::closed_by_peer));
  Client second{local};
  second.send(frame("before the reset"));
  side.take_frames(2);
  second.reset();
  side.until([&] { return side.ends.size() == 2; });
  EXPECT_EQ(side.ends.back(), StreamEnd::broken);
  EXPECT_EQ(side.port.size(), 0u);
}

TEST_F(StreamPortTest, WhatCannotBeFramedEndsTheConnection) {
  Side side{census, {.max_frame_bytes = 1000}};
  const auto local = serve(side);
  const Client nonsense{local}, longer{local}, over_the_limit{local}, endless{local};
  nonsense.send(frame("good") + "GET / HTTP/1.0");
  side.take_end();
  EXPECT_TRUE(nonsense.is_closed());
  longer.send("L");
  over_the_limit.send({"F\x03\xE6", 3});
  side.until([&] { return side.ends.size() == 3; });
  EXPECT_THAT(side.ends,
              ElementsAre(StreamEnd::not_a_frame, StreamEnd::frame_too_long, StreamEnd::frame_too_long));
  EXPECT_THAT(side.frames, ElementsAre("good"));
  EXPECT_EQ(side.port.counters(tag).ended[static_cast<std::size_t>(StreamEnd::frame_too_long)].value(), 2u);
}

TEST_F(StreamPortTest, AHeaderWithoutEndIsNone) {
  Side side{census};
  auto listeners = open_stream_listeners({loopback, 0}, 1);
  const auto local = listeners->front().local;
  ASSERT_TRUE(
      side.port.add_listener(tag, "test.tcp", std::move(listeners->front()), [](Bytes) { return 0; }));
  const Client client{local};
  client.send(std::string(63, 'x'));
  side.until([&] { return side.port.counters(tag).received_bytes.value() == 63; });
  EXPECT_THAT(side.ends, IsEmpty());
  client.send("x");
  side.take_end();
  EXPECT_THAT(side.ends, ElementsAre(StreamEnd::not_a_frame));
}

TEST_F(StreamPortTest, HalfAFrameAndSilenceHasItsTime) {
  Side side{census};
  const Client client{serve(side)};
  client.send(frame("first") + "F");
  side.take_frames(1);
  side.established.insert(side.last);
  side.pass(29s);
  EXPECT_THAT(side.ends, IsEmpty());
  side.pass(1100ms);
  EXPECT_THAT(side.ends, ElementsAre(StreamEnd::frame_too_slow));
  EXPECT_TRUE(client.is_closed());
}

TEST_F(StreamPortTest, OneByteASecondIsTooSlow) {
  Side side{census};
  const Client client{serve(side)};
  const auto bytes = frame(std::string(100, 'x'));
  for (std::size_t i = 0; i < 31 && side.ends.empty(); ++i) {
    client.send(bytes.substr(i, 1));
    side.until([&] { return side.port.counters(tag).received_bytes.value() == i + 1; });
    side.pass(1s);
  }
  EXPECT_THAT(side.ends, ElementsAre(StreamEnd::frame_too_slow));
  EXPECT_THAT(side.frames, IsEmpty());
}

TEST_F(StreamPortTest, WholeFramesMayComeAsSlowlyAsTheyLike) {
  Side side{census};
  const Client client{serve(side)};
  client.send("F");
  for (std::size_t i = 1; i <= 5; ++i) {
    side.until([&] { return side.port.counters(tag).received_bytes.value() == i * 4 - 3; });
    if (i > 1) side.established.insert(side.last);
    side.pass(20s);
    client.send(frame("x").substr(1) + "F");
    side.take_frames(i);
  }
  EXPECT_THAT(side.ends, IsEmpty());
}

TEST_F(StreamPortTest, NobodyStaysWhoDoesNotLogIn) {
  Side side{census};
  const auto local = serve(side);
  const Client silent{local}, talking{local}, logged_in{local};
  logged_in.send(frame("log in"));
  side.take_frames(1);
  side.established.insert(side.last);
  talking.send(frame("something else"));
  side.take_frames(2);
  side.until([&] { return side.port.size() == 3; });
  side.pass(30s);
  side.pass(29s);
  EXPECT_EQ(side.port.size(), 3u);
  side.pass(1100ms);
  EXPECT_THAT(side.ends, ElementsAre(StreamEnd::not_established, StreamEnd::not_established));
  side.pass(1h);
  EXPECT_EQ(side.port.size(), 1u);
  side.established.clear();
  for (int i = 0; i < 2; ++i) side.pass(31s);
  EXPECT_EQ(side.port.size(), 0u);
}

TEST_F(StreamPortTest, OneConnectionGetsNoMoreThanItsShareOfARound) {
  Side side{census};
  const Client client{serve(side)};
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += frame(std::to_string(i));
  client.send(bytes);
  side.until([&] { return !side.frames.empty(); });
  std::size_t before = side.frames.size();
  EXPECT_LE(before, StreamPort::frames_a_round);
  while (side.frames.size() < 1000) {
    side.round(side.port.next_deadline() <= side.now ? 0s : 1s);
    EXPECT_LE(side.frames.size() - before, StreamPort::frames_a_round);
    ASSERT_GT(side.frames.size(), before);
    before = side.frames.size();
  }
  EXPECT_EQ(side.frames[999], "999");
  side.pass(31s);
  EXPECT_THAT(side.ends, IsEmpty());
}

TEST_F(StreamPortTest, PausedItReadsNothingAndResumedItGoesOn) {
  Side side{census};
  const Client client{serve(side)};
  side.react = [&](StreamId stream, const std::string& content) {
    if (content == "pause") side.port.pause_reading(stream);
  };
  client.send(frame("pause") + frame("held") + frame("half").substr(0, 4));
  side.take_frames(1);
  side.established.insert(side.last);
  side.pass(10min);
  EXPECT_EQ(side.loop.run_once(0s), 0u);
  client.send(frame("half").substr(4) + frame("later"));
  EXPECT_EQ(side.loop.run_once(0s), 0u);
  EXPECT_THAT(side.frames, ElementsAre("pause"));
  side.port.resume_reading(side.last);
  side.take_frames(4);
  EXPECT_THAT(side.frames, ElementsAre("pause", "held", "half", "later"));
  EXPECT_THAT(side.ends, IsEmpty());
}

TEST_F(StreamPortTest, APausedClientsResetIsNoticed) {
  Side side{census};
  Client client{serve(side)};
  side.react = [&](StreamId stream, const std::string&) { side.port.pause_reading(stream); };
  client.send(frame("x") + frame("y"));
  side.take_frames(1);
  client.reset();
  side.take_end();
  EXPECT_THAT(side.ends, ElementsAre(StreamEnd::broken));
}

TEST_F(StreamPortTest, ASlowReaderIsClosedAndDelaysNobody) {
  Side side{census};
  const auto local = serve(side);
  const Client slow{local, loopback, 4096}, quick{local};
  slow.send(frame("slow"));
  side.take_frames(1);
  const auto slow_one = side.last;
  quick.send(frame("quick"));
  side.take_frames(2);
  const auto quick_one = side.last;
  const std::string piece(4000, 'x');
  std::size_t taken = 0;
  while (side.port.send(slow_one, as_bytes(piece))) {
    ASSERT_LE(side.port.queued(slow_one), 256u << 10);
    taken += piece.size();
    ASSERT_TRUE(side.port.send(quick_one, as_bytes("y")));
    side.round();
    ASSERT_LT(taken, 64u << 20);
  }
  EXPECT_THAT(side.ends, IsEmpty());  // never from within another call
  side.round();
  EXPECT_THAT(side.ends, ElementsAre(StreamEnd::slow_reader));
  EXPECT_LT(side.delivered_at_end, taken);
  std::size_t got = 0;
  while (got < taken / piece.size()) got += quick.receive().size();
  EXPECT_EQ(side.port.queued(slow_one), 0u);
  EXPECT_EQ(side.port.size(), 1u);
}

TEST_F(StreamPortTest, SaysWhenAllIsWritten) {
  Side side{census};
  const Client client{serve(side), loopback, 4096};
  client.send(frame("x"));
  side.take_frames(1);
  const std::string piece(16'000, 'x');
  std::size_t sent = 0;
  while (side.port.queued(side.last) < 200u << 10) {
    ASSERT_TRUE(side.port.send(side.last, as_bytes(piece)));
    sent += piece.size();
    side.round();
  }
  EXPECT_THAT(side.written, IsEmpty());
  std::size_t got = 0;
  while (got < sent) {
    got += client.receive().size();
    side.round();
  }
  EXPECT_THAT(side.written, ElementsAre(side.last));
  EXPECT_EQ(side.port.queued(side.last), 0u);
  EXPECT_EQ(side.port.written(side.last), sent);
}

TEST_F(StreamPortTest, ReportsWhatThePeersTcpHasAcknowledged) {
  Side side{census};
  const Client client{serve(side), loopback, 4096};
  client.send(frame("x"));
  side.take_frames(1);
  side.established.insert(side.last);
  EXPECT_EQ(side.port.delivered(side.last), 0u);
  ASSERT_TRUE(side.port.send(side.last, as_bytes("hello")));
  EXPECT_EQ(side.port.delivered(side.last), 0u);
  side.port.report_delivery(side.last);
  side.until([&] {
    side.now += 5ms;
    return !side.delivered.empty();
  });
  EXPECT_THAT(side.delivered, ElementsAre(5));
  EXPECT_EQ(side.port.delivered(side.last), 5u);
  side.pass(10s);
  EXPECT_EQ(side.delivered.size(), 1u);

  const std::string much(200'000, 'x');
  ASSERT_TRUE(side.port.send(side.last, as_bytes(much)));
  side.port.report_delivery(side.last);
  side.pass(5ms);
  std::size_t got = client.receive().size();
  EXPECT_LT(side.port.delivered(side.last), 200'005u);
  while (got < 200'005) {
    got += client.receive().size();
    side.pass(1s);
  }
  side.until([&] {
    side.now += 1s;
    return side.delivered.back() == 200'005;
  });
  EXPECT_TRUE(std::ranges::is_sorted(side.delivered));
}

TEST_F(StreamPortTest, TheEndSaysWhatWasDelivered) {
  Side side{census};
  Client client{serve(side)};
  client.send(frame("x"));
  side.take_frames(1);
  ASSERT_TRUE(side.port.send(side.last, as_bytes("12345678")));
  side.round();
  EXPECT_EQ(client.receive(), "12345678");
  side.until([&] { return side.port.delivered(side.last) == 8; });
  client.reset();
  side.take_end();
  EXPECT_EQ(side.delivered_at_end, 8u);
}

TEST_F(StreamPortTest, LimitsTheConnectionsOfAnAddressAndInAll) {
  StreamCensus narrow{{.per_address = 2, .in_all = 3}};
  Side side{narrow};
  const auto local = serve(side);
  side.banned = IpAddress::v4(0x7F000009);
  std::deque<Client> clients;
  for (int i = 0; i < 3; ++i) clients.emplace_back(local);
  clients.emplace_back(local, side.banned);
  clients.emplace_back(local, IpAddress::v4(0x7F000002));
  clients.emplace_back(local, IpAddress::v4(0x7F000003));
  const auto& c = side.port.counters(tag);
  side.until([&] {
    return c.accepted.value() + c.refused_full.value() + c.refused_address.value() +
               c.refused_unwelcome.value() ==
           6;
  });
  EXPECT_EQ(c.accepted.value(), 3u);
  EXPECT_EQ(c.refused_address.value(), 1u);
  EXPECT_EQ(c.refused_unwelcome.value(), 1u);
  EXPECT_EQ(c.refused_full.value(), 1u);
  EXPECT_TRUE(clients[2].is_closed());
  EXPECT_TRUE(clients[3].is_closed());
  EXPECT_TRUE(clients[5].is_closed());
  clients.pop_front();
  side.take_end();
  clients.emplace_back(local);
  side.until([&] { return c.accepted.value() == 4; });
}

TEST_F(StreamPortTest, StopsAcceptingWhileDescriptorsAreShort) {
  Side side{census};
  const auto local = serve(side);
  const Client client{local};
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const UniqueFd next_free{::dup(2)};
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(next_free.get()) + 1;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  side.until([&] { return side.port.counters(tag).accept_pauses.value() == 1; });
  EXPECT_EQ(side.loop.run_once(0s), 0u);  // no spinning
  const auto again = side.port.next_deadline();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(again, side.now + 250ms);
  side.pass(250ms);
  side.until([&] { return side.port.size() == 1; });
  EXPECT_EQ(side.port.counters(tag).accept_pauses.value(), 1u);
}

TEST_F(StreamPortTest, MemoryForAllIsBounded) {
  Side side{census, {.max_input_memory = 64 << 10, .max_output_memory = 64 << 10}};
  const auto local = serve(side);
  const Client first{local}, second{local};
  const auto half = frame(std::string(60'000, 'x')).substr(0, 40'000);
  first.send(half);
  side.until([&] { return side.port.counters(tag).received_bytes.value() == half.size(); });
  second.send(half);
  side.take_end();
  EXPECT_THAT(side.ends, ElementsAre(StreamEnd::no_memory));
  first.send(frame(std::string(60'000, 'x')).substr(40'000));
  side.take_frames(1);
  EXPECT_FALSE(side.port.send(side.last, as_bytes(std::string(70'000, 'x'))));
  side.round();
  EXPECT_EQ(side.ends.back(), StreamEnd::no_memory);
}

TEST_F(StreamPortTest, ShutDownItServesNobodyAndKeepsItsFigures) {
  Side side{census};
  const auto local = serve(side);
  const Client client{local};
  client.send(frame("x"));
  side.take_frames(1);
  side.port.send(side.last, as_bytes("unsent"));
  side.port.shut_down();
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(side.port.size(), 0u);
  EXPECT_EQ(census.size(), 0u);
  EXPECT_FALSE(side.port.send(side.last, as_bytes("x")));
  side.round();
  EXPECT_THAT(side.ends, IsEmpty());
  EXPECT_EQ(side.port.counters(tag).frames_received.value(), 1u);
  std::vector<MetricValue> metrics;
  side.port.append_metrics(metrics);
  EXPECT_FALSE(metrics.empty());
}

TEST_F(StreamPortTest, NamesItsMetrics) {
  Side side{census};
  serve(side);
  std::vector<MetricValue> metrics;
  side.port.append_metrics(metrics);
  for (const auto& metric : metrics) EXPECT_TRUE(metric.name.starts_with("uhoh_net_"));
  EXPECT_EQ(metrics.front().labels, "port=\"test.tcp\"");
}

}  // namespace
}  // namespace uhoh::net
