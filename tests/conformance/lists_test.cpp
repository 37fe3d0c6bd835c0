// Contact lists and privacy lists: every form of the packet, limits, and what they do.
// Source: spec/icq.md 1.2 item 3; 2 items 3 to 5.

#include <gtest/gtest.h>

#include "support/conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace icq;

std::vector<Uin> numbers(std::uint32_t first, std::uint32_t count) {
  std::vector<Uin> all;
  for (std::uint32_t i = 0; i < count; ++i) all.push_back(Uin{first + i});
  return all;
}

TEST(ContactList, BothWidthsOfTheCountAndWrongCounts) {
  struct Form {
    unsigned width;
    std::optional<std::uint16_t> count;
  };
  // One byte from every client; two in the documents; Net::ICQ 0.08 writes 00 02; mICQ writes over the count.
  for (const Form& form :
       {Form{1, {}}, Form{2, {}}, Form{2, std::uint16_t{0x0200}}, Form{1, std::uint16_t{0}},
        Form{1, std::uint16_t{255}}, Form{2, std::uint16_t{0xFFFF}}}) {
    Conversation c;
    auto& alice = c.client(10001);
    auto& bob = c.client(10002);
    auto& carol = c.client(10003);
    bob.comes_online();
    carol.comes_online();
    alice.comes_online();
    const auto number = alice.sends(list_of(ContactList::command, {bob, carol}, form.width, form.count));
    alice.expects(ack(number));
    alice.expects_in_any_order({bob.seen(), carol.seen()});
    alice.expects(EndOfContacts{alice});
  }
}

TEST(ContactList, AddsAndIsAnsweredEachTime) {
  Conversation c;
  auto& alice = c.client(10001);
  auto& bob = c.client(10002);
  auto& carol = c.client(10003);
  alice.comes_online();
  bob.comes_online();
  EXPECT_EQ(alice.watches({bob}), std::vector{bob.uin()});
  // Licq adds one number at a time.
  EXPECT_TRUE(alice.watches({carol}).empty());
  carol.comes_online();
  alice.expects(carol.seen());
  const auto number = bob.sends(StatusChange{1});
  bob.expects(ack(number));
  alice.expects(StatusUpdate{bob, 1});
  // Named again: shown again.
  EXPECT_EQ(alice.watches({bob}), std::vector{bob.uin()});
}

TEST(ContactList, EmptyIsAnsweredToo) {
  Conversation c;
  auto& alice = c.client(10001);
  alice.comes_online();
  EXPECT_TRUE(alice.watches({}).empty());
}

TEST(ContactList, TwoHundredAndFiftyFiveInAPacketAndAThousandInAll) {
  Conversation c;
  auto& alice = c.client(10001);
  auto& early = c.client(20010);
  auto& late = c.client(20999);
  auto& beyond = c.client(21000);
  alice.comes_online();
  early.comes_online();
  late.comes_online();
  beyond.comes_online();
  EXPECT_EQ(alice.watches(numbers(20000, 255)).size(), 1U);
  EXPECT_EQ(alice.watches(numbers(20255, 255)).size(), 0U);
  EXPECT_EQ(alice.watches(numbers(20510, 255)).size(), 0U);
  EXPECT_EQ(alice.watches(numbers(20765, 255)).size(), 1U);  // 20 of these are over the limit
  EXPECT_EQ(c.count(&service::Counters::contacts_refused), 20);
  for (auto* client : {&early, &late, &beyond}) {
    const auto number = client->sends(StatusChange{1});
    client->expects(ack(number));
  }
  alice.expects({StatusUpdate{early, 1}, StatusUpdate{late, 1}});
}

TEST(ContactList, WithAHundredWhoAreOnline) {
  Conversation c;
  auto& alice = c.client(10001);
  std::vector<Uin> friends;
  for (std::uint32_t i = 0; i < 100; ++i) {
    auto& one = c.client(20000 + i);
    one.comes_online();
    friends.push_back(one);
  }
  alice.comes_online();
  EXPECT_EQ(alice.watches(friends).size(), 100U);
}

TEST(ContactList, WithNumbersThatNobodyCanHave) {
  Conversation c;
  auto& alice = c.client(10001);
  auto& bob = c.client(10002);
  bob.comes_online();
  alice.comes_online();
  EXPECT_EQ(alice.watches({Uin{0}, Uin{0xFFFFFFFF}, Uin{2'000'000'000}, alice, bob, bob, Uin{4711}}),
            std::vector{bob.uin()});
}

TEST(ContactList, ThatLiesAboutItsLengthIsIgnored) {
  Conversation c;
  auto& alice = c.client(10001);
  alice.comes_online();
  for (const std::size_t rest : {3U, 4U, 7U, 8U}) {
    const auto number = alice.sends(Packet{ContactList::command, std::vector<std::uint8_t>(rest, 1)});
    static_cast<void>(number);
    alice.expects_nothing();
  }
  EXPECT_TRUE(alice.watches({}).empty());
}

TEST(ContactList, OfANewSessionBeginsEmpty) {
  Conversation c;
  auto& alice = c.client(10001);
  auto& bob = c.client(10002);
  alice.comes_online();
  alice.watches({bob});
  alice.logs_off();
  alice.comes_online();
  bob.comes_online();
  alice.expects_nothing();
}

TEST(ContactList, TheSystemAccountIsAlwaysThere) {
  Conversation c;
  auto& alice = c.client(10001);
  alice.comes_online();
  EXPECT_EQ(alice.watches({system_uin}), std::vector{system_uin});
}

TEST(ContactList, IsNotAcknowledgedBeforeItIsCommitted) {
  Conversation c;
  auto& alice = c.client(10001);
  alice.comes_online();
  c.memory().fail_commits(1);
  const auto number = alice.sends(contact_list({Uin{10002}}));
  alice.expects_nothing();
  alice.repeats();
  alice.expects({ack(number), EndOfContacts{alice}});
}

/// Whether bob sees alice: what happens to his view when she changes something.
class PrivacyLists : public ::testing::Test {
 protected:
  PrivacyLists() {
    bob.comes_online();
    carol.comes_online();
    bob.watches({alice});
    carol.watches({alice});
  }
  void sets(std::uint16_t command, const std::vector<Uin>& members) {
    const auto number = alice.sends(list_of(command, members));
    alice.expects(ack(number));
  }
  Conversation c;
  Client& alice = c.client(10001);
  Client& bob = c.client(10002);
  Client& carol = c.client(10003);
  static constexpr std::uint32_t invisible = 0x100;
};

TEST_F(PrivacyLists, InvisibleListHidesFromItsMembers) {
  alice.comes_online();
  bob.expects(alice.seen());
  carol.expects(alice.seen());
  sets(InvisibleList::command, {bob});
  bob.expects(UserOffline{alice});
  const auto number = alice.sends(StatusChange{1});
  alice.expects(ack(number));
  carol.expects(StatusUpdate{alice, 1});
  // An empty list of a later moment lets everybody see again.
  c.advance(6s);
  sets(InvisibleList::command, {});
  bob.expects(alice.seen(1));
  carol.expects_nothing();
}

TEST_F(PrivacyLists, VisibleListShowsTheInvisible) {
  alice.comes_online(invisible);
  bob.expects_nothing();
  sets(VisibleList::command, {carol});
  carol.expects(alice.seen(invisible));
  c.advance(6s);
  sets(VisibleList::command, {bob});
  carol.expects(UserOffline{alice});
  bob.expects(alice.seen(invisible));
  // Parts that follow within 5 s add to the list.
  c.advance(4s);
  sets(VisibleList::command, {carol});
  carol.expects(alice.seen(invisible));
  bob.expects_nothing();
  c.advance(4s);
  sets(VisibleList::command, {Uin{10004}});
  carol.expects_nothing();
  c.advance(6s);
  sets(VisibleList::command, {Uin{10004}});
  bob.expects(UserOffline{alice});
  carol.expects(UserOffline{alice});
}

TEST_F(PrivacyLists, InvisibleListWinsOverVisibleList) {
  alice.comes_online(invisible);
  sets(InvisibleList::command, {bob});
  sets(VisibleList::command, {bob, carol});
  bob.expects_nothing();
  carol.expects(alice.seen(invisible));
}

TEST_F(PrivacyLists, BeforeTheFirstAppearance) {
  alice.logs_in();
  sets(InvisibleList::command, {bob});
  c.advance(1s);
  bob.expects_nothing();
  carol.expects(alice.seen());
  alice.logs_off();
  bob.expects_nothing();
  carol.expects(UserOffline{alice});
}

TEST_F(PrivacyLists, BothWidthsOfTheCount) {
  alice.comes_online();
  bob.expects(alice.seen());
  carol.expects(alice.seen());
  const auto number = alice.sends(list_of(InvisibleList::command, {bob, carol}, 2));
  alice.expects(ack(number));
  bob.expects(UserOffline{alice});
  carol.expects(UserOffline{alice});
}

TEST_F(PrivacyLists, OfANewSessionBeginEmpty) {
  alice.logs_in();
  sets(InvisibleList::command, {bob});
  c.advance(1s);
  carol.expects(alice.seen());
  alice.logs_off();
  carol.expects(UserOffline{alice});
  alice.comes_online();
  bob.expects(alice.seen());
  carol.expects(alice.seen());
}

}  // namespace
}  // namespace uhoh::testing
