#include <gtest/gtest.h>

#include "session/shard_core.hpp"
#include "session/testing/script.hpp"

namespace uhoh::session::testing {
namespace {

constexpr StreamId first{1};
constexpr StreamId second{2};
constexpr Manner plain{.has_sequence = false, .messages = Confirmation::transport, .replies = Confirmation::transport};

Packet ping() { return from_client(ClientCommand::ping, 9, user); }
Packet pong() { return from_server(ServerCommand::pong, 0); }
Packet complaint(FrameError::Kind kind, std::uint16_t sequence = 0) {
  return from_server(ServerCommand::complaint, sequence, fmt::format("{}", static_cast<int>(kind)));
}
/// A dialect without numbers, logged in over the first connection.
Script plain_session() { return script({}, {}, plain); }
void log_in_over(Script& s, StreamId stream = first) {
  s.receive_over(stream, log_in()).expect_send(login_reply()).expect_call("log_in 10001");
}

TEST(Streams, ASessionEndsWithItsConnection) {
  auto s = plain_session();
  log_in_over(s);
  EXPECT_TRUE(s.core().has_session(first));
  s.disconnect(first).expect_call("end disconnected");
  EXPECT_EQ(s.core().session_count(), 0U);
  EXPECT_FALSE(s.core().has_session(first));
}

TEST(Streams, DatagramsFromTheSameAddressDoNotBelongToTheSession) {
  auto s = plain_session();
  log_in_over(s);
  s.receive(message(2)).expect_send(not_connected(2)).expect_no_call();
}

TEST(Streams, AFrameOfAnotherNumberIsRefused) {
  auto s = plain_session();
  log_in_over(s);
  s.receive_over(first, from_client(ClientCommand::send_message, 2, Uin{10002}, "hello"))
      .expect_send(complaint(FrameError::Kind::foreign_number))
      .expect_no_call();
  EXPECT_EQ(s.counters().foreign_numbers.value(), 1U);
}

TEST(Streams, ContentBeforeTheLogInIsRefusedInWords) {
  auto s = plain_session();
  s.receive_over(first, message(2)).expect_send(complaint(FrameError::Kind::not_logged_in, 2)).expect_no_call();
}

TEST(Streams, WhatIsNoFrameClosesTheConnection) {
  auto s = plain_session();
  s.receive_over(first, Packet{1, 2, 3}).expect_nothing();
  EXPECT_TRUE(s.closed.contains(first));
}

TEST(Streams, TheSameWordsTwiceAreTwoMessages) {
  auto s = plain_session();
  log_in_over(s);
  s.receive_over(first, message(2)).expect_call("message hello");
  s.receive_over(first, message(2)).expect_call("message hello").expect_nothing();
}

TEST(Streams, AMessageIsDeliveredWhenThePeersTcpHasIt) {
  auto s = plain_session();
  log_in_over(s);
  s.emit("one", 1).expect_send(arrived(0, "one")).emit("two", 2).expect_send(arrived(0, "two"));
  const auto reply = login_reply().size();
  s.progress(first, reply + arrived(0, "one").size() - 1).expect_no_call();
  s.progress(first, reply + arrived(0, "one").size()).expect_call("delivered 1").expect_no_call();
  s.progress(first, reply + 2 * arrived(0, "one").size()).expect_call("delivered 2");
}

TEST(Streams, OfSeveralPacketsTheLastMakesAnEventDelivered) {
  auto s = plain_session();
  log_in_over(s);
  const std::string text(longest_text + 1, 'x');
  s.emit(text, 7).ignore_sent();
  const auto all = login_reply().size() + 2 * 6 + text.size();
  s.progress(first, all - 1).expect_no_call().progress(first, all).expect_call("delivered 7");
}

TEST(Streams, OverUdpWithoutNumbersSentIsDelivered) {
  auto s = script({}, {}, plain);
  s.receive(log_in()).expect_send(login_reply()).expect_call("log_in 10001");
  s.emit("one", 1).expect_send(arrived(0, "one")).expect_call("delivered 1");
  EXPECT_EQ(s.counters().sent_unconfirmed.value(), 1U);
}

TEST(Streams, OverUdpWithoutNumbersARepeatedLogInIsCarriedOutAgain) {
  auto s = script({}, {}, plain);
  s.receive(log_in()).expect_send(login_reply()).expect_call("log_in 10001");
  s.receive(log_in()).expect_send(login_reply()).expect_call("log_in 10001").expect_call("end replaced");
  EXPECT_EQ(s.core().session_count(), 1U);
}

TEST(Streams, APingWaitsForAllBeforeIt) {
  auto s = plain_session();
  log_in_over(s);
  s.services().hold_messages = true;
  s.receive_over(first, message(2)).receive_over(first, message(3)).receive_over(first, ping()).expect_nothing();
  s.expect_call("message hello").expect_call("message hello").expect_no_call();
  EXPECT_TRUE(s.paused.contains(first)) << "what follows must not overtake it";
  s.with([](auto&, auto& services) { services.finish_held(); }).expect_send(pong()).expect_call("ping");
  EXPECT_FALSE(s.paused.contains(first));
}

TEST(Streams, APingWithNothingBeforeItIsAnsweredAtOnce) {
  auto s = plain_session();
  log_in_over(s);
  s.receive_over(first, ping()).expect_send(pong()).expect_call("ping");
}

TEST(Streams, WhatTheServerCouldNotTakeIsSaid) {
  auto s = plain_session();
  log_in_over(s);
  s.services().hold_messages = true;
  s.receive_over(first, message(2)).expect_call("message hello");
  s.with([](auto&, auto& services) { services.drop_held(); })
      .expect_send(complaint(FrameError::Kind::not_taken));
}

TEST(Streams, ANewLogInTakesTheSessionFromTheOldConnection) {
  auto s = plain_session();
  log_in_over(s);
  s.receive_over(second, log_in()).expect_send(kicked(0)).expect_send(login_reply());
  s.expect_call("log_in 10001").expect_call("end replaced");
  EXPECT_TRUE(s.closed.contains(first));
  EXPECT_TRUE(s.core().has_session(second));
  s.disconnect(first).expect_no_call();
}

TEST(Streams, ALogInOfTheSameNumberGoesOnOnItsConnection) {
  auto s = plain_session();
  log_in_over(s);
  s.receive_over(first, log_in()).expect_send(login_reply());
  s.expect_call("log_in 10001").expect_call("end replaced");
  EXPECT_FALSE(s.closed.contains(first));
  EXPECT_TRUE(s.core().has_session(first));
  EXPECT_EQ(s.core().session_count(), 1U);
  s.receive_over(first, message(1)).expect_call("message hello");
}

TEST(Streams, AnotherNumberOnTheSameConnectionLogsTheFirstOff) {
  auto s = plain_session();
  log_in_over(s);
  s.receive_over(first, log_in(1, Uin{10002})).expect_send(login_reply());
  s.expect_call("log_in 10002").expect_call("end logged_off");
  EXPECT_FALSE(s.closed.contains(first));
  EXPECT_EQ(s.core().session_count(), 1U);
}

TEST(Streams, AFullConnectionTakesNoEventsUntilItIsWritten) {
  auto s = plain_session();
  log_in_over(s);
  s.unwritten_bytes = ShardLimits{}.max_unwritten_bytes + 1;
  s.emit("one", 1, false).expect_nothing();
  const auto rooms = s.services().rooms;
  s.unwritten_bytes = 0;
  s.with([](auto& core, auto&) { core.on_stream_written(first, {}); });
  EXPECT_GT(s.services().rooms, rooms);
  s.emit("one", 1).expect_send(arrived(0, "one"));
}

TEST(Streams, TheServicesMayStopReading) {
  auto s = plain_session();
  log_in_over(s);
  s.with([](auto& core, auto& services) { core.pause_reading(services.session, true); });
  EXPECT_TRUE(s.paused.contains(first));
  s.with([](auto& core, auto& services) { core.pause_reading(services.session, false); });
  EXPECT_FALSE(s.paused.contains(first));
}

TEST(Streams, ARestoredOneWaitsAMinuteForItsClient) {
  auto s = plain_session();
  s.with([&](auto& core, auto& services) {
    services.session = core.restore_session(
        {.opening = {.uin = user, .login = 5}, .dialect = model::DialectId::icq, .peer = home, .over_stream = true}, s.now());
  });
  s.advance(seconds{58}).expect_no_call();
  s.advance(seconds{4}).expect_call("end silent").expect_nothing();
}

TEST(Streams, ARestoredOneIsReplacedByTheLogInOfItsClient) {
  auto s = plain_session();
  s.with([&](auto& core, auto& services) {
    services.session = core.restore_session(
        {.opening = {.uin = user, .login = 5}, .dialect = model::DialectId::icq, .peer = home, .over_stream = true}, s.now());
  });
  s.receive_over(first, log_in()).expect_send(login_reply()).expect_call("log_in 10001").expect_call("end replaced");
}

// ---- repeats that are known by their reply ---------------------------------------------------------------------

constexpr ReliabilityPolicy by_reply{.reply_memory = seconds{120}};
constexpr Manner pushes{.replies = Confirmation::none};

TEST(Replies, AreSentAgainWhenTheirRequestComesAgain) {
  auto s = script({}, by_reply, pushes);
  s.logged_in().receive(find(2)).expect_send(ack(2)).expect_send(search_end(0)).expect_call("find 2");
  s.receive(find(2)).expect_send(ack(2)).expect_send(search_end(0)).expect_no_call();
  s.advance(seconds{119}).receive(find(2)).expect_send(ack(2)).expect_send(search_end(0)).expect_no_call();
}

TEST(Replies, MayBeTheAcknowledgementWhichThenComesAgainAsItWas) {
  auto s = script({}, by_reply, {.replies = Confirmation::none, .acknowledged_by_reply = true});
  const auto noted = from_server(ServerCommand::noted, 2, "2 of 10001");
  s.logged_in().receive(message(2)).expect_send(noted);
  s.receive(message(2)).expect_send(noted);
  s.receive(find(3)).expect_send(from_server(ServerCommand::noted, 3, "3 of 10001")).expect_send(search_end(0));
  s.receive(find(3)).expect_send(from_server(ServerCommand::noted, 3, "3 of 10001")).expect_send(search_end(0));
}

TEST(Replies, ToALogInAreSentAgainAndItIsNotCarriedOutTwice) {
  auto s = script({}, by_reply, pushes);
  s.receive(log_in()).expect_send(ack(1)).expect_send(login_reply()).expect_call("log_in 10001");
  s.receive(log_in()).expect_send(ack(1)).expect_send(login_reply()).expect_no_call();
  s.advance(seconds{121}).receive(log_in()).expect_send(ack(1)).expect_send(login_reply());
  s.expect_call("log_in 10001").expect_call("end replaced");
}

TEST(Replies, ThatNobodyConfirmsTakeNoNumberAndAreNotResent) {
  auto s = script({}, by_reply, pushes);
  s.logged_in().receive(find(2)).expect_send(ack(2)).expect_send(search_end(0)).expect_call("find 2");
  s.advance(seconds{30}).expect_nothing();
  s.emit("one", 1).expect_send(arrived(0, "one"));
}

TEST(Resends, MayDouble) {
  auto s = script({}, {.first_resend = seconds{3}, .resends = 6, .rounds = 1, .doubling = true});
  s.logged_in().emit("one", 1).expect_send(arrived(1, "one"));
  for (const auto wait : {3, 6, 12, 24, 48}) {
    auto tenths = 0;
    while (s.packets_sent() == 0 && ++tenths < 600) s.advance(milliseconds{100});
    EXPECT_NEAR(tenths, wait * 10, 2);
    s.expect_resend();
  }
  s.advance(seconds{100}).expect_call("end unacknowledged");
}

TEST(Resends, EndWithAnAcknowledgementThatOnlyTheBodyTells) {
  auto s = script();
  s.logged_in().emit("one", 1).expect_send(arrived(1, "one"));
  s.receive(from_client(ClientCommand::acknowledge_push, 1, user)).expect_call("delivered 1");
  s.advance(seconds{30}).expect_nothing();
}

// ---- log-ins in several steps ----------------------------------------------------------------------------------

Packet proof(std::string_view key = password_key) {
  return from_client(ClientCommand::prove, 1, user, key);
}
Packet under_key(std::uint16_t sequence, std::string_view text = {}) {
  return from_client(ClientCommand::send_message, sequence, user, std::string{session_key.substr(0, 16)} + std::string{text});
}
constexpr std::string_view key_text = session_key.substr(0, 16);

TEST(Candidates, TheFirstPacketUnderTheKeyOpensTheSessionAndIsCarriedOut) {
  auto s = script();
  s.receive(proof()).expect_send(ack(1)).expect_send(from_server(ServerCommand::prepared, 1));
  s.expect_call("fetch_password_key").expect_call("right proof").expect_no_call();
  EXPECT_EQ(s.core().session_count(), 0U);
  s.receive(under_key(2, "!")).expect_send(login_reply()).expect_send(ack(2));
  s.expect_call("log_in 10001").expect_call(fmt::format("message {}!", key_text));
  EXPECT_EQ(s.core().session_count(), 1U);
}

TEST(Candidates, ARepeatedProofChangesNothing) {
  auto s = script();
  s.logged_in();
  s.from(work).receive(proof()).expect_send(ack(1)).expect_send(from_server(ServerCommand::prepared, 1));
  s.expect_call("fetch_password_key").expect_call("right proof");
  s.from(home).receive(message(2)).expect_send(ack(2)).expect_call("message hello");
  s.advance(seconds{61}).from(work).receive(under_key(2)).expect_send(not_connected(2)).expect_no_call();
}

TEST(Candidates, TheSamePeerMayBeginAnewWhileItsSessionLasts) {
  auto s = script();
  s.logged_in();
  s.receive(proof()).expect_send(ack(1)).expect_send(from_server(ServerCommand::prepared, 1));
  s.expect_call("fetch_password_key").expect_call("right proof");
  s.receive(message(2)).expect_send(ack(2)).expect_call("message hello");
  s.receive(under_key(3, "!")).expect_send(login_reply()).expect_send(ack(3));
  s.expect_call("log_in 10001").expect_call("end replaced").expect_call(fmt::format("message {}!", key_text));
  EXPECT_EQ(s.core().session_count(), 1U);
}

TEST(Candidates, AnotherAddressCanNotUseTheKey) {
  auto s = script();
  s.receive(proof()).ignore_sent().expect_call("fetch_password_key").expect_call("right proof");
  s.from(work).receive(under_key(2)).expect_send(not_connected(2)).expect_no_call();
}

TEST(Candidates, AWrongProofIsRefused) {
  auto s = script();
  s.receive(proof("something else")).expect_send(ack(1)).expect_send(from_server(ServerCommand::log_in_refused, 1));
  s.expect_call("fetch_password_key").expect_call("wrong proof");
  s.receive(under_key(2)).expect_send(not_connected(2));
}

TEST(Candidates, WhatTheDialectAnswersByItselfReachesNoService) {
  auto s = script();
  s.receive(from_client(ClientCommand::touch, 3, user)).expect_send(from_server(ServerCommand::touched, 3)).expect_no_call();
}

}  // namespace
}  // namespace uhoh::session::testing
