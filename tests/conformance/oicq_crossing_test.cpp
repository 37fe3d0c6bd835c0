// Between OICQ and ICQ: texts whole in the store whatever a client can show, parts of long ones delivered
// together, presence in each other's words. Source: spec/oicq.md; DESIGN.md, promises 1, 2, 7;
// dialect/oicq/quirks.md, "States" and "Kinds of messages".

#include <gtest/gtest.h>

#include "support/oicq_conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace oicq;

class OicqCrossing : public ::testing::TestWithParam<OicqWay> {
 protected:
  Conversation c;
  OicqSide oicq{c};
  OicqUser& ann = oicq.client(10001, GetParam());
};

std::string way_name(const ::testing::TestParamInfo<OicqWay>& info) { return name_of(info.param); }
INSTANTIATE_TEST_SUITE_P(EveryWay, OicqCrossing, ::testing::ValuesIn(every_way), way_name);

/// The texts that an ICQ client was sent, at once or as stored ones.
std::vector<std::string> texts_of(Client& icq_user) {
  std::vector<std::string> texts;
  for (const auto& datagram : icq_user.takes_what_came()) {
    const auto command = static_cast<std::uint16_t>(datagram[2] | datagram[3] << 8);
    const auto payload = Bytes{datagram}.subspan(icq::short_header_size);
    if (command == icq::OnlineMessage::command)
      texts.emplace_back(icq::decode_server<icq::OnlineMessage>(payload)->message.text);
    if (command == icq::StoredMessage::command)
      texts.emplace_back(icq::decode_server<icq::StoredMessage>(payload)->message.text);
  }
  return texts;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += text;
  return all;
}

std::string times(std::size_t count, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

// ---- charsets
// --------------------------------------------------------------------------------------------------

TEST_P(OicqCrossing, ChineseKeptForALatinReaderIsWholeForALaterReader) {
  const auto text = gb18030("你好, Bob: 𠀀");
  auto& latin = c.client(10002);
  auto& chinese = oicq.stranger(10002);
  ann.logs_in();
  for (int i = 0; i < 2; ++i) {
    ann.sends(SendMessage{ann, latin, text});
    c.advance(200ms);
  }
  ann.ignores_what_came();
  // His ICQ client shows what it can, and does not say that it has got it.
  latin.logs_in();
  latin.acknowledges = false;
  latin.sends(icq::RequestStored{});
  latin.expects(ack(latin.sequence - 1U));
  latin.expects(any<icq::StoredMessage>());
  EXPECT_EQ(latin.last<icq::StoredMessage>().message.text, "??, Bob: ?");
  EXPECT_EQ(c.kept(latin).size(), 2U);
  latin.ignores_what_came();
  c.crashes_and_restarts();
  for (const auto& message : c.kept(latin)) EXPECT_EQ(message.text.utf8, "你好, Bob: 𠀀");
  // His OICQ client shows all of it.
  chinese.logs_in();
  c.advance(1s);
  chinese.expects({from_user(ann, text), from_user(ann, text)});
  EXPECT_TRUE(c.kept(latin).empty());
  latin.ignores_what_came();
}

TEST_P(OicqCrossing, WhatIsNoGb18030IsKeptAsItCame) {
  const std::string odd = "a\xFF\x80z";
  auto& bob = oicq.client(10002);
  ann.logs_in();
  ann.sends(SendMessage{ann, bob, odd});
  c.advance(200ms);
  const auto kept = c.kept(bob);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].text.original, odd);
  bob.logs_in();
  c.advance(1s);
  bob.expects(from_user(ann, odd));
}

TEST_P(OicqCrossing, KindsOfIcqBecomeTexts) {
  auto& bob = c.client(10002);
  bob.comes_online();
  ann.logs_in();
  const auto arrives_as = [&](std::string_view text, std::uint16_t type, std::string_view shown) {
    const auto number = bob.sends(message(ann, text, type));
    c.advance(200ms);
    bob.expects(ack(number));
    ann.expects(from_user(bob, shown));
  };
  arrives_as("about cats\xFEhttp://example.org/cats", 4, "about cats http://example.org/cats");
  arrives_as("let us talk", 2, "(chat) let us talk");
}

// ---- long texts
// ------------------------------------------------------------------------------------------------

TEST_P(OicqCrossing, LongTextsToIcqAreSplitBetweenCharactersAndDeliveredTogether) {
  auto& bob = c.client(10002, {.charset = Charset::gb18030});
  const auto text = times(500, "汉字𠀀");  // of two bytes and of four
  ann.logs_in();
  bob.comes_online();
  bob.acknowledges = false;
  const auto number = ann.sends(SendMessage{ann, bob, gb18030(text)});
  c.advance(1s);
  ann.expects_ack(number);
  std::vector<std::uint16_t> numbers;
  std::vector<std::string> parts;
  while (bob.waiting(icq::OnlineMessage::command) > 0) {
    bob.expects(any<icq::OnlineMessage>());
    const auto part = bob.last<icq::OnlineMessage>().message.text;
    EXPECT_LE(part.size(), 450U);
    EXPECT_EQ(gb18030(from_gb18030(part)), part) << "whole characters";
    parts.emplace_back(part);
    numbers.push_back(bob.last_number());
    // More than the window holds go on when these are acknowledged; the first one never is.
    if (numbers.size() > 1) bob.acknowledge(numbers.back());
    c.advance(20ms);
  }
  EXPECT_GT(numbers.size(), 2U);
  EXPECT_EQ(c.kept(bob).size(), 1U) << "one part is missing";
  bob.acknowledge(numbers.front());
  c.advance(100ms);
  EXPECT_EQ(from_gb18030(joined(parts) + joined(texts_of(bob))), text);
  EXPECT_TRUE(c.kept(bob).empty());
}

TEST_P(OicqCrossing, PartsToIcqAllComeAgainWhenTheServerDiesBetweenThem) {
  auto& bob = c.client(10002, {.charset = Charset::gb18030});
  const auto text = times(400, "汉字");
  ann.logs_in();
  bob.comes_online();
  bob.acknowledges = false;
  ann.sends(SendMessage{ann, bob, gb18030(text)});
  c.advance(1s);
  bob.expects(any<icq::OnlineMessage>());
  bob.acknowledge(bob.last_number());
  c.advance(100ms);
  bob.ignores_what_came();
  ann.ignores_what_came();
  ASSERT_EQ(c.kept(bob).size(), 1U);
  c.crashes_and_restarts();
  bob.acknowledges = true;
  const auto number = bob.sends(icq::KeepAlive{});
  c.advance(2s);
  bob.expects(ack(number));
  const auto parts = texts_of(bob);
  EXPECT_EQ(from_gb18030(joined(parts)), text);
  EXPECT_EQ(parts.size(), 4U);
  EXPECT_TRUE(c.kept(bob).empty());
}

TEST_P(OicqCrossing, LongTextsOfIcqAreSplitBetweenCharacters) {
  // One byte each in CP1252, four each in GB18030: what is one packet there is more than a datagram here.
  auto& bob = c.client(10002);
  ann.logs_in();
  bob.comes_online();
  const std::string text(450, '\xF1');
  const auto number = bob.sends(message(ann, text));
  c.advance(1s);
  bob.expects(ack(number));
  std::vector<std::string> parts;
  while (ann.waiting() > 0) {
    ann.expects(any_oicq<Message>());
    const std::string part{ann.last<Message>().text};
    EXPECT_EQ(gb18030(from_gb18030(part)), part) << "whole characters";
    parts.push_back(part);
  }
  EXPECT_EQ(from_gb18030(joined(parts)), times(450, "ñ"));
  const bool has_room = GetParam().over_tcp && !GetParam().within_0f;
  EXPECT_EQ(parts.size(), has_room ? 1U : 2U);
  EXPECT_TRUE(c.kept(ann).empty());
}

/// Bare, nothing says which part has come.
class OicqCrossingWithin0F : public OicqCrossing {};
INSTANTIATE_TEST_SUITE_P(, OicqCrossingWithin0F, ::testing::Values(udp_0f, tcp_0f), way_name);

TEST_P(OicqCrossingWithin0F, PartsToOicqAllComeAgainWhenTheServerDiesBetweenThem) {
  auto& bob = c.client(10002);
  ann.logs_in();
  bob.comes_online();
  ann.acknowledges = false;
  bob.sends(message(ann, std::string(450, '\xF1')));
  c.advance(1s);
  ASSERT_EQ(ann.waiting(), 2U);
  ann.expects(any_oicq<Message>());
  ann.acknowledge(ann.last_number());
  ann.expects(any_oicq<Message>());
  c.advance(100ms);
  ASSERT_EQ(c.kept(ann).size(), 1U);
  bob.ignores_what_came();
  c.crashes_and_restarts();
  ann.acknowledges = true;
  if (GetParam().over_tcp) {
    ann.logs_in();
  } else {
    ann.sends(ConnectionTest{ann});
    ann.expects(TestAnswer{ann});
  }
  c.advance(2s);
  std::vector<std::string> parts;
  for (int part = 0; part < 2; ++part) {
    ann.expects(any_oicq<Message>());
    parts.emplace_back(ann.last<Message>().text);
  }
  EXPECT_EQ(from_gb18030(joined(parts)), times(450, "ñ"));
  EXPECT_TRUE(c.kept(ann).empty());
}

TEST_P(OicqCrossing, ATextThatIcqCouldNotBeGivenWholeIsRefused) {
  auto& bob = c.client(10002);
  ann.logs_in();
  const std::string longest(5'700, 'x');
  if (GetParam().over_tcp) {  // no datagram from a client needs to be longer than the server's own
    auto number = ann.sends(SendMessage{ann, bob, longest});
    c.advance(1s);
    ann.expects_ack(number);
    EXPECT_EQ(c.kept(bob).size(), 1U);
    number = ann.sends(SendMessage{ann, bob, longest + "x"});
    ann.expects_notice("the text is too long; send it in several messages");
    ann.expects_ack(number);
  }
}

// ---- presence
// --------------------------------------------------------------------------------------------------

TEST_P(OicqCrossing, StatesOfIcqAreShownAsTheTableSays) {
  auto& bob = c.client(10002);
  ASSERT_TRUE(c.store(storage::AddFriendEdge{ann, bob, c.now().wall}).has_value());
  ann.logs_in();
  comes_online_to_what_waits(bob);
  c.advance(1s);
  ann.expects(FriendState{bob, 1});
  const auto changes = [&](std::uint32_t status, std::uint8_t shown) {
    const auto number = bob.sends(icq::StatusChange{status});
    bob.expects(ack(number));
    c.advance(1s);
    ann.expects(FriendState{bob, shown});
  };
  changes(0x01, 1);   // away
  changes(0x05, 1);   // not available
  changes(0x10, 3);   // occupied
  changes(0x13, 3);   // do not disturb
  changes(0x20, 1);   // free for chat
  changes(0x100, 4);  // invisible
  changes(0x00, 1);
  bob.logs_off();
  c.advance(61s);
  ann.expects(FriendState{bob, 4});
}

TEST_P(OicqCrossing, StatesOfOicqAreShownToIcq) {
  auto& bob = c.client(10002);
  bob.comes_online();
  bob.watches({ann});
  ann.logs_in();
  c.advance(1s);
  bob.expects(any<icq::UserOnline>());
  EXPECT_EQ(bob.last<icq::UserOnline>().status, 0U);
  const auto changes = [&](std::uint8_t state, const Expected& shown) {
    ann.sends(ChangeState{ann, state});
    ann.expects(StateChanged{ann, state});
    c.advance(1s);
    bob.expects(shown);
  };
  changes(3, icq::StatusUpdate{ann, 0x13});
  changes(1, icq::StatusUpdate{ann, 0});
  changes(2, icq::UserOffline{ann});
  changes(1, any<icq::UserOnline>());
  ann.logs_off();
  c.advance(61s);
  bob.expects(icq::UserOffline{ann});
}

// ---- restarts

TEST_P(OicqCrossing, WhoComesBackAfterACrashIsNoNewsToWatchers) {
  auto& bob = c.client(10002);
  bob.comes_online();
  bob.watches({ann.uin()});
  ann.logs_in();
  c.advance(1s);
  bob.ignores_what_came();
  c.crashes_and_restarts();
  bob.sends(icq::KeepAlive{});
  bob.ignores_what_came();
  ann.logs_in();
  c.advance(1s);
  bob.expects_nothing();
}

}  // namespace
}  // namespace uhoh::testing
