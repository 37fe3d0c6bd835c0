#include "session/shard_core.hpp"

#include <gtest/gtest.h>

#include "session/testing/script.hpp"

namespace uhoh::session::testing {
namespace {

// ---- repeats
// ---------------------------------------------------------------------------------------------------

TEST(Repeats, InProgressIsDropped) {
  auto s = script();
  s.logged_in();
  s.services().hold_messages = true;
  s.receive(message(2)).receive(message(2)).receive(message(2)).expect_nothing();
  s.expect_call("message hello").expect_no_call();
  EXPECT_EQ(s.counters().duplicates_dropped.value(), 2U);
  s.with([](auto&, auto& services) { services.finish_held(); }).expect_send(ack(2)).expect_nothing();
}

TEST(Repeats, FinishedIsAcknowledgedAgainAndNotCarriedOut) {
  auto s = script();
  s.logged_in().receive(message(2)).expect_send(ack(2)).expect_call("message hello");
  s.receive(message(2))
      .expect_resend()
      .advance(seconds{100})
      .receive(message(2))
      .expect_resend()
      .expect_no_call();
  EXPECT_EQ(s.counters().duplicates_answered.value(), 2U);
}

TEST(Repeats, OnlyCommandNumberAndContentTogetherMakeARepeat) {
  auto s = script();
  s.logged_in().receive(message(2)).expect_send(ack(2)).expect_call("message hello");
  s.receive(message(2, "other")).expect_send(ack(2)).expect_call("message other");
  s.receive(find(2)).expect_send(ack(2)).expect_send(search_end(1)).expect_call("find 2");
  s.receive(message(3)).expect_send(ack(3)).expect_call("message hello");
}

TEST(Repeats, APendingReplyComesAgain) {
  auto s = script();
  s.logged_in().receive(find(2)).expect_send(ack(2)).expect_send(search_end(1)).expect_call("find 2");
  s.receive(find(2)).expect_send(ack(2)).expect_send(search_end(1)).expect_no_call();
}

TEST(Repeats, AnAcknowledgedReplyIsMadeAnewWhereThatIsHarmless) {
  auto s = script();
  s.logged_in().receive(find(2)).expect_send(ack(2)).expect_send(search_end(1)).expect_call("find 2");
  EXPECT_FALSE(s.services().repeated);
  s.receive(client_ack(1))
      .receive(find(2))
      .expect_send(ack(2))
      .expect_send(search_end(2))
      .expect_call("find 2");
  EXPECT_TRUE(s.services().repeated);
}

TEST(Repeats, ADroppedRequestIsTakenAsNew) {
  auto s = script();
  s.logged_in();
  s.services().hold_messages = true;
  s.receive(message(2)).expect_call("message hello").with([](auto&, auto& services) {
    services.drop_held();
  });
  EXPECT_TRUE(s.services().plausible);
  s.receive(message(2)).expect_call("message hello").expect_nothing();
  EXPECT_TRUE(s.services().plausible) << "the number of a dropped request may come again";
}

TEST(Repeats, AreForgottenAfterThreeMinutes) {
  auto s = script();
  s.logged_in().receive(message(2)).expect_send(ack(2)).expect_call("message hello");
  s.advance(seconds{182}).receive(message(2)).expect_send(ack(2)).expect_call("message hello");
}

TEST(Repeats, OfAnEarlierLogInAreNew) {
  auto s = script();
  s.logged_in().receive(message(2)).expect_send(ack(2)).expect_call("message hello");
  s.advance(seconds{61}).receive(log_in()).expect_send(ack(1)).expect_send(login_reply());
  s.expect_call("log_in 10001").expect_call("end replaced");
  s.receive(message(2)).expect_send(ack(2)).expect_call("message hello");
  s.receive(client_ack(0));
}

// ---- log-in and takeover
// -----------------------------------------------------------------------------------------

TEST(LogIn, AnIdenticalOneWithinAMinuteGetsTheSameReplyAndNoSecondSession) {
  auto s = script();
  s.receive(log_in()).expect_send(ack(1)).expect_send(login_reply()).expect_call("log_in 10001");
  s.receive(log_in()).expect_send(ack(1)).expect_send(login_reply());
  s.receive(client_ack(0)).advance(seconds{50}).expect_nothing();
  s.receive(log_in()).expect_send(ack(1)).expect_send(login_reply()).expect_no_call();
  EXPECT_EQ(s.counters().sessions_opened.value(), 1U);
  s.receive(find(2)).expect_send(ack(2)).expect_send(search_end(1));  // numbers go on
}

TEST(LogIn, ALaterOneBeginsANewSession) {
  auto s = script();
  s.logged_in().advance(seconds{61}).receive(log_in()).expect_send(ack(1)).expect_send(login_reply());
  s.expect_call("log_in 10001").expect_call("end replaced").expect_nothing();
  EXPECT_EQ(s.core().session_count(), 1U);
}

TEST(LogIn, ADifferentOneFromTheSameEndpointReplacesWithoutAWord) {
  auto s = script();
  s.logged_in().receive(log_in(9)).expect_send(ack(9)).expect_send(login_reply()).expect_nothing();
  s.expect_call("log_in 10001").expect_call("end replaced");
}

TEST(LogIn, IsNotAnsweredAgainBeforeItIsAcknowledged) {
  auto s = script();
  s.services().hold_logins = true;
  s.receive(log_in()).expect_call("log_in 10001").receive(log_in()).expect_nothing();
  s.with([](auto&, auto& services) { services.finish_held(); })
      .expect_send(ack(1))
      .expect_send(login_reply());
  s.receive(log_in()).expect_send(ack(1)).expect_send(login_reply());
}

TEST(LogIn, GetsNoSessionWhenAllPlacesAreTaken) {
  auto s = script({.max_sessions = 1});
  s.logged_in().from(work).receive(log_in(1, Uin{10002})).expect_send(ack(1));
  s.expect_send(from_server(ServerCommand::busy, 1)).expect_call("log_in 10002").expect_nothing();
}

TEST(Takeover, TheOldOneIsToldOnceAndThenThereIsSilence) {
  auto s = script();
  s.logged_in().from(work).receive(log_in()).expect_send_to(home, kicked(1)).expect_send(ack(1));
  s.expect_send(login_reply()).receive(client_ack(0)).expect_call("log_in 10001").expect_call("end replaced");
  for (std::uint16_t sequence = 10; sequence < 16; ++sequence) {
    s.from(home)
        .receive(message(sequence))
        .receive(log_in(sequence))
        .from(home_new_port)
        .receive(log_in(sequence));
    s.from(work)
        .advance(seconds{99})
        .receive(keep_alive(sequence))
        .expect_send(ack(sequence))
        .expect_nothing();
  }
  s.expect_no_call().advance(seconds{7}).from(home).receive(message(20)).expect_send(not_connected(20));
  s.receive(log_in(21)).expect_send_to(work, kicked(1)).expect_send(ack(21)).expect_send(login_reply());
}

TEST(Takeover, TheOldOneMayComeBackWhenItsSuccessorHasGone) {
  auto s = script();
  s.logged_in()
      .from(work)
      .receive(log_in())
      .ignore_sent()
      .expect_call("log_in 10001")
      .expect_call("end replaced");
  s.with([](auto& core, auto& services) {
    core.close_session(services.session, model::SessionEnd::logged_off);
  });
  s.expect_call("end logged_off").from(home).receive(message(9)).expect_send(not_connected(9));
  s.receive(log_in(10)).expect_send(ack(10)).expect_send(login_reply()).expect_nothing();
}

TEST(Takeover, AnotherPortOfTheSameAddressMayTakeOverAgain) {
  auto s = script();
  s.logged_in().from(home_new_port).receive(log_in()).expect_send_to(home, kicked(1)).expect_send(ack(1));
  s.expect_send(login_reply())
      .from({home.address, 1027})
      .receive(log_in())
      .expect_send_to(home_new_port, kicked(1));
  s.expect_send(ack(1)).expect_send(login_reply());
}

TEST(Takeover, NobodyElsesPacketsTouchASession) {
  auto s = script();
  s.logged_in().emit("secret");
  s.expect_send(arrived(1, "secret"));
  for (const auto& foreign : {home_new_port, work}) {
    s.from(foreign).receive(message(2)).expect_send(not_connected(2)).receive(client_ack(1)).expect_nothing();
    s.receive(from_client(ClientCommand::unknown, 4, user)).expect_send(not_connected(4));
  }
  s.expect_no_call().from(home).advance(milliseconds{5100}).expect_send(arrived(1, "secret"));
  s.receive(client_ack(1))
      .advance(seconds{290})
      .from(work)
      .receive(keep_alive(3))
      .expect_send(not_connected(3));
  s.advance(seconds{11}).expect_call("end silent");
}

TEST(Takeover, AKickedSessionIsToldSo) {
  auto s = script();
  s.logged_in().with(
      [](auto& core, auto& services) { core.close_session(services.session, model::SessionEnd::kicked); });
  s.expect_send(kicked(1)).expect_call("end kicked").receive(message(2)).expect_send(not_connected(2));
}

// ---- sending
// -----------------------------------------------------------------------------------------------------

TEST(Sending, ElevenRepeatsThenTheSessionEnds) {
  auto s = script();
  s.logged_in().emit("hi", 7).expect_send(arrived(1, "hi"));
  s.advance(milliseconds{4900}).expect_nothing().advance(milliseconds{200}).expect_resend();
  for (int i = 0; i < 10; ++i)
    s.advance(milliseconds{9800}).expect_nothing().advance(milliseconds{200}).expect_resend();
  s.advance(milliseconds{9800}).expect_nothing().expect_no_call();
  s.advance(milliseconds{400}).expect_nothing().expect_call("end unacknowledged").expect_no_call();
  EXPECT_EQ(s.core().session_count(), 0U);
  EXPECT_EQ(s.core().outbox().bytes_in_use(), 0U);
}

TEST(Sending, ResendPendingSendsAllInFlightAgain) {
  auto s = script();
  s.logged_in().emit("one").emit("two").expect_send(arrived(1, "one")).expect_send(arrived(2, "two"));
  s.receive(from_client(ClientCommand::resend_pending, 2, user)).expect_send(ack(2));
  s.expect_send(arrived(1, "one")).expect_send(arrived(2, "two")).expect_nothing();
}

TEST(Sending, AnEventIsDeliveredWithItsLastPacket) {
  const std::string text = std::string(longest_text, 'a') + std::string(longest_text, 'b') + "c";
  auto s = script();
  s.logged_in().emit(text, 7).ignore_sent().receive(client_ack(3)).receive(client_ack(1)).expect_no_call();
  s.receive(client_ack(1))
      .expect_no_call()
      .receive(client_ack(2))
      .expect_call("delivered 7")
      .expect_no_call();
  EXPECT_EQ(s.counters().acknowledgements_unknown.value(), 1U);
}

TEST(Sending, RoomIsAWindowWithAPlaceAndNothingQueued) {
  auto s = script();
  s.logged_in();
  const auto has_room = [&] { return s.core().has_room(s.services().session); };
  for (int i = 0; i < 8; ++i) {
    EXPECT_TRUE(has_room());
    s.emit("x");
  }
  EXPECT_FALSE(has_room());
  s.emit("queued").ignore_sent();
  s.services().rooms = 0;
  s.receive(client_ack(1)).expect_send(arrived(9, "queued"));
  EXPECT_EQ(s.services().rooms, 0U);
  s.receive(client_ack(2));
  EXPECT_EQ(s.services().rooms, 1U);
  EXPECT_TRUE(has_room());
}

TEST(Sending, ASessionsQueueIsBounded) {
  auto s = script({.max_session_packets = 10});
  s.logged_in();
  for (int i = 0; i < 10; ++i) s.emit("x");
  s.emit("refused", 0, false);
  EXPECT_EQ(s.packets_sent(), 8U);
  s.ignore_sent().receive(client_ack(1)).ignore_sent().emit("taken");
}

TEST(Sending, AnEventWithoutAPacketIsDoneUnlessDeliveryIsWanted) {
  auto s = script();
  s.logged_in().with([](auto& core, auto& services) {
    EXPECT_TRUE(core.emit(services.session, model::StoredMessagesEnd{}, {}));
    EXPECT_FALSE(core.emit(services.session, model::StoredMessagesEnd{}, {.tag = 3}));
  });
}

TEST(Sending, WithoutMemoryRepliesAreLostAndNothingElse) {
  auto s = script({.max_packet_bytes = 16 * 1472 + 128});
  s.logged_in().emit("fills").emit("fills more").emit("and more").emit("refused", 7, false).ignore_sent();
  s.receive(find(2)).expect_send(ack(2)).expect_call("find 2").expect_nothing();
  EXPECT_EQ(s.counters().replies_lost.value(), 1U);
  EXPECT_EQ(s.core().outbox().packets_refused.value(), 2U);
  s.receive(client_ack(1)).receive(client_ack(2)).receive(client_ack(3));
  s.receive(find(2)).expect_send(ack(2)).expect_send(search_end(4)).expect_call("find 2");
}

TEST(Sending, AnEventThatLostAPartIsNeverDelivered) {
  auto s = script({.max_packet_bytes = 20 * 1472});
  s.logged_in().emit(std::string(30 * longest_text, 'x'), 7, false);
  for (std::uint16_t i = 1; i <= 20; ++i) s.receive(client_ack(i));
  EXPECT_EQ(s.core().outbox().bytes_in_use(), 0U);
  s.ignore_sent().expect_no_call();
}

TEST(Sending, WithoutMemoryAnIdleSessionHearsOfRoomWhenItIsHeardAgain) {
  auto s = script({.max_packet_bytes = 16 * 1472 + 64});
  s.logged_in();
  const auto starved = s.services().session;
  s.from(work).receive(log_in(1, Uin{10002})).emit("fills").ignore_sent();
  s.with([&](auto& core, auto&) { EXPECT_FALSE(core.emit(starved, model::SearchEnd{}, {})); });
  s.receive(client_ack(0, Uin{10002})).receive(client_ack(1, Uin{10002}));
  s.services().rooms = 0;
  s.from(home).receive(keep_alive(5)).expect_send(ack(5)).receive(keep_alive(6)).expect_send(ack(6));
  EXPECT_EQ(s.services().rooms, 1U);
}

// ---- time
// --------------------------------------------------------------------------------------------------------

TEST(Silence, EndsASessionAfterFiveMinutes) {
  auto s = script();
  s.logged_in().advance(seconds{299}).expect_no_call().advance(seconds{2}).expect_call("end silent");
  s.receive(keep_alive(5)).expect_send(not_connected(5));
}

TEST(Silence, IsTwoAndAHalfKeepAlivesWhenThatIsLonger) {
  auto s = script({}, {.keepalive = seconds{240}});
  s.logged_in().advance(seconds{599}).expect_no_call().advance(seconds{2}).expect_call("end silent");
}

TEST(Silence, KeepAlivesPutOffTheEnd) {
  auto s = script();
  s.logged_in();
  for (std::uint16_t i = 2; i < 30; ++i) s.advance(minutes{2}).receive(keep_alive(i)).expect_send(ack(i));
  s.expect_no_call().advance(seconds{301}).expect_call("end silent");
}

TEST(Timers, AreNotMovedForEachPacket) {
  auto s = script();
  s.logged_in();
  const auto before = s.counters().timers_set.value();
  for (std::uint16_t i = 2; i < 1002; ++i) {
    s.receive(keep_alive(i)).receive(find(i)).receive(client_ack(static_cast<std::uint16_t>(i - 1)));
    s.ignore_sent().advance(milliseconds{10});
  }
  EXPECT_LE(s.counters().timers_set.value() - before, 6U) << "one for each resend interval of ten seconds";
}

TEST(Timers, WakeAtTheEarliestWish) {
  auto s = script();
  s.logged_in().with([&](auto& core, auto& services) {
    core.wake_at(services.session, s.now().steady + seconds{20});
    core.wake_at(services.session, s.now().steady + seconds{10});
    core.wake_at(services.session, s.now().steady + seconds{30});
  });
  s.advance(milliseconds{9900}).expect_no_call().advance(milliseconds{300}).expect_call("timer");
  s.advance(seconds{60}).expect_no_call();
  s.with([&](auto& core, auto& services) { core.wake_at(services.session, Instant{}); });
  s.advance(milliseconds{200}).expect_call("timer");
  s.with([&](auto& core, auto& services) { core.wake_at(services.session, Instant::max()); });
  s.advance(seconds{100}).expect_no_call();
}

// ---- server numbers
// ----------------------------------------------------------------------------------------------

TEST(ServerNumbers, NothingIsSentBeyondTheCommittedBlock) {
  auto s = script({.sequence_block = 4});
  s.services().first_block = 4;
  s.services().confirm_at_once = false;
  s.receive(log_in())
      .expect_send(ack(1))
      .expect_send(login_reply())
      .receive(client_ack(0))
      .expect_call("log_in 10001");
  s.emit("1").expect_send(arrived(1, "1")).expect_call("reserve 8");
  s.emit("2").expect_send(arrived(2, "2")).expect_no_call();
  s.emit("3").expect_send(arrived(3, "3")).emit("4").emit("5").expect_nothing();
  EXPECT_FALSE(s.core().has_room(s.services().session));
  s.receive(find(2))
      .expect_send(ack(2))
      .expect_call("find 2")
      .advance(seconds{4})
      .expect_nothing()
      .expect_no_call();
  s.with([](auto& core, auto& services) { core.confirm_sequence(services.session, 6); });
  s.expect_send(arrived(4, "4")).expect_send(arrived(5, "5")).expect_nothing();
  s.with([](auto& core, auto& services) { core.confirm_sequence(services.session, 64); });
  s.expect_send(search_end(6)).expect_nothing();
  s.ignore_sent();
}

TEST(ServerNumbers, TheFarewellStaysWithinTheBlockToo) {
  auto s = script();
  s.services().first_block = 1;
  s.services().confirm_at_once = false;
  s.receive(log_in()).expect_send(ack(1)).expect_send(login_reply()).emit("waits").expect_nothing();
  s.with([](auto& core, auto& services) { core.close_session(services.session, model::SessionEnd::kicked); });
  s.expect_send(kicked(0));
}

TEST(ServerNumbers, AClientThatCountsToAThousandIsToldInTime) {
  auto s = script();
  s.logged_in().with([](auto& core, auto& services) { core.limit_sequence(services.session, 1000); });
  for (std::uint16_t i = 1; i < 999; ++i) s.emit("x").expect_send(arrived(i, "x")).receive(client_ack(i));
  s.expect_nothing().emit("y").emit("z").expect_send(arrived(999, "y")).expect_send(arrived(1000, "z"));
  s.receive(client_ack(1000)).expect_nothing();
  s.receive(client_ack(999)).expect_send(from_server(ServerCommand::busy, 1001));
  s.receive(client_ack(1001))
      .emit("x")
      .expect_send(arrived(1002, "x"))
      .receive(client_ack(1002))
      .expect_nothing();
}

class Restored : public ::testing::Test {
 protected:
  Restored() {
    s.with([this](auto& core, auto& services) {
      services.confirm_at_once = false;
      services.session =
          core.restore_session({.opening = {.uin = user, .login = 99, .reserved_sequence = 512},
                                .dialect_version = 2,
                                .peer = home,
                                .local = server_address},
                               s.now());
    });
  }
  Script s;
};

TEST_F(Restored, GetsNothingBeforeItIsHeard) {
  EXPECT_FALSE(s.core().has_room(s.services().session));
  s.emit("no", 0, false).expect_nothing().expect_no_call();
  s.receive(keep_alive(40)).expect_call("heard_again").expect_call("reserve 768").expect_send(ack(40));
  s.receive(keep_alive(41)).expect_send(ack(41)).expect_no_call();
}

TEST_F(Restored, ItsFirstReplyWaitsForTheCommitAndNumbersGoOn) {
  s.receive(find(40)).expect_send(ack(40)).expect_call("heard_again").expect_call("reserve 768");
  s.expect_call("find 40").expect_nothing();
  EXPECT_EQ(s.counters().replies_lost.value(), 0U);
  s.with([](auto& core, auto& services) { core.confirm_sequence(services.session, 768); });
  s.expect_send(search_end(512)).emit("next").expect_send(arrived(513, "next"));
}

TEST_F(Restored, KeepsItsLogInForTheRecognitionOfMessages) {
  EXPECT_EQ(s.core().facts(s.services().session)->login, 99U);
  s.advance(seconds{301}).expect_call("end silent");
}

TEST(RestoredClient, ThatCountsToAThousandIsToldInTime) {
  const auto restored_at = [](Script& s, std::uint32_t number) {
    return s.core().restore_session({.opening = {.uin = user,
                                                 .login = 99,
                                                 .client_tag = TestDialect::counting_client,
                                                 .reserved_sequence = number},
                                     .dialect_version = 2,
                                     .peer = home,
                                     .local = server_address},
                                    s.now());
  };
  auto s = script();
  s.services().session = restored_at(s, 999);
  s.receive(keep_alive(40)).expect_send(ack(40));
  s.emit("x").expect_send(arrived(999, "x"));
  s.receive(client_ack(999)).expect_send(from_server(ServerCommand::busy, 1000));
  // Whatever else there is waits for the next session, before the client's numbers are over.
  for (std::uint16_t i = 1001; i < 1016; ++i) s.emit("y").ignore_sent();
  s.emit("z", 0, false).expect_nothing();
  auto later = script();
  EXPECT_FALSE(restored_at(later, 1024)) << "its numbers are over";
}

TEST_F(Restored, LearnsTheClientsNumbersAnew) {
  const auto change = [](std::uint16_t sequence) {
    return from_client(ClientCommand::change_password, sequence, user, "new");
  };
  s.receive(change(40'000));
  EXPECT_FALSE(s.services().plausible) << "nothing was heard to compare with";
  s.receive(change(40'001));
  EXPECT_TRUE(s.services().plausible);
  s.ignore_sent();
}

// ---- the client's numbers
// ----------------------------------------------------------------------------------------

TEST(ClientNumbers, EveryRequestMovesTheNewest) {
  auto s = script();
  s.logged_in();
  const auto change_is_plausible = [&](std::uint16_t sequence) {
    s.receive(from_client(ClientCommand::change_password, sequence, user, "new")).ignore_sent();
    return s.services().plausible;
  };
  EXPECT_TRUE(change_is_plausible(65));
  EXPECT_FALSE(change_is_plausible(130)) << "65 ahead";
  s.receive(keep_alive(190)).ignore_sent();
  EXPECT_TRUE(change_is_plausible(250));
  s.receive(from_client(ClientCommand::unknown, 310, user)).ignore_sent();
  EXPECT_TRUE(change_is_plausible(370));
  EXPECT_FALSE(change_is_plausible(369));
  s.receive(from_client(ClientCommand::confirm_stored, 9000, user)).ignore_sent();  // the server's number
  EXPECT_TRUE(change_is_plausible(371));
  EXPECT_FALSE(change_is_plausible(9001));
}

TEST(Plausibility, CountsInEitherOrderOfBytes) {
  auto s = script();
  s.logged_in();
  const auto swapped = [](unsigned number) { return static_cast<std::uint16_t>(number << 8 | number >> 8); };
  s.receive(message(swapped(2))).ignore_sent();
  s.receive(message(swapped(3))).ignore_sent();
  EXPECT_TRUE(s.services().plausible);
  s.receive(message(swapped(80))).ignore_sent();
  EXPECT_FALSE(s.services().plausible);
}

// ---- what is not understood, and too much
// ------------------------------------------------------------------------

TEST(NotUnderstood, AnUnknownCommandIsAcknowledgedInASession) {
  auto s = script();
  s.logged_in().receive(from_client(ClientCommand::unknown, 5, user)).expect_send(ack(5)).expect_no_call();
  EXPECT_EQ(s.counters().commands_unknown.value(), 1U);
}

TEST(NotUnderstood, ATruncatedBodyIsNotAcknowledged) {
  auto s = script();
  s.logged_in().receive(message(5, "")).expect_nothing().expect_no_call();
  EXPECT_EQ(s.counters().bodies_not_understood.value(), 1U);
  s.receive(message(5, "whole")).expect_send(ack(5)).expect_call("message whole");
}

TEST(NotUnderstood, WhatHasNoHeaderIsCounted) {
  auto s = script();
  s.receive({}).receive({2, 0, 1}).receive(Packet(500, 0xFF)).expect_nothing();
  EXPECT_EQ(s.counters().datagrams_not_understood.value(), 3U);
}

TEST(Flood, GoesToItsOwnCallAndNotToTheServices) {
  auto s = script({.session_flood = {.capacity = 6, .per_second = 3}});
  s.logged_in()
      .receive(message(2))
      .receive(message(3))
      .receive(message(4))
      .expect_send(ack(2))
      .expect_send(ack(3));
  s.expect_call("message hello").expect_call("message hello").expect_call("flood").expect_nothing();
  EXPECT_EQ(s.counters().flood_refused.value(), 1U);
  s.advance(seconds{1}).receive(message(4)).expect_send(ack(4)).expect_call("message hello");
}

TEST(Flood, AnAddressHasALimitOverAllItsSessions) {
  auto s = script({.address_flood = {.capacity = 3, .per_second = 1}});
  for (std::uint16_t i = 0; i < 5; ++i)
    s.from({home.address, static_cast<std::uint16_t>(2000 + i)})
        .receive(log_in(1, Uin{20000U + i}))
        .ignore_sent();
  EXPECT_EQ(s.core().session_count(), 3U);
  EXPECT_EQ(s.counters().flood_refused.value(), 2U);
}

TEST(Flood, UnansweredRequestsAreBounded) {
  auto s = script({.max_duplicates = 4, .session_flood = {.capacity = 1000}});
  s.logged_in();
  s.services().hold_messages = true;
  for (std::uint16_t i = 2; i < 12; ++i) s.receive(message(i));
  EXPECT_EQ(s.services().calls.size(), 4U);
  EXPECT_EQ(s.counters().requests_refused.value(), 6U);
}

}  // namespace
}  // namespace uhoh::session::testing
