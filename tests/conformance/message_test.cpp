// Messages: live, kept, refused, in order, resent, split. Source: spec/icq.md 1.2 items 4 to 7, 3.3;
// DESIGN.md, promises 1, 2, 7.

#include <gtest/gtest.h>

#include "support/conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace icq;

StoredMessage stored(Uin from, std::string_view text, std::uint16_t type = 1) {
  return {from, 2026, 1, 2, 12, 0, {type, text}};
}

class Messages : public ::testing::Test {
 protected:
  explicit Messages(const Scene& scene = {}) : c{scene} { alice.comes_online(); }
  std::uint16_t fetches(Client& client) {
    const auto number = client.sends(RequestStored{});
    client.expects(ack(number));
    return number;
  }
  Conversation c;
  Client& alice = c.client(10001);
  Client& bob = c.client(10002);
  Client& carol = c.client(10003);
};

// ---- live

TEST_F(Messages, LiveIsAcknowledgedWhenTheRecipientHasAcknowledged) {
  bob.comes_online();
  bob.acknowledges = false;
  const auto number = alice.sends(message(bob, "hi"));
  bob.expects(arrives(alice, "hi"));
  alice.expects_nothing();
  bob.acknowledge(bob.last_number());
  alice.expects(ack(number));
  EXPECT_TRUE(c.kept(bob).empty());
  EXPECT_EQ(c.count(&service::Counters::messages_live), 1);
  EXPECT_EQ(c.count(&service::Counters::messages_kept), 0);
}

TEST_F(Messages, LiveIsKeptAfterFiftyMillisecondsAndOnlyThenAcknowledged) {
  bob.comes_online();
  bob.acknowledges = false;
  const auto number = alice.sends(message(bob, "hi"));
  bob.expects(arrives(alice, "hi"));
  c.advance(39ms);
  alice.expects_nothing();
  EXPECT_TRUE(c.kept(bob).empty());
  c.advance(5ms);
  alice.expects(ack(number));
  EXPECT_EQ(c.kept(bob).size(), 1U);
  // His acknowledgement, late, deletes it.
  bob.acknowledge(bob.last_number());
  c.advance(10ms);
  EXPECT_TRUE(c.kept(bob).empty());
  c.advance(60s);
  bob.expects_nothing();
}

TEST_F(Messages, LiveThatIsNeverAcknowledgedIsThereAtTheNextLogIn) {
  bob.comes_online();
  bob.acknowledges = false;
  const auto number = alice.sends(message(bob, "hi"));
  c.advance(50ms);
  alice.expects(ack(number));
  for (int i = 0; i < 4; ++i) {
    c.advance(60s);
    alice.sends(KeepAlive{});
    alice.ignores_what_came();
  }
  EXPECT_EQ(bob.waiting(), 12U) << "six transmissions, and the whole once more";
  bob.ignores_what_came();
  bob.sends(KeepAlive{});
  bob.expects(any<NotConnected>().numbered(bob.sequence - 1U));
  EXPECT_EQ(c.count(&service::Counters::shown_unconfirmed), 1);
  bob.acknowledges = true;
  bob.logs_in();
  fetches(bob);
  bob.expects({stored(alice, "hi"), EndOfStored{bob}});
  EXPECT_TRUE(c.kept(bob).empty());
}

TEST_F(Messages, RepeatedBySixCopiesArriveOnce) {
  bob.comes_online();
  const auto number = alice.sends_copies(6, message(bob, "hi"));
  bob.expects(arrives(alice, "hi"));
  // Acknowledged by bob within the instant: the five copies that follow find it finished.
  alice.expects({ack(number), ack(number), ack(number), ack(number), ack(number), ack(number)});
}

TEST_F(Messages, TheSameTextUnderANewNumberIsANewMessage) {
  bob.comes_online();
  for (int i = 0; i < 2; ++i) {
    const auto number = alice.sends(message(bob, "hi"));
    alice.expects(ack(number));
    bob.expects(arrives(alice, "hi"));
  }
}

TEST_F(Messages, AnotherTextUnderTheSameNumberIsANewMessage) {
  bob.comes_online();
  const auto number = alice.sends(message(bob, "one"));
  alice.sequence = number;
  alice.sends(message(bob, "two"));
  alice.expects({ack(number), ack(number)});
  bob.expects({arrives(alice, "one"), arrives(alice, "two")});
}

TEST_F(Messages, ToOneselfArrive) {
  const auto number = alice.sends(message(alice, "note to self"));
  alice.expects_in_any_order({ack(number), arrives(alice, "note to self")});
}

TEST_F(Messages, EveryTypeIsRelayedAsItIs) {
  bob.comes_online();
  struct Sent {
    std::uint16_t type;
    std::string text;
  };
  const std::vector<Sent> all{
      {0x01, "plain"},
      {0x02, "let us chat"},
      {0x03,
       "file.zip\xFE"
       "my file"},
      {0x04, "a page\xFEhttp://example.org/"},
      {0x0C,
       "nick\xFE"
       "first\xFElast\xFE"
       "e@mail\xFE"
       "1"},
      {0x0D, "looks like a pager"},
      {0x0E, "looks like a mail"},
      {0x13,
       "1\xFE"
       "10003\xFE"
       "carol\xFE"},
      {0x1A, "user info"},
      {0x8001, "to several"},
      {0x8004, "a page\xFEhttp://example.org/"},
      {0x4321, "nobody knows what"},
  };
  for (const auto& sent : all) {
    const auto number = alice.sends(message(bob, sent.text, sent.type));
    bob.expects(arrives(alice, sent.text, sent.type));
    alice.expects(ack(number));
  }
  bob.logs_off();
  for (const auto& sent : all) {
    const auto number = alice.sends(message(bob, sent.text, sent.type));
    alice.expects(ack(number));
  }
  bob.logs_in();
  fetches(bob);
  for (const auto& sent : all) bob.expects(stored(alice, sent.text, sent.type));
  bob.expects(EndOfStored{bob});
}

TEST_F(Messages, OfAuthorisationAreRelayed) {
  bob.comes_online();
  const std::string request =
      "al\xFE"
      "A\xFEL\xFE"
      "a@l\xFE"
      "1\xFEplease";
  for (const auto& [type, text, shown] : {std::tuple{std::uint16_t{6}, request, request},
                                          {std::uint16_t{7}, std::string{"no"}, std::string{"no"}},
                                          {std::uint16_t{8}, std::string{"\x03"}, std::string{}}}) {
    const auto number = alice.sends(message(bob, text, type));
    bob.expects(arrives(alice, shown, type));
    alice.expects(ack(number));
    const auto other = alice.sends(MessageToStranger{bob, {type, text}});
    bob.expects(arrives(alice, shown, type));
    alice.expects(ack(other));
  }
}

TEST_F(Messages, LongTextIsSplitAtBlanksAndAcknowledgedAsAWhole) {
  bob.comes_online();
  bob.acknowledges = false;
  std::string text;
  while (text.size() < 1000) text += "twelve bytes ";
  const auto number = alice.sends(message(bob, text));
  std::string together;
  std::vector<unsigned> parts;
  for (int part = 0; part < 3; ++part) {
    bob.expects(any<OnlineMessage>());
    const auto came = bob.last<OnlineMessage>();
    EXPECT_EQ(came.sender, alice.uin());
    EXPECT_LE(came.message.text.size(), 450U);
    together += came.message.text;
    parts.push_back(bob.last_number());
  }
  EXPECT_EQ(together, text);
  bob.acknowledge(parts[0]);
  bob.acknowledge(parts[2]);
  alice.expects_nothing();
  bob.acknowledge(parts[1]);
  alice.expects(ack(number));
}

TEST_F(Messages, LongTextIsSplitWhenItWasKept) {
  std::string text;
  while (text.size() < 1000) text += "twelve bytes ";
  const auto number = alice.sends(message(bob, text));
  alice.expects(ack(number));
  bob.logs_in();
  fetches(bob);
  std::string together;
  for (int part = 0; part < 3; ++part) {
    bob.expects(any<StoredMessage>());
    together += bob.last<StoredMessage>().message.text;
  }
  EXPECT_EQ(together, text);
  bob.expects(EndOfStored{bob});
}

// ---- order and window

TEST_F(Messages, OneOfAPairIsUnderWayAtATime) {
  bob.comes_online();
  carol.comes_online();
  bob.acknowledges = false;
  for (int i = 0; i < 3; ++i) alice.sends_at_once(message(bob, "a" + std::to_string(i)));
  for (int i = 0; i < 2; ++i) carol.sends_at_once(message(bob, "c" + std::to_string(i)));
  bob.expects({arrives(alice, "a0"), arrives(carol, "c0")});
  bob.expects_nothing();
  bob.acknowledge(bob.last_number());
  bob.expects(arrives(carol, "c1"));
  bob.acknowledge(bob.last_number() - 2U);
  bob.expects(arrives(alice, "a1"));
  // Also after they were kept.
  c.advance(100ms);
  alice.ignores_what_came();
  carol.ignores_what_came();
  EXPECT_EQ(c.kept(bob).size(), 3U);
  bob.acknowledge(bob.last_number());
  bob.expects(arrives(alice, "a2"));
  bob.acknowledge(bob.last_number());
  bob.acknowledge(bob.last_number() - 2U);
  c.advance(10ms);
  EXPECT_TRUE(c.kept(bob).empty());
}

TEST_F(Messages, AtMostEightAreInFlight) {
  bob.comes_online();
  bob.acknowledges = false;
  std::vector<Client*> senders;
  for (std::uint32_t i = 0; i < 12; ++i) senders.push_back(&c.client(20000 + i));
  for (auto* sender : senders) sender->comes_online();
  for (auto* sender : senders) sender->sends_at_once(message(bob, "hi"));
  EXPECT_EQ(bob.waiting(), 8U);
  for (int i = 0; i < 12; ++i) {
    bob.expects(any<OnlineMessage>());
    bob.acknowledge(bob.last_number());
  }
  c.advance(100ms);
  for (auto* sender : senders) sender->expects(ack(sender->sequence - 1U));
}

TEST_F(Messages, LongOnesKeepTheWindowToo) {
  bob.comes_online();
  bob.acknowledges = false;
  std::vector<Client*> senders;
  for (std::uint32_t i = 0; i < 3; ++i) senders.push_back(&c.client(20000 + i));
  for (auto* sender : senders) sender->comes_online();
  const std::string text(3400, 'x');  // eight parts, 3.6 kB with their headers
  for (auto* sender : senders) sender->sends_at_once(message(bob, text));
  EXPECT_EQ(bob.waiting(), 8U) << "the parts of the first";
  bob.acknowledges = true;
  for (unsigned number = 2; number < 10; ++number) bob.acknowledge(number);
  c.advance(100ms);
  EXPECT_EQ(bob.waiting(), 24U);
  bob.ignores_what_came();
  for (auto* sender : senders) sender->expects(ack(sender->sequence - 1U));
}

TEST_F(Messages, ManyArriveInOrderAlsoOverWhatMemoryHolds) {
  bob.comes_online();
  bob.acknowledges = false;
  for (int i = 0; i < 100; ++i) {
    alice.sends_at_once(message(bob, std::to_string(i)));
    c.advance(100ms);
  }
  EXPECT_EQ(alice.waiting(ServerAck::command), 100U);
  alice.ignores_what_came();
  EXPECT_EQ(c.kept(bob).size(), 100U);
  bob.ignores_what_came();
  bob.acknowledges = true;
  c.advance(20s);
  // The first came again, and brought the others behind it.
  bob.expects(any<OnlineMessage>().again());
  for (int i = 1; i < 100; ++i) {
    const bool live = i < 64;
    if (live)
      bob.expects(arrives(alice, std::to_string(i)));
    else
      bob.expects(any<StoredMessage>());
    if (!live) {
      EXPECT_EQ(bob.last<StoredMessage>().message.text, std::to_string(i));
    }
  }
  EXPECT_TRUE(c.kept(bob).empty());
  // Then live again.
  const auto number = alice.sends(message(bob, "live"));
  bob.expects(arrives(alice, "live"));
  alice.expects(ack(number));
}

// ---- kept

TEST_F(Messages, ComeInOrderOfAcceptanceAndAreDeletedByTheirAcknowledgement) {
  carol.comes_online();
  for (int i = 0; i < 3; ++i) {
    alice.sends(message(bob, "a" + std::to_string(i)));
    carol.sends(message(bob, "c" + std::to_string(i)));
  }
  alice.ignores_what_came();
  carol.ignores_what_came();
  bob.logs_in();
  bob.acknowledges = false;
  fetches(bob);
  bob.expects({stored(alice, "a0"), stored(carol, "c0")});
  bob.expects_nothing();
  // 0442 with the number of a packet of the server (Licq) is acknowledged, and deletes nothing.
  bob.sequence = bob.last_number();
  const auto number = bob.sends(DeleteStored{});
  bob.expects(ack(number));
  EXPECT_EQ(c.kept(bob).size(), 6U);
  bob.acknowledge(1);
  c.advance(10ms);
  bob.expects(stored(alice, "a1"));
  EXPECT_EQ(c.kept(bob).size(), 5U);
  bob.acknowledges = true;
  bob.acknowledge(2);
  bob.acknowledge(3);
  c.advance(20ms);
  bob.expects_in_any_order({stored(carol, "c1"), stored(carol, "c2"), stored(alice, "a2")});
  bob.expects(EndOfStored{bob});
  EXPECT_TRUE(c.kept(bob).empty());
}

TEST_F(Messages, TheEndIsToldWhenAllAreAcknowledged) {
  alice.sends(message(bob, "hi"));
  alice.ignores_what_came();
  bob.logs_in();
  bob.acknowledges = false;
  fetches(bob);
  bob.expects(stored(alice, "hi"));
  c.advance(4s);
  bob.expects_nothing();
  bob.acknowledge(bob.last_number());
  c.advance(10ms);
  bob.expects(EndOfStored{bob});
}

TEST_F(Messages, AreSentUnaskedAfterAWhile) {
  alice.sends(message(bob, "hi"));
  alice.ignores_what_came();
  bob.logs_in();
  c.advance(25s);
  bob.expects_nothing();
  c.advance(7s);
  bob.expects(stored(alice, "hi"));
  // New ones follow at once.
  const auto number = alice.sends(message(bob, "live"));
  bob.expects(arrives(alice, "live"));
  alice.expects(ack(number));
}

TEST_F(Messages, SentBeforeTheFetchComeWithIt) {
  bob.logs_in();
  auto number = alice.sends(message(bob, "early"));
  alice.expects(ack(number));
  bob.expects_nothing();
  fetches(bob);
  bob.expects({stored(alice, "early"), EndOfStored{bob}});
}

TEST_F(Messages, SentDuringTheFetchComeBehindTheOlder) {
  for (int i = 0; i < 3; ++i) alice.sends(message(bob, std::to_string(i)));
  alice.ignores_what_came();
  bob.logs_in();
  bob.acknowledges = false;
  fetches(bob);
  bob.expects(stored(alice, "0"));
  alice.sends(message(bob, "3"));
  alice.ignores_what_came();
  bob.acknowledges = true;
  bob.acknowledge(bob.last_number());
  c.advance(30ms);
  bob.expects({stored(alice, "1"), stored(alice, "2"), stored(alice, "3"), EndOfStored{bob}});
}

TEST_F(Messages, ManyAreReadInPages) {
  for (int i = 0; i < 100; ++i) {
    alice.sends(message(bob, std::to_string(i)));
    c.advance(100ms);
  }
  alice.ignores_what_came();
  bob.logs_in();
  fetches(bob);
  c.advance(1s);
  for (int i = 0; i < 100; ++i) {
    bob.expects(any<StoredMessage>());
    EXPECT_EQ(bob.last<StoredMessage>().message.text, std::to_string(i));
  }
  bob.expects(EndOfStored{bob});
}

TEST_F(Messages, ThatAreNotAcknowledgedAreThereAtTheNextLogIn) {
  alice.sends(message(bob, "hi"));
  alice.ignores_what_came();
  bob.logs_in();
  bob.acknowledges = false;
  fetches(bob);
  bob.expects(stored(alice, "hi"));
  bob.acknowledges = true;
  bob.logs_in();
  fetches(bob);
  bob.expects({stored(alice, "hi"), EndOfStored{bob}});
  EXPECT_EQ(c.count(&service::Counters::shown_unconfirmed), 1);
}

TEST_F(Messages, AreNotAcknowledgedWhenTheStoreCannotCommit) {
  c.memory().fail_commits(1);
  const auto number = alice.sends(message(bob, "hi"));
  alice.expects_nothing();
  alice.repeats();
  alice.expects(ack(number));
  EXPECT_EQ(c.kept(bob).size(), 1U);
}

TEST_F(Messages, LiveThatTheStoreCannotCommitWaitUntilItCan) {
  bob.comes_online();
  bob.acknowledges = false;
  const auto number = alice.sends(message(bob, "hi"));
  bob.expects(arrives(alice, "hi"));
  c.memory().fail_commits(1);
  c.advance(100ms);
  alice.repeats();
  alice.expects_nothing();
  c.advance(1s);
  alice.expects(ack(number));
  EXPECT_EQ(c.kept(bob).size(), 1U);
  bob.acknowledge(bob.last_number());
  c.advance(10s);
  EXPECT_TRUE(c.kept(bob).empty());
  bob.expects_nothing();
}

// ---- refusals

TEST_F(Messages, ToNumbersThatDoNotExistAreRefused) {
  for (const std::uint32_t uin : {4711U, 0U, 0xFFFFFFFFU, 2'147'483'648U}) {
    auto number = alice.sends(message(Uin{uin}, "anybody?"));
    alice.expects({ack(number), InvalidUin{Uin{uin}}});
    number = alice.sends(MessageToStranger{Uin{uin}, {6, "please"}});
    alice.expects({ack(number), InvalidUin{Uin{uin}}});
  }
  const auto number = alice.sends(message(Uin{2'000'000'000}, "any room?"));
  alice.expects({ack(number), InvalidUin{Uin{2'000'000'000}}});
}

class SmallInbox : public Messages {
 protected:
  static Scene small() {
    Scene scene;
    scene.limits.inbox_messages = 2;
    scene.limits.inbox_bytes = 1000;
    return scene;
  }
  SmallInbox() : Messages{small()} {}
  const std::string notice =
      "The inbox of 10002 is full. Your last message to this number was not kept; please send it again "
      "later.";
};

TEST_F(SmallInbox, IsFullByCount) {
  for (int i = 0; i < 2; ++i) {
    const auto number = alice.sends(message(bob, "hi"));
    alice.expects(ack(number));
  }
  const auto number = alice.sends(message(bob, "one more"));
  alice.expects({ack(number), arrives(system_uin, notice)});
  EXPECT_EQ(c.kept(bob).size(), 2U);
}

TEST_F(SmallInbox, IsFullByBytes) {
  auto number = alice.sends(message(bob, std::string(700, 'x')));
  alice.expects(ack(number));
  number = alice.sends(message(bob, std::string(400, 'x')));
  alice.expects({ack(number), arrives(system_uin, notice)});
  number = alice.sends(message(bob, "short"));
  alice.expects(ack(number));
}

TEST_F(SmallInbox, DoesNotHinderLiveMessages) {
  bob.comes_online();
  for (int i = 0; i < 5; ++i) {
    const auto number = alice.sends(message(bob, "hi"));
    bob.expects(arrives(alice, "hi"));
    alice.expects(ack(number));
  }
}

TEST_F(Messages, InAFloodWaitForTheirSenderToSendThemAgain) {
  bob.comes_online();
  for (int i = 0; i < 200; ++i) alice.sends_at_once(message(bob, "flood"));
  c.advance(20ms);
  const auto taken = alice.waiting(ServerAck::command);
  EXPECT_LT(taken, 150U);
  EXPECT_EQ(alice.waiting(OnlineMessage::command), 1U) << "one notice";
  EXPECT_EQ(bob.waiting(OnlineMessage::command), taken) << "acknowledged are those that arrive";
  EXPECT_EQ(c.count(&service::Counters::messages_put_off), 200U - taken);
  c.advance(10s);
  alice.repeats();
  EXPECT_EQ(alice.waiting(ServerAck::command), taken + 1);
  EXPECT_EQ(bob.waiting(OnlineMessage::command), taken + 1);
  alice.ignores_what_came();
  bob.ignores_what_came();
  // Duplicates cost nothing: they are looked for first.
  c.advance(20s);
  const auto number = alice.sends_copies(1000, message(bob, "again"));
  bob.expects(arrives(alice, "again"));
  c.advance(10ms);
  EXPECT_EQ(alice.waiting(ServerAck::command), 1000U);
  alice.ignores_what_came();
  static_cast<void>(number);
}

// ---- B_MESSAGE_ACK

TEST_F(Messages, PendingGoOutAgainWhenTheClientAsks) {
  bob.comes_online();
  bob.acknowledges = false;
  alice.sends(message(bob, "hi"));
  bob.expects(arrives(alice, "hi"));
  c.advance(1s);
  alice.ignores_what_came();
  const auto number = bob.sends(TextCode{TextCode::message_ack, 4});
  bob.expects({ack(number), arrives(alice, "hi").again()});
  bob.acknowledge(bob.last_number());
  const auto other = bob.sends(TextCode{TextCode::message_ack, 5});
  bob.expects(ack(other));
}

TEST_F(Messages, AnUnknownTextCodeIsAcknowledged) {
  const auto number = alice.sends(TextCode{"B_SOMETHING_ELSE", 5});
  alice.expects(ack(number));
}

// ---- the system's own account

TEST_F(Messages, ToTheSystemAccountAreAnswered) {
  auto number = alice.sends(message(system_uin, " Echo  hello there "));
  alice.expects({ack(number), arrives(system_uin, "hello there")});
  number = alice.sends(message(system_uin, "TIME"));
  alice.expects({ack(number), any<OnlineMessage>()});
  EXPECT_TRUE(alice.last<OnlineMessage>().message.text.starts_with("The server's time is 2026-01-02 12:00:"));
  number = alice.sends(message(system_uin, "help"));
  alice.expects({ack(number), any<OnlineMessage>()});
  EXPECT_NE(alice.last<OnlineMessage>().message.text.find("echo TEXT"), std::string_view::npos);
  number = alice.sends(message(system_uin, "what?"));
  alice.expects({ack(number), any<OnlineMessage>()});
  alice.repeats();
  alice.expects(ack(number));
  number = alice.sends(message(system_uin, "a\xFEhttp://x/", 4));
  alice.expects(ack(number));
}

// ---- broadcasts

TEST_F(Messages, ABroadcastIsATypeNineFromTheSystem) {
  c.administers(alice,
                [&](service::Services& s) { EXPECT_TRUE(s.broadcast(alice, "Down at noon.", c.now())); });
  alice.expects(arrives(system_uin, "Down at noon.", 9));
  c.administers(bob, [&](service::Services& s) { EXPECT_FALSE(s.broadcast(bob, "Down at noon.", c.now())); });
}

TEST(Broadcast, AsSystemMessageWithItsUrl) {
  Scene scene;
  scene.server.settings.icq.broadcast = BroadcastForm::system_message;
  Conversation c{scene};
  auto& alice = c.client(10001);
  alice.comes_online();
  c.administers(
      alice, [&](service::Services& s) { EXPECT_TRUE(s.broadcast(alice, "See https://a.b/c d", c.now())); });
  alice.expects(SystemMessage{system_uin, 9, "See https://a.b/c d", "https://a.b/c", "OK"});
  c.administers(alice, [&](service::Services& s) { EXPECT_TRUE(s.broadcast(alice, "No page.", c.now())); });
  alice.expects(SystemMessage{system_uin, 9, "No page.", "", "OK"});
}

}  // namespace
}  // namespace uhoh::testing
