#include "client/oicq_client.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "dialect/oicq/datagram.hpp"

namespace uhoh::client {
namespace {

using namespace std::chrono_literals;

constexpr Uin me{10001};
constexpr Uin other{10002};
constexpr std::uint32_t client_id = 0x1D2C3B4A;
constexpr OicqClientOptions within_0f{};
constexpr OicqClientOptions within_0f_over_udp{.over_stream = false};
constexpr OicqClientOptions bare_over_tcp{.acknowledged = false};
constexpr OicqClientOptions bare_over_udp{.acknowledged = false, .over_stream = false};

/// One conversation of a client with a scripted server: what it sends and hears stands in two queues. Frames
/// are written as their names and values: "02 10001 *** 0".
class Script : public FrameOut, public OicqListener {
 public:
  explicit Script(const OicqClientOptions& options) : client{options, client_id} {}

  OicqIo io() { return {now, *this, *this}; }
  template <class Message>
  static std::vector<std::uint8_t> frame(const Message& message) {
    std::vector<std::uint8_t> out(oicq::frame_size_of(message));
    EXPECT_EQ(oicq::encode_frame(message, out), out.size());
    return out;
  }

  // Inputs.
  template <class Message>
  Script& receive(const Message& message) {
    EXPECT_TRUE(client.on_bytes(frame(message), io()));
    return *this;
  }
  template <class Message>
  Script& receive_data(std::uint32_t sequence, const Message& message) {
    const auto inner = frame(message);
    return receive(oicq::ServerEnvelope{{me, 1, client_id, sequence, inner}});
  }
  Script& receive_ack(std::uint32_t sequence) {
    return receive(oicq::ServerEnvelope{{me, 2, client_id, sequence, {}}});
  }
  Script& advance(Duration by) {
    const Instant end = now + by;
    while (client.next_deadline() <= end) {
      now = std::max(now, client.next_deadline());
      client.on_time(io());
    }
    now = end;
    return *this;
  }
  Script& act(const std::function<bool(OicqClient&, const OicqIo&)>& what) {
    EXPECT_TRUE(what(client, io()));
    return *this;
  }
  /// Logged in, with the server's numbers beginning at 500.
  Script& logged_in() {
    act([](auto& c, const auto& io) { return c.log_in(me, "secret", false, io); });
    const oicq::LoggedIn reply{.success = 1, .groups = wire::RecordList<oicq::FriendGroup>{}};
    client_is_bare() ? receive(reply) : receive_data(500, reply);
    sent.clear();
    heard.clear();
    return *this;
  }
  [[nodiscard]] bool client_is_bare() const { return sent.empty() || !sent.front().starts_with("0F"); }

  // Expectations.
  Script& expect_send(std::string_view what) {
    EXPECT_FALSE(sent.empty()) << "nothing sent, expected " << what;
    if (sent.empty()) return *this;
    EXPECT_EQ(sent.front(), what);
    sent.pop_front();
    return *this;
  }
  Script& expect_event(std::string_view event) {
    EXPECT_FALSE(heard.empty()) << "nothing heard, expected " << event;
    if (heard.empty()) return *this;
    EXPECT_EQ(heard.front(), event);
    heard.pop_front();
    return *this;
  }
  Script& expect_nothing() {
    EXPECT_TRUE(sent.empty()) << sent.front();
    EXPECT_TRUE(heard.empty()) << heard.front();
    sent.clear();
    heard.clear();
    return *this;
  }

  // FrameOut
  void send(Bytes bytes) override {
    const auto text = oicq::dump_frame(bytes, wire::Direction::client_to_server).value();
    std::string line;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      const std::string part = text.substr(at, end - at);
      if (const auto head = part.find_first_not_of(' '); part.compare(head, 2, "> ") == 0)
        line += (line.empty() ? "" : " ") + part.substr(head + 2, 2);
      else if (!part.ends_with("INNER: (none)") && part.find("CLIENT_ID") == std::string::npos)
        line += " " + part.substr(part.find(": ") + 2);
      at = end + 1;
    }
    sent.push_back(line);
  }

  // OicqListener
  void on_online(const wire::RecordList<oicq::FriendGroup>& groups) override {
    say("online {} groups", groups.size());
  }
  void on_refused(OicqRefusal why) override { say("refused {}", static_cast<int>(why)); }
  void on_session_lost(OicqLoss why) override { say("lost {}", static_cast<int>(why)); }
  void on_registered(Uin uin) override { say("registered {}", uin.value); }
  void on_hello() override { say("hello"); }
  bool on_message(const oicq::Message& m) override {
    say("message {} {} {} {}", m.flag, m.from.value, m.text, m.info);
    return keeps_messages;
  }
  void on_profile(const oicq::Profile& p) override { say("profile {} {}", p.number.value, p.success); }
  void on_group_added(bool ok, std::uint8_t group, std::string_view name) override {
    say("added {} {} {}", ok, group, name);
  }
  void on_group_renamed(bool ok, std::uint8_t group, std::string_view name) override {
    say("renamed {} {} {}", ok, group, name);
  }
  void on_group_deleted(bool ok, std::uint8_t group) override { say("deleted {} {}", ok, group); }
  void on_friends_moved(bool ok) override { say("moved {}", ok); }
  void on_online_users(const oicq::OnlineUsers& page) override { say("page {}", page.users.size()); }
  void on_search_result(const oicq::SearchResult& result) override { say("found {}", result.users.size()); }
  void on_add_result(Uin uin, std::uint8_t flag) override { say("add {} {}", uin.value, flag); }
  void on_friend_added(const oicq::FriendAdded& added) override { say("friend {}", added.added.value); }
  void on_friend_deleted(Uin uin, bool ok) override { say("unfriended {} {}", uin.value, ok); }
  void on_own_state(oicq::State state) override { say("state {}", static_cast<int>(state)); }
  void on_friend_state(Uin uin, oicq::State state) override {
    say("friend state {} {}", uin.value, static_cast<int>(state));
  }
  void on_profile_changed(bool ok) override { say("profile changed {}", ok); }
  void on_file_offered(const oicq::FileOffered& offer) override {
    say("offered {} {}", offer.name, offer.length);
  }
  void on_offer_answered(Uin uin, bool allow) override { say("answered {} {}", uin.value, allow); }
  void on_file_part(Uin from, Bytes part) override { say("part {} {}", from.value, part.size()); }
  void on_test_answered(Duration after) override { say("test {} ms", after / 1ms); }
  void on_confirmed(const OicqConfirmation& what) override {
    say("confirmed {:02X} {} after {}", what.type, what.token, what.transmissions);
  }
  void on_given_up(std::uint8_t type, std::uint64_t token) override {
    say("given up {:02X} {}", type, token);
  }

  OicqClient client;
  Instant now{};
  std::deque<std::string> sent;
  std::deque<std::string> heard;
  bool keeps_messages = true;

 private:
  template <class... Values>
  void say(fmt::format_string<Values...> form, Values&&... values) {
    heard.push_back(fmt::format(form, std::forward<Values>(values)...));
  }
};

constexpr auto hello_to_other = [](OicqClient& c, const OicqIo& io) {
  return c.send_message(other, "hi", 7, io);
};

TEST(OicqClient, LogsInWithin0FAndAcknowledgesTheReply) {
  Script s{within_0f};
  s.act([](auto& c, const auto& io) { return c.log_in(me, "secret", true, io); });
  s.expect_send("0F 10001 1 1 02 10001 *** 1").expect_nothing();
  s.receive_ack(1).expect_nothing();
  s.receive_data(500, oicq::LoggedIn{.success = 1, .groups = wire::RecordList<oicq::FriendGroup>{}});
  s.expect_event("online 0 groups").expect_send("0F 10001 2 500").expect_nothing();
  EXPECT_TRUE(s.client.is_online());
}

TEST(OicqClient, RepeatsALogInUntilItsReplyComes) {
  Script s{within_0f};
  s.act([](auto& c, const auto& io) { return c.log_in(me, "secret", false, io); });
  s.expect_send("0F 10001 1 1 02 10001 *** 0").receive_ack(1);
  for (const auto wait : {3s, 6s, 12s, 24s, 48s})
    s.advance(wait - 1ms).expect_nothing().advance(1ms).expect_send("0F 10001 1 1 02 10001 *** 0");
  s.advance(96s).expect_event("refused 1").expect_nothing();
}

TEST(OicqClient, IsRefused) {
  Script s{within_0f};
  s.act([](auto& c, const auto& io) { return c.log_in(me, "wrong", false, io); });
  s.receive(oicq::LoggedIn{.success = 0}).expect_event("refused 0");
  EXPECT_EQ(s.client.phase(), OicqClient::Phase::offline);
}

TEST(OicqClient, Registers) {
  Script s{within_0f};
  s.act([](auto& c, const auto& io) {
    return c.register_account({.face = {"Ann", 0}, .password = "x"}, io);
  });
  EXPECT_TRUE(s.sent.front().starts_with("0F 0 1 1 01 \"Ann\" 0 ***"));
  s.sent.clear();
  s.receive(oicq::Registered{1, other}).expect_event("registered 10002");
  EXPECT_EQ(s.client.uin(), other);
  Script refused{bare_over_tcp};
  refused.act([](auto& c, const auto& io) { return c.register_account({}, io); });
  refused.receive(oicq::Registered{0, Uin{}}).expect_event("refused 0");
}

TEST(OicqClient, SendsAMessageAgainUntilItIsAcknowledged) {
  Script s{within_0f};
  s.logged_in().act(hello_to_other).expect_send("0F 10001 1 2 03 10001 10002 \"hi\"");
  s.advance(3s).expect_send("0F 10001 1 2 03 10001 10002 \"hi\"");
  s.receive_ack(2).expect_event("confirmed 03 7 after 2");
  s.receive_ack(2).advance(60s).expect_nothing();
}

TEST(OicqClient, MessagesToOneRecipientGoOneAtATime) {
  Script s{within_0f};
  s.logged_in().act(hello_to_other).act(hello_to_other);
  s.act([](auto& c, const auto& io) { return c.send_message(Uin{10003}, "you", 8, io); });
  s.expect_send("0F 10001 1 2 03 10001 10002 \"hi\"")
      .expect_send("0F 10001 1 4 03 10001 10003 \"you\"")
      .expect_nothing();
  s.receive_ack(2).expect_event("confirmed 03 7 after 1").expect_send("0F 10001 1 3 03 10001 10002 \"hi\"");
}

TEST(OicqClient, WhatWasNotConfirmedGoesOutInTheNextSessionWithTheSameNumber) {
  Script s{within_0f};
  s.logged_in().act(hello_to_other).expect_send("0F 10001 1 2 03 10001 10002 \"hi\"");
  s.client.on_disconnected(s.io());
  s.expect_event("lost 3").expect_nothing();
  s.act([](auto& c, const auto& io) { return c.log_in(me, "secret", false, io); });
  s.expect_send("0F 10001 1 3 02 10001 *** 0").expect_nothing();
  s.receive_data(900, oicq::LoggedIn{.success = 1, .groups = wire::RecordList<oicq::FriendGroup>{}});
  s.expect_event("online 0 groups").expect_send("0F 10001 2 900");
  s.expect_send("0F 10001 1 2 03 10001 10002 \"hi\"").expect_nothing();
  s.receive_ack(2).expect_event("confirmed 03 7 after 1");
}

TEST(OicqClient, RepeatsOfTheServerAreAcknowledgedAndNotTold) {
  Script s{within_0f};
  s.logged_in();
  s.receive_data(502, oicq::Message{.from = other, .text = "two"}).expect_event("message 2 10002 two 0");
  s.expect_send("0F 10001 2 502");
  s.receive_data(501, oicq::Message{.from = other, .text = "one"}).expect_event("message 2 10002 one 0");
  s.expect_send("0F 10001 2 501");
  s.receive_data(502, oicq::Message{.from = other, .text = "two"})
      .expect_send("0F 10001 2 502")
      .expect_nothing();
  s.receive_data(499, oicq::Message{.from = other, .text = "old"}).expect_nothing();
}

TEST(OicqClient, AMessageThatIsNotKeptIsNotAcknowledged) {
  Script s{within_0f};
  s.logged_in().keeps_messages = false;
  s.receive_data(501, oicq::Message{.from = other, .text = "x"})
      .expect_event("message 2 10002 x 0")
      .expect_nothing();
  s.keeps_messages = true;
  s.receive_data(501, oicq::Message{.from = other, .text = "x"}).expect_event("message 2 10002 x 0");
  s.expect_send("0F 10001 2 501");
}

TEST(OicqClient, BareOverTcpATestConfirmsWhatWentBeforeIt) {
  Script s{bare_over_tcp};
  s.logged_in().act(hello_to_other);
  s.expect_send("03 10001 10002 \"hi\"").expect_send("16 10001").expect_nothing();
  s.act(hello_to_other).expect_send("03 10001 10002 \"hi\"").expect_send("16 10001");
  s.advance(20ms).receive(oicq::TestAnswer{me});
  s.expect_event("confirmed 03 7 after 1").expect_event("test 20 ms").expect_nothing();
  EXPECT_EQ(s.client.unconfirmed(), 2u);
  s.client.on_disconnected(s.io());
  s.expect_event("given up 03 7").expect_event("lost 3").expect_nothing();
}

TEST(OicqClient, BareOverUdpNothingIsConfirmedOrRepeatedButTheLogIn) {
  Script s{bare_over_udp};
  s.act([](auto& c, const auto& io) { return c.log_in(me, "secret", false, io); });
  s.expect_send("02 10001 *** 0").advance(3s).expect_send("02 10001 *** 0");
  s.receive(oicq::LoggedIn{.success = 1, .groups = wire::RecordList<oicq::FriendGroup>{}})
      .expect_event("online 0 groups");
  s.act(hello_to_other).expect_send("03 10001 10002 \"hi\"").advance(119s).expect_nothing();
  s.advance(1s).expect_send("16 10001").receive(oicq::TestAnswer{me}).expect_event("test 0 ms");
}

TEST(OicqClient, AStreamIsCutIntoItsFrames) {
  Script s{bare_over_tcp};
  s.logged_in();
  auto bytes = Script::frame(oicq::Message{.from = other, .text = "one"});
  const auto second = Script::frame(oicq::FriendState{other, 3});
  bytes.insert(bytes.end(), second.begin(), second.end());
  for (const std::uint8_t byte : bytes) EXPECT_TRUE(s.client.on_bytes(Bytes{&byte, 1}, s.io()));
  s.expect_event("message 2 10002 one 0").expect_event("friend state 10002 3").expect_nothing();
  EXPECT_TRUE(s.client.on_bytes(bytes, s.io()));
  s.expect_event("message 2 10002 one 0").expect_event("friend state 10002 3").expect_nothing();
  const std::uint8_t junk = 0x80;
  EXPECT_FALSE(s.client.on_bytes(Bytes{&junk, 1}, s.io()));
}

TEST(OicqClient, HearsThatItIsOffline) {
  Script s{within_0f_over_udp};
  s.logged_in().act(hello_to_other);
  s.sent.clear();
  s.receive(oicq::StateChanged{me, 4}).expect_event("lost 2").expect_nothing();
  EXPECT_EQ(s.client.unconfirmed(), 1u) << "kept for the next session";
}

TEST(OicqClient, LogsOff) {
  Script s{within_0f};
  s.logged_in().act(hello_to_other);
  s.sent.clear();
  s.act([](auto& c, const auto& io) { return c.log_off(io); }).expect_send("0F 10001 1 3 10 10001 4");
  s.receive_ack(3).expect_event("given up 03 7").expect_event("lost 0").expect_nothing();
  Script bare{bare_over_tcp};
  bare.logged_in().act([](auto& c, const auto& io) { return c.log_off(io); });
  bare.expect_send("10 10001 4").expect_event("lost 0").expect_nothing();
}

TEST(OicqClient, GivesASilentServerUp) {
  Script s{within_0f};
  s.logged_in().act(hello_to_other).advance(200s).expect_event("lost 1");
  EXPECT_EQ(s.client.phase(), OicqClient::Phase::offline);
}

TEST(OicqClient, TestsTheConnectionEveryTwoMinutes) {
  Script s{within_0f};
  s.logged_in()
      .advance(120s)
      .expect_send("0F 10001 1 2 16 10001")
      .receive_ack(2)
      .expect_event("confirmed 16 0 after 1");
  s.receive_data(501, oicq::TestAnswer{me}).expect_event("test 0 ms").expect_send("0F 10001 2 501");
}

TEST(OicqClient, SaysHello) {
  Script s{within_0f};
  s.client.say_hello(s.io());
  s.expect_send("0F 0 3 0").receive(oicq::ServerEnvelope{{Uin{}, 3, client_id, 0, {}}}).expect_event("hello");
}

TEST(OicqClient, EveryWishIsAFrame) {
  Script s{bare_over_tcp};
  s.logged_in();
  const std::vector<oicq::Move> moves{{other, 2}};
  const std::vector<std::uint8_t> part{1, 2};
  const auto expect = [&](const std::function<bool(OicqClient&, const OicqIo&)>& wish,
                          std::string_view frame) { s.act(wish).expect_send(frame).expect_nothing(); };
  expect([](auto& c, const auto& io) { return c.broadcast(2, "hi", io); }, "04 10001 2 \"hi\"");
  expect([](auto& c, const auto& io) { return c.view_profile(other, io); }, "05 10001 10002");
  expect([](auto& c, const auto& io) { return c.add_group("work", io); }, "06 10001 \"work\"");
  expect([](auto& c, const auto& io) { return c.rename_group(2, "w", io); }, "07 10001 2 \"w\"");
  expect([](auto& c, const auto& io) { return c.delete_group(2, io); }, "08 10001 2");
  expect([&](auto& c, const auto& io) { return c.move_friends(moves, io); },
         "09 10001 [{FRIEND: 10002, GROUP: 2}]");
  expect([](auto& c, const auto& io) { return c.who_is_online(other, 20, true, io); }, "0A 10001 10002 20 2");
  expect([](auto& c, const auto& io) { return c.search("age > 20", io); }, "0B 10001 \"age > 20\"");
  expect([](auto& c, const auto& io) { return c.add_friend(other, io); }, "0C 10001 10002");
  expect([](auto& c, const auto& io) { return c.ask_to_add(other, "me", io); }, "0D 10001 10002 \"me\"");
  expect([](auto& c, const auto& io) { return c.delete_friend(other, io); }, "0E 10001 10002");
  expect([](auto& c, const auto& io) { return c.change_state(oicq::State::hidden, io); }, "10 10001 2");
  expect([](auto& c, const auto& io) { return c.monitor(other, io); }, "11 10001 10002");
  expect([](auto& c, const auto& io) { return c.offer_file(other, "a", 5, io); }, "13 10001 10002 \"a\" 5");
  expect([](auto& c, const auto& io) { return c.answer_offer(other, true, io); }, "14 10001 10002 1");
  expect([&](auto& c, const auto& io) { return c.send_file_part(other, part, io); }, "15 10001 10002 01 02");
  expect([](auto& c, const auto& io) { return c.answer_request(other, true, io); }, "17 10001 10002 1");
  s.act([](auto& c, const auto& io) { return c.change_profile({.face = {"Ann", 1}}, io); });
  EXPECT_TRUE(s.sent.front().starts_with("12 10001 \"Ann\" 1 ***"));
}

TEST(OicqClient, EveryAnswerIsAnEvent) {
  Script s{bare_over_tcp};
  s.logged_in();
  s.receive(oicq::Profile{.success = 0, .number = other}).expect_event("profile 10002 0");
  s.receive(oicq::GroupAdded{1, 2, "work"}).expect_event("added true 2 work");
  s.receive(oicq::GroupRenamed{1, 2, "w"}).expect_event("renamed true 2 w");
  s.receive(oicq::GroupDeleted{0, 1}).expect_event("deleted false 1");
  s.receive(oicq::FriendsMoved{1}).expect_event("moved true");
  s.receive(oicq::OnlineUsers{.success = 1}).expect_event("page 0");
  s.receive(oicq::SearchResult{.success = 1}).expect_event("found 0");
  s.receive(oicq::AddResult{4, other}).expect_event("add 10002 4");
  s.receive(oicq::FriendAdded{.added = other}).expect_event("friend 10002");
  s.receive(oicq::FriendDeleted{1, other}).expect_event("unfriended 10002 true");
  s.receive(oicq::StateChanged{me, 3}).expect_event("state 3");
  s.receive(oicq::ProfileChanged{1}).expect_event("profile changed true");
  s.receive(oicq::FileOffered{other, "a", 5}).expect_event("offered a 5");
  s.receive(oicq::OfferAnswered{other, 1}).expect_event("answered 10002 true");
  s.receive(oicq::FilePart{other, std::vector<std::uint8_t>{1}}).expect_event("part 10002 1");
  s.expect_nothing();
}

TEST(OicqClient, SaysWhenItCanNotDoSomething) {
  Script s{within_0f};
  EXPECT_FALSE(hello_to_other(s.client, s.io()));
  EXPECT_FALSE(s.client.log_off(s.io()));
  s.logged_in();
  for (int i = 0; i < 64; ++i) EXPECT_TRUE(hello_to_other(s.client, s.io()));
  EXPECT_FALSE(hello_to_other(s.client, s.io())) << "too much is pending";
  Script bare{bare_over_tcp};
  bare.logged_in();
  const std::string too_long(70'000, 'x');
  EXPECT_FALSE(bare.client.send_message(other, too_long, 1, bare.io()));
}

}  // namespace
}  // namespace uhoh::client
