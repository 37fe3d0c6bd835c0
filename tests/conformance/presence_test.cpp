// Who sees whom, as what, and where. Source: issue 2 part 3 (status); spec/icq.md 1.2 item 13, 3.2, 3.3;
// DESIGN.md, promise 4 ("Hidden is offline").

#include <gtest/gtest.h>

#include "support/conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace icq;

constexpr std::uint32_t invisible = 0x100;

class Presence : public ::testing::Test {
 protected:
  Presence() {
    bob.comes_online();
    bob.watches({alice});
  }
  void sets_status(Client& who, std::uint32_t status) {
    const auto number = who.sends(StatusChange{status});
    who.expects(ack(number));
  }
  Conversation c;
  Client& alice = c.client(10001);
  Client& bob = c.client(10002);
};

TEST_F(Presence, EveryStatusIsShownAsItWasSent) {
  alice.comes_online(0x20);
  bob.expects(alice.seen(0x20));
  // Both codings of do not disturb and of N/A, and the flags of the high word.
  for (const std::uint32_t status :
       {0x1U, 0x2U, 0x4U, 0x5U, 0x10U, 0x11U, 0x13U, 0x20U, 0x0U, 0x10000U, 0x20001U, 0x80011U}) {
    sets_status(alice, status);
    bob.expects(StatusUpdate{alice, status});
  }
}

TEST_F(Presence, TheSameStatusAgainIsNoNews) {
  alice.comes_online(1);
  bob.expects(alice.seen(1));
  sets_status(alice, 1);
  bob.expects_nothing();
}

TEST_F(Presence, IsToldAfterTheContactListOrHalfASecond) {
  alice.logs_in();
  bob.expects_nothing();
  alice.watches({Uin{10009}});
  bob.expects(alice.seen());
  alice.logs_off();
  bob.expects(UserOffline{alice});
  alice.logs_in();
  c.advance(450ms);
  bob.expects_nothing();
  c.advance(200ms);
  bob.expects(alice.seen());
}

TEST_F(Presence, GoesAndComesWithInvisibility) {
  alice.comes_online();
  bob.expects(alice.seen());
  sets_status(alice, invisible);
  bob.expects(UserOffline{alice});
  sets_status(alice, invisible | 1);
  bob.expects_nothing();
  sets_status(alice, 1);
  bob.expects(alice.seen(1));
}

TEST_F(Presence, OfTheInvisibleIsTheSameAsOfThoseWhoAreOffline) {
  alice.comes_online(invisible);
  c.advance(10s);
  bob.expects_nothing();
  EXPECT_TRUE(bob.watches({alice}).empty());
  // Search, information and random chat tell nothing.
  auto number = bob.sends(SearchUin{1, alice});
  bob.expects({ack(number), icq::UserFound{1, alice, {}}, EndOfSearch{1}});
  number = alice.sends(RandomSet{1});
  alice.expects(ack(number));
  number = bob.sends(RandomSearch{1});
  bob.expects({ack(number), icq::RandomUser{.tcp_version = 0}});
  sets_status(alice, invisible | 0x11);
  alice.logs_off();
  bob.expects_nothing();
}

TEST_F(Presence, OfTheInvisibleDoesNotShowWhenAnotherLogInTakesOver) {
  alice.comes_online(invisible);
  auto& work = c.impostor(alice);
  work.comes_online(invisible);
  alice.expects(any<KickedOff>().numbered(alice.server_sequence()));
  bob.expects_nothing();
  work.logs_off();
  bob.expects_nothing();
}

TEST_F(Presence, GoesWhenAnInvisibleLogInTakesOver) {
  alice.comes_online();
  bob.expects(alice.seen());
  alice.logs_in(invisible);
  c.advance(1s);
  bob.expects(UserOffline{alice});
}

TEST_F(Presence, AMessageToTheInvisibleTakesAsLongAsOneToThoseWhoAreOffline) {
  alice.comes_online(invisible);
  auto& carol = c.client(10003);
  for (const Uin to : {alice.uin(), carol.uin()}) {
    const auto number = bob.sends_at_once(message(to, "are you there?"));
    c.advance(1ms);
    bob.expects_nothing();  // her client would have acknowledged by now
    c.advance(2ms);
    bob.expects(ack(number));
  }
  alice.expects(arrives(bob, "are you there?"));
  // The same with a client that does not acknowledge, and for one who is only hidden from bob.
  sets_status(alice, 0);
  bob.expects(alice.seen());
  auto number = alice.sends(list_of(InvisibleList::command, {bob}));
  alice.expects(ack(number));
  bob.expects(UserOffline{alice});
  alice.acknowledges = false;
  number = bob.sends_at_once(message(alice, "or there?"));
  c.advance(3ms);
  bob.expects(ack(number));
  alice.expects(arrives(bob, "or there?"));
  alice.acknowledges = true;
  c.advance(6s);
  alice.expects(any<OnlineMessage>().again());
  EXPECT_TRUE(c.kept(alice).empty());
}

TEST_F(Presence, EndsWithTheSessionWhateverEndsIt) {
  alice.comes_online();
  bob.expects(alice.seen());
  c.administers(alice, [&](service::Services& s) { s.kick(alice, c.now()); });
  alice.expects(any<KickedOff>().numbered(alice.server_sequence()));
  bob.expects(UserOffline{alice});
}

TEST_F(Presence, UnacknowledgedNewsAreMergedIntoTheNewest) {
  alice.comes_online();
  bob.expects(alice.seen());
  bob.acknowledges = false;
  for (std::uint32_t i = 0; i < 40; ++i) {
    c.advance(200ms);
    sets_status(alice, i % 2 == 0 ? 1 : 4);
  }
  bob.acknowledges = true;
  c.advance(20s);
  EXPECT_LE(bob.waiting(StatusUpdate::command), 8U * 3U);
  bob.ignores_what_came();
  EXPECT_EQ(bob.last<StatusUpdate>().status, 4U);
}

// ---- addresses
// -------------------------------------------------------------------------------------------------

TEST(AddressPolicy, DecidesWhoSeesAddressAndPort) {
  for (const auto policy :
       {model::AddressPolicy::everyone, model::AddressPolicy::mutual, model::AddressPolicy::nobody}) {
    Conversation c;
    auto& alice = c.client(10001, {.address_policy = policy});
    auto& bob = c.client(10002);
    auto& carol = c.client(10003);
    alice.tcp_version = 6;
    bob.comes_online();
    carol.comes_online();
    alice.comes_online();
    alice.watches({bob});
    auto number = bob.sends(contact_list({alice}));
    bob.expects({ack(number), alice.seen(0, policy != model::AddressPolicy::nobody), EndOfContacts{bob}});
    // Bob's own policy is the default: now that they watch each other, she sees where he is.
    alice.expects(bob.seen(0, true));
    number = carol.sends(contact_list({alice}));
    carol.expects(
        {ack(number), alice.seen(0, policy == model::AddressPolicy::everyone), EndOfContacts{carol}});
    // The same in random chat.
    number = alice.sends(RandomSet{3});
    alice.expects(ack(number));
    for (auto* asker : {&bob, &carol}) {
      const bool shown = policy == model::AddressPolicy::everyone ||
                         (policy == model::AddressPolicy::mutual && asker == &bob);
      number = asker->sends(RandomSearch{3});
      const auto seen = alice.seen(0, shown);
      asker->expects({ack(number), icq::RandomUser{.uin = alice, .where = seen.where, .tcp_version = 6}});
    }
  }
}

TEST(AddressPolicy, TcpPortAndVersionAreRelayedAsTheyCame) {
  Conversation c;
  auto& alice = c.client(10001, {.address_policy = model::AddressPolicy::everyone});
  auto& bob = c.client(10002);
  bob.comes_online();
  bob.watches({alice});
  auto login = alice.login();
  login.port = 0x0001B596;  // icqlib: a UDP port the wrong way round, and a flag
  login.tcp_version = 2;
  login.user_ip = 0;  // Licq behind a router names none: the address seen stands for it
  const auto number = alice.sends(login);
  alice.expects({ack(number), any<LoginReply>()});
  c.advance(1s);
  bob.expects(icq::UserOnline{.uin = alice,
                              .where = {.ip = alice.ip(), .port = 0x0001B596, .real_ip = alice.ip()},
                              .status = 0,
                              .tcp_version = 2});
}

}  // namespace
}  // namespace uhoh::testing
