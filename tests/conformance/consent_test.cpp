// Authorisation: who may see whom, requests, grants, refusals, "you were added".
// Source: issue 2 part 3; spec/icq.md 1.2 item 12, 3.3; DESIGN.md section 3 ("no edge and no watch ...").

#include <gtest/gtest.h>

#include "support/conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace icq;

const std::string request =
    "bob\xFE"
    "Robert\xFE"
    "Brown\xFE"
    "b@x\xFE"
    "1\xFEplease";

class Consent : public ::testing::Test {
 protected:
  Consent() {
    alice.comes_online();
    bob.comes_online();
  }
  void demands_authorisation() {
    const auto number = alice.sends(AuthUpdate{authorize_required, {}});
    alice.expects({ack(number), AuthUpdateReply{}});
  }
  void writes(Client& from, Client& to, std::uint16_t type, std::string_view text, bool to_stranger) {
    const auto number =
        to_stranger ? from.sends(MessageToStranger{to, {type, text}}) : from.sends(message(to, text, type));
    to.expects(arrives(from, type == 8 ? "" : text, type));
    from.expects(ack(number));
  }
  Conversation c;
  Client& alice = c.client(10001);
  Client& bob = c.client(10002, {.profile = {"bob", "Robert", "Brown", "b@x"}});
};

TEST_F(Consent, AGrantOpensPresenceAndARefusalClosesIt) {
  demands_authorisation();
  for (const bool to_stranger : {true, false}) {
    EXPECT_TRUE(bob.watches({alice}).empty());
    writes(bob, alice, 6, request, to_stranger);
    bob.expects_nothing();
    writes(alice, bob, 8, "", to_stranger);
    bob.expects(alice.seen());
    auto number = alice.sends(StatusChange{1});
    alice.expects(ack(number));
    bob.expects(StatusUpdate{alice, 1});
    writes(alice, bob, 7, "no more", to_stranger);
    bob.expects(UserOffline{alice});
    number = alice.sends(StatusChange{0});
    alice.expects(ack(number));
    bob.expects_nothing();
  }
}

TEST_F(Consent, OutlivesTheSession) {
  demands_authorisation();
  writes(bob, alice, 6, request, true);
  writes(alice, bob, 8, "", true);
  bob.watches({alice});
  bob.ignores_what_came();
  alice.logs_off();
  bob.expects(UserOffline{alice});
  bob.logs_off();
  alice.comes_online();
  bob.comes_online();
  EXPECT_EQ(bob.watches({alice}), std::vector{alice.uin()});
  auto& carol = c.client(10003);
  carol.comes_online();
  EXPECT_TRUE(carol.watches({alice}).empty());
}

TEST_F(Consent, OfSomebodyWhoIsOfflineIsRecorded) {
  demands_authorisation();
  alice.logs_off();
  // He asks while she is away, she answers while he is.
  auto number = bob.sends(MessageToStranger{alice, {6, request}});
  bob.expects(ack(number));
  bob.logs_off();
  alice.logs_in();
  number = alice.sends(RequestStored{});
  alice.expects({ack(number), StoredMessage{bob, 2026, 1, 2, 12, 0, {6, request}}, EndOfStored{alice}});
  number = alice.sends(MessageToStranger{bob, {8, "\x03"}});
  alice.expects(ack(number));
  bob.logs_in();
  number = bob.sends(RequestStored{});
  bob.expects({ack(number), StoredMessage{alice, 2026, 1, 2, 12, 0, {8, ""}}, EndOfStored{bob}});
  c.advance(1s);
  EXPECT_EQ(bob.watches({alice}), std::vector{alice.uin()});
}

TEST_F(Consent, CannotBeGrantedByTheOneWhoAsks) {
  demands_authorisation();
  bob.watches({alice});
  writes(bob, alice, 8, "", true);
  bob.expects_nothing();
}

TEST_F(Consent, IsNotNeededWhereAnyoneMayAdd) {
  EXPECT_EQ(bob.watches({alice}), std::vector{alice.uin()});
  demands_authorisation();
  bob.expects(UserOffline{alice});
  const auto number = alice.sends(AuthUpdate{authorize_open, {}});
  alice.expects({ack(number), AuthUpdateReply{}});
  bob.expects(alice.seen());
}

TEST_F(Consent, OfThoseWhoHaveItIsNotInterruptedByANewSetting) {
  auto number = bob.sends(AddToList{alice});
  bob.expects({ack(number), alice.seen()});
  alice.expects(any<StoredMessage>());
  demands_authorisation();
  bob.expects_nothing();
  number = alice.sends(StatusChange{1});
  alice.expects(ack(number));
  bob.expects(StatusUpdate{alice, 1});
}

TEST_F(Consent, ToARefusedNumberIsRefusedWith012C) {
  const auto number = bob.sends(MessageToStranger{Uin{4711}, {6, request}});
  bob.expects({ack(number), InvalidUin{Uin{4711}}});
}

// ---- 053C
// ------------------------------------------------------------------------------------------------------

TEST_F(Consent, AddingTellsTheOtherAndShowsPresenceFromThenOn) {
  auto number = bob.sends(AddToList{alice});
  bob.expects({ack(number), alice.seen()});
  alice.expects(any<StoredMessage>());
  const auto told = alice.last<StoredMessage>();
  EXPECT_EQ(told.sender, bob.uin());
  EXPECT_EQ(told.message.type, 0x0C);
  EXPECT_EQ(told.message.text,
            "bob\xFE"
            "Robert\xFE"
            "Brown\xFE"
            "b@x\xFE"
            "1");
  number = alice.sends(StatusChange{1});
  alice.expects(ack(number));
  bob.expects(StatusUpdate{alice, 1});
  // Added again: nobody is told again.
  number = bob.sends(AddToList{alice});
  bob.expects({ack(number), alice.seen(1)});
  alice.expects_nothing();
}

TEST_F(Consent, AddingSomebodyWhoIsAway) {
  alice.logs_off();
  auto number = bob.sends(AddToList{alice});
  bob.expects(ack(number));
  alice.logs_in();
  c.advance(1s);
  bob.expects(alice.seen());
  number = alice.sends(RequestStored{});
  alice.expects({ack(number), any<StoredMessage>(), EndOfStored{alice}});
}

TEST_F(Consent, AddingEachOtherShowsAddressesToBoth) {
  auto number = bob.sends(AddToList{alice});
  bob.expects({ack(number), alice.seen()});
  alice.expects(any<StoredMessage>());
  number = alice.sends(AddToList{bob});
  alice.expects({ack(number), bob.seen(0, true)});
  bob.expects_in_any_order({alice.seen(0, true), any<StoredMessage>()});
}

TEST_F(Consent, AddingWithoutAuthorisationTellsNobodyAndShowsNothing) {
  demands_authorisation();
  auto number = bob.sends(AddToList{alice});
  bob.expects(ack(number));
  alice.expects_nothing();
  // After the grant it works.
  writes(bob, alice, 6, request, true);
  writes(alice, bob, 8, "", true);
  number = bob.sends(AddToList{alice});
  bob.expects({ack(number), alice.seen()});
  alice.expects(any<StoredMessage>());
}

TEST_F(Consent, AddingNobodyAndOneself) {
  auto number = bob.sends(AddToList{Uin{4711}});
  bob.expects({ack(number), InvalidUin{Uin{4711}}});
  for (const std::uint32_t uin : {0U, 0xFFFFFFFFU}) {
    number = bob.sends(AddToList{Uin{uin}});
    bob.expects({ack(number), InvalidUin{Uin{uin}}});
  }
  number = bob.sends(AddToList{bob});
  bob.expects(ack(number));
  number = bob.sends(AddToList{system_uin});
  bob.expects({ack(number), any<icq::UserOnline>()});
}

TEST_F(Consent, AddingTheInvisibleShowsNothing) {
  auto number = alice.sends(StatusChange{0x100});
  alice.expects(ack(number));
  number = bob.sends(AddToList{alice});
  bob.expects(ack(number));
  alice.expects(any<StoredMessage>());
  bob.expects_nothing();
}

}  // namespace
}  // namespace uhoh::testing
