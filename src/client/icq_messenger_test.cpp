#include "client/icq_messenger.hpp"

#include <gtest/gtest.h>

#include "client/messenger_world_testing.hpp"

namespace uhoh::client {
namespace {

using testing::Host;
using testing::World;
using namespace std::chrono_literals;
using model::Availability;
using model::MessageKind;

constexpr MessageToken one{1}, two{2}, three{3};

OutgoingMessage text_to(const Host& host, std::string text) {
  return {host.uin, MessageKind::text, {std::move(text)}};
}

/// Two who are online and know each other.
struct Two : ::testing::Test {
  World world;
  Host& a = world.add(10001);
  Host& b = world.add(10002);
  void SetUp() override { world.log_in({&a, &b}); }
};

// Messages.

TEST_F(Two, talk_directly_over_one_connection) {
  a.messenger.send(text_to(b, "héllo"), one, world.now);
  world.run();
  b.messenger.send(text_to(a, "hi\nyou"), two, world.now);
  a.messenger.send({b.uin, MessageKind::url, {"a page", "http://a.example"}}, three, world.now);
  world.run();
  EXPECT_EQ(
      b.all(),
      "message 10001 héllo directly\nmessage 10001 a page|http://a.example directly\nsent 2 directly\n");
  EXPECT_EQ(a.all(), "sent 1 directly\nmessage 10002 hi\nyou directly\nsent 3 directly\n");
  EXPECT_TRUE(world.through_server.empty());
}

TEST_F(Two, get_the_away_message_as_an_answer) {
  b.messenger.set_status({Availability::away, false}, "At lunch", world.now);
  a.messenger.send(text_to(b, "there?"), one, world.now);
  world.run();
  EXPECT_EQ(b.count("message"), 1U);
  EXPECT_TRUE(a.has("sent 1 directly: At lunch")) << a.all();
  EXPECT_TRUE(a.messenger.fetch_away_message(b.uin, world.now));
  world.run();
  EXPECT_TRUE(a.has("away 10002 At lunch")) << a.all();
}

TEST_F(Two, do_not_disturb_is_answered_and_takes_the_message_quietly) {
  b.messenger.set_status({Availability::do_not_disturb, false}, "Busy", world.now);
  a.messenger.send(text_to(b, "psst"), one, world.now);
  a.messenger.send({b.uin, MessageKind::text, {"fire"}, true}, two, world.now);
  world.run();
  EXPECT_EQ(b.count("message 10001 psst directly"), 1U) << b.all();
  EXPECT_EQ(b.count("message 10001 fire directly urgently"), 1U);
  EXPECT_EQ(a.count("away 10002 Busy"), 1U) << a.all();
  EXPECT_TRUE(a.has("sent 2 directly: Busy"));
  EXPECT_EQ(a.heard.back(), "sent 1 directly") << a.all();
}

TEST_F(Two, go_through_the_server_when_no_connection_comes_up) {
  world.swallows_tcp = true;
  a.messenger.send(text_to(b, "first"), one, world.now);
  a.messenger.send(text_to(b, "second"), two, world.now);
  world.advance(4s);
  EXPECT_TRUE(world.through_server.empty());
  world.advance(2s);
  EXPECT_EQ(b.all(), "message 10001 first\nmessage 10001 second\n");
  EXPECT_EQ(a.all(), "sent 1\nsent 2\n");
  // It is not tried again for a while.
  a.messenger.send(text_to(b, "third"), three, world.now);
  world.run();
  EXPECT_TRUE(b.has("message 10001 third"));
}

TEST_F(Two, never_use_the_server_for_what_was_written_to_a_connection) {
  a.messenger.send(text_to(b, "a"), one, world.now);
  world.run();
  a.heard.clear();
  a.messenger.send(text_to(b, "b"), two, world.now);
  world.cut_all();
  world.advance(20s);
  EXPECT_TRUE(a.has("not sent 2: The direct connection broke")) << a.all();
  EXPECT_TRUE(world.through_server.empty());
}

TEST(IcqMessenger, uses_the_server_for_those_who_hide_their_address) {
  World world;
  world.hides_addresses = true;
  Host& a = world.add(10001);
  Host& b = world.add(10002);
  world.log_in({&a, &b});
  a.messenger.send(text_to(b, "x"), one, world.now);
  world.run();
  EXPECT_EQ(b.all(), "message 10001 x\n");
  EXPECT_FALSE(a.messenger.offer_files(b.uin, {"/etc/hostname"}, {}, world.now));
  EXPECT_EQ(a.messenger.invite(b.uin, "x", ChatId::none, world.now), ChatId::none);
}

TEST(IcqMessenger, splits_long_texts_and_tells_of_them_once) {
  World world;
  Host& a = world.add(10001, {.direct = false});
  Host& b = world.add(10002);
  world.log_in({&a, &b});
  a.messenger.send(text_to(b, std::string(1000, 'x')), one, world.now);
  world.run();
  EXPECT_EQ(world.through_server.size(), 3U);
  EXPECT_EQ(a.all(), "sent 1\n");
}

// The way back to the server.

TEST(IcqMessenger, comes_back_after_ten_minutes_and_loses_nothing) {
  World world;
  Host& a = world.add(10001, {.direct = false});
  Host& b = world.add(10002, {.direct = false});
  world.log_in({&a, &b});
  world.has_server = false;
  a.messenger.send(text_to(b, "typed 1"), one, world.now);
  world.advance(5min);
  EXPECT_TRUE(a.has("waiting: The server does not answer any more")) << a.all();
  a.messenger.send(text_to(b, "typed 2"), two, world.now);
  world.advance(5min);
  EXPECT_FALSE(a.has("sent"));
  world.forget_sessions();
  world.has_server = true;
  world.advance(10min);
  EXPECT_EQ(a.count("sent"), 2U) << a.all();
  EXPECT_EQ(b.count("message"), 2U) << b.all();
  EXPECT_EQ(b.count("message 10001 typed 1"), 1U);
  EXPECT_EQ(a.messenger.state(), LinkState::online);
}

TEST(IcqMessenger, keeps_what_is_typed_before_the_first_log_in_and_gives_it_back) {
  World world;
  Host& a = world.add(10001);
  a.messenger.send({Uin{10002}, MessageKind::text, {"x"}}, one, world.now);
  a.messenger.send({Uin{10002}, MessageKind::text, {"y"}}, two, world.now);
  EXPECT_TRUE(a.messenger.take_back(one));
  EXPECT_FALSE(a.messenger.take_back(one));
  a.messenger.go_online(a.uin, "pw", world.now);
  world.run();
  EXPECT_EQ(world.through_server, std::vector<std::string>{"y"});
}

TEST(Reconnect, pauses_grow_up_to_the_longest) {
  Reconnect reconnect{{5s, 60s}, 1};
  Duration before{0};
  for (int i = 0; i < 5; ++i) {
    const Duration pause = reconnect.next();
    EXPECT_GE(pause, std::min<Duration>(before, 60s));
    EXPECT_LE(pause, 75s);
    before = i < 4 ? pause : before;
  }
  reconnect.reset();
  EXPECT_LE(reconnect.next(), 7s);
}

// Chats.

TEST_F(Two, chat_letter_by_letter) {
  const ChatId here = a.messenger.invite(b.uin, "Talk?", ChatId::none, world.now);
  ASSERT_NE(here, ChatId::none);
  world.run();
  ASSERT_TRUE(b.has("invited by 10001: Talk?")) << b.all();
  const ChatId there = b.messenger.accept_chat(b.take_request(), world.now);
  world.run();
  EXPECT_TRUE(a.has("joined 10002 name10002")) << a.all();
  EXPECT_TRUE(b.has("joined 10001 name10001")) << b.all();
  a.messenger.set_chat_line(here, "hei", world.now);
  a.messenger.set_chat_line(here, "hello", world.now);
  a.messenger.end_chat_line(here, world.now);
  b.messenger.set_chat_line(there, "yes", world.now);
  world.run();
  EXPECT_TRUE(b.has("typing 10001> hei")) << b.all();
  EXPECT_TRUE(b.has("line 10001> hello"));
  EXPECT_TRUE(a.has("typing 10002> yes")) << a.all();
  b.messenger.leave_chat(there, world.now);
  world.run();
  EXPECT_TRUE(a.has("left 10002")) << a.all();
}

TEST_F(Two, chat_with_a_third_whom_one_invites) {
  Host& c = world.add(10003);
  world.log_in({&a, &b, &c});
  const ChatId here = a.messenger.invite(b.uin, "x", ChatId::none, world.now);
  world.run();
  const ChatId at_b = b.messenger.accept_chat(b.take_request(), world.now);
  world.run();
  ASSERT_EQ(a.messenger.invite(c.uin, "come", here, world.now), here);
  world.run();
  const ChatId at_c = c.messenger.accept_chat(c.take_request(), world.now);
  world.run();
  EXPECT_EQ(a.messenger.people_in(here).size(), 2U) << a.all();
  EXPECT_EQ(b.messenger.people_in(at_b).size(), 2U) << b.all();
  EXPECT_EQ(c.messenger.people_in(at_c).size(), 2U) << c.all();
  c.messenger.set_chat_line(at_c, "all", world.now);
  c.messenger.end_chat_line(at_c, world.now);
  world.run();
  EXPECT_TRUE(a.has("line 10003> all"));
  EXPECT_TRUE(b.has("line 10003> all"));
}

TEST_F(Two, refuse_and_withdraw_a_chat) {
  ASSERT_NE(a.messenger.invite(b.uin, "x", ChatId::none, world.now), ChatId::none);
  world.run();
  b.messenger.refuse(b.take_request(), "no time", world.now);
  world.run();
  EXPECT_TRUE(a.has("left 10002 It was refused: no time")) << a.all();
  const ChatId again = a.messenger.invite(b.uin, "y", ChatId::none, world.now);
  world.run();
  a.messenger.leave_chat(again, world.now);
  world.run();
  EXPECT_TRUE(b.has("withdrawn")) << b.all();
}

}  // namespace
}  // namespace uhoh::client
