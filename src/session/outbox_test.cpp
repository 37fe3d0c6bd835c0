#include "session/outbox.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "base/rng.hpp"

namespace uhoh::session {
namespace {

using std::chrono::seconds;

constexpr Instant start{seconds{500}};

/// One session and its outbox; what is sent is kept by its first byte.
class OutboxTest : public ::testing::Test, public PacketWire {
 protected:
  void send(Bytes packet, const Route&) override { sent.push_back(packet[0]); }

  bool push(std::uint8_t name, std::uint64_t tag = 0, std::size_t size = 10) {
    const std::vector<std::uint8_t> packet(size, name);
    const Seq16 number{static_cast<std::uint16_t>(session.next_sequence++)};
    return outbox.push(session, packet, {.sequence = number, .tag = tag}, policy, now);
  }
  bool hope(std::uint8_t name, std::uint64_t tag = 0) {
    const std::vector<std::uint8_t> packet(10, name);
    const Seq16 number{static_cast<std::uint16_t>(session.next_sequence++)};
    return outbox.push(session, packet, {.sequence = number, .tag = tag, .hoped = true}, policy, now);
  }
  /// Sends what is due; false when the session must end.
  bool resend(Instant at) { return outbox.resend_due(session, policy, at, finished); }
  Outbox::Acknowledged acknowledge(std::uint16_t sequence) {
    return outbox.acknowledge(session, Seq16{sequence}, policy, now);
  }
  std::vector<int> take_sent() { return std::exchange(sent, {}); }

  std::vector<int> sent;
  std::vector<std::uint64_t> finished;
  ReliabilityPolicy policy;
  LocalAddresses locals;
  Outbox outbox{1U << 20, *this, locals};
  Session session = [] {
    Session s;
    s.reserved_sequence = 1'000'000;
    return s;
  }();
  Instant now = start;
};

TEST_F(OutboxTest, HasEightInFlightAndTheRestInOrder) {
  for (std::uint8_t i = 0; i < 12; ++i) ASSERT_TRUE(push(i));
  EXPECT_EQ(take_sent(), (std::vector{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(session.packets.count, 12);
  EXPECT_EQ(session.packets.in_flight, 8);
  EXPECT_TRUE(acknowledge(5).known);
  EXPECT_EQ(take_sent(), (std::vector{8}));
  EXPECT_TRUE(acknowledge(0).known);
  EXPECT_TRUE(acknowledge(8).known);
  EXPECT_EQ(take_sent(), (std::vector{9, 10}));
}

TEST_F(OutboxTest, KnowsOnlyWhatIsInFlight) {
  for (std::uint8_t i = 0; i < 10; ++i) ASSERT_TRUE(push(i));
  EXPECT_FALSE(acknowledge(9).known) << "waits for its turn";
  EXPECT_FALSE(acknowledge(77).known);
  EXPECT_TRUE(acknowledge(3).known);
  EXPECT_FALSE(acknowledge(3).known) << "a second acknowledgement";
}

TEST_F(OutboxTest, KeepsToTheByteBudget) {
  policy.max_bytes_in_flight = 2500;
  for (std::uint8_t i = 0; i < 5; ++i) ASSERT_TRUE(push(i, 0, 1000));
  EXPECT_EQ(take_sent(), (std::vector{0, 1}));
  acknowledge(0);
  EXPECT_EQ(take_sent(), (std::vector{2}));
  policy.max_bytes_in_flight = 100;  // less than one packet: one at a time
  acknowledge(1);
  EXPECT_EQ(take_sent(), std::vector<int>{});
  acknowledge(2);
  EXPECT_EQ(take_sent(), (std::vector{3}));
}

TEST_F(OutboxTest, SendsAgainAfterFiveSecondsAndThenEveryTen) {
  push(1);
  take_sent();
  unsigned transmissions = 1;
  for (auto due = start + seconds{5}; transmissions < 12; due += seconds{10}) {
    ASSERT_EQ(outbox.next_due(session), due);
    ASSERT_TRUE(resend(due - Duration{1}));
    ASSERT_EQ(take_sent(), std::vector<int>{});
    ASSERT_TRUE(resend(due));
    ASSERT_EQ(take_sent(), (std::vector{1}));
    ++transmissions;
  }
  EXPECT_EQ(outbox.next_due(session), start + seconds{115});
  EXPECT_FALSE(resend(start + seconds{115}));
  EXPECT_EQ(take_sent(), std::vector<int>{});
}

TEST_F(OutboxTest, EachPacketHasItsOwnSchedule) {
  push(1);
  now += seconds{3};
  push(2);
  take_sent();
  EXPECT_TRUE(resend(start + seconds{5}));
  EXPECT_EQ(take_sent(), (std::vector{1}));
  EXPECT_TRUE(resend(start + seconds{8}));
  EXPECT_EQ(take_sent(), (std::vector{2}));
}

TEST_F(OutboxTest, AnEventIsFinishedWithItsLastPacket) {
  for (std::uint8_t i = 0; i < 3; ++i) push(i, 42);
  push(9);
  EXPECT_EQ(acknowledge(1).finished, 0U);
  EXPECT_EQ(acknowledge(0).finished, 0U);
  EXPECT_EQ(acknowledge(3).finished, 0U);
  EXPECT_EQ(acknowledge(2).finished, 42U);
}

TEST_F(OutboxTest, AnEventIsNotFinishedWhileAPartWaits) {
  for (std::uint8_t i = 0; i < 10; ++i) push(i, 42);
  for (std::uint16_t i = 0; i < 9; ++i) EXPECT_EQ(acknowledge(i).finished, 0U) << i;
  EXPECT_EQ(acknowledge(9).finished, 42U);
}

TEST_F(OutboxTest, WhatIsHopedForPassesForDeliveredAndEndsNothing) {
  hope(1, 42);
  push(2, 43);
  EXPECT_EQ(take_sent(), (std::vector{1, 2}));
  ASSERT_TRUE(resend(start + seconds{5}));
  ASSERT_TRUE(resend(start + seconds{15}));
  EXPECT_EQ(take_sent(), (std::vector{1, 2, 1, 2}));
  EXPECT_TRUE(finished.empty());
  ASSERT_TRUE(resend(start + seconds{25}));
  EXPECT_EQ(take_sent(), (std::vector{2})) << "the other one is not given up";
  EXPECT_EQ(finished, (std::vector<std::uint64_t>{42}));
  EXPECT_EQ(session.packets.count, 1);
  EXPECT_EQ(session.packets.in_flight, 1);
  EXPECT_EQ(outbox.packets_given_up.value(), 1U);
  EXPECT_EQ(acknowledge(1).finished, 43U);
  EXPECT_EQ(outbox.bytes_in_use(), 0U);
}

TEST_F(OutboxTest, WhatIsHopedForStopsAtItsAcknowledgement) {
  hope(1, 42);
  EXPECT_EQ(acknowledge(0).finished, 42U);
  EXPECT_EQ(outbox.next_due(session), Instant::max());
}

TEST_F(OutboxTest, GivingUpLetsTheNextOnesGo) {
  policy.window = 2;
  hope(0);
  hope(1);
  push(2);
  push(3, 44);
  EXPECT_EQ(take_sent(), (std::vector{0, 1}));
  for (const int at : {5, 15}) ASSERT_TRUE(resend(start + seconds{at}));
  take_sent();
  ASSERT_TRUE(resend(start + seconds{25}));
  EXPECT_EQ(take_sent(), (std::vector{2, 3}));
  EXPECT_TRUE(finished.empty());
  outbox.clear(session);
}

TEST_F(OutboxTest, AnEventIsNotGivenUpWhileAPartOfItWaits) {
  hope(0, 42);
  now += seconds{1};
  hope(1, 42);
  // Each is sent three times, a second apart.
  for (const int at : {1, 2, 3}) ASSERT_TRUE(resend(start + seconds{at}));
  EXPECT_TRUE(finished.empty());
  ASSERT_TRUE(resend(start + seconds{4}));
  EXPECT_EQ(finished, (std::vector<std::uint64_t>{42}));
}

TEST_F(OutboxTest, AtMostHalfTheWindowHopes) {
  for (std::uint8_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(outbox.takes_hoped(session, policy));
    hope(i);
  }
  EXPECT_FALSE(outbox.takes_hoped(session, policy));
  acknowledge(2);
  EXPECT_TRUE(outbox.takes_hoped(session, policy));
  outbox.clear(session);
}

TEST_F(OutboxTest, UntaggedPacketsFinishNothing) {
  push(0, 42);
  push(1, 42);
  outbox.untag(session, 42);
  EXPECT_EQ(acknowledge(0).finished, 0U);
  EXPECT_EQ(acknowledge(1).finished, 0U);
}

TEST_F(OutboxTest, ResendsWithoutTouchingTheSchedule) {
  for (std::uint8_t i = 0; i < 9; ++i) push(i);
  take_sent();
  outbox.resend_all(session);
  EXPECT_EQ(take_sent(), (std::vector{0, 1, 2, 3, 4, 5, 6, 7}));
  outbox.resend_one(session, Seq16{3});
  EXPECT_EQ(take_sent(), (std::vector{3}));
  outbox.resend_one(session, Seq16{8});
  EXPECT_EQ(take_sent(), std::vector<int>{}) << "waits for its turn";
  EXPECT_TRUE(outbox.holds(session, Seq16{8}));
  EXPECT_FALSE(outbox.holds(session, Seq16{9}));
  EXPECT_EQ(outbox.next_due(session), start + seconds{5});
}

TEST_F(OutboxTest, NothingGoesOutBeforeItsNumberIsCommitted) {
  session.next_sequence = 98;
  session.reserved_sequence = 100;
  for (std::uint8_t i = 98; i < 103; ++i) ASSERT_TRUE(push(i));
  EXPECT_EQ(take_sent(), (std::vector{98, 99}));
  acknowledge(98);
  acknowledge(99);
  EXPECT_EQ(take_sent(), std::vector<int>{});
  session.reserved_sequence = 102;
  outbox.release(session, policy, now);
  EXPECT_EQ(take_sent(), (std::vector{100, 101}));
}

TEST_F(OutboxTest, RefusesOverItsMemoryAndGoesOnAfterwards) {
  Outbox small{4096, *this, locals};
  session.next_sequence = 4;
  const std::vector<std::uint8_t> packet(1400, 7);
  EXPECT_TRUE(small.push(session, packet, {.sequence = Seq16{0}}, policy, now));
  EXPECT_TRUE(small.push(session, packet, {.sequence = Seq16{1}}, policy, now));
  EXPECT_FALSE(small.push(session, packet, {.sequence = Seq16{2}}, policy, now));
  EXPECT_EQ(small.packets_refused.value(), 1U);
  EXPECT_EQ(session.packets.count, 2);
  EXPECT_TRUE(small.acknowledge(session, Seq16{0}, policy, now).known);
  EXPECT_TRUE(small.push(session, packet, {.sequence = Seq16{3}}, policy, now));
  small.clear(session);
}

TEST_F(OutboxTest, ClearGivesEverythingBack) {
  for (std::uint8_t i = 0; i < 20; ++i) push(i, i, 300);
  outbox.clear(session);
  EXPECT_EQ(outbox.bytes_in_use(), 0U);
  EXPECT_EQ(session.packets.count, 0);
  EXPECT_EQ(session.packets.in_flight, 0);
  EXPECT_EQ(session.packets.bytes_in_flight, 0U);
  EXPECT_EQ(outbox.next_due(session), Instant::max());
}

RC_GTEST_FIXTURE_PROP(OutboxTest, EachPacketGoesOutOnceAndInOrderWhateverIsAcknowledged, ()) {
  const auto pushes = *rc::gen::inRange(1, 100);
  Rng rng{*rc::gen::arbitrary<std::uint64_t>()};
  std::vector<std::uint16_t> in_flight;
  int pushed = 0;
  while (pushed < pushes || !in_flight.empty()) {
    if (in_flight.empty() || (pushed < pushes && rng.chance(60))) {
      push(static_cast<std::uint8_t>(pushed++));
    } else {
      RC_ASSERT(acknowledge(in_flight[rng.below(in_flight.size())]).known);
    }
    in_flight.clear();
    for (std::uint16_t i = 0; i < sent.size(); ++i)
      if (outbox.holds(session, Seq16{i})) in_flight.push_back(i);
    RC_ASSERT(in_flight.size() == session.packets.in_flight);
    RC_ASSERT(session.packets.in_flight <= policy.window);
  }
  RC_ASSERT(sent.size() == static_cast<std::size_t>(pushes));
  for (int i = 0; i < pushes; ++i) RC_ASSERT(sent[static_cast<std::size_t>(i)] == i);
  RC_ASSERT(outbox.bytes_in_use() == 0U);
}

}  // namespace
}  // namespace uhoh::session
