// Messages: between OICQ users and to ICQ and back, at once and kept, with every way of knowing that they
// arrived. Source: spec/oicq.md, types 03 and 04, "0F"; DESIGN.md 2, promises 1, 2 and 7.

#include <gtest/gtest.h>

#include "support/oicq_conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace oicq;

class OicqMessages : public ::testing::TestWithParam<OicqWay> {};
std::string way_name(const ::testing::TestParamInfo<OicqWay>& info) { return name_of(info.param); }
INSTANTIATE_TEST_SUITE_P(EveryWay, OicqMessages, ::testing::ValuesIn(every_way), way_name);

TEST_P(OicqMessages, PassBetweenTwoUsersInOrder) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, GetParam());
  auto& bob = oicq.client(10002, GetParam());
  ann.logs_in();
  bob.logs_in();
  for (int i = 0; i < 20; ++i) {
    const auto number = ann.sends(SendMessage{ann, bob, fmt::format("message {}", i)});
    c.advance(100ms);
    ann.expects_ack(number);
    bob.expects(from_user(ann, fmt::format("message {}", i)));
  }
  c.advance(1s);
  EXPECT_TRUE(c.kept(bob).empty());
  oicq_covers_reply(Message::command, Case::normal);
}

TEST_P(OicqMessages, ToSomebodyOfflineAreKeptAndComeWithTheLogIn) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, GetParam());
  auto& bob = oicq.client(10002, GetParam());
  ann.logs_in();
  for (int i = 0; i < 5; ++i) {
    const auto number = ann.sends(SendMessage{ann, bob, fmt::format("kept {}", i)});
    c.advance(100ms);
    ann.expects_ack(number);
  }
  EXPECT_EQ(c.kept(bob).size(), 5U);
  bob.logs_in();
  c.advance(1s);
  for (int i = 0; i < 5; ++i) bob.expects(from_user(ann, fmt::format("kept {}", i)));
  EXPECT_TRUE(c.kept(bob).empty());
}

TEST_P(OicqMessages, ChineseReachesAnIcqUserAndStaysWhole) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, GetParam());
  auto& latin = c.client(10002);                                   // CP1252
  auto& chinese = c.client(10003, {.charset = Charset::gb18030});  // the same program in Beijing
  ann.logs_in();
  latin.comes_online();
  chinese.comes_online();
  const auto text = gb18030("你好, Bob");
  ann.sends(SendMessage{ann, latin, text});
  ann.sends(SendMessage{ann, chinese, text});
  c.advance(100ms);
  latin.expects(arrives(ann, "??, Bob"));
  chinese.expects(arrives(ann, text));
  // Kept, it is lossless: what can't be shown is lost to that client only.
  latin.logs_off();
  c.advance(1s);
  ann.sends(SendMessage{ann, latin, text});
  c.advance(100ms);
  const auto kept = c.kept(latin);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].text.utf8, "你好, Bob");
}

TEST_P(OicqMessages, OfAnIcqUserArriveAtOnceAndKept) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, GetParam());
  auto& russian = c.client(10002, {.charset = Charset::cp1251});
  russian.comes_online();
  const std::string privet = "\xCF\xF0\xE8\xE2\xE5\xF2";
  auto number = russian.sends(message(ann, privet));
  russian.expects(ack(number));
  ann.logs_in();
  c.advance(1s);
  ann.expects(from_user(russian, gb18030("Привет")));
  number = russian.sends(message(ann, privet));
  c.advance(200ms);
  russian.expects(ack(number));
  ann.expects(from_user(russian, gb18030("Привет")));
  // What ICQ's kinds become.
  russian.sends(message(ann, "look\xFEhttp://example.org", 4));
  c.advance(200ms);
  ann.expects(from_user(russian, "look http://example.org"));
  russian.ignores_what_came();
}

TEST_P(OicqMessages, LongTextsAreSplitForIcqAtCharacterBoundaries) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, GetParam());
  auto& bob = c.client(10002, {.charset = Charset::gb18030});
  ann.logs_in();
  bob.comes_online();
  std::string text;
  for (int i = 0; i < 600; ++i) text += "汉字";
  const auto number = ann.sends(SendMessage{ann, bob, gb18030(text)});
  c.advance(1s);
  ann.expects_ack(number);
  std::string joined;
  while (bob.waiting() > 0) {
    bob.expects(any(icq::OnlineMessage::command));
    const auto part = bob.last<icq::OnlineMessage>();
    EXPECT_LE(part.message.text.size(), 450U);
    EXPECT_EQ(part.message.text.size() % 2, 0U) << "half a character";
    joined += part.message.text;
  }
  EXPECT_EQ(from_gb18030(joined), text);
}

TEST(OicqMessages, ATextIsDeliveredWhenAllItsPartsAre) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, tcp_0f);
  auto& bob = oicq.client(10002, udp_0f);
  ann.logs_in();
  bob.logs_in();
  bob.acknowledges = false;
  const std::string text(3'000, 'x');
  ann.sends(SendMessage{ann, bob, text});
  c.advance(200ms);
  ASSERT_EQ(bob.waiting(), 3U);
  EXPECT_EQ(c.kept(bob).size(), 1U);
  std::vector<std::uint32_t> numbers;
  for (int i = 0; i < 3; ++i) {
    bob.expects(any_oicq<Message>());
    numbers.push_back(bob.last_number());
  }
  bob.acknowledge(numbers[0]);
  bob.acknowledge(numbers[2]);
  c.advance(100ms);
  EXPECT_EQ(c.kept(bob).size(), 1U) << "one part is missing";
  bob.acknowledge(numbers[1]);
  c.advance(100ms);
  EXPECT_TRUE(c.kept(bob).empty());
}

TEST(OicqMessages, WhatIsNotAcknowledgedComesAgainAndInTheNextSession) {
  for (const auto& way : {udp_0f, tcp_0f}) {
    SCOPED_TRACE(name_of(way));
    Conversation c;
    OicqSide oicq{c};
    auto& ann = oicq.client(10001, tcp_0f);
    auto& bob = oicq.client(10002, way);
    ann.logs_in();
    bob.logs_in();
    bob.acknowledges = false;
    const auto number = ann.sends(SendMessage{ann, bob, "hello"});
    c.advance(200ms);
    ann.expects_ack(number);
    bob.expects(from_user(ann, "hello"));
    const auto theirs = bob.last_number();
    for (const auto& [wait, times] : {std::pair{3s, 1U}, {6s, 2U}, {12s, 3U}, {24s, 4U}, {48s, 5U}}) {
      c.advance(wait);
      EXPECT_EQ(bob.repeats_of(theirs), times);
    }
    c.advance(100s);
    EXPECT_FALSE(c.shard_of(bob).core().find_session(bob)) << "the session is given up";
    bob.acknowledges = true;
    bob.logs_in();
    c.advance(1s);
    bob.expects(from_user(ann, "hello"));
    EXPECT_TRUE(c.kept(bob).empty());
    ann.ignores_what_came();
  }
}

TEST(OicqMessages, WithinOFAMessageIsSafeAcrossACrashAndDoneOnce) {
  for (const auto& way : {udp_0f, tcp_0f}) {
    SCOPED_TRACE(name_of(way));
    Conversation c;
    OicqSide oicq{c};
    auto& ann = oicq.client(10001, way);
    static_cast<void>(oicq.client(10002, way));
    ann.logs_in();
    const auto number = ann.sends_at_once(SendMessage{ann, Uin{10002}, "once"});
    const auto frame = ann.wrapped(OicqUser::frame_of(SendMessage{ann, Uin{10002}, "once"}), number);
    c.advance(100ms);
    ann.expects_ack(number);
    c.crashes_and_restarts();
    if (way.over_tcp) ann.logs_in();
    // The acknowledgement was lost, say: with the same number it is known, also in another session.
    ann.sends_bytes(frame);
    c.advance(100ms);
    ann.expects_ack(number);
    EXPECT_EQ(c.kept(Uin{10002}).size(), 1U);
  }
}

TEST(OicqMessages, WithinOFAMessageIsShownOnceThoughBothLogInAnewAfterACrash) {
  for (const auto& way : {udp_0f, tcp_0f}) {
    SCOPED_TRACE(name_of(way));
    Conversation c;
    OicqSide oicq{c};
    auto& ann = oicq.client(10001, way);
    auto& bob = oicq.client(10002, way);
    ann.logs_in();
    const auto number = ann.sends_at_once(SendMessage{ann, bob, "once"});
    const auto frame = ann.wrapped(OicqUser::frame_of(SendMessage{ann, bob, "once"}), number);
    c.advance(100ms);
    ann.expects_ack(number);
    c.crashes_and_restarts();
    bob.logs_in();
    c.advance(100ms);
    bob.expects(from_user(ann, "once"));
    ann.logs_in();
    ann.sends_bytes(frame);
    c.advance(100ms);
    ann.expects_ack(number);
    bob.expects_nothing();
  }
}

TEST(OicqMessages, OverPlainUdpSentIsDelivered) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, tcp_bare);
  auto& bob = oicq.client(10002, udp_bare);
  ann.logs_in();
  bob.logs_in();
  ann.sends(SendMessage{ann, bob, "hello"});
  c.advance(200ms);
  bob.expects(from_user(ann, "hello"));
  EXPECT_TRUE(c.kept(bob).empty());
  std::uint64_t unconfirmed = 0;
  for (unsigned i = 0; i < c.server().shard_count(); ++i)
    unconfirmed += c.server().shard(i).core().counters().sent_unconfirmed.value();
  EXPECT_EQ(unconfirmed, 1U);
}

TEST(OicqMessages, OverPlainTcpTheyAreDeliveredWhenThePeersTcpHasThem) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, tcp_bare);
  auto& bob = oicq.client(10002, tcp_bare);
  ann.logs_in();
  bob.logs_in();
  c.server().set_reading(bob.stream(), false);
  ann.sends(SendMessage{ann, bob, "hello"});
  c.advance(200ms);
  EXPECT_EQ(c.kept(bob).size(), 1U) << "on its way, and safe";
  bob.disconnects();
  EXPECT_EQ(c.kept(bob).size(), 1U);
  bob.logs_in();
  c.advance(1s);
  bob.expects(from_user(ann, "hello"));
  EXPECT_TRUE(c.kept(bob).empty());
  ann.ignores_what_came();
}

TEST_P(OicqMessages, ToAGroupGoToEachOfItsFriends) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, GetParam());
  auto& bob = oicq.client(10002);
  auto& carol = c.client(10003);
  auto& dave = oicq.client(10004);
  for (const std::uint32_t to : {10002U, 10003U, 10004U})
    ASSERT_TRUE(c.store(storage::AddFriendEdge{ann, Uin{to}, c.now().wall}).has_value());
  ann.logs_in();
  bob.logs_in();
  comes_online_to_what_waits(carol);
  c.advance(1s);
  ann.ignores_what_came();
  bob.ignores_what_came();
  ann.sends(AddGroup{ann, "two"});
  ann.expects(GroupAdded{1, 2, "two"});
  const std::vector<Move> moves{{bob, 2}, {carol, 2}};
  ann.sends(MoveFriends{ann, wire::RecordList<Move>::of(moves)});
  ann.expects(FriendsMoved{1});
  ann.sends(Broadcast{ann, 2, "you two"});
  c.advance(2s);
  bob.expects(from_user(ann, "you two"));
  carol.expects(arrives(ann, "you two"));
  const auto number = ann.sends(Broadcast{ann, 0, "all"});
  c.advance(5s);
  ann.expects_ack(number);
  bob.expects(from_user(ann, "all"));
  carol.expects(arrives(ann, "all"));
  const auto kept = c.kept(dave);
  ASSERT_FALSE(kept.empty());
  EXPECT_EQ(kept.back().text.utf8, "all");
  ann.sends(Broadcast{ann, 300, "nobody"});
  c.advance(1s);
  ann.ignores_what_came();
  bob.expects_nothing();
}

TEST_P(OicqMessages, ToANumberThatNobodyHasAreRefused) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001, GetParam());
  ann.logs_in();
  const auto number = ann.sends(SendMessage{ann, Uin{99999}, "hello?"});
  c.advance(100ms);
  ann.expects_ack(number);
  ann.expects_notice("no user with the number 99999");
}

TEST(OicqMessages, ABroadcastOfTheAdministratorIsASystemMessage) {
  Conversation c;
  OicqSide oicq{c};
  auto& ann = oicq.client(10001);
  ann.logs_in();
  c.administers(ann, [&](auto& services) {
    static_cast<void>(services.broadcast(ann, "The server restarts at noon.", c.now()));
  });
  ann.expects(notice("The server restarts at noon."));
}

}  // namespace
}  // namespace uhoh::testing
