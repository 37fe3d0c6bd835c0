// Log-in, log-off, take-over, throttle, silence. Source: spec/icq.md 1.2 items 2, 8, 10, 14; 2 items 7, 8.

#include <gtest/gtest.h>

#include "support/conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace icq;

TEST(Login, TellsTheServersTimersInThirtyTwoBytes) {
  Scene scene;
  scene.server.settings.icq.keepalive = 90s;
  scene.server.settings.icq.client_resend = 7s;
  scene.server.settings.icq.client_resends = 4;
  Conversation c{scene};
  auto& alice = c.client(10001);
  auto login = alice.login();
  login.login_seq = 2;
  alice.sequence = 8;  // the capture of the original client shows 8
  const auto number = alice.sends(login);
  alice.expects({ack(8), LoginReply{.uin = alice,
                                    .user_ip = alice.ip(),
                                    .login_seq = 2,
                                    .ping_seconds = 90,
                                    .timeout_seconds = 7,
                                    .retries = 4}});
  EXPECT_EQ(number, 8);
  EXPECT_EQ(wire::encoded_size(LoginReply{}), 32U);
}

TEST(Login, RepeatedWithinAMinuteChangesNothing) {
  Conversation c;
  auto& alice = c.client(10001);
  auto& bob = c.client(10002);
  bob.comes_online();
  bob.watches({alice});
  const auto login = alice.datagram_of(alice.login());
  alice.sends_bytes(login);
  alice.expects({ack(1), any<LoginReply>()});
  alice.sequence = 2;
  alice.watches({bob});
  bob.expects(alice.seen(0, true));
  c.advance(50s);
  alice.sends_bytes(login);
  alice.expects({ack(1), any<LoginReply>().again()});
  c.advance(1s);
  bob.expects_nothing();
  EXPECT_EQ(c.count(&service::Counters::logins), 2) << "his and hers";
  // Her list is still there.
  const auto number = bob.sends(StatusChange{1});
  bob.expects(ack(number));
  alice.expects(StatusUpdate{bob, 1});
}

TEST(Login, AfterAMinuteBeginsANewSession) {
  Conversation c;
  auto& alice = c.client(10001);
  auto& bob = c.client(10002);
  bob.comes_online();
  const auto login = alice.datagram_of(alice.login());
  alice.sends_bytes(login);
  alice.expects({ack(1), any<LoginReply>()});
  alice.sequence = 2;
  alice.watches({bob});
  c.advance(61s);
  alice.sends_bytes(login);
  alice.expects({ack(1), any<LoginReply>().again()});
  EXPECT_EQ(c.count(&service::Counters::logins), 3) << "his, and two of hers";
  c.advance(1s);
  // The lists begin empty.
  const auto number = bob.sends(StatusChange{1});
  bob.expects(ack(number));
  alice.expects_nothing();
}

TEST(Login, AfterLogOffBeginsANewSession) {
  Conversation c;
  auto& alice = c.client(10001);
  const auto login = alice.datagram_of(alice.login());
  alice.sends_bytes(login);
  alice.expects({ack(1), any<LoginReply>()});
  alice.sequence = 2;
  alice.logs_off();
  alice.sends_bytes(login);
  alice.expects({ack(1), any<LoginReply>().again()});
  EXPECT_EQ(c.count(&service::Counters::logins), 2);
}

TEST(Login, FromElsewhereTakesOver) {
  Conversation c;
  auto& home = c.client(10001);
  auto& bob = c.client(10002);
  bob.comes_online();
  bob.watches({home});
  home.comes_online();
  bob.expects(home.seen());
  const auto next = home.server_sequence();
  auto& work = c.impostor(home);
  work.logs_in();
  home.expects(Expected{KickedOff{}}.numbered(next));
  c.advance(1s);
  bob.expects(work.seen());  // at a new address, without having gone
  // The old one gets nothing but silence, also when it logs in again by itself as Licq does.
  home.sends(KeepAlive{});
  home.sends(home.login());
  home.repeats();
  home.expects_nothing();
  for (int minute = 0; minute < 9; ++minute) {
    c.advance(1min);
    for (auto* client : {&work, &bob}) {
      const auto still = client->sends(KeepAlive{});
      client->expects(ack(still));
    }
    home.sends(home.login());
    home.expects_nothing();
  }
  c.advance(61s);
  home.logs_in();
  work.expects(any<KickedOff>().numbered(work.server_sequence()));
  c.advance(1s);
  bob.expects(home.seen());
}

TEST(Login, TwoClientsDoNotThrowEachOtherOutForEver) {
  Conversation c;
  auto& home = c.client(10001);
  auto& work = c.impostor(home);
  home.logs_in();
  unsigned take_overs = 0;
  for (int round = 0; round < 50; ++round) {
    auto& loser = round % 2 == 0 ? work : home;
    loser.sequence = 1;
    loser.sends(loser.login());
    c.advance(5s);
    take_overs += static_cast<unsigned>(home.waiting(KickedOff::command) + work.waiting(KickedOff::command));
    home.ignores_what_came();
    work.ignores_what_came();
  }
  EXPECT_LE(take_overs, 2U);
}

TEST(Login, FromANewPortOfTheSameAddressTakesOver) {
  Conversation c;
  auto& old_port = c.client(10001);
  old_port.logs_in();
  auto& new_port = c.from_new_port(old_port);
  new_port.logs_in();
  old_port.expects(any<KickedOff>().numbered(1));
  old_port.sends(KeepAlive{});
  old_port.expects_nothing();
  const auto number = new_port.sends(KeepAlive{});
  new_port.expects(ack(number));
}

TEST(Login, UnknownNumberIsRefusedLikeAWrongPassword) {
  Conversation c;
  for (const std::uint32_t uin : {4711U, 0U, 0xFFFFFFFFU, 2'000'000'000U, 10000U}) {
    auto& nobody = c.stranger(uin);
    nobody.sends(nobody.login());
    nobody.expects({ack(1), Expected{BadPassword{std::uint16_t{0}, Uin{uin}}}.numbered(0)});
  }
}

TEST(Login, EmptyAndOverlongPasswordsAreRefused) {
  Conversation c;
  auto& alice = c.client(10001);
  for (const auto& password : {std::string{}, std::string(300, 'x')}) {
    alice.password = password;
    const auto number = alice.sends(alice.login());
    alice.expects({ack(number), any<BadPassword>().numbered(0)});
  }
}

TEST(Login, WrongPasswordsAreThrottledForTheirAddressOnly) {
  Conversation c;
  auto& alice = c.client(10001);
  auto& mallory = c.impostor(alice);
  mallory.password = "guess";
  for (int i = 0; i < 4; ++i) {
    mallory.sequence = static_cast<std::uint16_t>(100 + i);
    const auto number = mallory.sends(mallory.login());
    mallory.expects({ack(number), any<BadPassword>().numbered(0)});
  }
  // From now on there is a pause, which grows; within it also the right password is not looked at.
  mallory.password = usual_password;
  mallory.sends(mallory.login());
  mallory.expects_nothing();
  // The owner is not kept out.
  alice.logs_in();
  alice.logs_off();
  c.advance(1s);
  mallory.password = "guess";
  mallory.sends(mallory.login());
  mallory.expects({ack(mallory.sequence - 1U), any<BadPassword>().numbered(0)});
  c.advance(1s);
  mallory.sends(mallory.login());
  mallory.expects_nothing();
  c.advance(1s);
  mallory.password = usual_password;
  mallory.logs_in();
  EXPECT_EQ(c.count(&service::Counters::logins_throttled), 2);
}

TEST(Login, OfASuspendedAccountIsRefused) {
  Conversation c;
  auto& alice = c.client(10001);
  ASSERT_TRUE(c.store(storage::Suspend{alice, c.now().wall + 1h, "spam"}));
  alice.sends(alice.login());
  alice.expects({ack(1), any<BadPassword>().numbered(0)});
  c.advance(1h);
  alice.logs_in();
}

TEST(Login, IsPutOffWithoutAWordWhenTheStoreCannotCommit) {
  Conversation c;
  auto& alice = c.client(10001);
  c.memory().fail_commits(1);
  alice.sends(alice.login());
  alice.expects_nothing();
  alice.repeats();
  alice.expects({ack(1), any<LoginReply>()});
}

TEST(Login, LenWithoutNulAndNonsenseInThePortAreTaken) {
  Conversation c;
  auto& alice = c.client(10001, {.password = "abcd"});
  // As icqlib sends it, but LEN 4 for "abcd" without counting the NUL that is not there.
  alice.sends_bytes({0x02, 0x00, 0xE8, 0x03, 0x01, 0x00, 0x11, 0x27, 0x00, 0x00, 0x96, 0xB5,
                     0x01, 0x00, 0x04, 0x00, 'a',  'b',  'c',  'd',  0x72, 0x00, 0x04, 0x00,
                     0x7F, 0x00, 0x00, 0x01, 0x06, 0x00, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00,
                     0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x72, 0x00});
  alice.expects({ack(1), any<LoginReply>()});
}

TEST(Login, WhenAdmissionIsClosedGetsBusyAndNothingElse) {
  Scene scene;
  scene.server.settings.services.accept_logins = false;
  Conversation c{scene};
  auto& alice = c.client(10001);
  alice.sends(alice.login());
  alice.expects({ack(1), Expected{ServerBusy{}}.numbered(1)});
  alice.password = "wrong";  // tells nothing of passwords either
  alice.sends(alice.login());
  alice.expects({ack(2), Expected{ServerBusy{}}.numbered(2)});
}

TEST(LogOff, IsAcknowledgedAndWatchersAreTold) {
  Conversation c;
  auto& alice = c.client(10001);
  auto& bob = c.client(10002);
  bob.comes_online();
  bob.watches({alice});
  alice.comes_online();
  bob.expects(alice.seen());
  const auto number = alice.sends(TextCode{TextCode::user_disconnected, 5});
  alice.expects(ack(number));
  bob.expects(UserOffline{alice});
  alice.sends(KeepAlive{});
  alice.expects(any<NotConnected>().numbered(number + 1U));
}

TEST(LogOff, OfAliceIcqWithALenBeyondTheDatagram) {
  Conversation c;
  auto& alice = c.client(10001);
  alice.comes_online();
  auto bytes = alice.datagram_of(TextCode{TextCode::user_disconnected, 5});
  bytes[10] = 0x20;
  const auto number = alice.sequence++;
  alice.sends_bytes(bytes);
  alice.expects(ack(number));
  alice.sends(KeepAlive{});
  alice.expects(any<NotConnected>().numbered(number + 1U));
}

TEST(LogOff, WithAnImplausibleNumberIsIgnoredHoweverOftenItComes) {
  Conversation c;
  auto& alice = c.client(10001);
  alice.comes_online();
  alice.sequence = 30000;
  alice.sends(TextCode{TextCode::user_disconnected, 5});
  alice.repeats();
  alice.repeats();
  alice.expects_nothing();
  alice.sequence = 3;
  const auto number = alice.sends(KeepAlive{});
  alice.expects(ack(number));
}

TEST(Silence, EndsASessionAfterFiveMinutes) {
  Conversation c;
  auto& alice = c.client(10001);
  auto& bob = c.client(10002);
  bob.comes_online();
  bob.watches({alice});
  alice.comes_online();
  bob.expects(alice.seen());
  c.advance(240s);
  const auto kept_alive = bob.sends(KeepAlive{});
  bob.expects(ack(kept_alive));
  c.advance(58s);
  bob.expects_nothing();
  c.advance(3s);
  bob.expects(UserOffline{alice});
  alice.sends(KeepAlive{});
  alice.expects(any<NotConnected>().numbered(alice.sequence - 1U));
}

TEST(Silence, LastsTwoAndAHalfKeepAlivesWhenThatIsLonger) {
  Scene scene;
  scene.server.settings.icq.keepalive = 200s;
  Conversation c{scene};
  auto& alice = c.client(10001);
  alice.sends(alice.login());
  alice.expects({ack(1), any<LoginReply>()});
  c.advance(499s);
  auto number = alice.sends(KeepAlive{});
  alice.expects(ack(number));
  c.advance(501s);
  number = alice.sends(KeepAlive{});
  alice.expects(any<NotConnected>().numbered(number));
}

TEST(KeepAlive, BothKindsAreAcknowledgedEveryTime) {
  Conversation c;
  auto& alice = c.client(10001);
  alice.comes_online();
  for (int i = 0; i < 5; ++i) {
    c.advance(120s);
    auto number = alice.sends(KeepAlive{});
    alice.expects(ack(number));
    alice.repeats();
    alice.expects(ack(number));
    number = alice.sends(SecondKeepAlive{});
    alice.expects(ack(number));
  }
}

/// mICQ 0.2.5 keeps arrays of 1,024 server numbers.
TEST(Micq, IsToldToComeBackBeforeItsArraysEnd) {
  Conversation c;
  auto& micq = c.client(10001);
  micq.x2 = 6;
  micq.logs_in();
  micq.sequence = 3;
  auto number = micq.sends(RequestStored{});
  micq.expects({ack(number), any<EndOfStored>()});
  micq.sequence = 5;
  micq.watches({Uin{10000}});
  while (micq.server_sequence() < 999) {
    number = micq.sends(QueryServers{});
    micq.expects(ack(number));
    number = micq.sends(RandomSearch{1});
    micq.expects({ack(number), any<icq::RandomUser>()});
    c.advance(100ms);
  }
  micq.expects_nothing();
  number = micq.sends(RandomSearch{1});
  micq.expects({ack(number), any<icq::RandomUser>(), icq::ServerBusy{}});
  EXPECT_EQ(micq.last_number(), 1000);
  // It comes back by itself, with the very packet of its first log-in, and numbers begin at 0 again.
  micq.sequence = 1;
  c.advance(5s);
  micq.logs_in();
  EXPECT_EQ(c.count(&service::Counters::logins), 2);
}

TEST(Micq, ThatComesBackWithinAMinuteIsNotTakenForARepeat) {
  Conversation c;
  auto& micq = c.client(10001);
  micq.x2 = 6;
  const auto login = micq.datagram_of(micq.login());
  micq.sends_bytes(login);
  micq.expects({ack(1), any<LoginReply>()});
  micq.sequence = 5;
  while (micq.server_sequence() < 1000) {
    micq.watches({system_uin});
    c.advance(30ms);
  }
  micq.expects(icq::ServerBusy{});
  micq.sends_bytes(login);
  micq.expects({ack(1), any<LoginReply>().again()});
  EXPECT_EQ(c.count(&service::Counters::logins), 2);
}

TEST(Micq, IcqlibIsNotTakenForIt) {
  Conversation c;
  auto& icqlib = c.client(10001);
  icqlib.x2 = 6;
  icqlib.comes_online();
  icqlib.sequence = 4;
  icqlib.watches({Uin{10000}});
  while (icqlib.server_sequence() < 1100) {
    const auto number = icqlib.sends(RandomSearch{1});
    icqlib.expects({ack(number), any<icq::RandomUser>()});
    c.advance(100ms);
  }
  icqlib.expects_nothing();
}

}  // namespace
}  // namespace uhoh::testing
