#include <gtest/gtest.h>

#include "session/shard_core.hpp"
#include "session/testing/script.hpp"

namespace uhoh::session::testing {
namespace {

/// Repeats are answered from memory, as QQ's are.
constexpr ReliabilityPolicy policy{.reply_memory = seconds{120}, .keepalive = seconds{600}};

TEST(Parts, TheWholeGoesOnInItsOrderAndEachPartIsAcknowledged) {
  auto s = script({}, policy);
  s.logged_in();
  s.receive(part(2, 'a', 3, 2, "three")).receive(part(3, 'a', 3, 0, "one ")).expect_nothing().expect_no_call();
  s.receive(part(4, 'a', 3, 1, "two ")).expect_call("message one two three");
  // The first part is acknowledged first, then the others.
  s.expect_send(ack(3)).expect_send(ack(4)).expect_send(ack(2)).expect_nothing();
  EXPECT_EQ(s.counters().messages_joined.value(), 1U);
  s.advance(seconds{60}).expect_nothing().expect_no_call();
}

TEST(Parts, NothingIsAcknowledgedBeforeTheWholeIs) {
  auto s = script({}, policy);
  s.logged_in();
  s.services().hold_messages = true;
  s.receive(part(2, 'a', 2, 0, "one ")).receive(part(3, 'a', 2, 1, "two"));
  s.expect_call("message one two").expect_nothing();
  s.advance(seconds{10}).expect_nothing().expect_no_call();
  s.with([](auto&, auto& services) { services.finish_held(); }).expect_send(ack(2)).expect_send(ack(3));
}

TEST(Parts, ARepeatOfAnyPartIsAnsweredAndNotCarriedOut) {
  auto s = script({}, policy);
  s.logged_in();
  const auto one = part(2, 'a', 2, 0, "one "), two = part(3, 'a', 2, 1, "two");
  s.receive(one).receive(two).expect_call("message one two").expect_send(ack(2)).expect_send(ack(3));
  for (int i = 0; i < 3; ++i)
    s.advance(seconds{20}).receive(two).expect_send(ack(3)).receive(one).expect_send(ack(2)).expect_no_call();
}

TEST(Parts, WhatTheServicesPutOffIsTakenAgainWhole) {
  auto s = script({}, policy);
  s.logged_in();
  s.services().hold_messages = true;
  const auto one = part(2, 'a', 2, 0, "one "), two = part(3, 'a', 2, 1, "two");
  s.receive(one).receive(two).expect_call("message one two");
  s.with([](auto&, auto& services) { services.drop_held(); }).expect_nothing();
  s.services().hold_messages = false;
  s.receive(two).receive(one).expect_call("message one two").expect_send(ack(2)).expect_send(ack(3)).expect_no_call();
}

TEST(Parts, WhoWaitsForEachReplyIsServedAfterHisFirstRepeat) {
  auto s = script({}, policy);
  s.logged_in();
  const auto one = part(2, 'a', 3, 0, "one ");
  s.receive(one).advance(seconds{3}).expect_nothing().expect_no_call();
  s.receive(one).expect_nothing().advance(milliseconds{400}).expect_call("message one ").expect_send(ack(2));
  // The rest goes on as it comes.
  s.receive(part(3, 'a', 3, 1, "two ")).expect_call("message two ").expect_send(ack(3));
  s.receive(part(4, 'a', 3, 2, "three")).expect_call("message three").expect_send(ack(4));
  s.receive(one).expect_send(ack(2)).expect_no_call();
  EXPECT_EQ(s.counters().parts_apart.value(), 3U);
  // All have come: the same name is another message's now.
  s.receive(part(5, 'a', 3, 0, "x")).receive(part(6, 'a', 3, 1, "y")).receive(part(7, 'a', 3, 2, "z"));
  s.expect_call("message xyz").expect_send(ack(5)).expect_send(ack(6)).expect_send(ack(7));
}

TEST(Parts, ALostPartComesWithTheRepeatsOfTheOthers) {
  auto s = script({}, policy);
  s.logged_in();
  const auto one = part(2, 'a', 3, 0, "one "), two = part(3, 'a', 3, 1, "two "), three = part(4, 'a', 3, 2, "three");
  s.receive(one).receive(three).advance(seconds{6}).expect_nothing();
  s.receive(one).advance(milliseconds{100}).receive(two).expect_call("message one two three");
  s.expect_send(ack(2)).expect_send(ack(3)).expect_send(ack(4)).receive(three).expect_send(ack(4)).expect_no_call();
}

TEST(Parts, WhatNeverBecomesWholeGoesOnWhenItsTimeIsOver) {
  auto s = script({}, policy);
  s.logged_in();
  s.receive(part(2, 'a', 3, 2, "three")).receive(part(3, 'a', 3, 0, "one ")).advance(milliseconds{6900});
  s.expect_nothing().expect_no_call();
  s.advance(milliseconds{300}).expect_call("message one ").expect_call("message three");
  s.expect_send(ack(3)).expect_send(ack(2)).expect_nothing();
  s.advance(seconds{30}).receive(part(4, 'a', 3, 1, "two ")).expect_call("message two ").expect_send(ack(4));
}

TEST(Parts, OverAConnectionTheyWaitLessLong) {
  auto s = script({}, policy);
  constexpr StreamId stream{7};
  s.receive_over(stream, log_in()).expect_send(ack(1)).expect_send(login_reply()).expect_call("log_in 10001");
  s.receive_over(stream, client_ack(0));
  s.receive_over(stream, part(2, 'a', 2, 0, "one ")).advance(milliseconds{1900}).expect_no_call();
  s.advance(milliseconds{300}).expect_call("message one ").expect_send(ack(2));
  s.receive_over(stream, part(3, 'a', 2, 1, "two")).expect_call("message two").expect_send(ack(3));
}

TEST(Parts, MessagesOfDifferentNamesAreNotMixed) {
  auto s = script({}, policy);
  s.logged_in();
  s.receive(part(2, 'a', 2, 0, "a1 ")).receive(part(3, 'b', 2, 1, "b2")).receive(part(4, 'b', 2, 0, "b1 "));
  s.expect_call("message b1 b2").expect_send(ack(4)).expect_send(ack(3));
  // Nor those with another count.
  s.receive(part(5, 'a', 3, 1, "?")).expect_no_call();
  s.receive(part(6, 'a', 2, 1, "a2")).expect_call("message a1 a2").expect_send(ack(2)).expect_send(ack(6));
  s.advance(seconds{10}).expect_call("message ?").expect_send(ack(5));
}

TEST(Parts, AThirdMessageAtATimeGivesUpTheOldest) {
  auto s = script({}, policy);
  s.logged_in();
  s.receive(part(2, 'a', 2, 0, "a1")).receive(part(3, 'b', 2, 0, "b1")).expect_no_call();
  s.receive(part(4, 'c', 2, 0, "c1 ")).expect_call("message a1").expect_send(ack(2)).expect_no_call();
  s.receive(part(5, 'c', 2, 1, "c2")).expect_call("message c1 c2").expect_send(ack(4)).expect_send(ack(5));
  s.receive(part(6, 'a', 2, 1, "a2")).expect_call("message a2").expect_send(ack(6));
  s.advance(seconds{10}).expect_call("message b1").expect_send(ack(3));
}

TEST(Parts, TwoRequestsForOnePlaceAreNotOneMessage) {
  auto s = script({}, policy);
  s.logged_in();
  s.receive(part(2, 'a', 2, 0, "one")).receive(part(3, 'a', 2, 0, "another"));
  s.expect_call("message one").expect_call("message another").expect_send(ack(2)).expect_send(ack(3));
}

TEST(Parts, ManyPartsAreOneMessage) {
  auto s = script({}, policy);
  s.logged_in();
  std::string all;
  for (unsigned i = 0; i < 255; ++i) {
    const std::string text{static_cast<char>('a' + i % 26)};
    all += text;
    s.receive(part(static_cast<std::uint16_t>(2 + i), 'a', 255, i, text));
    if (i % 20 == 0) s.advance(milliseconds{100});
  }
  s.expect_call("message " + all).expect_no_call();
  for (std::uint16_t i = 0; i < 255; ++i) s.expect_send(ack(static_cast<std::uint16_t>(2 + i)));
}

TEST(Parts, TooManyBytesGoOnOneByOne) {
  ShardLimits limits;
  limits.parts.max_session_bytes = 2'000;
  auto s = script(limits, policy);
  s.logged_in();
  const std::string text(900, 'x');
  s.receive(part(2, 'a', 4, 0, text)).receive(part(3, 'a', 4, 1, text)).expect_no_call();
  s.receive(part(4, 'a', 4, 2, text));
  for (int i = 0; i < 3; ++i) s.expect_call("message " + text);
  s.expect_send(ack(2)).expect_send(ack(3)).expect_send(ack(4));
  s.receive(part(5, 'a', 4, 3, text)).expect_call("message " + text).expect_send(ack(5));

  limits.parts = {.max_bytes = 1'000};
  auto other = script(limits, policy);
  other.logged_in().receive(part(2, 'a', 2, 0, text)).expect_no_call();
  other.receive(part(3, 'b', 2, 0, text)).expect_call("message " + text).expect_send(ack(3)).ignore_sent();
  other.advance(seconds{8}).expect_call("message " + text).expect_send(ack(2));
}

TEST(Parts, WhatIsTooLongTogetherGoesOnOneByOne) {
  ShardLimits limits;
  limits.parts.max_session_bytes = 1U << 20;
  auto s = script(limits, policy);
  s.logged_in();
  const std::string text(60'000, 'x');
  s.receive(part(2, 'a', 2, 0, text)).receive(part(3, 'a', 2, 1, text));
  s.expect_call("message " + text).expect_call("message " + text).expect_send(ack(2)).expect_send(ack(3));
  EXPECT_EQ(s.counters().messages_joined.value(), 0U);
}

TEST(Parts, AnImpossiblePlaceIsNoPart) {
  auto s = script({}, policy);
  s.logged_in();
  s.receive(part(2, 'a', 2, 2, "beyond")).expect_call("message beyond").expect_send(ack(2));
  s.receive(part(3, 'a', 0, 0, "none")).expect_call("message none").expect_send(ack(3));
  s.receive(part(4, 'a', 1, 0, "alone")).expect_call("message alone").expect_send(ack(4));
}

TEST(Parts, GoWithTheirSession) {
  auto s = script({}, policy);
  s.logged_in().receive(part(2, 'a', 2, 0, "one"));
  s.with([](auto& core, auto& services) { core.close_session(services.session, model::SessionEnd::logged_off); });
  s.expect_call("end logged_off").advance(seconds{20}).expect_nothing().expect_no_call();
  // In the next session they are new.
  s.receive(log_in(5)).ignore_sent().expect_call("log_in 10001").receive(client_ack(0));
  s.receive(part(2, 'a', 2, 0, "one ")).receive(part(3, 'a', 2, 1, "two"));
  s.expect_call("message one two").expect_send(ack(2)).expect_send(ack(3));
}

}  // namespace
}  // namespace uhoh::session::testing
