// A restart is not a logout, and a crash loses nothing that was acknowledged. Source: DESIGN.md, promises 1,
// 2, 6.

#include <gtest/gtest.h>

#include <set>

#include "support/conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace icq;

class Restart : public ::testing::TestWithParam<bool> {
 protected:
  Restart() {
    bob.comes_online();
    alice.comes_online();
    alice.watches({bob});
    bob.watches({alice});
    alice.ignores_what_came();
    bob.ignores_what_came();
  }
  void keeps_alive(Client& client) {
    const auto number = client.sends(KeepAlive{});
    client.expects(ack(number));
  }
  Conversation c{{.sqlite = GetParam()}};
  Client& alice = c.client(10001);
  Client& bob = c.client(10002);
};

TEST_P(Restart, SessionsGoOnAndWatchersSeeNoChange) {
  const auto numbers_before = alice.server_sequence();
  c.crashes_and_restarts();
  EXPECT_EQ(c.server().restored(), 2U);
  c.advance(60s);
  alice.expects_nothing();
  bob.expects_nothing();
  keeps_alive(alice);
  keeps_alive(bob);
  c.advance(1s);
  alice.expects_nothing();
  bob.expects_nothing();
  // Everything works as before, under numbers that were never used.
  auto number = bob.sends(message(alice, "still there?"));
  alice.expects(any<OnlineMessage>().numbered(256));
  EXPECT_GT(alice.last_number(), numbers_before);
  bob.expects(ack(number));
  number = alice.sends(StatusChange{1});
  alice.expects(ack(number));
  bob.expects(any<StatusUpdate>().numbered(256));
  EXPECT_EQ(c.count(&service::Counters::logins), 0);
}

TEST_P(Restart, KeepsStatusListsAndInvisibility) {
  auto number = alice.sends(StatusChange{0x100});
  alice.expects(ack(number));
  bob.expects(UserOffline{alice});
  auto& carol = c.client(10003);
  carol.comes_online();
  carol.watches({alice});
  number = alice.sends(list_of(VisibleList::command, {carol}));
  alice.expects(ack(number));
  carol.expects(alice.seen(0x100));
  c.crashes_and_restarts();
  for (auto* client : {&alice, &bob, &carol}) keeps_alive(*client);
  // Still hidden from bob, and shown to carol.
  EXPECT_EQ(bob.waiting(), 0U);
  number = alice.sends(StatusChange{0x101});
  alice.expects(ack(number));
  bob.expects_nothing();
  carol.expects(Expected{StatusUpdate{alice, 0x101}}.numbered(256));
  number = bob.sends(contact_list({alice}));
  bob.expects({ack(number), Expected{EndOfContacts{bob}}.numbered(256)});
}

TEST_P(Restart, ARestoredSessionSendsNothingUntilItIsHeard) {
  c.crashes_and_restarts();
  // Bob is heard first. Alice's client may be gone: nothing goes there.
  const auto number = bob.sends(message(alice, "hello?"));
  bob.expects(ack(number));
  EXPECT_EQ(c.kept(alice).size(), 1U);
  c.advance(20s);
  alice.expects_nothing();
  keeps_alive(alice);
  alice.expects(any<StoredMessage>().numbered(256));
  EXPECT_EQ(alice.last<StoredMessage>().message.text, "hello?");
  c.advance(10ms);
  EXPECT_TRUE(c.kept(alice).empty());
}

TEST_P(Restart, ARestoredSessionThatStaysSilentEnds) {
  c.crashes_and_restarts();
  c.advance(200s);
  keeps_alive(bob);
  bob.expects_nothing();
  c.advance(101s);
  bob.expects(any<UserOffline>().numbered(256));
  EXPECT_EQ(bob.last<UserOffline>().uin, alice.uin());
}

TEST_P(Restart, LosesNoAcknowledgedMessage) {
  bob.acknowledges = false;
  unsigned acknowledged = 0;
  for (int i = 0; i < 20; ++i) {
    alice.sends_at_once(message(bob, std::to_string(i)));
    c.advance(7ms);
  }
  acknowledged = static_cast<unsigned>(alice.waiting(ServerAck::command));
  EXPECT_GT(acknowledged, 0U);
  EXPECT_LT(acknowledged, 20U) << "the crash should fall in the middle";
  c.crashes_and_restarts();
  EXPECT_GE(c.kept(bob).size(), acknowledged);
  for (unsigned i = 0; i < acknowledged; ++i) EXPECT_EQ(c.kept(bob)[i].text.utf8, std::to_string(i));
  alice.ignores_what_came();
  bob.ignores_what_came();
}

TEST_P(Restart, AMessageRepeatedAfterwardsIsRecognised) {
  bob.logs_off();
  alice.expects(UserOffline{bob});
  const auto number = alice.sends(message(bob, "once"));
  alice.expects(ack(number));
  c.crashes_and_restarts();
  // The acknowledgement was lost, so she sends again.
  alice.repeats();
  alice.expects(ack(number));
  EXPECT_EQ(c.kept(bob).size(), 1U);
  // Also when he has come, and got it.
  bob.logs_in();
  const auto asked = bob.sends(RequestStored{});
  bob.expects({ack(asked), any<StoredMessage>(), EndOfStored{bob}});
  c.crashes_and_restarts();
  bob.sends(KeepAlive{});
  bob.ignores_what_came();
  c.advance(5s);
  alice.repeats();
  alice.expects(ack(number));
  c.advance(1s);
  EXPECT_EQ(bob.waiting(OnlineMessage::command) + bob.waiting(StoredMessage::command), 0U);
  EXPECT_TRUE(c.kept(bob).empty());
  alice.ignores_what_came();
  bob.ignores_what_came();
}

TEST_P(Restart, AMessageThatWasNotAcknowledgedIsTakenAtItsRepeat) {
  bob.logs_off();
  alice.expects(UserOffline{bob});
  alice.sends_at_once(message(bob, "once"));  // the crash comes before the commit
  c.crashes_and_restarts();
  EXPECT_TRUE(c.kept(bob).empty());
  alice.repeats();
  alice.expects(ack(alice.sequence - 1U));
  EXPECT_EQ(c.kept(bob).size(), 1U);
}

TEST_P(Restart, NeverUsesAServerNumberTwice) {
  std::set<std::uint16_t> used;
  for (int crash = 0; crash < 3; ++crash) {
    for (int i = 0; i < 30; ++i) {
      const auto number = alice.sends(RandomSearch{1});
      alice.expects({ack(number), any<icq::RandomUser>().numbered(alice.server_sequence())});
      EXPECT_TRUE(used.insert(alice.last_number()).second) << alice.last_number();
      c.advance(200ms);
    }
    c.crashes_and_restarts();
    keeps_alive(alice);
    // The first number is the first of the next block, whatever was used of the block before.
    const auto number = alice.sends(RandomSearch{1});
    const auto first = static_cast<unsigned>(256 * (crash + 1));
    alice.expects({ack(number), any<icq::RandomUser>().numbered(first)});
    EXPECT_TRUE(used.insert(alice.last_number()).second) << alice.last_number();
  }
}

TEST_P(Restart, ALogInIsAnsweredAgainAlsoAfterwards) {
  auto& carol = c.client(10003);
  const auto login = carol.datagram_of(carol.login());
  carol.acknowledges = false;
  carol.sends_bytes(login);
  carol.expects({ack(1), any<LoginReply>()});
  c.crashes_and_restarts();
  carol.sends_bytes(login);
  carol.expects({ack(1), any<LoginReply>().again()});
  EXPECT_EQ(c.count(&service::Counters::logins), 0) << "the same session";
}

TEST_P(Restart, LogOffStands) {
  bob.logs_off();
  alice.expects(UserOffline{bob});
  c.crashes_and_restarts();
  EXPECT_EQ(c.server().restored(), 1U);
  bob.sends(KeepAlive{});
  bob.expects(any<NotConnected>().numbered(bob.sequence - 1U));
}

TEST_P(Restart, LogOffAsTheFirstThingHeard) {
  c.crashes_and_restarts();
  keeps_alive(alice);
  // Which number is plausible is not known yet, and clients say it once.
  const auto number = bob.sends(TextCode{TextCode::user_disconnected});
  bob.expects(ack(number));
  alice.expects(Expected{UserOffline{bob}}.numbered(256));
}

TEST_P(Restart, TheSuccessorOfARestoredSessionIsToldToWatchersWhenItLooksDifferent) {
  c.crashes_and_restarts();
  keeps_alive(bob);
  alice.logs_in();
  c.advance(1s);
  bob.expects_nothing();
  c.crashes_and_restarts();
  keeps_alive(bob);
  constexpr std::uint32_t away = 1;
  alice.logs_in(away);
  c.advance(1s);
  bob.expects(any<icq::UserOnline>().numbered(512));
}

TEST_P(Restart, FriendsConsentAndPasswordsStay) {
  auto number = alice.sends(AuthUpdate{authorize_required, {}});
  alice.expects({ack(number), AuthUpdateReply{}});
  bob.expects(UserOffline{alice});
  number = alice.sends(MessageToStranger{bob, {8, ""}});
  bob.expects_in_any_order({arrives(alice, "", 8), any<icq::UserOnline>()});
  alice.expects(ack(number));
  number = alice.sends(ChangePassword{1, "new-pass"});
  alice.expects({ack(number), any<OnlineMessage>()});
  c.crashes_and_restarts();
  keeps_alive(bob);
  number = bob.sends(contact_list({alice}));
  bob.expects(ack(number));
  keeps_alive(alice);
  bob.ignores_what_came();
  number = alice.sends(StatusChange{4});
  alice.expects(ack(number));
  bob.expects(StatusUpdate{alice, 4});
  alice.password = "new-pass";
  alice.logs_in();
  alice.ignores_what_came();
  c.advance(1s);
  bob.ignores_what_came();
}

INSTANTIATE_TEST_SUITE_P(, Restart, ::testing::Values(false, true),
                         [](const auto& engine) { return engine.param ? "OnSqlite" : "InMemory"; });

}  // namespace
}  // namespace uhoh::testing
